/** The agent as a whole, on the running kernel. */
@NullMarked
package io.kpod.agent;

import org.jspecify.annotations.NullMarked;
