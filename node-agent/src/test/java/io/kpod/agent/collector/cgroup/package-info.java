/** Tests of the collectors that read files. */
@NullMarked
package io.kpod.agent.collector.cgroup;

import org.jspecify.annotations.NullMarked;
