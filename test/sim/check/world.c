/* SPDX-License-Identifier: MIT */
/* world.c -- the owner of services and checks, as small as it can be. */
#include <stdio.h>
#include <string.h>

#include "port.h"
#include "world.h"

void
world_fail(struct world *w, const char *what, unsigned service, unsigned server)
{
	if (!w->fail[0])
		snprintf(w->fail, sizeof w->fail, "at %lld us: real server %u.%u: %s",
			 (long long)w->now.us, service, server, what);
}

/* ---- what service.c tells -------------------------------------------------------- */

static struct world *
world_of(const struct service *s)
{
	struct timers *ts = s->timers;

	return container_of(ts, struct world, timers);
}

static unsigned
id_of(const struct world_service *ws, const struct service_dest *d)
{
	return d == ws->s.sorry ? WORLD_SORRY : ws->id[d - ws->s.dests];
}

static void
on_place(struct service_dest *d, struct mono now)
{
	struct world_service *ws = container_of(d->service, struct world_service, s);
	struct world *w = world_of(d->service);

	(void)now;
	w->places++;
	oracle_place(w, ws, id_of(ws, d),
		     (struct world_place){ d->place.there, d->place.weight });
}

static void
on_dest(struct service_dest *d, struct mono now)
{
	struct world_service *ws = container_of(d->service, struct world_service, s);
	struct world *w = world_of(d->service);
	unsigned id = id_of(ws, d);

	(void)now;
	w->verdicts++;
	if (ws->seen[id].up == d->up)
		world_fail(w, "told of a verdict that it had", (unsigned)(ws - w->service), id);
	ws->seen[id].up = d->up;
}

static void
on_quorum(struct service *s, struct mono now)
{
	struct world_service *ws = container_of(s, struct world_service, s);

	(void)now;
	world_of(s)->quorums++;
	if (ws->told_quorum == s->quorum)
		world_fail(world_of(s), "told of quorum twice", 0, 0);
	ws->told_quorum = s->quorum;
}

static void
on_panic(struct service *s, struct mono now)
{
	struct world_service *ws = container_of(s, struct world_service, s);

	(void)now;
	if (ws->told_panic == s->panic)
		world_fail(world_of(s), "told of panic twice", 0, 0);
	ws->told_panic = s->panic;
}

static const struct service_ops world_ops = { on_place, on_dest, on_quorum, on_panic };

/* ---- checks ---------------------------------------------------------------------- */

bool
world_passes(const struct world *w, const struct check_conf_dest *d)
{
	const struct check_conf *c = world_running(w);
	bool up = true;

	for (unsigned i = 0; i < d->checks.n; i++)
		up = up && w->check[c->ref[d->checks.first + i]].h.up;
	return up;
}

static bool
refers(const struct world *w, const struct check_conf_dest *d, unsigned check)
{
	const struct check_conf *c = world_running(w);

	for (unsigned i = 0; i < d->checks.n; i++)
		if (c->ref[d->checks.first + i] == check)
			return true;
	return false;
}

/* Each dest that has this check hears what all of its checks say, or what it asks for. */
static void
spread(struct world *w, unsigned check, int32_t asks)
{
	for (unsigned i = 0; i < w->nservices; i++) {
		struct world_service *ws = &w->service[i];

		for (unsigned j = 0; j < ws->s.conf->dests.n; j++) {
			struct service_dest *d = &ws->dests[j];

			if (!refers(w, d->conf, check))
				continue;
			if (asks >= -1)
				service_asked(d, asks, w->now);
			else
				service_verdict(d, world_passes(w, d->conf), w->now);
			oracle_service(w, ws);
		}
	}
}

/* Chance that depends on the try alone, so that leaving out an action changes nothing else. */
static struct rng
chance(const struct world *w, unsigned check, struct mono at)
{
	return rng_fork(w->seed + (uint64_t)at.us, check + 1000);
}

static void
try_ends(struct world *w, unsigned i)
{
	struct world_check *k = &w->check[i];
	const struct check_conf_check *c = &world_running(w)->check[i];
	struct rng r = chance(w, i, w->now);
	bool passed = k->lived && k->alive && !rng_permille(&r, w->loss);
	bool before = k->h.up, changed = health_result(&k->h, c, passed);

	k->trying = false;
	oracle_result(w, i, before, passed);
	if (changed)
		spread(w, i, -2);
	if (passed && rng_permille(&r, 3))
		spread(w, i, (int32_t)rng_below(&r, 4) * 10 - 1);
	oracle_check(w, i);
	timer_arm(&w->timers, &k->t, mono_add(w->now, health_next_us(&k->h, c, w->now)));
}

