/** Tests of the collectors that read files. */
@NullMarked
package io.kpod.agent.collector.disk;

import org.jspecify.annotations.NullMarked;
