package io.kpod.apiserver.kernelmetrics;

import io.kpod.apiserver.change.Event;
import io.kpod.apiserver.change.Version;
import io.kpod.apiserver.quantity.Quantity;
import io.kpod.apiserver.table.FieldPath;
import io.kpod.summary.Metric;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A number of an object that a list is sorted by, the largest first; objects that don't have it are last.
 *
 * @param field the number
 * @param wanted the metrics that it is made of: no other is decoded for the order
 */
record SortKey<T>(FieldPath field, Predicate<Metric> wanted) {
    /** @throws io.kpod.apiserver.status.StatusException 400 if the path leads to no number */
    static <T> SortKey<T> of(String path, Class<T> type) {
        FieldPath field;
        try {
            field = FieldPath.of(type.asSubclass(Record.class), path);
        } catch (IllegalArgumentException e) {
            throw ListOptions.badRequest("sortBy \"" + path + "\" is no field of " + type.getSimpleName() + ": "
                    + e.getMessage() + "; such as total.cpu.runQueueLatency.p99");
        }
        Class<?> kind = field.type();
        if (kind != Quantity.class && kind != long.class && kind != Long.class) {
            throw ListOptions.badRequest("sortBy \"" + path + "\" is a " + kind.getSimpleName()
                    + " and no number; such as total.cpu.runQueueLatency.p99 is one");
        }
        return new SortKey<>(field, FieldMetrics.of(path)::contains);
    }

    /** The first {@code limit} of them; 0: all. */
    <S> List<Version<S>> sort(List<Event<S>> all, Function<Version<S>, Optional<T>> measure, int limit) {
        record Valued<S>(Version<S> version, @Nullable BigDecimal value) {}
        List<Valued<S>> valued = new ArrayList<>();
        for (Event<S> each : all) {
            measure.apply(each.of())
                    .ifPresent(object -> valued.add(new Valued<>(each.of(), number(field.get(object)))));
        }
        valued.sort(
                Comparator.comparing((Valued<S> one) -> one.value(), Comparator.nullsLast(Comparator.reverseOrder()))
                        .thenComparing(one -> one.version().key()));
        return valued.stream()
                .limit(limit == 0 ? Long.MAX_VALUE : limit)
                .map(Valued::version)
                .toList();
    }

    private static @Nullable BigDecimal number(@Nullable Object value) {
        return switch (value) {
            case null -> null;
            case Quantity quantity -> quantity.value();
            default -> BigDecimal.valueOf((Long) value);
        };
    }
}
