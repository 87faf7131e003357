/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0 */
/*
 * The few kernel types that the programs touch. Only names matter: libbpf moves every access to where the
 * running kernel has the field (CO-RE).
 */
#ifndef KPOD_KERNEL_H
#define KPOD_KERNEL_H

#include <linux/bpf.h>
#include <stdbool.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_tracing.h>

/* Newer than the distribution's <linux/bpf.h>; 6.2. */
#define KPOD_MAP_TYPE_CGRP_STORAGE 32

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct kernfs_node {
	const char *name;
	__u64 id;
};

struct cgroup;

struct cgroup_subsys_state {
	struct cgroup *cgroup;
	struct cgroup_subsys_state *parent;
	unsigned int flags;
};

struct cgroup_root {
	int hierarchy_id;
};

struct cgroup {
	struct cgroup_subsys_state self;
	struct kernfs_node *kn;
	struct cgroup_root *root;
};

/* A task's set of cgroups, one of each hierarchy; dfl_cgrp is the one of cgroup v2. */
struct css_set {
	struct cgroup_subsys_state *subsys[1]; /* one a controller, by enum cgroup_subsys_id */
	struct cgroup *dfl_cgrp;
};

/* pcount: how often the task got a CPU; run_delay: ns that it waited for one, /proc/PID/schedstat's second field. */
struct sched_info {
	unsigned long pcount;
	unsigned long long run_delay;
};

/* status: on x86 alone, whether the present system call is of the 32-bit kind. */
struct thread_info {
	unsigned long flags;
	__u32 status;
};

struct task_struct {
	struct thread_info thread_info;
	int pid;
	unsigned long nivcsw;
	struct css_set *cgroups;
	struct sched_info sched_info;
};

#pragma clang attribute pop

/* Which numbers the controllers have depends on the kernel's configuration: bpf_core_enum_value. */
enum cgroup_subsys_id {
	io_cgrp_id = 1,
};

/* Counters are shared by all CPUs. */
static __always_inline void add(__u64 *counter, __u64 amount)
{
	__sync_fetch_and_add(counter, amount);
}

static __always_inline void count(__u64 *counter)
{
	add(counter, 1);
}

#endif
