@NullMarked
package io.kpod.agent.collector.tcp;

import org.jspecify.annotations.NullMarked;
