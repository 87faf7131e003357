package io.kpod.agent.discovery;

import io.fabric8.kubernetes.api.model.ListOptionsBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.kpod.agent.FailureLog;
import io.kpod.agent.container.Attribution;
import io.kpod.agent.container.CgroupOwner;
import io.kpod.agent.container.ContainerDirectory;
import io.kpod.agent.container.ContainerName;
import io.kpod.configuration.ConfigurationException;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.LoggerFactory;

/**
 * The pods of this node by one watch of the Kubernetes API, which lists again whenever the server says that the watch
 * is too old (410) or ends it. While the API is away, the known pods go on.
 *
 * <p>Containers are found by the ids in the pods' statuses. A container may die, and its pod be deleted, before its
 * cgroup's last counts are read: names stay known for {@link #KEPT_AFTER_DELETION}.
 */
public final class InformerDirectory implements ContainerDirectory, AutoCloseable {
    private static final int HTTP_BAD_REQUEST = 400;

    private static final Duration KEPT_AFTER_DELETION = Duration.ofMinutes(2);

    /** Of one pod; a container that restarts for ever gets a new id each time. */
    private static final int MOST_IDS_REMEMBERED = 64;

    private record Entry(String podUid, Attribution attribution) {}

    private final FailureLog failures = new FailureLog(LoggerFactory.getLogger("discovery"));
    private final Map<String, Entry> byContainerId = new ConcurrentHashMap<>();

    /** Oldest first; used by the informer's thread alone. */
    private final Map<String, LinkedHashSet<String>> idsByPodUid = new HashMap<>();

    private final Set<String> excludedPodUids = ConcurrentHashMap.newKeySet();
    private final Map<String, Long> deletedPodNanos = new ConcurrentHashMap<>();
    private final NamespaceFilter filter;
    private final SharedIndexInformer<NodePod> informer;

    /**
     * Starts the watch. With a label selector it asks the API once before, for the API alone knows the syntax.
     *
     * @param labelSelector in Kubernetes' syntax, given to the API; empty: all pods
     * @throws ConfigurationException if the API calls the label selector malformed
     */
    public InformerDirectory(
            KubernetesClient client,
            String nodeName,
            List<String> namespaces,
            List<String> excludedNamespaces,
            String labelSelector)
            throws ConfigurationException {
        this.filter = new NamespaceFilter(namespaces, excludedNamespaces);
        if (!labelSelector.isEmpty()) {
            check(client, nodeName, labelSelector);
        }
        var pods = client.resources(NodePod.class).inAnyNamespace().withField("spec.nodeName", nodeName);
        this.informer = (labelSelector.isEmpty() ? pods : pods.withLabelSelector(labelSelector)).runnableInformer(0);
        informer.addEventHandler(new ResourceEventHandler<>() {
            @Override
            public void onAdd(NodePod pod) {
                learn(pod);
            }

            @Override
            public void onUpdate(NodePod before, NodePod pod) {
                learn(pod);
            }

            @Override
            public void onDelete(NodePod pod, boolean finalStateUnknown) {
                learn(pod);
                idsByPodUid.remove(pod.getMetadata().getUid());
                deletedPodNanos.put(pod.getMetadata().getUid(), System.nanoTime());
            }
        });
        informer.exceptionHandler((started, failure) -> {
            failures.failed("watching pods of node " + nodeName + " at " + client.getMasterUrl() + " failed: "
                    + FailureLog.reason(failure) + "; known pods go on, trying again");
            return true;
        });
        informer.start();
    }

    @Override
    public Attribution find(CgroupOwner owner) {
        forgetDeleted();
        return switch (owner) {
            case CgroupOwner.PodContainer(String podUid, String containerId) -> {
                Entry entry = byContainerId.get(containerId);
                if (entry != null) {
                    yield entry.attribution();
                }
                yield excludedPodUids.contains(podUid) ? new Attribution.Excluded() : new Attribution.Unknown();
            }
            case CgroupOwner.Container container -> new Attribution.Excluded();
            case CgroupOwner.Unit unit -> new Attribution.Excluded();
            case CgroupOwner.Host host -> new Attribution.Excluded();
            case CgroupOwner.Other other -> new Attribution.Excluded();
        };
    }

    @Override
    public boolean synced() {
        return informer.hasSynced();
    }

    @Override
    public String trouble() {
        if (informer.hasSynced() && informer.isWatching()) {
            failures.works("watching pods again");
        }
        return informer.hasSynced() ? failures.current() : "pods of this node not listed yet; " + failures.current();
    }

    @Override
    public void close() {
        informer.stop();
    }

    private static void check(KubernetesClient client, String nodeName, String labelSelector)
            throws ConfigurationException {
        try {
            client.resources(NodePod.class)
                    .inAnyNamespace()
                    .withField("spec.nodeName", nodeName)
                    .withLabelSelector(labelSelector)
                    .list(new ListOptionsBuilder().withLimit(1L).build());
        } catch (KubernetesClientException e) {
            if (e.getCode() == HTTP_BAD_REQUEST) {
                throw new ConfigurationException(List.of("kpod.filter.label-selector: \"" + labelSelector
                        + "\" is refused by the Kubernetes API: " + FailureLog.reason(e)));
            }
        }
    }

    private void learn(NodePod pod) {
        var metadata = pod.getMetadata();
        boolean admitted = filter.admits(metadata.getNamespace());
        if (!admitted) {
            excludedPodUids.add(metadata.getUid());
        }
        LinkedHashSet<String> ids = idsByPodUid.computeIfAbsent(metadata.getUid(), uid -> new LinkedHashSet<>());
        for (NodePod.ContainerStatus container : pod.containers()) {
            container.eachId(id -> {
                Attribution attribution = admitted
                        ? new Attribution.Known(new ContainerName(
                                metadata.getNamespace(), metadata.getName(), metadata.getUid(), container.name(), id))
                        : new Attribution.Excluded();
                byContainerId.put(id, new Entry(metadata.getUid(), attribution));
                ids.addLast(id);
            });
        }
        while (ids.size() > MOST_IDS_REMEMBERED) {
            byContainerId.remove(ids.removeFirst());
        }
    }

    private void forgetDeleted() {
        if (deletedPodNanos.isEmpty()) {
            return;
        }
        long now = System.nanoTime();
        Set<String> gone = new HashSet<>();
        deletedPodNanos.forEach((uid, since) -> {
            if (now - since > KEPT_AFTER_DELETION.toNanos()) {
                gone.add(uid);
            }
        });
        if (!gone.isEmpty()) {
            byContainerId.values().removeIf(entry -> gone.contains(entry.podUid()));
            excludedPodUids.removeAll(gone);
            deletedPodNanos.keySet().removeAll(gone);
        }
    }
}
