/** Label selectors as Kubernetes writes them. */
@NullMarked
package io.kpod.selector;

import org.jspecify.annotations.NullMarked;
