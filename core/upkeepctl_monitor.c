/* SPDX-License-Identifier: MIT */
/* upkeepctl_monitor.c -- events of all children, over their restarts. */
#include "upkeepctl_monitor.h"

#include <errno.h>
#include <poll.h>
#include <string.h>

#include "child.h"
#include "upkeepctl.h"
#include "upkeepctl_link.h"

#define AGAIN_MS	50
#define PATIENCE	100		/* attempts without any child */
#define TIMEOUT_S	10		/* for the answer to the request */

struct watch {
	struct upkeepctl_out *out;
	const char *dir;
	const char *first, *again;	/* requests */
	bool had[CONF_PARTS];		/* followed an earlier life of that child */
	bool told[CONF_PARTS];		/* that it refuses */
	unsigned n;
	struct upkeepctl_link link[CONF_PARTS];
};

/* One that is not there (yet) will come; one that says no says it once. */
static void
refused(struct watch *w, unsigned i)
{
	if (w->link[i].code <= UPKEEPCTL_LINK_UNKNOWN && !w->told[i]) {
		upkeepctl_link_complain(&w->link[i], w->dir);
		w->told[i] = true;
	}
	upkeepctl_link_close(&w->link[i]);
}

/* Connects to who is missing; how many are there. */
static unsigned
connect_missing(struct watch *w)
{
	unsigned there = 0;
	for (unsigned i = 0; i < w->n; i++) {
		struct upkeepctl_link *l = &w->link[i];
		if (l->fd < 0 &&
		    upkeepctl_link_ask(l, w->dir, child_table[i]->name,
				       w->had[i] ? w->again : w->first,
				       TIMEOUT_S) != UPKEEPCTL_LINK_GOOD)
			refused(w, i);
		if (l->fd < 0)
			continue;
		w->had[i] = true;
		w->told[i] = false;
		there++;
	}
	return there;
}

/* What has come is printed at once, whole lines only. */
static void
print_lines(struct watch *w, struct upkeepctl_link *l)
{
	while (upkeepctl_link_has_line(l)) {
		const char *line = upkeepctl_link_line(l);
		upkeepctl_out_bytes(w->out, line, strlen(line));
		upkeepctl_link_next(l);
	}
	upkeepctl_out_flush(w->out);
}

/* More bytes arrived, or the end of that child. */
static void
receive(struct watch *w, struct upkeepctl_link *l)
{
	/* Half a line waits in the buffer for its rest: append, don't use up. */
	if (!upkeepctl_link_fill(l)) {
		upkeepctl_link_close(l);
		return;
	}
	print_lines(w, l);
}

/* How long it may sleep: for ever once all are there. */
static int
wait_once(struct watch *w, bool all)
{
	/* The last one is standard output: a reader that goes away ends us. */
	struct pollfd p[CONF_PARTS + 1];
	for (unsigned i = 0; i < w->n; i++)
		p[i] = (struct pollfd){ .fd = w->link[i].fd, .events = POLLIN };
	p[w->n] = (struct pollfd){ .fd = w->out->fd };
	const int rc = poll(p, w->n + 1, all ? -1 : AGAIN_MS);
	if (rc < 0)
		return errno == EINTR ? 0 : -1;
	for (unsigned i = 0; i < w->n; i++)
		if (p[i].revents)
			receive(w, &w->link[i]);
	return p[w->n].revents & (POLLERR | POLLHUP | POLLNVAL) || w->out->broken ? -1 : 0;
}

int
upkeepctl_monitor_run(struct upkeepctl_out *o, const char *dir, bool json)
{
	struct watch w = {
		.out = o, .dir = dir, .first = json ? "monitor json" : "monitor",
		.again = json ? "monitor json again" : "monitor again",
		.n = child_count < CONF_PARTS ? child_count : CONF_PARTS,
	};
	for (unsigned i = 0; i < w.n; i++)
		w.link[i].fd = -1;
	unsigned alone = PATIENCE;	/* at the start there is no patience */
	for (;;) {
		const unsigned there = connect_missing(&w);
		for (unsigned i = 0; i < w.n; i++)
			print_lines(&w, &w.link[i]);
		if (there)
			alone = 0;
		else if (alone++ >= PATIENCE)
			break;
		if (wait_once(&w, there == w.n) < 0)
			return UPKEEPCTL_FAILED;
	}
	if (!w.told[0])
		upkeepctl_link_complain(&w.link[0], dir);
	return UPKEEPCTL_FAILED;
}
