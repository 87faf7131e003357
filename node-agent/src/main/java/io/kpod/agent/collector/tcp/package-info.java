/** TCP bytes, connections, round-trip times, retransmits and dropped connections: bpf/tcp.bpf.c. */
@NullMarked
package io.kpod.agent.collector.tcp;

import org.jspecify.annotations.NullMarked;
