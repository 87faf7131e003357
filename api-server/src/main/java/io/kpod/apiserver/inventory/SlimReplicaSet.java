package io.kpod.apiserver.inventory;

import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Kind;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.Version;

/** A ReplicaSet, of which only the controller matters. */
@Group("apps")
@Version("v1")
@Kind("ReplicaSet")
@Plural("replicasets")
final class SlimReplicaSet extends SlimResource implements Namespaced {
    private static final long serialVersionUID = 1L;
}
