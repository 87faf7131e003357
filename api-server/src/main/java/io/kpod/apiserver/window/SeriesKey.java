package io.kpod.apiserver.window;

import io.kpod.summary.Metric;

/**
 * One series of a container.
 *
 * @param label value of the metric's own label; empty for a metric without one
 */
public record SeriesKey(Metric metric, String label) {}
