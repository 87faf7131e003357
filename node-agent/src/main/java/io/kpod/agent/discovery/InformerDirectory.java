package io.kpod.agent.discovery;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.kpod.agent.FailureLog;
import io.kpod.agent.container.Attribution;
import io.kpod.agent.container.CgroupOwner;
import io.kpod.agent.container.ContainerDirectory;
import java.util.List;
import org.slf4j.LoggerFactory;

/**
 * The pods of this node by one watch of the Kubernetes API, which lists again whenever the server says that the watch
 * is too old (410) or ends it. While the API is away, the known pods go on.
 */
public final class InformerDirectory implements ContainerDirectory, AutoCloseable {
    private final FailureLog failures = new FailureLog(LoggerFactory.getLogger("discovery"));
    private final NodePods known;
    private final SharedIndexInformer<NodePod> informer;

    /**
     * Starts the watch.
     *
     * @param labelSelector in Kubernetes' syntax, given to the API; empty: all pods
     */
    public InformerDirectory(
            KubernetesClient client,
            String nodeName,
            List<String> namespaces,
            List<String> excludedNamespaces,
            String labelSelector) {
        NamespaceFilter filter = new NamespaceFilter(namespaces, excludedNamespaces);
        this.known = new NodePods(pod -> filter.admits(pod.getMetadata().getNamespace()));
        var pods = client.resources(NodePod.class).inAnyNamespace().withField("spec.nodeName", nodeName);
        this.informer = (labelSelector.isEmpty() ? pods : pods.withLabelSelector(labelSelector)).runnableInformer(0);
        informer.addEventHandler(new ResourceEventHandler<>() {
            @Override
            public void onAdd(NodePod pod) {
                known.learn(pod);
            }

            @Override
            public void onUpdate(NodePod before, NodePod pod) {
                known.learn(pod);
            }

            @Override
            public void onDelete(NodePod pod, boolean finalStateUnknown) {
                known.learn(pod);
                known.delete(pod.getMetadata().getUid());
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
        return known.find(owner);
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
}
