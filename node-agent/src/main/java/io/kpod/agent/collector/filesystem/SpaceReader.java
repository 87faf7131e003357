package io.kpod.agent.collector.filesystem;

import io.kpod.agent.FailureLog;
import java.io.File;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * Asks for the space of filesystems. A network filesystem whose server is gone may not answer for ever: it is asked on another
 * thread, for a while, and not again before that thread is back. Used by one thread.
 */
final class SpaceReader implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(1);

    /** Threads that wait for an answer; with as many, no filesystem is asked any more. */
    static final int MOST_WAITING = 16;

    /**
     * A filesystem to ask.
     *
     * @param mountPoint where the container has it
     * @param path a directory of it that the agent reaches
     */
    record Question(long device, String mountPoint, String path) {}

    private final FailureLog failures = new FailureLog(LoggerFactory.getLogger("filesystem"));
    private final ExecutorService threads = Executors.newCachedThreadPool(
            Thread.ofPlatform().daemon().name("statfs-", 0).factory());
    private final Map<Long, Answers> waiting = new HashMap<>();
    private final Function<String, @Nullable Space> space;
    private final Duration patience;

    SpaceReader() {
        this(SpaceReader::statfs);
    }

    SpaceReader(Function<String, @Nullable Space> space) {
        this(space, PATIENCE);
    }

    SpaceReader(Function<String, @Nullable Space> space, Duration patience) {
        this.space = space;
        this.patience = patience;
    }

    private static final class Answers implements Runnable {
        final List<Question> questions;
        final Function<String, @Nullable Space> space;
        final @Nullable Space[] answers;

        /** How many were answered: written behind each answer, so that who reads it sees them. */
        volatile int answered;

        /** Nobody waits for the rest: it goes no further than the filesystem that it waits for. */
        volatile boolean abandoned;

        volatile boolean ended;

        Answers(List<Question> questions, Function<String, @Nullable Space> space) {
            this.questions = questions;
            this.space = space;
            this.answers = new Space[questions.size()];
        }

        @Override
        public void run() {
            try {
                for (int i = 0; i < questions.size() && !abandoned; i++) {
                    answers[i] = space.apply(questions.get(i).path());
                    answered = i + 1;
                }
            } finally {
                ended = true;
            }
        }
    }

    /** Shows the space of each filesystem that answers. */
    void read(List<Question> questions, BiConsumer<Question, Space> visitor) {
        waiting.values().removeIf(answers -> answers.ended);
        List<Question> open = questions.stream()
                .filter(question -> !waiting.containsKey(question.device()))
                .toList();
        while (!open.isEmpty() && waiting.size() < MOST_WAITING) {
            Answers answers = new Answers(open, space);
            boolean inTime = wait(threads.submit(answers));
            int answered = answers.answered;
            for (int i = 0; i < answered; i++) {
                Space answer = answers.answers[i];
                if (answer != null) {
                    visitor.accept(open.get(i), answer);
                }
            }
            if (inTime || answered == open.size()) {
                open = List.of();
            } else {
                answers.abandoned = true;
                waiting.put(open.get(answered).device(), answers);
                failures.failed("no answer within " + patience.toMillis() + " ms from the filesystem at "
                        + open.get(answered).path() + ": it has no series until it answers");
                open = open.subList(answered + 1, open.size());
            }
        }
        if (waiting.isEmpty()) {
            failures.works("all filesystems answer again");
        }
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }

    private boolean wait(Future<?> asked) {
        try {
            asked.get(patience.toMillis(), TimeUnit.MILLISECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return true;
        }
    }

    /** By statvfs(3): f_blocks, f_bfree and f_bavail, times f_frsize; null: it can't be reached, or has no blocks. */
    private static @Nullable Space statfs(String path) {
        File file = new File(path);
        long total = file.getTotalSpace();
        return total == 0 ? null : new Space(total, file.getFreeSpace(), file.getUsableSpace());
    }
}
