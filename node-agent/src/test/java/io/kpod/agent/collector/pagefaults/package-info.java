@NullMarked
package io.kpod.agent.collector.pagefaults;

import org.jspecify.annotations.NullMarked;
