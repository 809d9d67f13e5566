/* SPDX-License-Identifier: MIT */
/* draw.c -- configurations by chance, within what a compiler would let through. */
#include <string.h>

#include "world.h"

static void
draw_check(struct check_conf_check *k, struct rng *r)
{
	static const int64_t interval_s[] = { 1, 2, 5, 10, 30 };

	k->interval_us = interval_s[rng_below(r, 5)] * MONO_US_PER_S;
	k->fast_us = rng_range(r, 0, 20) * 100 * MONO_US_PER_MS;
	k->timeout_us = rng_range(r, 1, 50) * 100 * MONO_US_PER_MS;
	k->warmup_us = k->interval_us;
	k->rise = (uint16_t)rng_range(r, 1, 3);
	k->fall = (uint16_t)rng_range(r, 1, 4);
}

static uint16_t
draw_weight(struct rng *r)
{
	static const uint16_t weight[] = { 1, 1, 1, 10, 100, 0, 65535 };

	return weight[rng_below(r, 7)];
}

static void
draw_dest(struct check_conf *c, struct check_conf_dest *d, unsigned id, struct rng *r)
{
	d->server = (uint16_t)id;
	d->weight = draw_weight(r);
	d->inhibit = rng_permille(r, 200);
	d->checks.first = c->nrefs;
	for (unsigned k = 0; k < 2; k++)
		if (rng_permille(r, 700))
			c->ref[c->nrefs++] = (uint16_t)(2 * id + k);
	d->checks.n = (uint16_t)(c->nrefs - d->checks.first);
}

/* As many servers as are left for it, none twice. */
static void
draw_dests(struct check_conf *c, struct check_conf_service *s, unsigned most,
	   uint8_t id[WORLD_SERVERS], struct rng *r)
{
	bool taken[WORLD_SERVERS] = { false };
	unsigned n = (unsigned)rng_below(r, most + 1);

	s->dests.first = c->ndests;
	for (unsigned j = 0; j < n; j++) {
		unsigned k = (unsigned)rng_below(r, WORLD_SERVERS);

		if (taken[k])
			continue;
		taken[k] = true;
		id[s->dests.n++] = (uint8_t)k;
		draw_dest(c, &c->dest[c->ndests++], k, r);
	}
}

static void
draw_service(struct world *w, struct check_conf *c, struct check_conf_service *s, struct rng *r)
{
	uint32_t sum = 0;

	for (unsigned j = 0; j < s->dests.n; j++)
		sum += c->dest[s->dests.first + j].weight;
	s->quorum = rng_permille(r, 400) ? 1 : (uint32_t)rng_range(r, 1, sum ? sum : 1);
	s->hysteresis = rng_permille(r, 500) ? 0 : (uint32_t)rng_below(r, s->quorum + 2);
	s->panic = rng_permille(r, 700) ? 0 : (uint8_t)rng_range(r, 1, 100);
	s->slow_start_us = w->slow_us;
	s->sorry_inhibit = rng_permille(r, 300);
}

void
world_conf(struct world *w, struct check_conf *c, struct rng *r,
	   uint8_t id[WORLD_SERVICES][WORLD_SERVERS])
{
	struct rng sorry = rng_fork(w->seed, 0);	/* the same at each reload */

	memset(c, 0, sizeof *c);
	memset(id, 0, WORLD_SERVICES * sizeof id[0]);
	for (unsigned i = 0; i < WORLD_CHECKS; i++)
		draw_check(&c->check[i], r);
	for (unsigned i = 0; i < w->nservices; i++) {
		unsigned more = w->nservices - i;
		unsigned left = (CONFIG_CHECK_DESTS - c->ndests - more) / more;
		struct check_conf_service *s = &c->service[i];

		draw_dests(c, s, left < WORLD_SERVERS ? left : WORLD_SERVERS, id[i], r);
		draw_service(w, c, s, r);
		if (rng_permille(&sorry, 600)) {
			c->dest[c->ndests].weight = 1;
			s->sorry = ++c->ndests;
		}
	}
}
