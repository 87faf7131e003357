package io.kpod.agent.push;

import io.kpod.agent.FailureLog;
import io.kpod.agent.snapshot.NodeReadings;
import io.kpod.summary.wire.CollectorReport;
import io.kpod.summary.wire.SummaryHeader;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.net.URI;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.slf4j.LoggerFactory;

/**
 * Tells every replica of the API server what the containers did: each push interval one reading, the same summary for
 * all.
 *
 * <p>A replica that acknowledged the reading before gets increments. Any other (new, restarted, or one whose answer was
 * lost) gets totals, of which it takes the difference to what it has: so no loss and no repetition changes a count. A
 * replica that fails is tried again after a jittered pause that doubles, until it is no shorter than the interval; that
 * reading goes to all.
 */
public final class Pusher implements AutoCloseable {
    private static final Duration FIRST_PAUSE = Duration.ofMillis(250);
    private static final Duration LEAST_BETWEEN_READINGS = Duration.ofMillis(250);

    /** Totals say nothing of a rate: a replica that was just given them gets increments this soon. */
    private static final Duration AFTER_TOTALS = Duration.ofMillis(500);

    /** What is known of one replica; guarded by {@code lock}. */
    private static final class Replica {
        final FailureLog log = new FailureLog(LoggerFactory.getLogger("push"));
        long acknowledged;
        long highestAcknowledged;
        boolean inFlight;
        boolean hasTotalsAlone;
        int failures;
        long notBeforeNanos = System.nanoTime();

        /** It is worth a reading of its own; else it waits for the next regular one. */
        boolean triedEarly;
    }

    private record Delivery(URI address, Replica replica, byte[] body, long sequence, boolean complete) {}

    private final FailureLog problems = new FailureLog(LoggerFactory.getLogger("push"));
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition wake = lock.newCondition();
    private final Map<URI, Replica> known = new HashMap<>();
    private final byte[] session = new byte[SummaryHeader.SESSION_BYTES];
    private final long sessionStartUnixMillis = System.currentTimeMillis();
    private final ExecutorService senders = Executors.newCachedThreadPool(
            Thread.ofPlatform().daemon().name("push-", 0).factory());
    private final String node;
    private final long intervalNanos;
    private final long measuredSinceNanos;
    private final NodeReadings readings;
    private final SummaryEncoder encoder;
    private final Replicas replicas;
    private final SummarySender sender;
    private final Supplier<List<CollectorReport>> collectors;
    private final LongSupplier overflowed;
    private final Counter acknowledgements;
    private final Counter failures;
    private final Counter bytes;
    private final Thread thread;
    private long sequence;
    private long lastReadingNanos;
    private long heldUntilNanos = System.nanoTime();
    private boolean hurry = true;
    private volatile boolean stopped;

    /**
     * Starts pushing.
     *
     * @param measuredSinceNanos when counting began ({@link System#nanoTime}): the first summary's interval begins then
     * @param collectors state of the node's collectors, for complete summaries
     * @param overflowed containers that got no slot
     */
    public Pusher(
            String node,
            Duration interval,
            NodeReadings readings,
            long measuredSinceNanos,
            Replicas replicas,
            Path tokenFile,
            CertificateAuthority authority,
            Supplier<List<CollectorReport>> collectors,
            LongSupplier overflowed,
            MeterRegistry meters) {
        new SecureRandom().nextBytes(session);
        this.node = node;
        this.intervalNanos = interval.toNanos();
        this.readings = readings;
        this.measuredSinceNanos = measuredSinceNanos;
        this.lastReadingNanos = measuredSinceNanos;
        this.encoder = new SummaryEncoder();
        this.replicas = replicas;
        this.sender = new SummarySender(tokenFile, authority, replicas.name());
        this.collectors = collectors;
        this.overflowed = overflowed;
        this.acknowledgements = pushes(meters, "acknowledged");
        this.failures = pushes(meters, "failed");
        this.bytes = Counter.builder("kpod.agent.push.size")
                .baseUnit("bytes")
                .description("Bytes of the summaries pushed.")
                .register(meters);
        this.thread = Thread.ofPlatform().daemon().name("push").start(this::run);
    }

    private static Counter pushes(MeterRegistry meters, String outcome) {
        return Counter.builder("kpod.agent.pushes")
                .tag("outcome", outcome)
                .description("Summaries sent, by how that ended.")
                .register(meters);
    }

