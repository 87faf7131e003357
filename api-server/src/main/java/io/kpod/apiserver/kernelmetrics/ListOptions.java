package io.kpod.apiserver.kernelmetrics;

import io.javalin.http.Context;
import io.kpod.apiserver.query.WindowLength;
import io.kpod.apiserver.selector.FieldSelector;
import io.kpod.apiserver.status.StatusException;
import io.kpod.apiserver.table.TableDocument.IncludeObject;
import io.kpod.selector.LabelSelector;
import io.kpod.selector.MalformedSelectorException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a list or watch request asks for beside the path (meta/v1 ListOptions).
 *
 * @param limit most items of the answer; 0: no bound, which is also what a kube-apiserver takes a negative one for
 * @param next the {@code continue} token; null: the first page
 * @param revision empty: none was asked for
 * @param match {@code resourceVersionMatch}, empty if there is none
 * @param initialEvents {@code sendInitialEvents}, if it was said
 */
record ListOptions(
        LabelSelector labels,
        FieldSelector fields,
        int limit,
        @Nullable ContinueToken next,
        String revision,
        String match,
        Optional<Boolean> initialEvents) {
    static final String NAME_FIELD = "metadata.name";
    static final String NAMESPACE_FIELD = "metadata.namespace";
    static final String NODE_FIELD = "spec.nodeName";
    static final String EXACT = "Exact";
    static final String NOT_OLDER_THAN = "NotOlderThan";

    private static final int LONGEST_SELECTOR = 16 * 1024;

    /** @param allowed fields that a field selector can choose by */
    static ListOptions of(Context context, List<String> allowed) {
        String labels = selector(context, "labelSelector");
        String fields = selector(context, "fieldSelector");
        try {
            return new ListOptions(
                    LabelSelector.parse(labels),
                    FieldSelector.parse(fields, allowed),
                    Math.clamp(wholeNumber(context, "limit", Long.MIN_VALUE), 0, Integer.MAX_VALUE),
                    next(context.queryParam("continue")),
                    parameter(context, "resourceVersion"),
                    parameter(context, "resourceVersionMatch"),
                    parameter(context, "sendInitialEvents").isEmpty()
                            ? Optional.empty()
                            : Optional.of(isTrue(context, "sendInitialEvents")));
        } catch (MalformedSelectorException e) {
            throw badRequest(e.getMessage());
        }
    }

    /** Whether no selector says anything. */
    boolean selectsAll() {
        return labels.equals(LabelSelector.EVERYTHING) && fields.terms().isEmpty();
    }

    /** The window that a request asks for. */
    static Duration window(Context context, WindowLength allowed) {
        String text = context.queryParam("window");
        Optional<Duration> window = allowed.parse(text);
        return window.orElseThrow(() -> badRequest(allowed.complaint(String.valueOf(text))));
    }

    /** What the rows of a Table carry. */
    static IncludeObject include(Context context) {
        String text = parameter(context, "includeObject");
        return switch (text) {
            case "", "Metadata" -> IncludeObject.METADATA;
            case "None" -> IncludeObject.NONE;
            case "Object" -> IncludeObject.OBJECT;
            default -> throw badRequest("includeObject \"" + text + "\" is none of None, Metadata, Object");
        };
    }

    /** Every value but 0 and false is true, as in apimachinery's conversion of query parameters. */
    static boolean isTrue(Context context, String parameter) {
        String text = context.queryParam(parameter);
        return text != null
                && !text.equals("0")
                && !text.toLowerCase(Locale.ROOT).equals("false");
    }

    /** A parameter that is a number, not less than {@code least}; 0 if it is not there. */
    static long wholeNumber(Context context, String parameter, long least) {
        String text = parameter(context, parameter);
        if (text.isEmpty()) {
            return 0;
        }
        try {
            long number = Long.parseLong(text);
            if (number >= least) {
                return number;
            }
        } catch (NumberFormatException e) {
            // said below, as for a number that is too low
        }
        throw badRequest(parameter + " \"" + text + "\" is not a whole number" + (least == 0 ? " from 0 on" : ""));
    }

    static StatusException badRequest(String message) {
        return new StatusException(StatusException.Reason.BAD_REQUEST, message);
    }

    static String parameter(Context context, String name) {
        String text = context.queryParam(name);
        return text == null ? "" : text;
    }

    private static String selector(Context context, String parameter) {
        String text = parameter(context, parameter);
        if (text.length() > LONGEST_SELECTOR) {
            throw badRequest(
                    parameter + " has " + text.length() + " characters; at most " + LONGEST_SELECTOR + " are read");
        }
        return text;
    }

    private static @Nullable ContinueToken next(@Nullable String token) {
        return token == null || token.isEmpty() ? null : ContinueToken.decode(token);
    }
}
