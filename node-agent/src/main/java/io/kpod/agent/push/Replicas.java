package io.kpod.agent.push;

import java.net.URI;
import java.util.List;
import java.util.Set;

/** Where the replicas of the API server are at present. */
public interface Replicas {
    /** Their base addresses, {@code https://HOST:PORT}; empty while none is known. */
    Set<URI> current();

    /** A name that the certificate of each may be for, beside its address; empty if there is none. */
    default String name() {
        return "";
    }

    /** Replicas that the settings name one by one. */
    static Replicas fixed(List<String> endpoints) {
        Set<URI> all = Set.copyOf(endpoints.stream().map(URI::create).toList());
        return () -> all;
    }
}
