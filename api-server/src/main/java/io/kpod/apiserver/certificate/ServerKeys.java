package io.kpod.apiserver.certificate;

import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.Optional;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/**
 * Shows the certificate of the moment at every new handshake. Connections that are open already keep theirs, so a
 * renewal drops none. Any thread may replace it.
 */
public final class ServerKeys extends X509ExtendedKeyManager {
    private record Generation(long number, KeyAndChain keys) {
        String alias() {
            return Long.toString(number);
        }
    }

    /** The one before serves the handshakes that began with it. */
    private record Generations(Generation now, Generation before) {}

    private volatile Generations generations;

    public ServerKeys(KeyAndChain first) {
        Generation generation = new Generation(1, first);
        this.generations = new Generations(generation, generation);
    }

    /** Shows {@code next} from now on. */
    public synchronized void replace(KeyAndChain next) {
        Generation now = generations.now();
        generations = new Generations(new Generation(now.number() + 1, next), now);
    }

    /** What is shown now. */
    public KeyAndChain current() {
        return generations.now().keys();
    }

    /** A context that always shows the certificate of the moment. */
    SSLContext tls(AnyClientCertificate clients) {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(new KeyManager[] {this}, new TrustManager[] {clients}, null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new AssertionError("every Java has TLS", e);
        }
    }

    @Override
    public @Nullable String chooseEngineServerAlias(String keyType, Principal @Nullable [] issuers, SSLEngine engine) {
        return chooseServerAlias(keyType, issuers, null);
    }

    @Override
    public @Nullable String chooseServerAlias(String keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
        Generation now = generations.now();
        return now.keys().key().getAlgorithm().equals(keyType) ? now.alias() : null;
    }

    @Override
    public X509Certificate @Nullable [] getCertificateChain(String alias) {
        return named(alias)
                .map(keys -> keys.chain().toArray(X509Certificate[]::new))
                .orElse(null);
    }

    @Override
    public @Nullable PrivateKey getPrivateKey(String alias) {
        return named(alias).map(KeyAndChain::key).orElse(null);
    }

    @Override
    public String @Nullable [] getServerAliases(String keyType, Principal @Nullable [] issuers) {
        return new String[] {generations.now().alias()};
    }

    @Override
    public String @Nullable [] getClientAliases(String keyType, Principal @Nullable [] issuers) {
        return null;
    }

    @Override
    public @Nullable String chooseClientAlias(
            String[] keyTypes, Principal @Nullable [] issuers, @Nullable Socket socket) {
        return null;
    }

    private Optional<KeyAndChain> named(String alias) {
        Generations all = generations;
        if (all.now().alias().equals(alias)) {
            return Optional.of(all.now().keys());
        }
        return all.before().alias().equals(alias) ? Optional.of(all.before().keys()) : Optional.empty();
    }
}
