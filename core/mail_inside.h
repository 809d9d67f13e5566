/* SPDX-License-Identifier: MIT */
/* mail_inside.h -- one mail of the queue, for its pool. */
#ifndef MAIL_INSIDE_H
#define MAIL_INSIDE_H

#include "mail_text.h"
#include "mono.h"

#ifdef CONFIG_MAIL

struct mail {
	struct mono due;		/* when it is sent, or tried again */
	int64_t wall_us;		/* of its first line */
	uint16_t tries;
	uint16_t count;			/* lines that were said */
	uint16_t cut;			/* of these, not in `lines` */
	uint16_t n;			/* bytes of `lines` */
	uint32_t skip;			/* recipients that have it, or never will: SMTP_BIT */
	char subject[MAIL_TEXT_SUBJECT];
	char lines[CONFIG_MAIL_BYTES];	/* each with LF */
};

#endif

#endif
