package io.kpod.agent.snapshot;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import io.kpod.agent.collector.Collector;
import io.kpod.agent.collector.Sample;
import io.kpod.agent.collector.Target;
import io.kpod.agent.collector.cpu.CpuCollector;
import io.kpod.agent.collector.cpu.Truth;
import io.kpod.agent.container.Attribution;
import io.kpod.agent.container.CgroupOwner;
import io.kpod.agent.container.ContainerDirectory;
import io.kpod.agent.container.ContainerName;
import io.kpod.agent.kernel.CgroupSandbox;
import io.kpod.agent.kernel.ContainerSlots;
import io.kpod.agent.kernel.Load;
import io.kpod.agent.kernel.RealKernel;
import io.kpod.summary.Catalogue;
import io.kpod.summary.Metric;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Readings of simulated containers on the running kernel; whose they are is each test's to say. */
class NodeReadingsTest {
    private static final String PINNED = "taskset -pc 0 $$ >/dev/null; ";

    private final Map<String, Attribution> attributions = new ConcurrentHashMap<>();

    private final ContainerDirectory directory = new ContainerDirectory() {
        @Override
        public Attribution find(CgroupOwner owner) {
            String id = owner instanceof CgroupOwner.PodContainer(String uid, String containerId)
                    ? containerId
                    : owner instanceof CgroupOwner.Container(String containerId) ? containerId : "";
            return attributions.getOrDefault(id, new Attribution.Unknown());
        }

        @Override
        public boolean synced() {
            return true;
        }

        @Override
        public String trouble() {
            return "";
        }
    };

    private CgroupSandbox sandbox;
    private ContainerSlots slots;
    private Collector cpu;
    private NodeReadings readings;

    @BeforeEach
    void open() throws Exception {
        RealKernel.require();
        sandbox = new CgroupSandbox();
    }

    @AfterEach
    void close() throws Exception {
        sandbox.close();
        cpu.close();
        slots.close();
    }

    @Test
    void aCounterOfAContainerThatIsBornIsCountedFromZero() throws Exception {
        start();
        named("app");

        Target target = target("app");
        take(target, 700);
        take(target, 1_000);

        assertThat(usage("app")).isEqualTo(1_000);
    }

    @Test
    void aCounterOfAContainerThatWasThereBeforeIsCountedFromTheFirstSample() throws Exception {
        named("app");
        start();

        Target target = target("app");
        take(target, 700);
        take(target, 1_000);

        assertThat(usage("app")).isEqualTo(300);
    }

    @Test
    void aSourceThatWasSetBackGoesOnCounting() throws Exception {
        start();
        named("app");

        Target target = target("app");
        take(target, 1_000);
        take(target, 40);
        take(target, 50);

        assertThat(usage("app")).isEqualTo(1_050);
    }

    @Test
    void aGaugeThatIsNotSampledAnyMoreIsGone() throws Exception {
        start();
        named("app");
        Target target = target("app");
        Sample sample = new Sample();
        sample.gauge(Catalogue.MEM_LIMIT_BYTES, 4096);
        readings.take(target, sample);
        double before = Double.longBitsToDouble(value("app", "kpod.mem.limit.bytes"));
        sample.clear();
        readings.take(target, sample);

        assertThat(before).isEqualTo(4096);
        assertThat(Double.longBitsToDouble(value("app", "kpod.mem.limit.bytes")))
                .isNaN();
    }

    @Test
    void aPodsOwnSeriesStandUnderNoContainerAndAreNotCountedTwiceWhenItsContainersStartAgain() throws Exception {
        start();
        Path first = named("app");
        Target pod = pod();
        Sample sample = new Sample();
        sample.counter(Catalogue.NET_IFACE_RX_BYTES, "eth0", 5_000);
        readings.take(pod, sample);
        long before = value("", "kpod.net.iface.rx.bytes");

        sandbox.remove(first);
        CgroupSandbox.pause(300);
        readings.read(containers -> {});
        named("app");
        Target again = pod();
        readings.take(again, sample);
        sample.clear();
        sample.counter(Catalogue.NET_IFACE_RX_BYTES, "eth0", 5_400);
        readings.take(again, sample);

        assertThat(before).isEqualTo(5_000);
        assertThat(again.ref()).isNotEqualTo(pod.ref());
        assertThat(latest("", "kpod.net.iface.rx.bytes", again.ref())).isEqualTo(400);
    }

    @Test
    void whatNoSeriesShowsIsTheNodesRest() throws Exception {
        start();
        long before = rest();
        Path excluded = sandbox.containerPath();
        attributions.put(id(excluded), new Attribution.Excluded());
        Files.createDirectory(excluded);
        long switches = Load.run(excluded, 30);
        CgroupSandbox.pause(50);
        long whileAlive = rest();
        sandbox.remove(excluded);
        CgroupSandbox.pause(300);
        long afterEnd = rest();

        assertThat(whileAlive - before).isCloseTo(switches, within(1L));
        assertThat(afterEnd).isEqualTo(whileAlive);
    }

