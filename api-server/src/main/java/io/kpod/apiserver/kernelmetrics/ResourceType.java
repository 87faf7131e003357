package io.kpod.apiserver.kernelmetrics;

import io.kpod.apiserver.table.Column;
import io.kpod.summary.Metric;
import java.util.List;
import java.util.Set;

/**
 * What a resource is to clients.
 *
 * @param resource plural, as in paths
 * @param shortName for people
 * @param columns of its Table
 * @param inTable the metrics whose numbers the columns show
 * @param fields that a field selector can choose by
 */
record ResourceType<T>(
        String resource,
        String kind,
        boolean namespaced,
        String shortName,
        Class<T> type,
        List<Column<T>> columns,
        Set<Metric> inTable,
        List<String> fields) {
    ResourceType {
        columns = List.copyOf(columns);
        inTable = Set.copyOf(inTable);
        fields = List.copyOf(fields);
    }
}
