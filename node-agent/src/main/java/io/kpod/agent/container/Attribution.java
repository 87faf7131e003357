package io.kpod.agent.container;

/** Whose a container is. */
public sealed interface Attribution {
    /** A container to report. */
    record Known(ContainerName name) implements Attribution {}

    /** One that a filter leaves out, or that is no workload (a pod's sandbox, a runtime's monitor). */
    record Excluded() implements Attribution {}

    /** Not known yet: its pod's status may still be on the way. */
    record Unknown() implements Attribution {}
}
