/** The pages beside those of the Prometheus library. */
@NullMarked
package io.kpod.agent.exposition;

import org.jspecify.annotations.NullMarked;
