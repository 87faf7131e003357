/** Where the agents' summaries come in. */
@NullMarked
package io.kpod.apiserver.ingest;

import org.jspecify.annotations.NullMarked;
