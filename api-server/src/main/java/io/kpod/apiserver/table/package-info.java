/** Content negotiation, server-side tables and partial objects: what kubectl asks for beside plain JSON. */
@NullMarked
package io.kpod.apiserver.table;

import org.jspecify.annotations.NullMarked;
