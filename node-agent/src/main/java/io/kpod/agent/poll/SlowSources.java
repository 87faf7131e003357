package io.kpod.agent.poll;

import io.kpod.agent.FailureLog;
import io.kpod.agent.collector.Round;
import io.kpod.agent.collector.Sample;
import io.kpod.agent.collector.SlowCollector;
import io.kpod.agent.collector.Target;
import io.kpod.agent.snapshot.NodeReadings;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the slow sources of all containers and pods every poll interval, and of new ones within a second. One thread,
 * which holds no lock while it reads.
 */
public final class SlowSources implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger("poll");
    private static final Duration NEW_ONES = Duration.ofSeconds(1);
    private static final Duration LONGEST_ROUND = Duration.ofSeconds(2);

    private final NodeReadings readings;
    private final List<SlowCollector> collectors;
    private final long intervalNanos;
    private final Sample sample = new Sample();
    private final Map<String, FailureLog> failures = new HashMap<>();
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("poll").factory());
    private final AtomicLong polls = new AtomicLong();
    private final AtomicLong pollNanos = new AtomicLong();
    private long lastRoundNanos;
    private boolean started;

    /** Starts to read. */
    public SlowSources(NodeReadings readings, List<SlowCollector> collectors, Duration interval) {
        this.readings = readings;
        this.collectors = List.copyOf(collectors);
        this.intervalNanos = interval.toNanos();
        if (!collectors.isEmpty()) {
            thread.scheduleWithFixedDelay(this::tick, 0, NEW_ONES.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    /** How often all of them were read. */
    public long polls() {
        return polls.get();
    }

    /** Time that all of it took. */
    public double pollNanos() {
        return pollNanos.get();
    }

    @Override
    public void close() {
        thread.shutdownNow();
        try {
            // who closes the collectors next must not do so under the reader's hands
            if (!thread.awaitTermination(LONGEST_ROUND.toMillis(), TimeUnit.MILLISECONDS)) {
                LOG.warn("a reading of files does not end");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void tick() {
        long now = System.nanoTime();
        boolean all = !started || now - lastRoundNanos >= intervalNanos;
        if (all) {
            started = true;
            lastRoundNanos = now;
            polls.incrementAndGet();
        }
        try {
            List<Target> due = readings.targets(!all);
            if (!due.isEmpty()) {
                read(all ? due : readings.targets(false), due);
            }
        } catch (RuntimeException e) {
            failures.computeIfAbsent("", any -> new FailureLog(LOG)).failed("reading files failed: " + e);
        }
        if (all) {
            readings.polled(now);
        }
        pollNanos.addAndGet(System.nanoTime() - now);
    }

    private void read(List<Target> all, List<Target> due) {
        Round round = new Round(all);
        collectors.forEach(collector -> guarded(collector, () -> collector.begin(round)));
        for (Target target : due) {
            sample.clear();
            collectors.forEach(collector -> guarded(collector, () -> collector.sample(target, sample)));
            readings.take(target, sample);
        }
    }

    private void guarded(SlowCollector collector, Runnable reading) {
        FailureLog log = failures.computeIfAbsent(collector.name(), name -> new FailureLog(LOG));
        try {
            reading.run();
            log.works(() -> collector.name() + " can be read again");
        } catch (RuntimeException e) {
            log.failed(collector.name() + " can't be read: " + e);
        }
    }
}
