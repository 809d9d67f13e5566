/* SPDX-License-Identifier: MIT */
/* backoff.h -- how long to wait before a process that died is started again.
 *
 * Pure.  The first few restarts are immediate, because a crash shall be hitless, and so is one
 * upon the other; then the delay doubles as long as deaths follow soon upon the start.  Each
 * life of some length makes up for one early death, and a minute for all.
 */
#ifndef BACKOFF_H
#define BACKOFF_H

#include "mono.h"

#define BACKOFF_FIRST_US	(250 * (int64_t)MONO_US_PER_MS)
#define BACKOFF_MOST_US		(30 * (int64_t)MONO_US_PER_S)
#define BACKOFF_SOON_US		(100 * (int64_t)MONO_US_PER_MS)	/* an early death */
#define BACKOFF_FREE		4	/* early deaths without a delay */
#define BACKOFF_WELL_US		(60 * (int64_t)MONO_US_PER_S)	/* all is forgotten */

struct backoff {
	unsigned early;			/* early deaths that still count */
};

/* The process lived for `lived_us`, 0 when it was ended for what it did: the delay until its
 * next start. */
int64_t backoff_died(struct backoff *b, int64_t lived_us);

#endif
