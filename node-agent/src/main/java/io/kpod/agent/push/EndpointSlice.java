package io.kpod.agent.push;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Kind;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.Version;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.ValueDeserializer;
import tools.jackson.databind.annotation.JsonDeserialize;

/** What the agent reads of a discovery.k8s.io/v1 EndpointSlice. */
@Group("discovery.k8s.io")
@Version("v1")
@Kind("EndpointSlice")
@Plural("endpointslices")
// Read as what it is: a list holds items without a kind, and the inherited deserialiser goes by the kind.
@JsonDeserialize(using = ValueDeserializer.None.class)
@JsonIgnoreProperties(ignoreUnknown = true)
public final class EndpointSlice implements HasMetadata, Namespaced {
    private static final long serialVersionUID = 1L;

    private ObjectMeta metadata = new ObjectMeta();

    /** Written by Jackson. */
    public @Nullable List<Endpoint> endpoints;

    /** Written by Jackson. */
    public @Nullable List<Port> ports;

    /** discovery.k8s.io/v1 Endpoint. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Endpoint(
            @Nullable List<String> addresses, @Nullable Conditions conditions) {
        boolean terminating() {
            return conditions != null && Boolean.TRUE.equals(conditions.terminating());
        }
    }

    /** discovery.k8s.io/v1 EndpointConditions. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Conditions(@Nullable Boolean terminating) {}

    /** discovery.k8s.io/v1 EndpointPort. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Port(@Nullable String name, @Nullable Integer port) {}

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
        return "discovery.k8s.io/v1";
    }

    @Override
    public void setApiVersion(String version) {
        // fixed by the class
    }
}
