/** CPU time and throttling, memory and pressure of containers, from their groups' files. */
@NullMarked
package io.kpod.agent.collector.cgroup;

import org.jspecify.annotations.NullMarked;
