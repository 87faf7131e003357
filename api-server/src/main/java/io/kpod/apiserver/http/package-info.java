/** The HTTPS listeners and what every request passes before a handler sees it. */
@NullMarked
package io.kpod.apiserver.http;

import org.jspecify.annotations.NullMarked;
