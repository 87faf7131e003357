package io.kpod.apiserver.window;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * A slot in the making: its containers' series one after the other, and where each ends. It is kept as a table of eight
 * bytes a container, its ref and the end of its series, and then the series: so a container is found among those of a
 * node by reading a line of memory or two. For one thread.
 */
final class SlotContent {
    /** Bytes of the table for each container. */
    static final int ENTRY = 2 * Integer.BYTES;

    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final int ROOM = 64;

    private final PackedSeries series = new PackedSeries();
    private int[] refs = new int[ROOM];
    private int[] ends = new int[ROOM];
    private int containers;

    void clear() {
        series.clear();
        containers = 0;
    }

    /** Appends the series of a container that is not there yet, unless it has none. */
    void container(int ref, PackedSeries more) {
        if (more.size() == 0) {
            return;
        }
        if (containers == refs.length) {
            refs = Arrays.copyOf(refs, 2 * containers);
            ends = Arrays.copyOf(ends, 2 * containers);
        }
        series.copy(more.bytes(), 0, more.size());
        refs[containers] = ref;
        ends[containers] = series.size();
        containers++;
    }

    int containers() {
        return containers;
    }

    /** Bytes of the table and the series. */
    int length() {
        return containers * ENTRY + series.size();
    }

    void writeTo(byte[] target, int at) {
        for (int i = 0; i < containers; i++) {
            INT.set(target, at + i * ENTRY, refs[i]);
            INT.set(target, at + i * ENTRY + Integer.BYTES, ends[i]);
        }
        System.arraycopy(series.bytes(), 0, target, at + containers * ENTRY, series.size());
    }

    /** The ref of the container at {@code index} of a slot whose table begins at {@code table}. */
    static int ref(byte[] bytes, int table, int index) {
        return (int) INT.get(bytes, table + index * ENTRY);
    }

    /** Where its series end, from where those of the first one begin. */
    static int end(byte[] bytes, int table, int index) {
        return (int) INT.get(bytes, table + index * ENTRY + Integer.BYTES);
    }
}
