package io.kpod.apiserver.doctor;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.kpod.apiserver.registration.ServiceName;
import io.kpod.apiserver.status.Causes;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The command {@code kpod doctor}. */
@Command(
        name = "doctor",
        mixinStandardHelpOptions = true,
        description = {
            "Checks kpod in a cluster from the outside in: APIServices, Service, certificates, rights, agents, kernels.",
            "One line each: OK, WARN, FAIL or SKIP (could not be asked), what, how it stands, the way out."
        },
        exitCodeListHeading = "Exit codes:%n",
        exitCodeList = {
            "0:nothing fails (there may be a WARN)",
            "1:something fails",
            "2:the cluster, or a part of it, could not be asked; or a wrong option"
        })
public final class Doctor implements Callable<Integer> {
    private enum Output {
        TEXT,
        JSON
    }

    private static final int REQUEST_MILLIS = 15_000;
    private static final int CONNECT_MILLIS = 5_000;

    @Spec
    private @Nullable CommandSpec spec;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "text|json",
            defaultValue = "text",
            description = "form of the answer; ${DEFAULT-VALUE} unless told")
    private Output output = Output.TEXT;

    @Option(
            names = "--kubeconfig",
            paramLabel = "FILE",
            description = "unless told: KUBECONFIG, ~/.kube/config, or the ServiceAccount of the pod that this runs in")
    private @Nullable Path kubeconfig;

    @Option(names = "--context", paramLabel = "NAME", description = "of the kubeconfig; unless told: its current one")
    private @Nullable String context;

    @Option(
            names = {"-n", "--namespace"},
            paramLabel = "NAME",
            defaultValue = "kpod",
            description = "where kpod is; ${DEFAULT-VALUE} unless told")
    private String namespace = "";

    @Option(
            names = "--service",
            paramLabel = "NAME",
            defaultValue = "kpod-api-server",
            description = "the api-server's Service; ${DEFAULT-VALUE} unless told")
    private String service = "";

    @Override
    public Integer call() {
        if (spec == null) {
            throw new IllegalStateException("a command is called by its command line");
        }
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter err = spec.commandLine().getErr();
        if (kubeconfig != null && !Files.isReadable(kubeconfig)) {
            err.println("--kubeconfig " + kubeconfig + " can't be read: name a file that is there");
            return Findings.COULD_NOT_ASK;
        }
        try (KubernetesClient client =
                new KubernetesClientBuilder().withConfig(config()).build()) {
            try {
                client.getKubernetesVersion();
            } catch (KubernetesClientException e) {
                err.println("the kube-apiserver at " + client.getMasterUrl() + " can't be asked: " + Causes.of(e)
                        + "; choose another cluster with --kubeconfig or --context");
                return Findings.COULD_NOT_ASK;
            }
            Findings findings = new Findings(
                    Examination.of(new Installed(client, new ServiceName(namespace, service), InstantSource.system())));
            out.print(
                    switch (output) {
                        case TEXT -> findings.text();
                        case JSON -> findings.json();
                    });
            out.flush();
            return findings.exitCode();
        }
    }

    private Config config() {
        if (kubeconfig != null) {
            System.setProperty(Config.KUBERNETES_KUBECONFIG_FILE, kubeconfig.toString());
        }
        return new ConfigBuilder(Config.autoConfigure(context))
                .withRequestRetryBackoffLimit(1)
                .withRequestTimeout(REQUEST_MILLIS)
                .withConnectionTimeout(CONNECT_MILLIS)
                .build();
    }
}
