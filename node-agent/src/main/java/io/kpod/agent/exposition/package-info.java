/** What Prometheus scrapes, and what the kubelet probes. */
@NullMarked
package io.kpod.agent.exposition;

import org.jspecify.annotations.NullMarked;
