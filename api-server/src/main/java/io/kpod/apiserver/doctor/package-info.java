/** {@code kpod doctor}: looks at an installation from the outside in, and says of each thing how it stands. */
@NullMarked
package io.kpod.apiserver.doctor;

import org.jspecify.annotations.NullMarked;
