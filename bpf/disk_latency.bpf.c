// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
/*
 * How long block devices take for a container's requests, from issue to completion, by device and operation.
 *
 * The container is that of the bio's blkcg, so that what is written back later belongs to who dirtied it. With cgroup v1's
 * blkio controller that is a group of its hierarchy, to which container.bpf.c has given its container's slot too; it knows
 * no writeback by container.
 *
 * Only the pairs of device and operation that a container uses have a series: an element of the array `disk_latency`,
 * taken from `free_disk_series` when first needed and found again by `disk_series`. User space frees them with the slot.
 */
#include "histogram.h"
#include "slot.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

#define DISK_NAME_SIZE 32

enum kpod_disk_operation {
	KPOD_DISK_READ = 0,
	KPOD_DISK_WRITE = 1,
	KPOD_DISK_DISCARD = 2,
	KPOD_DISK_FLUSH = 3,
};

struct kpod_disk_key {
	__u32 slot;
	__u32 device; /* major << 20 | first minor */
	enum kpod_disk_operation operation;
};

struct kpod_disk_latency {
	struct kpod_histogram latency;
	struct kpod_disk_key key;
	__u32 used; /* set last when it is taken, cleared first when it is freed */
	char name[DISK_NAME_SIZE];
};

/* How full the other maps are. */
struct kpod_disk_latency_maps {
	__u64 series;	     /* taken so far, those that user space has freed since too */
	__u64 series_errors; /* requests that found no free series: not sampled */
	__u64 issues;
	__u64 issue_errors; /* requests whose issue found no room: not sampled */
};

/* Series 0 is not used, so that 0 means none. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1025);
	__type(key, __u32);
	__type(value, struct kpod_disk_latency);
} disk_latency SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct kpod_disk_latency_maps);
} disk_latency_maps SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, struct kpod_disk_key);
	__type(value, __u32);
} disk_series SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_QUEUE);
	__uint(max_entries, 1024);
	__type(value, __u32);
} free_disk_series SEC(".maps");

/* When requests of queues without statistics were issued, by the request's address: it is in flight but once. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4096);
	__type(key, __u64);
	__type(value, __u64);
} disk_issues SEC(".maps");

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct list_head {
	struct list_head *next;
};

struct blk_queue_stats {
	struct list_head callbacks;
	int accounting;
};

/* Until Linux 5.18 (68497092bde9). */
struct blk_queue_stats___v517 {
	bool enable_accounting;
};

struct gendisk {
	int major;
	int first_minor;
	char disk_name[DISK_NAME_SIZE];
};

struct request_queue {
	struct blk_queue_stats *stats;
	struct gendisk *disk;
};

struct blkcg {
	struct cgroup_subsys_state css;
};

struct blkcg_gq {
	struct blkcg *blkcg;
};

struct bio {
	struct blkcg_gq *bi_blkg;
};

struct request {
	struct request_queue *q;
	struct bio *bio;
	unsigned int cmd_flags;
	unsigned int __data_len;
	unsigned short nr_phys_segments;
	__u64 start_time_ns;
	__u64 io_start_time_ns;
};

/* Until Linux 5.16 (f3fa33acca9f); request_queue.disk is there since 5.14 (d152c682f03c). */
struct request___v516 {
	struct gendisk *rq_disk;
};

#pragma clang attribute pop

/* <linux/blk_types.h>; the values are part of the kernel's tracepoints and have not changed since 4.10 but for zones. */
#define REQ_OP_MASK 0xff
#define REQ_OP_READ 0
#define REQ_OP_WRITE 1
#define REQ_OP_DISCARD 3
#define REQ_OP_SECURE_ERASE 5
#define REQ_OP_DRV_IN 34

#define CSS_ONLINE (1 << 1)

static __always_inline struct kpod_disk_latency_maps *maps(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&disk_latency_maps, &zero);
}

/*
 * Does the kernel note the issue time in this queue's requests? It does while anything takes statistics of the queue, such
 * as the throttling of writeback, which is there by default.
 */
static __always_inline bool notes_issue(struct request_queue *queue)
{
	struct blk_queue_stats *stats = queue->stats;
	struct blk_queue_stats___v517 *older = (void *)stats;

	if (!stats)
		return false;
	if ((void *)stats->callbacks.next != (void *)&stats->callbacks)
		return true;
	if (bpf_core_field_exists(older->enable_accounting))
		return older->enable_accounting;
	return stats->accounting;
}

static __always_inline void note_issue(struct request *request)
{
	struct kpod_disk_latency_maps *use;
	__u64 key = (__u64)request;
	__u64 now;
	__u64 *noted;

	if (notes_issue(request->q))
		return;
	now = bpf_ktime_get_ns();
	noted = bpf_map_lookup_elem(&disk_issues, &key);
	if (noted) {
		/* it was put back into its queue meanwhile */
		*noted = now;
		return;
	}
	use = maps();
	if (!use)
		return;
	if (bpf_map_update_elem(&disk_issues, &key, &now, BPF_NOEXIST))
		__sync_fetch_and_add(&use->issue_errors, 1);
	else
		__sync_fetch_and_add(&use->issues, 1);
}

