// SPDX-License-Identifier: Apache-2.0
/*
 * tcp: one end of TCP connections, told what to do by lines on standard input; each is answered by one line. Sockets are
 * called by their number, which `listen`, `connect` and `accept` answer first. What the numbers of an answer are stands
 * at the command's function. It counts for itself what it sends and takes: the truth that the kernel's counts must meet.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/errqueue.h>
#include <linux/filter.h>
#include <linux/tcp.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#define CHUNK 16384
#define MAPPED (1 << 20)

static char data[CHUNK];

static void must(int fine, const char *what)
{
	if (fine)
		return;
	fprintf(stderr, "tcp: %s: %s\n", what, strerror(errno));
	exit(1);
}

__attribute__((format(printf, 1, 2))) static void answer(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vprintf(format, arguments);
	va_end(arguments);
	putchar('\n');
	fflush(stdout);
}

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec + now.tv_nsec / 1e9;
}

static socklen_t address(struct sockaddr_storage *to, int family, int port)
{
	struct sockaddr_in *v4 = (struct sockaddr_in *)to;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)to;

	memset(to, 0, sizeof(*to));
	if (family == 4) {
		v4->sin_family = AF_INET;
		v4->sin_port = htons(port);
		v4->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		return sizeof(*v4);
	}
	v6->sin6_family = AF_INET6;
	v6->sin6_port = htons(port);
	v6->sin6_addr = in6addr_loopback;
	return sizeof(*v6);
}

static int new_socket(int family, int segment)
{
	int one = 1, fd = socket(family == 4 ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);

	must(fd >= 0, "socket");
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	if (segment)
		must(!setsockopt(fd, IPPROTO_TCP, TCP_MAXSEG, &segment, sizeof(segment)), "TCP_MAXSEG");
	return fd;
}

/* listen FAMILY BACKLOG SEGMENT DEFER -> socket, port. SEGMENT 0: as usual. DEFER: accepted once data is there. */
static void do_listen(int family, int backlog, int segment, int defer)
{
	int fd = new_socket(family, segment), patience = 30;
	struct sockaddr_storage at;
	socklen_t size = address(&at, family, 0);

	must(!bind(fd, (struct sockaddr *)&at, size), "bind");
	if (defer)
		must(!setsockopt(fd, IPPROTO_TCP, TCP_DEFER_ACCEPT, &patience, sizeof(patience)), "TCP_DEFER_ACCEPT");
	must(!listen(fd, backlog), "listen");
	must(!getsockname(fd, (struct sockaddr *)&at, &size), "getsockname");
	answer("%d %d", fd, ntohs(((struct sockaddr_in *)&at)->sin_port));
}

/* connect FAMILY PORT SEGMENT -> socket, nanoseconds that it took */
static void do_connect(int family, int port, int segment)
{
	int fd = new_socket(family, segment);
	struct sockaddr_storage to;
	socklen_t size = address(&to, family, port);
	double begin = seconds();

	must(!connect(fd, (struct sockaddr *)&to, size), "connect");
	answer("%d %.0f", fd, (seconds() - begin) * 1e9);
}

/* start FAMILY PORT COUNT -> how many connections began to open, whose sockets are numbered on */
static void do_start(int family, int port, int count)
{
	struct sockaddr_storage to;
	socklen_t size = address(&to, family, port);

	for (int i = 0; i < count; i++) {
		int fd = new_socket(family, 0);

		fcntl(fd, F_SETFL, O_NONBLOCK);
		must(!connect(fd, (struct sockaddr *)&to, size) || errno == EINPROGRESS, "connect");
		printf("%d%s", fd, i + 1 < count ? " " : "");
	}
	answer("%s", "");
}

static void do_accept(int listener)
{
	int one = 1, fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);

	must(fd >= 0, "accept");
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	answer("%d", fd);
}

/* A file of CHUNK bytes. */
static int some_file(void)
{
	int fd = memfd_create("data", MFD_CLOEXEC);

	must(fd >= 0 && write(fd, data, CHUNK) == CHUNK, "memfd");
	return fd;
}

static ssize_t splice_file(int file, int *through, int fd, size_t size)
{
	loff_t from = 0;
	ssize_t filled = splice(file, &from, through[1], NULL, size, 0);

	must(filled > 0, "splice from a file");
	for (ssize_t left = filled; left;) {
		ssize_t moved = splice(through[0], NULL, fd, NULL, left, 0);

		must(moved > 0, "splice to a socket");
		left -= moved;
	}
	return filled;
}

