package io.kpod.apiserver.doctor;

import java.util.List;

/** Names of nodes in a line, which may be thousands. */
final class Nodes {
    private static final int SHOWN = 5;

    private Nodes() {}

    /** {@code nodes n1, n2 and 40 more}. */
    static String text(List<String> nodes) {
        String more = nodes.size() > SHOWN ? " and " + (nodes.size() - SHOWN) + " more" : "";
        return (nodes.size() == 1 ? "node " : "nodes ")
                + String.join(", ", nodes.subList(0, Math.min(SHOWN, nodes.size())))
                + more;
    }
}
