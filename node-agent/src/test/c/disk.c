// SPDX-License-Identifier: Apache-2.0
/*
 * disk GROUPS FILE read|write|flush|buffered|discard COUNT: a task in GROUPS that does so COUNT times with a file or device: reads
 * or writes directly 4 KiB at places that are not next to each other, so that each is a request of its own; writes 4 KiB
 * and waits until the device has it (flush); writes 4 KiB to a new file and leaves it to be written back (buffered); discards 4 KiB of a
 * device.
 */
#define _GNU_SOURCE
#include "born.h"

#include <linux/fs.h>
#include <sys/ioctl.h>

#define BLOCK 4096
#define STEP (4 * BLOCK)

static void once(int file, const char *what, char *block, off_t at)
{
	uint64_t range[2] = {at, BLOCK};

	if (!strcmp(what, "read") ? pread(file, block, BLOCK, at) != BLOCK
	    : !strcmp(what, "discard") ? ioctl(file, BLKDISCARD, range) != 0
				       : pwrite(file, block, BLOCK, at) != BLOCK)
		fail(what);
	if (!strcmp(what, "flush") && fdatasync(file))
		fail("fdatasync");
}

int main(int count, char **arguments)
{
	const char *what;
	pid_t child;

	if (count != 5)
		return 2;
	what = arguments[3];
	child = born_in(arguments[1]);
	if (!child) {
		int file = open(arguments[2], O_RDWR | (strcmp(what, "buffered") ? O_DIRECT : O_CREAT), 0600);
		char *block;

		if (file < 0 || posix_memalign((void **)&block, BLOCK, BLOCK))
			fail(arguments[2]);
		memset(block, 7, BLOCK);
		for (int i = 0; i < atoi(arguments[4]); i++)
			once(file, what, block, (off_t)i * STEP);
		_exit(0);
	}
	end_of(child);
	return 0;
}
