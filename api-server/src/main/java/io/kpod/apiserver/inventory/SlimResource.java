package io.kpod.apiserver.inventory;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import tools.jackson.databind.ValueDeserializer;
import tools.jackson.databind.annotation.JsonDeserialize;

/** A resource read without annotations, managed fields and all else that this server never looks at. */
// Read as what it is: a list holds items without a kind, and the inherited deserialiser goes by the kind.
@JsonDeserialize(using = ValueDeserializer.None.class)
@JsonIgnoreProperties(ignoreUnknown = true)
abstract class SlimResource implements HasMetadata {
    private static final long serialVersionUID = 1L;

    @JsonIgnoreProperties({"annotations", "managedFields", "finalizers", "generateName", "selfLink", "generation"})
    private ObjectMeta metadata = new ObjectMeta();

    private String apiVersion = HasMetadata.getApiVersion(getClass());
    private String kind = HasMetadata.getKind(getClass());

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
        return apiVersion;
    }

    @Override
    public void setApiVersion(String apiVersion) {
        this.apiVersion = apiVersion;
    }

    @Override
    public String getKind() {
        return kind;
    }

    public void setKind(String kind) {
        this.kind = kind;
    }
}
