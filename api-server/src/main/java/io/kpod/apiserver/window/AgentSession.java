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
    /** Only totals are known so far, of no window. */
    boolean totalsAlone = true;
    /** Arrival of that sequence. */
    long appliedNanos;
    /** Index 0 is the empty label; replaced, never written to, so that slots can keep it. */
    String[] strings = {""};

    /** Rises when a complete summary starts the table anew: indices of different tables don't mix. */
    int table;

    AgentSession(byte[] id) {
        this.id = id;
    }

    boolean is(byte[] other) {
        return Arrays.equals(id, other);
    }

    void appendStrings(List<String> more) {
        if (!more.isEmpty()) {
            int before = strings.length;
            strings = Arrays.copyOf(strings, before + more.size());
            for (int i = 0; i < more.size(); i++) {
                strings[before + i] = more.get(i);
            }
        }
    }

    void newStrings(List<String> all) {
        strings = new String[] {""};
        table++;
        appendStrings(all);
    }
}
