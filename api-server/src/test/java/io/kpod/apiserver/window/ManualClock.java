package io.kpod.apiserver.window;

import java.time.Duration;
import java.util.function.LongSupplier;

/** A monotonic clock that goes on when told to; starts near the overflow, which a monotonic clock may be at. */
public final class ManualClock implements LongSupplier {
    private long nanos = Long.MAX_VALUE - Duration.ofSeconds(30).toNanos();

    @Override
    public long getAsLong() {
        return nanos;
    }

    /** Lets time pass. */
    public void advance(Duration time) {
        nanos += time.toNanos();
    }
}
