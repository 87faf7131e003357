/** The kernel side against the running kernel. */
@NullMarked
package io.kpod.agent.kernel;

import org.jspecify.annotations.NullMarked;
