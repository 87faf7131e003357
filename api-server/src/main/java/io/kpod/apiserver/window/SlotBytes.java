package io.kpod.apiserver.window;

/**
 * The bytes of slots in one array, the oldest first: it is filled at one end and dropped from at the other, so that
 * nothing is allocated for a push. Places are counted from the first byte ever. Guarded by the node's lock.
 */
final class SlotBytes {
    /** Of what is in use; so that not every push moves what is there. */
    private static final int SLACK = 12;

    private byte[] bytes = {};
    private int from;
    private int to;
    /** The place of the array's first byte. */
    private long base;

    /** Appends what is in {@code content}; its place. */
    long append(PackedSeries content) {
        int more = content.size();
        if (bytes.length - to < more) {
            int used = to - from;
            int needed = used + more;
            byte[] target =
                    needed > bytes.length || bytes.length > 2 * needed ? new byte[needed + needed / SLACK] : bytes;
            System.arraycopy(bytes, from, target, 0, used);
            bytes = target;
            base += from;
            from = 0;
            to = used;
        }
        System.arraycopy(content.bytes(), 0, bytes, to, more);
        long place = base + to;
        to += more;
        return place;
    }

    /** Drops all before a place. */
    void dropUntil(long place) {
        from = (int) (place - base);
        if (from == to) {
            base += from;
            from = 0;
            to = 0;
        }
    }

    /** Not to be kept. */
    byte[] array() {
        return bytes;
    }

    /** Where a place is in {@link #array} at present. */
    int at(long place) {
        return (int) (place - base);
    }
}
