package io.kpod.apiserver.authn;

import jakarta.servlet.http.HttpServletRequest;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.Collections;
import java.util.List;

/** The credentials of a servlet request. */
public record RequestCredentials(HttpServletRequest request) implements Credentials {
    private static final String CERTIFICATES = "jakarta.servlet.request.X509Certificate";

    @Override
    public List<X509Certificate> certificates() {
        return request.getAttribute(CERTIFICATES) instanceof X509Certificate[] chain ? List.of(chain) : List.of();
    }

    @Override
    public List<String> header(String name) {
        return Collections.list(request.getHeaders(name)).stream()
                .map(RequestCredentials::utf8)
                .toList();
    }

    @Override
    public Collection<String> headerNames() {
        return Collections.list(request.getHeaderNames());
    }

    /** Go sends names as UTF-8; the servlet API hands header bytes on as ISO 8859-1. */
    private static String utf8(String value) {
        return value.chars().allMatch(c -> c < 0x80) || value.chars().anyMatch(c -> c > 0xff)
                ? value
                : new String(value.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
    }
}
