package io.kpod.apiserver.change;

import io.kpod.apiserver.window.PodName;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The objects of one resource: which are there, the revision of the last change of each, and a log of those that came,
 * went or got other labels. That an object's numbers changed is no entry of the log: of that only the last time is kept,
 * so that the whole is bounded however many watch.
 *
 * <p>Writers hold {@link Presence}'s lock. Readers hold it only to copy a part of the log; what they see of an object
 * may be newer than what they asked for, never older.
 *
 * @param <S> what an object is about; equal ones are served alike
 */
public final class Ledger<S> {
    static final int LONGEST_LOG = 16_384;

    /** An object that is there. */
    static final class Entry<S> {
        final PodName key;
        /** When it came. */
        final long since;

        volatile S subject;
        volatile long changed;

        private Entry(PodName key, S subject, long revision) {
            this.key = key;
            this.subject = subject;
            this.since = revision;
            this.changed = revision;
        }

        private Version<S> version() {
            return new Version<>(key, subject, changed);
        }
    }

    /**
     * @param before how the object was; null: it was not there
     * @param after how it is; null: it is gone
     */
    private record Change<S>(
            PodName key,
            long revision,
            @Nullable Version<S> before,
            @Nullable S after) {}

    private final Object lock;
    private final Revisions revisions;
    private final Function<S, String> identity;
    private final ConcurrentNavigableMap<PodName, Entry<S>> present = new ConcurrentSkipListMap<>();
    private final Deque<Change<S>> log = new ArrayDeque<>();
    /** What happened later than this is in the log. */
    private long horizon;

    /**
     * @param identity the UID: two objects of one name that differ in it are not the same
     */
    Ledger(Object lock, Revisions revisions, Function<S, String> identity) {
        this.lock = lock;
        this.revisions = revisions;
        this.identity = identity;
        this.horizon = revisions.last();
    }

    // Writing, by the holder of the lock.

    Entry<S> add(PodName key, S subject) {
        Entry<S> entry = new Entry<>(key, subject, revisions.take(1));
        present.put(key, entry);
        note(new Change<>(key, entry.changed, null, subject));
        return entry;
    }

    void replace(Entry<S> entry, S subject) {
        if (entry.subject.equals(subject)) {
            return;
        }
        Version<S> before = entry.version();
        entry.subject = subject;
        entry.changed = revisions.take(1);
        note(new Change<>(entry.key, entry.changed, before, subject));
    }

    /** Its numbers are others now. */
    void touch(Entry<S> entry) {
        entry.changed = revisions.take(1);
    }

    /** Takes it out, unless a successor of its name has done so. */
    void remove(Entry<S> entry) {
        if (present.remove(entry.key, entry)) {
            note(new Change<>(entry.key, revisions.take(1), entry.version(), null));
        }
    }

    @Nullable
    Entry<S> entry(PodName key) {
        return present.get(key);
    }

    private void note(Change<S> change) {
        log.addLast(change);
        if (log.size() > LONGEST_LOG) {
            horizon = log.removeFirst().revision();
        }
    }

    // Reading.

    /** Everything that happened up to it can be seen. */
    public long revision() {
        synchronized (lock) {
            return revisions.last();
        }
    }

    /** The object of that name, if it is there. */
    public Optional<Version<S>> get(PodName key) {
        return Optional.ofNullable(present.get(key)).map(Entry::version);
    }

    /** All that are asked for and are there, in the order of names. */
    public List<Event<S>> all(Selection<S> selection) {
        long until = revision();
        List<Event<S>> events = new ArrayList<>();
        for (Entry<S> entry : candidates(selection, null)) {
            Version<S> version = entry.version();
            if (entry.since <= until
                    && selection.covers(entry.key)
                    && selection.matches().test(version.subject())) {
                events.add(new Event<>(Event.Type.ADDED, version));
            }
        }
        return events;
    }

