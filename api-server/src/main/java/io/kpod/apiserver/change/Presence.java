package io.kpod.apiserver.change;

import io.kpod.apiserver.change.Ledger.Entry;
import io.kpod.apiserver.ingest.SummarySink;
import io.kpod.apiserver.inventory.Inventory;
import io.kpod.apiserver.inventory.InventoryListener;
import io.kpod.apiserver.inventory.Node;
import io.kpod.apiserver.inventory.Owner;
import io.kpod.apiserver.inventory.Pod;
import io.kpod.apiserver.inventory.Workload;
import io.kpod.apiserver.query.WindowLength;
import io.kpod.apiserver.window.NodeState;
import io.kpod.apiserver.window.PodName;
import io.kpod.apiserver.window.SpokenPod;
import io.kpod.apiserver.window.WindowSettings;
import io.kpod.apiserver.window.WindowStore;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the ledgers of pods, workloads and nodes: brings together what agents say, what the inventory knows and the
 * passing of time. A pod is there while the inventory has it on a node whose agent is heard, and that agent has
 * something of it for the usual window. A workload is there while a pod of it is.
 *
 * <p>Stands before the store: a summary changes the ledgers in the same call that stores it. One lock guards all three;
 * under it only memory is read.
 */
public final class Presence implements SummarySink, InventoryListener {
    private final Object lock = new Object();
    private final WindowStore store;
    private final Inventory inventory;
    private final Revisions revisions;
    private final Ledger<Pod> pods;
    private final Ledger<Workload> workloads;
    private final Ledger<Node> nodes;
    /** The nodes that are heard, the one that was heard longest ago first. */
    private final Map<String, Members> heard = new LinkedHashMap<>();

    private final Map<PodName, Team> teams = new HashMap<>();

    /** A node's part of the ledgers. */
    private static final class Members {
        List<SpokenPod> spoken = List.of();
        List<Member> pods = List.of();

        @Nullable
        Entry<Node> node;
    }

    /** A pod that is there, and what it belongs to. */
    private record Member(Entry<Pod> pod, Team team) {}

    /** A workload's pods that are there. */
    private static final class Team {
        final PodName key;
        final Entry<Workload> entry;
        int pods;

        Team(PodName key, Entry<Workload> entry) {
            this.key = key;
            this.entry = entry;
        }
    }

    /**
     * Follows {@code inventory} from now on.
     *
     * @param wallClock for the revisions' time, at the start
     * @param nanoClock monotonic
     */
    public Presence(Inventory inventory, WindowStore store, InstantSource wallClock, LongSupplier nanoClock) {
        this.inventory = inventory;
        this.store = store;
        this.revisions =
                new Revisions(wallClock, nanoClock, ThreadLocalRandom.current().nextInt(Revisions.TAGS));
        revisions.take(1);
        this.pods = new Ledger<>(lock, revisions, Pod::uid);
        this.workloads = new Ledger<>(lock, revisions, Workload::uid);
        this.nodes = new Ledger<>(lock, revisions, Node::uid);
        inventory.listen(this);
    }

    /** The pods that have numbers. */
    public Ledger<Pod> pods() {
        return pods;
    }

    /** The workloads of which a pod has numbers; named {@code kind.name}. */
    public Ledger<Workload> workloads() {
        return workloads;
    }

    /** The nodes that are heard; their namespace is empty. */
    public Ledger<Node> nodes() {
        return nodes;
    }

    /** What revisions mean. */
    public Revisions revisions() {
        return revisions;
    }

    @Override
    public Outcome accept(String node, byte[] body) {
        Outcome outcome = store.accept(node, body);
        if (outcome instanceof Outcome.Acknowledged(long applied, boolean completeWanted, int pause)
                && !completeWanted) {
            synchronized (lock) {
                pushed(node);
            }
        }
        return outcome;
    }

    /** Takes out what has been silent for too long; called before anything is read, and now and then. */
    public void expire() {
        synchronized (lock) {
            Iterator<Map.Entry<String, Members>> longestSilent =
                    heard.entrySet().iterator();
            while (longestSilent.hasNext()) {
                Map.Entry<String, Members> node = longestSilent.next();
                Optional<NodeState> state = store.node(node.getKey());
                if (state.isPresent() && state.get().age().compareTo(WindowSettings.STALE_AFTER) <= 0) {
                    return;
                }
                if (state.isEmpty() || state.get().stale()) {
                    longestSilent.remove();
                    takeOut(node.getValue());
                }
            }
        }
    }

