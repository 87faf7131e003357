// SPDX-License-Identifier: Apache-2.0
/*
 * The programs whose slow-down and whose kernel programs' cost the benches measure. Each does a fixed amount of work, then
 * says what it took: "ops N wall_ns N cpu_ns N", CPU time of its child included. With the amount "-" it does so again for
 * each amount that it is told on its standard input, with the same connection and child.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <err.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define MESSAGE 64
#define CHUNK (64 * 1024)
#define PAGE 4096

static char buffer[CHUNK];

static struct timespec begin;
static long long begin_cpu;
static long amount; /* 0: as told on the standard input */
static pid_t child;

static void full(int done, const char *what)
{
	if (!done)
		err(1, "%s", what);
}

static long long cpu_nanos(void)
{
	clockid_t clock = CLOCK_PROCESS_CPUTIME_ID;
	struct timespec own, childs = {};

	clock_gettime(clock, &own);
	if (child)
		full(!clock_getcpuclockid(child, &clock) && !clock_gettime(clock, &childs), "CPU time of the child");
	return (own.tv_sec + childs.tv_sec) * 1000000000LL + own.tv_nsec + childs.tv_nsec;
}

static void begin_measuring(void)
{
	clock_gettime(CLOCK_MONOTONIC, &begin);
	begin_cpu = cpu_nanos();
}

/* How many operations are to be done now; 0: no more. */
static long wanted(void)
{
	static int times;
	long count = amount;

	if (amount ? times++ : scanf("%ld", &count) != 1)
		return 0;
	begin_measuring();
	return count;
}

static void done(long ops)
{
	struct timespec end;

	clock_gettime(CLOCK_MONOTONIC, &end);
	printf("ops %ld wall_ns %lld cpu_ns %lld\n", ops,
	       (end.tv_sec - begin.tv_sec) * 1000000000LL + end.tv_nsec - begin.tv_nsec, cpu_nanos() - begin_cpu);
	fflush(stdout);
}

static int listener(struct sockaddr_in *address)
{
	socklen_t length = sizeof(*address);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	*address = (struct sockaddr_in){ .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	full(fd >= 0 && !bind(fd, (void *)address, length) && !listen(fd, 64) &&
		     !getsockname(fd, (void *)address, &length),
	     "listen");
	return fd;
}

static int connected(const struct sockaddr_in *address)
{
	int one = 1, fd = socket(AF_INET, SOCK_STREAM, 0);

	full(fd >= 0 && !connect(fd, (const void *)address, sizeof(*address)), "connect");
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	return fd;
}

static int accepted(int listening)
{
	int one = 1, fd = accept4(listening, NULL, NULL, 0);

	full(fd >= 0, "accept");
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	return fd;
}

static int read_full(int fd, size_t wanted)
{
	size_t got = 0;

	while (got < wanted) {
		ssize_t more = read(fd, buffer, wanted - got);

		if (more <= 0)
			return 0;
		got += more;
	}
	return 1;
}

/* Tracked system calls that do next to nothing: a byte read, a byte written. */
static void syscalls(void)
{
	int in = open("/dev/zero", O_RDONLY), out = open("/dev/null", O_WRONLY);
	long count;

	while ((count = wanted())) {
		for (long i = 0; i < count / 2; i++)
			full(read(in, buffer, 1) == 1 && write(out, buffer, 1) == 1, "read and write");
		done(count / 2 * 2);
	}
}

/* A byte there and back through two pipes; pinned to one CPU that is two context switches. */
static void switches(void)
{
	int there[2], back[2];
	long count;

	full(!pipe(there) && !pipe(back), "pipe");
	child = fork();
	if (!child) {
		close(there[1]);
		while (read(there[0], buffer, 1) == 1)
			full(write(back[1], buffer, 1) == 1, "write");
		exit(0);
	}
	while ((count = wanted())) {
		for (long i = 0; i < count / 2; i++)
			full(write(there[1], buffer, 1) == 1 && read(back[0], buffer, 1) == 1, "round trip");
		done(count / 2 * 2);
	}
}

/* 64 bytes there and back, over loopback. */
static void pingpong(void)
{
	struct sockaddr_in address;
	int listening = listener(&address);
	long count;

	child = fork();
	if (!child) {
		int fd = accepted(listening);

		while (read_full(fd, MESSAGE))
			full(write(fd, buffer, MESSAGE) == MESSAGE, "write");
		exit(0);
	}
	int fd = connected(&address);

	while ((count = wanted())) {
		for (long i = 0; i < count; i++)
			full(write(fd, buffer, MESSAGE) == MESSAGE && read_full(fd, MESSAGE), "round trip");
		done(count);
	}
}

/* Chunks of 64 KiB, one way, over loopback, and a byte back when the last has arrived. */
static void stream(void)
{
	struct sockaddr_in address;
	int listening = listener(&address), arrived[2];
	long count;

	full(!pipe(arrived), "pipe");
	child = fork();
	if (!child) {
		int fd = accepted(listening);
		ssize_t more;

		while ((more = read(fd, buffer, CHUNK)) > 0)
			if (buffer[more - 1])
				full(write(arrived[1], buffer, 1) == 1, "write");
		exit(0);
	}
	int fd = connected(&address);

	while ((count = wanted())) {
		for (long i = 0; i < count; i++) {
			buffer[CHUNK - 1] = i == count - 1;
			full(write(fd, buffer, CHUNK) == CHUNK, "write");
		}
		full(read(arrived[0], buffer, 1) == 1, "read");
		done(count);
	}
}

/* Connections that are opened, accepted and closed. */
static void connections(void)
{
	struct sockaddr_in address;
	int listening = listener(&address);
	long count;

	while ((count = wanted())) {
		for (long i = 0; i < count; i++) {
			int fd = connected(&address);

			close(accepted(listening));
			close(fd);
		}
		done(count);
	}
}

static int file_of(const char *path, long pages)
{
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);

	full(fd >= 0, path);
	unlink(path);
	for (long i = 0; i < pages; i++)
		full(write(fd, buffer, PAGE) == PAGE, path);
	full(!fsync(fd), path);
	return fd;
}

