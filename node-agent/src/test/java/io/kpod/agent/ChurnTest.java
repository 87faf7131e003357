package io.kpod.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.kpod.agent.kernel.CgroupSandbox;
import io.kpod.agent.kernel.Load;
import io.kpod.agent.kernel.RealKernel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Many containers, most of which live shorter than a scrape's interval, and more than there are slots. What they do is
 * known: system calls that hardly any other program makes, so that a node's total of them is theirs.
 */
class ChurnTest {
    private static final String SYSCALLS = "kpod_syscall_count_total";
    private static final String ERRORS = "kpod_syscall_errors_total";
    private static final String SENT = "kpod_net_tcp_bytes_sent_total";
    private static final String SWITCHES = "kpod_cpu_context_switches_total";
    private static final String WORKS = "syscall=\"getitimer\"";
    private static final String FAILS = "syscall=\"sched_rr_get_interval\"";
    private static final String REST = "namespace=\"\"";
    private static final String TRACKED = "--kpod.syscall.tracked-syscalls="
            + "read,write,openat,close,connect,accept4,sendto,recvfrom,epoll_wait,futex,getitimer,sched_rr_get_interval";

    private static final int PER_SECOND = 50;
    private static final int SECONDS = 60;
    private static final int LIVE = 20;
    private static final Pattern POD = Pattern.compile("pod=\"([0-9a-f]{12})\"");

    private CgroupSandbox sandbox;

    /** What one container's task did. */
    private record Work(long switches, long works, long fails, long bytes) {}

    /** Each series as it was last shown, by its labels. */
    private static final class Seen {
        private final Map<String, Map<String, Double>> last = new HashMap<>();

        void scrape(AgentProcess agent) throws Exception {
            Scrape page = agent.scrape();
            for (String metric : List.of(SYSCALLS, ERRORS, SENT, SWITCHES)) {
                last.computeIfAbsent(metric, name -> new HashMap<>()).putAll(page.samples(metric));
            }
        }

        /** The node's total. */
        long sum(String metric, String label) {
            return (long) last.getOrDefault(metric, Map.of()).entrySet().stream()
                    .filter(series -> series.getKey().contains(label))
                    .mapToDouble(Map.Entry::getValue)
                    .sum();
        }

        /** By container's short id. */
        Map<String, Long> byContainer(String metric) {
            Map<String, Long> values = new LinkedHashMap<>();
            last.getOrDefault(metric, Map.of()).forEach((labels, value) -> {
                Matcher pod = POD.matcher(labels);
                if (pod.find()) {
                    values.put(pod.group(1), value.longValue());
                }
            });
            return values;
        }
    }

    @BeforeEach
    void kernel() throws IOException {
        RealKernel.require();
        sandbox = new CgroupSandbox();
    }

    @AfterEach
    void clean() throws IOException {
        sandbox.close();
    }

    @Test
    void fiftyContainersASecondForAMinuteAreAllCountedAndNothingGrows() throws Exception {
        try (AgentProcess agent = AgentProcess.start("--kpod.profile=comprehensive", TRACKED)) {
            long slotsBefore = slots(agent);
            churn(agent, 10, 1_000, new Seen());
            settle(agent, new Seen(), slotsBefore);
            long heapBefore = agent.heapBytes();
            long mapsBefore = agent.mapBytes();
            long residentBefore = agent.residentBytes();
            Seen seen = new Seen();
            seen.scrape(agent);
            long worksBefore = seen.sum(SYSCALLS, WORKS);
            long failsBefore = seen.sum(ERRORS, FAILS);

            // none for a while in the middle: more containers end than can wait for a scrape
            Map<String, Work> truth = churn(agent, SECONDS, 5_000, seen);
            settle(agent, seen, slotsBefore);

            long works = truth.values().stream().mapToLong(Work::works).sum();
            long fails = truth.values().stream().mapToLong(Work::fails).sum();
            Accuracy.record(SYSCALLS, "churn's own count", works, seen.sum(SYSCALLS, WORKS) - worksBefore);
            assertThat(truth).hasSize(PER_SECOND * SECONDS);
            assertThat(seen.sum(SYSCALLS, WORKS) - worksBefore).isEqualTo(works);
            assertThat(seen.sum(SYSCALLS, FAILS) - failsBefore).isEqualTo(fails);
            assertThat(seen.sum(ERRORS, FAILS) - failsBefore).isEqualTo(fails);
            assertThat(seen.sum(ERRORS, WORKS)).isZero();
            named(truth, seen);

            long heap = agent.heapBytes() - heapBefore;
            long resident = agent.residentBytes() - residentBefore;
            System.out.printf(
                    "churn: %d containers; heap %+d KiB to %d KiB, resident %+d KiB to %d KiB, maps %d KiB%n",
                    truth.size(),
                    heap / 1024,
                    (heap + heapBefore) / 1024,
                    resident / 1024,
                    (resident + residentBefore) / 1024,
                    mapsBefore / 1024);
            assertThat(agent.mapBytes()).as("kernel memory of the maps").isCloseTo(mapsBefore, within(64L << 10));
            assertThat(heap).as("growth of the heap").isLessThan(6L << 20);
            assertThat(resident).as("growth of resident memory").isLessThan(12L << 20);
        }
    }

