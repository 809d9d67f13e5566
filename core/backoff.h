/* SPDX-License-Identifier: MIT */
/* backoff.h -- how long to wait before a process that died is started again.
 *
 * Pure.  The first restart is immediate, because a crash shall be hitless; then the delay
 * doubles as long as deaths follow soon upon the start, and is forgotten after a
 * process has lived for a minute.
 */
#ifndef BACKOFF_H
#define BACKOFF_H

#include "mono.h"

#define BACKOFF_FIRST_US	(250 * (int64_t)MONO_US_PER_MS)
#define BACKOFF_MOST_US		(30 * (int64_t)MONO_US_PER_S)
#define BACKOFF_SOON_US		(300 * (int64_t)MONO_US_PER_MS)	/* an early death */
#define BACKOFF_WELL_US		(60 * (int64_t)MONO_US_PER_S)	/* all is forgotten */

struct backoff {
	unsigned early;			/* early deaths that still count */
};

/* The process lived for `lived_us`: the delay until its next start. */
int64_t backoff_died(struct backoff *b, int64_t lived_us);

#endif
