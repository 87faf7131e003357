package io.kpod.apiserver.authn;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The kube-apiserver, speaking for a user whom it names in headers (apiserver request/headerrequest). The headers count
 * only when the connection's client certificate comes from the request-header CA and its CN is one of the allowed
 * names.
 */
public final class FrontProxyAuthenticator implements Authenticator {
    private final Supplier<Optional<DelegatedTrust>> trust;
    private final InstantSource clock;

    /**
     * Makes one.
     *
     * @param trust asked at each request; empty while it is not known
     */
    public FrontProxyAuthenticator(Supplier<Optional<DelegatedTrust>> trust, InstantSource clock) {
        this.trust = trust;
        this.clock = clock;
    }

    @Override
    public Outcome authenticate(Credentials credentials) {
        List<X509Certificate> chain = credentials.certificates();
        if (chain.isEmpty()) {
            return new Outcome.Absent();
        }
        Optional<DelegatedTrust> now = trust.get();
        if (now.isEmpty()) {
            return new Outcome.Unavailable("the request-header certificate authorities are not known yet");
        }
        return now.get()
                .frontProxy()
                .map(proxy -> authenticate(credentials, chain, proxy))
                .orElseGet(Outcome.Absent::new);
    }

    private Outcome authenticate(
            Credentials credentials, List<X509Certificate> chain, DelegatedTrust.FrontProxy proxy) {
        Optional<String> problem = proxy.authorities().problem(chain, clock.instant());
        if (problem.isPresent()) {
            return new Outcome.Refused("request header: " + problem.get());
        }
        String commonName = CertificateSubject.of(chain.getFirst()).commonName();
        if (!proxy.allowedNames().isEmpty() && !proxy.allowedNames().contains(commonName)) {
            return new Outcome.Refused("request header: subject with cn=" + commonName + " is not in the allowed list");
        }
        Optional<String> name = firstValue(credentials, proxy.usernameHeaders());
        if (name.isEmpty()) {
            return new Outcome.Absent();
        }
        return new Outcome.Known(new User(
                name.get(),
                firstValue(credentials, proxy.uidHeaders()).orElse(""),
                proxy.groupHeaders().stream()
                        .flatMap(header -> credentials.header(header).stream())
                        .filter(group -> !group.isEmpty())
                        .toList(),
                extra(credentials, proxy.extraPrefixes())));
    }

    /** Of each header only the first value counts, as with Go's Header.Get. */
    private static Optional<String> firstValue(Credentials credentials, List<String> headers) {
        return headers.stream()
                .flatMap(header -> credentials.header(header).stream().limit(1))
                .filter(value -> !value.isEmpty())
                .findFirst();
    }

    private static Map<String, List<String>> extra(Credentials credentials, List<String> prefixes) {
        Map<String, List<String>> extra = new HashMap<>();
        for (String prefix : prefixes) {
            String lowerPrefix = prefix.toLowerCase(Locale.ROOT);
            for (String header : credentials.headerNames()) {
                String lower = header.toLowerCase(Locale.ROOT);
                if (lower.startsWith(lowerPrefix)) {
                    extra.computeIfAbsent(decoded(lower.substring(lowerPrefix.length())), key -> new ArrayList<>())
                            .addAll(credentials.header(header));
                }
            }
        }
        return extra;
    }

    private static String decoded(String key) {
        try {
            return URLDecoder.decode(key.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return key;
        }
    }
}
