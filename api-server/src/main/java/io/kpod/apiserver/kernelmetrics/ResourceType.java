package io.kpod.apiserver.kernelmetrics;

import io.kpod.apiserver.table.Column;
import java.util.List;

/**
 * What a resource is to clients.
 *
 * @param resource plural, as in paths
 * @param shortName for people
 * @param columns of its Table
 * @param fields that a field selector can choose by
 */
record ResourceType<T>(
        String resource,
        String kind,
        boolean namespaced,
        String shortName,
        Class<T> type,
        List<Column<T>> columns,
        List<String> fields) {
    ResourceType {
        columns = List.copyOf(columns);
        fields = List.copyOf(fields);
    }
}
