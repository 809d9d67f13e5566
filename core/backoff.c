/* SPDX-License-Identifier: MIT */
/* backoff.c -- see backoff.h. */
#include "backoff.h"

int64_t
backoff_died(struct backoff *b, int64_t lived_us)
{
	int64_t delay_us = 0;

	if (lived_us >= BACKOFF_SOON_US) {
		/* It had taken up its work: a crash is hitless. */
		b->early = lived_us >= BACKOFF_WELL_US || !b->early ? 0 : b->early - 1;
		return 0;
	}
	for (unsigned i = BACKOFF_FREE; i <= b->early && delay_us < BACKOFF_MOST_US; i++)
		delay_us = delay_us ? 2 * delay_us : BACKOFF_FIRST_US;
	b->early++;
	return delay_us < BACKOFF_MOST_US ? delay_us : BACKOFF_MOST_US;
}
