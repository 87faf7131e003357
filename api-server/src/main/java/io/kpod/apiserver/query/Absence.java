package io.kpod.apiserver.query;

import io.kpod.apiserver.status.StatusException;
import java.util.List;

/**
 * Why there is nothing to say about a pod, or about what is made of pods.
 *
 * @param message for people
 */
public record Absence(Reason reason, String message) {
    /** For programs: all there are. */
    public enum Reason {
        PODS_NOT_LISTED_YET("PodsNotListedYet"),
        NODES_NOT_LISTED_YET("NodesNotListedYet"),
        POD_UNKNOWN("PodUnknown"),
        WORKLOAD_UNKNOWN("WorkloadUnknown"),
        NODE_UNKNOWN("NodeUnknown"),
        SERVICE_UNKNOWN("ServiceUnknown"),
        UNKNOWN_METRIC("UnknownMetric"),
        NO_SELECTOR("NoSelector"),
        NO_PODS("NoPods"),
        NOT_SCHEDULED("NotScheduled"),
        NAMESPACE_EXCLUDED("NamespaceExcluded"),
        NO_AGENT_ON_NODE("NoAgentOnNode"),
        AGENT_SILENT("AgentSilent"),
        POD_FINISHED("PodFinished"),
        COLLECTORS_OFF("CollectorsOff"),
        COLLECTOR_OFF("CollectorOff"),
        COLLECTOR_NOT_CHOSEN("CollectorNotChosen"),
        HOST_OVER_SLOT_LIMIT("HostOverSlotLimit"),
        YOUNGER_THAN_A_PUSH("YoungerThanAPush"),
        CGROUP_NOT_FOUND("CgroupNotFound"),
        NOTHING_MEASURED("NothingMeasured"),
        NOTHING_IN_WINDOW("NothingInWindow"),
        NO_POD_MEASURED("NoPodMeasured"),
        PODS_NOT_MEASURED("PodsNotMeasured"),
        NO_NODE_MEASURED("NoNodeMeasured");

        private final String camelCase;

        Reason(String camelCase) {
            this.camelCase = camelCase;
        }
    }

    /** Nothing can be said of pods before they are known. */
    public static final Absence PODS_NOT_LISTED_YET = new Absence(
            Reason.PODS_NOT_LISTED_YET, "this server has not listed the cluster's pods yet; ask again in a moment");

    /** The 404 that says why. */
    public StatusException notFound(String group, String resource, String name) {
        return new StatusException(
                StatusException.Reason.NOT_FOUND,
                resource + "." + group + " \"" + name + "\" not found: " + message,
                new StatusException.Details(group, resource, name, List.of(cause()), 0));
    }

    /** As it stands in a Status. */
    public StatusException.Cause cause() {
        return new StatusException.Cause(reason.camelCase, message, "");
    }
}
