import io.kpod.summary.Catalogue;
import io.kpod.summary.Metric;
import io.kpod.summary.MetricType;
import io.kpod.summary.Unit;
import io.kpod.summary.histogram.Histogram;
import io.kpod.summary.wire.CollectorReport;
import io.kpod.summary.wire.ContainerIdentity;
import io.kpod.summary.wire.SummaryHeader;
import io.kpod.summary.wire.SummaryWriter;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * What an agent of profile standard would say of its node: each pod has one container, a device, an interface and a
 * volume. A busy pod counts in every series but those of errors; the others wake up now and then. Files are read at every sixth push. Keeps
 * nothing of what it said. For one thread at a time.
 */
final class SimulatedNode {
    static final int PODS = 30;
    static final long PUSH_NANOS = 5_000_000_000L;

    /** Of a thread, so that a node keeps no buffer that would be taken for the store's memory. */
    private static final ThreadLocal<SummaryWriter> WRITERS = ThreadLocal.withInitial(SummaryWriter::new);

    private static final int PUSHES_PER_POLL = 6;
    private static final int VARIANTS = 64;
    private static final List<String> LABELS =
            List.of("self", "container", "host", "sda", "eth0", "/data", "sda\u001fread", "sda\u001fwrite");

    private static final Set<Metric> TROUBLE = Set.of(
            Catalogue.MEM_OOM_KILLS, Catalogue.TCP_LISTEN_DROPS, Catalogue.NET_IFACE_RX_ERRORS, Catalogue.NET_IFACE_RX_DROPS,
            Catalogue.NET_IFACE_TX_ERRORS, Catalogue.NET_IFACE_TX_DROPS);

    /** A series of the standard profile, by its label's index. */
    private record Series(Metric metric, int label) {}

    private static final List<Series> CONTAINER = new ArrayList<>();
    private static final List<Series> POD = new ArrayList<>();

    static {
        for (Metric metric : Catalogue.METRICS) {
            switch (String.join(",", metric.labels())) {
                case "" -> CONTAINER.add(new Series(metric, 0));
                case "by" -> List.of(1, 2, 3).forEach(label -> CONTAINER.add(new Series(metric, label)));
                case "device" -> CONTAINER.add(new Series(metric, 4));
                case "interface" -> POD.add(new Series(metric, 5));
                case "mountpoint" -> CONTAINER.add(new Series(metric, 6));
                case "device,operation" -> List.of(7, 8).forEach(label -> CONTAINER.add(new Series(metric, label)));
                default -> {} // system calls: not in the standard profile
            }
        }
    }

    static final int SERIES = CONTAINER.size() + POD.size();

    /** Waits around 30 µs, lognormal: made once, for drawing them costs more than all else. */
    private static final long[][] TOTALS = histograms(50_000);

    private static final long[][] MANY = histograms(2_000);
    private static final long[][] SOME = histograms(50);
    private static final long[][] FEW = histograms(5);

    final int number;
    final String name;
    private final int namespaces;
    private final int busyEvery;
    private final byte[] session = new byte[SummaryHeader.SESSION_BYTES];
    private final SplittableRandom random;
    private long sequence;

    /**
     * @param namespaces that the pods of all nodes are spread over
     * @param busyEvery one in so many pods is busy
     */
    SimulatedNode(int number, int namespaces, int busyEvery) {
        this.number = number;
        this.namespaces = namespaces;
        this.busyEvery = busyEvery;
        name = "node-" + number;
        random = new SplittableRandom(number);
        ByteBuffer.wrap(session).putInt(number).putInt(7);
    }

    /** The pod of that place: the workloads are spread over the nodes. */
    SimulatedPod pod(int place) {
        return new SimulatedPod(number * PODS + place, namespaces);
    }

    long sequence() {
        return sequence;
    }

