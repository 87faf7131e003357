/** What the server measures of itself. */
@NullMarked
package io.kpod.apiserver.observation;

import org.jspecify.annotations.NullMarked;
