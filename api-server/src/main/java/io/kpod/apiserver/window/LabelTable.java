package io.kpod.apiserver.window;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Label values of one session by their index; index 0 is the empty label. It only grows, by the node's lock's holder.
 * Slots keep the table, not a copy of it: who got a slot under that lock reads the indices that are in it without the
 * lock, as a value that is once there never changes.
 */
final class LabelTable {
    private volatile String[] values = {""};
    private int size = 1;

    /** How many indices there are, the empty label's among them. */
    int size() {
        return size;
    }

    String value(int index) {
        return values[index];
    }

    void append(List<String> more) {
        if (more.isEmpty()) {
            return;
        }
        String[] all = values;
        if (size + more.size() > all.length) {
            all = Arrays.copyOf(all, Math.max(size + more.size(), size + size / 2));
        }
        for (String value : more) {
            all[size++] = value;
        }
        values = all;
    }

    /** The indices by value; of a value that is there twice, one of them. */
    Map<String, Integer> indices() {
        Map<String, Integer> indices = new HashMap<>();
        for (int i = 0; i < size; i++) {
            indices.put(values[i], i);
        }
        return indices;
    }
}
