package io.kpod.agent.snapshot;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The last values of a container that ended, in little memory: those that are not zero, a tenth of them or less. Guarded as the reading
 * is that they belong to.
 */
final class EndedValues {
    /** Where all ended containers of a node are laid out to be looked at, one after the other. */
    static final class Display {
        private long[] values = {};
        private @Nullable EndedValues shown;
    }

    private final int width;
    private final int[] positions;
    private final long[] values;
    private final Display display;

    EndedValues(long[] all, Display display) {
        this.display = display;
        width = all.length;
        int count = 0;
        for (long value : all) {
            count += value == 0 ? 0 : 1;
        }
        positions = new int[count];
        values = new long[count];
        int at = 0;
        for (int position = 0; position < width; position++) {
            if (all[position] != 0) {
                positions[at] = position;
                values[at++] = all[position];
            }
        }
    }

    /** All of them; good until another one's are shown. */
    long[] all() {
        if (display.shown != this) {
            if (display.values.length == width) {
                Arrays.fill(display.values, 0);
            } else {
                display.values = new long[width];
            }
            for (int i = 0; i < positions.length; i++) {
                display.values[positions[i]] = values[i];
            }
            display.shown = this;
        }
        return display.values;
    }
}
