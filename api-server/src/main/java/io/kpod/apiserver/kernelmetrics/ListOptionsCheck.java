package io.kpod.apiserver.kernelmetrics;

import io.kpod.apiserver.status.StatusException;
import java.util.ArrayList;
import java.util.List;

/** Which list options go together (apimachinery pkg/apis/meta/internalversion/validation). */
final class ListOptionsCheck {
    private static final String MATCH = "resourceVersionMatch";
    private static final String INITIAL = "sendInitialEvents";

    private final List<StatusException.Cause> causes = new ArrayList<>();

    private ListOptionsCheck() {}

    /** @throws StatusException 422 that names what does not */
    static void ofList(ListOptions options) {
        ListOptionsCheck check = new ListOptionsCheck();
        String match = options.match();
        if (!match.isEmpty()) {
            check.forbid(
                    options.revision().isEmpty(), MATCH, MATCH + " is forbidden unless resourceVersion is provided");
            check.forbid(options.next() != null, MATCH, MATCH + " is forbidden when continue is provided");
            check.oneOf(match, ListOptions.EXACT, ListOptions.NOT_OLDER_THAN);
            check.forbid(
                    match.equals(ListOptions.EXACT) && options.revision().equals("0"),
                    MATCH,
                    MATCH + " \"exact\" is forbidden for resourceVersion \"0\"");
        }
        check.forbid(options.initialEvents().isPresent(), INITIAL, INITIAL + " is forbidden for list");
        check.end();
    }

    /** @throws StatusException 422 that names what does not */
    static void ofWatch(ListOptions options) {
        ListOptionsCheck check = new ListOptionsCheck();
        String match = options.match();
        boolean initial = options.initialEvents().isPresent();
        check.forbid(
                initial && !match.equals(ListOptions.NOT_OLDER_THAN),
                MATCH,
                INITIAL + " requires setting " + MATCH + " to " + ListOptions.NOT_OLDER_THAN);
        if (!match.isEmpty()) {
            check.forbid(!initial, MATCH, MATCH + " is forbidden for watch unless " + INITIAL + " is provided");
            check.oneOf(match, ListOptions.NOT_OLDER_THAN);
            check.forbid(options.next() != null, MATCH, MATCH + " is forbidden when continue is provided");
        }
        check.end();
    }

    private void forbid(boolean given, String field, String why) {
        if (given) {
            causes.add(new StatusException.Cause("FieldValueForbidden", "Forbidden: " + why, field));
        }
    }

    private void oneOf(String match, String... supported) {
        if (!List.of(supported).contains(match)) {
            causes.add(new StatusException.Cause(
                    "FieldValueNotSupported",
                    "Unsupported value: \"" + match + "\": supported values: \"" + String.join("\", \"", supported)
                            + "\"",
                    MATCH));
        }
    }

    private void end() {
        if (causes.isEmpty()) {
            return;
        }
        List<String> said = causes.stream()
                .map(cause -> cause.field() + ": " + cause.message())
                .toList();
        throw new StatusException(
                StatusException.Reason.INVALID,
                "ListOptions.meta.k8s.io \"\" is invalid: "
                        + (said.size() == 1 ? said.getFirst() : "[" + String.join(", ", said) + "]"),
                new StatusException.Details("meta.k8s.io", "ListOptions", "", causes, 0));
    }
}
