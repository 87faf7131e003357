/*
 * The demonstration's workload: a queue of jobs (a FIFO, one byte a job) that any number of replicas share.
 *   queue feed FIFO RATE   puts RATE jobs a second into it, evenly; drops them while 32 wait already
 *   queue work FIFO        two threads, each taking a job and computing 5 ms for it; a third that wakes 50 times a second,
 *                          so that an idle replica still says how long it waits for a CPU
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { WAITING_JOBS = 32, JOB_NANOS = 5000000, PULSE_NANOS = 20000000, WORKERS = 2 };

static int queue;

static void end(int signal)
{
	(void)signal;
	_exit(0);
}

static void fail(const char *what)
{
	fprintf(stderr, "queue: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void open_queue(const char *path)
{
	if (mkfifo(path, 0600) && errno != EEXIST)
		fail(path);
	/* Both ends, so that neither side sees an end of file when the other goes. */
	queue = open(path, O_RDWR);
	if (queue < 0)
		fail(path);
}

static long long cpu_nanos(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static void *work(void *unused)
{
	char job;

	(void)unused;
	for (;;) {
		long long until;

		if (read(queue, &job, 1) != 1)
			fail("read");
		until = cpu_nanos() + JOB_NANOS;
		while (cpu_nanos() < until)
			;
	}
	return NULL;
}

static void pulse(void)
{
	const struct timespec pause = { .tv_nsec = PULSE_NANOS };

	for (;;)
		nanosleep(&pause, NULL);
}

static void feed(long rate)
{
	const struct timespec pause = { .tv_nsec = 1000000000L / rate };

	for (;;) {
		int waiting = 0;

		if (ioctl(queue, FIONREAD, &waiting))
			fail("FIONREAD");
		if (waiting < WAITING_JOBS && write(queue, "", 1) != 1)
			fail("write");
		nanosleep(&pause, NULL);
	}
}

int main(int argc, char **argv)
{
	pthread_t thread;

	signal(SIGTERM, end);
	if (argc == 4 && !strcmp(argv[1], "feed") && atol(argv[3]) > 1) {
		open_queue(argv[2]);
		feed(atol(argv[3]));
	}
	if (argc == 3 && !strcmp(argv[1], "work")) {
		open_queue(argv[2]);
		for (int i = 0; i < WORKERS; i++)
			if (pthread_create(&thread, NULL, work, NULL))
				fail("thread");
		pulse();
	}
	fprintf(stderr, "usage: queue feed FIFO RATE | queue work FIFO\n");
	return 2;
}
