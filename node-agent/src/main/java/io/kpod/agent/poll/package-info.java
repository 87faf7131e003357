/** Reads the slow sources: files of cgroups, /proc, file systems. */
@NullMarked
package io.kpod.agent.poll;

import org.jspecify.annotations.NullMarked;
