package io.kpod.apiserver.inventory;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Kind;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.Version;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A Service, of which only the selector matters. */
@Group("")
@Version("v1")
@Kind("Service")
@Plural("services")
final class SlimService extends SlimResource implements Namespaced {
    private static final long serialVersionUID = 1L;

    private Spec spec = new Spec(null);

    @JsonIgnoreProperties(ignoreUnknown = true)
    record Spec(@Nullable Map<String, String> selector) {}

    public Spec getSpec() {
        return spec;
    }

    public void setSpec(Spec spec) {
        this.spec = spec;
    }
}
