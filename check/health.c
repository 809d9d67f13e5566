/* SPDX-License-Identifier: MIT */
/* health.c -- see health.h. */
#include "port.h"
#include "health.h"

/* 2^32 over the golden ratio: the multiples of it, modulo 2^32, of any number of indexes in a row
 * lie nearly evenly; a random offset would not. */
#define HEALTH_SPREAD	UINT32_C(0x9e3779b9)

void
health_init(struct health *h, const struct check_conf_check *c, uint32_t index,
	    struct mono now)
{
	int64_t part = (uint32_t)(index * HEALTH_SPREAD) >> 16;	/* of 65536 */

	*h = (struct health){ .up = !c->alpha };
	h->phase = mono_add(now, c->warmup_us * part / 65536);
}

bool
health_result(struct health *h, const struct check_conf_check *c, bool passed)
{
	h->tried = true;
	if (passed == h->up) {
		h->streak = 0;
		h->known = true;
		return false;
	}
	if (h->streak < UINT16_MAX)
		h->streak++;
	if (h->streak < (h->up ? c->fall : c->rise))
		return false;
	h->up = passed;
	h->streak = 0;
	h->known = true;
	return true;
}

int64_t
health_next_us(const struct health *h, const struct check_conf_check *c, struct mono now)
{
	int64_t since_us = mono_diff_us(now, h->phase);
	int64_t slot_us;

	if (!h->tried || since_us < 0)
		return since_us < 0 ? -since_us : 0;
	slot_us = c->interval_us > 0 ? c->interval_us - since_us % c->interval_us : 1;
	return h->streak > 0 && c->fast_us < slot_us ? c->fast_us : slot_us;
}