static void
fire(struct timer *t, struct mono now)
{
	struct world_check *k = container_of(t, struct world_check, t);
	struct world *w = k->w;
	unsigned i = (unsigned)(k - w->check);
	const struct check_conf_check *c = &world_running(w)->check[i];
	struct rng r = chance(w, i, now);

	w->now = now;
	if (k->trying) {
		try_ends(w, i);
		return;
	}
	w->tries++;
	k->trying = true;
	k->lived = k->alive;
	k->begun = now;
	timer_arm(&w->timers, t, mono_add(now, rng_range(&r, 0, c->timeout_us)));
}

/* ---- configuration --------------------------------------------------------------- */

static void
fill_dest(struct world *w, struct service_dest *d, struct world_service *ws,
	  const struct check_conf_dest *conf, const struct check_conf *c, unsigned id)
{
	service_dest_init(d, &ws->s, conf, c, w->now);
	d->up = world_passes(w, conf);
	d->told = d->up;
	d->admin = w->admin[id];
	d->maintenance = w->maintenance[id];
	ws->seen[id] = (struct world_seen){ .up = d->up, .since = MONO_NEVER };
}

/* The new array, from the old one by the server's number. */
static void
carry_over(struct world *w, struct world_service *ws, const struct check_conf_service *cs,
	   const struct check_conf *c, const uint8_t *id)
{
	struct service_dest old[WORLD_SERVERS];
	uint8_t old_id[WORLD_SERVERS];
	unsigned nold = ws->s.conf->dests.n;

	memcpy(old, ws->dests, sizeof old);
	memcpy(old_id, ws->id, sizeof old_id);
	memcpy(ws->id, id, sizeof ws->id);
	for (unsigned j = 0; j < WORLD_SERVERS; j++)
		ws->seen[j].there = false;
	for (unsigned j = 0; j < cs->dests.n; j++) {
		unsigned k = 0;

		while (k < nold && old_id[k] != id[j])
			k++;
		if (k < nold)
			ws->dests[j] = old[k];
		else
			fill_dest(w, &ws->dests[j], ws, &c->dest[cs->dests.first + j], c, id[j]);
		ws->seen[id[j]].there = true;
	}
}

/* Those that are no more leave the table. */
static void
sweep(struct world *w, struct world_service *ws)
{
	for (unsigned id = 0; id < WORLD_SERVERS; id++)
		if (!ws->seen[id].there && ws->table[id].there)
			oracle_place(w, ws, id, (struct world_place){ 0 });
}

static void
reload(struct world *w, struct rng *r)
{
	struct check_conf *c = &w->conf[!w->running];
	uint8_t id[WORLD_SERVICES][WORLD_SERVERS];

	w->reloads++;
	world_conf(w, c, r, id);
	w->running = !w->running;
	for (unsigned i = 0; i < WORLD_CHECKS; i++)
		w->check[i].calm = w->now;
	for (unsigned i = 0; i < w->nservices; i++) {
		struct world_service *ws = &w->service[i];

		carry_over(w, ws, &c->service[i], c, id[i]);
		service_conf(&ws->s, &c->service[i], c, ws->dests, ws->s.sorry, w->now);
		for (unsigned j = 0; j < c->service[i].dests.n; j++)
			service_verdict(&ws->dests[j], world_passes(w, ws->dests[j].conf), w->now);
		service_settle(&ws->s, w->now);
		sweep(w, ws);
		oracle_step(w, ws);
		oracle_service(w, ws);
	}
}

