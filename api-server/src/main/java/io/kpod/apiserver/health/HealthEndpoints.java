package io.kpod.apiserver.health;

import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.kpod.apiserver.http.ApiGroup;
import io.kpod.apiserver.status.StatusException;
import io.kpod.apiserver.status.StatusException.Reason;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;

/**
 * {@code /livez}, {@code /healthz} and {@code /readyz} in the kube-apiserver's form (apiserver pkg/server/healthz):
 * {@code ok}, or with {@code ?verbose} a line a check; {@code ?exclude=} leaves one out; below the path each check
 * stands alone. 503 when one fails.
 */
public final class HealthEndpoints implements ApiGroup {
    private static final HealthCheck PING = new HealthCheck("ping", () -> new HealthCheck.State.Good(""));
    private static final int FAILED = 503;

    private final AtomicBoolean stopping = new AtomicBoolean();
    private final List<HealthCheck> ready;

    public HealthEndpoints(List<HealthCheck> ready) {
        HealthCheck shutdown = new HealthCheck(
                "shutdown",
                () -> stopping.get()
                        ? new HealthCheck.State.Bad("the server is shutting down")
                        : new HealthCheck.State.Good(""));
        this.ready = Stream.concat(Stream.of(PING, shutdown), ready.stream()).toList();
    }

    /** Turns {@code /readyz} red for good. */
    public void stopping() {
        stopping.set(true);
    }

    @Override
    public void routes(RoutesConfig routes) {
        routes(routes, "livez", List.of(PING));
        routes(routes, "healthz", List.of(PING));
        routes(routes, "readyz", ready);
    }

    private static void routes(RoutesConfig routes, String path, List<HealthCheck> checks) {
        routes.get("/" + path, context -> answer(context, path, checks));
        routes.get("/" + path + "/{check}", context -> {
            String name = context.pathParam("check");
            List<HealthCheck> one =
                    checks.stream().filter(check -> check.name().equals(name)).toList();
            if (one.isEmpty()) {
                throw new StatusException(
                        Reason.NOT_FOUND,
                        "no check \"" + name + "\" in /" + path + "; there are "
                                + String.join(
                                        ", ",
                                        checks.stream().map(HealthCheck::name).toList()));
            }
            answer(context, path, one);
        });
    }

    private static void answer(Context context, String path, List<HealthCheck> checks) {
        Set<String> excluded = new HashSet<>(context.queryParams("exclude"));
        List<String> lines = new ArrayList<>();
        boolean failed = false;
        for (HealthCheck check : checks) {
            if (excluded.remove(check.name())) {
                lines.add("[+]" + check.name() + " excluded: ok");
                continue;
            }
            switch (check.state().get()) {
                case HealthCheck.State.Good(String remark) ->
                    lines.add("[+]" + check.name() + " ok" + (remark.isEmpty() ? "" : ": " + remark));
                case HealthCheck.State.Bad(String reason) -> {
                    failed = true;
                    lines.add("[-]" + check.name() + " failed: " + reason);
                }
            }
        }
        excluded.forEach(name -> lines.add("warn: no check \"" + name + "\" to exclude"));
        lines.add(path + " check " + (failed ? "failed" : "passed"));
        context.status(failed ? FAILED : 200)
                .contentType("text/plain; charset=utf-8")
                .header("X-Content-Type-Options", "nosniff")
                .header("Cache-Control", "no-cache, private");
        boolean verbose = context.queryParamMap().containsKey("verbose");
        context.result(failed || verbose ? String.join("\n", lines) + "\n" : "ok");
    }
}
