/** The node agent: kernel, container, snapshot, exposition and push, wired in {@link io.kpod.agent.Agent}. */
@NullMarked
package io.kpod.agent;

import org.jspecify.annotations.NullMarked;
