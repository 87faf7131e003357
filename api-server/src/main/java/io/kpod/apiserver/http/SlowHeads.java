package io.kpod.apiserver.http;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.http.HttpParser;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.ssl.SslConnection;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.internal.HttpConnection;
import org.eclipse.jetty.util.NanoTime;
import org.eclipse.jetty.util.component.AbstractLifeCycle;
import org.eclipse.jetty.util.thread.Scheduler;
import org.jspecify.annotations.Nullable;

/**
 * Closes connections that have not come to a whole request in {@link Patience#head}: no handler knows of them yet, and
 * an idle timeout starts anew with every byte. Looks now and then; a bean of its connector.
 */
final class SlowHeads extends AbstractLifeCycle {
    private static final Duration LOOK = Duration.ofSeconds(1);

    private final ServerConnector connector;
    private final Duration head;
    private volatile Scheduler.@Nullable Task next;

    SlowHeads(ServerConnector connector, Duration head) {
        this.connector = connector;
        this.head = head;
    }

    @Override
    protected void doStart() {
        again();
    }

    @Override
    protected void doStop() {
        Scheduler.Task task = next;
        if (task != null) {
            task.cancel();
        }
    }

    private void again() {
        next = connector.getScheduler().schedule(this::look, LOOK.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void look() {
        try {
            connector.getConnectedEndPoints().stream().filter(this::isSlow).forEach(EndPoint::close);
        } finally {
            if (isRunning()) {
                again();
            }
        }
    }

    private boolean isSlow(EndPoint endPoint) {
        Connection outer = endPoint.getConnection();
        Connection spoken =
                outer instanceof SslConnection tls ? tls.getSslEndPoint().getConnection() : outer;
        if (spoken == null || spoken.getMessagesIn() <= 0) {
            return System.currentTimeMillis() - endPoint.getCreatedTimeStamp() > head.toMillis();
        }
        if (!(spoken instanceof HttpConnection http1)) {
            return false;
        }
        HttpParser parser = http1.getParser();
        return parser.inHeaderState()
                && !parser.isState(HttpParser.State.START)
                && NanoTime.since(parser.getBeginNanoTime()) > head.toNanos();
    }
}
