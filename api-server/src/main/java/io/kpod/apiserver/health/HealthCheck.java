package io.kpod.apiserver.health;

import java.util.Optional;
import java.util.function.Supplier;

/**
 * One line of {@code /readyz?verbose}.
 *
 * @param name in lower case with hyphens; also the sub-path
 * @param state asked at each request, so it must not block
 */
public record HealthCheck(String name, Supplier<State> state) {
    /** How a check stands. */
    public sealed interface State {
        /** In order; {@code remark}, which may be empty, is shown to who asks for details. */
        record Good(String remark) implements State {}

        /** Not in order, and why. */
        record Bad(String reason) implements State {}
    }

    /** A check that is good while {@code problem} is empty. */
    public static HealthCheck unless(String name, Supplier<Optional<String>> problem) {
        return new HealthCheck(name, () -> problem.get().<State>map(State.Bad::new).orElseGet(() -> new State.Good("")));
    }
}