void
world_init(struct world *w, uint64_t seed)
{
	struct rng r = rng_fork(seed, 1);
	uint8_t id[WORLD_SERVICES][WORLD_SERVERS];
	const struct check_conf *c = &w->conf[0];

	*w = (struct world){ .seed = seed };
	w->nservices = (unsigned)rng_range(&r, 1, WORLD_SERVICES);
	w->slow_us = rng_permille(&r, 500) ? rng_range(&r, 1, 60) * MONO_US_PER_S : 0;
	w->loss = rng_permille(&r, 500) ? 30 : 0;
	world_conf(w, &w->conf[0], &r, id);
	for (unsigned i = 0; i < WORLD_CHECKS; i++) {
		struct world_check *k = &w->check[i];

		k->w = w;
		k->alive = rng_permille(&r, 900);
		health_init(&k->h, &c->check[i], i, w->now);
		timer_init(&k->t, fire);
		timer_arm(&w->timers, &k->t, k->h.phase);
	}
	for (unsigned i = 0; i < w->nservices; i++) {
		struct world_service *ws = &w->service[i];
		const struct check_conf_service *cs = &c->service[i];

		memcpy(ws->id, id[i], sizeof ws->id);
		ws->quorum = ws->told_quorum = true;
		service_init(&ws->s, cs, c, &world_ops, &w->timers, ws->dests,
			     cs->sorry ? &ws->sorry : NULL, w->now);
		for (unsigned j = 0; j < cs->dests.n; j++)
			ws->seen[ws->id[j]] = (struct world_seen){ .there = true,
				.up = true, .carried = true };
		ws->active = true;
		service_set_active(&ws->s, true, w->now);
		service_settle(&ws->s, w->now);
		ws->told_quorum = ws->s.quorum;
		ws->told_panic = ws->s.panic;
		oracle_service(w, ws);
	}
}

void
world_until(struct world *w, struct mono then)
{
	while (!w->fail[0] && !mono_before(then, timer_next(&w->timers))) {
		uint64_t places = w->places;

		w->now = timer_next(&w->timers);
		timer_run(&w->timers, w->now);
		for (unsigned i = 0; w->places != places && i < w->nservices; i++)
			oracle_service(w, &w->service[i]);
	}
	if (w->fail[0])
		return;
	w->now = then;
	for (unsigned i = 0; i < w->nservices; i++)
		oracle_service(w, &w->service[i]);
}

/* ---- what happens ---------------------------------------------------------------- */

/* A server lives or dies, in one of its two halves or as a whole. */
static void
live_or_die(struct world *w, struct rng *r)
{
	unsigned id = (unsigned)rng_below(r, WORLD_SERVERS);
	bool alive = rng_permille(r, 550);
	unsigned half = (unsigned)rng_below(r, 3);

	for (unsigned k = 0; k < 2; k++) {
		struct world_check *c = &w->check[2 * id + k];

		if ((half != 2 && half != k) || c->alive == alive)
			continue;
		c->alive = alive;
		c->calm = w->now;
	}
}

/* All at once, as when a switch dies. */
static void
catastrophe(struct world *w, struct rng *r)
{
	bool alive = rng_permille(r, 600);

	for (unsigned i = 0; i < WORLD_CHECKS; i++) {
		if (rng_permille(r, 100) || w->check[i].alive == alive)
			continue;
		w->check[i].alive = alive;
		w->check[i].calm = w->now;
	}
}

/* The operator speaks of a server, to all services that have it. */
static void
operate(struct world *w, struct rng *r)
{
	unsigned id = (unsigned)rng_below(r, WORLD_SERVERS), what = (unsigned)rng_below(r, 3);
	unsigned admin = (unsigned)rng_below(r, 5);
	int32_t weight = (int32_t)rng_below(r, 5) * 25 - 1;

	if (what == 0)
		w->admin[id] = admin > SERVICE_DOWN ? SERVICE_READY : (uint8_t)admin;
	if (what == 1)
		w->maintenance[id] = !w->maintenance[id];
	for (unsigned i = 0; i < w->nservices; i++) {
		struct world_service *ws = &w->service[i];

		for (unsigned j = 0; j < ws->s.conf->dests.n; j++) {
			struct service_dest *d = &ws->dests[j];

			if (ws->id[j] != id)
				continue;
			if (what == 0)
				service_set_admin(d, (enum service_admin)w->admin[id], w->now);
			else if (what == 1)
				service_set_maintenance(d, w->maintenance[id], w->now);
			else
				service_set_weight(d, weight, w->now);
			oracle_service(w, ws);
		}
	}
}

static void
follow(struct world *w, struct rng *r)
{
	struct world_service *ws = &w->service[rng_below(r, w->nservices)];

	ws->active = !ws->active || rng_permille(r, 400);
	service_set_active(&ws->s, ws->active, w->now);
	oracle_service(w, ws);
}

void
world_act(struct world *w, unsigned i)
{
	struct rng r = rng_fork(w->seed, 2 + i);
	uint64_t what = rng_below(&r, 100);

	if (what < 60)
		live_or_die(w, &r);
	else if (what < 85)
		operate(w, &r);
	else if (what < 90)
		catastrophe(w, &r);
	else if (what < 95)
		follow(w, &r);
	else
		reload(w, &r);
}