static ssize_t send_uncopied(int fd, size_t size)
{
	ssize_t sent = send(fd, data, size, MSG_ZEROCOPY);
	struct pollfd ready = {.fd = fd};
	struct msghdr told = {};
	char control[128];

	/* the notice that the pages are free again: no bytes of the stream */
	must(poll(&ready, 1, 10000) == 1, "poll");
	told.msg_control = control;
	told.msg_controllen = sizeof(control);
	must(recvmsg(fd, &told, MSG_ERRQUEUE) >= 0, "MSG_ERRQUEUE");
	return sent;
}

/* put SOCKET HOW BYTES -> bytes sent */
static void do_put(int fd, const char *how, long bytes)
{
	int through[2], one = 1, file = some_file();
	long sent = 0;

	must(!pipe2(through, O_CLOEXEC), "pipe");
	if (!strcmp(how, "zerocopy"))
		must(!setsockopt(fd, SOL_SOCKET, SO_ZEROCOPY, &one, sizeof(one)), "SO_ZEROCOPY");
	while (sent < bytes) {
		size_t size = bytes - sent < CHUNK ? bytes - sent : CHUNK;
		struct iovec parts[] = {{data, size / 2}, {data, size - size / 2}};
		struct msghdr message = {.msg_iov = parts, .msg_iovlen = 2};
		ssize_t moved = -1;
		off_t from = 0;

		if (!strcmp(how, "send"))
			moved = send(fd, data, size, 0);
		else if (!strcmp(how, "write"))
			moved = write(fd, data, size);
		else if (!strcmp(how, "writev"))
			moved = writev(fd, parts, 2);
		else if (!strcmp(how, "sendmsg"))
			moved = sendmsg(fd, &message, 0);
		else if (!strcmp(how, "sendfile"))
			moved = sendfile(fd, file, &from, size);
		else if (!strcmp(how, "splice"))
			moved = splice_file(file, through, fd, size);
		else if (!strcmp(how, "zerocopy"))
			moved = send_uncopied(fd, size);
		must(moved > 0, how);
		sent += moved;
	}
	close(file);
	close(through[0]);
	close(through[1]);
	answer("%ld", sent);
}

static ssize_t splice_away(int fd, int *through, size_t size)
{
	ssize_t moved = splice(fd, NULL, through[1], NULL, size, 0);

	for (ssize_t left = moved; left > 0;) {
		ssize_t taken = read(through[0], data, left < CHUNK ? left : CHUNK);

		must(taken > 0, "pipe");
		left -= taken;
	}
	return moved;
}

/* Pages of the receive queue are mapped, what does not fill a page is copied. */
static ssize_t take_mapped(int fd, void *window, size_t size)
{
	struct tcp_zerocopy_receive zerocopy = {.address = (uintptr_t)window, .length = size / 4096 * 4096};
	socklen_t length = sizeof(zerocopy);
	struct pollfd ready = {.fd = fd, .events = POLLIN};

	must(poll(&ready, 1, 10000) == 1, "poll");
	must(!getsockopt(fd, IPPROTO_TCP, TCP_ZEROCOPY_RECEIVE, &zerocopy, &length), "TCP_ZEROCOPY_RECEIVE");
	if (zerocopy.length)
		return zerocopy.length;
	if (zerocopy.recv_skip_hint && zerocopy.recv_skip_hint < size)
		size = zerocopy.recv_skip_hint;
	return recv(fd, data, size < CHUNK ? size : CHUNK, 0);
}

