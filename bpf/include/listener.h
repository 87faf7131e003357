/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0 */
/*
 * Connections that listening sockets drop, where the functions that drop them can't be traced: the kernel counts them in
 * each listening socket's sk_drops. The sockets are kept in a map from listen() to close(); a sweep, which user space
 * asks for before it reads, counts what was dropped since the last. The events themselves cost nothing.
 */
#ifndef KPOD_LISTENER_H
#define KPOD_LISTENER_H

#include "tcp.h"

/* Slot of a listening socket that was there before: user space finds it by the cgroup. */
#define KPOD_SLOT_UNKNOWN 0xffffffff

/* Buckets that one run of find_listeners looks through, and sockets in one of them. */
#define KPOD_BUCKETS_A_RUN 1024
#define KPOD_SOCKETS_A_BUCKET 1024

struct kpod_listener {
	__u64 cgroup_id;
	__u32 slot;
	__u32 drops;	/* sk_drops as last seen */
	__u32 segments; /* counted there that are no connections */
	__u32 segments_seen;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 4096);
	__type(key, __u64);
	__type(value, struct kpod_listener);
} listeners SEC(".maps");

/* Whether the map is in use; else the functions that drop are traced. */
const volatile bool sweep_listeners = false;

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct inet_listen_hashbucket {
	struct hlist_nulls_head nulls_head;
};

struct inet_hashinfo {
	unsigned int lhash2_mask;
	struct inet_listen_hashbucket *lhash2;
};

struct inet_timewait_death_row {
	struct inet_hashinfo *hashinfo;
};

struct netns_ipv4 {
	struct inet_timewait_death_row tcp_death_row;
};

struct net {
	struct netns_ipv4 ipv4;
};

struct nsproxy {
	struct net *net_ns;
};

struct task_struct___net {
	struct nsproxy *nsproxy;
};

struct sk_buff___data {
	unsigned char *head;
	unsigned int end;
};

struct skb_shared_info {
	__u16 gso_segs;
};

#pragma clang attribute pop

enum skb_drop_reason {
	SKB_DROP_REASON_TCP_CSUM = 10,
	SKB_DROP_REASON_TCP_FLAGS = 30,
	SKB_DROP_REASON_TCP_RESET = 58,
};

/*
 * What the socket dropped since it was last asked. `segments` must be read before `drops`, which is counted first; should
 * they be out of step even so, the difference waits.
 */
static __always_inline __u32 dropped_since(struct kpod_listener *listener, __u32 segments, __u32 drops)
{
	__s32 dropped = drops - listener->drops - (segments - listener->segments_seen);

	if (dropped <= 0)
		return 0;
	listener->drops = drops;
	listener->segments_seen = segments;
	return dropped;
}

/* In the call of listen(), so that `current` is who listens. */
static __always_inline void listening(struct sock *sk)
{
	struct kpod_listener listener = {.drops = sk->sk_drops.counter};
	struct kpod_group *group = group_of_socket(sk);
	struct kpod_tcp_maps *use = maps();
	__u64 key = (__u64)sk;

	if (!group || group->inherit == KPOD_INHERIT_NEVER)
		group = group_of_current();
	if (!group || !use)
		return;
	listener.slot = group->slot;
	if (bpf_map_update_elem(&listeners, &key, &listener, BPF_ANY))
		add(&use->listener_errors, 1);
	else
		add(&use->listeners, 1);
}

static __always_inline void count_dropped(struct kpod_listener *listener, struct sock *sk)
{
	__u32 segments = *(volatile __u32 *)&listener->segments;
	__u32 dropped = dropped_since(listener, segments, BPF_CORE_READ(sk, sk_drops.counter));
	struct kpod_tcp *mine = dropped ? values_of(listener->slot) : NULL;

	if (mine)
		add(&mine->listen_drops, dropped);
}

static __always_inline void stopped_listening(struct sock *sk)
{
	__u64 key = (__u64)sk;
	struct kpod_listener *listener = bpf_map_lookup_elem(&listeners, &key);
	struct kpod_tcp_maps *use = maps();

	if (!listener)
		return;
	if (listener->slot != KPOD_SLOT_UNKNOWN)
		count_dropped(listener, sk);
	if (!bpf_map_delete_elem(&listeners, &key) && use)
		add(&use->listeners, -1);
}

static long sweep_one(void *map, const __u64 *key, struct kpod_listener *listener, void *context)
{
	struct sock *sk = (struct sock *)*key;

	if (listener->slot != KPOD_SLOT_UNKNOWN &&
	    BPF_CORE_READ(sk, sk_cgrp_data.cgroup, self.flags) & KPOD_CSS_ONLINE)
		count_dropped(listener, sk);
	return 0;
}

