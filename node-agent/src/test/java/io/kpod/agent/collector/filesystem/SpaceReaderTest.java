package io.kpod.agent.collector.filesystem;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.kpod.agent.collector.filesystem.SpaceReader.Question;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class SpaceReaderTest {
    private static final Space SPACE = new Space(100, 60, 50);

    private final CountDownLatch server = new CountDownLatch(1);
    private final AtomicInteger asked = new AtomicInteger();

    /** {@code /dead}'s server does not answer before it is back. */
    private Space answer(String path) {
        asked.incrementAndGet();
        if (path.startsWith("/dead")) {
            try {
                server.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        return path.equals("/gone") ? null : SPACE;
    }

    private static List<String> read(SpaceReader reader, String... paths) {
        List<Question> questions = new ArrayList<>();
        for (String path : paths) {
            questions.add(new Question(path.hashCode(), path, path));
        }
        List<String> answered = new ArrayList<>();
        reader.read(questions, (question, space) -> {
            assertThat(space).isEqualTo(SPACE);
            answered.add(question.path());
        });
        return answered;
    }

    @Test
    void aFilesystemThatDoesNotAnswerKeepsNoOtherBackAndIsAskedAgainOnceItDoes() {
        try (SpaceReader reader = new SpaceReader(this::answer)) {
            assertThat(read(reader, "/a", "/dead", "/gone", "/b")).containsExactly("/a", "/b");
            int asked = this.asked.get();
            assertThat(read(reader, "/a", "/dead", "/b")).containsExactly("/a", "/b");
            assertThat(this.asked.get())
                    .as("it is not asked while a thread waits for it")
                    .isEqualTo(asked + 2);

            server.countDown();

            await().atMost(Duration.ofSeconds(5))
                    .untilAsserted(() -> assertThat(read(reader, "/a", "/dead")).containsExactly("/a", "/dead"));
        }
    }

    @Test
    void theThreadsThatWaitAreBounded() {
        try (SpaceReader reader = new SpaceReader(this::answer, Duration.ofMillis(10))) {
            String[] dead = new String[40];
            for (int i = 0; i < dead.length; i++) {
                dead[i] = "/dead" + i;
            }
            assertThat(read(reader, dead)).isEmpty();
            assertThat(read(reader, dead)).isEmpty();
            await().atMost(Duration.ofSeconds(5))
                    .untilAsserted(() -> assertThat(asked.get()).isEqualTo(SpaceReader.MOST_WAITING));
            server.countDown();
        }
    }

    @Test
    void whatStatfsSaysIsWhatTheJdkSays() {
        try (SpaceReader reader = new SpaceReader()) {
            List<Space> spaces = new ArrayList<>();
            reader.read(
                    List.of(
                            new Question(1, "/a", "/proc/self"),
                            new Question(2, "/b", "/nowhere"),
                            new Question(3, "/c", "/")),
                    (question, space) -> spaces.add(space));
            assertThat(spaces)
                    .as("neither a filesystem without blocks nor one that is not there")
                    .hasSize(1);
            assertThat(spaces.getFirst().total())
                    .isGreaterThanOrEqualTo(spaces.getFirst().free());
            assertThat(spaces.getFirst().free())
                    .isGreaterThanOrEqualTo(spaces.getFirst().available());
        }
    }
}
