@NullMarked
package io.kpod.agent.collector.oom;

import org.jspecify.annotations.NullMarked;
