package io.kpod.apiserver.registration;

/** A Service that an APIService points to. */
public record ServiceName(String namespace, String name) {
    /** {@code Service monitoring/prometheus-adapter}. */
    @Override
    public String toString() {
        return "Service " + namespace + "/" + name;
    }
}
