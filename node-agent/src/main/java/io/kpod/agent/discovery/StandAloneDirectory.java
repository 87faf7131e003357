package io.kpod.agent.discovery;

import io.kpod.agent.container.Attribution;
import io.kpod.agent.container.CgroupOwner;
import io.kpod.agent.container.ContainerDirectory;
import io.kpod.agent.container.ContainerName;
import java.util.List;

/**
 * Without Kubernetes: the machine's own systemd units and containers take the pods' place, and {@code host} stands for
 * all that is in no group.
 */
public final class StandAloneDirectory implements ContainerDirectory {
    /** Namespace of units and of the host itself. */
    public static final String SYSTEM = "system";

    /** Namespace of containers that a runtime made. */
    public static final String CONTAINERS = "containers";

    private static final int SHORT_ID = 12;

    private final NamespaceFilter filter;

    public StandAloneDirectory(List<String> namespaces, List<String> excludedNamespaces) {
        this.filter = new NamespaceFilter(namespaces, excludedNamespaces);
    }

    @Override
    public Attribution find(CgroupOwner owner) {
        return switch (owner) {
            case CgroupOwner.Host host -> name(SYSTEM, "host", "");
            case CgroupOwner.Unit(String unit) -> name(SYSTEM, unit, "");
            case CgroupOwner.Container(String id) -> name(CONTAINERS, id.substring(0, SHORT_ID), id);
            case CgroupOwner.PodContainer(String podUid, String id) -> name(CONTAINERS, id.substring(0, SHORT_ID), id);
            case CgroupOwner.Other other -> new Attribution.Excluded();
        };
    }

    private Attribution name(String namespace, String name, String containerId) {
        return filter.admits(namespace)
                ? new Attribution.Known(new ContainerName(namespace, name, "", name, containerId))
                : new Attribution.Excluded();
    }

    @Override
    public boolean synced() {
        return true;
    }

    @Override
    public String trouble() {
        return "";
    }
}
