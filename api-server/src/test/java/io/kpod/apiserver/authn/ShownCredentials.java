package io.kpod.apiserver.authn;

import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Credentials of a request that never was. */
public final class ShownCredentials implements Credentials {
    private final List<X509Certificate> certificates;
    private final Map<String, List<String>> headers = new LinkedHashMap<>();

    public ShownCredentials(X509Certificate... certificates) {
        this.certificates = List.of(certificates);
    }

    public ShownCredentials with(String header, String value) {
        headers.computeIfAbsent(header, name -> new ArrayList<>()).add(value);
        return this;
    }

    @Override
    public List<X509Certificate> certificates() {
        return certificates;
    }

    @Override
    public List<String> header(String name) {
        return headers.entrySet().stream()
                .filter(entry -> entry.getKey().equalsIgnoreCase(name))
                .flatMap(entry -> entry.getValue().stream())
                .toList();
    }

    @Override
    public Collection<String> headerNames() {
        return headers.keySet();
    }
}
