package io.kpod.apiserver.inventory;

import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Kind;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.Version;

/** A StatefulSet, of which only the metadata matters. */
@Group("apps")
@Version("v1")
@Kind("StatefulSet")
@Plural("statefulsets")
final class SlimStatefulSet extends SlimResource implements Namespaced {
    private static final long serialVersionUID = 1L;
}
