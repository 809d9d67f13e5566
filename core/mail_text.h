/* SPDX-License-Identifier: MIT */
/* mail_text.h -- a mail's headers and text (RFC 5322), lines ended by LF.  Pure. */
#ifndef MAIL_TEXT_H
#define MAIL_TEXT_H

#include "port.h"

#define MAIL_TEXT_SUBJECT	128	/* with NUL */
#define MAIL_TEXT_TO		1024	/* bytes of recipients that its header names */

/* What a mail says. */
struct mail_text {
	const char *from;		/* "": nobody */
	const char *to;			/* recipients, each with its NUL */
	size_t to_n;
	const char *host;		/* who speaks, for the identifier */
	const char *router;		/* "[left] ..." */
	const char *subject;		/* of the first line */
	const char *lines;		/* each with LF */
	size_t lines_n;
	unsigned count;			/* of lines, with those that were cut */
	unsigned cut;
	int64_t wall_us;		/* Unix time; makes the identifier, so that a mail that is
					 * sent again has the same and no other does */
};

/* Writes it; returns the length, cut at `cap`. */
size_t mail_text(const struct mail_text *m, char *out, size_t cap);

#endif
