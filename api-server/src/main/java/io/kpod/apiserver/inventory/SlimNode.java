package io.kpod.apiserver.inventory;

import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Kind;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.Version;

/** A Node without all that isn't read here. */
@Group("")
@Version("v1")
@Kind("Node")
@Plural("nodes")
final class SlimNode extends SlimResource {
    private static final long serialVersionUID = 1L;
}
