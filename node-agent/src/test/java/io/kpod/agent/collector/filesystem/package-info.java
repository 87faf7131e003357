/** Tests of the collectors that read files. */
@NullMarked
package io.kpod.agent.collector.filesystem;

import org.jspecify.annotations.NullMarked;
