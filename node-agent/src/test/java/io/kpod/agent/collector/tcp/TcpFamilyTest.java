package io.kpod.agent.collector.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import io.kpod.agent.Accuracy;
import io.kpod.agent.collector.Collector;
import io.kpod.agent.collector.CollectorState;
import io.kpod.agent.collector.tcp.Peer.Connection;
import io.kpod.agent.collector.tcp.Peer.Listener;
import io.kpod.agent.kernel.CgroupSandbox;
import io.kpod.agent.kernel.ContainerSlots;
import io.kpod.agent.kernel.RealKernel;
import io.kpod.summary.Catalogue;
import io.kpod.summary.Metric;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The family beside what the programs at both ends counted for themselves, and what the kernel says of their own sockets
 * (TCP_INFO) and of their own network (/proc/net): two containers talk to each other and use different amounts, so that
 * charging the other one fails.
 */
@ParameterizedClass
@MethodSource("io.kpod.agent.collector.tcp.TcpVariant#all")
class TcpFamilyTest {
    /** More than this test's own: others make theirs at the same time. */
    private static final int CONTAINERS = 300;

    private static final List<String> WAYS_OUT =
            List.of("send", "write", "writev", "sendmsg", "sendfile", "splice", "zerocopy");

    private static final List<String> WAYS_IN = List.of("recv", "all", "read", "readv", "recvmsg", "splice", "mapped");

    private final TcpVariant variant;
    private final CgroupSandbox sandbox;
    private final Path first;
    private final Path second;
    private ContainerSlots slots;
    private Collector collector;

    TcpFamilyTest(TcpVariant variant) throws Exception {
        RealKernel.require();
        this.variant = variant;
        slots = openSlots();
        collector = openCollector();
        sandbox = new CgroupSandbox();
        first = sandbox.container();
        second = sandbox.container();
    }

    @AfterEach
    void close() throws Exception {
        sandbox.close();
        collector.close();
        slots.close();
    }

    @Test
    void bytesAreExactByEveryWayOutAndIn() throws Exception {
        for (int family : List.of(4, 6)) {
            try (Peer client = Peer.in(first);
                    Peer server = Peer.in(second)) {
                Connection open = Peer.connect(client, server, family);
                for (int way = 0; way < WAYS_OUT.size(); way++) {
                    String put = WAYS_OUT.get(way);
                    String take = WAYS_IN.get(way);
                    long there = 100_003 + 20_011L * way;
                    long back = 7_001 + 1_009L * way;
                    Reading firstBefore = read(first);
                    Reading secondBefore = read(second);
                    Peer.move(client, open.clientSocket(), put, server, open.serverSocket(), take, there);
                    Peer.move(server, open.serverSocket(), put, client, open.clientSocket(), take, back);
                    String what = put + " and " + take + " over IPv" + family;

                    Reading ofFirst = settled(() -> read(first).since(firstBefore), there, back);
                    Reading ofSecond = settled(() -> read(second).since(secondBefore), back, there);
                    compare(Catalogue.TCP_BYTES_SENT, what, there, ofFirst.sent());
                    compare(Catalogue.TCP_BYTES_RECEIVED, what, back, ofFirst.received());
                    compare(Catalogue.TCP_BYTES_SENT, what, back, ofSecond.sent());
                    compare(Catalogue.TCP_BYTES_RECEIVED, what, there, ofSecond.received());
                }
            }
        }
    }

