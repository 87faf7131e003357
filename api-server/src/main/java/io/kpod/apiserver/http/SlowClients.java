package io.kpod.apiserver.http;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.eclipse.jetty.http.MetaData;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpChannel;
import org.eclipse.jetty.server.HttpStream;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.thread.Scheduler;
import org.jspecify.annotations.Nullable;

/**
 * Breaks off a request whose body does not come, or whose answer is not taken, in the time that {@link Patience} gives:
 * the handler that waits gets an IOException, the stream (HTTP/2) or connection ends. An idle timeout does not do that,
 * it starts anew with every byte.
 */
final class SlowClients extends Handler.Wrapper {
    private final Patience patience;

    SlowClients(Patience patience) {
        this.patience = patience;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
        request.addHttpStreamWrapper(stream -> new TimedStream(stream, request));
        return super.handle(request, response, callback);
    }

    private final class TimedStream extends HttpStream.Wrapper {
        private final Request request;
        private volatile Scheduler.@Nullable Task body;
        private volatile boolean ended;

        TimedStream(HttpStream stream, Request request) {
            super(stream);
            this.request = request;
        }

        @Override
        public void demand() {
            if (body == null) {
                body = after(patience.body(), "the request's body did not come in " + patience.body());
            }
            super.demand();
        }

        @Override
        public Content.@Nullable Chunk read() {
            Content.Chunk chunk = super.read();
            if (chunk != null && chunk.isLast()) {
                cancel(body);
            }
            return chunk;
        }

        @Override
        public void send(
                MetaData.Request asked,
                MetaData.Response response,
                boolean last,
                @Nullable ByteBuffer content,
                Callback callback) {
            int bytes = content == null ? 0 : content.remaining();
            Duration time = patience.toTake(bytes);
            Scheduler.Task sending = after(time, bytes + " bytes of the answer were not taken in " + time);
            super.send(asked, response, last, content, Callback.from(sending::cancel, callback));
        }

        @Override
        public void succeeded() {
            end();
            super.succeeded();
        }

        @Override
        public void failed(Throwable failure) {
            end();
            super.failed(failure);
        }

        private void end() {
            ended = true;
            cancel(body);
        }

        private Scheduler.Task after(Duration time, String what) {
            return request.getComponents()
                    .getScheduler()
                    .schedule(() -> breakOff(what), time.toMillis(), TimeUnit.MILLISECONDS);
        }

        private void breakOff(String what) {
            if (!ended) {
                Runnable failing = HttpChannel.from(request).onFailure(new TimeoutException(what));
                if (failing != null) {
                    request.getComponents().getExecutor().execute(failing);
                }
            }
        }

        private static void cancel(Scheduler.@Nullable Task task) {
            if (task != null) {
                task.cancel();
            }
        }
    }
}
