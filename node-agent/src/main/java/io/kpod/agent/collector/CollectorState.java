package io.kpod.agent.collector;

/** Whether a collector runs. */
public sealed interface CollectorState {
    /** @param hook the kernel hook it runs on, in the variant that this kernel allows */
    record Running(String hook) implements CollectorState {}

    /** @param reason why it can't run, and the way out, on one line */
    record Off(String reason) implements CollectorState {}
}