    /**
     * The next summary.
     *
     * @param complete totals instead of increments
     * @param intervalNanos since the one before
     * @param elapsedNanos since the first
     * @param probe bytes that the first pod's working set has: what a test of freshness looks for
     */
    byte[] next(boolean complete, long intervalNanos, long elapsedNanos, long probe) {
        SummaryWriter writer = WRITERS.get();
        sequence++;
        boolean polled = sequence % PUSHES_PER_POLL == 1;
        long poll = elapsedNanos - (sequence - 1) % PUSHES_PER_POLL * PUSH_NANOS;
        writer.begin(new SummaryHeader(
                name, session, sequence, complete, intervalNanos, System.currentTimeMillis(), 0, 0, elapsedNanos, Math.clamp(poll, 1, elapsedNanos)));
        if (complete) {
            LABELS.forEach(writer::string);
            for (String collector : List.of("cpu", "tcp", "oom", "page-faults", "disk", "disk-latency", "iface", "filesystem", "cgroup")) {
                writer.collector(new CollectorReport(collector, true, "simulated"));
            }
        }
        for (int place = 0; place < PODS; place++) {
            SimulatedPod pod = pod(place);
            boolean busy = Math.floorMod(pod.number() * 0x9E3779B97F4A7C15L >>> 32, busyEvery) == 0;
            container(writer, 1 + 2 * place, pod, "app", CONTAINER, complete, busy, polled, place == 0 ? probe : 0);
            if (complete || polled && busy) {
                container(writer, 2 + 2 * place, pod, "", POD, complete, busy, true, 0);
            }
        }
        return writer.finish();
    }

    private void container(
            SummaryWriter writer, int ref, SimulatedPod pod, String container, List<Series> all, boolean complete, boolean busy, boolean polled, long probe) {
        ContainerIdentity identity = complete
                ? new ContainerIdentity(
                        pod.name().namespace(), pod.name().name(), pod.uid(), container,
                        container.isEmpty() ? "" : pod.containerId(), 1_700_000_000_000L)
                : null;
        writer.beginContainer(ref, identity, false);
        for (Series series : all) {
            if (probe != 0 && series.metric() == Catalogue.MEM_WORKING_SET_BYTES) {
                writer.gauge(series.metric(), series.label(), probe);
            } else if (complete || (series.metric().polled() ? polled && busy : busy || isAlwaysThere(series)) && !isTrouble(series)) {
                value(writer, series, complete, busy);
            }
        }
        writer.endContainer();
    }

    /** What a container that waits for work does all the same: it wakes up now and then. */
    private static boolean isAlwaysThere(Series series) {
        return series.metric() == Catalogue.CPU_RUNQUEUE_LATENCY || series.metric() == Catalogue.CPU_CONTEXT_SWITCHES;
    }

    /** What a container in good health does not count. */
    private static boolean isTrouble(Series series) {
        return TROUBLE.contains(series.metric());
    }

    private void value(SummaryWriter writer, Series series, boolean total, boolean busy) {
        Metric metric = series.metric();
        switch (metric.type()) {
            case COUNTER -> {
                long most = metric.unit() == Unit.NONE ? 2000 : metric.unit() == Unit.BYTES ? 1 << 22 : 1_000_000_000L;
                writer.counter(metric, series.label(), isTrouble(series) ? 0 : random.nextLong(1, busy ? most : Math.min(most, 20)) * (total ? 1000 : 1));
            }
            case GAUGE -> writer.gauge(metric, series.label(), 4096.0 * random.nextInt(1 << 16));
            case DISTRIBUTION -> {
                long[][] variants = total ? busy || isAlwaysThere(series) ? TOTALS : SOME : !busy ? FEW : metric == Catalogue.CPU_RUNQUEUE_LATENCY ? MANY : SOME;
                writer.distribution(metric, series.label(), variants[random.nextInt(VARIANTS)], 0, null, 0);
            }
        }
    }

    private static long[][] histograms(int samples) {
        Random random = new Random(samples);
        long[][] variants = new long[VARIANTS][];
        for (int i = 0; i < VARIANTS; i++) {
            Histogram histogram = new Histogram();
            for (int sample = 0; sample < samples; sample++) {
                histogram.record((long) (30_000 * Math.exp(random.nextGaussian())));
            }
            variants[i] = histogram.toFlat();
        }
        return variants;
    }
}
