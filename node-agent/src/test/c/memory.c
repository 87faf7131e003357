// SPDX-License-Identifier: Apache-2.0
/* memory MIB: takes as much memory, each page touched, and keeps it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int main(int count, char **arguments)
{
	size_t size = count == 2 ? strtoul(arguments[1], NULL, 10) << 20 : 0;
	char *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED) {
		perror("mmap");
		return 1;
	}
	memset(memory, 1, size);
	pause();
	return 0;
}
