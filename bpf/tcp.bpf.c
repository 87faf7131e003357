// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
/*
 * TCP: bytes, connections and how long they take to open, round-trip times, retransmitted segments, and connections that
 * a full accept queue turned away.
 *
 * Everything is charged to the socket's cgroup, which is its creator's: most of TCP runs in softirq, where `current` is
 * anybody. A socket made outside any container (by a process that entered one later, or passed in) is charged to the
 * container of the task that last sent or received on it.
 *
 * The bytes received are what tcp_sock.copied_seq grew since it was last seen. It moves when data leaves the receive
 * queue for a program, by whatever call (recv, read, splice, mapped pages), and a peek leaves it.
 */
#include "listener.h"
#include "tcp.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

/* Whether the bytes sent are what tcp_sock.write_seq grew. */
const volatile bool sent_by_sequence = false;

static __always_inline int count_sent(struct sock *sk, int bytes)
{
	struct kpod_socket *socket;
	struct kpod_tcp *mine;

	if (bytes <= 0 || !is_tcp(sk))
		return 0;
	socket = socket_of(sk);
	if (!socket)
		return 0;
	mine = owner_of(sk, socket, true);
	if (mine)
		add(&mine->bytes_sent, bytes);
	return 0;
}

SEC("tp_btf/sock_send_length")
int BPF_PROG(sock_send_length, struct sock *sk, int bytes)
{
	return count_sent(sk, bytes);
}

/* Kernels without that tracepoint: what it would tell, from the functions that it stands for. */
SEC("fexit/tcp_sendmsg")
int BPF_PROG(tcp_sendmsg, struct sock *sk, void *message, unsigned long size, int bytes)
{
	return count_sent(sk, bytes);
}

/* sendfile and splice, until Linux 6.5; they don't pass by the tracepoint. */
SEC("fexit/tcp_sendpage")
int BPF_PROG(tcp_sendpage, struct sock *sk, void *page, int offset, unsigned long size, int flags, int bytes)
{
	return count_sent(sk, bytes);
}

/*
 * Kernels where neither is to be had: what write_seq grew. It moves when a program's data enters the send queue, by
 * whatever call, and is looked at when segments arrive and before the end, so it may be late. With the socket's lock
 * held, and before a FIN takes its number.
 */
static __always_inline void count_written(struct sock *sk, int state, bool by_task)
{
	struct kpod_socket *socket = socket_of(sk);
	struct tcp_sock *tp = tcp_sock_of(sk);
	struct kpod_tcp *mine;
	__u32 seq, bytes;

	if (!socket || !tp || (state != KPOD_TCP_ESTABLISHED && state != KPOD_TCP_CLOSE_WAIT))
		return;
	seq = tp->write_seq;
	bytes = seq - socket->write_seq;
	socket->write_seq = seq;
	mine = bytes ? owner_of(sk, socket, by_task) : NULL;
	if (mine)
		add(&mine->bytes_sent, bytes);
}

SEC("tp_btf/tcp_rcv_space_adjust")
int BPF_PROG(tcp_rcv_space_adjust, struct sock *sk)
{
	struct tcp_sock *tp = tcp_sock_of(sk);
	struct kpod_socket *socket = socket_of(sk);
	struct kpod_tcp *mine;
	__u32 seq, bytes;
	bool by_task;

	if (!tp || !socket)
		return 0;
	seq = tp->copied_seq;
	bytes = seq - socket->copied_seq;
	socket->copied_seq = seq;
	/* a kernel service may read in softirq; a task that reads owns the socket's lock */
	by_task = sk->sk_lock.owned;
	mine = owner_of(sk, socket, by_task);
	if (mine)
		add(&mine->bytes_received, bytes);
	if (sent_by_sequence)
		count_written(sk, sk->__sk_common.skc_state, by_task);
	return 0;
}

static __always_inline void sample_rtt(struct kpod_tcp *mine, struct tcp_sock *tp)
{
	__u32 srtt_us = tp->srtt_us;

	if (srtt_us)
		histogram_add(&mine->rtt, srtt_us * 1000ULL / 8);
}

