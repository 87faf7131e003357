package io.kpod.apiserver.window;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Label values of one node by an index of this server's own; index 0 is the empty label. It only grows, by the node's
 * lock's holder. Who got {@link #values} under that lock reads the indices that were given by then without it, as a
 * value that is once there never changes.
 */
final class Labels {
    /** Up to here a look at all is faster than a map, and smaller. */
    private static final int FEW = 32;

    private String[] values = {""};
    private int size = 1;
    private @Nullable Map<String, Integer> indices;
    private final SharedNames names;

    Labels(SharedNames names) {
        this.names = names;
    }

    /** How many indices there are, the empty label's among them. */
    int size() {
        return size;
    }

    String[] values() {
        return values;
    }

    /** The value's index, a new one if it has none. */
    int indexOf(String value) {
        int index = find(value);
        if (index < 0) {
            if (size == values.length) {
                values = Arrays.copyOf(values, size + Math.max(4, size / 2));
            }
            index = size++;
            values[index] = names.of(value);
            if (indices != null) {
                indices.put(value, index);
            }
        }
        return index;
    }

    private int find(String value) {
        if (size > FEW) {
            Map<String, Integer> all = indices;
            if (all == null) {
                all = new HashMap<>();
                for (int i = 0; i < size; i++) {
                    all.put(values[i], i);
                }
                indices = all;
            }
            return all.getOrDefault(value, -1);
        }
        for (int i = 0; i < size; i++) {
            if (values[i].equals(value)) {
                return i;
            }
        }
        return -1;
    }
}
