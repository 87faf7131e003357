package io.kpod.agent.snapshot;

import io.kpod.agent.collector.Target;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** A pod as a whole: what its containers share has series of its own, under the pod's name and no container's. */
final class PodReading {
    final ContainerReading reading;
    final boolean seenBorn;

    /** Those alive at the last refresh. */
    final List<ContainerReading> containers = new ArrayList<>();

    /** What slow sources are to be read for. */
    Target.OfPod target() {
        List<Target.OfContainer> ofContainers = new ArrayList<>(containers.size());
        for (ContainerReading container : containers) {
            ofContainers.add(Objects.requireNonNull(container.target(), "a pod's container has a name and a slot"));
        }
        return new Target.OfPod(
                reading.ref(), Objects.requireNonNull(reading.name(), "a pod has a name"), ofContainers);
    }

    PodReading(ContainerReading reading, boolean seenBorn) {
        this.reading = reading;
        this.seenBorn = seenBorn;
    }
}
