package io.kpod.agent.kernel;

import io.kpod.bpf.layout.KpodInherit;

/** What the kernel keeps with a cgroup that has a slot: {@code struct kpod_group}. */
record Group(int slot, int inherit) {
    /** Whether a group of that kind below this one belongs to it. */
    boolean includes(GroupKind below) {
        return inherit == KpodInherit.INHERIT_ALL
                || inherit == KpodInherit.INHERIT_UNIT && below != GroupKind.CONTAINER;
    }
}
