/* SPDX-License-Identifier: MIT */
/* upkeepctl_restart.c -- see upkeepctl_restart.h. */
#include "upkeepctl_restart.h"

#include <string.h>
#include <unistd.h>

#include "child.h"
#include "upkeepctl.h"
#include "upkeepctl_link.h"

#define ANSWER_S	10
#define RESTART_S	70		/* longer than the child waits for the parent */
#define AGAIN_US	20000u
#define AGAIN_MOST	750		/* times: 15 s, for an orderly end before */
#define OTHERS_MOST	100		/* times: 2 s */

/* What the child says of itself; false when it does not answer. */
static bool
ask_version(struct upkeepctl_link *l, const char *dir, const char *child, char *text, size_t cap)
{
	const bool good = upkeepctl_link_ask(l, dir, child, "version", ANSWER_S) ==
		UPKEEPCTL_LINK_GOOD;
	const char *line = good ? upkeepctl_link_line(l) : NULL;

	strfmt_copy(text, cap, line ? line : "", line ? strlen(line) : 0);
	upkeepctl_link_close(l);
	return line != NULL;
}

/* The other children may be a little later; whoever asks next should find all of them. */
static void
await_all(const char *dir)
{
	struct upkeepctl_link l;
	char text[UPKEEPCTL_LINK_LINE];

	for (unsigned i = 0; i < child_count; i++)
		for (int n = 0; n < OTHERS_MOST; n++) {
			if (ask_version(&l, dir, child_table[i]->name, text, sizeof text))
				break;
			usleep(AGAIN_US);
		}
}

/* After the end of the old child: the new one, or the old binary's again. */
static int
await(struct upkeepctl_out *o, struct upkeepctl_link *l, const char *dir, const char *before)
{
	const char *child = l->child;
	char now[UPKEEPCTL_LINK_LINE];

	for (int i = 0; i < AGAIN_MOST; i++) {
		usleep(AGAIN_US);
		if (!ask_version(l, dir, child, now, sizeof now))
			continue;
		if (strcmp(now, before)) {
			await_all(dir);
			upkeepctl_out_put(o, "%s", now);
			return UPKEEPCTL_OK;
		}
		upkeepctl_out_complain("not restarted: the log says why");
		return UPKEEPCTL_FAILED;
	}
	upkeepctl_out_complain("no answer after the restart: the log says why");
	return UPKEEPCTL_FAILED;
}

int
upkeepctl_restart_run(struct upkeepctl_out *o, const char *dir)
{
	struct upkeepctl_link l = { .fd = -1 };
	char before[UPKEEPCTL_LINK_LINE];

	/* Any child passes it on to the parent. */
	for (unsigned i = 0; i < child_count; i++)
		if (ask_version(&l, dir, child_table[i]->name, before, sizeof before) ||
		    l.code == UPKEEPCTL_LINK_REFUSED)
			break;
	if (l.code != UPKEEPCTL_LINK_GOOD) {
		upkeepctl_link_complain(&l, dir);
		return UPKEEPCTL_FAILED;
	}
	if (upkeepctl_link_ask(&l, dir, l.child, "restart", RESTART_S) == UPKEEPCTL_LINK_SILENT &&
	    l.ended && !l.broken)
		return await(o, &l, dir, before);
	upkeepctl_link_complain(&l, dir);
	upkeepctl_link_close(&l);
	return UPKEEPCTL_FAILED;
}