/* take SOCKET HOW BYTES -> bytes taken, less at the end of the stream */
static void do_take(int fd, const char *how, long bytes)
{
	void *window = MAP_FAILED;
	int through[2];
	long taken = 0;

	must(!pipe2(through, O_CLOEXEC), "pipe");
	if (!strcmp(how, "mapped")) {
		window = mmap(NULL, MAPPED, PROT_READ, MAP_SHARED, fd, 0);
		must(window != MAP_FAILED, "mmap of a socket");
	}
	while (taken < bytes) {
		size_t size = bytes - taken < CHUNK ? bytes - taken : CHUNK;
		struct iovec parts[] = {{data, size / 2}, {data + size / 2, size - size / 2}};
		struct msghdr message = {.msg_iov = parts, .msg_iovlen = 2};
		ssize_t moved = -1;

		if (!strcmp(how, "recv"))
			moved = recv(fd, data, size, 0);
		else if (!strcmp(how, "all"))
			moved = recv(fd, data, size, MSG_WAITALL);
		else if (!strcmp(how, "read"))
			moved = read(fd, data, size);
		else if (!strcmp(how, "readv"))
			moved = readv(fd, parts, 2);
		else if (!strcmp(how, "recvmsg"))
			moved = recvmsg(fd, &message, 0);
		else if (!strcmp(how, "splice"))
			moved = splice_away(fd, through, size);
		else if (!strcmp(how, "mapped"))
			moved = take_mapped(fd, window, bytes - taken < MAPPED ? bytes - taken : MAPPED);
		must(moved >= 0, how);
		if (!moved)
			break;
		taken += moved;
	}
	if (window != MAP_FAILED)
		munmap(window, MAPPED);
	close(through[0]);
	close(through[1]);
	answer("%ld", taken);
}

/* peek SOCKET BYTES TIMES -> bytes that a peek saw last */
static void do_peek(int fd, size_t bytes, int times)
{
	ssize_t seen = 0;

	for (int i = 0; i < times; i++)
		seen = recv(fd, data, bytes < CHUNK ? bytes : CHUNK, MSG_PEEK | (i ? 0 : MSG_WAITALL));
	answer("%zd", seen);
}

/* fill SOCKET -> bytes that it took without waiting, how many sends took less than asked, how many took nothing */
static void do_fill(int fd)
{
	long sent = 0, partial = 0, refused = 0;
	static char much[300000];

	while (refused < 3) {
		ssize_t moved = send(fd, much, sizeof(much), MSG_DONTWAIT);

		must(moved >= 0 || errno == EAGAIN, "send");
		refused += moved < 0;
		partial += moved >= 0 && moved < (ssize_t)sizeof(much);
		sent += moved < 0 ? 0 : moved;
	}
	answer("%ld %ld %ld", sent, partial, refused);
}

static struct tcp_info info(int fd)
{
	struct tcp_info told = {};
	socklen_t size = sizeof(told);

	must(!getsockopt(fd, IPPROTO_TCP, TCP_INFO, &told, &size), "TCP_INFO");
	return told;
}

/* info SOCKET -> segments sent again, smoothed round-trip time in microseconds */
static void do_info(int fd)
{
	struct tcp_info told = info(fd);

	answer("%u %u", told.tcpi_total_retrans, told.tcpi_rtt);
}

/* ask SOCKET TIMES MICROS -> sum of the round-trip time as it was before each question */
static void do_ask(int fd, int times, int micros)
{
	long before = 0;

	for (int i = 0; i < times; i++) {
		before += info(fd).tcpi_rtt;
		must(send(fd, data, 100, 0) == 100 && recv(fd, data, 50, MSG_WAITALL) == 50, "ask");
		usleep(micros);
	}
	answer("%ld", before);
}

/* reply SOCKET TIMES -> sum of the round-trip time after each question but the last */
static void do_reply(int fd, int times)
{
	long after = 0;

	for (int i = 0; i < times; i++) {
		must(recv(fd, data, 100, MSG_WAITALL) == 100, "reply");
		after += i + 1 < times ? info(fd).tcpi_rtt : 0;
		must(send(fd, data, 50, 0) == 50, "reply");
	}
	answer("%ld", after);
}

/* lose SOCKET PERCENT -> nothing. What arrives is thrown away before TCP sees it, as by a bad wire; 0: no longer. */
static void do_lose(int fd, unsigned percent)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, SKF_AD_OFF + SKF_AD_RANDOM),
		BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, percent < 100 ? UINT32_MAX / 100 * percent : UINT32_MAX, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, 0),
		BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
	};
	struct sock_fprog filter = {.len = 4, .filter = code};
	int nothing = 0;

	if (percent)
		must(!setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof(filter)), "SO_ATTACH_FILTER");
	else
		must(!setsockopt(fd, SOL_SOCKET, SO_DETACH_FILTER, &nothing, sizeof(nothing)), "SO_DETACH_FILTER");
	answer("%s", "");
}

/* open PORT FAMILY TIMES -> connections opened, one after the other, and closed */
static void do_open(int family, int port, int times)
{
	struct sockaddr_storage to;
	socklen_t size = address(&to, family, port);
	int opened = 0;

	for (int i = 0; i < times; i++) {
		int fd = new_socket(family, 0);

		opened += !connect(fd, (struct sockaddr *)&to, size);
		close(fd);
	}
	answer("%d", opened);
}

