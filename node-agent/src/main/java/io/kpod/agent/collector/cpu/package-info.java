/** Run-queue latency, context switches and preemptions: bpf/cpu.bpf.c. */
@NullMarked
package io.kpod.agent.collector.cpu;

import org.jspecify.annotations.NullMarked;
