package io.kpod.apiserver.doctor;

import java.util.List;

/** Names of nodes in a line, which may be thousands. */
final class Nodes {
    private static final int SHOWN = 5;

    private Nodes() {}

    /** The same of these nodes. */
    static Finding named(Finding finding, List<String> nodes) {
        String subject = finding.subject() + " on " + text(nodes);
        return switch (finding) {
            case Finding.Ok ok -> new Finding.Ok(subject, ok.message());
            case Finding.Warn warn -> new Finding.Warn(subject, warn.message(), warn.wayOut());
            case Finding.Fail fail -> new Finding.Fail(subject, fail.message(), fail.wayOut());
            case Finding.Unasked unasked -> new Finding.Unasked(subject, unasked.message(), unasked.wayOut());
        };
    }

    /** {@code nodes n1, n2 and 40 more}. */
    static String text(List<String> nodes) {
        String more = nodes.size() > SHOWN ? " and " + (nodes.size() - SHOWN) + " more" : "";
        return (nodes.size() == 1 ? "node " : "nodes ")
                + String.join(", ", nodes.subList(0, Math.min(SHOWN, nodes.size())))
                + more;
    }
}
