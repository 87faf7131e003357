package io.kpod.apiserver.inventory;

import io.javalin.config.RoutesConfig;
import io.kpod.apiserver.http.ApiGroup;
import io.kpod.apiserver.status.StatusException;
import java.util.List;
import tools.jackson.databind.json.JsonMapper;

/**
 * {@code /api/v1/namespaces/NAME} where there is no Kubernetes: kubectl asks for the namespace before it shows why a pod in it
 * was not found.
 */
public final class StandAloneNamespaces implements ApiGroup {
    private final Inventory inventory;

    public StandAloneNamespaces(Inventory inventory) {
        this.inventory = inventory;
    }

    @Override
    public void routes(RoutesConfig routes) {
        routes.get("/api/v1/namespaces/{name}", context -> {
            String name = context.pathParam("name");
            if (inventory.pods(name, null).findAny().isEmpty()) {
                throw new StatusException(
                        StatusException.Reason.NOT_FOUND,
                        "namespaces \"" + name + "\" not found: nothing of this machine is in it",
                        new StatusException.Details("", "namespaces", name, List.of(), 0));
            }
            var namespace = JsonMapper.shared().createObjectNode();
            namespace.put("kind", "Namespace").put("apiVersion", "v1").putObject("metadata").put("name", name);
            context.contentType("application/json");
            context.result(JsonMapper.shared().writeValueAsBytes(namespace));
        });
    }
}
