import io.kpod.summary.wire.SummaryHeader;
import io.kpod.summary.wire.SummaryWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import javax.net.ssl.SSLContext;

/** Connections of agents of empty nodes: one push over each, which leaves next to nothing in the store. */
final class IdleConnections implements AutoCloseable {
    private final HttpClient client;

    IdleConnections(int count, int port, SSLContext tls, HttpClient.Version version) throws Exception {
        client = HttpClient.newBuilder().sslContext(tls).version(version).build();
        SummaryWriter writer = new SummaryWriter();
        for (int i = 0; i < count; i++) {
            String node = "node-" + i;
            writer.begin(new SummaryHeader(node, new byte[SummaryHeader.SESSION_BYTES], 1, true, SimulatedNode.PUSH_NANOS, 0, 0, 0, 1, 0));
            HttpRequest request = HttpRequest.newBuilder(URI.create("https://127.1." + i / 250 + "." + (i % 250 + 1) + ":" + port + "/ingest/v1/summaries"))
                    .header("Content-Type", "application/x-protobuf")
                    .header("Authorization", "Bearer " + SimulatedCluster.token(node))
                    .POST(HttpRequest.BodyPublishers.ofByteArray(writer.finish()))
                    .build();
            int code = client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
            if (code != 200) {
                throw new IllegalStateException("a push was answered " + code);
            }
        }
    }

    @Override
    public void close() {
        client.shutdownNow();
    }
}
