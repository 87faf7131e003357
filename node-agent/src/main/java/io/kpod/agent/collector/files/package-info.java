/** Small files of the kernel's, read again and again: their text, their descriptors, whose processes are whose. */
@NullMarked
package io.kpod.agent.collector.files;

import org.jspecify.annotations.NullMarked;
