package io.kpod.apiserver.passthrough;

import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Another adapter of a group.
 *
 * @param caFile PEM of the authorities that its certificate is checked against; an empty path: those of the system
 */
public record Adapter(String namespace, String name, int port, Path caFile) {
    private static final String LABEL = "[a-z0-9](?:[-a-z0-9]*[a-z0-9])?";
    private static final int USUAL_PORT = 443;

    private static final String PORT =
            "6553[0-5]|655[0-2][0-9]|65[0-4][0-9]{2}|6[0-4][0-9]{3}|[1-5][0-9]{4}|[1-9][0-9]{0,3}";

    /** How the settings name one: {@code NAMESPACE/NAME} or {@code NAMESPACE/NAME:PORT}. */
    public static final String FORM = "(" + LABEL + ")/(" + LABEL + ")(?::(" + PORT + "))?";

    private static final Pattern PATTERN = Pattern.compile(FORM);

    /** The adapter that a setting names; empty for none. */
    public static Optional<Adapter> of(String text, Path caFile) {
        Matcher matcher = PATTERN.matcher(text);
        return matcher.matches()
                ? Optional.of(new Adapter(
                        matcher.group(1),
                        matcher.group(2),
                        matcher.group(3) == null ? USUAL_PORT : Integer.parseInt(matcher.group(3)),
                        caFile))
                : Optional.empty();
    }

    /** Its name in the cluster's DNS and in its certificate, as the kube-apiserver asks for it. */
    String host() {
        return name + "." + namespace + ".svc";
    }

    /** {@code Service monitoring/prometheus-adapter}. */
    @Override
    public String toString() {
        return "Service " + namespace + "/" + name;
    }
}
