/** Readings that a test says the values of. */
@NullMarked
package io.kpod.agent.snapshot;

import org.jspecify.annotations.NullMarked;
