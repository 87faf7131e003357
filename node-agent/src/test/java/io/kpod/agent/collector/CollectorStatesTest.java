package io.kpod.agent.collector;

import static org.assertj.core.api.Assertions.assertThat;

import io.kpod.agent.AgentSettings;
import io.kpod.agent.collector.Collectors.Status;
import io.kpod.agent.kernel.RealKernel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What runs on this kernel, and on which hook: the rows of KERNELS.md, which tells for every kernel. */
class CollectorStatesTest {
    private static final Path FILE = Path.of("target/collectors.tsv");

    @Test
    void everyCollectorRunsOnAHookOrSaysWhyNot() throws Exception {
        RealKernel.require();
        AgentSettings settings = AgentSettings.load(
                List.of("--kpod.profile=comprehensive", "--kpod.discovery.mode=none", "--kpod.cgroup.proc-root=/proc"),
                Map.of());
        List<String> lines = new ArrayList<>();
        try (Collectors collectors = Collectors.start(settings)) {
            assertThat(collectors.status()).extracting(Status::collector).doesNotHaveDuplicates();
            for (Status status : collectors.status()) {
                String how = switch (status.state()) {
                    case CollectorState.Running(String hook) -> "runs\t" + hook;
                    case CollectorState.Off(String reason) -> "off\t" + reason;
                };
                assertThat(how.lines()).as(status.collector()).hasSize(1);
                assertThat(how.split("\t")).as(status.collector()).hasSize(2);
                lines.add(status.collector() + "\t" + how);
            }
        }
        Files.createDirectories(FILE.getParent());
        Files.write(FILE, lines);
    }
}
