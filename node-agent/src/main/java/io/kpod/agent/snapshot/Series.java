package io.kpod.agent.snapshot;

import io.kpod.summary.Metric;

/**
 * One series of a container, and where it stands in its reading.
 *
 * @param labels value of the metric's own label; of several, joined by {@link Metric#LABEL_SEPARATOR}; empty for a metric
 *     without one
 * @param offset of its first long; it takes as many as its type is wide
 */
public record Series(Metric metric, String labels, int offset) {}
