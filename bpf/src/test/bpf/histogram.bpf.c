// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
/* Lets a test ask the running kernel for a value's bucket, through BPF_PROG_TEST_RUN. */
#include "histogram.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

/* The position, or KPOD_BUCKETS for the zero bucket. */
SEC("raw_tp/sched_switch")
int position(struct bpf_raw_tracepoint_args *ctx)
{
	__u64 ns = ctx->args[0];

	return ns <= KPOD_ZERO_NANOS ? KPOD_BUCKETS : histogram_position(ns);
}