    /** The replicas have changed: do not wait for the next tick. */
    public void hurry() {
        lock.lock();
        try {
            hurry = true;
            wake.signal();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        stopped = true;
        thread.interrupt();
        senders.shutdownNow();
        sender.close();
    }

    private void run() {
        while (!stopped) {
            lock.lock();
            try {
                awaitTurn();
                if (stopped) {
                    return;
                }
                for (Delivery delivery : nextDeliveries()) {
                    delivery.replica().inFlight = true;
                    senders.execute(() -> deliver(delivery));
                }
                problems.works("making summaries works again");
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            } catch (RuntimeException e) {
                problems.failed(
                        "making a summary failed: " + FailureLog.reason(e) + "; trying again at the next interval");
            } finally {
                lock.unlock();
            }
        }
    }

    private void awaitTurn() throws InterruptedException {
        while (true) {
            long now = System.nanoTime();
            long due = lastReadingNanos + intervalNanos;
            for (Replica replica : known.values()) {
                if (replica.triedEarly && !replica.inFlight) {
                    due = Math.min(due, replica.notBeforeNanos);
                }
                if (replica.hasTotalsAlone && !replica.inFlight) {
                    due = Math.min(due, lastReadingNanos + AFTER_TOTALS.toNanos());
                }
            }
            if (hurry) {
                due = now;
            }
            due = Math.max(due, heldUntilNanos);
            long earliest = lastReadingNanos + Math.min(LEAST_BETWEEN_READINGS.toNanos(), intervalNanos);
            long wait = Math.max(due, earliest) - now;
            if (wait <= 0) {
                hurry = false;
                return;
            }
            wake.awaitNanos(wait);
        }
    }

    private List<Delivery> nextDeliveries() {
        Set<URI> addresses = replicas.current();
        known.keySet().retainAll(addresses);
        addresses.forEach(address -> known.computeIfAbsent(address, one -> new Replica()));

        long now = System.nanoTime();
        long interval = now - lastReadingNanos;
        lastReadingNanos = now;
        sequence++;
        List<Delivery> deliveries = new ArrayList<>();
        readings.read(containers -> {
            byte[] increments = null;
            boolean allComplete = sequence == 1 || encoder.renewStrings();
            for (Map.Entry<URI, Replica> each : known.entrySet()) {
                Replica replica = each.getValue();
                if (replica.inFlight || now - replica.notBeforeNanos < 0) {
                    continue;
                }
                byte[] body;
                boolean complete = allComplete || replica.acknowledged != sequence - 1;
                if (!complete) {
                    if (increments == null) {
                        increments = encoder.increments(header(false, interval), containers);
                    }
                    body = increments;
                } else {
                    body = encoder.complete(
                            header(true, interval),
                            containers,
                            collectors.get(),
                            end -> end <= replica.highestAcknowledged);
                }
                deliveries.add(new Delivery(each.getKey(), replica, body, sequence, complete));
            }
            encoder.advance(
                    sequence,
                    containers,
                    end -> !known.isEmpty()
                            && known.values().stream().allMatch(replica -> end <= replica.highestAcknowledged));
        });
        return deliveries;
    }

    private SummaryHeader header(boolean complete, long interval) {
        return new SummaryHeader(
                node,
                session,
                sequence,
                complete,
                interval,
                System.currentTimeMillis(),
                sessionStartUnixMillis,
                overflowed.getAsLong(),
                lastReadingNanos - measuredSinceNanos,
                polledNanos());
    }

    /** Never later than the reading itself, although a poll may have come in between. */
    private long polledNanos() {
        OptionalLong polled = readings.polledNanos();
        return polled.isEmpty()
                ? 0
                : Math.clamp(
                        polled.getAsLong() - measuredSinceNanos, 1, Math.max(1, lastReadingNanos - measuredSinceNanos));
    }

    private void deliver(Delivery delivery) {
        bytes.increment(delivery.body().length);
        SummarySender.Outcome outcome = sender.send(delivery.address(), delivery.body());
        lock.lock();
        try {
            Replica replica = delivery.replica();
            replica.inFlight = false;
            long now = System.nanoTime();
            switch (outcome) {
                case SummarySender.Outcome.Acknowledged(long applied, boolean completeWanted, Duration pause) -> {
                    acknowledgements.increment();
                    boolean taken = applied == delivery.sequence() && !completeWanted;
                    replica.acknowledged = taken ? applied : 0;
                    replica.highestAcknowledged = Math.max(replica.highestAcknowledged, replica.acknowledged);
                    replica.hasTotalsAlone = taken && delivery.complete();
                    if (taken) {
                        replica.failures = 0;
                        replica.triedEarly = false;
                        replica.notBeforeNanos = now;
                    } else {
                        backOff(replica, now, Duration.ZERO);
                    }
                    // all readings wait: a replica that is skipped would need totals, which are the larger summary
                    heldUntilNanos = Math.max(heldUntilNanos, now + pause.toNanos());
                    replica.log.works(() -> "pushing to " + delivery.address() + " works again");
                }
                case SummarySender.Outcome.Failed(String message, Duration pause) -> {
                    failures.increment();
                    replica.acknowledged = 0;
                    backOff(replica, now, pause);
                    if (!stopped) {
                        replica.log.failed(message);
                    }
                }
            }
            wake.signal();
        } finally {
            lock.unlock();
        }
    }

    /** A pause that doubles, with jitter; as soon as it is no shorter than the interval, the regular readings do. */
    private void backOff(Replica replica, long now, Duration askedFor) {
        long doubled = FIRST_PAUSE.toNanos() << Math.min(replica.failures++, 20);
        replica.triedEarly = doubled < intervalNanos;
        long own = replica.triedEarly
                ? (long) (doubled * ThreadLocalRandom.current().nextDouble(0.5, 1))
                : 0;
        replica.notBeforeNanos = now + Math.max(askedFor.toNanos(), own);
    }
}
