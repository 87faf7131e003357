package io.kpod.agent.push;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.kpod.agent.ServerKey;
import io.kpod.agent.collector.cpu.CpuCollector;
import io.kpod.agent.discovery.StandAloneDirectory;
import io.kpod.agent.kernel.CgroupSandbox;
import io.kpod.agent.kernel.ContainerSlots;
import io.kpod.agent.kernel.RealKernel;
import io.kpod.agent.push.ForgetfulServer.Fate;
import io.kpod.agent.snapshot.ContainerReading;
import io.kpod.agent.snapshot.NodeReadings;
import io.kpod.agent.snapshot.Series;
import io.kpod.summary.Catalogue;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Real readings over real TLS: what the server has added up is what the kernel counted, whatever got lost on the way.
 */
class PusherTest {
    private static final Duration INTERVAL = Duration.ofMillis(50);

    @TempDir
    Path folder;

    private CgroupSandbox sandbox;
    private ContainerSlots slots;
    private NodeReadings readings;
    private ServerKey key;

    @BeforeEach
    void open() throws Exception {
        RealKernel.require();
        sandbox = new CgroupSandbox();
        slots = ContainerSlots.open(RealKernel.settings(64));
        readings = new NodeReadings(
                slots,
                List.of(CpuCollector.open(slots, RealKernel.btf())),
                new StandAloneDirectory(List.of(), List.of()),
                true);
        key = ServerKey.of(folder, "ip:127.0.0.1");
        Files.writeString(folder.resolve("token"), "a-token");
    }

    @AfterEach
    void close() throws Exception {
        sandbox.close();
        slots.close();
    }

    private ForgetfulServer server(Supplier<Fate> fates) throws Exception {
        return new ForgetfulServer(key, fates);
    }

    private Pusher pusher(ForgetfulServer... servers) {
        return new Pusher(
                "n1",
                INTERVAL,
                readings,
                System.nanoTime(),
                Replicas.fixed(
                        Arrays.stream(servers).map(ForgetfulServer::address).toList()),
                folder.resolve("token"),
                CertificateAuthority.ofFile(folder.resolve("server.crt")),
                List::of,
                () -> 0,
                new SimpleMeterRegistry());
    }

    /** The readings of these containers, whose tasks stand still, in the server's terms. */
    private Map<String, String> truth(Path... groups) {
        Map<String, String> truth = new HashMap<>();
        readings.read(containers -> {
            for (ContainerReading container : containers) {
                if (!pods(groups).contains(container.name().pod())) {
                    continue;
                }
                int label = 0;
                for (Series series : readings.layout().series()) {
                    int at = series.offset();
                    truth.put(
                            container.name().pod() + "/" + series.metric().name() + "/"
                                    + (series.labels().isEmpty() ? 0 : ++label),
                            brief(Arrays.copyOfRange(
                                    container.values(),
                                    at,
                                    at + series.metric().type().width())));
                }
            }
        });
        return truth;
    }

    /** Of the layout's series; what summaries tell of who took the CPU is {@link PreemptorsToldTest}'s. */
    private static Map<String, String> said(ForgetfulServer server, Path... groups) {
        Map<String, String> said = new HashMap<>();
        server.totals().forEach((series, values) -> {
            if (pods(groups).contains(series.substring(0, series.indexOf('/')))
                    && !series.contains("/" + Catalogue.CPU_PREEMPTORS.name() + "/")) {
                said.put(series, brief(values));
            }
        });
        return said;
    }

    /** The machine may run other containers: tests look at their own. */
    private static Set<String> pods(Path... groups) {
        return Arrays.stream(groups)
                .map(group -> String.valueOf(group.getFileName())
                        .substring("cri-containerd-".length())
                        .substring(0, 12))
                .collect(Collectors.toSet());
    }

    private static String brief(long[] values) {
        return values.length == 1 ? "" + values[0] : Arrays.stream(values).sum() + "#" + Arrays.hashCode(values);
    }

    @Test
    void noLossRepetitionOrRestartChangesACount() throws Exception {
        Random random = new Random(20261124);
        AtomicBoolean calm = new AtomicBoolean();
        Supplier<Fate> fates =
                () -> calm.get() || random.nextInt(3) == 0 ? Fate.TAKEN : Fate.values()[random.nextInt(5)];
        Path group = sandbox.container();
        try (ForgetfulServer stormy = server(fates);
                ForgetfulServer steady = server(() -> Fate.TAKEN);
                Pusher _ = pusher(stormy, steady)) {
            sandbox.run(group, "exec perl -e 'select(undef, undef, undef, 0.001) while 1'");
            Path late = sandbox.container();
            CgroupSandbox.pause(2000);
            sandbox.run(late, "exec perl -e 'select(undef, undef, undef, 0.003) while 1'");
            CgroupSandbox.pause(2000);
            CgroupSandbox.freeze(group);
            CgroupSandbox.freeze(late);
            calm.set(true);
            await().atMost(10, SECONDS)
                    .untilAsserted(() -> assertThat(said(steady, group, late)).isEqualTo(truth(group, late)));
            await().atMost(10, SECONDS)
                    .untilAsserted(() -> assertThat(said(stormy, group, late)).isEqualTo(truth(group, late)));
            assertThat(steady.sizes()).hasSizeGreaterThan(40);
        }
    }

    @Test
    void theLastCountsOfAContainerThatEndedWhileNobodyListenedArriveOnce() throws Exception {
        AtomicBoolean away = new AtomicBoolean(true);
        try (ForgetfulServer server = server(() -> away.get() ? Fate.LOST : Fate.TAKEN);
                Pusher _ = pusher(server)) {
            Path group = sandbox.container();
            sandbox.run(group, "for i in 1 2 3 4 5; do sleep 0.01; done").waitFor();
            sandbox.remove(group);
            CgroupSandbox.pause(500);
            Map<String, String> truth = truth(group);
            assertThat(truth).isNotEmpty();
            away.set(false);
            await().atMost(10, SECONDS)
                    .untilAsserted(() -> assertThat(said(server, group)).isEqualTo(truth));
            assertThat(server.ended(pods(group).iterator().next())).isTrue();
            int before = server.sizes().size();
            await().atMost(10, SECONDS).until(() -> server.sizes().size() > before + 3);
            assertThat(said(server, group)).isEqualTo(truth);
        }
    }

    @Test
    void aSteadyPushCarriesWhatChangedAlone() throws Exception {
        Path idle = sandbox.container();
        try (ForgetfulServer server = server(() -> Fate.TAKEN);
                Pusher _ = pusher(server)) {
            sandbox.run(idle, "exec sleep 100");
            await().atMost(10, SECONDS).until(() -> server.sizes().size() > 10);
            assertThat(server.sizes().stream()
                            .skip(5)
                            .mapToInt(Integer::intValue)
                            .min()
                            .orElseThrow())
                    .isLessThan(server.sizes().getFirst() / 2);
        }
    }

    @Test
    void aServerWithAnotherCertificateGetsNothing() throws Exception {
        Path other = Files.createDirectory(folder.resolve("other"));
        ServerKey otherKey = ServerKey.of(other, "ip:127.0.0.1");
        try (ForgetfulServer impostor = new ForgetfulServer(otherKey, () -> Fate.TAKEN);
                Pusher _ = pusher(impostor)) {
            CgroupSandbox.pause(1000);
            assertThat(impostor.sizes()).isEmpty();
        }
    }
}