    @Test
    void containersBeyondTheSlotsAreCountedTogetherAndTheOthersExactly() throws Exception {
        int free = 10;
        int containers = 25;
        long others;
        try (AgentProcess agent = AgentProcess.start("--kpod.profile=comprehensive", TRACKED)) {
            others = slots(agent);
        }
        try (AgentProcess agent = AgentProcess.start(
                "--kpod.profile=comprehensive",
                TRACKED,
                "--kpod.poll-interval=1000",
                "--kpod.bpf.max-containers=" + (others + free))) {
            List<Path> groups = new ArrayList<>();
            Map<Path, Long> truth = new LinkedHashMap<>();
            for (int i = 0; i < containers; i++) {
                groups.add(sandbox.container());
            }
            for (Path group : groups) {
                truth.put(group, works(group, 10 + truth.size()));
            }
            CgroupSandbox.pause(100);

            Scrape page = agent.scrape();
            Map<Path, Long> named = new LinkedHashMap<>(truth);
            named.keySet()
                    .removeIf(group -> page.samples(SYSCALLS, WORKS, pod(group)).isEmpty());
            assertThat(named.size()).isBetween(1, containers - 1);
            named.forEach((group, works) -> assertThat(page.sample(SYSCALLS, WORKS, pod(group)))
                    .as("of %s", group)
                    .isEqualTo(works.doubleValue()));
            long all = sum(truth);
            assertThat(page.sample(SYSCALLS, WORKS, REST)).isEqualTo(all - sum(named));
            assertThat(page.sample("kpod_bpf_map_update_errors_total", "map=\"slots\""))
                    .isGreaterThanOrEqualTo(containers - named.size());
            // other programs of this machine may have ended one since
            double capacity = page.sample("kpod_bpf_map_capacity", "map=\"slots\"");
            assertThat(page.sample("kpod_bpf_map_entries", "map=\"slots\"")).isBetween(capacity - 5, capacity);

            // slots that come free go to containers that had none; what was counted of them together stays counted
            List<Path> kept = new ArrayList<>(groups);
            for (Path group : named.keySet().stream().limit(3).toList()) {
                sandbox.remove(group);
                kept.remove(group);
            }
            Seen seen = new Seen();
            for (int i = 0; i < 40 && named(agent, seen, kept) < named.size(); i++) {
                CgroupSandbox.pause(250);
            }
            for (Path group : kept) {
                all += works(group, 100);
            }
            CgroupSandbox.pause(100);
            seen.scrape(agent);
            assertThat(named(agent, seen, kept)).isEqualTo(named.size());
            assertThat(seen.sum(SYSCALLS, WORKS)).isEqualTo(all);
        }
    }

