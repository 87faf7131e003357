package io.kpod.apiserver.http;

import io.javalin.config.JavalinConfig;
import io.javalin.http.Context;
import io.javalin.http.HandlerType;
import io.kpod.apiserver.authn.Authentication;
import io.kpod.apiserver.authz.Authorization;
import io.kpod.apiserver.authz.RequestInfo;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.TreeSet;
import javax.net.ssl.SSLContext;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The port of the API: the gate, the groups behind it, the index of paths at {@code /}. */
public final class ApiListener {
    /** Told of every answered request. */
    @FunctionalInterface
    public interface Observer {
        /** Group and resource are empty unless the request was for a resource and succeeded. */
        void answered(String verb, String group, String resource, int code, Duration time);
    }

    private static final int FIRST_ERROR = 400;

    private ApiListener() {}

    /** Prepares the port. */
    public static HttpsListener prepare(
            String address,
            int port,
            SSLContext tls,
            Authentication authentication,
            Authorization authorization,
            List<ApiGroup> groups,
            Observer observer) {
        RequestGate gate = new RequestGate(Bounds.API, authentication, authorization);
        return new HttpsListener("kpod.api.port", address, port, tls, Bounds.API, config -> {
            config.routes.before(gate::pass);
            groups.forEach(group -> group.routes(config.routes));
            byte[] index = index(config);
            config.routes.get("/", context -> context.result(index));
            config.requestLogger.http((context, millis) -> observe(observer, context, millis));
        });
    }

    private static void observe(Observer observer, Context context, float millis) {
        int code = context.statusCode();
        Optional<RequestInfo> info = RequestGate.info(context);
        Optional<RequestInfo> shown = info.filter(request -> request.isResource() && code < FIRST_ERROR);
        observer.answered(
                info.filter(RequestInfo::isResource)
                        .map(RequestInfo::verb)
                        .orElse(context.method().name().toLowerCase(Locale.ROOT)),
                shown.map(RequestInfo::group).orElse(""),
                shown.map(RequestInfo::resource).orElse(""),
                code,
                Duration.ofNanos((long) (millis * 1e6)));
    }

    /** Every path without parameters. */
    private static byte[] index(JavalinConfig config) {
        TreeSet<String> paths = new TreeSet<>();
        config.unsafe.internalRouter.allHttpHandlers().stream()
                .map(handler -> handler.endpoint)
                .filter(endpoint -> endpoint.method == HandlerType.GET && endpoint.path.indexOf('{') < 0)
                .forEach(endpoint -> paths.add(endpoint.path));
        ObjectNode index = JsonMapper.shared().createObjectNode();
        ArrayNode list = index.putArray("paths");
        paths.forEach(list::add);
        return JsonMapper.shared().writeValueAsBytes(index);
    }
}
