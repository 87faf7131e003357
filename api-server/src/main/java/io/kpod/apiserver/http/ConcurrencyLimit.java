package io.kpod.apiserver.http;

import io.javalin.http.Context;
import io.kpod.apiserver.authz.Authorization;
import io.kpod.apiserver.status.StatusBody;
import io.kpod.apiserver.status.StatusException;
import io.kpod.apiserver.status.StatusException.Details;
import io.kpod.apiserver.status.StatusException.Reason;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/**
 * Lets a number of requests in at once and answers 429 to the rest. Health passes, so that a busy server is not taken
 * for a dead one.
 */
final class ConcurrencyLimit extends Handler.Wrapper {
    private static final int RETRY_SECONDS = 1;
    private static final String PERMIT = ConcurrencyLimit.class.getName();

    private final int limit;
    private final Semaphore free;
    private final byte[] refusal;

    ConcurrencyLimit(int limit) {
        this.limit = limit;
        this.free = new Semaphore(limit);
        this.refusal = StatusBody.of(new StatusException(
                Reason.TOO_MANY_REQUESTS,
                "already " + limit + " requests at once, please try again later",
                new Details("", "", "", List.of(), RETRY_SECONDS)));
    }

    /** Requests that are being answered. */
    int inFlight() {
        return limit - free.availablePermits();
    }

    /** A request that will go on for long counts no more. */
    static void release(Context context) {
        Permit permit = context.attribute(PERMIT);
        if (permit != null) {
            permit.giveBack();
        }
    }

    /** Given back once, however often. */
    private static final class Permit {
        private final Semaphore from;
        private final AtomicBoolean held = new AtomicBoolean(true);

        Permit(Semaphore from) {
            this.from = from;
        }

        void giveBack() {
            if (held.compareAndSet(true, false)) {
                from.release();
            }
        }
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
        if (Authorization.isAlwaysAllowed(request.getHttpURI().getPath())) {
            return super.handle(request, response, callback);
        }
        if (!free.tryAcquire()) {
            response.setStatus(Reason.TOO_MANY_REQUESTS.httpCode());
            response.getHeaders().put(HttpHeader.CONTENT_TYPE, StatusBody.CONTENT_TYPE);
            response.getHeaders().put(HttpHeader.RETRY_AFTER, RETRY_SECONDS);
            response.write(true, ByteBuffer.wrap(refusal), callback);
            return true;
        }
        Permit permit = new Permit(free);
        request.setAttribute(PERMIT, permit);
        Request.addCompletionListener(request, failure -> permit.giveBack());
        return super.handle(request, response, callback);
    }
}
