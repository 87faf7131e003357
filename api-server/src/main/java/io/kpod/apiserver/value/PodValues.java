package io.kpod.apiserver.value;

import io.kpod.apiserver.inventory.Node;
import io.kpod.apiserver.inventory.Pod;
import io.kpod.apiserver.query.Absence;
import io.kpod.apiserver.query.NodeQuery;
import io.kpod.apiserver.query.NodeQuery.NodeAnswer;
import io.kpod.apiserver.query.PodQuery;
import io.kpod.apiserver.query.WindowLength;
import io.kpod.apiserver.window.ContainerWindow;
import io.kpod.apiserver.window.PodName;
import io.kpod.apiserver.window.PodWindow;
import io.kpod.summary.ServedMetric;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Numbers of pods and nodes.
 *
 * <p>A number of many pods stands for all of them: while one that is ready ought to have been measured and was not, there
 * is none. Of a sum, a summand that is left out would be a zero, and an autoscaler would take the silence of an agent
 * for idleness; the same of pods that have not been listed yet. Pods that do nothing yet or no longer (not ready, finished, being deleted, younger than a push) don't
 * matter.
 */
public final class PodValues {
    /** Why a pod that is ready may have no data without anything being wrong. */
    private static final Set<Absence.Reason> NO_GAP =
            EnumSet.of(Absence.Reason.YOUNGER_THAN_A_PUSH, Absence.Reason.NOT_SCHEDULED, Absence.Reason.POD_FINISHED);
    /** By then an agent has told increments of a container: two pushes and a margin. */
    private static final Duration SETTLED = Duration.ofSeconds(20);
    /** The same where it reads only every 30 s: two readings and a push. */
    private static final Duration POLLED_SETTLED = Duration.ofSeconds(90);

    private final PodQuery pods;
    private final NodeQuery nodes;
    private final WindowLength windows;
    private final InstantSource wallClock;

    /** A pod with what is known of it. */
    private record Measured(Pod pod, PodWindow window) {}

    /** A pod and its number. */
    public record OfPod(Pod pod, Value.Present value) {}

    /** The numbers of several pods: those that have one, and why the others don't, if none has. */
    public record OfPods(List<OfPod> values, Optional<Absence> absence) {}

    /** @param wallClock for ages of pods */
    public PodValues(PodQuery pods, NodeQuery nodes, WindowLength windows, InstantSource wallClock) {
        this.pods = pods;
        this.nodes = nodes;
        this.windows = windows;
        this.wallClock = wallClock;
    }

    /** Which windows may be asked for. */
    public WindowLength windows() {
        return windows;
    }

    /**
     * The number of each pod that has one.
     *
     * @throws io.kpod.apiserver.status.StatusException 400 if the choice names what none of them has
     */
    public OfPods each(List<Pod> all, ValueChoice choice) {
        List<Measured> measured = measured(all, choice);
        List<OfPod> values = new ArrayList<>();
        for (Measured one : measured) {
            if (value(List.of(one.window()), choice) instanceof Value.Present present) {
                values.add(new OfPod(one.pod(), present));
            }
        }
        return new OfPods(
                values,
                values.isEmpty() && !all.isEmpty() ? Optional.of(whyNone(all, measured, choice)) : Optional.empty());
    }

    /**
     * One number that stands for all of the pods.
     *
     * @throws io.kpod.apiserver.status.StatusException 400 if the choice names what none of them has
     */
    public Value merged(List<Pod> all, ValueChoice choice) {
        if (!pods.listed()) {
            return new Value.Absent(Absence.PODS_NOT_LISTED_YET);
        }
        List<Measured> measured = measured(all, choice);
        if (measured.isEmpty()) {
            return new Value.Absent(whyNone(all, measured, choice));
        }
        Optional<Absence> gap = gap(all, measured, choice);
        if (gap.isPresent()) {
            return new Value.Absent(gap.get());
        }
        Value value = value(measured.stream().map(Measured::window).toList(), choice);
        return value instanceof Value.Absent ? new Value.Absent(whyNone(all, measured, choice)) : value;
    }

    /**
     * The number of a whole node, what no container of it shows included; of a container's name, that of the pods on it.
     *
     * @param onNode its pods
     * @throws io.kpod.apiserver.status.StatusException 400 if the choice names what it does not have
     */
    public Value ofNode(Node node, List<Pod> onNode, ValueChoice choice) {
        if (choice.container() != null) {
            return merged(onNode, choice);
        }
        Optional<NodeAnswer> answer = nodes.measured(node, choice.window(), choice::wants);
        if (answer.isEmpty()) {
            return new Value.Absent(nodes.whyNot(node));
        }
        List<PodWindow> whole =
                List.of(new PodWindow(answer.get().state().age(), answer.get().total(), List.of()));
        choice.check(whole, windows);
        Value value = value(whole, choice);
        return value instanceof Value.Absent
                ? new Value.Absent(
                        pods.collectorOffOn(node.name(), choice.served().metric())
                                .orElseGet(() -> nothingInWindow(choice)))
                : value;
    }

