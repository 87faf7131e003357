@NullMarked
package io.kpod.agent.collector.disklatency;

import org.jspecify.annotations.NullMarked;
