package io.kpod.agent.kernel;

import io.kpod.bpf.layout.KpodInherit;
import java.util.regex.Pattern;

/**
 * What a cgroup is by its name. The kernel program decides the same way for groups made later: kind_of in
 * container.bpf.c.
 */
enum GroupKind {
    /** Neither container nor unit; or the root, whose own tasks are the host. */
    OTHER(KpodInherit.INHERIT_NEVER),
    /** A systemd unit, in stand-alone mode; containers below it are their own. */
    UNIT(KpodInherit.INHERIT_UNIT),
    /** A container of containerd, CRI-O, Docker or Podman. */
    CONTAINER(KpodInherit.INHERIT_ALL);

    private static final Pattern CONTAINER_NAME = Pattern.compile("(?!(crio|libpod)-conmon-).*[0-9a-f]{64}(\\.scope)?");
    private static final Pattern UNIT_NAME = Pattern.compile("(?!(crio|libpod)-conmon-).+\\.(service|scope)");

    final int inherit;

    GroupKind(int inherit) {
        this.inherit = inherit;
    }

    static GroupKind of(String name, boolean standAlone) {
        if (CONTAINER_NAME.matcher(name).matches()) {
            return CONTAINER;
        }
        return standAlone && UNIT_NAME.matcher(name).matches() ? UNIT : OTHER;
    }
}