    @Override
    public void podChanged(@Nullable Pod before, @Nullable Pod after) {
        synchronized (lock) {
            Set<String> places = new HashSet<>();
            if (before != null) {
                places.add(before.node());
            }
            if (after != null) {
                places.add(after.node());
            }
            places.forEach(this::settle);
        }
    }

    @Override
    public void nodeChanged(String name) {
        synchronized (lock) {
            Members members = heard.get(name);
            if (members != null) {
                settleNode(name, members);
            }
        }
    }

    @Override
    public void controllerChanged(Owner intermediate) {
        synchronized (lock) {
            Set<String> places = new HashSet<>();
            inventory.podsOf(intermediate).forEach(pod -> places.add(pod.node()));
            places.forEach(this::settle);
        }
    }

    @Override
    public void workloadChanged(Owner owner) {
        synchronized (lock) {
            Team team = teams.get(Workload.key(owner));
            if (team != null) {
                workloads.replace(team.entry, inventory.describe(owner));
            }
        }
    }

    private void pushed(String name) {
        Members members = heard.remove(name);
        if (members == null) {
            members = new Members();
        }
        heard.put(name, members);
        List<SpokenPod> spoken = store.pods(name, WindowLength.DEFAULT);
        if (!spoken.equals(members.spoken)) {
            settlePods(members, spoken);
        }
        if (members.node == null) {
            settleNode(name, members);
        }
        long revision = revisions.take(members.pods.size() + 1);
        if (members.node != null) {
            members.node.changed = revision;
        }
        for (Member member : members.pods) {
            revision += Revisions.STEP;
            member.pod().changed = revision;
            member.team().entry.changed = revision;
        }
    }

    private void settle(String node) {
        Members members = heard.get(node);
        if (members != null) {
            settlePods(members, store.pods(node, WindowLength.DEFAULT));
        }
    }

    private void settleNode(String name, Members members) {
        Node now = inventory.node(name).orElse(null);
        Entry<Node> entry = members.node;
        if (entry != null && (now == null || !now.uid().equals(entry.subject.uid()))) {
            nodes.remove(entry);
            entry = null;
        }
        if (entry != null && now != null) {
            nodes.replace(entry, now);
        } else if (now != null) {
            entry = nodes.add(new PodName("", name), now);
        }
        members.node = entry;
    }

    /** Brings the ledger in line with the pods that the agent speaks of and the inventory has there. */
    private void settlePods(Members members, List<SpokenPod> spoken) {
        Map<PodName, Member> before = new LinkedHashMap<>();
        members.pods.forEach(member -> before.put(member.pod().key, member));
        List<Member> after = new ArrayList<>(spoken.size());
        for (SpokenPod each : spoken) {
            Pod pod = inventory.pod(each.name()).orElse(null);
            if (pod == null
                    || !pod.node().equals(each.node())
                    || !each.uid().isEmpty()
                            && !pod.uid().isEmpty()
                            && !pod.uid().equals(each.uid())) {
                continue;
            }
            Member member = before.get(pod.name());
            if (member == null || !member.pod().subject.uid().equals(pod.uid())) {
                after.add(join(pod));
            } else {
                before.remove(pod.name());
                after.add(stay(member, pod));
            }
        }
        before.values().forEach(this::leave);
        members.spoken = spoken;
        members.pods = after;
    }

    private Member join(Pod pod) {
        Entry<Pod> former = pods.entry(pod.name());
        if (former != null) {
            pods.remove(former);
        }
        return new Member(pods.add(pod.name(), pod), team(pod));
    }

    private Member stay(Member member, Pod pod) {
        pods.replace(member.pod(), pod);
        if (member.team().key.equals(Workload.key(inventory.workload(pod)))) {
            return member;
        }
        Team team = team(pod);
        leave(member.team());
        pods.touch(member.pod());
        return new Member(member.pod(), team);
    }

    private void leave(Member member) {
        pods.remove(member.pod());
        leave(member.team());
    }

    private void takeOut(Members members) {
        members.pods.forEach(this::leave);
        if (members.node != null) {
            nodes.remove(members.node);
        }
    }

    private Team team(Pod pod) {
        Owner owner = inventory.workload(pod);
        Team team = teams.computeIfAbsent(
                Workload.key(owner), key -> new Team(key, workloads.add(key, inventory.describe(owner))));
        team.pods++;
        return team;
    }

    private void leave(Team team) {
        team.pods--;
        if (team.pods == 0) {
            teams.remove(team.key);
            workloads.remove(team.entry);
        } else {
            workloads.touch(team.entry);
        }
    }
}
