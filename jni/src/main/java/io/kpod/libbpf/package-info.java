/** The door to libbpf: objects, maps, programs, the kernel's own types. Everything native is owned and closed here. */
@NullMarked
package io.kpod.libbpf;

import org.jspecify.annotations.NullMarked;