static __always_inline void connecting(struct sock *sk)
{
	struct kpod_socket *socket = socket_of(sk);

	if (!socket)
		return;
	socket->syn_ns = bpf_ktime_get_ns();
	owner_of(sk, socket, true);
}

static __always_inline void established(struct sock *sk, bool opened)
{
	struct tcp_sock *tp = tcp_sock_of(sk);
	struct kpod_socket *socket = socket_of(sk);
	struct kpod_tcp *mine;

	if (!tp || !socket)
		return;
	socket->copied_seq = tp->copied_seq;
	socket->write_seq = tp->write_seq;
	mine = owner_of(sk, socket, false);
	if (!mine) {
		socket->unclaimed = 1;
		return;
	}
	add(&mine->connections, 1);
	sample_rtt(mine, tp);
	if (opened && socket->syn_ns)
		histogram_add(&mine->connect_latency, bpf_ktime_get_ns() - socket->syn_ns);
}

static __always_inline int count_overflow(struct sock *listener)
{
	struct kpod_socket *socket;
	struct kpod_tcp *mine;

	if (listener->sk_ack_backlog <= listener->sk_max_ack_backlog)
		return 0;
	socket = socket_of(listener);
	mine = socket ? owner_of(listener, socket, false) : NULL;
	if (mine)
		add(&mine->listen_drops, 1);
	return 0;
}

/* A SYN arrived. */
SEC("fentry/tcp_conn_request")
int BPF_PROG(tcp_conn_request, void *operations, void *family, struct sock *listener)
{
	return count_overflow(listener);
}

/* The last segment of a handshake arrived. */
SEC("fentry/tcp_v4_syn_recv_sock")
int BPF_PROG(tcp_v4_syn_recv_sock, struct sock *listener)
{
	return count_overflow(listener);
}

/* It calls that of IPv4 for IPv4. */
SEC("fentry/tcp_v6_syn_recv_sock")
int BPF_PROG(tcp_v6_syn_recv_sock, struct sock *listener, struct sk_buff *skb)
{
	return skb->protocol == bpf_htons(KPOD_ETH_P_IP) ? 0 : count_overflow(listener);
}

/*
 * Their caller, for kernels that trace no function of seven arguments (before Linux 6.6): no socket came of the segment,
 * and it neither asked again nor waits for data (TCP_DEFER_ACCEPT).
 */
SEC("fexit/tcp_check_req")
int BPF_PROG(tcp_check_req, struct sock *listener, struct sk_buff *skb, void *request, bool fastopen, void *stolen,
	     struct sock *child)
{
	struct tcp_skb_cb *segment = (struct tcp_skb_cb *)skb->cb;
	struct inet_connection_sock *icsk = (struct inet_connection_sock *)listener;

	if (child)
		return 0;
	if ((BPF_CORE_READ(segment, tcp_flags) & (KPOD_TCP_SYN | KPOD_TCP_RST | KPOD_TCP_ACK)) != KPOD_TCP_ACK)
		return 0;
	if (BPF_CORE_READ(segment, seq) == BPF_CORE_READ(segment, end_seq) &&
	    BPF_CORE_READ(icsk, icsk_accept_queue.rskq_defer_accept))
		return 0;
	return count_overflow(listener);
}

SEC("tp_btf/inet_sock_set_state")
int BPF_PROG(inet_sock_set_state, struct sock *sk, int old_state, int new_state)
{
	if (sk->sk_protocol != KPOD_IPPROTO_TCP)
		return 0;
	if (sent_by_sequence)
		count_written(sk, old_state, false);
	if (new_state == KPOD_TCP_SYN_SENT)
		connecting(sk);
	else if (new_state == KPOD_TCP_ESTABLISHED)
		established(sk, old_state == KPOD_TCP_SYN_SENT);
	else if (sweep_listeners && new_state == KPOD_TCP_LISTEN)
		listening(sk);
	else if (sweep_listeners && old_state == KPOD_TCP_LISTEN && new_state == KPOD_TCP_CLOSE)
		stopped_listening(sk);
	return 0;
}

