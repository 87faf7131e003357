package io.kpod.apiserver;

import java.nio.file.Path;
import java.util.List;

/** kpod's manifests in a control plane without nodes; the Service leads to servers of the test by an EndpointSlice. */
final class Installation {
    private Installation() {}

    /** Applies all but the workloads, and makes nodes n1 and n2. */
    static void apply(ControlPlane cluster, Path folder) throws Exception {
        Path manifests = ControlPlane.project().resolve("manifests/kustomize");
        cluster.kubectl("apply", "-f", manifests.resolve("namespace.yaml").toString());
        for (String file : List.of("rbac", "delegation", "readers", "service", "apiservices")) {
            cluster.kubectl(
                    "apply",
                    "-f",
                    manifests.resolve("api-server/" + file + ".yaml").toString());
        }
        cluster.kubectl(
                "patch",
                "service",
                "kpod-api-server",
                "-n",
                "kpod",
                "--type=merge",
                "-p",
                "{\"spec\":{\"selector\":null}}");
        endpoint(cluster, folder, 6443, 8443);
        cluster.apply(folder, """
                {apiVersion: v1, kind: Namespace, metadata: {name: shop}}
                ---
                {apiVersion: v1, kind: ServiceAccount, metadata: {name: kpod-node-agent, namespace: kpod}}
                ---
                {apiVersion: v1, kind: Node, metadata: {name: n1}}
                ---
                {apiVersion: v1, kind: Node, metadata: {name: n2}}
                """);
    }

    /** Lets the Service lead to a server of the test too. */
    static void endpoint(ControlPlane cluster, Path folder, int port, int ingestPort) throws Exception {
        cluster.apply(folder, """
                apiVersion: discovery.k8s.io/v1
                kind: EndpointSlice
                metadata: {name: kpod-api-server-%1$d, namespace: kpod, labels: {kubernetes.io/service-name: kpod-api-server}}
                addressType: IPv4
                ports: [{name: https, port: %1$d}, {name: ingest, port: %2$d}]
                endpoints: [{addresses: [%3$s], conditions: {ready: true}}]
                """.formatted(port, ingestPort, ControlPlane.ADDRESS));
    }

    /** The Service leads there no more. */
    static void noEndpoint(ControlPlane cluster, int port) throws Exception {
        cluster.kubectl("delete", "endpointslice", "kpod-api-server-" + port, "-n", "kpod", "--ignore-not-found");
    }

    /** An agent's pod on a node, to which its token can be bound. */
    static void agentPod(ControlPlane cluster, Path folder, String name, String node) throws Exception {
        cluster.apply(folder, """
                apiVersion: v1
                kind: Pod
                metadata: {name: %s, namespace: kpod}
                spec: {nodeName: %s, serviceAccountName: kpod-node-agent, containers: [{name: agent, image: none}]}
                """.formatted(name, node));
    }

    /** A token such as the agent of that pod has. */
    static String agentToken(ControlPlane cluster, String pod) throws Exception {
        return token(
                cluster,
                "kpod-node-agent",
                "--audience=kernelmetrics.kpod.io",
                "--bound-object-kind=Pod",
                "--bound-object-name=" + pod);
    }

    /** A token of one of kpod's ServiceAccounts. */
    static String token(ControlPlane cluster, String account, String... more) throws Exception {
        List<String> arguments = new java.util.ArrayList<>(List.of("create", "token", account, "-n", "kpod"));
        arguments.addAll(List.of(more));
        return cluster.kubectl(arguments.toArray(String[]::new)).strip();
    }

    /** A token of what plays the nodes and their clients, which may do everything. */
    static String simulationToken(ControlPlane cluster, Path folder) throws Exception {
        cluster.apply(folder, """
                {apiVersion: v1, kind: ServiceAccount, metadata: {name: simulation, namespace: kpod}}
                ---
                apiVersion: rbac.authorization.k8s.io/v1
                kind: ClusterRoleBinding
                metadata: {name: simulation}
                roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cluster-admin}
                subjects: [{kind: ServiceAccount, name: simulation, namespace: kpod}]
                """);
        return token(cluster, "simulation", "--duration=2h");
    }

    /** Another adapter's APIService. */
    static void foreignApiService(ControlPlane cluster, Path folder, String name) throws Exception {
        String[] parts = name.split("\\.", 2);
        cluster.apply(folder, """
                apiVersion: apiregistration.k8s.io/v1
                kind: APIService
                metadata: {name: %s}
                spec:
                  group: %s
                  version: %s
                  groupPriorityMinimum: 100
                  versionPriority: 100
                  caBundle: null
                  insecureSkipTLSVerify: true
                  service: {namespace: other, name: adapter}
                """.formatted(name, parts[1], parts[0]));
    }
}
