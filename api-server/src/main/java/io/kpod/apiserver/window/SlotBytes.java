package io.kpod.apiserver.window;

/**
 * The bytes of slots in one array, the oldest first: it is filled at one end and dropped from at the other, so that
 * nothing is allocated for a push. Places are counted from the first byte ever. Guarded by the node's lock.
 */
final class SlotBytes {
    /** Of what is in use; so that not every push moves what is there. */
    private static final int SLACK = 12;
    /** The same while nothing has been dropped yet: it will need several times as much. */
    private static final int SLACK_WHILE_IT_FILLS = 2;
    /** Of what is in use: more than that is given back. */
    private static final int MOST_SLACK = 4;

    private byte[] bytes = {};
    private int from;
    private int to;
    /** The place of the array's first byte. */
    private long base;

    private boolean fills = true;

    /** Appends what is in {@code content}; its place. */
    long append(SlotContent content) {
        int more = content.length();
        if (bytes.length - to < more) {
            int used = to - from;
            int needed = used + more;
            boolean tooLong = !fills && bytes.length > needed + needed / MOST_SLACK;
            byte[] target = needed > bytes.length || tooLong
                    ? new byte[needed + needed / (fills ? SLACK_WHILE_IT_FILLS : SLACK)]
                    : bytes;
            System.arraycopy(bytes, from, target, 0, used);
            bytes = target;
            base += from;
            from = 0;
            to = used;
        }
        content.writeTo(bytes, to);
        long place = base + to;
        to += more;
        return place;
    }

    /** Drops all before a place. */
    void dropUntil(long place) {
        fills = false;
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
