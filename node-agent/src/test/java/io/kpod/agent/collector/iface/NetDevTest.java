package io.kpod.agent.collector.iface;

import static io.kpod.summary.Catalogue.NET_IFACE_RX_BYTES;
import static io.kpod.summary.Catalogue.NET_IFACE_TX_DROPS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.kpod.agent.collector.Sample;
import io.kpod.agent.collector.files.KernelText;
import io.kpod.agent.collector.files.Values;
import java.nio.charset.StandardCharsets;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class NetDevTest {
    private static final String FILE = """
            Inter-|   Receive                                                |  Transmit
             face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
                lo:    5672      70    0    0    0     0          0         0     5672      70    0    0    0     0       0          0
              eth0:1234567890123 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17
             tunl0:       0       0    0    0    0     0          0         0        0       0    0    0    0     0       0          0
              sit0:       0       0    0    0    0     0          0         0        1       0    0    0    0     0       0          0
            """;

    private static Values read(String file) {
        KernelText text = new KernelText();
        text.set(file.getBytes(StandardCharsets.UTF_8));
        Sample sample = new Sample();
        new NetDev().read(text, sample);
        return Values.of(sample);
    }

    @Test
    void loopbackAndIdleTunnelsAreLeftOut() {
        Values values = read(FILE);
        assertThat(values.labels(NET_IFACE_RX_BYTES)).containsExactlyInAnyOrder("eth0", "sit0");
        assertThat(values.of(NET_IFACE_RX_BYTES, "eth0")).isEqualTo(1_234_567_890_123.0);
        assertThat(values.of(NET_IFACE_TX_DROPS, "eth0")).isEqualTo(13);
        assertThat(values.values()).hasSize(16);
    }

    @Property
    void aFileThatIsCutOffAnywhereGivesOnlyWholeLines(@ForAll @IntRange(max = 620) int length) {
        String cut = FILE.substring(0, Math.min(length, FILE.length()));
        Values whole = read(FILE);
        assertThatCode(() -> read(cut)).doesNotThrowAnyException();
        read(cut).values().forEach((series, value) -> assertThat(whole.values()).containsEntry(series, value));
    }
}
