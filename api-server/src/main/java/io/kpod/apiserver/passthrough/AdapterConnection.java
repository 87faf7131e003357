package io.kpod.apiserver.passthrough;

import io.kpod.apiserver.certificate.CertificateAuthority;
import io.kpod.apiserver.certificate.KeyAndChain;
import io.kpod.apiserver.certificate.Pem;
import java.io.IOException;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.function.Supplier;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/**
 * Connections to an adapter: TLS, its certificate checked for its name; we show a client certificate of our own
 * authority, as a front proxy. They begin anew when that authority, our certificate's age or the adapter's authorities
 * ask for it; a request in flight ends on the old ones. Thread-safe.
 */
final class AdapterConnection implements AutoCloseable {
    /** The common name of our certificate, which the adapter is to allow. */
    static final String CLIENT_NAME = "kpod-api-server";

    private static final String CLIENT_GROUP = "kpod";
    private static final Duration VALIDITY = Duration.ofHours(24);
    private static final Duration RENEWED_AFTER = Duration.ofHours(16);
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(3);
    private static final Duration LOOKED_AT_EVERY = Duration.ofSeconds(10);
    private static final char[] PASSWORD = "memory".toCharArray();

    private record Open(HttpClient client, X509Certificate authority, String trusted, Instant begin, Instant checked) {}

    private final Path caFile;
    private final Supplier<CertificateAuthority> authority;
    private final InstantSource clock;
    private @Nullable Open open;

    /** @param caFile empty: the system's authorities */
    AdapterConnection(Path caFile, Supplier<CertificateAuthority> authority, InstantSource clock) {
        this.caFile = caFile;
        this.authority = authority;
        this.clock = clock;
    }

    /**
     * The client of the moment.
     *
     * @throws IOException if the adapter's authorities can't be read
     */
    synchronized HttpClient client() throws IOException {
        Instant now = clock.instant();
        Open before = open;
        if (before != null && now.isBefore(before.checked().plus(LOOKED_AT_EVERY))) {
            return before.client();
        }
        CertificateAuthority signer = authority.get();
        String trusted = caFile.toString().isEmpty() ? "" : Files.readString(caFile);
        boolean due = before == null
                || !before.authority().equals(signer.certificate())
                || !before.trusted().equals(trusted)
                || now.isBefore(before.begin())
                || !now.isBefore(before.begin().plus(RENEWED_AFTER));
        if (before != null && !due) {
            open = new Open(before.client(), before.authority(), trusted, before.begin(), now);
            return before.client();
        }
        HttpClient client = connect(signer.signClient(CLIENT_NAME, CLIENT_GROUP, now, VALIDITY), trusted);
        open = new Open(client, signer.certificate(), trusted, now, now);
        if (before != null) {
            before.client().shutdown();
        }
        return client;
    }

    @Override
    public synchronized void close() {
        if (open != null) {
            open.client().shutdownNow();
        }
    }

    private static HttpClient connect(KeyAndChain keys, String trusted) throws IOException {
        try {
            SSLContext tls = SSLContext.getInstance("TLS");
            tls.init(keyManagers(keys).getKeyManagers(), trustManagers(trusted).getTrustManagers(), null);
            return HttpClient.newBuilder()
                    .sslContext(tls)
                    .connectTimeout(CONNECT_TIMEOUT)
                    .followRedirects(HttpClient.Redirect.NEVER)
                    .build();
        } catch (GeneralSecurityException e) {
            throw new IOException("TLS can't be set up: " + e.getMessage(), e);
        }
    }

    private static KeyManagerFactory keyManagers(KeyAndChain keys) throws GeneralSecurityException, IOException {
        KeyStore store = empty();
        store.setKeyEntry("kpod", keys.key(), PASSWORD, keys.chain().toArray(X509Certificate[]::new));
        KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(store, PASSWORD);
        return factory;
    }

    private static TrustManagerFactory trustManagers(String trusted) throws GeneralSecurityException, IOException {
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        if (trusted.isEmpty()) {
            factory.init((KeyStore) null);
            return factory;
        }
        KeyStore store = empty();
        List<X509Certificate> authorities = Pem.readCertificates(trusted);
        for (int i = 0; i < authorities.size(); i++) {
            store.setCertificateEntry("ca" + i, authorities.get(i));
        }
        factory.init(store);
        return factory;
    }

    private static KeyStore empty() throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, PASSWORD);
        return store;
    }
}
