package io.kpod.agent.snapshot;

import io.kpod.summary.Metric;
import org.jspecify.annotations.Nullable;

/**
 * One series of every container, and where it stands in a reading.
 *
 * @param labelValue value of the metric's own label; null for a metric without one
 * @param offset of its first long; it takes as many as its type is wide
 */
public record Series(Metric metric, @Nullable String labelValue, int offset) {}