    private List<Measured> measured(List<Pod> all, ValueChoice choice) {
        List<Measured> measured = new ArrayList<>();
        for (Pod pod : all) {
            pods.measured(pod, choice.window(), choice::wants)
                    .ifPresent(window -> measured.add(new Measured(pod, window)));
        }
        choice.check(measured.stream().map(Measured::window).toList(), windows);
        return measured;
    }

    private static Value value(List<PodWindow> windows, ValueChoice choice) {
        List<ContainerWindow> parts =
                windows.stream().flatMap(window -> choice.part(window).stream()).toList();
        Duration age = windows.stream()
                .map(PodWindow::age)
                .min(Comparator.naturalOrder())
                .orElse(Duration.ZERO);
        Duration covered = parts.stream()
                .map(part -> part.covered(choice.served().metric()))
                .max(Comparator.naturalOrder())
                .orElse(Duration.ZERO);
        return choice.value(parts)
                .<Value>map(quantity -> new Value.Present(quantity, age, covered))
                .orElseGet(() -> new Value.Absent(nothingInWindow(choice)));
    }

    private Absence whyNone(List<Pod> all, List<Measured> measured, ValueChoice choice) {
        if (all.isEmpty()) {
            return new Absence(Absence.Reason.NO_PODS, "there is no pod of it");
        }
        if (measured.isEmpty()) {
            Pod telling = all.stream().filter(Pod::ready).findFirst().orElse(all.getFirst());
            Absence why = pods.whyNot(telling);
            return all.size() == 1
                    ? why
                    : new Absence(
                            Absence.Reason.NO_POD_MEASURED,
                            "none of its " + all.size() + " pods is measured; of "
                                    + telling.name().name() + ": " + why.message());
        }
        return pods.collectorOff(
                        measured.stream().map(Measured::pod).toList(),
                        choice.served().metric())
                .orElseGet(() -> nothingInWindow(choice));
    }

    /** What keeps the sum of the measured from standing for all. */
    private Optional<Absence> gap(List<Pod> all, List<Measured> measured, ValueChoice choice) {
        Map<PodName, PodWindow> known = new HashMap<>();
        measured.forEach(one -> known.put(one.pod().name(), one.window()));
        Map<String, Optional<Absence>> offByNode = new HashMap<>();
        int missing = 0;
        String first = "";
        for (Pod pod : all) {
            if (!pod.ready()) {
                continue;
            }
            PodWindow window = known.get(pod.name());
            Optional<Absence> why = window == null
                    ? Optional.of(pods.whyNot(pod)).filter(absence -> !NO_GAP.contains(absence.reason()))
                    : window.total().labels(choice.served().metric()).isEmpty()
                            ? offByNode.computeIfAbsent(
                                    pod.node(),
                                    node -> pods.collectorOffOn(
                                            node, choice.served().metric()))
                            : unsettled(pod, window, choice);
            if (why.isPresent()) {
                missing++;
                first = first.isEmpty() ? pod.name().name() + ": " + why.get().message() : first;
            }
        }
        return missing == 0
                ? Optional.empty()
                : Optional.of(new Absence(
                        Absence.Reason.PODS_NOT_MEASURED,
                        missing + " of its " + all.size()
                                + " pods can't be told, and the others alone would look like less than it is; "
                                + first));
    }

    /** A pod of which only totals are known, though it has been there for long: its agent has just started. */
    private Optional<Absence> unsettled(Pod pod, PodWindow window, ValueChoice choice) {
        boolean polled = choice.served().metric().polled();
        if (choice.served().form() == ServedMetric.Form.VALUE
                || !window.total().covered(choice.served().metric()).isZero()
                || (pod.created() != null
                        && Duration.between(pod.created(), wallClock.instant())
                                        .compareTo(polled ? POLLED_SETTLED : SETTLED)
                                < 0)) {
            return Optional.empty();
        }
        return Optional.of(new Absence(
                Absence.Reason.NOTHING_IN_WINDOW,
                "its agent has just started and has told totals only; ask again in a moment"));
    }

    private static Absence nothingInWindow(ValueChoice choice) {
        return new Absence(
                Absence.Reason.NOTHING_IN_WINDOW,
                "nothing was measured in the last " + choice.window().toSeconds()
                        + "s, or only one summary has been taken so far");
    }
}
