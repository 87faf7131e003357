package io.kpod.apiserver.http;

import io.javalin.config.RoutesConfig;

/**
 * The routes of one part of the API. Before a handler of it runs, the request has been authenticated ({@link
 * io.kpod.apiserver.authn.User#of}), authorised and bounded; a handler that fails throws {@link
 * io.kpod.apiserver.status.StatusException}.
 */
public interface ApiGroup {
    /** Adds the handlers; called once, while the server is being put together. */
    void routes(RoutesConfig routes);

    /** The server stops: what would go on for long ends now. */
    default void stopping() {}
}
