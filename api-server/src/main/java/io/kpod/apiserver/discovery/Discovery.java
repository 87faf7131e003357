package io.kpod.apiserver.discovery;

import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.kpod.apiserver.http.ApiGroup;
import io.kpod.apiserver.status.StatusException;
import io.kpod.apiserver.table.AcceptHeader;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * {@code /apis} in its three forms, {@code /apis/GROUP} and {@code /apis/GROUP/VERSION}. All of it is encoded at
 * start: these paths decide on the APIService's availability and never wait for anything.
 */
public final class Discovery implements ApiGroup {
    private static final String JSON = "application/json";
    private static final String AGGREGATED = "APIGroupDiscoveryList";
    private static final String AGGREGATED_GROUP = "apidiscovery.k8s.io";
    /** Served for clusters of 1.26 to 1.29 too, which ask for the beta. */
    private static final List<String> AGGREGATED_VERSIONS = List.of("v2", "v2beta1");

    private final List<GroupDeclaration> groups;
    private final Document groupList;
    private final Map<String, Document> aggregatedByVersion;

    /** @param groups those that this server serves, and no other */
    public Discovery(List<GroupDeclaration> groups) {
        this.groups = List.copyOf(groups);
        this.groupList = Document.of(LegacyDocuments.groupList(groups), JSON);
        this.aggregatedByVersion = Map.of(
                AGGREGATED_VERSIONS.get(0), aggregated(AGGREGATED_VERSIONS.get(0)),
                AGGREGATED_VERSIONS.get(1), aggregated(AGGREGATED_VERSIONS.get(1)));
    }

    @Override
    public void routes(RoutesConfig routes) {
        routes.get("/apis", context -> answer(context, chosen(context.header("Accept"))));
        for (GroupDeclaration group : groups) {
            Document groupDocument = Document.of(LegacyDocuments.group(group), JSON);
            routes.get("/apis/" + group.name(), context -> answer(context, groupDocument));
            for (GroupDeclaration.Version version : group.versions()) {
                Document resources = Document.of(LegacyDocuments.resourceList(group, version), JSON);
                routes.get("/apis/" + group.name() + "/" + version.name(), context -> answer(context, resources));
            }
        }
    }

    /** The first clause that asks for a form of {@code /apis} that there is; parameters not known here don't matter. */
    private Document chosen(@Nullable String accept) {
        AcceptHeader header = AcceptHeader.parse(accept);
        if (header.clauses().isEmpty()) {
            return groupList;
        }
        for (AcceptHeader.Clause clause : header.clauses()) {
            if (!clause.takesJson() || clause.q() == 0) {
                continue;
            }
            if (clause.parameter("as").isEmpty()) {
                return groupList;
            }
            Document aggregated = aggregatedByVersion.get(clause.parameter("v"));
            if (aggregated != null
                    && clause.parameter("as").equals(AGGREGATED)
                    && clause.parameter("g").equals(AGGREGATED_GROUP)) {
                return aggregated;
            }
        }
        throw new StatusException(
                StatusException.Reason.NOT_ACCEPTABLE,
                "only the following media types are accepted: application/json, " + contentType("v2") + ", "
                        + contentType("v2beta1"));
    }

    private static void answer(Context context, Document document) {
        document.answer(context, "public");
    }

    private Document aggregated(String version) {
        return Document.of(AggregatedDocument.of(version, groups), contentType(version));
    }

    /** The aggregator takes the answer for this form only if the parameters come back in this order. */
    private static String contentType(String version) {
        return JSON + ";g=" + AGGREGATED_GROUP + ";v=" + version + ";as=" + AGGREGATED;
    }
}
