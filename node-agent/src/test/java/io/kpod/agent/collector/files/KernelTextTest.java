package io.kpod.agent.collector.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.math.BigInteger;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.BigRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KernelTextTest {
    private final KernelText text = new KernelText();

    @Property
    void everyLineIsShownOnceAndWhatHasNoEndIsNone(@ForAll @Size(max = 30) List<String> lines, @ForAll String rest) {
        List<String> whole = lines.stream()
                .map(line -> line.replace("\n", ""))
                .map(KernelTextTest::encodable)
                .toList();
        StringBuilder file = new StringBuilder();
        whole.forEach(line -> file.append(line).append('\n'));
        file.append(encodable(rest.replace("\n", "")));
        text.set(file.toString().getBytes(StandardCharsets.UTF_8));

        List<String> seen = new ArrayList<>();
        while (text.nextLine()) {
            seen.add(text.rest());
        }
        assertThat(seen).isEqualTo(whole);
        assertThat(text.nextLine()).isFalse();
    }

    @Property
    void aNumberIsReadAsItIsAndOneTooLargeIsTheLargest(
            @ForAll @BigRange(min = "0", max = "36893488147419103232") BigInteger number) {
        text.set(("key " + number + "\n").getBytes(StandardCharsets.US_ASCII));
        text.nextLine();
        assertThat(text.skip(KernelText.word("key "))).isTrue();
        assertThat(text.number())
                .isEqualTo(number.min(BigInteger.valueOf(Long.MAX_VALUE)).longValueExact());
    }

    @Property
    void anyBytesAtAllMakeNoFailure(@ForAll byte[] bytes) {
        text.set(bytes);
        assertThatCode(() -> {
                    while (text.nextLine()) {
                        text.number();
                        text.nextWord();
                        text.find(':');
                        text.wordEnd();
                        text.rest();
                    }
                })
                .doesNotThrowAnyException();
    }

    @Test
    void whatIsNoNumberIsNone() {
        for (String none : List.of("max", "", " ", "-1", "12x", "0x10", "1.5", "12max")) {
            text.set((none + "\n").getBytes(StandardCharsets.US_ASCII));
            assertThat(text.nextLine()).isTrue();
            assertThat(text.number()).as("\"%s\"", none).isEqualTo(KernelText.NONE);
        }
    }

    @Test
    void aFileLargerThanTheBufferIsReadWhole(@TempDir Path directory) throws Exception {
        StringBuilder large = new StringBuilder();
        for (int line = 0; line < 20_000; line++) {
            large.append("line ").append(line).append('\n');
        }
        Path file = Files.writeString(directory.resolve("large"), large);
        try (FileChannel open = FileChannel.open(file)) {
            for (boolean records : new boolean[] {false, true}) {
                KernelText fresh = new KernelText();
                if (records) {
                    fresh.readRecords(open);
                } else {
                    fresh.read(open);
                }
                int lines = 0;
                while (fresh.nextLine()) {
                    assertThat(fresh.skip(KernelText.word("line "))).isTrue();
                    assertThat(fresh.number()).isEqualTo(lines++);
                }
                assertThat(lines).isEqualTo(20_000);
            }
        }
    }

    private static String encodable(String line) {
        return new String(line.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
    }
}