    @Test
    void onlyWhatTheSocketTookIsSentAndWhatIsPeekedAtIsReceivedOnce() throws Exception {
        try (Peer client = Peer.in(first);
                Peer server = Peer.in(second)) {
            Connection open = Peer.connect(client, server, 4);
            List<Long> filled = client.ask("fill", open.clientSocket());
            long sent = filled.get(0);
            assertThat(filled.get(1)).as("partial sends").isPositive();
            assertThat(filled.get(2)).as("refused sends").isPositive();

            assertThat(server.ask("peek", open.serverSocket(), 5_000, 20)).containsExactly(5_000L);
            assertThat(read(second).received()).as("peeked at").isZero();
            assertThat(server.ask("take", open.serverSocket(), "recv", sent)).containsExactly(sent);

            compare(Catalogue.TCP_BYTES_SENT, "partial sends", sent, settledSent(first, sent));
            compare(Catalogue.TCP_BYTES_RECEIVED, "peeks", sent, read(second).received());
        }
    }

    @Test
    void bytesOfAHalfClosedConnectionAreExactAtItsEnd() throws Exception {
        try (Peer client = Peer.in(first);
                Peer server = Peer.in(second)) {
            Connection open = Peer.connect(client, server, 4);
            Peer.move(client, open.clientSocket(), "send", server, open.serverSocket(), "recv", 1_000);
            client.ask("shutdown", open.clientSocket());
            assertThat(server.ask("take", open.serverSocket(), "recv", 1)).containsExactly(0L);
            Peer.move(server, open.serverSocket(), "send", client, open.clientSocket(), "recv", 300_000);
            server.ask("close", open.serverSocket());
            client.ask("close", open.clientSocket());

            assertThat(settledSent(first, 1_000)).isEqualTo(1_000);
            assertThat(settledSent(second, 300_000)).isEqualTo(300_000);
            assertThat(read(first).received()).isEqualTo(300_000);
            assertThat(read(second).received()).isEqualTo(1_000);
        }
    }

    @Test
    void aConnectionOlderThanTheCollectorIsCountedFromThenOn() throws Exception {
        try (Peer client = Peer.in(first);
                Peer server = Peer.in(second)) {
            Connection open = Peer.connect(client, server, 4);
            Peer.move(client, open.clientSocket(), "send", server, open.serverSocket(), "recv", 50_000);
            Peer.move(server, open.serverSocket(), "send", client, open.clientSocket(), "recv", 60_000);
            CgroupSandbox.pause(100);
            reopen();

            Peer.move(client, open.clientSocket(), "send", server, open.serverSocket(), "recv", 3_000);
            Peer.move(server, open.serverSocket(), "send", client, open.clientSocket(), "recv", 4_000);

            compare(Catalogue.TCP_BYTES_SENT, "an older connection", 3_000, settledSent(first, 3_000));
            compare(Catalogue.TCP_BYTES_SENT, "an older connection", 4_000, settledSent(second, 4_000));
            compare(
                    Catalogue.TCP_BYTES_RECEIVED,
                    "an older connection",
                    4_000,
                    read(first).received());
            compare(
                    Catalogue.TCP_BYTES_RECEIVED,
                    "an older connection",
                    3_000,
                    read(second).received());
            assertThat(read(first).connections()).isZero();
        }
    }

    @Test
    void connectionsAreCountedAtBothEndsAndForgottenAfterTheirEnd() throws Exception {
        long entriesBefore = entries();
        try (Peer client = Peer.in(first);
                Peer server = Peer.in(second)) {
            int once = 150;
            int more = 50;
            Listener listener = server.listen(4, 8);
            client.tell("open", 4, listener.port(), once);
            server.ask("welcome", listener.socket(), once);
            assertThat(client.answer()).containsExactly((long) once);
            Listener listenerOfFirst = client.listen(6, 8);
            server.tell("open", 6, listenerOfFirst.port(), more);
            client.ask("welcome", listenerOfFirst.socket(), more);
            assertThat(server.answer()).containsExactly((long) more);

            compare(
                    Catalogue.TCP_CONNECTIONS,
                    "both ends' count",
                    once + more,
                    read(first).connections());
            compare(
                    Catalogue.TCP_CONNECTIONS,
                    "both ends' count",
                    once + more,
                    read(second).connections());
            assertThat(read(first).samples(Catalogue.TCP_CONNECT_LATENCY)).isEqualTo(once);
            assertThat(read(second).samples(Catalogue.TCP_CONNECT_LATENCY)).isEqualTo(more);
        }
        assertThat(collector.maps())
                .allSatisfy(map -> assertThat(map.errors().getAsLong()).isZero());
        assertThat(entries())
                .as("of this test's sockets none is kept; others come and go")
                .isLessThan(entriesBefore + 150);
    }

