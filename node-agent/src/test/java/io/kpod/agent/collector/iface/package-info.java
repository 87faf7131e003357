/** Tests of the collectors that read files. */
@NullMarked
package io.kpod.agent.collector.iface;

import org.jspecify.annotations.NullMarked;
