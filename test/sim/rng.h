/* SPDX-License-Identifier: MIT */
/* rng.h -- the simulation's only source of chance: a 64-bit counter, stirred
 * (Steele, Lea, Flood 2014).  The same seed gives the same run everywhere. */
#ifndef RNG_H
#define RNG_H

#include <stdbool.h>
#include <stdint.h>

struct rng {
	uint64_t s;
};

static inline uint64_t
rng_next(struct rng *r)
{
	uint64_t z = r->s += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

/* 0 .. n - 1; 0 for n 0. */
static inline uint64_t
rng_below(struct rng *r, uint64_t n)
{
	return n ? rng_next(r) % n : 0;
}

static inline int64_t
rng_range(struct rng *r, int64_t min, int64_t max)
{
	return min + (int64_t)rng_below(r, (uint64_t)(max - min) + 1);
}

static inline bool
rng_permille(struct rng *r, unsigned p)
{
	return p && rng_below(r, 1000) < p;
}

/* Another stream, of the same seed. */
static inline struct rng
rng_fork(uint64_t seed, uint64_t stream)
{
	struct rng r = { stream * 0xd1342543de82ef95u };

	r.s = seed ^ rng_next(&r);
	r.s = rng_next(&r);
	return r;
}

#endif
