package io.kpod.apiserver.http;

import io.javalin.http.Context;
import io.kpod.apiserver.authn.User;
import io.kpod.apiserver.status.StatusException;
import io.kpod.apiserver.status.StatusException.Details;
import io.kpod.apiserver.status.StatusException.Reason;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * How many answers may go on for long, of one user and in all; and their end when the server stops. They don't count
 * among the requests in flight.
 */
public final class StreamLimit implements AutoCloseable {
    private static final int RETRY_SECONDS = 5;
    private static final Duration FAREWELL = Duration.ofMillis(400);

    private final int perUser;
    private final int inAll;
    private final Map<String, Integer> byUser = new HashMap<>();
    private final CountDownLatch closing = new CountDownLatch(1);
    private int open;

    public StreamLimit(int perUser, int inAll) {
        this.perUser = perUser;
        this.inAll = inAll;
    }

    /** One answer that goes on; closed when it has ended. */
    public interface Place extends AutoCloseable {
        @Override
        void close();
    }

    /**
     * Begins one.
     *
     * @throws StatusException 429 if there are too many
     */
    public Place enter(Context context) {
        String user = User.of(context).name();
        synchronized (this) {
            int own = byUser.getOrDefault(user, 0);
            if (own >= perUser) {
                throw tooMany("user \"" + user + "\" has " + own + " watches open, the most that one may have");
            }
            if (open >= inAll) {
                throw tooMany(open + " watches are open, the most that this server serves");
            }
            byUser.put(user, own + 1);
            open++;
        }
        ConcurrencyLimit.release(context);
        return () -> leave(user);
    }

    /** How many there are. */
    public synchronized int open() {
        return open;
    }

    /** Waits; false if the server stops, which ends the wait. */
    public boolean pause(Duration time) throws InterruptedException {
        return !closing.await(time.toNanos(), TimeUnit.NANOSECONDS);
    }

    /** Ends them all, and waits a moment until they have ended. */
    @Override
    public synchronized void close() {
        closing.countDown();
        long end = System.nanoTime() + FAREWELL.toNanos();
        try {
            for (long left = FAREWELL.toMillis(); open > 0 && left > 0; left = (end - System.nanoTime()) / 1_000_000) {
                wait(left);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized void leave(String user) {
        open--;
        notifyAll();
        byUser.computeIfPresent(user, (name, own) -> own == 1 ? null : own - 1);
    }

    private static StatusException tooMany(String why) {
        return new StatusException(
                Reason.TOO_MANY_REQUESTS,
                why + "; end one, or try again later",
                new Details("", "", "", List.of(), RETRY_SECONDS));
    }
}