    @Test
    void connectLatencyIsTheTimeThatConnectTook() throws Exception {
        try (Peer client = Peer.in(first);
                Peer server = Peer.in(second)) {
            Listener listener = server.listen(4, 8);
            server.ask("lose", listener.socket(), 100);
            client.tell("connect", 4, listener.port(), 0);
            CgroupSandbox.pause(400);
            server.ask("lose", listener.socket(), 0);
            List<Long> connected = client.answer();
            long nanos = connected.get(1);
            long sentAgain = client.ask("info", connected.getFirst()).getFirst();

            Reading reading = read(first);
            assertThat(nanos).as("the first SYN was lost").isGreaterThan(500_000_000L);
            assertThat(reading.samples(Catalogue.TCP_CONNECT_LATENCY)).isEqualTo(1);
            Accuracy.record(
                    Catalogue.TCP_CONNECT_LATENCY.name(),
                    "clock around connect",
                    nanos,
                    reading.sumNanos(Catalogue.TCP_CONNECT_LATENCY));
            assertThat(reading.sumNanos(Catalogue.TCP_CONNECT_LATENCY))
                    .isCloseTo(nanos, Percentage.withPercentage(2))
                    .isLessThanOrEqualTo(nanos);
            compare(Catalogue.TCP_RETRANSMITS, "TCP_INFO of a SYN", sentAgain, reading.retransmits());
            assertThat(sentAgain).isPositive();
            assertThat(read(second).samples(Catalogue.TCP_CONNECT_LATENCY)).isZero();
            assertThat(read(second).listenDrops())
                    .as("a lost SYN is no full queue")
                    .isZero();
        }
    }

    @Test
    void retransmittedSegmentsAreThoseOfTheSendersSocket() throws Exception {
        try (Peer client = Peer.in(first);
                Peer server = Peer.in(second)) {
            Connection there = Peer.connect(client, server, 4, 1_000);
            Connection back = Peer.connect(server, client, 6, 1_000);
            server.ask("lose", there.serverSocket(), 10);
            client.ask("lose", back.serverSocket(), 20);
            Peer.move(client, there.clientSocket(), "send", server, there.serverSocket(), "recv", 1_500_000);
            Peer.move(server, back.clientSocket(), "send", client, back.serverSocket(), "recv", 400_000);
            long ofFirst = sentAgain(client, there.clientSocket()) + sentAgain(client, back.serverSocket());
            long ofSecond = sentAgain(server, there.serverSocket()) + sentAgain(server, back.clientSocket());

            assertThat(ofFirst).isPositive();
            assertThat(ofSecond).isPositive();
            compare(Catalogue.TCP_RETRANSMITS, "TCP_INFO", ofFirst, read(first).retransmits());
            compare(
                    Catalogue.TCP_RETRANSMITS,
                    "TCP_INFO",
                    ofSecond,
                    read(second).retransmits());
        }
    }

