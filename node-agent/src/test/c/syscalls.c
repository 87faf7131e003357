// SPDX-License-Identifier: Apache-2.0
/*
 * syscalls GROUP WHAT TIMES [MICROS]: starts a child that is born in the cgroup GROUP ("-": in this one's) and makes known
 * system calls there, then prints a line for each: name, how often it returned, how often with an error, and how long all
 * took by this program's own clock, in ns.
 *
 * calls:    each of the tracked ones in another number, with the errors that they have in practice
 * block:    futex and epoll_wait until their timeouts, MICROS and more; prints each wait too
 * threads:  four threads that read and write
 * wait:     one read, which returns when this program's standard input ends
 * interrupt: reads that a signal ends, and signal handlers' returns
 * clones:   new processes by every call there is
 * execs:    programs that start themselves again
 * compat:   the calls of 32-bit programs (x86_64)
 * seccomp:  connects that a filter answers
 * rare:     getitimer, which hardly any other program calls
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/futex.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define THREADS 4
#define SAMPLES 4096

#ifndef SYS_epoll_wait
/* as the kernel's own table has it where there is none: the newer call with one argument more */
#define SYS_epoll_wait SYS_epoll_pwait
#define EPOLL_NAME "epoll_pwait"
#else
#define EPOLL_NAME "epoll_wait"
#endif

enum call {
	READ, WRITE, OPENAT, CLOSE, CONNECT, ACCEPT4, SENDTO, RECVFROM, EPOLL, FUTEX,
	CLONE, CLONE3, VFORK, EXECVE, EXECVEAT, EXIT, EXIT_GROUP, SIGRETURN, GETITIMER, CALLS
};

static const char *const names[CALLS] = {
	"read", "write", "openat", "close", "connect", "accept4", "sendto", "recvfrom", EPOLL_NAME, "futex",
	"clone", "clone3", "vfork", "execve", "execveat", "exit", "exit_group", "rt_sigreturn", "getitimer"
};

/* Shared with the parent, which prints it. */
struct report {
	struct {
		long count, errors, nanos;
	} calls[CALLS];
	long futex_nanos[SAMPLES];
	long epoll_nanos[SAMPLES];
};

static struct report *report;
static int times, micros, wake[2];

static long nanos(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now); /* no system call */
	return now.tv_sec * 1000000000L + now.tv_nsec;
}

static void note(enum call call, long result, long begin)
{
	__atomic_fetch_add(&report->calls[call].nanos, nanos() - begin, __ATOMIC_RELAXED);
	__atomic_fetch_add(&report->calls[call].count, 1, __ATOMIC_RELAXED);
	if (result < 0)
		__atomic_fetch_add(&report->calls[call].errors, 1, __ATOMIC_RELAXED);
}

/* Makes the call itself: the C library's functions may make others. */
#define CALL(call, number, ...) ({ \
	long begin = nanos(), result = syscall(number, ##__VA_ARGS__); \
	note(call, result, begin); \
	result; })

static void fail(const char *what)
{
	static const char text[] = " failed in the load\n";

	syscall(SYS_writev, 2, (struct { const void *base; size_t length; }[]){{what, strlen(what)}, {text, sizeof(text) - 1}}, 2);
	_exit(1);
}

static int is(long result, long expected, const char *what)
{
	if (result != expected)
		fail(what);
	return result;
}

