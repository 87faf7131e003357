// SPDX-License-Identifier: Apache-2.0
/*
 * Debian's static libelf and libbpf are not built for shared objects. Two things are in the way: libelf's thread-local
 * error number, replaced here, and libbpf's direct use of stderr, which the Makefile renames to kpod_stderr.
 */
#include <stdio.h>

#define HIDDEN __attribute__((visibility("hidden")))

HIDDEN FILE *kpod_stderr;

static __thread int error_number;

HIDDEN void __libelf_seterrno(int value)
{
	error_number = value;
}

HIDDEN int elf_errno(void)
{
	int value = error_number;

	error_number = 0;
	return value;
}

HIDDEN const char *elf_errmsg(int value)
{
	return value ? "malformed ELF file" : "no error";
}

__attribute__((constructor)) static void set_stderr(void)
{
	kpod_stderr = stderr;
}