    @Test
    void whatTimersSendAgainIsTheSocketsAndNotTheRunningTasks() throws Exception {
        Path busy = sandbox.container();
        try (Peer client = Peer.in(first);
                Peer server = Peer.in(second)) {
            Connection open = Peer.connect(client, server, 4);
            Peer.move(client, open.clientSocket(), "send", server, open.serverSocket(), "recv", 100);
            server.ask("lose", open.serverSocket(), 100);
            client.ask("put", open.clientSocket(), "send", 1_000);
            CgroupSandbox.freeze(first);
            for (int cpu = 0; cpu < Runtime.getRuntime().availableProcessors(); cpu++) {
                sandbox.run(busy, "while :; do :; done");
            }
            CgroupSandbox.pause(1_500);
            CgroupSandbox.freeze(busy);
            CgroupSandbox.thaw(first);
            server.ask("lose", open.serverSocket(), 0);
            assertThat(server.ask("take", open.serverSocket(), "recv", 1_000)).containsExactly(1_000L);
            long sentAgain = sentAgain(client, open.clientSocket());

            assertThat(sentAgain).isGreaterThanOrEqualTo(2);
            compare(
                    Catalogue.TCP_RETRANSMITS,
                    "TCP_INFO, sent by timers",
                    sentAgain,
                    read(first).retransmits());
            assertThat(read(busy).values()).containsOnly(0);
            assertThat(read(second).retransmits()).isZero();
        }
    }

    @Test
    void aRoundTripTimeIsWhatTheSocketItselfSays() throws Exception {
        int times = 40;
        try (Peer client = Peer.in(first);
                Peer server = Peer.in(second)) {
            Connection open = Peer.connect(client, server, 4);
            Peer.move(client, open.clientSocket(), "send", server, open.serverSocket(), "recv", 100);
            Peer.move(server, open.serverSocket(), "send", client, open.clientSocket(), "recv", 100);
            CgroupSandbox.pause(100);
            Reading firstBefore = read(first);
            Reading secondBefore = read(second);
            server.tell("reply", open.serverSocket(), times);
            List<Long> asked = client.ask("ask", open.clientSocket(), times, 25_000);
            long replied = server.answer().getFirst();

            Reading ofFirst = read(first).since(firstBefore);
            Reading ofSecond = read(second).since(secondBefore);
            long truth = asked.getFirst() * 1_000;
            long measured = ofFirst.sumNanos(Catalogue.TCP_RTT);
            Accuracy.record(Catalogue.TCP_RTT.name(), "TCP_INFO", truth, measured);
            assertThat(ofFirst.samples(Catalogue.TCP_RTT))
                    .as("a reply is a sample")
                    .isEqualTo(times);
            assertThat(measured).isBetween(truth, truth + times * 1_000L);
            // an acknowledgement may come in the tick of the question, or late and by itself
            assertThat(ofSecond.samples(Catalogue.TCP_RTT)).isBetween(times / 2L, 2L * times);
            assertThat(ofSecond.sumNanos(Catalogue.TCP_RTT) / ofSecond.samples(Catalogue.TCP_RTT))
                    .as("the pauses between its reply and the next question count for the second")
                    .isCloseTo(replied * 1_000 / (times - 1), Percentage.withPercentage(40))
                    .isGreaterThan(2 * measured / times);
        }
    }

    @Test
    void connectionsThatAFullQueueTurnsAwayAreTheListeners() throws Exception {
        try (Peer client = Peer.in(first);
                Peer server = Peer.in(second)) {
            server.ask("network");
            client.ask("join", server.pid());
            for (int family : List.of(4, 6)) {
                Reading before = read(second);
                long overflowsBefore = overflows(server);
                Listener listener = server.listen(family, 1);
                client.ask("start", family, listener.port(), 10);
                CgroupSandbox.pause(1_300);
                long overflows = overflows(server) - overflowsBefore;

                assertThat(overflows).isGreaterThanOrEqualTo(8);
                compareListenDrops(
                        "ListenOverflows, SYNs of IPv" + family,
                        overflows,
                        read(second).since(before).listenDrops());
            }
            assertThat(read(first).listenDrops()).isZero();
        }
    }

