/* SPDX-License-Identifier: MIT */
/* seccomp.h -- the filter of system calls that a child puts on itself.
 *
 * seccomp.calls lists what is allowed; this makes a program for the kernel
 * of it (linux/seccomp.h, classic BPF).  A call of another processor's interface or one
 * that is not in the list ends the process by SIGSYS, which its parent sees and logs.
 * The filter can't be taken off again.  Which of a child's rights remain is privilege.h's.
 */
#ifndef SECCOMP_H
#define SECCOMP_H

#include <linux/filter.h>

#include "port.h"

/* Families of calls that not every child needs; bits. */
enum seccomp_family {
	SECCOMP_NETWORK = 1,		/* raw sockets and netlink */
	SECCOMP_CLIENT = 2,		/* connections, datagrams, echo requests */
	SECCOMP_IPVS = 4,		/* generic netlink, and what interfaces there are */
	SECCOMP_FILES = 8,		/* files, for reading only */
};

#define SECCOMP_CODE	320		/* instructions that a filter may have */

/* The filter for a child of these families whose process number is `self`; returns the
 * number of instructions, 0 when this build knows no numbers for its processor.  Pure. */
unsigned seccomp_build(struct sock_filter code[SECCOMP_CODE], unsigned families,
		       uint32_t self);

/* Puts it on; no_new_privs must be set.  0; -ENOSYS or -EINVAL: this kernel (or this build,
 * for its processor) has none; another -errno. */
port_must_check int seccomp_install(unsigned families);

#endif
