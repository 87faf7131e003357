@NullMarked
package io.kpod.libbpf;

import org.jspecify.annotations.NullMarked;
