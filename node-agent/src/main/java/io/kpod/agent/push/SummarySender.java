package io.kpod.agent.push;

import io.kpod.agent.FailureLog;
import io.kpod.agent.PemTrust;
import io.kpod.summary.wire.SummaryProto;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * Posts summaries over TLS. Connections are kept; after a failed check of a certificate the authority is asked again.
 */
final class SummarySender implements AutoCloseable {
    /** How a push ended. */
    sealed interface Outcome {
        /** In the totals of that replica up to {@code applied}, unless a complete summary is wanted. */
        record Acknowledged(long applied, boolean completeWanted, Duration pause) implements Outcome {}

        /** Not taken, or perhaps taken and not answered; {@code message} names who, what and the way out. */
        record Failed(String message, Duration pause) implements Outcome {}
    }

    private static final String PATH = "/ingest/v1/summaries";
    /** A server that has just started shakes hands with thousands: who gave up early would cost it the same work again. */
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);

    private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(10);
    private static final int LONGEST_SHOWN = 400;

    private final Path tokenFile;
    private final CertificateAuthority authority;
    private final String name;
    private @Nullable HttpClient client;

    /** @param name that a replica's certificate may be for, beside its address; empty: none */
    SummarySender(Path tokenFile, CertificateAuthority authority, String name) {
        this.name = name;
        this.tokenFile = tokenFile;
        this.authority = authority;
    }

    /** Posts a body to a replica and waits for its answer; never throws. */
    Outcome send(URI replica, byte[] body) {
        try {
            HttpRequest request = HttpRequest.newBuilder(replica.resolve(PATH))
                    .header("Content-Type", "application/x-protobuf")
                    .header("Authorization", "Bearer " + token())
                    .timeout(REQUEST_TIMEOUT)
                    .POST(HttpRequest.BodyPublishers.ofByteArray(body))
                    .build();
            return outcome(replica, client().send(request, HttpResponse.BodyHandlers.ofByteArray()));
        } catch (SSLException e) {
            forgetClient();
            return failed("pushing to " + replica + " failed: its certificate or TLS is not as expected: "
                    + FailureLog.reason(e));
        } catch (IOException | GeneralSecurityException e) {
            return failed("pushing to " + replica + " failed: " + FailureLog.reason(e) + "; trying again");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return failed("pushing to " + replica + " was interrupted");
        } catch (RuntimeException e) {
            return failed("pushing to " + replica + " failed: " + FailureLog.reason(e) + "; trying again");
        }
    }

    @Override
    public synchronized void close() {
        if (client != null) {
            client.shutdownNow();
        }
    }

    private static Outcome outcome(URI replica, HttpResponse<byte[]> response) throws IOException {
        if (response.statusCode() == 200) {
            SummaryProto.Ack ack = SummaryProto.Ack.parseFrom(response.body());
            return new Outcome.Acknowledged(
                    ack.getApplied(), ack.getCompleteWanted(), Duration.ofMillis(ack.getPauseMillis()));
        }
        String text = new String(response.body(), StandardCharsets.UTF_8);
        String shown = text.length() > LONGEST_SHOWN ? text.substring(0, LONGEST_SHOWN) + "…" : text;
        long retryAfterSeconds =
                response.headers().firstValueAsLong("Retry-After").orElse(0);
        return new Outcome.Failed(
                "pushing to " + replica + " was refused: HTTP " + response.statusCode() + " "
                        + shown.replaceAll("\\s+", " "),
                Duration.ofSeconds(Math.clamp(retryAfterSeconds, 0, 60)));
    }

    private static Outcome.Failed failed(String message) {
        return new Outcome.Failed(message, Duration.ZERO);
    }

    private String token() throws IOException {
        try {
            return Files.readString(tokenFile).strip();
        } catch (IOException e) {
            throw new IOException("kpod.push.token-file " + tokenFile + " cannot be read (" + e + ")");
        }
    }

    private synchronized HttpClient client() throws IOException, GeneralSecurityException {
        if (client == null) {
            client = HttpClient.newBuilder()
                    .sslContext(
                            name.isEmpty()
                                    ? PemTrust.context(authority.pem())
                                    : PemTrust.context(authority.pem(), name))
                    .connectTimeout(CONNECT_TIMEOUT)
                    .followRedirects(HttpClient.Redirect.NEVER)
                    .build();
        }
        return client;
    }

    /** Not shut down: other replicas may be in the middle of an exchange with it. */
    private synchronized void forgetClient() {
        client = null;
    }
}
