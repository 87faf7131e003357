/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0 */
/*
 * Distributions in the buckets of a Prometheus native histogram of schema 3: 8 a power of two, boundaries at
 * 2^(i/8) seconds, upper bound inclusive. The boundaries come from the Java class Schema3, as whole nanoseconds.
 */
#ifndef KPOD_HISTOGRAM_H
#define KPOD_HISTOGRAM_H

#include "kernel.h"
#include "schema3.h" /* generated: KPOD_BUCKETS, KPOD_ZERO_NANOS, KPOD_OCTAVES, schema3_* */

/* The count is the sum of zero and all buckets: not kept, so that it can't disagree. */
struct kpod_histogram {
	__u64 sum_ns;
	__u64 zero;
	__u64 buckets[KPOD_BUCKETS];
};

/* Number of the highest bit of value, which is below 2^32 and not 0. Without branches: delays have no pattern to predict. */
static __always_inline __u32 highest_bit(__u32 value)
{
	value |= value >> 1;
	value |= value >> 2;
	value |= value >> 4;
	value |= value >> 8;
	value |= value >> 16;
	return schema3_highest_bit[(value * 0x07C4ACDDu) >> 27];
}

/*
 * Position of the bucket that holds ns, which is above KPOD_ZERO_NANOS. Exactly one octave boundary lies in each
 * [2^b, 2^(b+1)), as they double too: the highest bit and one comparison give the octave, three more its eighth.
 */
static __always_inline __u32 histogram_position(__u64 ns)
{
	__u32 bit, position;

	if (ns > KPOD_LAST_LOWER_NANOS)
		return KPOD_BUCKETS - 1;
	bit = ns >> 32 ? 32 + highest_bit(ns >> 32) : highest_bit(ns);
	position = schema3_octave[bit & 63];
	if (ns > schema3_upper_nanos[(position + 7) & 255])
		position += 8;
	if (ns > schema3_upper_nanos[(position + 3) & 255])
		position += 4;
	if (ns > schema3_upper_nanos[(position + 1) & 255])
		position += 2;
	if (ns > schema3_upper_nanos[position & 255])
		position += 1;
	return position;
}

static __always_inline void histogram_add(struct kpod_histogram *histogram, __u64 ns)
{
	__u32 position;

	if (ns <= KPOD_ZERO_NANOS) {
		__sync_fetch_and_add(&histogram->zero, 1);
	} else {
		position = histogram_position(ns);
		if (position < KPOD_BUCKETS)
			__sync_fetch_and_add(&histogram->buckets[position], 1);
	}
	__sync_fetch_and_add(&histogram->sum_ns, ns);
}

#endif
