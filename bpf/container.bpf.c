// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
/*
 * Birth and death of containers: gives each container's cgroup a slot before its first task can run in it, and lets the
 * cgroups below it inherit the slot. User space frees the slot when it has read the last counts.
 */
#include "slot.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

enum kpod_slot_state {
	KPOD_SLOT_FREE = 0,
	KPOD_SLOT_LIVE = 1,
	KPOD_SLOT_ENDED = 2,
};

struct kpod_slot {
	__u64 generation; /* goes up each time that the slot is given */
	__u64 cgroup_id;
	__u64 born_ns; /* CLOCK_BOOTTIME */
	__u64 ended_ns;
	enum kpod_slot_state state;
	__u32 walked; /* found by a walk, not born before our eyes: what it did before is unknown */
	char path[472]; /* within the cgroup v2 hierarchy, from its root */
};

struct kpod_slot_counters {
	__u64 overflowed; /* containers that found no free slot */
	__u64 errors;	  /* cgroups whose slot could not be noted: their tasks are not counted */
};

/* Set before load to the number of slots, and one more for slot 0. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 513);
	__type(key, __u32);
	__type(value, struct kpod_slot);
} slots SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_QUEUE);
	__uint(max_entries, 512);
	__type(value, __u32);
} free_slots SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct kpod_slot_counters);
} slot_counters SEC(".maps");

/* systemd units count as containers: the mode without Kubernetes. */
const volatile bool units_are_containers = false;

#define ID_DIGITS 64
#define NAME_SIZE 256 /* NAME_MAX and the end */

static __always_inline bool starts_with(const char *name, const char *start, int length)
{
	for (int i = 0; i < length; i++)
		if (name[i] != start[i])
			return false;
	return true;
}

/* Does what stands `length` bytes before `end`, in kernel memory, equal `what`? */
static __always_inline bool ends_with(const char *end, const char *what, int length)
{
	char tail[8] = {};

	bpf_probe_read_kernel(tail, length, end - length);
	return starts_with(tail, what, length);
}

static __always_inline bool is_hex(const char *digits)
{
	bool hex = true;

	for (int i = 0; i < ID_DIGITS; i++) {
		char c = digits[i];

		hex = hex && ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'));
	}
	return hex;
}

/* What a cgroup of this name passes on; KPOD_INHERIT_NEVER: neither container nor unit. */
static __always_inline enum kpod_inherit kind_of(const char *kernel_name)
{
	char name[NAME_SIZE] = {};
	char digits[ID_DIGITS];
	const char *end;
	bool scope;
	long length;

	length = bpf_probe_read_kernel_str(name, sizeof(name), kernel_name) - 1;
	if (length < 8)
		return KPOD_INHERIT_NEVER;
	/* the monitors of CRI-O and Podman are named after their container */
	if (starts_with(name, "crio-conmon-", 12) || starts_with(name, "libpod-conmon-", 14))
		return KPOD_INHERIT_NEVER;
	end = kernel_name + length;
	scope = ends_with(end, ".scope", 6);
	if (length - (scope ? 6 : 0) >= ID_DIGITS) {
		bpf_probe_read_kernel(digits, sizeof(digits), end - (scope ? 6 : 0) - ID_DIGITS);
		if (is_hex(digits))
			return KPOD_INHERIT_ALL;
	}
	if (units_are_containers && (scope || ends_with(end, ".service", 8)))
		return KPOD_INHERIT_UNIT;
	return KPOD_INHERIT_NEVER;
}

static __always_inline bool note(struct cgroup *cgroup, struct kpod_group group)
{
#ifdef KPOD_HASHED
	__u64 key = group_key(cgroup);

	return bpf_map_update_elem(&groups, &key, &group, BPF_NOEXIST) == 0;
#else
	return bpf_cgrp_storage_get(&groups, cgroup, &group, BPF_LOCAL_STORAGE_GET_F_CREATE) != NULL;
#endif
}

/*
 * Called when the directory can't be seen yet, so before any task can enter. On a mixed machine the hierarchies of v1 come
 * by here too; there only what is below a group that has a slot gets it.
 */
