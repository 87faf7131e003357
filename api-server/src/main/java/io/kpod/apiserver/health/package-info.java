/** Whether this server lives and is ready. */
@NullMarked
package io.kpod.apiserver.health;

import org.jspecify.annotations.NullMarked;
