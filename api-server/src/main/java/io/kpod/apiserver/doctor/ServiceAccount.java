package io.kpod.apiserver.doctor;

import java.util.List;

/** Whom a pod is to the kube-apiserver. */
record ServiceAccount(String namespace, String name) {
    String user() {
        return "system:serviceaccount:" + namespace + ":" + name;
    }

    List<String> groups() {
        return List.of("system:serviceaccounts", "system:serviceaccounts:" + namespace, "system:authenticated");
    }

    /** {@code ServiceAccount kpod/kpod-api-server}. */
    @Override
    public String toString() {
        return "ServiceAccount " + namespace + "/" + name;
    }
}
