/* SPDX-License-Identifier: MIT */
/* smtp_reply.h -- reads the replies of a mail server, RFC 5321 4.2.
 *
 * Bytes in, of any split; one whole reply out: its code, the text of its last line, and each
 * line in passing, for whoever looks for extensions; of a long line its beginning.  What the
 * code means is the caller's.  The first fault stays.  A line may have 512 bytes with its
 * CR LF (4.5.3.1.5), a reply SMTP_REPLY_LINES of them; a bare LF ends one, too.  Pure.
 */
#ifndef SMTP_REPLY_H
#define SMTP_REPLY_H

#include <stddef.h>
#include <stdint.h>

#include "port.h"

#define SMTP_REPLY_BYTES	512	/* of a line */
#define SMTP_REPLY_TEXT		256	/* of it that are kept, with a NUL */
#define SMTP_REPLY_LINES	100	/* more are no reply that we read */

/* What is known of a reply; the list is written once. */
#define SMTP_REPLY_VERDICTS(X)						\
	X(MORE, "the reply is not whole yet")				\
	X(LINE, "one line of several is there")				\
	X(DONE, "the reply is whole")					\
	X(CODE, "a line does not begin with a code of three digits")	\
	X(MIXED, "lines of one reply have different codes")		\
	X(LONG, "a line or the reply is longer than can be")

enum smtp_reply_verdict {
#define SMTP_REPLY_ENUM(name, text)	SMTP_REPLY_##name,
	SMTP_REPLY_VERDICTS(SMTP_REPLY_ENUM)
#undef SMTP_REPLY_ENUM
	SMTP_REPLY_VERDICT__N
};

/* All zero: waits for the first reply. */
struct smtp_reply {
	uint16_t code;			/* 200..599, of LINE and DONE */
	uint16_t lines;			/* whole ones of this reply */
	uint16_t n;			/* bytes in text */
	uint16_t seen;			/* bytes of the line */
	uint8_t verdict;		/* enum smtp_reply_verdict */
	char text[SMTP_REPLY_TEXT];	/* the line behind its code, what does not print
					 * made '?'; with NUL after LINE and DONE */
};

/* Takes bytes until a line is whole; *used says how many, also after a fault.  After LINE and
 * DONE it goes on with the rest of the bytes; after DONE the next reply begins.  A fault is for
 * good. */
port_must_check enum smtp_reply_verdict smtp_reply_take(struct smtp_reply *r, const uint8_t *p,
							size_t n, size_t *used);

/* Whether the last line is the word `ext` alone, or with parameters behind a blank, of any
 * case: "STARTTLS", "AUTH" (4.1.1.1).  *args: what is behind it, "" without. */
bool smtp_reply_has(const struct smtp_reply *r, const char *ext, const char **args);

const char *smtp_reply_verdict_text(enum smtp_reply_verdict v);

#endif