static void calls(void)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int zero, null, listener, pair[2], pipes[2], epoll, client, server;
	unsigned int word = 1;
	char text[16] = {};

	zero = CALL(OPENAT, SYS_openat, AT_FDCWD, "/dev/zero", O_RDONLY);
	null = CALL(OPENAT, SYS_openat, AT_FDCWD, "/dev/null", O_WRONLY);
	if (pipe2(pipes, O_NONBLOCK) || socketpair(AF_UNIX, SOCK_DGRAM, 0, pair))
		fail("pipe2");
	epoll = syscall(SYS_epoll_create1, 0);
	/* an abstract address that this process alone has */
	snprintf(address.sun_path + 1, sizeof(address.sun_path) - 1, "kpod-syscalls-%d", getpid());
	listener = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
	if (listener < 0 || bind(listener, (struct sockaddr *)&address, sizeof(address)) || listen(listener, 1))
		fail("listen");
	for (int i = 0; i < times; i++) {
		for (int j = 0; j < 3; j++)
			is(CALL(READ, SYS_read, zero, text, sizeof(text)), sizeof(text), "read");
		is(CALL(READ, SYS_read, -1, text, sizeof(text)), -1, "read of no file");
		is(CALL(READ, SYS_read, pipes[0], text, sizeof(text)), -1, "read of an empty pipe");
		for (int j = 0; j < 7; j++)
			is(CALL(WRITE, SYS_write, null, text, 1), 1, "write");
		is(CALL(WRITE, SYS_write, -1, text, 1), -1, "write to no file");
		for (int j = 0; j < 2; j++) {
			client = CALL(OPENAT, SYS_openat, AT_FDCWD, "/dev/null", O_RDONLY);
			is(CALL(CLOSE, SYS_close, client), 0, "close");
		}
		for (int j = 0; j < 3; j++)
			is(CALL(OPENAT, SYS_openat, AT_FDCWD, "/dev/null/none", O_RDONLY), -1, "openat of no file");
		is(CALL(CLOSE, SYS_close, -1), -1, "close of no file");
		client = socket(AF_UNIX, SOCK_STREAM, 0);
		is(CALL(CONNECT, SYS_connect, client, &address, sizeof(address)), 0, "connect");
		server = CALL(ACCEPT4, SYS_accept4, listener, NULL, NULL, 0);
		for (int j = 0; j < 4; j++)
			is(CALL(ACCEPT4, SYS_accept4, listener, NULL, NULL, 0), -1, "accept4 of nobody");
		is(CALL(CONNECT, SYS_connect, client, &address, sizeof(address)), -1, "connect again");
		is(CALL(CLOSE, SYS_close, client), 0, "close");
		is(CALL(CLOSE, SYS_close, server), 0, "close");
		is(CALL(SENDTO, SYS_sendto, pair[0], text, 9, 0, NULL, 0), 9, "sendto");
		is(CALL(RECVFROM, SYS_recvfrom, pair[1], text, 16, 0, NULL, NULL), 9, "recvfrom");
		for (int j = 0; j < 5; j++)
			is(CALL(RECVFROM, SYS_recvfrom, pair[1], text, 16, MSG_DONTWAIT, NULL, NULL), -1, "recvfrom of nobody");
		for (int j = 0; j < 6; j++)
			is(CALL(EPOLL, SYS_epoll_wait, epoll, (char[64]){}, 1, 0, NULL, 8), 0, "epoll_wait");
		is(CALL(EPOLL, SYS_epoll_wait, -1, (char[64]){}, 1, 0, NULL, 8), -1, "epoll_wait of no file");
		is(CALL(FUTEX, SYS_futex, &word, FUTEX_WAKE_PRIVATE, 1), 0, "futex");
		is(CALL(FUTEX, SYS_futex, &word, FUTEX_WAIT_PRIVATE, 2, NULL), -1, "futex of another value");
	}
}

static void block(void)
{
	int epoll = syscall(SYS_epoll_create1, 0);
	unsigned int word = 1;

	for (int i = 0; i < times && i < SAMPLES; i++) {
		struct timespec timeout = {.tv_nsec = micros * 1000L * (1 + i % 4)};
		long before = report->calls[FUTEX].nanos;

		is(CALL(FUTEX, SYS_futex, &word, FUTEX_WAIT_PRIVATE, 1, &timeout), -1, "futex");
		report->futex_nanos[i] = report->calls[FUTEX].nanos - before;
		before = report->calls[EPOLL].nanos;
		is(CALL(EPOLL, SYS_epoll_wait, epoll, (char[64]){}, 1, 1 + micros * 2 / 1000, NULL, 8), 0, "epoll_wait");
		report->epoll_nanos[i] = report->calls[EPOLL].nanos - before;
	}
}

