package io.kpod.agent.snapshot;

import java.util.ArrayList;
import java.util.List;

/** A pod as a whole: what its containers share has series of its own, under the pod's name and no container's. */
final class PodReading {
    final ContainerReading reading;
    final boolean seenBorn;

    /** Those alive at the last refresh. */
    final List<ContainerReading> containers = new ArrayList<>();

    PodReading(ContainerReading reading, boolean seenBorn) {
        this.reading = reading;
        this.seenBorn = seenBorn;
    }
}
