/** Counts, errors and time of the tracked system calls: bpf/syscall.bpf.c. */
@NullMarked
package io.kpod.agent.collector.syscall;

import org.jspecify.annotations.NullMarked;