static void *thread(void *pipes)
{
	char text[8] = {};

	for (int i = 0; i < times; i++) {
		is(CALL(WRITE, SYS_write, ((int *)pipes)[1], text, sizeof(text)), sizeof(text), "write");
		is(CALL(READ, SYS_read, ((int *)pipes)[0], text, sizeof(text)), sizeof(text), "read");
	}
	report->calls[EXIT].count++; /* the C library ends a thread so; they are joined one after the other */
	return NULL;
}

static void threads(void)
{
	pthread_t started[THREADS];
	int pipes[2];

	if (pipe(pipes))
		fail("pipe");
	for (int i = 0; i < THREADS; i++)
		if (pthread_create(&started[i], NULL, thread, pipes))
			fail("pthread_create");
	for (int i = 0; i < THREADS; i++)
		pthread_join(started[i], NULL);
}

static void wait_for_parent(void)
{
	char text;

	is(CALL(READ, SYS_read, wake[0], &text, 1), 1, "read");
}

static volatile sig_atomic_t handled;

static void handle(int signal)
{
	handled += signal == SIGALRM;
}

static void interrupt(void)
{
	struct sigaction action = {.sa_handler = handle}; /* without SA_RESTART: read ends with EINTR */
	struct itimerval soon = {.it_value = {.tv_usec = 2000}}, never = {};
	char text;

	sigaction(SIGALRM, &action, NULL);
	for (int i = 0; i < times; i++) {
		/* again each 2 ms: the first may come before the read */
		soon.it_interval = soon.it_value;
		setitimer(ITIMER_REAL, &soon, NULL);
		is(CALL(READ, SYS_read, wake[0], &text, 1), -1, "read");
		setitimer(ITIMER_REAL, &never, NULL);
	}
	report->calls[SIGRETURN].count = handled;
}

static void reap(pid_t child)
{
	int status;

	if (child < 0 || waitpid(child, &status, 0) != child || status)
		fail("a new process");
	report->calls[EXIT_GROUP].count++;
}

static void clone_by_vfork(void)
{
#ifdef SYS_vfork
	pid_t child = vfork();

	if (!child)
		_exit(0);
	note(VFORK, child, nanos());
	reap(child);
#endif
}

static void clones(void)
{
	for (int i = 0; i < times; i++) {
		struct clone_args arguments = {.exit_signal = SIGCHLD};
		long child;

		for (int j = 0; j < 2; j++) {
			child = syscall(SYS_clone, SIGCHLD, NULL, NULL, NULL, 0);
			if (!child)
				_exit(0);
			note(CLONE, child, nanos());
			reap(child);
		}
		child = syscall(SYS_clone3, &arguments, sizeof(arguments));
		if (!child)
			_exit(0);
		note(CLONE3, child, nanos());
		reap(child);
		is(CALL(CLONE3, SYS_clone3, &arguments, 1), -1, "clone3 of too little");
		clone_by_vfork();
	}
}

/* Becomes itself again, `times` times by either call. */
static void exec(int by_execveat, int left)
{
	char count[16];
	char *arguments[] = {"syscalls", by_execveat ? "execveat" : "execve", count, NULL};
	char *nothing[] = {NULL};

	snprintf(count, sizeof(count), "%d", left - 1);
	if (!left)
		_exit(0);
	if (by_execveat)
		syscall(SYS_execveat, AT_FDCWD, "/proc/self/exe", arguments, nothing, 0);
	else
		syscall(SYS_execve, "/proc/self/exe", arguments, nothing);
	fail("exec");
}

static void execs(void)
{
	char *nothing[] = {NULL};

	for (int by_execveat = 0; by_execveat < 2; by_execveat++) {
		pid_t child = fork();

		if (!child)
			exec(by_execveat, by_execveat ? times * 2 : times);
		reap(child);
	}
	report->calls[EXECVE].count = times;
	report->calls[EXECVEAT].count = times * 2;
	for (int i = 0; i < times; i++)
		is(CALL(EXECVE, SYS_execve, "/dev/null/none", nothing, nothing), -1, "execve of no file");
}

