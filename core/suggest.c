/* SPDX-License-Identifier: MIT */
/* suggest.c -- the known word nearest to a mistyped one.
 *
 * The usual table of edit distances, three rows of it: a swap of neighbours looks two rows
 * back.
 */
#include "suggest.h"

#include <string.h>

static char
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static unsigned
least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

unsigned
suggest_distance(const char *a, const char *b, unsigned bound)
{
	const size_t na = strlen(a), nb = strlen(b);
	uint8_t row[3][SUGGEST_WORD + 1];

	if (na > SUGGEST_WORD || nb > SUGGEST_WORD ||
	    na > nb + bound || nb > na + bound)
		return bound + 1;
	for (size_t j = 0; j <= nb; j++)
		row[0][j] = (uint8_t)j;
	for (size_t i = 1; i <= na; i++) {
		uint8_t *now = row[i % 3];
		const uint8_t *up = row[(i - 1) % 3];
		const uint8_t *up2 = row[(i + 1) % 3];
		const char x = lower(a[i - 1]);

		now[0] = (uint8_t)i;
		for (size_t j = 1; j <= nb; j++) {
			const char y = lower(b[j - 1]);
			unsigned d = up[j - 1] + (x != y);

			d = least(d, least(up[j], now[j - 1]) + 1u);
			if (i > 1 && j > 1 && x == lower(b[j - 2]) &&
			    y == lower(a[i - 2]))
				d = least(d, up2[j - 2] + 1u);
			now[j] = (uint8_t)d;
		}
	}

	const unsigned d = row[na % 3][nb];

	return d > bound ? bound + 1 : d;
}

void
suggest_begin(struct suggest *s, const char *typed)
{
	s->typed = typed;
	s->best = NULL;
	/* One edit in three letters is still the same word to a reader. */
	s->distance = (unsigned)least((unsigned)strlen(typed) / 3, 4) + 1;
}

void
suggest_offer(struct suggest *s, const char *known)
{
	const unsigned d = suggest_distance(s->typed, known, s->distance);

	if (d < s->distance) {
		s->best = known;
		s->distance = d;
	}
}
