/** Paths of containers. */
@NullMarked
package io.kpod.agent.container;

import org.jspecify.annotations.NullMarked;
