package io.kpod.apiserver.inventory;

import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.kpod.apiserver.http.ApiGroup;
import io.kpod.apiserver.status.StatusException;
import io.kpod.apiserver.table.ApiObject;
import io.kpod.apiserver.table.JsonAnswer;
import io.kpod.apiserver.table.ObjectMeta;
import io.kpod.apiserver.window.PodName;
import java.util.List;

/**
 * {@code /api/v1/namespaces/NAME} for a server without a cluster. When kubectl gets a 404 for an object it looks
 * whether the namespace is there, and shows the answer to that instead if it is not: without this, nobody would see
 * why an object is missing.
 */
public final class NamespaceLookup implements ApiGroup {
    private record Namespace(String kind, String apiVersion, ObjectMeta metadata) implements ApiObject {}

    private final Inventory inventory;

    /** @param inventory a namespace is there if it has a pod */
    public NamespaceLookup(Inventory inventory) {
        this.inventory = inventory;
    }

    @Override
    public void routes(RoutesConfig routes) {
        routes.get("/api/v1/namespaces/{name}", this::get);
    }

    private void get(Context context) {
        String name = context.pathParam("name");
        if (inventory.pods(name, null).findAny().isEmpty()) {
            List<String> known = inventory
                    .pods(null, null)
                    .map(Pod::name)
                    .map(PodName::namespace)
                    .distinct()
                    .toList();
            throw new StatusException(
                    StatusException.Reason.NOT_FOUND,
                    "namespaces \"" + name + "\" not found: "
                            + (known.isEmpty()
                                    ? "no agent has spoken of any yet"
                                    : "there are " + String.join(", ", known)),
                    new StatusException.Details("", "namespaces", name, List.of(), 0));
        }
        JsonAnswer.write(context, new Namespace("Namespace", "v1", new ObjectMeta(name, null, null, null, null, null)));
    }
}
