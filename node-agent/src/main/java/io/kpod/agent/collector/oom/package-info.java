/** OOM kills: bpf/oom.bpf.c. */
@NullMarked
package io.kpod.agent.collector.oom;

import org.jspecify.annotations.NullMarked;
