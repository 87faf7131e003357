/** Space on the volumes of pods. */
@NullMarked
package io.kpod.agent.collector.filesystem;

import org.jspecify.annotations.NullMarked;
