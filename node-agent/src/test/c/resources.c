// SPDX-License-Identifier: Apache-2.0
/*
 * What a container uses, in amounts that are known. Each says "ready" once it is done, and then waits for a signal.
 *
 *   resources memory BYTES       anonymous memory, every page written
 *   resources write FILE BYTES   written past the page cache, then fsync
 *   resources read FILE BYTES    read past the page cache
 *   resources spin               computes until it is stopped
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define BLOCK (64 * 1024)

static int memory(size_t bytes)
{
	char *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		return -1;
	madvise(memory, bytes, MADV_NOHUGEPAGE);
	memset(memory, 1, bytes);
	return 0;
}

static int transfer(const char *path, size_t bytes, int write_it)
{
	int file = open(path, O_DIRECT | (write_it ? O_WRONLY | O_CREAT : O_RDONLY), 0600);
	void *block;

	if (file < 0 || posix_memalign(&block, 4096, BLOCK))
		return -1;
	memset(block, 1, BLOCK);
	for (size_t done = 0; done < bytes; done += BLOCK) {
		if ((write_it ? write(file, block, BLOCK) : read(file, block, BLOCK)) != BLOCK)
			return -1;
	}
	return write_it ? fsync(file) : 0;
}

int main(int count, char **arguments)
{
	const char *what = count > 1 ? arguments[1] : "";
	int result = -1;

	if (!strcmp(what, "memory") && count == 3)
		result = memory(strtoul(arguments[2], NULL, 10));
	else if (!strcmp(what, "write") && count == 4)
		result = transfer(arguments[2], strtoul(arguments[3], NULL, 10), 1);
	else if (!strcmp(what, "read") && count == 4)
		result = transfer(arguments[2], strtoul(arguments[3], NULL, 10), 0);
	else if (!strcmp(what, "spin"))
		for (volatile unsigned long turns = 0;; turns++)
			;
	if (result) {
		perror(what);
		return 1;
	}
	puts("ready");
	fflush(stdout);
	for (;;)
		pause();
}
