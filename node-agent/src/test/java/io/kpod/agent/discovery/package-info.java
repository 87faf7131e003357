@NullMarked
package io.kpod.agent.discovery;

import org.jspecify.annotations.NullMarked;
