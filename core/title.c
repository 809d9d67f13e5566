/* SPDX-License-Identifier: MIT */
/* title.c -- see title.h. */
#define _GNU_SOURCE
#include "title.h"

#include <stddef.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

/* The words that the kernel shows, and what is free behind them. */
static struct {
	char *start;
	size_t cap;
} area;

void
title_init(int argc, char **argv)
{
	static char *nothing[] = { NULL };
	char *end = argc > 0 ? argv[0] : NULL;

	if (!end)
		return;
	/* The kernel lays all words out in one piece, but an odd caller of
	 * execve may not have: only what touches is ours. */
	for (int i = 0; i < argc; i++)
		if (argv[i] == end)
			end += strlen(end) + 1;
	for (char **e = environ; e && *e; e++)
		if (*e == end)
			end += strlen(end) + 1;
	area.start = argv[0];
	area.cap = (size_t)(end - argv[0]);
	environ = nothing;
}

void
title_set(const char *title)
{
	prctl(PR_SET_NAME, title, 0, 0, 0);
	if (area.cap == 0)
		return;
	const size_t len = strnlen(title, area.cap - 1);

	memset(area.start, 0, area.cap);
	memcpy(area.start, title, len);
}
