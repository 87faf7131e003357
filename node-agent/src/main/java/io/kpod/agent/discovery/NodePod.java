package io.kpod.agent.discovery;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Kind;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.Version;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.ValueDeserializer;
import tools.jackson.databind.annotation.JsonDeserialize;

/**
 * What the agent reads of a core/v1 Pod, and no more: the rest is not kept in memory, and its classes are not loaded.
 */
@Group("")
@Version("v1")
@Kind("Pod")
@Plural("pods")
// Read as what it is: a list holds items without a kind, and the inherited deserialiser goes by the kind.
@JsonDeserialize(using = ValueDeserializer.None.class)
@JsonIgnoreProperties(ignoreUnknown = true)
public final class NodePod implements HasMetadata, Namespaced {
    private static final long serialVersionUID = 1L;

    /** Annotations of the kubelet (pkg/kubelet/types): where it has the pod from, and that a pod mirrors a static one. */
    private static final String CONFIG_SOURCE = "kubernetes.io/config.source";

    private static final String CONFIG_MIRROR = "kubernetes.io/config.mirror";
    private static final String FROM_API = "api";

    private ObjectMeta metadata = new ObjectMeta();

    /** Written by Jackson. */
    public @Nullable Status status;

    /** core/v1 PodStatus. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Status(
            @Nullable List<ContainerStatus> initContainerStatuses,
            @Nullable List<ContainerStatus> containerStatuses,
            @Nullable List<ContainerStatus> ephemeralContainerStatuses) {}

    /** core/v1 ContainerStatus; {@code containerID} is {@code containerd://ID}, empty before it starts. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record ContainerStatus(
            String name,
            @Nullable String containerID,
            @Nullable State state,
            @Nullable State lastState) {
        /**
         * Calls back with the id of each of its containers that is known: the present one and the one before a
         * restart.
         */
        void eachId(Consumer<String> ids) {
            accept(containerID, ids);
            for (State one : new State[] {state, lastState}) {
                if (one != null && one.terminated() != null) {
                    accept(one.terminated().containerID(), ids);
                }
            }
        }

        private static void accept(@Nullable String url, Consumer<String> ids) {
            int scheme = url == null ? -1 : url.indexOf("://");
            if (url != null && scheme > 0) {
                ids.accept(url.substring(scheme + 3));
            }
        }
    }

    /** core/v1 ContainerState, as far as it names containers that have ended. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record State(@Nullable Terminated terminated) {}

    /** core/v1 ContainerStateTerminated. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Terminated(@Nullable String containerID) {}

    @Override
    public ObjectMeta getMetadata() {
        return metadata;
    }

    @Override
    public void setMetadata(ObjectMeta metadata) {
        this.metadata = metadata;
    }

    @Override
    public String getApiVersion() {
        return "v1";
    }

    @Override
    public void setApiVersion(String version) {
        // fixed by the class
    }

    /**
     * Its uid in the API. Empty for a static pod that a kubelet tells of: its uid there is its file's hash, and the API
     * knows it as a mirror pod with a uid of its own.
     */
    String apiUid() {
        Map<String, String> annotations = metadata.getAnnotations();
        String source = annotations.getOrDefault(CONFIG_SOURCE, FROM_API);
        return source.equals(FROM_API) || annotations.containsKey(CONFIG_MIRROR) ? metadata.getUid() : "";
    }

    /** All container statuses: of init, regular and ephemeral containers. */
    List<ContainerStatus> containers() {
        List<ContainerStatus> all = new ArrayList<>();
        if (status != null) {
            for (List<ContainerStatus> some : Arrays.asList(
                    status.initContainerStatuses(), status.containerStatuses(), status.ephemeralContainerStatuses())) {
                if (some != null) {
                    all.addAll(some);
                }
            }
        }
        return all;
    }
}
