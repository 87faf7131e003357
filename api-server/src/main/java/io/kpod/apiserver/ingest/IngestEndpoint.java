package io.kpod.apiserver.ingest;

import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.kpod.apiserver.authn.RequestCredentials;
import io.kpod.apiserver.http.ApiGroup;
import io.kpod.apiserver.ingest.SummarySink.Outcome;
import io.kpod.apiserver.status.StatusException;
import io.kpod.apiserver.status.StatusException.Details;
import io.kpod.apiserver.status.StatusException.Reason;
import io.kpod.summary.wire.MalformedSummaryException;
import io.kpod.summary.wire.SummaryLimits;
import io.kpod.summary.wire.SummaryProto;
import io.kpod.summary.wire.SummaryReader;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** {@code POST /ingest/v1/summaries}. */
public final class IngestEndpoint implements ApiGroup {
    private static final String CONTENT_TYPE = "application/x-protobuf";
    private static final int RETRY_SECONDS = 1;
    private static final Duration COMPLAINTS = Duration.ofSeconds(30);
    /** Bodies up to this multiple of the bound are read to their end before they are refused. */
    private static final int DRAINED = 4;

    private static final Logger log = LoggerFactory.getLogger("ingest");

    private final AtomicLong nextComplaint = new AtomicLong(System.nanoTime());
    private final AgentAuthenticator authenticator;
    private final SummarySink sink;
    private final NodeRateLimit rateLimit;
    private final IngestMetrics metrics;
    private final int maxBytes;

    public IngestEndpoint(
            AgentAuthenticator authenticator,
            SummarySink sink,
            NodeRateLimit rateLimit,
            IngestMetrics metrics,
            int maxBytes) {
        this.authenticator = authenticator;
        this.sink = sink;
        this.rateLimit = rateLimit;
        this.metrics = metrics;
        this.maxBytes = maxBytes;
    }

    @Override
    public void routes(RoutesConfig routes) {
        routes.post("/ingest/v1/summaries", context -> {
            try {
                take(context);
            } catch (StatusException e) {
                metrics.refused(e.reason());
                complain(context, e);
                throw e;
            }
        });
    }

    /** Says at most once in a while that pushes are refused, or a broken agent would fill the log. */
    private void complain(Context context, StatusException refusal) {
        long now = System.nanoTime();
        long allowed = nextComplaint.get();
        if (now - allowed >= 0 && nextComplaint.compareAndSet(allowed, now + COMPLAINTS.toNanos())) {
            log.warn(
                    "a push from {} is refused: {} (counted in kpod_ingest_summaries_total; silent for {} s)",
                    context.req().getRemoteAddr(),
                    refusal.getMessage(),
                    COMPLAINTS.toSeconds());
        } else {
            log.debug("a push from {} is refused: {}", context.req().getRemoteAddr(), refusal.getMessage());
        }
    }

    private void take(Context context) throws IOException {
        Agent agent = authenticator.authenticate(new RequestCredentials(context.req()));
        checkType(context);
        if (agent instanceof Agent.OnNode(String node)) {
            checkRate(node);
        }
        byte[] body = body(context);
        String node = switch (agent) {
            case Agent.OnNode(String proved) -> proved;
            case Agent.Trusted() -> {
                String named = nodeIn(body);
                checkRate(named);
                yield named;
            }
        };
        switch (sink.accept(node, body)) {
            case Outcome.Acknowledged taken -> {
                metrics.taken(body.length, taken.completeWanted());
                context.contentType(CONTENT_TYPE).result(ack(taken));
            }
            case Outcome.Malformed(String reason) ->
                throw new StatusException(Reason.BAD_REQUEST, "the body is not a summary: " + reason);
            case Outcome.Refused(String reason) -> throw new StatusException(Reason.FORBIDDEN, reason);
            case Outcome.NodeMismatch(String claimed, String proved) ->
                throw new StatusException(
                        Reason.FORBIDDEN,
                        "the summary speaks for node \"" + claimed + "\", the token is of node \"" + proved
                                + "\": set kpod.node-name from spec.nodeName");
        }
    }

    private static byte[] ack(Outcome.Acknowledged taken) {
        return SummaryProto.Ack.newBuilder()
                .setApplied(taken.applied())
                .setCompleteWanted(taken.completeWanted())
                .setPauseMillis(taken.pauseMillis())
                .build()
                .toByteArray();
    }

    private void checkRate(String node) {
        if (!rateLimit.tryTake(node)) {
            throw new StatusException(
                    Reason.TOO_MANY_REQUESTS,
                    "node \"" + node + "\" pushes too often: wait " + RETRY_SECONDS + " s, or raise kpod.push.interval",
                    new Details("", "", "", List.of(), RETRY_SECONDS));
        }
    }

    private static void checkType(Context context) {
        String type = context.contentType();
        String plain = type == null ? "" : type.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
        if (!plain.equals(CONTENT_TYPE)) {
            throw new StatusException(
                    Reason.UNSUPPORTED_MEDIA_TYPE, "Content-Type \"" + plain + "\": summaries are " + CONTENT_TYPE);
        }
        String encoding = context.header("Content-Encoding");
        if (encoding != null && !encoding.equalsIgnoreCase("identity")) {
            throw new StatusException(
                    Reason.UNSUPPORTED_MEDIA_TYPE, "Content-Encoding \"" + encoding + "\": summaries come as they are");
        }
    }

    private byte[] body(Context context) throws IOException {
        InputStream in = context.req().getInputStream();
        long declared = context.req().getContentLengthLong();
        if (declared > maxBytes) {
            drain(in, declared);
            throw tooLarge(declared + " bytes");
        }
        // of a declared length no more is made than its bytes; without one, one more than the bound shows that it is
        // passed
        byte[] body = in.readNBytes(declared >= 0 ? (int) declared : maxBytes + 1);
        if (body.length > maxBytes) {
            drain(in, maxBytes);
            throw tooLarge("more than " + maxBytes + " bytes");
        }
        return body;
    }

    /**
     * A client that is still sending would see its stream broken off instead of the answer; so read on, within reason.
     */
    private void drain(InputStream in, long bytes) throws IOException {
        if (bytes <= (long) maxBytes * DRAINED) {
            in.skip(bytes);
        }
    }

    private StatusException tooLarge(String size) {
        return new StatusException(
                Reason.REQUEST_ENTITY_TOO_LARGE,
                "the summary has " + size + ": at most " + maxBytes
                        + " are taken; send it in several or watch fewer containers");
    }

    private static String nodeIn(byte[] body) {
        try {
            return SummaryReader.read(body, SummaryLimits.DEFAULT).header().node();
        } catch (MalformedSummaryException e) {
            throw new StatusException(Reason.BAD_REQUEST, "the body is not a summary: " + e.getMessage());
        }
    }
}
