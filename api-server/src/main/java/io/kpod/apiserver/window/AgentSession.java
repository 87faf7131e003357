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
    /** Of the session's label values, by their index, the index in the node's {@link Labels}. */
    int[] labels = {0};

    AgentSession(byte[] id) {
        this.id = id;
    }

    boolean is(byte[] other) {
        return Arrays.equals(id, other);
    }

    /** A complete summary starts the table anew: its indices don't mix with those before. */
    void newLabels() {
        labels = new int[] {0};
    }

    void append(List<String> values, Labels ofNode) {
        int known = labels.length;
        labels = Arrays.copyOf(labels, known + values.size());
        for (int i = 0; i < values.size(); i++) {
            labels[known + i] = ofNode.indexOf(values.get(i));
        }
    }

    void relabel(int[] indices) {
        for (int i = 0; i < labels.length; i++) {
            labels[i] = indices[labels[i]];
        }
    }
}
