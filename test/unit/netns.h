/* SPDX-License-Identifier: MIT */
/* netns.h -- for tests that need a kernel: a network namespace of their own, and
 * iproute2 as the independent other side. */
#ifndef NETNS_H
#define NETNS_H

#define NETNS_MS	1000		/* microseconds */

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "loop.h"

/* Under a user emulator the kernel speaks another byte order or refuses: this program and
 * the shell are then of different machines. */
static inline bool
netns_emulated(void)
{
	static const char *const name[] = { "/bin/sh", "/proc/self/exe" };
	unsigned char head[2][20];

	for (int i = 0; i < 2; i++) {
		int fd = open(name[i], O_RDONLY | O_CLOEXEC);
		bool ok = fd >= 0 && read(fd, head[i], 20) == 20;
		if (fd >= 0)
			close(fd);
		if (!ok)
			return false;
	}
	return memcmp(head[0] + 4, head[1] + 4, 2) != 0 ||
	       memcmp(head[0] + 18, head[1] + 18, 2) != 0;
}

/* Whether the tests can run; says why not. */
static inline bool
netns_possible(void)
{
	const char *why = NULL;

	if (geteuid() != 0)
		why = "not root";
	else if (netns_emulated())
		why = "an emulated processor on another kernel";
	else if (system("ip -V >/dev/null 2>&1") != 0)
		why = "no ip command (iproute2)";
	else if (unshare(CLONE_NEWNET) < 0)
		why = "no network namespaces";
	if (why)
		fprintf(stderr, "skipped: %s\n", why);
	return !why;
}

/* A shell command that must succeed. */
static inline void __attribute__((format(printf, 1, 2)))
netns_sh(const char *fmt, ...)
{
	char cmd[4096];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(cmd, sizeof cmd, fmt, ap);
	va_end(ap);
	if (system(cmd) != 0)
		fail_msg("%s", cmd);
}

/* The output of a shell command, cut at the buffer's size. */
static inline const char *
netns_out(const char *cmd)
{
	static char out[1 << 20];
	FILE *f = popen(cmd, "r");
	size_t n = f ? fread(out, 1, sizeof out - 1, f) : 0;

	out[n] = '\0';
	if (f)
		pclose(f);
	return out;
}

/* Serves one descriptor and the timers for `ms`, or until `until` (NULL: never)
 * is true.  Returns whether it became true. */
static inline bool
netns_serve(struct loop *l, struct loop_fd *io, int ms, bool (*until)(void))
{
	struct mono end = mono_add(loop_clock(), ms * (int64_t)NETNS_MS);

	for (;;) {
		l->now = loop_clock();
		timer_run(&l->timers, l->now);
		if (until && until())
			return true;
		/* Time that we were not run is no reason to leave unread what is there. */
		int64_t left = mono_diff_us(end, l->now);
		struct pollfd p = { .fd = io->fd, .events = POLLIN };
		int n = poll(&p, 1, left <= 0 ? 0 : left > 5 * NETNS_MS ? 5 : 1);
		if (n <= 0 && left <= 0)
			return false;
		if (n > 0) {
			l->now = loop_clock();
			io->ready(io, EPOLLIN, l->now);
		}
	}
}

#endif
