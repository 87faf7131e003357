/** Major page faults: bpf/page_faults.bpf.c, or the groups' memory.stat. */
@NullMarked
package io.kpod.agent.collector.pagefaults;

import org.jspecify.annotations.NullMarked;
