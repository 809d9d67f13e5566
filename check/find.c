/* SPDX-License-Identifier: MIT */
/* find.c -- see find.h. */
#include "find.h"

#include <string.h>

static bool
agrees(const struct find_what *w, size_t i, uint8_t c)
{
	const uint8_t differ = c ^ w->bytes[i];

	return (w->mask ? differ & w->mask[i] : differ) == 0;
}

/* Whether nothing but the empty beginning is live. */
static bool
is_idle(const struct find *f, size_t words)
{
	for (size_t w = 1; w < words; w++)
		if (f->live[w])
			return false;
	return f->live[0] == 1;
}

/* One byte: each beginning grows by it, or dies. */
static enum find_verdict
step(struct find *f, const struct find_what *what, size_t words, uint8_t c)
{
	uint32_t any = 0, carry = what->anywhere;

	for (size_t w = 0; w < words; w++) {
		uint32_t grown = 0;

		for (uint32_t m = f->live[w]; m; m &= m - 1) {
			const unsigned bit = (unsigned)__builtin_ctz(m);
			const size_t i = 32 * w + bit;

			if (!agrees(what, i, c))
				continue;
			if (i + 1 == what->n)
				return FIND_FOUND;
			grown |= (uint32_t)1 << bit;
		}
		f->live[w] = grown << 1 | carry;
		carry = grown >> 31;
		any |= f->live[w];
	}
	return any ? FIND_MORE : FIND_NEVER;
}

enum find_verdict
find_feed(struct find *f, const struct find_what *what, const uint8_t *p, size_t n)
{
	const size_t words = (what->n + 31) / 32;
	const uint8_t *const end = p + n;
	enum find_verdict v = (enum find_verdict)f->verdict;

	assert(what->n <= FIND_MAX);
	if (!f->begun) {
		f->begun = 1;
		f->live[0] = 1;
		v = what->n ? FIND_MORE : FIND_FOUND;
	}
	while (v == FIND_MORE && p < end) {
		if (what->anywhere && !what->mask && is_idle(f, words)) {
			p = memchr(p, what->bytes[0], (size_t)(end - p));
			if (p == NULL)
				break;
		}
		v = step(f, what, words, *p++);
	}
	f->verdict = (uint8_t)v;
	return v;
}
