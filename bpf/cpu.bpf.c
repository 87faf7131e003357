// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
/*
 * CPU: how long tasks wait on a run queue, how often they are switched out, and who takes the CPU from them.
 *
 * All of it from one tracepoint, for the task that is switched *out* (its cgroup is looked up once). The kernel keeps the
 * sum of a task's waits, sched_info.run_delay; what it grew since the task was last switched out is the wait before the
 * run that ends here. sched_info.pcount counts the runs: it must be one more than at the last time, else runs went by
 * unseen (the task was there before this program, or outside any container) and the growth is not this container's.
 * A task in its first run compares with zeros, which is what a new entry holds.
 */
#include "histogram.h"
#include "slot.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

struct kpod_cpu {
	struct kpod_histogram latency; /* one sample a run */
	__u64 unsampled;	       /* switches without one: switches = samples + unsampled */
	__u64 preempted_by_self;       /* another task of the same container took the CPU */
	__u64 preempted_by_container;
	__u64 preempted_by_host;
	__u64 pad[2]; /* to whole cache lines */
};

/* How full the other maps are. */
struct kpod_cpu_maps {
	__u64 runs;		 /* of the hash; storage with tasks has no bound */
	__u64 run_errors;	 /* no room to remember a task's run: its waits are not sampled */
	__u64 preemptors;	 /* user space, which takes them out, counts down */
	__u64 preemptor_errors;	 /* no room to tell who took the CPU */
};

/* How a task stood when it was last switched out. */
struct kpod_run {
	__u64 run_delay;
	__u32 pcount;
	__u32 nivcsw;
};

/* Who took the CPU from whom. User space takes the counts out every second or so, so that there is room for who does it now. */
struct kpod_preemptor {
	__u32 victim;
	__u32 offender;	     /* 0: none, or one that has no slot of its own */
	__u64 offender_group; /* of the host, below the root: its cgroup's id; 0: a container */
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 513);
	__type(key, __u32);
	__type(value, struct kpod_cpu);
} cpu SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct kpod_cpu_maps);
} cpu_maps SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4096); /* set before load */
	__type(key, struct kpod_preemptor);
	__type(value, __u64);
} preemptors SEC(".maps");

static __always_inline struct kpod_cpu_maps *maps(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&cpu_maps, &zero);
}

#ifdef KPOD_HASHED
/*
 * By address of the task: unlike a pid it can't come back before sched_process_free, which is after the last switch.
 * Preallocated: nothing may be allocated under a run queue's lock on these kernels.
 */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 32768);
	__type(key, __u64);
	__type(value, struct kpod_run);
} runs SEC(".maps");

static __always_inline struct kpod_run *run_of(struct task_struct *task)
{
	struct kpod_run none = {};
	struct kpod_run *run;
	__u64 key = (__u64)task;

	run = bpf_map_lookup_elem(&runs, &key);
	if (run)
		return run;
	if (!bpf_map_update_elem(&runs, &key, &none, BPF_NOEXIST)) {
		struct kpod_cpu_maps *use = maps();

		if (use)
			count(&use->runs);
	}
	return bpf_map_lookup_elem(&runs, &key);
}

SEC("tp_btf/sched_process_free")
int BPF_PROG(sched_process_free, struct task_struct *task)
{
	__u64 key = (__u64)task;
	struct kpod_cpu_maps *use = maps();

	if (!bpf_map_delete_elem(&runs, &key) && use)
		__sync_fetch_and_add(&use->runs, -1);
	return 0;
}
#else
struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct kpod_run);
} runs SEC(".maps");

static __always_inline struct kpod_run *run_of(struct task_struct *task)
{
	return bpf_task_storage_get(&runs, task, NULL, BPF_LOCAL_STORAGE_GET_F_CREATE);
}
#endif

static __always_inline void count_preemptor(const struct kpod_preemptor *pair)
{
	__u64 *times = bpf_map_lookup_elem(&preemptors, pair);
	struct kpod_cpu_maps *use;
	__u64 none = 0;

	if (!times) {
		use = maps();
		/* another CPU may have been first: that is no failure */
		if (!bpf_map_update_elem(&preemptors, pair, &none, BPF_NOEXIST) && use)
			count(&use->preemptors);
		times = bpf_map_lookup_elem(&preemptors, pair);
		if (!times && use)
			count(&use->preemptor_errors);
	}
	if (times)
		count(times);
}

/* The task in `slot` still wanted to run. The idle task takes the CPU from nobody: that is a quota's throttling. */
static __always_inline void count_preemption(struct kpod_cpu *cpu, __u32 slot, struct task_struct *next)
{
	struct kpod_preemptor pair = {.victim = slot};
	struct kpod_group *group;
	struct cgroup *cgroup;

	if (!next->pid)
		return;
	cgroup = next->cgroups->dfl_cgrp;
	group = group_of(cgroup);
	if (group && group->slot == slot) {
		count(&cpu->preempted_by_self);
	} else if (!group || group->inherit == KPOD_INHERIT_NEVER) {
		count(&cpu->preempted_by_host);
		if (cgroup->self.parent) {
			pair.offender_group = cgroup->kn->id;
			count_preemptor(&pair);
		}
	} else {
		count(&cpu->preempted_by_container);
		pair.offender = group->slot;
		count_preemptor(&pair);
	}
}

SEC("tp_btf/sched_switch")
int BPF_PROG(sched_switch, bool preempt, struct task_struct *prev, struct task_struct *next)
{
	struct kpod_group *group;
	struct kpod_cpu_maps *use;
	__u32 slot, pcount, nivcsw;
	struct kpod_run *run;
	struct kpod_cpu *mine;
	__u64 run_delay;
	bool preempted;
	__s64 wait;

	if (!prev->pid)
		return 0;
	group = group_of(prev->cgroups->dfl_cgrp);
	if (!group)
		return 0;
	slot = group->slot;
	mine = bpf_map_lookup_elem(&cpu, &slot);
	if (!mine)
		return 0;
	run = run_of(prev);
	if (!run) {
		count(&mine->unsampled);
		use = maps();
		if (use)
			count(&use->run_errors);
		return 0;
	}
	run_delay = prev->sched_info.run_delay;
	pcount = prev->sched_info.pcount;
	nivcsw = prev->nivcsw;
	if (run->pcount + 1 == pcount) {
		wait = run_delay - run->run_delay;
		histogram_add(&mine->latency, wait < 0 ? 0 : wait);
		/* nonvoluntary_ctxt_switches, which the kernel has counted just before */
		preempted = run->nivcsw != nivcsw;
	} else {
		count(&mine->unsampled);
		preempted = preempt;
	}
	run->run_delay = run_delay;
	run->pcount = pcount;
	run->nivcsw = nivcsw;
	if (preempted)
		count_preemption(mine, slot, next);
	return 0;
}
