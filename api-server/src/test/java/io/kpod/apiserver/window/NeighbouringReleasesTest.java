package io.kpod.apiserver.window;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.CodedOutputStream;
import io.kpod.apiserver.TestApi;
import io.kpod.summary.Catalogue;
import io.kpod.summary.wire.SummaryProto;
import java.io.ByteArrayOutputStream;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Agent and server of neighbouring releases: each knows things that the other does not. */
class NeighbouringReleasesTest {
    private static final int UNKNOWN_METRIC = 9_999;
    private static final int UNKNOWN_FIELD = 1_000;

    private final TestApi api = new TestApi();
    private final TestAgent agent = new TestAgent("n1");
    private final TestAgent.Container app = agent.start("shop", "web", "u1", "app");

    private interface Release {
        byte[] says(byte[] summary) throws Exception;
    }

    @AfterEach
    void stop() {
        api.close();
    }

    private JsonNode measuredBy(Release release) throws Exception {
        api.cluster.pod("shop", "web", "u1", "n1", Map.of());
        for (int i = 0; i < 3; i++) {
            app.count(100, 1, 2, 3, 1_000_000).add(Catalogue.DISK_READS, "sda", 5);
            api.clock.advance(TestApi.PUSH);
            agent.answered(api.presence.accept("n1", release.says(agent.next(TestApi.PUSH))));
        }
        return api.json("/apis/kernelmetrics.kpod.io/v1beta1/namespaces/shop/pods/web")
                .at("/total");
    }

    @Test
    void whatANewerAgentMeasuresBesidesIsPassedOver() throws Exception {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        CodedOutputStream out = CodedOutputStream.newInstance(bytes);
        out.writeString(UNKNOWN_FIELD, "of a later release");
        out.flush();
        byte[] unknown = bytes.toByteArray();
        JsonNode total = measuredBy(body -> {
            SummaryProto.Summary.Builder summary = SummaryProto.Summary.parseFrom(body).toBuilder();
            for (int i = 0; i < summary.getContainersCount(); i++) {
                summary.setContainers(
                        i,
                        summary.getContainers(i).toBuilder()
                                .addCounters(SummaryProto.Counter.newBuilder()
                                        .setMetric(UNKNOWN_METRIC)
                                        .setValue(7))
                                .addGauges(SummaryProto.Gauge.newBuilder()
                                        .setMetric(UNKNOWN_METRIC)
                                        .setValue(7))
                                .addDistributions(SummaryProto.Distribution.newBuilder()
                                        .setMetric(UNKNOWN_METRIC)
                                        .addBucketSteps(3)
                                        .addBucketCounts(7))
                                .mergeFrom(unknown));
            }
            return summary.mergeFrom(unknown).build().toByteArray();
        });
        assertThat(total.at("/cpu/contextSwitches").toString()).isEqualTo("{\"total\":300,\"rate\":\"20\"}");
        assertThat(total.at("/cpu/runQueueLatency/count").asInt()).isEqualTo(2);
        assertThat(total.at("/disks/0/reads").toString()).isEqualTo("{\"total\":15,\"rate\":\"1\"}");
    }

    /** It has fewer metrics, and no clock of its session. */
    @Test
    void whatAnOlderAgentDoesNotTellIsAbsentAndTheRestIsRight() throws Exception {
        JsonNode total = measuredBy(body -> {
            SummaryProto.Summary.Builder summary = SummaryProto.Summary.parseFrom(body).toBuilder()
                    .clearElapsedNanos()
                    .clearPolledNanos();
            for (int i = 0; i < summary.getContainersCount(); i++) {
                SummaryProto.Container container = summary.getContainers(i);
                summary.setContainers(
                        i,
                        container.toBuilder()
                                .clearCounters()
                                .addAllCounters(container.getCountersList().stream()
                                        .filter(counter -> counter.getMetric() != Catalogue.DISK_READS.wireNumber())
                                        .toList()));
            }
            return summary.build().toByteArray();
        });
        assertThat(total.at("/cpu/contextSwitches").toString()).isEqualTo("{\"total\":300,\"rate\":\"20\"}");
        assertThat(total.at("/cpu/runQueueLatency/count").asInt()).isEqualTo(2);
        assertThat(total.at("/disks").isMissingNode()).isTrue();
    }
}
