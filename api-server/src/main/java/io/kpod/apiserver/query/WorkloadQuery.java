package io.kpod.apiserver.query;

import io.kpod.apiserver.inventory.Inventory;
import io.kpod.apiserver.inventory.Pod;
import io.kpod.apiserver.inventory.Workload;
import io.kpod.apiserver.window.ContainerWindow;
import io.kpod.apiserver.window.PodName;
import io.kpod.apiserver.window.PodWindow;
import io.kpod.summary.Metric;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/** Asks the window about all pods of a workload at once. */
public final class WorkloadQuery {
    private final Inventory inventory;
    private final PodQuery pods;

    public WorkloadQuery(Inventory inventory, PodQuery pods) {
        this.inventory = inventory;
        this.pods = pods;
    }

    /**
     * What is known of a workload.
     *
     * @param age of the youngest of its pods' samples
     * @param pods how many it has
     * @param measured of how many there are numbers
     */
    public record WorkloadAnswer(Duration age, int pods, int measured, ContainerWindow total) {}

    /** Its pods together over the window; empty if none of them is measured. */
    public Optional<WorkloadAnswer> measured(Workload workload, Duration window, Predicate<Metric> wanted) {
        List<Pod> all = inventory.podsOf(workload.owner());
        List<PodWindow> measured = all.stream()
                .flatMap(pod -> pods.measured(pod, window, wanted).stream())
                .toList();
        return measured.stream()
                .map(PodWindow::age)
                .min(Comparator.naturalOrder())
                .map(age -> new WorkloadAnswer(
                        age,
                        all.size(),
                        measured.size(),
                        ContainerWindow.together(
                                measured.stream().map(PodWindow::total).toList())));
    }

    /** The workload of that name, if it has pods. */
    public Optional<Workload> find(PodName name) {
        return inventory
                .pods(name.namespace(), null)
                .map(inventory::workload)
                .filter(owner -> Workload.key(owner).equals(name))
                .findFirst()
                .map(inventory::describe);
    }

    /** Why there is nothing to say about a workload. */
    public Absence whyNot(PodName name, Duration window) {
        Optional<Workload> workload = find(name);
        if (workload.isEmpty()) {
            return inventory.synced()
                    ? new Absence(
                            Absence.Reason.WORKLOAD_UNKNOWN,
                            "no pod in namespace " + name.namespace()
                                    + " belongs to a workload of that name, which is the kind in lower case, a dot and the name, such as deployment.checkout")
                    : Absence.PODS_NOT_LISTED_YET;
        }
        List<Pod> all = inventory.podsOf(workload.get().owner());
        String first = !all.isEmpty()
                        && pods.ask(all.getFirst().name(), window, metric -> false)
                                instanceof Answer.Absent(Absence why)
                ? "; of the first, " + all.getFirst().name().name() + ": " + why.message()
                : "";
        return new Absence(Absence.Reason.NO_POD_MEASURED, "none of its " + all.size() + " pods is measured" + first);
    }
}
