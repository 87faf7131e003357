package io.kpod.apiserver.kernelmetrics;

import io.javalin.http.Context;
import io.kpod.apiserver.query.WindowLength;
import io.kpod.apiserver.selector.FieldSelector;
import io.kpod.apiserver.status.StatusException;
import io.kpod.apiserver.window.PodName;
import io.kpod.selector.LabelSelector;
import io.kpod.selector.MalformedSelectorException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a list request asks for beside the path.
 *
 * @param limit most items of the answer; 0: no bound
 * @param after where the page before ended; null: the first page
 */
record ListOptions(
        LabelSelector labels,
        FieldSelector fields,
        int limit,
        @Nullable PodName after) {
    static final String NAME_FIELD = "metadata.name";
    static final String NAMESPACE_FIELD = "metadata.namespace";
    static final String NODE_FIELD = "spec.nodeName";

    private static final int LONGEST_SELECTOR = 16 * 1024;

    /** @param allowed fields that a field selector can choose by */
    static ListOptions of(Context context, List<String> allowed) {
        String labels = selector(context, "labelSelector");
        String fields = selector(context, "fieldSelector");
        try {
            return new ListOptions(
                    LabelSelector.parse(labels),
                    FieldSelector.parse(fields, allowed),
                    limit(context.queryParam("limit")),
                    after(context.queryParam("continue")));
        } catch (MalformedSelectorException e) {
            throw badRequest(e.getMessage());
        }
    }

    /** The window that a request asks for. */
    static Duration window(Context context, WindowLength allowed) {
        String text = context.queryParam("window");
        Optional<Duration> window = allowed.parse(text);
        return window.orElseThrow(() -> badRequest(allowed.complaint(String.valueOf(text))));
    }

    static StatusException badRequest(String message) {
        return new StatusException(StatusException.Reason.BAD_REQUEST, message);
    }

    private static String selector(Context context, String parameter) {
        String text = context.queryParam(parameter);
        if (text != null && text.length() > LONGEST_SELECTOR) {
            throw badRequest(
                    parameter + " has " + text.length() + " characters; at most " + LONGEST_SELECTOR + " are read");
        }
        return text == null ? "" : text;
    }

    private static int limit(@Nullable String text) {
        if (text == null || text.isEmpty()) {
            return 0;
        }
        try {
            long limit = Long.parseLong(text);
            if (limit >= 0) {
                return (int) Math.min(limit, Integer.MAX_VALUE);
            }
        } catch (NumberFormatException e) {
            // said below, as for a negative number
        }
        throw badRequest("limit \"" + text + "\" is not a whole number from 0 on");
    }

    private static @Nullable PodName after(@Nullable String token) {
        return token == null || token.isEmpty() ? null : ContinueToken.decode(token);
    }
}
