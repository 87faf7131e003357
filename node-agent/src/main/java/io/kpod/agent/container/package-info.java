/** From a cgroup to a container, and from a container to its pod. */
@NullMarked
package io.kpod.agent.container;

import org.jspecify.annotations.NullMarked;
