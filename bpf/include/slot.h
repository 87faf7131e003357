/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0 */
/*
 * Which container a cgroup belongs to, as a slot: a number that indexes every family's array. Slot 0 is shared by the
 * containers that found no free one. container.bpf.c gives the slots; every family's object uses its map `groups`.
 *
 * KPOD_HASHED: the variant for kernels without cgroup storage (before 6.2): a hash by cgroup id. Each hierarchy counts its
 * ids by itself, so the hierarchy's number, 0 for v2, is the key's highest byte.
 */
#ifndef KPOD_SLOT_H
#define KPOD_SLOT_H

#include "kernel.h"

enum kpod_inherit {
	KPOD_INHERIT_NEVER = 0,	/* the root's own tasks: the host */
	KPOD_INHERIT_UNIT = 1,	/* a systemd unit: all below it, but containers in it are their own */
	KPOD_INHERIT_ALL = 2,	/* a container: all below it */
};

/* What is kept with a cgroup that has a slot. */
struct kpod_group {
	__u32 slot;
	enum kpod_inherit inherit;
};

#ifdef KPOD_HASHED
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 8192);
	__type(key, __u64);
	__type(value, struct kpod_group);
} groups SEC(".maps");

static __always_inline __u64 group_key(struct cgroup *cgroup)
{
	return cgroup->kn->id | (__u64)cgroup->root->hierarchy_id << 56;
}

static __always_inline struct kpod_group *group_of(struct cgroup *cgroup)
{
	__u64 key = group_key(cgroup);

	return bpf_map_lookup_elem(&groups, &key);
}

/* The running task's; 5.10 has no bpf_get_current_task_btf. */
static __always_inline struct kpod_group *group_of_current(void)
{
	__u64 key = bpf_get_current_cgroup_id();

	return bpf_map_lookup_elem(&groups, &key);
}

#else
struct {
	__uint(type, KPOD_MAP_TYPE_CGRP_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct kpod_group);
} groups SEC(".maps");

static __always_inline struct kpod_group *group_of(struct cgroup *cgroup)
{
	return bpf_cgrp_storage_get(&groups, cgroup, 0, 0);
}

/* The running task's. */
static __always_inline struct kpod_group *group_of_current(void)
{
	return group_of(bpf_get_current_task_btf()->cgroups->dfl_cgrp);
}
#endif

#endif
