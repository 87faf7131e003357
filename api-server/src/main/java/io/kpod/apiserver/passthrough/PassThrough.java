package io.kpod.apiserver.passthrough;

import io.javalin.http.Context;
import io.kpod.apiserver.authn.User;
import io.kpod.apiserver.certificate.CertificateAuthority;
import io.kpod.apiserver.health.HealthCheck;
import io.kpod.apiserver.status.Causes;
import io.kpod.apiserver.status.StatusException;
import io.kpod.apiserver.status.StatusException.Reason;
import io.kpod.apiserver.value.UnknownMetrics;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import javax.net.ssl.SSLException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Passes requests for metrics that kpod does not have on to another adapter, as an aggregator does: same path and
 * query, the caller's name, groups and extras in headers, and a client certificate that lets the adapter believe
 * them. The caller has been authenticated and authorised here; the adapter authorises once more. kpod needs no right to
 * impersonate anybody, and the adapter trusts its authority in this one respect. Time, size and number of requests are
 * bounded.
 */
public final class PassThrough implements UnknownMetrics, AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger("passthrough");
    /** Within that of the HPA's client and of the kube-apiserver. */
    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    private static final int MOST_BYTES = 16 << 20;
    private static final int AT_ONCE = 64;
    private static final List<String> ASKED = List.of("Accept", "Audit-ID", "User-Agent");
    private static final List<String> ANSWERED = List.of("Retry-After", "Warning");
    private static final int UNAUTHORIZED = 401;

    private final String group;
    private final Adapter adapter;
    private final String place;
    private final AdapterConnection connection;
    private final MeterRegistry meters;
    private final Semaphore free = new Semaphore(AT_ONCE);
    private volatile String problem = "";

    /** @param authority signs the certificate that we show */
    public PassThrough(
            String group,
            Adapter adapter,
            Supplier<CertificateAuthority> authority,
            MeterRegistry meters,
            InstantSource clock) {
        this(group, adapter, adapter.host() + ":" + adapter.port(), authority, meters, clock);
    }

    PassThrough(
            String group,
            Adapter adapter,
            String place,
            Supplier<CertificateAuthority> authority,
            MeterRegistry meters,
            InstantSource clock) {
        this.group = group;
        this.adapter = adapter;
        this.place = place;
        this.connection = new AdapterConnection(adapter.caFile(), authority, clock);
        this.meters = meters;
    }

    @Override
    public boolean answered(Context context) {
        if (!free.tryAcquire()) {
            throw new StatusException(
                    Reason.TOO_MANY_REQUESTS,
                    "already " + AT_ONCE + " requests at once are waiting for " + adapter + ", please try again later",
                    new StatusException.Details("", "", "", List.of(), 1));
        }
        try {
            answer(context, send(request(context)));
            return true;
        } finally {
            free.release();
        }
    }

    /** For {@code /readyz}: a remark, for what is kpod's own is served without the adapter. */
    public HealthCheck check() {
        return new HealthCheck(
                "adapter." + group,
                () -> new HealthCheck.State.Good("unknown metrics are asked of " + adapter
                        + (problem.isEmpty() ? "" : "; the last request failed: " + problem)));
    }

    @Override
    public void close() {
        connection.close();
    }

    private HttpRequest request(Context context) {
        String query = context.queryString();
        String target = context.req().getRequestURI() + (query == null ? "" : "?" + query);
        try {
            HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("https://" + place + target));
            for (String name : ASKED) {
                String value = context.header(name);
                if (value != null) {
                    request.header(name, value);
                }
            }
            IdentityHeaders.put(request, User.of(context));
            return request.build();
        } catch (IllegalArgumentException e) {
            throw new StatusException(
                    Reason.BAD_REQUEST, "the request can't be passed on to " + adapter + ": " + e.getMessage());
        }
    }

    private HttpResponse<byte[]> send(HttpRequest request) {
        CompletableFuture<HttpResponse<byte[]>> answer = new CompletableFuture<>();
        try {
            answer = connection
                    .client()
                    .sendAsync(request, BodyHandlers.limiting(BodyHandlers.ofByteArray(), MOST_BYTES));
            return answer.get(TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (IOException e) {
            throw failed("its authorities can't be read from " + adapter.caFile() + ": " + e.getMessage());
        } catch (ExecutionException e) {
            throw failed((e.getCause() instanceof SSLException ? "TLS: " : "") + Causes.of(e));
        } catch (TimeoutException e) {
            throw failed("no answer within " + TIMEOUT.toSeconds() + " s");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw failed("this server is shutting down");
        } finally {
            answer.cancel(true);
        }
    }

    private void answer(Context context, HttpResponse<byte[]> answer) {
        int code = answer.statusCode();
        if (code == UNAUTHORIZED) {
            throw failed(
                    "it does not take us for a front proxy (401): start it with --requestheader-client-ca-file=FILE"
                            + " (ca.crt of ConfigMap kpod-ca) and --requestheader-allowed-names="
                            + AdapterConnection.CLIENT_NAME);
        }
        if (code >= 300 && code < 400) {
            throw failed("it redirects (" + code + "), which no aggregator follows");
        }
        problem = "";
        count(Integer.toString(code));
        context.status(code);
        context.contentType(Objects.requireNonNullElse(
                answer.headers().firstValue("Content-Type").orElse(null), "application/octet-stream"));
        for (String name : ANSWERED) {
            answer.headers().allValues(name).forEach(value -> context.res().addHeader(name, value));
        }
        context.result(answer.body());
    }

    private StatusException failed(String why) {
        if (problem.isEmpty()) {
            log.warn("{} does not answer for {}: {}", adapter, group, why);
        } else {
            log.debug("{} does not answer for {}: {}", adapter, group, why);
        }
        problem = why;
        count("error");
        return new StatusException(
                Reason.SERVICE_UNAVAILABLE,
                "kpod has no such metric, and " + adapter + ", which is asked for others, does not answer: " + why);
    }

    private void count(String code) {
        Counter.builder("kpod.api.passed.on")
                .description("Requests for unknown metrics that were passed on to another adapter")
                .tags("group", group, "code", code)
                .register(meters)
                .increment();
    }
}
