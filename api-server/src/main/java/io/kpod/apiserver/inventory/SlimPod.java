package io.kpod.apiserver.inventory;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Kind;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.Version;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A Pod without all that isn't read here. */
@Group("")
@Version("v1")
@Kind("Pod")
@Plural("pods")
final class SlimPod extends SlimResource implements Namespaced {
    private static final long serialVersionUID = 1L;

    private Spec spec = new Spec("");
    private Status status = new Status("", null);

    @JsonIgnoreProperties(ignoreUnknown = true)
    record Spec(String nodeName) {}

    @JsonIgnoreProperties(ignoreUnknown = true)
    record Status(String phase, @Nullable List<Condition> conditions) {}

    @JsonIgnoreProperties(ignoreUnknown = true)
    record Condition(String type, String status) {}

    public Spec getSpec() {
        return spec;
    }

    public void setSpec(Spec spec) {
        this.spec = spec;
    }

    public Status getStatus() {
        return status;
    }

    public void setStatus(Status status) {
        this.status = status;
    }
}
