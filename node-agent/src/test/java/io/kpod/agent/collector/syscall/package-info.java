/** The syscall family against what its loads count themselves. */
@NullMarked
package io.kpod.agent.collector.syscall;

import org.jspecify.annotations.NullMarked;
