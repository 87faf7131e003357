/** What the agents said lately: summaries kept as they were encoded, totals per container. */
@NullMarked
package io.kpod.apiserver.window;

import org.jspecify.annotations.NullMarked;
