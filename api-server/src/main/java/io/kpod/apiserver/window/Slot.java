package io.kpod.apiserver.window;

/**
 * The increments of one push of one node, or of several, as {@link SlotContent} lays them out; a container without
 * increments is not there. Immutable.
 *
 * @param span from reading to reading, the last one's arrival being its end
 * @param polled what increments of polled metrics are over: from one reading of the slow sources to the next; empty if
 *     there was none, so that such increments, if there are any, belong to a slot to come
 * @param coarse made of several pushes
 * @param place in its log's bytes
 * @param containers how many it has
 */
record Slot(AgentSession session, Span span, Span polled, boolean coarse, long place, int length, int containers) {
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
        int table = bytes.at(place);
        for (int i = 0; i < containers; i++) {
            visitor.container(SlotContent.ref(array, table, i), from(array, table, i), to(array, table, i));
        }
    }

    /**
     * Appends the series of one container.
     *
     * @param guess where in the table it is looked for first
     * @return where it was found; {@code guess} if it is not there
     */
    int copy(SlotBytes bytes, int ref, int guess, PackedSeries out) {
        byte[] array = bytes.array();
        int table = bytes.at(place);
        int at = guess < containers ? guess : 0;
        for (int step = 0; step < containers; step++) {
            if (SlotContent.ref(array, table, at) == ref) {
                int from = from(array, table, at);
                out.copy(array, from, to(array, table, at));
                return at;
            }
            at = at + 1 < containers ? at + 1 : 0;
        }
        return guess;
    }

    private int from(byte[] array, int table, int index) {
        return index == 0 ? table + containers * SlotContent.ENTRY : to(array, table, index - 1);
    }

    private int to(byte[] array, int table, int index) {
        return table + containers * SlotContent.ENTRY + SlotContent.end(array, table, index);
    }
}
