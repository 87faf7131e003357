// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
/*
 * Major page faults of each container's tasks. Runs at every PERF_COUNT_SW_PAGE_FAULTS_MAJ, in the task that faulted; one
 * perf event a CPU.
 */
#include "slot.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

struct kpod_page_faults {
	__u64 major;
	__u64 pad[7]; /* to a whole cache line */
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 513);
	__type(key, __u32);
	__type(value, struct kpod_page_faults);
} page_faults SEC(".maps");

SEC("perf_event")
int major_page_fault(void *context)
{
	struct kpod_group *group = group_of_current();
	struct kpod_page_faults *mine;
	__u32 slot;

	if (!group)
		return 0;
	slot = group->slot;
	mine = bpf_map_lookup_elem(&page_faults, &slot);
	if (mine)
		__sync_fetch_and_add(&mine->major, 1);
	return 0;
}