    @Test
    void aHandshakeWhoseEndFindsTheQueueFullIsDroppedOnceASegment() throws Exception {
        try (Peer client = Peer.in(first);
                Peer server = Peer.in(second)) {
            server.ask("network");
            client.ask("join", server.pid());
            int backlog = 4;
            Listener listener = server.listen(4, backlog, 0, true);
            List<Long> waiting = client.ask("start", 4, listener.port(), backlog - 1);
            CgroupSandbox.pause(200);
            for (int queued = 0; queued <= backlog; queued++) {
                long socket = client.ask("start", 4, listener.port(), 1).getFirst();
                CgroupSandbox.pause(50);
                client.ask("put", socket, "send", 10);
            }
            assertThat(overflows(server)).isZero();
            for (long socket : waiting) {
                client.ask("put", socket, "send", 10);
            }
            CgroupSandbox.pause(700);
            long overflows = overflows(server);
            long measured = read(second).listenDrops();

            assertThat(overflows).isGreaterThanOrEqualTo(backlog - 1);
            compareListenDrops("ListenOverflows, ends of handshakes", overflows, measured);
            assertThat(read(first).listenDrops()).isZero();
        }
    }

    @Test
    void aListenerOlderThanTheCollectorIsTakenUp() throws Exception {
        try (Peer client = Peer.in(first);
                Peer server = Peer.in(second)) {
            server.ask("network");
            client.ask("join", server.pid());
            Listener listener = server.listen(4, 0);
            Peer nested = Peer.in(Files.createDirectory(second.resolve("nested")));
            nested.ask("join", server.pid());
            Listener nestedListener = nested.listen(6, 0);
            client.ask("start", 4, listener.port(), 5);
            client.ask("start", 6, nestedListener.port(), 5);
            reopen();
            long before = overflows(server);
            client.ask("start", 4, listener.port(), 5);
            client.ask("start", 6, nestedListener.port(), 7);
            CgroupSandbox.pause(300);

            long overflows = overflows(server) - before;
            assertThat(overflows).isGreaterThanOrEqualTo(12);
            compareListenDrops(
                    "ListenOverflows, an older listener",
                    overflows,
                    read(second).listenDrops());
            nested.close();
        }
    }

    @Test
    void aListenerMadeOutsideIsChargedToTheContainerThatItsProcessEntered() throws Exception {
        try (Peer client = Peer.in(first);
                Peer server = Peer.outside()) {
            Listener listener = server.listen(4, 8);
            server.enter(second);
            int clientSocket =
                    client.ask("connect", 4, listener.port(), 0).get(0).intValue();
            int serverSocket = server.ask("accept", listener.socket()).get(0).intValue();
            Peer.move(client, clientSocket, "send", server, serverSocket, "recv", 70_000);
            Peer.move(server, serverSocket, "send", client, clientSocket, "recv", 90_000);

            assertThat(settledSent(second, 90_000)).isEqualTo(90_000);
            assertThat(read(second).received()).isEqualTo(70_000);
            assertThat(read(second).connections()).isEqualTo(1);
            assertThat(read(first).sent()).isEqualTo(70_000);
            assertThat(read(first).connections()).isEqualTo(1);
        }
    }

    @Test
    void aSocketStaysItsCreatorsWhenTheProcessMoves() throws Exception {
        Path third = sandbox.container();
        try (Peer client = Peer.in(first);
                Peer server = Peer.in(second)) {
            Connection old = Peer.connect(client, server, 4);
            client.enter(third);
            Connection young = Peer.connect(client, server, 4);
            Peer.move(client, old.clientSocket(), "send", server, old.serverSocket(), "recv", 11_000);
            Peer.move(client, young.clientSocket(), "send", server, young.serverSocket(), "recv", 23_000);

            assertThat(settledSent(first, 11_000)).isEqualTo(11_000);
            assertThat(settledSent(third, 23_000)).isEqualTo(23_000);
            assertThat(read(second).received()).isEqualTo(34_000);
            assertThat(read(first).connections()).isEqualTo(1);
            assertThat(read(third).connections()).isEqualTo(1);
        }
    }

