package io.kpod.agent.collector.tcp;

import io.kpod.agent.collector.Collector;
import io.kpod.agent.collector.KernelCollector;
import io.kpod.agent.collector.KernelFamily;
import io.kpod.agent.collector.MapUse;
import io.kpod.agent.collector.UnsupportedKernelException;
import io.kpod.agent.kernel.ContainerSlots;
import io.kpod.agent.kernel.KernelFeature;
import io.kpod.bpf.layout.KpodTcp;
import io.kpod.bpf.layout.KpodTcpMaps;
import io.kpod.libbpf.BpfException;
import io.kpod.libbpf.BpfObject;
import io.kpod.libbpf.BpfProgram;
import io.kpod.libbpf.Capability;
import io.kpod.libbpf.DirectoryDescriptor;
import io.kpod.libbpf.KernelBtf;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** TCP of each slot's sockets. */
public final class TcpFamily implements KernelFamily {
    /** What metrics and configuration call it by. */
    public static final String NAME = "tcp";

    /** What a program may do here beside the tracepoints. */
    enum Right {
        /** Programs before and after the kernel's functions. */
        TRACE_FUNCTIONS,
        /** Programs for the events of a cgroup's sockets. */
        SOCKET_EVENTS
    }

    private static final String ROUND_TRIP = "round_trip";

    /** Programs that no event runs. */
    private static final Set<String> RUN_BY_HAND = Set.of("find_listeners", "sweep");

    /** Arguments of tcp_retransmit_skb since it is called for what could not be sent too. */
    private static final int WITH_ERROR = 3;

    /** Arguments of kfree_skb since it tells of the receiving socket. */
    private static final int WITH_RECEIVER = 4;

    private final ContainerSlots slots;
    private final Set<Right> rights;
    private boolean sweeping;
    private @Nullable MemorySegment use;
    private volatile @Nullable Listeners listeners;

    TcpFamily(ContainerSlots slots, Set<Right> rights) {
        this.slots = slots;
        this.rights = rights;
    }

    /** The collector; off, with the reason, where the kernel or the rights don't allow it. */
    public static Collector open(ContainerSlots slots, KernelBtf btf) {
        return open(slots, btf, rights());
    }

    static Collector open(ContainerSlots slots, KernelBtf btf, Set<Right> rights) {
        return KernelCollector.open(new TcpFamily(slots, rights), slots, btf);
    }

