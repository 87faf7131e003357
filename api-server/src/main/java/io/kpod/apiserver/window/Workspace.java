package io.kpod.apiserver.window;

import io.kpod.summary.Catalogue;
import io.kpod.summary.histogram.Histogram;

/** What taking a summary in needs and does not keep: made once for each that are taken in at the same time. */
final class Workspace {
    final Increments increments = new Increments();
    final PackedSeries totals = new PackedSeries();
    final PackedSeries container = new PackedSeries();
    final SlotContent slot = new SlotContent();
    final PackedSeries.Entry entry = new PackedSeries.Entry(Catalogue.METRICS.getFirst());
    final Histogram before = new Histogram();
    final long[] flat = new long[Histogram.WIDTH];
}
