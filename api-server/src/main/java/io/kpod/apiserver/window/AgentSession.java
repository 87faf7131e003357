package io.kpod.apiserver.window;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** One life of an agent, as far as its summaries have been applied. Guarded by the node's lock. */
final class AgentSession {
    final byte[] id;
    /** Containers by the ref that this session gave them. */
    final Map<Integer, TrackedContainer> containers = new HashMap<>();
    /** The last sequence that is in the totals. */
    long sequence;
    /** When that sequence was read, on the agent's clock: since the session's start. */
    long elapsedNanos;
    /** When the slow sources were read last, on the same clock; 0: not told. */
    long polledNanos;
    /** Only totals are known so far, of no window. */
    boolean totalsAlone = true;
    /** Arrival of that sequence. */
    long appliedNanos;
    /** A complete summary starts another one: indices of different tables don't mix. */
    LabelTable labels = new LabelTable();

    AgentSession(byte[] id) {
        this.id = id;
    }

    boolean is(byte[] other) {
        return Arrays.equals(id, other);
    }

    void newLabels(List<String> all) {
        labels = new LabelTable();
        labels.append(all);
    }
}
