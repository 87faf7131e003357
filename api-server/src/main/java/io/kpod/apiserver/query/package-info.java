/** Questions to the window: one pod or many, over one window; and why there is no answer. */
@NullMarked
package io.kpod.apiserver.query;

import org.jspecify.annotations.NullMarked;
