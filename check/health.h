/* SPDX-License-Identifier: MIT */
/* health.h -- what the tries of one check add up to, and when the next one is due.
 *
 * A verdict changes after `fall` failures, or `rise` successes, in a row; one result that
 * agrees with the verdict forgets those that did not.  keepalived's `retry` N is `fall` N + 1.
 * Tries begin at phase, phase + interval, phase + 2 interval ...: from start to start, so that
 * they never drift and checks that are spread once stay spread; a slot that has passed while a
 * try ran is skipped.  While results disagree with the verdict the next try is fast_us after
 * the end of the last one, if that is sooner; the slots stay where they were.  Pure.
 */
#ifndef HEALTH_H
#define HEALTH_H

#include "check_conf.h"
#include "mono.h"

struct health {
	bool up;			/* the verdict */
	bool known;			/* a result stands behind it, not only an assumption */
	bool tried;			/* there was a result since health_init() */
	uint16_t streak;		/* results in a row that disagree with it */
	struct mono phase;		/* when the first try is due */
};

/* Up, or with c->alpha down, until tries say otherwise; who knows better from before writes
 * `up`, `known` and `streak` after it.  `index` counts the checks from 0: whatever their
 * number, their first tries are spread evenly over c->warmup_us after `now`. */
void health_init(struct health *h, const struct check_conf_check *c, uint32_t index,
		 struct mono now);

/* A try has passed or failed; whether the verdict has changed by it. */
port_must_check bool health_result(struct health *h, const struct check_conf_check *c, bool passed);

/* How long after `now`, at which a try has ended (or nothing was tried yet), the next one begins;
 * never negative, 0 only before the first try or with fast_us 0. */
int64_t health_next_us(const struct health *h, const struct check_conf_check *c,
		       struct mono now);

#endif