SEC("tp_btf/block_rq_issue")
int BPF_PROG(block_rq_issue, struct request *request)
{
	note_issue(request);
	return 0;
}

/* Until Linux 5.10 the queue is the first argument (a54895fa057c, 5.11). */
SEC("tp_btf/block_rq_issue")
int BPF_PROG(block_rq_issue_of_queue, struct request_queue *queue, struct request *request)
{
	note_issue(request);
	return 0;
}

static __always_inline struct gendisk *disk_of(struct request *request)
{
	struct request___v516 *older = (void *)request;

	if (bpf_core_field_exists(older->rq_disk))
		return older->rq_disk;
	return request->q->disk;
}

/* When the request was issued; 0: not known, or it never was. */
static __always_inline __u64 issued_at(struct request *request)
{
	struct kpod_disk_latency_maps *use;
	__u64 key = (__u64)request;
	__u64 *noted, at;

	if (request->io_start_time_ns)
		return request->io_start_time_ns;
	noted = bpf_map_lookup_elem(&disk_issues, &key);
	if (!noted)
		return 0;
	at = *noted;
	bpf_map_delete_elem(&disk_issues, &key);
	use = maps();
	if (use)
		__sync_fetch_and_add(&use->issues, -1);
	return at;
}

static __always_inline struct kpod_disk_latency *take_series(struct kpod_disk_key *key, struct gendisk *disk)
{
	struct kpod_disk_latency_maps *use = maps();
	struct kpod_disk_latency *taken;
	__u32 *found, index = 0;

	if (!use)
		return NULL;
	if (bpf_map_pop_elem(&free_disk_series, &index)) {
		__sync_fetch_and_add(&use->series_errors, 1);
		return NULL;
	}
	taken = bpf_map_lookup_elem(&disk_latency, &index);
	if (!taken)
		return NULL;
	taken->key = *key;
	bpf_probe_read_kernel_str(taken->name, sizeof(taken->name), disk->disk_name);
	if (bpf_map_update_elem(&disk_series, key, &index, BPF_NOEXIST)) {
		/* another CPU was first */
		bpf_map_push_elem(&free_disk_series, &index, 0);
		found = bpf_map_lookup_elem(&disk_series, key);
		return found ? bpf_map_lookup_elem(&disk_latency, found) : NULL;
	}
	/* after the hash's lock: a reader that sees it sees the rest */
	taken->used = 1;
	__sync_fetch_and_add(&use->series, 1);
	return taken;
}

SEC("tp_btf/block_rq_complete")
int BPF_PROG(block_rq_complete, struct request *request, int error, unsigned int bytes)
{
	struct kpod_disk_latency *mine;
	struct kpod_disk_key key = {};
	struct kpod_group *group;
	struct cgroup *cgroup;
	struct gendisk *disk;
	struct bio *bio;
	__u64 now, at;
	__u32 *index;
	__u32 operation;

	if (bytes < request->__data_len)
		return 0;
	/* before anything else that may return: the note must not outlive the request */
	at = issued_at(request);
	bio = request->bio;
	if (!bio)
		return 0;
	operation = request->cmd_flags & REQ_OP_MASK;
	if (!bytes) {
		/* a write that is done but for the flush after it comes by again, its data gone */
		if (request->nr_phys_segments || operation != REQ_OP_WRITE)
			return 0;
		/* never issued itself: the kernel issues one flush for all that wait for it */
		at = request->start_time_ns;
		key.operation = KPOD_DISK_FLUSH;
	} else if (operation >= REQ_OP_DRV_IN) {
		return 0;
	} else if (operation == REQ_OP_DISCARD || operation == REQ_OP_SECURE_ERASE) {
		key.operation = KPOD_DISK_DISCARD;
	} else {
		key.operation = operation & 1 ? KPOD_DISK_WRITE : KPOD_DISK_READ;
	}
	if (!at)
		return 0;
	cgroup = bio->bi_blkg->blkcg->css.cgroup;
	group = group_of(cgroup);
	if (!group)
		return 0;
	/* what a container that is gone had left to be written: its slot may be another's by now, so it is everybody's */
	key.slot = cgroup->self.flags & CSS_ONLINE ? group->slot : 0;
	disk = disk_of(request);
	key.device = (__u32)disk->major << 20 | disk->first_minor;
	index = bpf_map_lookup_elem(&disk_series, &key);
	mine = index ? bpf_map_lookup_elem(&disk_latency, index) : take_series(&key, disk);
	if (!mine)
		return 0;
	now = bpf_ktime_get_ns();
	histogram_add(&mine->latency, now > at ? now - at : 0);
	return 0;
}
