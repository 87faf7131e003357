/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0 */
/* The kernel's types of TCP sockets, as far as the programs touch them, and whose a socket is. */
#ifndef KPOD_SOCKET_H
#define KPOD_SOCKET_H

#include "slot.h"

#include <bpf/bpf_endian.h>

#define KPOD_SOCK_STREAM 1
#define KPOD_IPPROTO_TCP 6
#define KPOD_ETH_P_IP 0x0800

/* Flags of a TCP segment. */
#define KPOD_TCP_SYN 0x02
#define KPOD_TCP_RST 0x04
#define KPOD_TCP_ACK 0x10

/* cgroup_subsys_state.flags: cleared when the cgroup is removed */
#define KPOD_CSS_ONLINE 2

enum kpod_tcp_state {
	KPOD_TCP_ESTABLISHED = 1,
	KPOD_TCP_SYN_SENT = 2,
	KPOD_TCP_CLOSE = 7,
	KPOD_TCP_CLOSE_WAIT = 8,
	KPOD_TCP_LISTEN = 10,
};

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

typedef struct {
	int counter;
} atomic_t;

typedef struct {
	int owned;
} socket_lock_t;

struct hlist_nulls_node {
	struct hlist_nulls_node *next;
};

struct hlist_nulls_head {
	struct hlist_nulls_node *first;
};

struct sock_common {
	volatile unsigned char skc_state;
	struct hlist_nulls_node skc_nulls_node;
};

struct sock_cgroup_data {
	struct cgroup *cgroup;
};

/* Before 5.15 (and the stable releases that took commit 8520e224f547): a pointer with marks in its lowest bits. */
struct sock_cgroup_data___marked {
	__u64 val;
};

struct socket;

struct sock {
	struct sock_common __sk_common;
	__u16 sk_type;
	__u16 sk_protocol;
	atomic_t sk_drops;
	socket_lock_t sk_lock;
	struct socket *sk_socket;
	__u32 sk_ack_backlog;
	__u32 sk_max_ack_backlog;
	struct sock_cgroup_data sk_cgrp_data;
};

struct sock___marked {
	struct sock_cgroup_data___marked sk_cgrp_data;
};

struct request_sock_queue {
	__u8 rskq_defer_accept;
};

/* lrcvtime: low half of the jiffies when data came last */
struct inet_connection_sock {
	struct request_sock_queue icsk_accept_queue;
	struct {
		__u32 lrcvtime;
	} icsk_ack;
};

/* rcv_tstamp: low half of the jiffies when an acknowledgement came last; srtt_us: in eighths of a microsecond */
struct tcp_sock {
	struct inet_connection_sock inet_conn;
	__u32 rcv_tstamp;
	__u32 snd_una;
	__u32 srtt_us;
	__u32 copied_seq;
	__u32 write_seq;
};

struct sk_buff {
	__u16 protocol;
	unsigned char cb[48];
};

/* What TCP keeps in sk_buff.cb. */
struct tcp_skb_cb {
	__u32 seq;
	__u32 end_seq;
	__u16 tcp_gso_segs;
	__u8 tcp_flags; /* two bytes since Linux 6.15 */
	__u32 ack_seq;
};

#pragma clang attribute pop

static __always_inline bool is_tcp(struct sock *sk)
{
	return sk->sk_protocol == KPOD_IPPROTO_TCP && sk->sk_type == KPOD_SOCK_STREAM;
}

/* Of a TCP socket that is more than a request. */
#ifdef KPOD_HASHED
static __always_inline struct tcp_sock *tcp_sock_of(struct sock *sk)
{
	return bpf_skc_to_tcp_sock(sk);
}
#else
extern void *bpf_rdonly_cast(const void *object, __u32 type) __ksym;

static __always_inline struct tcp_sock *tcp_sock_of(struct sock *sk)
{
	return bpf_rdonly_cast(sk, bpf_core_type_id_kernel(struct tcp_sock));
}
#endif

/*
 * The cgroup of the socket's creator, or of the listening socket that it came from; NULL: a controller of cgroup v1 took
 * the pointer's place (is_data).
 */
static __always_inline struct cgroup *cgroup_of_socket(struct sock *sk)
{
	__u64 marked;

	if (bpf_core_field_exists(sk->sk_cgrp_data.cgroup))
		return sk->sk_cgrp_data.cgroup;
	marked = BPF_CORE_READ((struct sock___marked *)sk, sk_cgrp_data.val);
	return marked & 1 ? NULL : (struct cgroup *)(marked & ~3ULL);
}

/* Is that cgroup there still, and so its slot its own? */
static __always_inline bool in_living_group(struct sock *sk)
{
	if (bpf_core_field_exists(sk->sk_cgrp_data.cgroup))
		return sk->sk_cgrp_data.cgroup->self.flags & KPOD_CSS_ONLINE;
	return BPF_CORE_READ(cgroup_of_socket(sk), self.flags) & KPOD_CSS_ONLINE;
}

/* NULL: the socket is outside any container, or its cgroup is removed. */
static __always_inline struct kpod_group *group_of_socket(struct sock *sk)
{
#ifdef KPOD_HASHED
	__u64 key;

	if (!in_living_group(sk))
		return NULL;
	key = BPF_CORE_READ(cgroup_of_socket(sk), kn, id);
	return bpf_map_lookup_elem(&groups, &key);
#else
	return in_living_group(sk) ? group_of(sk->sk_cgrp_data.cgroup) : NULL;
#endif
}

#endif
