package io.kpod.apiserver.openapi;

import java.util.List;

/**
 * A path that answers with a list of numbers.
 *
 * @param path below the version, with its parameters in braces
 * @param verb by which access is reviewed: get or list
 * @param describes goes into the operation's name: {@code Namespaced}, {@code Node}
 * @param description of the operation
 * @param parameters all of them, those in the path too
 * @param type the record that a number is
 */
public record DescribedMetric(
        GroupVersionKind kind,
        String path,
        String verb,
        String describes,
        String description,
        List<Parameter> parameters,
        Class<? extends Record> type)
        implements Described {
    public DescribedMetric {
        parameters = List.copyOf(parameters);
    }
}
