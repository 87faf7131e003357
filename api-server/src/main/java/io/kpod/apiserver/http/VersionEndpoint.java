package io.kpod.apiserver.http;

import io.javalin.config.RoutesConfig;
import java.util.Objects;
import tools.jackson.databind.json.JsonMapper;

/** {@code /version}, in the form of Kubernetes' version.Info: kubectl asks a server that it speaks to directly. */
public final class VersionEndpoint implements ApiGroup {
    private static final String UNKNOWN = "0.0.0-unpackaged";

    @Override
    public void routes(RoutesConfig routes) {
        String version =
                Objects.requireNonNullElse(VersionEndpoint.class.getPackage().getImplementationVersion(), UNKNOWN);
        String[] numbers = version.split("[.-]");
        byte[] body = JsonMapper.shared()
                .writeValueAsBytes(JsonMapper.shared()
                        .createObjectNode()
                        .put("major", numbers[0])
                        .put("minor", numbers[1])
                        .put("gitVersion", "v" + version)
                        .put("gitCommit", "")
                        .put("gitTreeState", "")
                        .put("buildDate", "")
                        .put("goVersion", "")
                        .put("compiler", "java " + Runtime.version())
                        .put("platform", "linux/" + System.getProperty("os.arch")));
        routes.get("/version", context -> context.result(body));
    }
}
