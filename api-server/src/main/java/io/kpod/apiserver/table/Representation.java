package io.kpod.apiserver.table;

import io.kpod.apiserver.status.StatusException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** In which form an answer goes out. */
public sealed interface Representation {
    /** The objects as they are. */
    record Plain() implements Representation {}

    /**
     * A meta.k8s.io Table.
     *
     * @param version of meta.k8s.io, {@code v1} or {@code v1beta1}
     */
    record AsTable(String version) implements Representation {}

    /**
     * meta.k8s.io PartialObjectMetadata, or a list of it.
     *
     * @param version of meta.k8s.io, {@code v1} or {@code v1beta1}
     */
    record AsMetadata(String version) implements Representation {}

    /** Whether a resource's answer is one object or a list. */
    enum Shape {
        OBJECT("PartialObjectMetadata"),
        LIST("PartialObjectMetadataList");

        private final String metadataKind;

        Shape(String metadataKind) {
            this.metadataKind = metadataKind;
        }
    }

    /** Versions of meta.k8s.io that have Table and PartialObjectMetadata. */
    Set<String> META_VERSIONS = Set.of("v1", "v1beta1");

    /**
     * The first clause that can be satisfied in JSON, as kube-apiserver chooses: unknown parameters don't matter, a form
     * that can't be given skips the clause.
     *
     * @throws StatusException 406 if no clause can be satisfied
     */
    static Representation negotiate(@Nullable String accept, Shape shape) {
        return negotiate(accept, shape, false).form();
    }

    /** The same in JSON or YAML. */
    static Negotiated negotiateWithYaml(@Nullable String accept, Shape shape) {
        return negotiate(accept, shape, true);
    }

    private static Negotiated negotiate(@Nullable String accept, Shape shape, boolean withYaml) {
        AcceptHeader header = AcceptHeader.parse(accept);
        if (header.clauses().isEmpty()) {
            return new Negotiated(new Plain(), false);
        }
        for (AcceptHeader.Clause clause : header.clauses()) {
            boolean yaml = withYaml && clause.takesYaml();
            if ((yaml || clause.takesJson()) && clause.q() > 0) {
                Representation form = form(clause, shape);
                if (form != null) {
                    return new Negotiated(form, yaml);
                }
            }
        }
        throw new StatusException(
                StatusException.Reason.NOT_ACCEPTABLE,
                "only the following media types are accepted: application/json, "
                        + (withYaml ? "application/yaml, " : "")
                        + "application/json;as=Table;v=v1;g=meta.k8s.io, "
                        + "application/json;as=" + shape.metadataKind + ";v=v1;g=meta.k8s.io");
    }

    private static @Nullable Representation form(AcceptHeader.Clause clause, Shape shape) {
        String as = clause.parameter("as");
        if (as.isEmpty()) {
            return new Plain();
        }
        String version = clause.parameter("v");
        if (!clause.parameter("g").equals("meta.k8s.io") || !META_VERSIONS.contains(version)) {
            return null;
        }
        if (as.equals("Table")) {
            return new AsTable(version);
        }
        return as.equals(shape.metadataKind) ? new AsMetadata(version) : null;
    }
}
