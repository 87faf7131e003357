package io.kpod.apiserver.kernelmetrics;

import io.kpod.apiserver.quantity.HumanText;
import io.kpod.apiserver.quantity.Quantity;
import io.kpod.apiserver.table.Column;
import io.kpod.apiserver.table.FieldPath;
import io.kpod.summary.Metric;
import java.math.BigDecimal;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What kubectl shows of an object that has a {@code metadata}, a {@code total} and a {@code window}; every column is one
 * of its fields.
 */
final class Columns<T extends Record & Sampled> {
    private static final int NARROW = 0;
    private static final int WIDE = 1;

    private final Class<T> type;
    private final Set<Metric> metrics = new HashSet<>();

    Columns(Class<T> type) {
        this.type = type;
    }

    /** A field that {@code -o wide} shows. */
    Column<T> wide(String name, String path, Function<Object, @Nullable String> text) {
        return column(name, "", WIDE, path, text);
    }

    /** All columns in the order in which they are shown; {@code placed} say where the object belongs. */
    List<Column<T>> with(List<Column<T>> placed) {
        List<Column<T>> narrow = List.of(
                column("Name", "name", NARROW, "metadata.name", String::valueOf),
                narrow("RunQ-P99", "total.cpu.runQueueLatency.p99", HumanText::seconds),
                narrow("CtxSw/s", "total.cpu.contextSwitches.rate", HumanText::number),
                narrow("TX/s", "total.tcp.bytesSent.rate", HumanText::bytes),
                narrow("RX/s", "total.tcp.bytesReceived.rate", HumanText::bytes),
                narrow("Retrans/s", "total.tcp.retransmits.rate", HumanText::number),
                narrow("RTT-P99", "total.tcp.rtt.p99", HumanText::seconds),
                narrow("MajFlt/s", "total.memory.majorPageFaults.rate", HumanText::number),
                column("OOM", "", NARROW, "total.memory.oomKills.total", String::valueOf),
                new Column<>("Age", "", "Age of the sample.", NARROW, object -> HumanText.age(object.age())));
        List<Column<T>> wide = List.of(
                wide("RunQ-P50", "total.cpu.runQueueLatency.p50", quantity(HumanText::seconds)),
                wide("Throttled", "total.cpu.throttled.rate", quantity(HumanText::percent)),
                wide("CPU-Pressure", "total.pressure.cpu.some.rate", quantity(HumanText::percent)),
                wide("Disk-R/s", "total.disks", bytesOfDisks(DiskMetrics::readBytes)),
                wide("Disk-W/s", "total.disks", bytesOfDisks(DiskMetrics::writtenBytes)),
                wide("Window", "window", String::valueOf));
        return Stream.of(narrow, placed, wide).flatMap(List::stream).toList();
    }

    /** The metrics whose numbers the columns made so far show. */
    Set<Metric> metrics() {
        return metrics;
    }

    private Column<T> narrow(String name, String path, Function<Quantity, String> text) {
        return column(name, "", NARROW, path, quantity(text));
    }

    private Column<T> column(
            String name, String format, int priority, String path, Function<Object, @Nullable String> text) {
        FieldPath field = FieldPath.of(type, path);
        metrics.addAll(FieldMetrics.of(path));
        return new Column<>(name, format, field.description(), priority, object -> {
            Object value = field.get(object);
            return value == null ? null : text.apply(value);
        });
    }

    private static Function<Object, @Nullable String> quantity(Function<Quantity, String> text) {
        return value -> text.apply((Quantity) value);
    }

    /** Bytes per second of all devices; absent if no device has a rate. */
    private static Function<Object, @Nullable String> bytesOfDisks(
            Function<DiskMetrics, @Nullable CounterSummary> counter) {
        return disks -> ((List<?>) disks)
                .stream()
                        .map(disk -> counter.apply((DiskMetrics) disk))
                        .filter(summary -> summary != null && summary.rate() != null)
                        .map(summary -> Objects.requireNonNull(
                                        Objects.requireNonNull(summary).rate())
                                .value())
                        .reduce(BigDecimal::add)
                        .map(sum -> HumanText.bytes(new Quantity(sum)))
                        .orElse(null);
    }
}