    /**
     * What happened since {@code cursor} and not later than {@code until}, in the order of revisions; of each object
     * only what it comes down to.
     *
     * @throws ExpiredRevisionException if the log does not reach back so far
     */
    public List<Event<S>> between(long cursor, long until, Selection<S> selection) throws ExpiredRevisionException {
        return between(cursor, cursor, until, selection);
    }

    /**
     * The same for a watcher of which it is not certain what it knows.
     *
     * @param bornUntil of what came by then the watcher may know, so that it is told if that is gone
     * @throws ExpiredRevisionException if the log does not reach back so far
     */
    public List<Event<S>> between(long cursor, long bornUntil, long until, Selection<S> selection)
            throws ExpiredRevisionException {
        Map<PodName, Change<S>> first = new LinkedHashMap<>();
        Map<PodName, Change<S>> last = new LinkedHashMap<>();
        for (Change<S> change : logged(cursor, until)) {
            if (selection.covers(change.key())) {
                first.putIfAbsent(change.key(), change);
                last.put(change.key(), change);
            }
        }
        List<Event<S>> events = new ArrayList<>();
        last.forEach((key, change) -> fate(first.get(key), change, bornUntil, selection, events));
        for (Entry<S> entry : candidates(selection, null)) {
            long changed = entry.changed;
            if (changed > cursor && changed <= until && selection.covers(entry.key) && !last.containsKey(entry.key)) {
                S subject = entry.subject;
                if (selection.matches().test(subject)) {
                    events.add(new Event<>(Event.Type.MODIFIED, new Version<>(entry.key, subject, changed)));
                }
            }
        }
        events.sort(Comparator.comparingLong(event -> event.of().revision()));
        return events;
    }

    private void fate(
            @Nullable Change<S> first, Change<S> last, long bornUntil, Selection<S> selection, List<Event<S>> events) {
        Version<S> before = first == null ? null : first.before();
        S after = last.after();
        boolean mayBeKnown = first != null && before == null && first.revision() <= bornUntil;
        if (mayBeKnown
                && first.after() != null
                && (after == null || !selection.matches().test(after))) {
            before = new Version<>(first.key(), first.after(), first.revision());
        }
        boolean had = before != null && selection.matches().test(before.subject());
        boolean has = after != null && selection.matches().test(after);
        if (had && has && identity.apply(before.subject()).equals(identity.apply(after))) {
            events.add(new Event<>(Event.Type.MODIFIED, new Version<>(last.key(), after, last.revision())));
            return;
        }
        if (had) {
            // of one that has a successor the revision must be lower than the successor's
            long gone = has ? first.revision() : last.revision();
            events.add(new Event<>(Event.Type.DELETED, new Version<>(last.key(), before.subject(), gone)));
        }
        if (has) {
            events.add(new Event<>(Event.Type.ADDED, new Version<>(last.key(), after, last.revision())));
        }
    }

    /**
     * The objects that were there at a revision, in the order of names: none that came later, and those that went since.
     *
     * @param at may be of another replica
     * @param bornUntil those that came by then and are there now are among them, see {@link Revisions#bornUntil}
     * @param after the page starts behind it; null: with the first
     * @param limit most items; 0: no bound
     * @param left how many the page before said that there are after it; empty: to be counted, if it is to be said
     * @throws ExpiredRevisionException if the log does not reach back so far
     */
    public Page<S> page(
            long at, long bornUntil, Selection<S> selection, @Nullable PodName after, int limit, OptionalLong left)
            throws ExpiredRevisionException {
        Iterator<Version<S>> versions = at(at, bornUntil, selection, after);
        List<Version<S>> items = new ArrayList<>();
        long beyond = 0;
        while (versions.hasNext()) {
            Version<S> version = versions.next();
            if (!selection.matches().test(version.subject())) {
                continue;
            }
            if (limit == 0 || items.size() < limit) {
                items.add(version);
            } else {
                beyond++;
                if (!selection.everything() || left.isPresent()) {
                    break;
                }
            }
        }
        if (beyond == 0 || !selection.everything()) {
            return new Page<>(items, beyond > 0, OptionalLong.empty());
        }
        long remaining = left.isPresent() ? Math.max(1, left.getAsLong() - items.size()) : beyond;
        return new Page<>(items, true, OptionalLong.of(remaining));
    }

