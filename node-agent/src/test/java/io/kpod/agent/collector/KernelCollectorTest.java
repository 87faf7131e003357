package io.kpod.agent.collector;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.kpod.agent.collector.oom.OomFamily;
import io.kpod.agent.kernel.CgroupSandbox;
import io.kpod.agent.kernel.ContainerSlots;
import io.kpod.agent.kernel.ContainerSlots.Slot;
import io.kpod.agent.kernel.RealKernel;
import io.kpod.bpf.layout.KpodPageFaults;
import io.kpod.libbpf.BpfException;
import io.kpod.libbpf.BpfObject;
import io.kpod.libbpf.KernelBtf;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What holds for each family of kernel programs. */
class KernelCollectorTest {
    private static final int NO_SUCH_CPU = 1 << 20;

    /** As where the kernel refuses perf events: its object is loaded, and can't be attached. */
    private static final class Refused implements KernelFamily {
        @Override
        public String name() {
            return "page-faults";
        }

        @Override
        public int structSize() {
            return KpodPageFaults.SIZE;
        }

        @Override
        public Map<String, Integer> fields() {
            return KpodPageFaults.FIELDS;
        }

        @Override
        public String choose(BpfObject object, KernelBtf btf, boolean hashed) {
            return "a perf event";
        }

        @Override
        public void attach(BpfObject object) throws BpfException {
            object.program("major_page_fault").attachMajorPageFaults(NO_SUCH_CPU);
        }
    }

    @Test
    void slotsComeBackBesideAFamilyThatCouldNotBeAttached() throws Exception {
        RealKernel.require();
        try (CgroupSandbox sandbox = new CgroupSandbox();
                ContainerSlots slots = RealKernel.open(RealKernel.foreignContainers() + 300, RealKernel.hashed());
                Collector refused = KernelCollector.open(new Refused(), slots, RealKernel.btf());
                Collector works = OomFamily.open(slots, RealKernel.btf())) {
            assertThat(refused.state()).isInstanceOf(CollectorState.Off.class);
            assertThat(works.state()).isInstanceOf(CollectorState.Running.class);
            Path container = sandbox.container();
            assertThat(sandbox.slot(slots, container)).isPresent();
            sandbox.remove(container);
            await().atMost(10, SECONDS).until(() -> {
                Slot ended = sandbox.slot(slots, container).orElseThrow();
                return slots.release(ended);
            });
            assertThat(sandbox.slot(slots, container)).isEmpty();
        }
    }
}
