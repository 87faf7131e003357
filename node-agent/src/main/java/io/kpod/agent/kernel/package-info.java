/** The kernel side of the agent: objects, slots of containers, what the running kernel can do. */
@NullMarked
package io.kpod.agent.kernel;

import org.jspecify.annotations.NullMarked;