/* Counts what all listening sockets dropped since the last sweep; run by user space. */
SEC("raw_tp/sched_switch")
int sweep(void *ctx)
{
	bpf_for_each_map_elem(&listeners, sweep_one, NULL, 0);
	return 0;
}

#define kpod_is(reason, which)                                             \
	(bpf_core_enum_value_exists(enum skb_drop_reason, which) &&        \
	 (reason) == (int)bpf_core_enum_value(enum skb_drop_reason, which))

/*
 * sk_drops counts segments too, in tcp_v4_rcv and tcp_v6_rcv: the last one of a handshake that finds the queue full, so
 * that it counts twice, one that waits for data (TCP_DEFER_ACCEPT), one that the socket's filter refuses. Those that
 * tcp_rcv_state_process refuses, which it tells by these reasons, are not in sk_drops.
 */
SEC("tp_btf/kfree_skb")
int BPF_PROG(kfree_skb, struct sk_buff *skb, void *location, int reason, struct sock *receiver)
{
	struct sk_buff___data *buffer = (void *)skb;
	struct kpod_listener *listener;
	struct skb_shared_info *shared;
	__u64 key = (__u64)receiver;
	__u16 segments;

	if (!receiver || receiver->__sk_common.skc_state != KPOD_TCP_LISTEN ||
	    kpod_is(reason, SKB_DROP_REASON_TCP_CSUM) || kpod_is(reason, SKB_DROP_REASON_TCP_FLAGS) ||
	    kpod_is(reason, SKB_DROP_REASON_TCP_RESET))
		return 0;
	listener = bpf_map_lookup_elem(&listeners, &key);
	if (!listener)
		return 0;
	shared = (void *)(BPF_CORE_READ(buffer, head) + BPF_CORE_READ(buffer, end));
	segments = BPF_CORE_READ(shared, gso_segs);
	__sync_fetch_and_add(&listener->segments, segments ? segments : 1);
	return 0;
}

struct kpod_bucket_walk {
	__u64 buckets;
	__u64 node;
	__u32 first;
};

static long find_in_bucket(__u32 index, struct kpod_bucket_walk *walk)
{
	struct kpod_listener listener = {.slot = KPOD_SLOT_UNKNOWN};
	struct hlist_nulls_node *node = (void *)walk->node;
	struct kpod_tcp_maps *use = maps();
	struct sock *sk;
	__u64 key;

	if (walk->node & 1)
		return 1;
	key = walk->node - bpf_core_field_offset(struct sock, __sk_common.skc_nulls_node);
	sk = (void *)key;
	listener.drops = BPF_CORE_READ(sk, sk_drops.counter);
	listener.cgroup_id = BPF_CORE_READ(sk, sk_cgrp_data.cgroup, kn, id);
	if (BPF_CORE_READ(sk, __sk_common.skc_state) == KPOD_TCP_LISTEN &&
	    BPF_CORE_READ(sk, sk_protocol) == KPOD_IPPROTO_TCP &&
	    !bpf_map_update_elem(&listeners, &key, &listener, BPF_NOEXIST) && use)
		add(&use->listeners, 1);
	walk->node = (__u64)BPF_CORE_READ(node, next);
	return !walk->node;
}

static long find_in_buckets(__u32 index, struct kpod_bucket_walk *walk)
{
	struct inet_listen_hashbucket *bucket;

	bucket = (void *)(walk->buckets +
			  (__u64)(walk->first + index) * bpf_core_type_size(struct inet_listen_hashbucket));
	walk->node = (__u64)BPF_CORE_READ(bucket, nulls_head.first);
	if (walk->node)
		bpf_loop(KPOD_SOCKETS_A_BUCKET, find_in_bucket, walk, 0);
	return 0;
}

/*
 * Looks for listening sockets that are there already, in all network namespaces: they share one table. From bucket
 * args[0] on, KPOD_BUCKETS_A_RUN of them; returns how many buckets there are. Every read may fail, none may crash.
 */
SEC("raw_tp/sched_switch")
int find_listeners(struct bpf_raw_tracepoint_args *ctx)
{
	struct task_struct___net *task = (void *)bpf_get_current_task();
	struct inet_hashinfo *table = BPF_CORE_READ(task, nsproxy, net_ns, ipv4.tcp_death_row.hashinfo);
	struct kpod_bucket_walk walk = {.first = ctx->args[0]};
	__u32 buckets = BPF_CORE_READ(table, lhash2_mask) + 1;

	walk.buckets = (__u64)BPF_CORE_READ(table, lhash2);
	if (walk.first < buckets) {
		if (buckets - walk.first > KPOD_BUCKETS_A_RUN)
			bpf_loop(KPOD_BUCKETS_A_RUN, find_in_buckets, &walk, 0);
		else
			bpf_loop(buckets - walk.first, find_in_buckets, &walk, 0);
	}
	return buckets;
}

#endif
