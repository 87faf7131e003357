/** The CPU family against /proc. */
@NullMarked
package io.kpod.agent.collector.cpu;

import org.jspecify.annotations.NullMarked;
