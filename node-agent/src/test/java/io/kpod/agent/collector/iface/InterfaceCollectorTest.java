package io.kpod.agent.collector.iface;

import static io.kpod.summary.Catalogue.NET_IFACE_RX_BYTES;
import static io.kpod.summary.Catalogue.NET_IFACE_RX_PACKETS;
import static io.kpod.summary.Catalogue.NET_IFACE_TX_PACKETS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.kpod.agent.Accuracy;
import io.kpod.agent.collector.CollectorState;
import io.kpod.agent.collector.SlowCollector;
import io.kpod.agent.collector.Target;
import io.kpod.agent.collector.files.ContainerProcesses;
import io.kpod.agent.collector.files.ResourceSandbox;
import io.kpod.agent.collector.files.Values;
import io.kpod.agent.container.CgroupOwner;
import io.kpod.agent.container.ContainerName;
import io.kpod.agent.kernel.CgroupSandbox;
import io.kpod.agent.kernel.RealKernel;
import io.kpod.summary.Metric;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Pods in network namespaces of their own, beside what {@code ip -s link} says there. */
class InterfaceCollectorTest {
    private static final int PACKETS = 40;

    private ResourceSandbox sandbox;
    private SlowCollector collector;

    @BeforeEach
    void open() throws IOException {
        RealKernel.require();
        sandbox = new ResourceSandbox();
        collector = InterfaceCollector.open(
                new ContainerProcesses(Path.of("/proc"), sandbox.hierarchies().v2()));
    }

    @AfterEach
    void close() throws IOException {
        collector.close();
        sandbox.close();
    }

    private Target.OfContainer containerWithNetwork() throws IOException {
        Target.OfContainer container = sandbox.container();
        ResourceSandbox.awaitReady(
                sandbox.run(container, "exec unshare --net bash -c 'echo ready; while :; do sleep 1; done'"));
        return container;
    }

    private static Target.OfPod pod(Target.OfContainer... containers) {
        return new Target.OfPod(
                1_000 + containers[0].ref(), containers[0].name().ofPod(), List.of(containers));
    }

    private long pid(Target.OfContainer container) throws IOException {
        return sandbox.pids(container).getFirst();
    }

    @Test
    void eachPodHasTheCountersOfItsOwnInterface() throws Exception {
        Target.OfContainer sender = containerWithNetwork();
        Target.OfContainer receiver = containerWithNetwork();
        long sending = pid(sender);
        long receiving = pid(receiver);
        withoutIpv6(sending);
        withoutIpv6(receiving);
        Links.run(
                sending, "ip", "link", "add", "eth0", "type", "veth", "peer", "name", "net1", "netns", "" + receiving);
        Links.run(sending, "ip", "address", "add", "192.0.2.1/24", "dev", "eth0");
        Links.run(receiving, "ip", "address", "add", "192.0.2.2/24", "dev", "net1");
        Links.run(sending, "ip", "link", "set", "eth0", "up");
        Links.run(receiving, "ip", "link", "set", "net1", "up");
        Links.run(
                sending,
                "bash",
                "-c",
                "for i in {1.." + PACKETS + "}; do printf %0100d 0 > /dev/udp/192.0.2.2/9; done 2>/dev/null; true");
        List<Target> pods = List.of(pod(sender), pod(receiver));

        Map<Metric, double[]> agreed = new LinkedHashMap<>();
        // neighbour discovery goes on for a while: until both read the same
        await().atMost(Duration.ofSeconds(20)).untilAsserted(() -> {
            Links ofSender = Links.of(sending);
            Links ofReceiver = Links.of(receiving);
            Values sent = Values.of(collector, pods, pods.getFirst());
            Values received = Values.of(collector, pods, pods.getLast());
            agrees(sent, ofSender);
            agrees(received, ofReceiver);
            assertThat(sent.labels(NET_IFACE_RX_BYTES)).containsExactly("eth0");
            assertThat(received.labels(NET_IFACE_RX_BYTES)).containsExactly("net1");
            assertThat(sent.of(NET_IFACE_TX_PACKETS, "eth0")).isGreaterThanOrEqualTo(PACKETS);
            assertThat(received.of(NET_IFACE_RX_PACKETS, "net1")).isGreaterThanOrEqualTo(PACKETS);
            ofReceiver
                    .byInterface()
                    .get("net1")
                    .forEach((metric, value) -> agreed.put(metric, new double[] {value, received.of(metric, "net1")}));
        });
        agreed.forEach((metric, values) -> Accuracy.record(metric.name(), "ip -s link", values[0], values[1]));
    }