    private Iterator<Version<S>> at(long at, long bornUntil, Selection<S> selection, @Nullable PodName after)
            throws ExpiredRevisionException {
        NavigableMap<PodName, Change<S>> since = new TreeMap<>();
        for (Change<S> change : logged(at, Long.MAX_VALUE)) {
            if (selection.covers(change.key()) && (after == null || change.key().compareTo(after) > 0)) {
                since.putIfAbsent(change.key(), change);
            }
        }
        Iterator<Entry<S>> now = candidates(selection, after).iterator();
        return new VersionsAt(now, since, selection, bornUntil);
    }

    /** Merges what is there now with what the log says of those that changed since. */
    private final class VersionsAt implements Iterator<Version<S>> {
        private final Iterator<Entry<S>> now;
        private final NavigableMap<PodName, Change<S>> since;
        private final Selection<S> selection;
        private final long bornUntil;
        private @Nullable Entry<S> entry;
        private @Nullable Version<S> next;

        VersionsAt(
                Iterator<Entry<S>> now,
                NavigableMap<PodName, Change<S>> since,
                Selection<S> selection,
                long bornUntil) {
            this.now = now;
            this.since = since;
            this.selection = selection;
            this.bornUntil = bornUntil;
            advanceEntry();
            advance();
        }

        @Override
        public boolean hasNext() {
            return next != null;
        }

        @Override
        public Version<S> next() {
            Version<S> result = next;
            if (result == null) {
                throw new java.util.NoSuchElementException();
            }
            advance();
            return result;
        }

        private void advance() {
            next = null;
            while (next == null && (entry != null || !since.isEmpty())) {
                boolean changed =
                        entry == null || !since.isEmpty() && since.firstKey().compareTo(entry.key) <= 0;
                if (changed) {
                    Change<S> change = since.pollFirstEntry().getValue();
                    next = change.before();
                    if (entry != null && entry.key.equals(change.key())) {
                        if (next == null && change.revision() <= bornUntil) {
                            next = entry.version();
                        }
                        advanceEntry();
                    }
                } else {
                    next = entry.version();
                    advanceEntry();
                }
            }
        }

        private void advanceEntry() {
            entry = null;
            while (entry == null && now.hasNext()) {
                Entry<S> candidate = now.next();
                entry = selection.covers(candidate.key) ? candidate : null;
            }
        }
    }

    private List<Change<S>> logged(long later, long until) throws ExpiredRevisionException {
        synchronized (lock) {
            if (later < horizon) {
                throw new ExpiredRevisionException(later, horizon);
            }
            List<Change<S>> changes = new ArrayList<>();
            for (Iterator<Change<S>> from = log.descendingIterator(); from.hasNext(); ) {
                Change<S> change = from.next();
                if (change.revision() <= later) {
                    break;
                }
                if (change.revision() <= until) {
                    changes.add(change);
                }
            }
            return changes.reversed();
        }
    }

    /** At least those that the selection covers. */
    private Collection<Entry<S>> candidates(Selection<S> selection, @Nullable PodName after) {
        String namespace = selection.namespace();
        String name = selection.name();
        if (namespace != null && name != null) {
            PodName key = new PodName(namespace, name);
            Entry<S> entry = after != null && key.compareTo(after) <= 0 ? null : present.get(key);
            return entry == null ? List.of() : List.of(entry);
        }
        if (namespace == null) {
            return (after == null ? present : present.tailMap(after, false)).values();
        }
        PodName start = new PodName(namespace, "");
        PodName end = new PodName(namespace + "\0", "");
        if (after == null || after.compareTo(start) < 0) {
            return present.subMap(start, end).values();
        }
        return after.compareTo(end) < 0
                ? present.subMap(after, false, end, false).values()
                : List.of();
    }
}
