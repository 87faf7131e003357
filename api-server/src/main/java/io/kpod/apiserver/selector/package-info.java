/** Field selectors and durations as they stand in a query string. */
@NullMarked
package io.kpod.apiserver.selector;

import org.jspecify.annotations.NullMarked;
