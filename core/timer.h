/* SPDX-License-Identifier: MIT */
/* timer.h -- deadlines, embedded in the objects they belong to.
 *
 * An intrusive pairing heap: arming can't fail, takes O(1), and stopping or
 * firing O(log n) amortised.  No clock is read and no descriptor is known here;
 * the loop (or a simulation) says what time it is.  Equal deadlines fire in
 * the order in which they were armed.
 */
#ifndef TIMER_H
#define TIMER_H

#include "mono.h"

struct timer {
	struct mono at;			/* valid while armed */
	/* Called once, disarmed.  `now` is at or after the deadline. */
	void (*fire)(struct timer *t, struct mono now);
	uint32_t seq;			/* order among equal deadlines */
	bool armed;
	struct timer *child;		/* first child in the heap */
	struct timer *next;		/* next sibling */
	struct timer *prev;		/* previous sibling, or the parent */
};

struct timers {
	struct timer *root;
	uint32_t seq;
	uint32_t armed;			/* how many are armed */
	uint64_t fired;			/* how many have fired */
	uint64_t storms;		/* passes that hit TIMER_STORM */
};

/* As many timers as one pass fires at most per armed timer; what is still due
 * then waits for the next pass, so that descriptors are not starved. */
#define TIMER_STORM	4

void timer_init(struct timer *t, void (*fire)(struct timer *, struct mono));

/* Arms `t` for `at`, moving it when it is armed already. */
void timer_arm(struct timers *ts, struct timer *t, struct mono at);

/* Disarms `t`; nothing happens when it is not armed. */
void timer_stop(struct timers *ts, struct timer *t);

/* The earliest deadline, MONO_NEVER when none is armed. */
struct mono timer_next(const struct timers *ts);

/* Fires all that is due at `now`, earliest first, including what handlers arm
 * for `now` or before (bounded by TIMER_STORM).  Returns how many fired. */
uint32_t timer_run(struct timers *ts, struct mono now);

#endif
