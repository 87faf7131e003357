package io.kpod.agent.collector.oom;

import io.kpod.agent.collector.Collector;
import io.kpod.agent.collector.KernelCollector;
import io.kpod.agent.collector.KernelFamily;
import io.kpod.agent.collector.UnsupportedKernelException;
import io.kpod.agent.kernel.ContainerSlots;
import io.kpod.bpf.layout.KpodOom;
import io.kpod.libbpf.BpfException;
import io.kpod.libbpf.BpfObject;
import io.kpod.libbpf.KernelBtf;
import java.util.Map;

/** OOM kills of each victim's slot. */
public final class OomFamily implements KernelFamily {
    /** What metrics and configuration call it by. */
    public static final String NAME = "oom";

    /** The collector; off, with the reason, where the kernel or the rights don't allow it. */
    public static Collector open(ContainerSlots slots, KernelBtf btf) {
        return KernelCollector.open(new OomFamily(), slots, btf);
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public int structSize() {
        return KpodOom.SIZE;
    }

    @Override
    public Map<String, Integer> fields() {
        return KpodOom.FIELDS;
    }

    @Override
    public String choose(BpfObject object, KernelBtf btf, boolean hashed)
            throws BpfException, UnsupportedKernelException {
        String victim = btf.tracepointArgument("mark_victim", 0)
                .orElseThrow(() -> new UnsupportedKernelException("the kernel has no tracepoint mark_victim"));
        if (victim.equals("task_struct")) {
            object.leaveOut("mark_victim_by_pid").leaveOut("signal_generate");
            return "tp_btf/mark_victim";
        }
        object.leaveOut("mark_victim");
        return "tp_btf/mark_victim, and signal_generate for the task of the pid that it tells";
    }
}
