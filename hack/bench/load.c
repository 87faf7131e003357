// SPDX-License-Identifier: Apache-2.0
/*
 * The programs whose slow-down and whose kernel programs' cost the benches measure. Each does a fixed amount of work, then
 * says what it took: "ops N wall_ns N cpu_ns N", CPU time of the children included.
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
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MESSAGE 64
#define CHUNK (64 * 1024)
#define PAGE 4096

static char buffer[CHUNK];

static long long nanos(struct timeval time)
{
	return time.tv_sec * 1000000000LL + time.tv_usec * 1000LL;
}

static long long cpu_nanos(void)
{
	struct rusage own, children;

	getrusage(RUSAGE_SELF, &own);
	getrusage(RUSAGE_CHILDREN, &children);
	return nanos(own.ru_utime) + nanos(own.ru_stime) + nanos(children.ru_utime) + nanos(children.ru_stime);
}

static struct timespec begin;
static long long begin_cpu;

static void begin_measuring(void)
{
	clock_gettime(CLOCK_MONOTONIC, &begin);
	begin_cpu = cpu_nanos();
}

static void full(int done, const char *what)
{
	if (!done)
		err(1, "%s", what);
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
static long syscalls(long count)
{
	int in = open("/dev/zero", O_RDONLY), out = open("/dev/null", O_WRONLY);

	for (long i = 0; i < count / 2; i++)
		full(read(in, buffer, 1) == 1 && write(out, buffer, 1) == 1, "read and write");
	return count / 2 * 2;
}

/* A byte there and back through two pipes; pinned to one CPU that is two context switches. */
static long switches(long count)
{
	int there[2], back[2];

	full(!pipe(there) && !pipe(back), "pipe");
	if (!fork()) {
		close(there[1]);
		while (read(there[0], buffer, 1) == 1)
			full(write(back[1], buffer, 1) == 1, "write");
		exit(0);
	}
	for (long i = 0; i < count / 2; i++)
		full(write(there[1], buffer, 1) == 1 && read(back[0], buffer, 1) == 1, "round trip");
	close(there[1]);
	wait(NULL);
	return count / 2 * 2;
}

/* 64 bytes there and back, over loopback. */
static long pingpong(long count)
{
	struct sockaddr_in address;
	int listening = listener(&address);

	if (!fork()) {
		int fd = accepted(listening);

		while (read_full(fd, MESSAGE))
			full(write(fd, buffer, MESSAGE) == MESSAGE, "write");
		exit(0);
	}
	int fd = connected(&address);

	for (long i = 0; i < count; i++)
		full(write(fd, buffer, MESSAGE) == MESSAGE && read_full(fd, MESSAGE), "round trip");
	close(fd);
	wait(NULL);
	return count;
}

/* Chunks of 64 KiB, one way, over loopback. */
static long stream(long count)
{
	struct sockaddr_in address;
	int listening = listener(&address);

	if (!fork()) {
		int fd = accepted(listening);

		while (read(fd, buffer, CHUNK) > 0)
			;
		exit(0);
	}
	int fd = connected(&address);

	for (long i = 0; i < count; i++)
		full(write(fd, buffer, CHUNK) == CHUNK, "write");
	close(fd);
	wait(NULL);
	return count;
}

/* Connections that are opened, accepted and closed. */
static long connections(long count)
{
	struct sockaddr_in address;
	int listening = listener(&address);

	for (long i = 0; i < count; i++) {
		int fd = connected(&address);

		close(accepted(listening));
		close(fd);
	}
	return count;
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
static long faults(long count, const char *path)
{
	int fd = file_of(path, count);
	volatile char *at = mmap(NULL, count * PAGE, PROT_READ, MAP_SHARED, fd, 0);

	full(at != MAP_FAILED && !madvise((void *)at, count * PAGE, MADV_RANDOM) &&
		     !posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED),
	     "map");
	begin_measuring();
	for (long i = 0; i < count; i++)
		(void)at[i * PAGE];
	return count;
}

/* Blocks read past the page cache. */
static long blocks(long count, const char *path)
{
	char *at = aligned_alloc(PAGE, PAGE);
	int fd = file_of(path, count);
	char own[64];

	snprintf(own, sizeof(own), "/proc/self/fd/%d", fd);
	int direct = open(own, O_RDONLY | O_DIRECT);

	full(direct >= 0, "O_DIRECT");
	begin_measuring();
	for (long i = 0; i < count; i++)
		full(pread(direct, at, PAGE, i * PAGE) == PAGE, "pread");
	return count;
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
	struct timespec end;
	long count = argc > 2 ? atol(argv[2]) : 0, ops = 0;
	const char *load = argc > 1 ? argv[1] : "", *file = argc > 3 ? argv[3] : "";

	signal(SIGPIPE, SIG_IGN);
	begin_measuring();
	if (!strcmp(load, "syscalls"))
		ops = syscalls(count);
	else if (!strcmp(load, "switches"))
		ops = switches(count);
	else if (!strcmp(load, "pingpong"))
		ops = pingpong(count);
	else if (!strcmp(load, "stream"))
		ops = stream(count);
	else if (!strcmp(load, "connections"))
		ops = connections(count);
	else if (!strcmp(load, "faults"))
		ops = faults(count, file);
	else if (!strcmp(load, "blocks"))
		ops = blocks(count, file);
	else if (!strcmp(load, "service"))
		service(count);
	else
		errx(2, "usage: load syscalls|switches|pingpong|stream|connections COUNT, load faults|blocks COUNT FILE, load service MILLIS");
	clock_gettime(CLOCK_MONOTONIC, &end);
	printf("ops %ld wall_ns %lld cpu_ns %lld\n", ops,
	       (end.tv_sec - begin.tv_sec) * 1000000000LL + end.tv_nsec - begin.tv_nsec, cpu_nanos() - begin_cpu);
	return 0;
}
