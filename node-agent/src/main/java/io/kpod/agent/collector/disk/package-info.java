/** What containers read from disks and write to them. */
@NullMarked
package io.kpod.agent.collector.disk;

import org.jspecify.annotations.NullMarked;
