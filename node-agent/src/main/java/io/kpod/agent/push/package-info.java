/** Summaries on their way to every replica of the API server. */
@NullMarked
package io.kpod.agent.push;

import org.jspecify.annotations.NullMarked;
