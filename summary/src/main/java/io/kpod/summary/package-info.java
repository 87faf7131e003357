/** What both sides share: metric catalogue, series and the summary format. */
@NullMarked
package io.kpod.summary;

import org.jspecify.annotations.NullMarked;
