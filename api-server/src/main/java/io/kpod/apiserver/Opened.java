package io.kpod.apiserver;

import java.util.ArrayDeque;
import java.util.Deque;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What has been opened and is to be closed at the end, the last one first. The end may come while more is being
 * opened.
 */
final class Opened implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger("api-server");

    private final Deque<AutoCloseable> open = new ArrayDeque<>();
    private boolean closed;

    /** Takes one over; closes it at once if the end has come already. */
    <T extends AutoCloseable> T add(T one) {
        synchronized (this) {
            if (!closed) {
                open.push(one);
                return one;
            }
        }
        close(one);
        return one;
    }

    /** Whether the end has come. */
    synchronized boolean closed() {
        return closed;
    }

    @Override
    public void close() {
        Deque<AutoCloseable> all;
        synchronized (this) {
            closed = true;
            all = new ArrayDeque<>(open);
            open.clear();
        }
        all.forEach(Opened::close);
    }

    private static void close(AutoCloseable one) {
        try {
            one.close();
        } catch (Exception e) {
            log.warn("closing {} failed", one.getClass().getSimpleName(), e);
        }
    }
}