SEC("tp_btf/cgroup_mkdir")
int BPF_PROG(cgroup_mkdir, struct cgroup *cgroup, const char *path)
{
	struct kpod_slot_counters *counters;
	struct cgroup_subsys_state *parent;
	struct kpod_group *above = NULL;
	struct kpod_group group = {};
	struct kpod_slot *slot;
	enum kpod_inherit kind;
	__u32 zero = 0;

	counters = bpf_map_lookup_elem(&slot_counters, &zero);
	if (!counters)
		return 0;
	parent = cgroup->self.parent;
	if (parent)
		above = group_of(parent->cgroup);
	if (!above && cgroup->root->hierarchy_id)
		return 0;
	if (above && above->inherit == KPOD_INHERIT_ALL) {
		group = *above;
		if (!note(cgroup, group))
			count(&counters->errors);
		return 0;
	}
	kind = kind_of(cgroup->kn->name);
	if (above && above->inherit == KPOD_INHERIT_UNIT && kind != KPOD_INHERIT_ALL) {
		group = *above;
		if (!note(cgroup, group))
			count(&counters->errors);
		return 0;
	}
	if (kind == KPOD_INHERIT_NEVER || cgroup->root->hierarchy_id)
		return 0;

	group.inherit = kind;
	if (bpf_map_pop_elem(&free_slots, &group.slot)) {
		group.slot = 0;
		count(&counters->overflowed);
		if (!note(cgroup, group))
			count(&counters->errors);
		return 0;
	}
	slot = bpf_map_lookup_elem(&slots, &group.slot);
	if (!slot)
		return 0;
	slot->generation++;
	slot->cgroup_id = cgroup->kn->id;
	slot->born_ns = bpf_ktime_get_boot_ns();
	slot->ended_ns = 0;
	slot->walked = 0;
	bpf_probe_read_kernel_str(slot->path, sizeof(slot->path), path);
	if (!note(cgroup, group)) {
		count(&counters->errors);
		bpf_map_push_elem(&free_slots, &group.slot, 0);
		return 0;
	}
	/* last: a reader that sees LIVE sees the rest; between lie the locks of note() */
	slot->state = KPOD_SLOT_LIVE;
	return 0;
}

SEC("tp_btf/cgroup_rmdir")
int BPF_PROG(cgroup_rmdir, struct cgroup *cgroup, const char *path)
{
	struct kpod_group *group;
	struct kpod_slot *slot;
	__u32 number;

	if (cgroup->root->hierarchy_id)
		return 0;
	group = group_of(cgroup);
	if (!group || !group->slot)
		return 0;
	number = group->slot;
	slot = bpf_map_lookup_elem(&slots, &number);
	if (!slot || slot->cgroup_id != cgroup->kn->id || slot->state != KPOD_SLOT_LIVE)
		return 0; /* a group below the container: nothing ends yet */
	slot->ended_ns = bpf_ktime_get_boot_ns();
	slot->state = KPOD_SLOT_ENDED;
	return 0;
}

#define COMPARED_SIZE 192 /* two fit on the stack; no container's name is as long */

static __always_inline bool same_name(struct cgroup *one, struct cgroup *other)
{
	__u64 a[COMPARED_SIZE / sizeof(__u64)] = {};
	__u64 b[COMPARED_SIZE / sizeof(__u64)] = {};
	bool same;

	same = bpf_probe_read_kernel_str(a, sizeof(a), one->kn->name) < COMPARED_SIZE &&
	       bpf_probe_read_kernel_str(b, sizeof(b), other->kn->name) < COMPARED_SIZE;
	for (int i = 0; i < COMPARED_SIZE / (int)sizeof(__u64); i++)
		same = same && a[i] == b[i];
	return same;
}

/*
 * On a mixed machine what is charged by cgroup v1's blkio controller knows no group of v2. When a task has entered one of
 * the two groups and is in the other already, which have the container's name both, then the one of v1 gets the slot too.
 */
SEC("tp_btf/cgroup_attach_task")
int BPF_PROG(cgroup_attach_task, struct cgroup *to, const char *path, struct task_struct *leader)
{
	struct kpod_slot_counters *counters;
	struct kpod_group *group, *noted;
	struct css_set *set = leader->cgroups;
	struct cgroup *blkio;
	__u32 zero = 0;

	blkio = set->subsys[bpf_core_enum_value(enum cgroup_subsys_id, io_cgrp_id)]->cgroup;
	if (!blkio->root->hierarchy_id)
		return 0;
	group = group_of(set->dfl_cgrp);
	if (!group || !same_name(blkio, set->dfl_cgrp))
		return 0;
	noted = group_of(blkio);
	if (noted) {
		*noted = *group;
		return 0;
	}
	counters = bpf_map_lookup_elem(&slot_counters, &zero);
	if (!note(blkio, *group) && counters)
		count(&counters->errors);
	return 0;
}