#ifdef __x86_64__
static long call32(long number, long first, long second, long third)
{
	long result;

	__asm__ volatile("int $0x80" : "=a"(result) : "0"(number), "b"(first), "c"(second), "d"(third) : "memory");
	return result;
}

#define COMPAT(call, ...) ({ long begin = nanos(), result = call32(__VA_ARGS__); note(call, result, begin); result; })

/* Their numbers are other calls' of 64-bit programs: 3 is close there, 6 is lstat. */
static void compat(void)
{
	int null = open("/dev/null", O_RDONLY);

	report->calls[OPENAT].count++;
	for (int i = 0; i < times; i++) {
		is(COMPAT(READ, 3, null, 0, 0), 0, "read, 32-bit");
		for (int j = 0; j < 2; j++)
			is(COMPAT(READ, 3, -1, 0, 0), -EBADF, "read of no file, 32-bit");
		for (int j = 0; j < 4; j++)
			is(COMPAT(CLOSE, 6, -1, 0, 0), -EBADF, "close of no file, 32-bit");
		is(CALL(WRITE, SYS_write, -1, "", 1), -1, "write to no file");
	}
}
#endif

static void seccomp(void)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_connect, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EACCES),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = {.len = sizeof(filter) / sizeof(filter[0]), .filter = filter};

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program))
		fail("seccomp");
	for (int i = 0; i < times; i++)
		is(CALL(CONNECT, SYS_connect, -1, NULL, 0), -1, "connect");
}

static void rare(void)
{
	struct itimerval timer;

	for (int i = 0; i < times; i++)
		is(CALL(GETITIMER, SYS_getitimer, ITIMER_REAL, &timer), 0, "getitimer");
}

static const struct {
	const char *name;
	void (*make)(void);
} kinds[] = {
	{"calls", calls}, {"block", block}, {"threads", threads}, {"wait", wait_for_parent}, {"interrupt", interrupt},
	{"clones", clones}, {"execs", execs}, {"seccomp", seccomp}, {"rare", rare},
#ifdef __x86_64__
	{"compat", compat},
#endif
};

int main(int count, char **arguments)
{
	struct clone_args clone = {.exit_signal = SIGCHLD};
	void (*make)(void) = NULL;
	char text[64];
	int status;
	pid_t child;

	if (count == 3) /* an exec's next */
		exec(!strcmp(arguments[1], "execveat"), atoi(arguments[2]));
	for (size_t i = 0; count >= 4 && i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (!strcmp(arguments[2], kinds[i].name))
			make = kinds[i].make;
	if (!make)
		return 2;
	times = atoi(arguments[3]);
	micros = count > 4 ? atoi(arguments[4]) : 0;
	report = mmap(NULL, sizeof(*report), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (report == MAP_FAILED || pipe(wake))
		return 1;
	if (strcmp(arguments[1], "-")) {
		int group = open(arguments[1], O_RDONLY | O_DIRECTORY);

		if (group < 0) {
			perror(arguments[1]);
			return 1;
		}
		clone.flags = CLONE_INTO_CGROUP;
		clone.cgroup = group;
	}
	child = syscall(SYS_clone3, &clone, sizeof(clone));
	if (child < 0) {
		perror("clone3");
		return 1;
	}
	if (!child) {
		make();
		report->calls[EXIT_GROUP].count++;
		_exit(0);
	}
	if (make == wait_for_parent) {
		while (read(0, text, sizeof(text)) > 0)
			;
		if (write(wake[1], "", 1) != 1)
			return 1;
	}
	if (waitpid(child, &status, 0) != child || status)
		return 1;
	for (int i = 0; i < CALLS; i++)
		printf("%s %ld %ld %ld\n", names[i], report->calls[i].count, report->calls[i].errors, report->calls[i].nanos);
	for (int i = 0; make == block && i < times && i < SAMPLES; i++)
		printf("futex-wait %ld\nepoll-wait %ld\n", report->futex_nanos[i], report->epoll_nanos[i]);
	return 0;
}
