/* SPDX-License-Identifier: MIT */
/* mono.h -- an instant of CLOCK_MONOTONIC, in microseconds.
 *
 * An instant is a struct so that adding two of them does not compile; a
 * duration is an integer named by its unit (_us, _ms, _cs, _s).  Nothing here
 * reads a clock: the loop does, once per wake-up, and hands the instant down.
 */
#ifndef MONO_H
#define MONO_H

#include <stdbool.h>
#include <stdint.h>

struct mono {
	int64_t us;
};

#define MONO_NEVER	((struct mono){ .us = INT64_MAX })
#define MONO_US_PER_S	1000000
#define MONO_US_PER_MS	1000
#define MONO_US_PER_CS	10000

static inline struct mono
mono_add(struct mono t, int64_t us)
{
	return (struct mono){ .us = t.us + us };
}

/* How long after `b` is `a`; negative when it is earlier. */
static inline int64_t
mono_diff_us(struct mono a, struct mono b)
{
	return a.us - b.us;
}

static inline bool
mono_before(struct mono a, struct mono b)
{
	return a.us < b.us;
}

static inline bool
mono_is_never(struct mono t)
{
	return t.us == INT64_MAX;
}

#endif