/*
 * Called for every segment that arrives. A sample is the smoothed round-trip time as the kernel has it: at the start of
 * the connection, and then when a segment acknowledges new data, the first of a timer tick. It changes slowly, by an
 * eighth of each measurement. The first segment of a tick makes a socket known that was there before.
 */
SEC("tp_btf/tcp_probe")
int BPF_PROG(tcp_probe, struct sock *sk, struct sk_buff *skb)
{
	struct tcp_skb_cb *segment = (struct tcp_skb_cb *)skb->cb;
	struct tcp_sock *tp = tcp_sock_of(sk);
	__u32 now = bpf_jiffies64();
	struct kpod_socket *socket;
	struct kpod_tcp *mine;
	bool acknowledges;

	if (sent_by_sequence)
		count_written(sk, KPOD_TCP_ESTABLISHED, false);
	if (!tp || tp->rcv_tstamp == now)
		return 0;
	acknowledges = (__s32)(segment->ack_seq - tp->snd_una) > 0;
	if (!acknowledges && tp->inet_conn.icsk_ack.lrcvtime == now)
		return 0;
	socket = socket_of(sk);
	if (!acknowledges || !socket || socket->events)
		return 0;
	socket->sampled = now;
	mine = owner_of(sk, socket, false);
	if (mine)
		sample_rtt(mine, tp);
	return 0;
}

/*
 * Where CAP_NET_ADMIN allows it, in place of tcp_probe for connections that began under it: called for each measurement
 * of a round-trip time; the first of a timer tick is the sample. A look-up by cgroup is not to be had here: the socket's
 * slot was noted when it was established.
 */
SEC("sockops")
int round_trip(struct bpf_sock_ops *context)
{
	__u32 now = bpf_jiffies64();
	struct kpod_socket *socket;
	struct kpod_tcp *mine;
	struct tcp_sock *tp;
	struct sock *sk;

	if (context->op == BPF_SOCK_OPS_ACTIVE_ESTABLISHED_CB || context->op == BPF_SOCK_OPS_PASSIVE_ESTABLISHED_CB)
		bpf_sock_ops_cb_flags_set(context, context->bpf_sock_ops_cb_flags | BPF_SOCK_OPS_RTT_CB_FLAG);
	if (context->op != BPF_SOCK_OPS_RTT_CB || !context->sk)
		return 1;
	tp = bpf_skc_to_tcp_sock(context->sk);
	if (!tp)
		return 1;
	sk = (struct sock *)tp;
	socket = find_socket(sk);
	if (!socket)
		return 1;
	socket->events = 1;
	if (socket->sampled == now)
		return 1;
	socket->sampled = now;
	mine = noted_owner_of(sk, socket);
	if (mine)
		sample_rtt(mine, tp);
	return 1;
}

static __always_inline void count_retransmitted(struct sock *sk, __u32 segments)
{
	struct kpod_socket *socket = socket_of(sk);
	struct kpod_tcp *mine = socket ? owner_of(sk, socket, false) : NULL;

	if (mine)
		add(&mine->retransmits, segments);
}

static __always_inline __u32 segments_of(struct sk_buff *skb)
{
	return BPF_CORE_READ((struct tcp_skb_cb *)skb->cb, tcp_gso_segs);
}

/* Called for what went out. */
SEC("tp_btf/tcp_retransmit_skb")
int BPF_PROG(tcp_retransmit_skb, struct sock *sk, struct sk_buff *skb)
{
	count_retransmitted(sk, segments_of(skb));
	return 0;
}

/* Since Linux 6.16: called for what could not be sent too. */
SEC("tp_btf/tcp_retransmit_skb")
int BPF_PROG(tcp_retransmit_skb_tried, struct sock *sk, struct sk_buff *skb, int error)
{
	if (!error)
		count_retransmitted(sk, segments_of(skb));
	return 0;
}

/* The answer to a SYN, which has no socket of its own yet. */
SEC("tp_btf/tcp_retransmit_synack")
int BPF_PROG(tcp_retransmit_synack, struct sock *listener)
{
	count_retransmitted(listener, 1);
	return 0;
}
