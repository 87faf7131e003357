package io.kpod.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.kpod.agent.collector.Collector;
import io.kpod.agent.collector.syscall.SyscallFamily;
import io.kpod.agent.kernel.CgroupSandbox;
import io.kpod.agent.kernel.ContainerSlots;
import io.kpod.agent.kernel.Load;
import io.kpod.agent.kernel.RealKernel;
import io.kpod.agent.snapshot.SeriesLayout;
import io.kpod.summary.Catalogue;
import io.kpod.summary.Metric;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** System calls by a second truth: the same program in a container, and in a second run under {@code strace -c}. */
class StraceTest {
    /** Those of the default that the program's start and its output make none of. */
    private static final List<String> NAMES =
            List.of("openat", "connect", "accept4", "sendto", "recvfrom", "epoll_wait", "futex", "read", "close");

    private record Line(long calls, long errors) {}

    @Test
    void straceCountsTheSame() throws Exception {
        RealKernel.require();
        Map<String, Line> truth = strace();
        try (CgroupSandbox sandbox = new CgroupSandbox();
                ContainerSlots slots = RealKernel.open(RealKernel.foreignContainers() + 5, false);
                Collector collector = SyscallFamily.open(NAMES, slots, RealKernel.btf())) {
            Path container = sandbox.container();

            output(List.of(Load.program("syscalls").toString(), container.toString(), "calls", "50"));

            SeriesLayout layout = SeriesLayout.of(List.of(collector));
            long[] values = new long[layout.width()];
            collector.read(sandbox.slot(slots, container).orElseThrow().index(), values, 0);
            assertThat(collector.labelValues(Catalogue.SYSCALL_COUNT)).isNotEmpty();
            for (String name : collector.labelValues(Catalogue.SYSCALL_COUNT)) {
                Line expected = truth.getOrDefault(name, new Line(0, 0));
                long count = values[offset(layout, Catalogue.SYSCALL_COUNT, name)];
                long errors = values[offset(layout, Catalogue.SYSCALL_ERRORS, name)];
                Accuracy.record("kpod.syscall.count", "strace -c", expected.calls(), count);
                Accuracy.record("kpod.syscall.errors", "strace -c", expected.errors(), errors);
                assertThat(count).as("count of %s", name).isEqualTo(expected.calls());
                assertThat(errors).as("errors of %s", name).isEqualTo(expected.errors());
            }
        }
    }

    private static Map<String, Line> strace() throws IOException {
        Path summary = Files.createTempFile("kpod-strace", ".txt");
        try {
            output(List.of(
                    "strace",
                    "-f",
                    "-c",
                    "-U",
                    "calls,errors,name",
                    "-o",
                    summary.toString(),
                    Load.program("syscalls").toString(),
                    "-",
                    "calls",
                    "50"));
            Map<String, Line> lines = new HashMap<>();
            for (String line : Files.readAllLines(summary)) {
                List<String> words = new ArrayList<>(List.of(line.strip().split("\\s+")));
                if (words.getFirst().matches("\\d+")) {
                    long errors = words.size() == 3 ? Long.parseLong(words.get(1)) : 0;
                    lines.put(words.getLast(), new Line(Long.parseLong(words.getFirst()), errors));
                }
            }
            return lines;
        } finally {
            Files.delete(summary);
        }
    }

    private static int offset(SeriesLayout layout, Metric metric, String name) {
        return layout.series().stream()
                .filter(series ->
                        series.metric().equals(metric) && series.labels().equals(name))
                .findFirst()
                .orElseThrow()
                .offset();
    }

    private static void output(List<String> command) throws IOException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes());
        try {
            assertThat(process.waitFor()).as(output).isZero();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
    }
}