    @Test
    void nestedGroupsAndPeersOutsideContainers() throws Exception {
        Path nested = Files.createDirectories(second.resolve("init.scope/deeper"));
        try (Peer client = Peer.outside();
                Peer server = Peer.in(nested)) {
            Connection open = Peer.connect(client, server, 6);
            Peer.move(client, open.clientSocket(), "send", server, open.serverSocket(), "recv", 12_345);

            assertThat(read(second).received()).isEqualTo(12_345);
            assertThat(read(second).connections()).isEqualTo(1);
            assertThat(read(first).values()).containsOnly(0);
        }
    }

    @Test
    void aSlotStartsFromZeroAndWhatTheDeadLeftIsNobodys() throws Exception {
        Path brief = sandbox.container();
        try (Peer server = Peer.in(second)) {
            Peer client = Peer.in(brief);
            Connection open = Peer.connect(client, server, 4);
            server.ask("lose", open.serverSocket(), 100);
            client.ask("put", open.clientSocket(), "send", 1_000);
            client.close();
            sandbox.remove(brief);
            ContainerSlots.Slot ended = sandbox.slot(slots, brief).orElseThrow();
            CgroupSandbox.pause(250);
            assertThat(slots.release(ended)).isTrue();
            Path heir = sandbox.container();
            while (slot(heir) != ended.index()) {
                heir = sandbox.container();
            }
            CgroupSandbox.pause(1_000);

            assertThat(read(heir).values())
                    .as("the dead container's socket goes on sending")
                    .containsOnly(0);
        }
    }

    private void compare(Metric metric, String oracle, long truth, long measured) {
        Accuracy.record(metric.name(), oracle, truth, measured);
        assertThat(measured).as(metric.name() + ": " + oracle).isEqualTo(truth);
    }

    private static long sentAgain(Peer peer, int socket) throws Exception {
        return peer.ask("info", socket).getFirst();
    }

    private static long overflows(Peer peer) throws Exception {
        return peer.ask("statistic", "netstat", "TcpExt:", "ListenOverflows").getFirst();
    }

    /** Where what is sent is seen by the acknowledgements, the last may be late. */
    private Reading settled(Callable<Reading> read, long sent, long received) throws Exception {
        Reading reading = read.call();
        for (int i = 0; i < 50 && (reading.sent() != sent || reading.received() != received); i++) {
            CgroupSandbox.pause(10);
            reading = read.call();
        }
        return reading;
    }

    private long settledSent(Path group, long sent) throws Exception {
        return settled(() -> read(group), sent, read(group).received()).sent();
    }

    private Reading read(Path group) throws Exception {
        return Reading.of(collector, slot(group));
    }

    private int slot(Path group) throws Exception {
        return sandbox.slot(slots, group)
                .orElseThrow(() -> new AssertionError("no slot of " + group))
                .index();
    }

    /** Older kernels can't where no program may trace functions; the collector's state says so. */
    private void compareListenDrops(String oracle, long truth, long measured) {
        if (collector.state() instanceof CollectorState.Running(String hooks)
                && hooks.contains("listen drops: not measured")) {
            assertThat(variant.rights()).doesNotContain(TcpFamily.Right.TRACE_FUNCTIONS);
            assertThat(measured).isZero();
        } else {
            compare(Catalogue.TCP_LISTEN_DROPS, oracle, truth, measured);
        }
    }

    private long entries() {
        return collector.maps().stream()
                .mapToLong(map -> map.entries().getAsLong())
                .sum();
    }

    private void reopen() throws Exception {
        collector.close();
        slots.close();
        slots = openSlots();
        collector = openCollector();
    }

    private ContainerSlots openSlots() throws Exception {
        return RealKernel.open(RealKernel.foreignContainers() + CONTAINERS, variant.hashed());
    }

    private Collector openCollector() {
        Collector opened = TcpFamily.open(slots, RealKernel.btf(), variant.rights());
        assertThat(opened.state()).isInstanceOf(CollectorState.Running.class);
        return opened;
    }
}