/* Pages of a file that is not in the page cache, touched through a mapping: a major fault each. */
static void faults(const char *path)
{
	long count = amount;
	int fd = file_of(path, count);
	volatile char *at = mmap(NULL, count * PAGE, PROT_READ, MAP_SHARED, fd, 0);

	full(at != MAP_FAILED && !madvise((void *)at, count * PAGE, MADV_RANDOM) &&
		     !posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED),
	     "map");
	begin_measuring();
	for (long i = 0; i < count; i++)
		(void)at[i * PAGE];
	done(count);
}

/* Blocks read past the page cache. */
static void blocks(const char *path)
{
	long count = amount;
	char *at = aligned_alloc(PAGE, PAGE);
	int fd = file_of(path, count);
	char own[64];

	snprintf(own, sizeof(own), "/proc/self/fd/%d", fd);
	int direct = open(own, O_RDONLY | O_DIRECT);

	full(direct >= 0, "O_DIRECT");
	begin_measuring();
	for (long i = 0; i < count; i++)
		full(pread(direct, at, PAGE, i * PAGE) == PAGE, "pread");
	done(count);
}

/*
 * What a small container does: wakes every so many milliseconds, for ever, and at each 20th time asks itself something over TCP.
 */
static _Noreturn void service(long millis)
{
	struct timespec pause = { millis / 1000, millis % 1000 * 1000000 };
	struct sockaddr_in address;
	int listening = listener(&address);

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (long i = 0;; i++) {
		nanosleep(&pause, NULL);
		if (i % 20 == 0) {
			int fd = connected(&address), other = accepted(listening);

			full(write(fd, buffer, MESSAGE) == MESSAGE && read_full(other, MESSAGE), "question");
			full(write(other, buffer, MESSAGE) == MESSAGE && read_full(fd, MESSAGE), "answer");
			close(other);
			close(fd);
		}
	}
}

int main(int argc, char **argv)
{
	const char *load = argc > 1 ? argv[1] : "", *file = argc > 3 ? argv[3] : "";

	signal(SIGPIPE, SIG_IGN);
	amount = argc > 2 ? atol(argv[2]) : 0;
	if (!strcmp(load, "syscalls"))
		syscalls();
	else if (!strcmp(load, "switches"))
		switches();
	else if (!strcmp(load, "pingpong"))
		pingpong();
	else if (!strcmp(load, "stream"))
		stream();
	else if (!strcmp(load, "connections"))
		connections();
	else if (!strcmp(load, "faults"))
		faults(file);
	else if (!strcmp(load, "blocks"))
		blocks(file);
	else if (!strcmp(load, "service"))
		service(amount);
	else
		errx(2, "usage: load syscalls|switches|pingpong|stream|connections COUNT|-, load faults|blocks COUNT FILE, load service MILLIS");
	return 0;
}
