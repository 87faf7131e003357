/** Which pods there are, on which node, and whose: from the cluster, or from the summaries themselves. */
@NullMarked
package io.kpod.apiserver.inventory;

import org.jspecify.annotations.NullMarked;
