/** Tests of the collectors that read files. */
@NullMarked
package io.kpod.agent.collector.files;

import org.jspecify.annotations.NullMarked;
