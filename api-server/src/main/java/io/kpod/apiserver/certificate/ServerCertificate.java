package io.kpod.apiserver.certificate;

import io.kpod.apiserver.health.HealthCheck;
import java.time.Instant;
import javax.net.ssl.SSLContext;

/** What proves this server to its clients. {@link #refresh} is called by one scheduler thread; readers may be any. */
public interface ServerCertificate {
    /** What is shown at handshakes. */
    ServerKeys keys();

    /** Takes over or signs what is due; one that can't be had leaves the present one shown. */
    void refresh();

    /** For {@code /readyz}. */
    HealthCheck check();

    /** A context that always shows the certificate of the moment. */
    default SSLContext tls(AnyClientCertificate clients) {
        return keys().tls(clients);
    }

    /** When the present one ends. */
    default Instant expiry() {
        return keys().current().leaf().getNotAfter().toInstant();
    }
}