    /** What this process may do on this kernel. */
    static Set<Right> rights() {
        Set<Right> rights = EnumSet.noneOf(Right.class);
        if (KernelFeature.tracing("tcp_conn_request") instanceof KernelFeature.Supported) {
            rights.add(Right.TRACE_FUNCTIONS);
        }
        if (Capability.held().contains(Capability.NET_ADMIN)) {
            rights.add(Right.SOCKET_EVENTS);
        }
        return rights;
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public int structSize() {
        return KpodTcp.SIZE;
    }

    @Override
    public Map<String, Integer> fields() {
        return KpodTcp.FIELDS;
    }

    @Override
    public String choose(BpfObject object, KernelBtf btf, boolean hashed)
            throws BpfException, UnsupportedKernelException {
        for (String tracepoint : List.of("tcp_rcv_space_adjust", "inet_sock_set_state", "tcp_probe")) {
            if (!btf.hasTracepoint(tracepoint)) {
                throw new UnsupportedKernelException("the kernel has no tracepoint " + tracepoint);
            }
        }
        object.leaveOut(
                btf.tracepointArguments("tcp_retransmit_skb") == WITH_ERROR
                        ? "tcp_retransmit_skb"
                        : "tcp_retransmit_skb_tried");
        List<String> hooks = new ArrayList<>();
        boolean bySequence = sentBySequence(btf);
        hooks.add("bytes sent: " + chooseSent(object, btf, bySequence));
        hooks.add("received: tp_btf/tcp_rcv_space_adjust");
        hooks.add("connections: tp_btf/inet_sock_set_state");
        hooks.add("retransmits: tp_btf/tcp_retransmit_skb");
        hooks.add("rtt: " + chooseRoundTrip(object));
        hooks.add("listen drops: " + chooseListenDrops(object, btf));
        return String.join(", ", hooks) + "; by " + (hashed ? "hash" : "cgroup and socket storage");
    }

    /** Until Linux 6.5, sendfile and splice go by tcp_sendpage, which no tracepoint tells of. */
    private boolean sentBySequence(KernelBtf btf) {
        return !rights.contains(Right.TRACE_FUNCTIONS)
                && (btf.hasFunction("tcp_sendpage") || !btf.hasTracepoint("sock_send_length"));
    }

    private static String chooseSent(BpfObject object, KernelBtf btf, boolean bySequence) throws BpfException {
        boolean tracepoint = btf.hasTracepoint("sock_send_length");
        boolean pages = btf.hasFunction("tcp_sendpage");
        object.constant("sent_by_sequence", bySequence ? 1 : 0);
        if (!tracepoint || bySequence) {
            object.leaveOut("sock_send_length");
        }
        if (tracepoint || bySequence) {
            object.leaveOut("tcp_sendmsg");
        }
        if (!pages || bySequence) {
            object.leaveOut("tcp_sendpage");
        }
        if (bySequence) {
            return "tcp_sock.write_seq at tp_btf/tcp_probe";
        }
        return (tracepoint ? "tp_btf/sock_send_length" : "fexit/tcp_sendmsg")
                + (pages ? " and fexit/tcp_sendpage" : "");
    }

    private String chooseRoundTrip(BpfObject object) throws BpfException {
        if (rights.contains(Right.SOCKET_EVENTS)) {
            return "sockops, and tp_btf/tcp_probe for older connections";
        }
        object.leaveOut(ROUND_TRIP);
        return "tp_btf/tcp_probe";
    }

    private String chooseListenDrops(BpfObject object, KernelBtf btf) throws BpfException {
        boolean traced = rights.contains(Right.TRACE_FUNCTIONS);
        // they have seven arguments, which not every kernel allows
        boolean ends = traced && KernelFeature.tracing("tcp_v4_syn_recv_sock") instanceof KernelFeature.Supported;
        if (!traced) {
            object.leaveOut("tcp_conn_request");
        }
        if (!ends) {
            object.leaveOut("tcp_v4_syn_recv_sock");
        }
        if (!ends || !btf.hasFunction("tcp_v6_syn_recv_sock")) {
            object.leaveOut("tcp_v6_syn_recv_sock");
        }
        if (!traced || ends) {
            object.leaveOut("tcp_check_req");
        }
        sweeping = !traced && btf.tracepointArguments("kfree_skb") == WITH_RECEIVER;
        object.constant("sweep_listeners", sweeping ? 1 : 0);
        if (sweeping) {
            return "sock.sk_drops of each listening socket and tp_btf/kfree_skb";
        }
        object.leaveOut("kfree_skb")
                .leaveOut("find_listeners")
                .leaveOut("sweep")
                .maxEntries("listeners", 1);
        if (traced) {
            return "fentry/tcp_conn_request and " + (ends ? "tcp_v4_syn_recv_sock" : "fexit/tcp_check_req");
        }
        return "not measured, as no program may trace tcp_conn_request and kfree_skb does not tell the socket (since Linux 6.11)";
    }

    @Override
    public void attach(BpfObject object) throws BpfException {
        for (BpfProgram program : object.programs()) {
            if (program.name().equals(ROUND_TRIP)) {
                try (DirectoryDescriptor root = DirectoryDescriptor.open(slots.hierarchy())) {
                    program.attachCgroup(root);
                }
            } else if (!RUN_BY_HAND.contains(program.name())) {
                program.attach();
            }
        }
        if (sweeping) {
            listeners = Listeners.find(object, Objects.requireNonNull(use), slots);
        }
    }

    @Override
    public void refresh() throws BpfException {
        if (listeners != null) {
            listeners.sweep();
        }
    }

    @Override
    public List<MapUse> maps(BpfObject object, Arena arena) throws BpfException {
        MemorySegment use = object.map("tcp_maps").mmap(arena);
        this.use = use;
        List<MapUse> maps = new ArrayList<>();
        maps.add(new MapUse(
                "sockets",
                slots.hashed() ? object.map("sockets").maxEntries() : MapUse.UNBOUNDED,
                () -> KpodTcpMaps.sockets(use, 0),
                () -> KpodTcpMaps.socketErrors(use, 0)));
        if (sweeping) {
            maps.add(new MapUse(
                    "listeners",
                    object.map("listeners").maxEntries(),
                    () -> KpodTcpMaps.listeners(use, 0),
                    () -> KpodTcpMaps.listenerErrors(use, 0)));
        }
        return maps;
    }
}
