/** Pushes to servers that fail in every way. */
@NullMarked
package io.kpod.agent.push;

import org.jspecify.annotations.NullMarked;
