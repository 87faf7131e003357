// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
/*
 * OOM kills, charged to the victim's container, whoever's allocation brought it about.
 *
 * The tracepoint mark_victim tells the victim's task (6.8, and kernels that took it over), before that its pid alone, and
 * no helper finds a task by its pid. There the kernel has sent the SIGKILL just before, on the same CPU and under the
 * victim's lock: the signal's tracepoint knows the task.
 */
#include "slot.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

#define SIGKILL 9
#define SEND_SIG_PRIV ((void *)1) /* <linux/sched/signal.h>: sent by the kernel itself */

struct kpod_oom {
	__u64 kills;
	__u64 pad[7]; /* to a whole cache line */
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 513);
	__type(key, __u32);
	__type(value, struct kpod_oom);
} oom SEC(".maps");

static __always_inline void count_kill(__u32 slot)
{
	struct kpod_oom *mine = bpf_map_lookup_elem(&oom, &slot);

	if (mine)
		__sync_fetch_and_add(&mine->kills, 1);
}

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct signal_struct {
	int group_exit_code;
};

struct task_struct___signal {
	struct signal_struct *signal;
};

#pragma clang attribute pop

SEC("tp_btf/mark_victim")
int BPF_PROG(mark_victim, struct task_struct *victim)
{
	struct signal_struct *signal = ((struct task_struct___signal *)victim)->signal;
	struct kpod_group *group;

	/* a process that exits by itself is marked too, so that it gets the memory to do so: nobody killed it */
	if (signal->group_exit_code != SIGKILL)
		return 0;
	group = group_of(victim->cgroups->dfl_cgrp);
	if (group)
		count_kill(group->slot);
	return 0;
}

/* The last victim of a SIGKILL of the kernel's own on this CPU; no pid: it was in no container. */
struct kpod_victim {
	__u32 pid;
	__u32 slot;
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct kpod_victim);
} victims SEC(".maps");

SEC("tp_btf/signal_generate")
int BPF_PROG(signal_generate, int signal, void *info, struct task_struct *task)
{
	struct kpod_victim *victim;
	struct kpod_group *group;
	__u32 zero = 0;

	if (signal != SIGKILL || info != SEND_SIG_PRIV)
		return 0;
	victim = bpf_map_lookup_elem(&victims, &zero);
	if (!victim)
		return 0;
	group = group_of(task->cgroups->dfl_cgrp);
	victim->pid = group ? task->pid : 0;
	victim->slot = group ? group->slot : 0;
	return 0;
}

SEC("tp_btf/mark_victim")
int BPF_PROG(mark_victim_by_pid, int pid)
{
	struct kpod_victim *victim;
	__u32 zero = 0;

	victim = bpf_map_lookup_elem(&victims, &zero);
	/* one that is marked without having been killed is exiting by itself */
	if (!victim || !victim->pid || victim->pid != (__u32)pid)
		return 0;
	victim->pid = 0;
	count_kill(victim->slot);
	return 0;
}
