package io.kpod.apiserver.kernelmetrics;

import io.kpod.apiserver.window.PodName;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/**
 * Where a page ended: opaque to clients, the name of its last pod to us. It never expires, because the order of names
 * doesn't change.
 */
final class ContinueToken {
    private static final String VERSION = "v1";

    private ContinueToken() {}

    static String encode(PodName last) {
        String text = VERSION + "\n" + last.namespace() + "\n" + last.name();
        return Base64.getUrlEncoder().withoutPadding().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    static PodName decode(String token) {
        try {
            String[] parts = new String(Base64.getUrlDecoder().decode(token), StandardCharsets.UTF_8).split("\n", -1);
            if (parts.length == 3 && parts[0].equals(VERSION)) {
                return new PodName(parts[1], parts[2]);
            }
        } catch (IllegalArgumentException e) {
            // said below, as for a token of another form
        }
        throw ListOptions.badRequest("continue key is not valid: it is not one that this server gave");
    }
}
