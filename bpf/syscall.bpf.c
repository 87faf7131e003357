// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
/*
 * System calls: how often each tracked one returned, how often with an error, and how long it took.
 *
 * Every system call of the machine comes by here, so one that is not tracked costs a look into the table by number, at
 * its entry and at its return. A tracked one is counted when it returns, for the container that its task is in then;
 * what is remembered of its entry gives the time. Without that (it was entered before these programs, or seccomp
 * answered in its place) it is counted and not timed.
 *
 * A call that a signal interrupts returns here with an error (ERESTARTSYS), even when the kernel then enters it again by
 * itself; strace counts so too.
 */
#include "histogram.h"
#include "slot.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

#define SYSCALL_NUMBERS 512 /* above the highest of any architecture's */
#define MAX_ERRNO 4095

struct kpod_syscall {
	struct kpod_histogram latency;
	__u64 count;
	__u64 errors;
	__u64 pad[4]; /* to whole cache lines */
};

/* What a number means, at a call's entry and at its return. */
struct kpod_syscall_number {
	__u8 entered;
	__u8 returned;
	__u8 compat_entered; /* the same of 32-bit calls, whose numbers are others */
	__u8 compat_returned;
};

struct kpod_syscall_numbers {
	struct kpod_syscall_number of[SYSCALL_NUMBERS];
};

enum kpod_syscall_mark {
	/* The call's place among the tracked ones, from 1 on; 0: it is not tracked. */
	KPOD_SYSCALL_PLACE = 0x3f,
	/* It never returns: counted when it is entered. */
	KPOD_SYSCALL_ENDLESS = 0x40,
	/* What was entered tells which call succeeded: a new task returns from a clone, every exec returns as execve. */
	KPOD_SYSCALL_BY_ENTRY = 0x80,
};

/* The tracked call that a task is in. */
struct kpod_call {
	__u64 entered_ns; /* 0: it is in none */
	enum kpod_syscall_mark mark;
	__u32 pad;
};

struct kpod_syscall_maps {
	__u64 calls;	   /* tasks remembered in the hash; storage with tasks has no bound */
	__u64 call_errors; /* no room to remember a call's entry: it is not timed */
};

/* One for each slot and tracked call; sized before load. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 513);
	__type(key, __u32);
	__type(value, struct kpod_syscall);
} syscall SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct kpod_syscall_maps);
} syscall_maps SEC(".maps");

const volatile __u32 tracked = 1;
const volatile struct kpod_syscall_numbers numbers = {};

static __always_inline struct kpod_syscall_maps *maps(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&syscall_maps, &zero);
}

#ifdef KPOD_HASHED
/* By address of the task, as in cpu.bpf.c: an exec gives a task another pid while it is in the call. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 32768);
	__type(key, __u64);
	__type(value, struct kpod_call);
} calls SEC(".maps");

static __always_inline struct kpod_call *call_of_current(void)
{
	__u64 key = bpf_get_current_task();

	return bpf_map_lookup_elem(&calls, &key);
}

static __always_inline struct kpod_call *make_call_of_current(void)
{
	__u64 key = bpf_get_current_task();
	struct kpod_syscall_maps *use;
	struct kpod_call none = {};
	struct kpod_call *call;

	call = bpf_map_lookup_elem(&calls, &key);
	if (call)
		return call;
	if (!bpf_map_update_elem(&calls, &key, &none, BPF_NOEXIST)) {
		use = maps();
		if (use)
			count(&use->calls);
	}
	return bpf_map_lookup_elem(&calls, &key);
}

SEC("tp_btf/sched_process_free")
int BPF_PROG(sched_process_free, struct task_struct *task)
{
	struct kpod_syscall_maps *use = maps();
	__u64 key = (__u64)task;

	if (!bpf_map_delete_elem(&calls, &key) && use)
		__sync_fetch_and_add(&use->calls, -1);
	return 0;
}
#else
struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct kpod_call);
} calls SEC(".maps");

static __always_inline struct kpod_call *call_of_current(void)
{
	return bpf_task_storage_get(&calls, bpf_get_current_task_btf(), NULL, 0);
}

static __always_inline struct kpod_call *make_call_of_current(void)
{
	return bpf_task_storage_get(&calls, bpf_get_current_task_btf(), NULL, BPF_LOCAL_STORAGE_GET_F_CREATE);
}
#endif

#define TS_COMPAT 0x0002	/* arch/x86/include/asm/thread_info.h */
#define TIF_32BIT 22		/* arch/arm64/include/asm/thread_info.h */

