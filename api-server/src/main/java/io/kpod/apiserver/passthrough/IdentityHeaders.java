package io.kpod.apiserver.passthrough;

import io.kpod.apiserver.authn.User;
import io.kpod.apiserver.status.StatusException;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * Who asks, in the headers by which an aggregator tells it (client-go transport NewAuthProxyRoundTripper). Nothing of
 * what the caller sent itself is among them.
 */
final class IdentityHeaders {
    /** What arrives as it was sent: no byte that a server might read as another, no space that it might cut off. */
    private static final Pattern PLAIN = Pattern.compile("[\\x21-\\x7e](?:[\\x20-\\x7e]*[\\x21-\\x7e])?");

    /** Characters of a header's name (RFC 9110 token) but the percent sign. */
    private static final String TOKEN = "!#$&'*+-.^_`|~";

    private IdentityHeaders() {}

    /** @throws StatusException 400 if a header can't say it */
    static void put(HttpRequest.Builder request, User user) {
        request.header("X-Remote-User", plain("name", user.name()));
        if (!user.uid().isEmpty()) {
            request.header("X-Remote-Uid", plain("uid", user.uid()));
        }
        user.groups().forEach(group -> request.header("X-Remote-Group", plain("group", group)));
        user.extra()
                .forEach((key, values) -> values.stream()
                        .filter(value -> !value.isEmpty())
                        .forEach(value ->
                                request.header("X-Remote-Extra-" + escaped(key), plain("extra " + key, value))));
    }

    private static String plain(String what, String value) {
        if (!PLAIN.matcher(value).matches()) {
            throw new StatusException(
                    StatusException.Reason.BAD_REQUEST,
                    "the user's " + what + " has characters that a header can't tell to another adapter unchanged");
        }
        return value;
    }

    private static String escaped(String key) {
        StringBuilder escaped = new StringBuilder();
        for (byte each : key.toLowerCase(Locale.ROOT).getBytes(StandardCharsets.UTF_8)) {
            char c = (char) (each & 0xff);
            if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || TOKEN.indexOf(c) >= 0) {
                escaped.append(c);
            } else {
                escaped.append(String.format(Locale.ROOT, "%%%02X", (int) c));
            }
        }
        return escaped.toString();
    }
}
