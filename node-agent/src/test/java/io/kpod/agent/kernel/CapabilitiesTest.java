package io.kpod.agent.kernel;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.kpod.libbpf.BpfException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A real agent process drops what the start alone needs, in each of its threads, and goes on to work without it. */
class CapabilitiesTest {
    private static final long DAC_READ_SEARCH = 1L << 2;
    private static final long SYS_PTRACE = 1L << 19;
    private static final long BPF = 1L << 39;

    /** Beside this machine's own containers and those of other tests. */
    private static final int OWN_SLOTS = 160;

    private static final int BATCH = 50;

    /** A machine whose processor is emulated takes long to start another JVM and to read a page. */
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final List<Process> processes = new ArrayList<>();

    @AfterEach
    void end() throws Exception {
        for (Process process : processes) {
            process.destroy();
            assertThat(process.waitFor(10, SECONDS)).isTrue();
        }
    }

    @Test
    void everyThreadOfARootAgentKeepsOnlyWhatLookingIntoOtherProcessesNeeds() throws Exception {
        RealKernel.require();
        Agent agent = start("setpriv");
        assertThat(agent.capabilities())
                .hasSizeGreaterThan(10)
                .containsOnly(SYS_PTRACE | DAC_READ_SEARCH | (needsBpf() ? BPF : 0));
        containersComeAndGo(agent);
        assertThat(agent.capabilities())
                .as("those of threads that were made since")
                .containsOnly(SYS_PTRACE | DAC_READ_SEARCH | (needsBpf() ? BPF : 0));
    }

    @Test
    void anAgentWithThePodsCapabilitiesAloneKeepsNone() throws Exception {
        RealKernel.require();
        Agent agent = start("setpriv", "--bounding-set", "-all,+bpf,+perfmon", "--no-new-privs");
        assertThat(agent.capabilities()).hasSizeGreaterThan(10).containsOnly(needsBpf() ? BPF : 0);
        containersComeAndGo(agent);
        assertThat(agent.capabilities()).containsOnly(needsBpf() ? BPF : 0);
    }

    /** More of them than there are slots, so that slots must come back. */
    private static void containersComeAndGo(Agent agent) throws Exception {
        try (CgroupSandbox sandbox = new CgroupSandbox()) {
            Path busy = sandbox.container();
            sandbox.run(busy, "while :; do sleep 0.01; done");
            patiently().until(() -> agent.value("kpod_cpu_context_switches_total", pod(busy)) > 5);
            for (int born = 0; born <= agent.slots; born += BATCH) {
                List<Path> groups = new ArrayList<>();
                for (int i = 0; i < BATCH; i++) {
                    groups.add(sandbox.container());
                }
                for (Path group : groups) {
                    sandbox.remove(group);
                }
                patiently().until(() -> agent.value("kpod_bpf_map_entries", "map=\"slots\"") < agent.slots - 2 * BATCH);
            }
            patiently().until(() -> agent.value("kpod_bpf_map_update_errors_total", "map=\"slots\"") == 0);
        }
    }

    private static ConditionFactory patiently() {
        return await().atMost(PATIENCE);
    }

    private static String pod(Path group) {
        String name = group.getFileName().toString();
        return "pod=\"" + name.substring("cri-containerd-".length(), "cri-containerd-".length() + 12) + "\"";
    }

    private static boolean needsBpf() throws BpfException, IOException {
        try (ContainerSlots slots = ContainerSlots.open(RealKernel.settings(500), RealKernel.btf())) {
            return slots.needsCapability();
        }
    }

    private Agent start(String... through) throws Exception {
        int slots = RealKernel.foreignContainers() + OWN_SLOTS;
        List<String> command = new ArrayList<>(List.of(through));
        command.addAll(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                "io.kpod.agent.Agent",
                "--kpod.discovery.mode=none",
                "--kpod.metrics.port=0",
                "--kpod.metrics.address=127.0.0.1",
                "--kpod.bpf.max-containers=" + slots));
        ProcessBuilder builder = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
        builder.environment().keySet().removeIf(variable -> variable.startsWith("KPOD_"));
        Process process = builder.start();
        processes.add(process);
        BufferedReader output = process.inputReader();
        String up = Objects.requireNonNull(output.readLine());
        return new Agent(process, up.substring(up.indexOf("http://")), slots);
    }

    /** The process, seen from outside. */
    private static final class Agent {
        private final Process process;
        private final String page;
        private final int slots;

        Agent(Process process, String page, int slots) {
            this.process = process;
            this.page = page;
            this.slots = slots;
        }

        /** Effective and permitted capabilities together, of each thread. */
        List<Long> capabilities() throws IOException {
            List<Long> all = new ArrayList<>();
            try (Stream<Path> tasks = Files.list(Path.of("/proc/" + process.pid() + "/task"))) {
                for (Path task : tasks.toList()) {
                    long own = 0;
                    for (String line : Files.readAllLines(task.resolve("status"))) {
                        if (line.startsWith("CapEff:") || line.startsWith("CapPrm:") || line.startsWith("CapInh:")) {
                            own |= Long.parseUnsignedLong(
                                    line.substring("CapEff:".length()).strip(), 16);
                        }
                    }
                    all.add(own);
                }
            }
            return all;
        }

        /** The sum of all samples of that name with the label. */
        double value(String name, String label) throws IOException {
            String text;
            try (InputStream in = URI.create(page).toURL().openStream()) {
                text = new String(in.readAllBytes());
            }
            return text.lines()
                    .filter(line -> line.startsWith(name + "{") && line.contains(label))
                    .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                    .sum();
        }
    }
}