/* Is the present call one of a 32-bit program's? x86: or of a 64-bit one that asked for it by int $0x80. */
static __always_inline bool is_compat(void)
{
#ifdef KPOD_HASHED
	struct task_struct *task = (struct task_struct *)bpf_get_current_task();

	if (bpf_core_field_exists(task->thread_info.status))
		return BPF_CORE_READ(task, thread_info.status) & TS_COMPAT;
	return BPF_CORE_READ(task, thread_info.flags) & (1UL << TIF_32BIT);
#else
	struct task_struct *task = bpf_get_current_task_btf();

	if (bpf_core_field_exists(task->thread_info.status))
		return task->thread_info.status & TS_COMPAT;
	return task->thread_info.flags & (1UL << TIF_32BIT);
#endif
}

/* The current task's container's values of the call at that place; NULL: it is in none. */
static __always_inline struct kpod_syscall *values_of(__u32 place)
{
	struct kpod_group *group = group_of_current();
	__u32 key;

	if (!group)
		return NULL;
	key = group->slot * tracked + place - 1;
	return bpf_map_lookup_elem(&syscall, &key);
}

static __always_inline void enter(unsigned long number)
{
	struct kpod_syscall_maps *use;
	struct kpod_syscall *mine;
	struct kpod_call *call;
	__u8 native, compat, mark;

	if (number >= SYSCALL_NUMBERS)
		return;
	native = numbers.of[number].entered;
	compat = numbers.of[number].compat_entered;
	if (!native && !compat)
		return;
	mark = is_compat() ? compat : native;
	if (!mark)
		return;
	if (mark & KPOD_SYSCALL_ENDLESS) {
		mine = values_of(mark & KPOD_SYSCALL_PLACE);
		if (mine)
			count(&mine->count);
		return;
	}
	call = make_call_of_current();
	if (!call) {
		use = maps();
		if (use)
			count(&use->call_errors);
		return;
	}
	call->mark = mark;
	call->entered_ns = bpf_ktime_get_ns();
}

/* number: as the registers have it at the return; -1 after a signal handler's return, which puts all registers back. */
static __always_inline void leave(long number, long result)
{
	__u64 now, entered_ns = 0;
	struct kpod_syscall *mine;
	struct kpod_call *call;
	__u8 native, compat;
	__u32 place;
	__u8 mark;

	if (number == -1) {
		mark = KPOD_SYSCALL_BY_ENTRY;
	} else {
		if ((unsigned long)number >= SYSCALL_NUMBERS)
			return;
		native = numbers.of[number].returned;
		compat = numbers.of[number].compat_returned;
		if (!native && !compat)
			return;
		mark = is_compat() ? compat : native;
		if (!mark)
			return;
	}
	now = bpf_ktime_get_ns();
	place = mark & KPOD_SYSCALL_PLACE;
	call = call_of_current();
	if (call && call->entered_ns && (call->mark == place || mark & KPOD_SYSCALL_BY_ENTRY)) {
		entered_ns = call->entered_ns;
		place = call->mark;
	} else if (mark & KPOD_SYSCALL_BY_ENTRY && result >= 0) {
		place = 0;
	}
	if (call)
		call->entered_ns = 0;
	if (!place)
		return;
	mine = values_of(place);
	if (!mine)
		return;
	if (entered_ns)
		histogram_add(&mine->latency, now - entered_ns);
	if (number >= 0 && result < 0 && result >= -MAX_ERRNO)
		count(&mine->errors);
	count(&mine->count);
}

SEC("tp_btf/sys_enter")
int BPF_PROG(sys_enter, struct pt_regs *regs, long number)
{
	enter(number);
	return 0;
}

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct pt_regs___x86 {
	unsigned long orig_ax;
};

struct pt_regs___arm64 {
	int syscallno;
};

#pragma clang attribute pop

SEC("tp_btf/sys_exit")
int BPF_PROG(sys_exit, struct pt_regs *regs, long result)
{
	if (bpf_core_field_exists(((struct pt_regs___x86 *)regs)->orig_ax))
		leave(((struct pt_regs___x86 *)regs)->orig_ax, result);
	else
		leave(((struct pt_regs___arm64 *)regs)->syscallno, result);
	return 0;
}

/* For kernels whose BTF does not tell the tracepoints' arguments. */
SEC("raw_tp/sys_enter")
int BPF_PROG(sys_enter_raw, struct pt_regs *regs, long number)
{
	enter(number);
	return 0;
}

SEC("raw_tp/sys_exit")
int BPF_PROG(sys_exit_raw, struct pt_regs *regs, long result)
{
	if (bpf_core_field_exists(((struct pt_regs___x86 *)regs)->orig_ax))
		leave(BPF_CORE_READ((struct pt_regs___x86 *)regs, orig_ax), result);
	else
		leave(BPF_CORE_READ((struct pt_regs___arm64 *)regs, syscallno), result);
	return 0;
}
