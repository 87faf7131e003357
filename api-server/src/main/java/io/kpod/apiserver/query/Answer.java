package io.kpod.apiserver.query;

import io.kpod.apiserver.inventory.Pod;
import io.kpod.apiserver.window.PodWindow;

/** What a question about one pod gets. */
public sealed interface Answer {
    /** There is data. */
    record Measured(Pod pod, PodWindow window) implements Answer {}

    /** There is none. */
    record Absent(Absence absence) implements Answer {}
}
