@NullMarked
package io.kpod.agent.snapshot;

import org.jspecify.annotations.NullMarked;
