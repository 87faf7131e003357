/** Network interfaces of pods. */
@NullMarked
package io.kpod.agent.collector.iface;

import org.jspecify.annotations.NullMarked;
