/* SPDX-License-Identifier: MIT */
/* privilege.h -- a child gives up what it does not need.
 *
 * Once, after the sockets of its frame are open and before it takes in anything from
 * outside.  What stays are a few capabilities (capabilities(7)), in the bounding, permitted
 * and effective sets only; no_new_privs; no core dump; and the system calls of
 * seccomp.calls.  What is opened later must be possible with these.
 *
 * With option `user` it is that user's process; without it user 0 stays, who without
 * capabilities owns files, but can't open one.
 */
#ifndef PRIVILEGE_H
#define PRIVILEGE_H

#include "conf.h"

#define PRIVILEGE_CAP(cap)	(UINT64_C(1) << (cap))

/* What a child needs beyond what its frame does. */
struct privilege {
	uint64_t caps;			/* PRIVILEGE_CAP() of each that stays */
	unsigned families;		/* enum seccomp_family */
	bool lock_memory;		/* what it touches is never swapped out */
	uint8_t rt_priority;		/* 1..99 of SCHED_FIFO, 0: none */
	uint32_t rttime_us;		/* then ended when it runs so long without a wait */
};

/* 0, or -errno with a reason in the log: then the process must not go on.  What only makes it
 * better (memory, scheduling, a kernel with filters) is a warning when it can't be had. */
port_must_check int privilege_enter(const struct privilege *p,
				    const struct conf_core *core);

#endif
