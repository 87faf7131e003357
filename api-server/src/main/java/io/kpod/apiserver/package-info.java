/** The API server: how its parts are put together. */
@NullMarked
package io.kpod.apiserver;

import org.jspecify.annotations.NullMarked;
