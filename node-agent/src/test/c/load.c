// SPDX-License-Identifier: Apache-2.0
/*
 * load GROUP TIMES MICROS: starts a child that is born in the cgroup GROUP and sleeps TIMES times MICROS, then prints how often it was
 * switched out, all and nonvoluntary, as the kernel tells its parent. The switch that ends it may be missing there.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

int main(int count, char **arguments)
{
	struct clone_args clone = {.flags = CLONE_INTO_CGROUP, .exit_signal = SIGCHLD};
	struct rusage usage;
	int group, status;
	pid_t child;

	if (count != 4)
		return 2;
	group = open(arguments[1], O_RDONLY | O_DIRECTORY);
	if (group < 0) {
		perror(arguments[1]);
		return 1;
	}
	clone.cgroup = group;
	child = syscall(SYS_clone3, &clone, sizeof(clone));
	if (child < 0) {
		perror("clone3");
		return 1;
	}
	if (child == 0) {
		struct timespec nap = {.tv_nsec = atol(arguments[3]) * 1000};

		for (int i = 0; i < atoi(arguments[2]); i++)
			nanosleep(&nap, NULL);
		_exit(0);
	}
	if (wait4(child, &status, 0, &usage) != child || status)
		return 1;
	printf("%ld %ld\n", usage.ru_nvcsw + usage.ru_nivcsw, usage.ru_nivcsw);
	return 0;
}