/* welcome SOCKET TIMES -> connections accepted, and closed */
static void do_welcome(int listener, int times)
{
	for (int i = 0; i < times; i++) {
		int fd = accept(listener, NULL, NULL);

		must(fd >= 0, "accept");
		close(fd);
	}
	answer("%d", times);
}

/* enter FILE -> nothing. FILE is a group's cgroup.procs. */
static void do_enter(const char *file)
{
	int fd = open(file, O_WRONLY);

	must(fd >= 0 && write(fd, "0", 1) == 1, file);
	close(fd);
	answer("%s", "");
}

/* network -> nothing; a network of its own from now on. */
static void do_network(void)
{
	struct ifreq loopback = {.ifr_name = "lo", .ifr_flags = IFF_UP};
	int fd;

	must(!unshare(CLONE_NEWNET), "unshare");
	fd = socket(AF_INET, SOCK_DGRAM, 0);
	must(fd >= 0 && !ioctl(fd, SIOCSIFFLAGS, &loopback), "lo");
	close(fd);
	answer("%s", "");
}

/* join PID -> nothing; in that process's network from now on. */
static void do_join(const char *pid)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/%s/ns/net", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	must(fd >= 0 && !setns(fd, CLONE_NEWNET), path);
	close(fd);
	answer("%s", "");
}

/* statistic FILE PREFIX NAME -> the network's own count, of /proc/net/FILE */
static void do_statistic(const char *name, const char *prefix, const char *wanted)
{
	char path[64], names[8192], values[8192];
	long value = -1;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/thread-self/net/%s", name);
	file = fopen(path, "r");
	must(file != NULL, path);
	while (value < 0 && fgets(names, sizeof(names), file) && fgets(values, sizeof(values), file)) {
		char *rest_of_names, *rest_of_values;
		char *key = strtok_r(names, " \n", &rest_of_names);
		char *text = strtok_r(values, " \n", &rest_of_values);

		if (strcmp(key, prefix))
			continue;
		while (key && text && strcmp(key, wanted)) {
			key = strtok_r(NULL, " \n", &rest_of_names);
			text = strtok_r(NULL, " \n", &rest_of_values);
		}
		value = text ? atol(text) : -2;
	}
	fclose(file);
	answer("%ld", value);
}

int main(void)
{
	char line[4096];

	while (fgets(line, sizeof(line), stdin)) {
		char *word[6] = {"", "", "", "", "", ""};
		char *what = strtok(line, " \n");

		for (int i = 0; i < 6; i++) {
			char *next = strtok(NULL, " \n");

			if (!next)
				break;
			word[i] = next;
		}
		if (!what)
			continue;
		int first = atoi(word[0]), second = atoi(word[1]), third = atoi(word[2]);

		if (!strcmp(what, "listen"))
			do_listen(first, second, third, atoi(word[3]));
		else if (!strcmp(what, "connect"))
			do_connect(first, second, third);
		else if (!strcmp(what, "start"))
			do_start(first, second, third);
		else if (!strcmp(what, "accept"))
			do_accept(first);
		else if (!strcmp(what, "put"))
			do_put(first, word[1], atol(word[2]));
		else if (!strcmp(what, "take"))
			do_take(first, word[1], atol(word[2]));
		else if (!strcmp(what, "peek"))
			do_peek(first, second, third);
		else if (!strcmp(what, "fill"))
			do_fill(first);
		else if (!strcmp(what, "info"))
			do_info(first);
		else if (!strcmp(what, "ask"))
			do_ask(first, second, third);
		else if (!strcmp(what, "reply"))
			do_reply(first, second);
		else if (!strcmp(what, "lose"))
			do_lose(first, second);
		else if (!strcmp(what, "open"))
			do_open(first, second, third);
		else if (!strcmp(what, "welcome"))
			do_welcome(first, second);
		else if (!strcmp(what, "enter"))
			do_enter(word[0]);
		else if (!strcmp(what, "network"))
			do_network();
		else if (!strcmp(what, "join"))
			do_join(word[0]);
		else if (!strcmp(what, "statistic"))
			do_statistic(word[0], word[1], word[2]);
		else if (!strcmp(what, "shutdown"))
			answer("%d", shutdown(first, SHUT_WR));
		else if (!strcmp(what, "close"))
			answer("%d", close(first));
		else
			return 2;
	}
	return 0;
}