    /** Runs containers for a while and scrapes meanwhile, but for a pause of four intervals. */
    private Map<String, Work> churn(AgentProcess agent, int seconds, long scrapeMillis, Seen seen) throws Exception {
        Process process = new ProcessBuilder(
                        Load.program("churn").toString(),
                        sandbox.outside().toString(),
                        Integer.toString(PER_SECOND * seconds),
                        Integer.toString(PER_SECOND),
                        Integer.toString(LIVE))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .redirectOutput(Path.of("target/churn.txt").toFile())
                .start();
        try {
            for (int i = 1; !process.waitFor(scrapeMillis, TimeUnit.MILLISECONDS); i++) {
                if (i < 4 || i > 7) {
                    seen.scrape(agent);
                }
            }
            assertThat(process.exitValue()).isZero();
        } finally {
            process.destroyForcibly();
        }
        Map<String, Work> works = new LinkedHashMap<>();
        long millis = 0;
        for (String line : java.nio.file.Files.readAllLines(Path.of("target/churn.txt"))) {
            String[] words = line.split(" ");
            if (words.length == 1) {
                millis = Long.parseLong(line);
            } else {
                works.put(
                        words[0].substring(0, 12),
                        new Work(
                                Long.parseLong(words[1]),
                                Long.parseLong(words[2]),
                                Long.parseLong(words[3]),
                                Long.parseLong(words[4])));
            }
        }
        assertThat(millis)
                .as("ms for %d s of containers", seconds)
                .isBetween(seconds * 1_000L - 1_000, seconds * 1_500L);
        return works;
    }

    /** Until every container that ended was shown and its slot is free again. */
    private static void settle(AgentProcess agent, Seen seen, long slotsBefore) throws Exception {
        CgroupSandbox.pause(2_500);
        seen.scrape(agent);
        seen.scrape(agent);
        for (int i = 0; i < 20 && slots(agent) > slotsBefore; i++) {
            CgroupSandbox.pause(500);
        }
        // other programs of this machine may have started something since
        assertThat(slots(agent)).as("slots in use").isLessThan(slotsBefore + LIVE);
    }

    /** Containers with series of their own have the right values in all of them. */
    private static void named(Map<String, Work> truth, Seen seen) {
        Map<String, Long> sent = seen.byContainer(SENT);
        Map<String, Long> switches = seen.byContainer(SWITCHES);
        sent.keySet().retainAll(truth.keySet());
        assertThat(sent).hasSizeGreaterThan(truth.size() / 4);
        sent.forEach((id, bytes) -> {
            Work work = truth.get(id);
            assertThat(bytes).as("bytes sent by %s", id).isEqualTo(work.bytes());
            assertThat(switches.get(id)).as("switches of %s", id).isCloseTo(work.switches(), within(1L));
        });
        long measured = sent.keySet().stream().mapToLong(switches::get).sum();
        long expected =
                sent.keySet().stream().mapToLong(id -> truth.get(id).switches()).sum();
        Accuracy.record(
                SENT,
                "churn's own count",
                sent.keySet().stream().mapToLong(id -> truth.get(id).bytes()).sum(),
                sent.values().stream().mapToLong(Long::longValue).sum());
        Accuracy.record(SWITCHES, "getrusage", expected, measured);
    }

    private static int named(AgentProcess agent, Seen seen, List<Path> groups) throws Exception {
        seen.scrape(agent);
        Scrape page = agent.scrape();
        return (int) groups.stream()
                .filter(group -> !page.samples(SYSCALLS, WORKS, pod(group)).isEmpty())
                .count();
    }

    private static long slots(AgentProcess agent) throws Exception {
        double slots = agent.scrape().sample("kpod_bpf_map_entries", "map=\"slots\"");
        assertThat(slots).as("slots in use").isPositive();
        return (long) slots;
    }

    /** How often getitimer was called by a task that is born in the group. */
    private static long works(Path group, int times) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(
                        Load.program("syscalls").toString(), group.toString(), "rare", Integer.toString(times))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String output = new String(process.getInputStream().readAllBytes());
        assertThat(process.waitFor()).isZero();
        return output.lines()
                .filter(line -> line.startsWith("getitimer "))
                .mapToLong(line -> Long.parseLong(line.split(" ")[1]))
                .sum();
    }

    private static long sum(Map<Path, Long> works) {
        return works.values().stream().mapToLong(Long::longValue).sum();
    }

    /** {@code pod="SHORT ID"}, as the stand-alone agent names a container. */
    private static String pod(Path group) {
        String name = String.valueOf(group.getFileName());
        return "pod=\"" + name.substring("cri-containerd-".length(), "cri-containerd-".length() + 12) + "\"";
    }
}
