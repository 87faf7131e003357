package io.kpod.apiserver.kernelmetrics;

import io.javalin.http.Context;
import io.kpod.apiserver.change.Event;
import io.kpod.apiserver.change.ExpiredRevisionException;
import io.kpod.apiserver.change.Revisions;
import io.kpod.apiserver.change.Selection;
import io.kpod.apiserver.http.StreamLimit;
import io.kpod.apiserver.status.StatusBody;
import io.kpod.apiserver.status.StatusException;
import io.kpod.apiserver.table.ApiObject;
import io.kpod.apiserver.table.Representation;
import io.kpod.apiserver.table.TableDocument.IncludeObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A watch. An object changes with each push of its node's agent; a watcher is told so in passes, of each object only the
 * latest. Nothing is queued for it: it holds the revision that it knows everything up to, and a pass is what is new since
 * then. Whoever reads slowly gets fewer and later events; whoever is so slow that the log of comings and goings has passed
 * it by, or does not take what it is told in time, is ended and begins anew (410).
 *
 * <p>After a pass a watcher rests {@value #SHARE} times as long as the pass took, for each watcher that there is, so that
 * all of them together take no more than half a core.
 */
final class WatchAnswer<S, T extends ApiObject> {
    private static final Logger log = LoggerFactory.getLogger("watch");
    private static final Duration SHORTEST_REST = Duration.ofMillis(100);
    private static final int SHARE = 2;
    private static final Duration BOOKMARK_EVERY = Duration.ofSeconds(30);
    /** An empty line, which no reader minds: so that a quiet watch is not taken for an idle connection. */
    private static final Duration SIGN_OF_LIFE_EVERY = Duration.ofSeconds(30);

    private final KernelMetricsResource<S, T> resource;
    private final Revisions revisions;

    WatchAnswer(KernelMetricsResource<S, T> resource) {
        this.resource = resource;
        this.revisions = resource.serving().presence().revisions();
    }

    void answer(Context context, @Nullable String namespace) {
        Representation form = Representation.negotiate(context.header("Accept"), Representation.Shape.OBJECT);
        ListOptions options = ListOptions.of(context, resource.type().fields());
        ListOptionsCheck.ofWatch(options);
        WatchOptions how = WatchOptions.of(context, options);
        OptionalLong from = how.from().isEmpty() ? OptionalLong.empty() : Revisions.parse(how.from());
        if (!how.from().isEmpty() && from.isEmpty()) {
            throw ListOptions.badRequest("resourceVersion \"" + how.from() + "\" is not one that this server gave");
        }
        IncludeObject include = ListOptions.include(context);
        Moment moment = resource.moment(context, form, include);
        Selection<S> selection = resource.selection(namespace, options);
        try (StreamLimit.Place _ = resource.serving().streams().enter(context)) {
            EventWriter<T> writer = new EventWriter<>(context, resource.type(), form, include);
            writer.begin();
            new Watching(writer, selection, moment, how).run(from);
            writer.end();
        } catch (IOException | UncheckedIOException e) {
            log.debug("a watcher of {} went", resource.type().resource(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** One watch that is under way; of the thread that serves it. */
    private final class Watching {
        private final EventWriter<T> writer;
        private final Selection<S> selection;
        private final Moment asked;
        private final WatchOptions how;
        private final long end;
        private long cursor;
        private long lastWord = System.nanoTime();
        private long lastBookmark = lastWord;

        Watching(EventWriter<T> writer, Selection<S> selection, Moment asked, WatchOptions how) {
            this.writer = writer;
            this.selection = selection;
            this.asked = asked;
            this.how = how;
            this.end = System.nanoTime() + how.length().toNanos();
        }

        void run(OptionalLong from) throws IOException, InterruptedException {
            try {
                begin(from);
                while (rest()) {
                    resource.serving().presence().expire();
                    long until = resource.ledger().revision();
                    tell(resource.ledger().between(cursor, until, selection));
                    cursor = until;
                    markProgress();
                    writer.flush();
                }
                if (how.bookmarks()) {
                    writer.bookmark(cursor, null);
                }
                writer.flush();
            } catch (ExpiredRevisionException e) {
                writer.error(StatusBody.of(
                        new StatusException(StatusException.Reason.EXPIRED, String.valueOf(e.getMessage()))));
                writer.flush();
            }
        }

        private void begin(OptionalLong from) throws IOException, ExpiredRevisionException {
            cursor = resource.ledger().revision();
            if (how.initialEvents()) {
                tell(resource.ledger().all(selection));
                if (how.bookmarks()) {
                    writer.bookmark(cursor, Bookmark.INITIAL_EVENTS_END);
                }
            } else if (from.isPresent()) {
                long revision = from.getAsLong();
                if (revisions.isInFuture(revision)) {
                    throw new ExpiredRevisionException(revision, cursor);
                }
                long known = Math.min(cursor, revisions.known(revision));
                if (known <= 0) {
                    throw new ExpiredRevisionException(revision, cursor);
                }
                tell(resource.ledger().between(known, revisions.bornUntil(revision), cursor, selection));
            }
            writer.flush();
        }

        private void tell(List<Event<S>> events) {
            Moment moment =
                    new Moment(asked.window(), resource.serving().wallClock().instant(), asked.wanted());
            for (Event<S> event : events) {
                resource.object(event, moment)
                        .ifPresent(object -> writer.event(event.type().name(), object));
            }
            if (!events.isEmpty()) {
                lastWord = System.nanoTime();
            }
        }

        private void markProgress() {
            long now = System.nanoTime();
            if (how.bookmarks() && now - lastBookmark > BOOKMARK_EVERY.toNanos()) {
                writer.bookmark(cursor, null);
                lastBookmark = now;
                lastWord = now;
            } else if (now - lastWord > SIGN_OF_LIFE_EVERY.toNanos()) {
                writer.signOfLife();
                lastWord = now;
            }
        }

        /** False: it is over. */
        private boolean rest() throws InterruptedException {
            StreamLimit streams = resource.serving().streams();
            long busy = writer.takeBusyNanos();
            long rest = Math.max(SHORTEST_REST.toNanos(), busy * SHARE * streams.open());
            long left = end - System.nanoTime();
            boolean goesOn = left > 0 && streams.pause(Duration.ofNanos(Math.min(rest, left)));
            writer.awake();
            return goesOn;
        }
    }
}
