package io.kpod.apiserver.window;

/**
 * The increments of one push of one node, or of several. Its bytes are {@link PackedSeries}, container by container,
 * each after the varints of its ref and its length; a container without increments is not there. Immutable.
 *
 * @param span from reading to reading, the last one's arrival being its end
 * @param polled what increments of polled metrics are over: from one reading of the slow sources to the next; empty if
 *     there was none, so that such increments, if there are any, belong to a slot to come
 * @param coarse made of several pushes
 * @param place in its log's bytes
 */
record Slot(AgentSession session, Span span, Span polled, boolean coarse, long place, int length) {
    /** Called with a container of a slot: where its series are. */
    interface ContainerVisitor {
        void container(int ref, int from, int to);
    }

    long end() {
        return place + length;
    }

    /** Visits all containers. */
    void containers(SlotBytes bytes, ContainerVisitor visitor) {
        byte[] array = bytes.array();
        int at = bytes.at(place);
        int end = at + length;
        while (at < end) {
            int ref = (int) PackedSeries.varintAt(array, at);
            at = PackedSeries.afterVarint(array, at);
            int size = (int) PackedSeries.varintAt(array, at);
            at = PackedSeries.afterVarint(array, at);
            visitor.container(ref, at, at + size);
            at += size;
        }
    }

    /** Appends the series of one container. */
    void copy(SlotBytes bytes, int ref, PackedSeries out) {
        byte[] array = bytes.array();
        int at = bytes.at(place);
        int end = at + length;
        while (at < end) {
            int found = (int) PackedSeries.varintAt(array, at);
            at = PackedSeries.afterVarint(array, at);
            int size = (int) PackedSeries.varintAt(array, at);
            at = PackedSeries.afterVarint(array, at);
            if (found == ref) {
                out.copy(array, at, at + size);
                return;
            }
            at += size;
        }
    }
}
