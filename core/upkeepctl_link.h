/* SPDX-License-Identifier: MIT */
/* upkeepctl_link.h -- one request to one child: connect, ask, read.
 *
 * Each read waits a bounded time, so that a child that hangs is told of and not
 * waited for.
 */
#ifndef UPKEEPCTL_LINK_H
#define UPKEEPCTL_LINK_H

#include <stddef.h>

#include "port.h"

#define UPKEEPCTL_LINK_LINE	1024	/* longest line of an answer that is taken apart */

enum upkeepctl_link_code {
	UPKEEPCTL_LINK_GOOD,		/* "0": the body follows */
	UPKEEPCTL_LINK_REFUSED,		/* "1 REASON" */
	UPKEEPCTL_LINK_UNKNOWN,		/* "2 REASON": no verb of this child */
	UPKEEPCTL_LINK_SILENT,		/* no answer, or none of ours */
	UPKEEPCTL_LINK_ABSENT,		/* can't connect: `error` says why */
};

struct upkeepctl_link {
	int fd;				/* < 0: closed */
	const char *child;		/* its name */
	enum upkeepctl_link_code code;
	int error;			/* errno of ABSENT */
	size_t head, tail;		/* of buf[]: not yet used */
	bool ended;			/* the answer is complete */
	bool broken;			/* it ended by error or time */
	bool has_line;
	char reason[UPKEEPCTL_LINK_LINE];
	char line[UPKEEPCTL_LINK_LINE];	/* of upkeepctl_link_line(), with its newline */
	char buf[4096];
};

/* Connects to DIR/CHILD.sock, sends `request` (without a newline) and reads the first line.
 * Returns l->code; the link is open when it is GOOD, REFUSED or UNKNOWN. */
enum upkeepctl_link_code upkeepctl_link_ask(struct upkeepctl_link *l, const char *dir,
					    const char *child, const char *request,
					    int timeout_s);
void upkeepctl_link_close(struct upkeepctl_link *l);

/* The next bytes of the body in l->buf from l->head to l->tail; false at its end.
 * Used bytes are given back by moving l->head. */
bool upkeepctl_link_more(struct upkeepctl_link *l);

/* Reads on behind what is in the buffer; false: nothing more will come. */
bool upkeepctl_link_fill(struct upkeepctl_link *l);

/* The next line of the body in l->line, the same until upkeepctl_link_next(); NULL at its
 * end.  A longer one comes in pieces. */
const char *upkeepctl_link_line(struct upkeepctl_link *l);
void upkeepctl_link_next(struct upkeepctl_link *l);

/* A whole line is in the buffer, so that upkeepctl_link_line() won't wait. */
bool upkeepctl_link_has_line(const struct upkeepctl_link *l);

/* Says on standard error why there is no good answer. */
void upkeepctl_link_complain(const struct upkeepctl_link *l, const char *dir);

#endif
