package io.kpod.agent.collector.pagefaults;

import io.kpod.agent.collector.Collector;
import io.kpod.agent.collector.KernelCollector;
import io.kpod.agent.collector.KernelFamily;
import io.kpod.agent.kernel.ContainerSlots;
import io.kpod.bpf.layout.KpodPageFaults;
import io.kpod.libbpf.BpfException;
import io.kpod.libbpf.BpfObject;
import io.kpod.libbpf.BpfProgram;
import io.kpod.libbpf.Kernel;
import io.kpod.libbpf.KernelBtf;
import java.util.Map;

/**
 * Major page faults of each slot's tasks, by one perf event a CPU. Those of a CPU that is brought online after the start
 * are not seen.
 */
public final class PageFaultsFamily implements KernelFamily {
    /** What metrics and configuration call it by. */
    public static final String NAME = "page-faults";

    /** The collector; off, with the reason, where the kernel or the rights don't allow it. */
    public static Collector open(ContainerSlots slots, KernelBtf btf) {
        return KernelCollector.open(new PageFaultsFamily(), slots, btf);
    }

    @Override
    public String name() {
        return NAME;
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
        return "perf event PERF_COUNT_SW_PAGE_FAULTS_MAJ";
    }

    @Override
    public void attach(BpfObject object) throws BpfException {
        BpfProgram program = object.program("major_page_fault");
        for (int cpu : Kernel.onlineCpus()) {
            program.attachMajorPageFaults(cpu);
        }
    }
}
