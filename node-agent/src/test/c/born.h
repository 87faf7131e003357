/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A child that is born in a container's group, so that all that the kernel counts of the child is the container's, and that
 * enters the container's groups of other hierarchies before it does anything.
 */
#ifndef BORN_H
#define BORN_H

#include <fcntl.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static inline void fail(const char *what)
{
	perror(what);
	_exit(1);
}

/* The child's result is 0. `groups`: directories with a comma between them, the first one of cgroup v2. */
static inline pid_t born_in(const char *groups)
{
	struct clone_args clone = {.flags = CLONE_INTO_CGROUP, .exit_signal = SIGCHLD};
	char *list = strdup(groups), *group = strtok(list, ",");
	char file[4096];
	pid_t child;
	int procs;

	clone.cgroup = open(group, O_RDONLY | O_DIRECTORY);
	if ((int)clone.cgroup < 0)
		fail(group);
	child = syscall(SYS_clone3, &clone, sizeof(clone));
	if (child < 0)
		fail("clone3");
	while (!child && (group = strtok(NULL, ","))) {
		snprintf(file, sizeof(file), "%s/cgroup.procs", group);
		procs = open(file, O_WRONLY);
		if (procs < 0 || write(procs, "0", 1) != 1)
			fail(file);
		close(procs);
	}
	return child;
}

/* Waits for it; its use of resources from birth to end. */
static inline struct rusage end_of(pid_t child)
{
	struct rusage usage;
	int status;

	if (wait4(child, &status, 0, &usage) != child || status)
		exit(1);
	return usage;
}

#endif
