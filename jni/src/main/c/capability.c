// SPDX-License-Identifier: Apache-2.0
/*
 * Dropping capabilities in a process of many threads. Capabilities are a thread's own, and the virtual machine has started
 * its threads before this library was there; so each is sent a signal whose handler drops its own, as the C library does
 * for setuid(2).
 */
#define _GNU_SOURCE
#include "kpod.h"

#include <bpf/bpf.h>
#include <dirent.h>
#include <errno.h>
#include <linux/capability.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* Pauses of 1, 2, 4 ... ms for the threads to follow: 4 s in all. */
#define ROUNDS 12

/* Written before the first signal is sent. */
static uint64_t kept_capabilities;

static int get(pid_t thread, struct __user_cap_data_struct data[2])
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3, .pid = thread};

	return syscall(SYS_capget, &header, data) ? -errno : 0;
}

/* Of the calling thread alone; safe in a signal handler. */
static int keep_only(uint64_t kept)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2];
	int result = get(0, data);

	for (int i = 0; i < 2; i++) {
		data[i].effective &= kept >> 32 * i;
		data[i].permitted &= kept >> 32 * i;
		data[i].inheritable = 0;
	}
	return result ? result : syscall(SYS_capset, &header, data) ? -errno : 0;
}

static void drop_own(int signal)
{
	int before = errno;

	/* else root would get them back by executing a program */
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	keep_only(kept_capabilities);
	errno = before;
}

static int has_others(pid_t thread, uint64_t kept)
{
	struct __user_cap_data_struct data[2];

	if (get(thread, data))
		return 0; /* it has ended */
	for (int i = 0; i < 2; i++)
		if ((data[i].effective | data[i].permitted | data[i].inheritable) & ~(uint32_t)(kept >> 32 * i))
			return 1;
	return 0;
}

/* Signals all threads that have more than what is kept; how many there were, or a negative errno. */
static int signal_others(int signal, uint64_t kept)
{
	DIR *threads = opendir("/proc/self/task");
	struct dirent *entry;
	int others = 0;
	pid_t thread;

	if (!threads)
		return -errno;
	while ((entry = readdir(threads))) {
		thread = atoi(entry->d_name);
		if (thread > 0 && has_others(thread, kept)) {
			others++;
			syscall(SYS_tgkill, getpid(), thread, signal);
		}
	}
	closedir(threads);
	return others;
}

/* A real-time signal that nobody uses; 0: there is none. */
static int unused_signal(void)
{
	struct sigaction action;

	for (int signal = SIGRTMIN; signal <= SIGRTMAX; signal++)
		if (!sigaction(signal, NULL, &action) && !(action.sa_flags & SA_SIGINFO) && action.sa_handler == SIG_DFL)
			return signal;
	return 0;
}

/*
 * Drops in all threads all capabilities but those whose bits are set in `kept`; new threads have what their maker has. 0, or
 * -ETIMEDOUT when a thread did not follow. Call it once.
 */
jint drop_capabilities(JNIEnv *env, jclass class, jlong kept)
{
	struct sigaction action = {.sa_handler = drop_own, .sa_flags = SA_RESTART};
	struct timespec pause = {.tv_nsec = 1000000};
	int signal = unused_signal();
	int others = -EAGAIN, none = 0;

	if (!signal)
		return -EAGAIN;
	kept_capabilities = kept;
	sigfillset(&action.sa_mask);
	if (sigaction(signal, &action, NULL))
		return -errno;
	/* twice none: a thread that was made while the list was read may be missing in it, and only one with more makes it */
	for (int round = 0; round < ROUNDS && none < 2; round++) {
		others = signal_others(signal, kept);
		if (others < 0)
			break;
		none = others ? 0 : none + 1;
		nanosleep(&pause, NULL);
		pause.tv_nsec = pause.tv_nsec >= 500000000 ? 999999999 : pause.tv_nsec * 2;
	}
	/* a signal that is still pending would end the process */
	action.sa_handler = SIG_IGN;
	sigaction(signal, &action, NULL);
	return others < 0 ? others : others > 0 ? -ETIMEDOUT : 0;
}

struct trial {
	int map;
	int result;
};

static void *try_without_capability(void *argument)
{
	struct trial *trial = argument;
	uint64_t key;

	trial->result = keep_only(~(1ULL << CAP_BPF | 1ULL << CAP_SYS_ADMIN));
	if (!trial->result && bpf_map_get_next_key(trial->map, NULL, &key))
		trial->result = -errno;
	return NULL;
}

/*
 * Does the kernel want CAP_BPF for calls on a map that is open? Tried out by a thread of its own. The map's keys have at most
 * 8 bytes. 1, 0, or a negative errno.
 */
jint map_needs_capability(JNIEnv *env, jclass class, jint map)
{
	struct trial trial = {.map = map};
	pthread_t thread;
	int result = pthread_create(&thread, NULL, try_without_capability, &trial);

	if (result)
		return -result;
	pthread_join(thread, NULL);
	return trial.result == -EPERM ? 1 : trial.result == -ENOENT ? 0 : trial.result;
}
