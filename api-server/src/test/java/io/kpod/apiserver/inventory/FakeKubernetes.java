package io.kpod.apiserver.inventory;

import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.javalin.Javalin;
import io.javalin.http.Context;
import io.javalin.websocket.WsConnectContext;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * As much of a kube-apiserver as lists and gets pods, ReplicaSets, Jobs, Services and Nodes and lets them be watched
 * over WebSockets, which the client tries first. Items of lists have no kind, as the real one's don't.
 */
final class FakeKubernetes implements AutoCloseable {
    private static final String PODS = "/api/v1/pods";
    private static final AtomicInteger VERSION = new AtomicInteger(100);
    private static final Map<String, String> KINDS = Map.of(
            PODS,
            "Pod",
            "/apis/apps/v1/replicasets",
            "ReplicaSet",
            "/apis/batch/v1/jobs",
            "Job",
            "/api/v1/services",
            "Service",
            "/apis/apps/v1/deployments",
            "Deployment",
            "/apis/apps/v1/statefulsets",
            "StatefulSet",
            "/apis/apps/v1/daemonsets",
            "DaemonSet",
            "/apis/batch/v1/cronjobs",
            "CronJob",
            "/api/v1/nodes",
            "Node");

    private final Map<String, Map<String, String>> objects = new LinkedHashMap<>();
    private final Map<String, List<WsConnectContext>> watches = new LinkedHashMap<>();
    private final Javalin server;

    /** How often a single pod was asked for. */
    final AtomicInteger looks = new AtomicInteger();

    FakeKubernetes() {
        KINDS.keySet().forEach(path -> {
            objects.put(path, new LinkedHashMap<>());
            watches.put(path, new CopyOnWriteArrayList<>());
        });
        server = Javalin.create(config -> {
                    config.startup.showJavalinBanner = false;
                    KINDS.keySet().forEach(path -> {
                        config.routes.get(path, context -> list(context, path));
                        config.routes.ws(
                                path,
                                watch -> watch.onConnect(
                                        context -> watches.get(path).add(context)));
                    });
                    config.routes.get("/api/v1/namespaces/{namespace}/pods/{name}", this::look);
                })
                .start("127.0.0.1", 0);
    }

    KubernetesClient client() {
        return new KubernetesClientBuilder()
                .withConfig(new ConfigBuilder()
                        .withAutoConfigure(false)
                        .withMasterUrl("http://127.0.0.1:" + server.port())
                        .withRequestRetryBackoffLimit(0)
                        .build())
                .build();
    }

    /** Adds or changes an object; watchers see it. */
    void put(String path, String name, String json) {
        change(path, name, json, objects.get(path).containsKey(name) ? "MODIFIED" : "ADDED");
    }

    /** Adds a pod that only a direct look shows: the watch has not come to it yet. */
    void putUnseen(String name, String json) {
        synchronized (objects) {
            objects.get(PODS).put(name, json);
        }
    }

    void delete(String path, String name) {
        change(path, name, "", "DELETED");
    }

    /** Whether all that it has is watched: what changes between a list and its watch is lost here. */
    boolean watched() {
        return watches.values().stream().noneMatch(List::isEmpty);
    }

    /** A pod's JSON, in a new version. */
    static String pod(String namespace, String name, String uid, String node, String owner) {
        return """
                {"metadata":{"name":"%s","namespace":"%s","uid":"%s","creationTimestamp":"2026-11-24T12:00:00Z","resourceVersion":"%d",
                 "labels":{"app":"web"},"annotations":{"big":"x"},"managedFields":[{"manager":"kubelet"}]%s},
                 "spec":{"nodeName":"%s","containers":[{"name":"app"}]},"status":{"phase":"Running","podIP":"10.0.0.1","conditions":[{"type":"Ready","status":"True","lastProbeTime":null}]}}""".formatted(
                        name,
                        namespace,
                        uid,
                        VERSION.incrementAndGet(),
                        owner.isEmpty() ? "" : ",\"ownerReferences\":[" + owner + "]",
                        node);
    }

    /** A controller's JSON, as an owner reference. */
    static String controller(String kind, String name) {
        return "{\"apiVersion\":\"apps/v1\",\"kind\":\"%s\",\"name\":\"%s\",\"uid\":\"o\",\"controller\":true}"
                .formatted(kind, name);
    }

    private void change(String path, String name, String json, String type) {
        synchronized (objects) {
            String before = objects.get(path).get(name);
            if (type.equals("DELETED")) {
                objects.get(path).remove(name);
            } else {
                objects.get(path).put(name, json);
            }
            String shown = type.equals("DELETED") ? String.valueOf(before) : json;
            String event = "{\"type\":\"" + type + "\",\"object\":" + typed(path, shown) + "}";
            watches.get(path).forEach(watch -> watch.send(event));
        }
    }

    private static String typed(String path, String json) {
        String apiVersion = path.startsWith("/apis/") ? path.split("/")[2] + "/v1" : "v1";
        return "{\"kind\":\"" + KINDS.get(path) + "\",\"apiVersion\":\"" + apiVersion + "\","
                + json.strip().substring(1);
    }

    private void list(Context context, String path) {
        context.contentType("application/json");
        List<String> items;
        synchronized (objects) {
            items = new ArrayList<>(objects.get(path).values());
        }
        context.result(
                "{\"kind\":\"" + KINDS.get(path) + "List\",\"apiVersion\":\"v1\",\"metadata\":{\"resourceVersion\":\""
                        + VERSION.get() + "\"},\"items\":[" + String.join(",", items) + "]}");
    }

    private void look(Context context) {
        looks.incrementAndGet();
        String found;
        synchronized (objects) {
            found = objects.get(PODS).get(context.pathParam("namespace") + "/" + context.pathParam("name"));
        }
        context.contentType("application/json");
        if (found == null) {
            context.status(404)
                    .result(
                            "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"status\":\"Failure\",\"reason\":\"NotFound\",\"code\":404}");
        } else {
            context.result(typed(PODS, found));
        }
    }

    @Override
    public void close() {
        server.stop();
    }
}
