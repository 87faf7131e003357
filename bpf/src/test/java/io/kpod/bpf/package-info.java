/** The programs' shared C against exact arithmetic. */
@NullMarked
package io.kpod.bpf;

import org.jspecify.annotations.NullMarked;
