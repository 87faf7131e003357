package io.kpod.apiserver.certificate;

import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;

/**
 * A private key and the certificates that say whose it is.
 *
 * @param chain leaf first
 */
public record KeyAndChain(PrivateKey key, List<X509Certificate> chain) {
    public KeyAndChain {
        chain = List.copyOf(chain);
    }

    /** The certificate of {@link #key}. */
    public X509Certificate leaf() {
        return chain.getFirst();
    }
}
