package io.kpod.apiserver.doctor;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** All that was found, as it is printed. */
record Findings(List<Finding> findings) {
    /** Exit codes, so that a script can act on them. */
    static final int HEALTHY = 0;

    static final int FAILED = 1;
    static final int COULD_NOT_ASK = 2;

    Findings {
        findings = List.copyOf(findings);
    }

    /** {@link #FAILED} if anything fails, else {@link #COULD_NOT_ASK} if anything is not known. */
    int exitCode() {
        if (count("FAIL") > 0) {
            return FAILED;
        }
        return count("SKIP") > 0 ? COULD_NOT_ASK : HEALTHY;
    }

    /** One line each, and one that counts them. */
    String text() {
        Stream<String> lines = findings.stream()
                .map(each -> String.format("%-4s  %s: %s", each.level(), each.subject(), each.message())
                        + (each.wayOut().isEmpty() ? "" : "; way out: " + each.wayOut()));
        String counts = Stream.of("OK", "WARN", "FAIL", "SKIP")
                .map(level -> count(level) + " " + level)
                .collect(Collectors.joining(", "));
        return Stream.concat(lines, Stream.of(counts)).collect(Collectors.joining("\n", "", "\n"));
    }

    /** The same as a JSON document: {@code {"findings": [{"level", "subject", "message", "wayOut"}]}}. */
    String json() {
        ObjectNode document = JsonMapper.shared().createObjectNode();
        var all = document.putArray("findings");
        findings.forEach(each -> all.addObject()
                .put("level", each.level())
                .put("subject", each.subject())
                .put("message", each.message())
                .put("wayOut", each.wayOut()));
        return JsonMapper.shared().writerWithDefaultPrettyPrinter().writeValueAsString(document) + "\n";
    }

    private long count(String level) {
        return findings.stream().filter(each -> each.level().equals(level)).count();
    }
}
