// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
/* What kpod attaches on the loads' paths, by the same names on the same hooks, doing nothing: the least that its hooks can cost. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

#define EMPTY(name)           \
	SEC("tp_btf/" #name)  \
	int name(void *ctx)   \
	{                     \
		return 0;     \
	}

EMPTY(sched_switch)
EMPTY(sched_process_free)
EMPTY(sock_send_length)
EMPTY(tcp_rcv_space_adjust)
EMPTY(tcp_probe)
EMPTY(inet_sock_set_state)
EMPTY(sys_enter)
EMPTY(sys_exit)
