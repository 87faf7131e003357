package io.kpod.apiserver.health;

import java.time.Duration;
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

    /**
     * The same, but good in any case once {@code bound} has passed since this call: the server then serves what it has.
     */
    public HealthCheck atLatestAfter(Duration bound) {
        long start = System.nanoTime();
        return new HealthCheck(name, () -> switch (state.get()) {
            case State.Bad(String reason)
            when System.nanoTime() - start >= bound.toNanos() ->
                new State.Good("bound of " + bound.toMillis() + " ms passed: " + reason);
            case State now -> now;
        });
    }

    /** A check that is good while {@code problem} is empty. */
    public static HealthCheck unless(String name, Supplier<Optional<String>> problem) {
        return new HealthCheck(
                name, () -> problem.get().<State>map(State.Bad::new).orElseGet(() -> new State.Good("")));
    }
}
