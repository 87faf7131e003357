package io.kpod.agent.exposition;

import static org.assertj.core.api.Assertions.assertThat;

import io.kpod.agent.AgentSettings;
import io.kpod.agent.discovery.StandAloneDirectory;
import io.kpod.agent.snapshot.NodeReadings;
import io.prometheus.metrics.model.registry.Collector;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class MetricsPageTest {
    /** A value of the agent's own that at times cannot be read. */
    private static final class Fragile implements Collector {
        private final AtomicBoolean broken = new AtomicBoolean(true);

        @Override
        public MetricSnapshot collect() {
            if (broken.get()) {
                throw new IllegalStateException("closed");
            }
            return GaugeSnapshot.builder()
                    .name("kpod_agent_fragile")
                    .dataPoint(GaugeSnapshot.GaugeDataPointSnapshot.builder()
                            .value(7)
                            .build())
                    .build();
        }
    }

    @Test
    void aPageThatCannotBeMadeIsAnErrorAndNotACutConnection() throws Exception {
        Fragile fragile = new Fragile();
        PrometheusRegistry registry = new PrometheusRegistry();
        registry.register(fragile);
        NodeReadings readings = new NodeReadings(null, List.of(), new StandAloneDirectory(List.of(), List.of()), false);
        try (MetricsServer server = new MetricsServer(
                        new AgentSettings.Metrics("127.0.0.1", 0),
                        new MetricsPage(readings, "n1", registry),
                        () -> "");
                HttpClient client = HttpClient.newHttpClient()) {
            HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + "/metrics"))
                    .build();
            HttpResponse<String> refused = client.send(request, HttpResponse.BodyHandlers.ofString());
            assertThat(refused.statusCode()).isEqualTo(500);
            assertThat(refused.body()).hasLineCount(1);

            fragile.broken.set(false);
            HttpResponse<String> page = client.send(request, HttpResponse.BodyHandlers.ofString());
            assertThat(page.statusCode()).isEqualTo(200);
            assertThat(page.body()).contains("kpod_agent_fragile 7.0");
        }
    }
}
