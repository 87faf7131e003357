/** Latency of block devices by device and operation: bpf/disk_latency.bpf.c. */
@NullMarked
package io.kpod.agent.collector.disklatency;

import org.jspecify.annotations.NullMarked;
