/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0 */
/* What is counted of TCP, what is kept of each socket for it, and whom a socket is charged to. */
#ifndef KPOD_TCP_H
#define KPOD_TCP_H

#include "histogram.h"
#include "socket.h"

struct kpod_tcp {
	__u64 bytes_sent;
	__u64 bytes_received;
	__u64 retransmits;
	__u64 connections;
	__u64 listen_drops;
	__u64 pad[7]; /* to whole cache lines */
	struct kpod_histogram rtt;
	struct kpod_histogram connect_latency;
};

/* How full the other maps are. */
struct kpod_tcp_maps {
	__u64 sockets; /* of the hash; storage with sockets has no bound */
	__u64 socket_errors;
	__u64 listeners;
	__u64 listener_errors;
};

/* What is kept of a socket. */
struct kpod_socket {
	__u64 syn_ns;	  /* when it began to connect */
	__u32 copied_seq; /* as last seen */
	__u32 write_seq;  /* as last seen; only with sent_by_sequence */
	__u32 events;	  /* it has events of its own for the round-trip time */
	__u32 sampled;	  /* tick of its last sample then */
	__u32 slot;	  /* of its own group, while that exists; 0: to be looked up */
	__u32 user;	  /* slot of who last sent or received, if its own group has none */
	__u32 unclaimed;  /* it was established, and is not counted yet: it was nobody's then */
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 513);
	__type(key, __u32);
	__type(value, struct kpod_tcp);
} tcp SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct kpod_tcp_maps);
} tcp_maps SEC(".maps");

static __always_inline struct kpod_tcp_maps *maps(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&tcp_maps, &zero);
}

#ifdef KPOD_HASHED
/* By address of the socket, until it is destroyed. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 32768);
	__type(key, __u64);
	__type(value, struct kpod_socket);
} sockets SEC(".maps");

static __always_inline struct kpod_socket *find_socket(struct sock *sk)
{
	__u64 key = (__u64)sk;

	return bpf_map_lookup_elem(&sockets, &key);
}

static __always_inline struct kpod_socket *make_socket(struct sock *sk, struct kpod_socket *initial)
{
	struct kpod_tcp_maps *use = maps();
	struct kpod_socket *socket;
	__u64 key = (__u64)sk;
	bool made;

	/* another CPU may have been first: that is no failure */
	made = bpf_map_update_elem(&sockets, &key, initial, BPF_NOEXIST) == 0;
	socket = bpf_map_lookup_elem(&sockets, &key);
	if (use && made)
		add(&use->sockets, 1);
	if (use && !socket)
		add(&use->socket_errors, 1);
	return socket;
}

SEC("tp_btf/tcp_destroy_sock")
int BPF_PROG(tcp_destroy_sock, struct sock *sk)
{
	struct kpod_tcp_maps *use = maps();
	__u64 key = (__u64)sk;

	if (!bpf_map_delete_elem(&sockets, &key) && use)
		add(&use->sockets, -1);
	return 0;
}
#else
struct {
	__uint(type, BPF_MAP_TYPE_SK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct kpod_socket);
} sockets SEC(".maps");

static __always_inline struct kpod_socket *find_socket(struct sock *sk)
{
	return bpf_sk_storage_get(&sockets, sk, NULL, 0);
}

static __always_inline struct kpod_socket *make_socket(struct sock *sk, struct kpod_socket *initial)
{
	struct kpod_socket *socket = bpf_sk_storage_get(&sockets, sk, initial, BPF_SK_STORAGE_GET_F_CREATE);
	struct kpod_tcp_maps *use;

	if (!socket) {
		use = maps();
		if (use)
			add(&use->socket_errors, 1);
	}
	return socket;
}
#endif

/* A socket that was there before this program is seen here first. */
static __always_inline struct kpod_socket *socket_of(struct sock *sk)
{
	struct kpod_socket *socket = find_socket(sk);
	struct kpod_socket initial = {};
	struct tcp_sock *tp;

	if (socket)
		return socket;
	tp = tcp_sock_of(sk);
	if (!tp)
		return NULL;
	initial.copied_seq = tp->copied_seq;
	initial.write_seq = tp->snd_una;
	return make_socket(sk, &initial);
}

static __always_inline struct kpod_tcp *values_of(__u32 slot)
{
	return bpf_map_lookup_elem(&tcp, &slot);
}

/* A task of the container in `slot` uses a socket that was made outside any: from now on it is the container's. */
static __always_inline struct kpod_tcp *claim(struct kpod_socket *socket, __u32 slot)
{
	struct kpod_tcp *mine = values_of(slot);

	socket->user = slot;
	if (socket->unclaimed && mine) {
		socket->unclaimed = 0;
		add(&mine->connections, 1);
	}
	return mine;
}

/* The same without a look-up. */
static __always_inline struct kpod_tcp *noted_owner_of(struct sock *sk, struct kpod_socket *socket)
{
	if (socket->slot && in_living_group(sk))
		return values_of(socket->slot);
	return socket->user && sk->sk_socket ? values_of(socket->user) : NULL;
}

/* Whom to charge; by_task: `current` is what uses the socket. */
static __always_inline struct kpod_tcp *owner_of(struct sock *sk, struct kpod_socket *socket, bool by_task)
{
	struct kpod_group *group, *users;

	if (socket->slot && in_living_group(sk))
		return values_of(socket->slot);
	group = group_of_socket(sk);
	if (group && group->inherit != KPOD_INHERIT_NEVER) {
		socket->slot = group->slot;
		return values_of(group->slot);
	}
	if (by_task) {
		users = group_of_current();
		if (users && users->inherit != KPOD_INHERIT_NEVER)
			return claim(socket, users->slot);
	} else if (socket->user && sk->sk_socket) {
		return values_of(socket->user);
	}
	return group ? values_of(group->slot) : NULL;
}

#endif
