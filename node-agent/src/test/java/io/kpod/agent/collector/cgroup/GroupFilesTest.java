package io.kpod.agent.collector.cgroup;

import static io.kpod.summary.Catalogue.CPU_PERIODS;
import static io.kpod.summary.Catalogue.CPU_THROTTLED_TIME;
import static io.kpod.summary.Catalogue.CPU_USAGE;
import static io.kpod.summary.Catalogue.MEM_LIMIT_BYTES;
import static io.kpod.summary.Catalogue.MEM_RSS_BYTES;
import static io.kpod.summary.Catalogue.MEM_WORKING_SET_BYTES;
import static io.kpod.summary.Catalogue.PRESSURE_CPU_FULL;
import static io.kpod.summary.Catalogue.PRESSURE_CPU_SOME;
import static org.assertj.core.api.Assertions.assertThat;

import io.kpod.agent.collector.Sample;
import io.kpod.agent.collector.files.Descriptors;
import io.kpod.agent.collector.files.GroupReader;
import io.kpod.agent.collector.files.KernelText;
import io.kpod.agent.collector.files.Values;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.lifecycle.AfterProperty;
import net.jqwik.api.lifecycle.BeforeProperty;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The files as kernels write them, and as none should. */
class GroupFilesTest {
    private static final String STAT = """
            usage_usec 1500000
            user_usec 1000000
            system_usec 500000
            nr_periods 60
            nr_throttled 59
            throttled_usec 2500000
            """;

    private Path group;

    @BeforeEach
    @BeforeProperty
    void make() throws IOException {
        group = Files.createTempDirectory("group");
    }

    @AfterEach
    @AfterProperty
    void remove() throws IOException {
        try (var files = Files.list(group)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(group);
    }

    private void write(String file, String text) throws IOException {
        Files.writeString(group.resolve(file), text);
    }

    private static Values read(GroupReader reader) {
        try (reader) {
            Sample sample = new Sample();
            reader.read(new KernelText(), sample);
            return Values.of(sample);
        }
    }

    private Descriptors descriptors() {
        return new Descriptors(10);
    }

    @Test
    void v2CountsMicrosecondsAndV1Nanoseconds() throws Exception {
        write("cpu.stat", STAT);
        Values v2 = read(new CpuStat(group, descriptors()));
        assertThat(v2.of(CPU_USAGE)).isEqualTo(1.5e9);
        assertThat(v2.of(CPU_THROTTLED_TIME)).isEqualTo(2.5e9);

        write("cpu.stat", "nr_periods 60\nnr_throttled 59\nthrottled_time 2500000000\n");
        Values v1 = read(new CpuStat(group, descriptors()));
        assertThat(v1.of(CPU_PERIODS)).isEqualTo(60);
        assertThat(v1.of(CPU_THROTTLED_TIME)).isEqualTo(2.5e9);
    }

    @Test
    void withoutTheControllerCpuStatHasButTheTime() throws Exception {
        write("cpu.stat", "usage_usec 7\nuser_usec 5\nsystem_usec 2\n");
        assertThat(read(new CpuStat(group, descriptors())).values()).isEqualTo(Map.of(CPU_USAGE.name(), 7_000.0));
    }

    @Test
    void noLimitIsAbsentHoweverItIsWritten() throws Exception {
        write("memory.current", "4096\n");
        write("memory.stat", "anon 1024\ninactive_file 8192\n");
        write("memory.max", "max\n");
        Values v2 = read(Memory.v2(group, descriptors()));
        assertThat(v2.has(MEM_LIMIT_BYTES)).isFalse();
        assertThat(v2.of(MEM_RSS_BYTES)).isEqualTo(1024);
        assertThat(v2.of(MEM_WORKING_SET_BYTES))
                .as("the two files are read one after the other")
                .isZero();

        write("memory.usage_in_bytes", "4096\n");
        for (String none : new String[] {"9223372036854771712", "9223372036854710272", "18446744073709551615"}) {
            write("memory.limit_in_bytes", none + "\n");
            assertThat(read(Memory.v1(group, descriptors())).has(MEM_LIMIT_BYTES))
                    .as(none)
                    .isFalse();
        }
        write("memory.limit_in_bytes", "1073741824\n");
        assertThat(read(Memory.v1(group, descriptors())).of(MEM_LIMIT_BYTES)).isEqualTo(1 << 30);
    }

    @Test
    void pressureWithoutItsSecondLineHasNoFull() throws Exception {
        write("cpu.pressure", "some avg10=0.00 avg60=0.10 avg300=0.20 total=12345\n");
        Values values = read(new Pressure(group, descriptors()));
        assertThat(values.of(PRESSURE_CPU_SOME)).isEqualTo(12_345_000);
        assertThat(values.has(PRESSURE_CPU_FULL)).isFalse();
        assertThat(values.values()).hasSize(1);
    }

    @Test
    void aNumberThatNoLongHoldsInNanosecondsIsAbsent() throws Exception {
        write("cpu.stat", "usage_usec 18446744073709551615\nnr_periods 18446744073709551615\n");
        Values values = read(new CpuStat(group, descriptors()));
        assertThat(values.has(CPU_USAGE)).isFalse();
        assertThat(values.of(CPU_PERIODS)).isEqualTo(Long.MAX_VALUE);
    }

    @Property(tries = 150)
    void aFileThatIsCutOffAnywhereGivesNoWrongNumber(@ForAll @IntRange(max = 130) int length) throws IOException {
        write("cpu.stat", STAT);
        Values whole = read(new CpuStat(group, descriptors()));
        write("cpu.stat", STAT.substring(0, Math.min(length, STAT.length())));
        assertThat(whole.values())
                .containsAllEntriesOf(read(new CpuStat(group, descriptors())).values());
    }
}
