package io.kpod.apiserver.doctor;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.kpod.apiserver.registration.ServiceName;
import io.kpod.apiserver.status.Causes;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
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
        exitCodeOnExecutionException = Doctor.COULD_NOT_ASK,
        description = {
            "Looks at kpod in a cluster from the outside in: APIServices, Service, certificates, rights, agents, kernels.",
            "Prints a line for each thing that is not as it should be: what, how it stands, the way out."
        },
        exitCodeListHeading = "Exit codes:%n",
        exitCodeList = {"0:nothing found", "1:something found", "2:the cluster can't be asked, or a wrong option"})
public final class Doctor implements Callable<Integer> {
    private static final int HEALTHY = 0;
    private static final int FOUND = 1;
    static final int COULD_NOT_ASK = 2;
    private static final String OTHER_CLUSTER = "; way out: --kubeconfig FILE and --context NAME choose another";

    @Spec
    private @Nullable CommandSpec spec;

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
        Config config;
        try {
            config = Kubeconfig.read(kubeconfig, context);
        } catch (IOException e) {
            err.println(e.getMessage() + OTHER_CLUSTER);
            return COULD_NOT_ASK;
        }
        try (KubernetesClient client =
                new KubernetesClientBuilder().withConfig(config).build()) {
            client.getKubernetesVersion();
            List<Finding> findings =
                    Examination.of(new Installed(client, new ServiceName(namespace, service), InstantSource.system()));
            findings.forEach(out::println);
            if (findings.isEmpty()) {
                out.println("kpod in namespace " + namespace + ": nothing found, " + Examination.CHECKS.size()
                        + " things looked at");
            }
            return findings.isEmpty() ? HEALTHY : FOUND;
        } catch (KubernetesClientException e) { // not of the checks: what keeps them from looking they say themselves
            err.println(
                    "kube-apiserver at " + config.getMasterUrl() + ": can't be asked: " + Causes.of(e) + OTHER_CLUSTER);
            return COULD_NOT_ASK;
        }
    }
}