    /**
     * A container takes the CPU often, a service of the host and an excluded container now and then; the first is gone, its
     * slot another's, before anybody asks. Nobody can take it oftener than it ran, which /proc has.
     */
    @Test
    void whoTookTheCpuIsNamedAfterItsEndToo() throws Exception {
        start(true);
        Path service = Files.createDirectories(sandbox.outside().resolve("noisy.service/deeper"));
        slots.rewalk();
        Path app = named("app");
        sandbox.runUntilReady(app, PINNED + "echo ready; while :; do :; done");
        Path noisy = named("noisy");
        sandbox.runUntilReady(noisy, wakesEvery(2));
        sandbox.runUntilReady(service, wakesEvery(500));
        Path excluded = sandbox.containerPath();
        attributions.put(id(excluded), new Attribution.Excluded());
        Files.createDirectory(excluded);
        sandbox.runUntilReady(excluded, wakesEvery(500));
        await().atMost(60, SECONDS).until(() -> Truth.ofProc(noisy).switches() > 1_000);
        sandbox.remove(noisy);
        CgroupSandbox.pause(300);
        readings.read(containers -> {});
        named("next");
        long othersRan = Truth.ofProc(service, excluded).switches();

        Map<String, Long> before = preemptors("app");
        Map<String, Long> after = await().atMost(60, SECONDS)
                .until(
                        () -> preemptors("app"),
                        now -> now.getOrDefault("//noisy.service", 0L) > before.getOrDefault("//noisy.service", 0L));

        assertThat(before.get("shop/checkout/noisy")).isGreaterThan(othersRan);
        assertThat(after.get("shop/checkout/noisy")).isEqualTo(before.get("shop/checkout/noisy"));
        assertThat(after.get("//noisy.service"))
                .isLessThanOrEqualTo(Truth.ofProc(service).switches());
        assertThat(after).doesNotContainKeys("shop/checkout/app", "shop/checkout/next");
        assertThat(after.keySet()).noneMatch(who -> who.contains(id(excluded)));
        assertThat(after.values().stream().mapToLong(Long::longValue).sum())
                .isLessThanOrEqualTo(Truth.ofProc(app).nonvoluntary());
    }

    /** Works for less than a millisecond after each sleep; sleeps differ, so that it comes at any time of another's turn. */
    private static String wakesEvery(int millis) {
        return PINNED + "echo ready; exec perl -e 'while (1) { select(undef, undef, undef, rand(" + 2 * millis
                + " / 1000)); for (1..2000) {} }'";
    }

    /** Who took the CPU from the container, by namespace/pod/container. */
    private Map<String, Long> preemptors(String container) {
        Map<String, Long> found = new HashMap<>();
        readings.read(containers -> containers.stream()
                .filter(reading -> reading.name().container().equals(container))
                .forEach(reading -> reading.preemptors()
                        .forEach(series -> found.put(
                                series.labels().replace(Metric.LABEL_SEPARATOR, "/"),
                                reading.values()[series.offset()]))));
        return found;
    }

    private void start() throws Exception {
        start(false);
    }

    private void start(boolean waitForPushes) throws Exception {
        slots = RealKernel.open(RealKernel.foreignContainers() + 200, false);
        cpu = CpuCollector.open(slots, RealKernel.btf());
        readings = new NodeReadings(slots, List.of(cpu), directory, waitForPushes);
    }

    private Path named(String container) throws Exception {
        Path path = sandbox.containerPath();
        String id = id(path);
        attributions.put(id, new Attribution.Known(new ContainerName("shop", "checkout", "uid", container, id)));
        return Files.createDirectory(path);
    }

    private static String id(Path group) {
        return String.valueOf(group.getFileName())
                .replace("cri-containerd-", "")
                .replace(".scope", "");
    }

    private Target target(String container) {
        return readings.targets(false).stream()
                .filter(each -> each.name().container().equals(container))
                .findFirst()
                .orElseThrow();
    }

    private Target pod() {
        return target("");
    }

    private void take(Target target, long usageNanos) {
        Sample sample = new Sample();
        sample.counter(Catalogue.CPU_USAGE, usageNanos);
        readings.take(target, sample);
    }

    private long usage(String container) {
        return value(container, "kpod.cpu.usage");
    }

    private long value(String container, String metric) {
        return latest(container, metric, -1);
    }

    private long latest(String container, String metric, int ref) {
        List<Long> found = new ArrayList<>();
        readings.read(containers -> containers.stream()
                .filter(reading -> reading.name().pod().equals("checkout")
                        && reading.name().container().equals(container)
                        && (ref < 0 || reading.ref() == ref))
                .forEach(reading -> reading.series().stream()
                        .filter(series -> series.metric().name().equals(metric))
                        .forEach(series -> found.add(reading.values()[series.offset()]))));
        return found.getLast();
    }

    /** Switches that the rest has. */
    private long rest() {
        long[] found = new long[1];
        readings.read(containers -> containers.stream()
                .filter(reading -> reading.name().equals(NodeReadings.REST))
                .forEach(reading -> reading.series().stream()
                        .filter(series -> series.metric().equals(Catalogue.CPU_CONTEXT_SWITCHES))
                        .forEach(series -> found[0] = reading.values()[series.offset()])));
        return found[0];
    }
}
