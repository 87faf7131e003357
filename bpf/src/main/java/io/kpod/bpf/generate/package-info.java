/** Runs while the module is built and is not in its jar: makes the C tables from Java, and the Java layouts from C. */
@NullMarked
package io.kpod.bpf.generate;

import org.jspecify.annotations.NullMarked;
