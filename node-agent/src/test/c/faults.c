// SPDX-License-Identifier: Apache-2.0
/*
 * faults GROUPS file FILE: a task in GROUPS that touches every page of a mapped file, of which nothing is cached.
 * faults GROUPS swap MIB:  one that touches as much memory twice, of which its group has less.
 * Prints its major page faults as the kernel tells its parent.
 */
#define _GNU_SOURCE
#include "born.h"

#include <sys/mman.h>
#include <sys/stat.h>

#define ENOUGH (8 << 20)

static volatile char sink;

static void touch(const char *memory, size_t size)
{
	for (size_t at = 0; at < size; at += 4096)
		sink = memory[at];
}

static void touch_file(const char *name)
{
	int file = open(name, O_RDONLY);
	struct stat status;
	char *memory;

	if (file < 0 || fstat(file, &status) || posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED))
		fail(name);
	memory = mmap(NULL, status.st_size, PROT_READ, MAP_SHARED, file, 0);
	/* random: no pages are read ahead, each is a fault of its own */
	if (memory == MAP_FAILED || madvise(memory, status.st_size, MADV_RANDOM))
		fail("mmap");
	touch(memory, status.st_size);
	/* enough has changed after the last fault for the kernel to sum up memory.stat when it is read */
	memset(malloc(ENOUGH), 7, ENOUGH);
}

static void touch_swap(size_t size)
{
	char *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		fail("mmap");
	memset(memory, 7, size);
	touch(memory, size);
}

int main(int count, char **arguments)
{
	pid_t child;

	if (count != 4)
		return 2;
	child = born_in(arguments[1]);
	if (!child) {
		if (!strcmp(arguments[2], "file"))
			touch_file(arguments[3]);
		else
			touch_swap(strtoul(arguments[3], NULL, 10) << 20);
		_exit(0);
	}
	printf("%ld\n", end_of(child).ru_majflt);
	return 0;
}