    /** It sends by itself, for seconds after a link is up; then two looks at the counters differ. */
    private static void withoutIpv6(long pid) throws Exception {
        String file = "/proc/sys/net/ipv6/conf/default/disable_ipv6";
        Links.run(pid, "bash", "-c", "[ ! -e " + file + " ] || echo 1 > " + file);
    }

    @Test
    void podsOfTheMachinesNetworkHaveNoneAndTheMachineHasThem() throws Exception {
        Target.OfContainer container = sandbox.container();
        ResourceSandbox.awaitReady(sandbox.run(container, "echo ready; sleep 100"));
        ContainerName name = new ContainerName("system", "host", "", "host", "");
        Target.OfPod machine = new Target.OfPod(
                2_001, name, List.of(new Target.OfContainer(2_000, name, new CgroupOwner.Host(), "/")));
        List<Target> targets = List.of(pod(container), machine);

        Links before = Links.of(ProcessHandle.current().pid());
        Values ofPod = Values.of(collector, targets, targets.getFirst());
        Values ofMachine = Values.of(collector, targets, machine);
        Links after = Links.of(ProcessHandle.current().pid());

        assertThat(ofPod.values()).isEmpty();
        before.byInterface().forEach((link, values) -> {
            if (!ofMachine.labels(NET_IFACE_RX_BYTES).contains(link)) {
                assertThat(values.values()).as(link).containsOnly(0.0); // a tunnel that is always there
                return;
            }
            values.forEach((metric, value) -> assertThat(ofMachine.of(metric, link))
                    .as("%s of %s", metric.name(), link)
                    .isBetween(value, after.byInterface().get(link).get(metric)));
        });
    }

    @Test
    void ofSeveralPodsInOneNamespaceTheFirstHasTheInterfacesAsLongAsItIsThere() throws Exception {
        Target.OfContainer first = containerWithNetwork();
        Target.OfContainer second = sandbox.container();
        long pid = pid(first);
        Links.run(pid, "ip", "link", "add", "eth0", "type", "veth", "peer", "name", "eth1");
        ResourceSandbox.awaitReady(
                sandbox.run(second, "exec nsenter --net=/proc/" + pid + "/ns/net bash -c 'echo ready; sleep 100'"));
        List<Target> pods = List.of(pod(first), pod(second));

        assertThat(Values.of(collector, pods, pods.getFirst()).labels(NET_IFACE_RX_BYTES))
                .containsExactlyInAnyOrder("eth0", "eth1");
        assertThat(Values.of(collector, pods, pods.getLast()).values()).isEmpty();
        List<Target> left = List.of(pods.getLast());
        assertThat(Values.of(collector, left, pods.getLast()).labels(NET_IFACE_RX_BYTES))
                .containsExactlyInAnyOrder("eth0", "eth1");
    }

    @Test
    void aPodWhoseProcessesAreGoneHasNoneAndItsNamespaceIsNotKept() throws Exception {
        Target.OfContainer container = containerWithNetwork();
        Target.OfPod pod = pod(container);
        Links.run(pid(container), "ip", "link", "add", "eth0", "type", "veth", "peer", "name", "eth1");
        assertThat(Values.of(collector, pod).values()).isNotEmpty();

        sandbox.remove(container);
        CgroupSandbox.pause(50);

        assertThat(Values.of(collector, pod).values()).isEmpty();
        try (var descriptors = java.nio.file.Files.list(Path.of("/proc/self/fd"))) {
            assertThat(descriptors.map(InterfaceCollectorTest::target).toList())
                    .noneMatch(file -> file.endsWith("/net/dev"));
        }
    }

    @Test
    void withoutTheMachinesProcItIsOffAndSaysWhatToMount() {
        assertThat(InterfaceCollector.open(new ContainerProcesses(
                                Path.of("/nowhere/proc"), sandbox.hierarchies().v2()))
                        .state())
                .isInstanceOfSatisfying(
                        CollectorState.Off.class,
                        off -> assertThat(off.reason())
                                .contains("/nowhere/proc/1/net/dev")
                                .contains("kpod.cgroup.proc-root"));
    }

    private static void agrees(Values values, Links links) {
        links.byInterface()
                .forEach((link, truth) -> truth.forEach((metric, value) -> assertThat(values.of(metric, link))
                        .as("%s of %s", metric.name(), link)
                        .isEqualTo(value)));
    }

    private static String target(Path descriptor) {
        try {
            return java.nio.file.Files.readSymbolicLink(descriptor).toString();
        } catch (IOException e) {
            return ""; // closed meanwhile
        }
    }
}
