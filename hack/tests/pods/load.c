/*
 * What the test pods run: work whose amount is known. Each command does it, prints what it did as NAME=VALUE words in one
 * line, and waits for its end.
 *   load oom TIMES MIB             a child, TIMES in turn, touches MIB of memory; more than the pod may have
 *   load spin                      uses all the CPU that it gets
 *   load serve PORT                reads a connection to its end, answers with a quarter of the bytes; for ever
 *   load send ADDRESS PORT TIMES BYTES   so many connections, each with so many bytes; reads the answers
 *   load write FILE MIB            each MiB followed by fsync
 *   load fill FILE MIB             and no fsync
 *   load fault FILE PAGES          writes the file, has it dropped from the page cache, and reads a byte of each page of a mapping
 *   load rest                      nothing
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MIB = 1 << 20, PAGE = 4096 };

static char block[MIB];
static long sends, receives;

static void end(int signal)
{
	(void)signal;
	_exit(0);
}

static void fail(const char *what)
{
	fprintf(stderr, "load: %s: %s\n", what, strerror(errno));
	exit(1);
}

static long number(const char *text)
{
	char *end;
	long value = strtol(text, &end, 10);

	if (*end || value < 0) {
		fprintf(stderr, "load: '%s': a number\n", text);
		exit(2);
	}
	return value;
}

static void rest(void)
{
	fflush(stdout);
	for (;;)
		pause();
}

static void oom(long times, long mib)
{
	long killed = 0;

	for (long i = 0; i < times; i++) {
		int status;
		pid_t child = fork();

		if (child < 0)
			fail("fork");
		if (child == 0) {
			for (long touched = 0; touched < mib; touched++) {
				char *memory = malloc(MIB);

				if (!memory)
					fail("malloc");
				memset(memory, 1, MIB);
			}
			_exit(0);
		}
		if (waitpid(child, &status, 0) < 0)
			fail("waitpid");
		killed += WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
	}
	printf("killed=%ld\n", killed);
}

/* Reads to the end of what the other side sends. */
static long read_all(int connection)
{
	long sum = 0;
	ssize_t got;

	do {
		got = recv(connection, block, sizeof(block), 0);
		if (got < 0)
			fail("recv");
		receives++;
		sum += got;
	} while (got > 0);
	return sum;
}

static void write_all(int connection, long bytes)
{
	while (bytes > 0) {
		ssize_t put = send(connection, block, bytes < MIB ? bytes : MIB, MSG_NOSIGNAL);

		if (put < 0)
			fail("send");
		sends++;
		bytes -= put;
	}
}

static void serve(long port)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(port) };
	const int on = 1;
	int listener = socket(AF_INET, SOCK_STREAM, 0);

	setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(listener, (struct sockaddr *)&address, sizeof(address)) || listen(listener, 64))
		fail("listen");
	for (;;) {
		int connection = accept(listener, NULL, NULL);
		long received;

		if (connection < 0)
			fail("accept");
		received = read_all(connection);
		write_all(connection, received / 4);
		close(connection);
	}
}

static void send_to(const char *host, long port, long times, long bytes)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(port) };
	long sent = 0, received = 0;

	if (inet_pton(AF_INET, host, &address.sin_addr) != 1) {
		fprintf(stderr, "load: '%s': an IPv4 address\n", host);
		exit(2);
	}
	for (long i = 0; i < times; i++) {
		int connection = socket(AF_INET, SOCK_STREAM, 0);

		if (connect(connection, (struct sockaddr *)&address, sizeof(address)))
			fail("connect");
		write_all(connection, bytes);
		sent += bytes;
		shutdown(connection, SHUT_WR);
		received += read_all(connection);
		close(connection);
	}
	printf("connections=%ld sent=%ld received=%ld sends=%ld receives=%ld\n", times, sent, received, sends, receives);
}

static int write_file(const char *path, long mib, int sync_each)
{
	int file = open(path, O_CREAT | O_TRUNC | O_RDWR, 0600);

	if (file < 0)
		fail(path);
	for (long i = 0; i < mib; i++) {
		if (write(file, block, MIB) != MIB)
			fail("write");
		if (sync_each && fsync(file))
			fail("fsync");
	}
	return file;
}

static void fault(const char *path, long pages)
{
	struct rusage before, after;
	int file = write_file(path, (pages * PAGE + MIB - 1) / MIB, 1);
	volatile char sum = 0;
	char *mapped;

	if (posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED))
		fail("posix_fadvise");
	mapped = mmap(NULL, pages * PAGE, PROT_READ, MAP_SHARED, file, 0);
	if (mapped == MAP_FAILED || madvise(mapped, pages * PAGE, MADV_RANDOM))
		fail("mmap");
	getrusage(RUSAGE_SELF, &before);
	for (long i = 0; i < pages; i++)
		sum += mapped[i * PAGE];
	getrusage(RUSAGE_SELF, &after);
	printf("faults=%ld of_all=%ld\n", after.ru_majflt - before.ru_majflt, after.ru_majflt);
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";

	signal(SIGTERM, end);
	memset(block, 'k', sizeof(block));
	if (argc == 4 && !strcmp(what, "oom")) {
		oom(number(argv[2]), number(argv[3]));
	} else if (argc == 2 && !strcmp(what, "spin")) {
		for (;;)
			__asm__ volatile("");
	} else if (argc == 3 && !strcmp(what, "serve")) {
		serve(number(argv[2]));
	} else if (argc == 6 && !strcmp(what, "send")) {
		send_to(argv[2], number(argv[3]), number(argv[4]), number(argv[5]));
	} else if (argc == 4 && !strcmp(what, "write")) {
		write_file(argv[2], number(argv[3]), 1);
		printf("written=%ld\n", number(argv[3]) * MIB);
	} else if (argc == 4 && !strcmp(what, "fill")) {
		write_file(argv[2], number(argv[3]), 0);
		printf("filled=%ld\n", number(argv[3]) * MIB);
	} else if (argc == 4 && !strcmp(what, "fault")) {
		fault(argv[2], number(argv[3]));
	} else if (argc != 2 || strcmp(what, "rest")) {
		fprintf(stderr, "usage: see load.c\n");
		return 2;
	}
	rest();
}
