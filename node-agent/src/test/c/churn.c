// SPDX-License-Identifier: Apache-2.0
/*
 * churn DIRECTORY COUNT PER_SECOND LIVE: makes COUNT containers' groups in the folder DIRECTORY of the cgroup v2 hierarchy,
 * PER_SECOND of them a second and each removed when LIVE others were made since, with one task in each that does known
 * work: system calls that hardly any other program makes (getitimer, which works, and sched_rr_get_interval, which fails),
 * sleeps, and bytes sent over a TCP connection of its own. Prints a line for each: its id, how often its task was switched
 * out (the switch that ends it may be missing), getitimer, sched_rr_get_interval, bytes; at the end the milliseconds that
 * all took.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MOST_LIVE 1024

struct container {
	char id[65];
	char path[512];
	pid_t task;
	int weight;
};

static struct sockaddr_in address = {.sin_family = AF_INET};
static struct container live[MOST_LIVE];

static long nanos(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000L + now.tv_nsec;
}

static void sleep_nanos(long length)
{
	struct timespec pause = {.tv_sec = length / 1000000000L, .tv_nsec = length % 1000000000L};

	if (length > 0)
		nanosleep(&pause, NULL);
}

static void die(const char *what)
{
	perror(what);
	exit(1);
}

/* Takes what all containers send, outside of them. */
static void *sink(void *listener)
{
	char text[16384];

	for (;;) {
		int connection = accept(*(int *)listener, NULL, NULL);

		while (read(connection, text, sizeof(text)) > 0)
			;
		close(connection);
	}
	return NULL;
}

static void work(int weight)
{
	struct itimerval timer;
	struct timespec interval;
	char text[1000] = {};
	int connection;

	for (int i = 0; i < 10 * weight; i++)
		syscall(SYS_getitimer, ITIMER_REAL, &timer);
	for (int i = 0; i < 3 * weight; i++)
		syscall(SYS_sched_rr_get_interval, -1, &interval);
	for (int i = 0; i < weight; i++)
		sleep_nanos(200000);
	connection = socket(AF_INET, SOCK_STREAM, 0);
	if (connection < 0 || connect(connection, (struct sockaddr *)&address, sizeof(address)))
		_exit(2);
	for (int i = 0; i < weight; i++)
		if (send(connection, text, sizeof(text), 0) != sizeof(text))
			_exit(3);
	close(connection);
	_exit(0);
}

static void start(struct container *container, const char *directory, int number)
{
	struct clone_args clone = {.flags = CLONE_INTO_CGROUP, .exit_signal = SIGCHLD};
	char id[sizeof(container->id)];
	int group;

	container->weight = 1 + number % 7;
	/* a short id, its first 12 digits, is each container's own too */
	snprintf(id, sizeof(id), "%06x%06x%052x", getpid() & 0xffffff, number & 0xffffff, number);
	snprintf(container->path, sizeof(container->path), "%s/cri-containerd-%s.scope", directory, id);
	memcpy(container->id, id, sizeof(id));
	if (mkdir(container->path, 0755))
		die(container->path);
	group = open(container->path, O_RDONLY | O_DIRECTORY);
	if (group < 0)
		die(container->path);
	clone.cgroup = group;
	container->task = syscall(SYS_clone3, &clone, sizeof(clone));
	if (container->task < 0)
		die("clone3");
	if (!container->task)
		work(container->weight);
	close(group);
}

static void end(struct container *container)
{
	struct rusage usage;
	int status;

	if (wait4(container->task, &status, 0, &usage) != container->task || status) {
		fprintf(stderr, "the task of %s ended with %d\n", container->path, status);
		exit(1);
	}
	while (rmdir(container->path)) {
		if (errno != EBUSY)
			die(container->path);
		sleep_nanos(100000);
	}
	printf("%s %ld %d %d %d\n", container->id, usage.ru_nvcsw + usage.ru_nivcsw, 10 * container->weight,
	       3 * container->weight, 1000 * container->weight);
	container->task = 0;
}

int main(int count, char **arguments)
{
	socklen_t length = sizeof(address);
	long begin, every;
	int listener, number, most, keep;
	pthread_t thread;

	if (count != 5)
		return 2;
	most = atoi(arguments[2]);
	every = 1000000000L / atoi(arguments[3]);
	keep = atoi(arguments[4]);
	if (keep < 1 || keep > MOST_LIVE)
		return 2;
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	listener = socket(AF_INET, SOCK_STREAM, 0);
	if (listener < 0 || bind(listener, (struct sockaddr *)&address, sizeof(address)) || listen(listener, 128) ||
	    getsockname(listener, (struct sockaddr *)&address, &length) || pthread_create(&thread, NULL, sink, &listener))
		die("listener");
	begin = nanos();
	for (number = 0; number < most; number++) {
		struct container *container = &live[number % keep];

		sleep_nanos(begin + number * every - nanos());
		if (container->task)
			end(container);
		start(container, arguments[1], number);
	}
	for (int i = 0; i < keep; i++) {
		struct container *container = &live[(number + i) % keep];

		if (container->task)
			end(container);
	}
	printf("%ld\n", (nanos() - begin) / 1000000);
	return 0;
}
