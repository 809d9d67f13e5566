/* SPDX-License-Identifier: MIT */
/* suggest.h -- the known word nearest to a mistyped one.
 *
 * Pure.  Nearness is the number of letters inserted, left out, changed or swapped with a
 * neighbour; case does not count.  Words too far away are no suggestion at all.
 */
#ifndef SUGGEST_H
#define SUGGEST_H

#include "port.h"

#define SUGGEST_WORD	40		/* longer words are not compared */

struct suggest {
	const char *typed;		/* NUL-terminated, the caller's */
	const char *best;		/* the nearest so far; NULL: none is near */
	unsigned distance;		/* of best */
};

/* How many edits make `a` of `b`; `bound` + 1 when it takes more than `bound`. */
unsigned suggest_distance(const char *a, const char *b, unsigned bound);

/* Begins a search; offer every known word, then look at `best`. */
void suggest_begin(struct suggest *s, const char *typed);
void suggest_offer(struct suggest *s, const char *known);

#endif
