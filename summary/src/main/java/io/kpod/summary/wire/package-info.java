/** The summary on the wire: written and read as a stream, without an object per series. The schema is summary.proto. */
@NullMarked
package io.kpod.summary.wire;

import org.jspecify.annotations.NullMarked;
