/* SPDX-License-Identifier: MIT */
/* oracle.c -- what must hold of the table, said anew and from the checks, not from service.c. */
#include <string.h>

#include "world.h"

static void
fail(struct world *w, const struct world_service *ws, unsigned id, const char *what)
{
	world_fail(w, what, (unsigned)(ws - w->service), id);
}

void
oracle_place(struct world *w, struct world_service *ws, unsigned id, struct world_place p)
{
	struct world_place *is = &ws->table[id];

	if (is->there == p.there && is->weight == p.weight)
		fail(w, ws, id, "told a place that it has");
	if (!p.there && p.weight)
		fail(w, ws, id, "a weight without a place");
	ws->full += (p.weight > 0) - (is->weight > 0);
	ws->emptied = ws->emptied || ws->full == 0;
	*is = p;
}

static uint32_t
whole(const struct service_dest *d)
{
	if (d->set != -1)
		return (uint32_t)d->set;
	if (d->asked != -1)
		return (uint32_t)d->asked;
	return d->conf->weight;
}

static bool
ready(const struct world *w, unsigned id)
{
	return w->admin[id] == SERVICE_READY && !w->maintenance[id];
}

/* What the whole service comes to. */
struct sums {
	uint64_t weight;
	unsigned up, ready;
	bool stands_in, panic;
};

static struct sums
add_up(const struct world *w, struct world_service *ws)
{
	const struct check_conf_service *c = ws->s.conf;
	struct sums t = { 0 };

	for (unsigned j = 0; j < c->dests.n; j++) {
		unsigned id = ws->id[j];

		if (!ready(w, id))
			continue;
		t.ready++;
		t.up += ws->dests[j].up;
		t.weight += ws->dests[j].up ? whole(&ws->dests[j]) : 0;
	}
	/* keepalived: below quorum - hysteresis, or nothing; quorum + hysteresis. */
	if (t.weight == 0 || (int64_t)t.weight < (int64_t)c->quorum - (int64_t)c->hysteresis)
		ws->quorum = false;
	else if (t.weight >= (uint64_t)c->quorum + c->hysteresis)
		ws->quorum = true;
	t.stands_in = !ws->quorum && c->sorry;
	t.panic = !t.stands_in && t.ready > 0 && 100 * t.up < (unsigned)c->panic * t.ready;
	return t;
}

/* Since when it carries, and whether it must have started slowly. */
static void
follow(struct world *w, struct world_service *ws, unsigned id, bool carries)
{
	struct world_seen *s = &ws->seen[id];

	if (carries && !s->carried) {
		s->since = w->now;
		s->slow = s->was == 0 && w->slow_us > 0;
	}
	s->carried = carries;
	s->was = ws->table[id].weight;
}

/* The weight after `n` of the steps. */
static uint32_t
climbed(uint32_t full, int64_t n)
{
	n = n < 0 ? 0 : n < SERVICE_STEPS ? n : SERVICE_STEPS;
	return full == 0 ? 0 : 1 + (uint32_t)((full - 1) * (uint64_t)n / SERVICE_STEPS);
}

static bool
weight_is_right(const struct world *w, const struct world_seen *s, uint32_t full, uint32_t is)
{
	int64_t n;

	if (!s->carried || !s->slow)
		return is == full;
	n = mono_diff_us(w->now, s->since) / (w->slow_us / SERVICE_STEPS);
	return is == climbed(full, n) ||		/* its timer may fire in this instant */
	       (is == climbed(full, n - 1) && timer_next(&w->timers).us == w->now.us);
}

static void
look_at(struct world *w, struct world_service *ws, unsigned j, const struct sums *t)
{
	const struct service_dest *d = &ws->dests[j];
	unsigned id = ws->id[j];
	struct world_place is = ws->table[id];
	bool drained = d->up && !ready(w, id) && w->admin[id] != SERVICE_DOWN;
	bool used = ready(w, id) && (d->up || t->panic) && !t->stands_in;

	follow(w, ws, id, d->up && ready(w, id));
	if (is.there != d->place.there || is.weight != d->place.weight)
		fail(w, ws, id, "the table is not what was told");
	if (ws->seen[id].up != d->up)
		fail(w, ws, id, "a verdict was not told");
	if (!ws->active) {
		if (is.there)
			fail(w, ws, id, "there, and the service is not active");
	} else if (used) {
		if (!is.there)
			fail(w, ws, id, "in use and not in the table");
		else if (!weight_is_right(w, &ws->seen[id], whole(d), is.weight))
			fail(w, ws, id, "has not its weight");
	} else if (is.weight > 0) {
		fail(w, ws, id, "has a weight and is not to be used");
	} else if (is.there != (drained || d->conf->inhibit)) {
		fail(w, ws, id, drained ? "drained and gone" : "not to be used and in the table");
	}
}

static void
look_at_sorry(struct world *w, struct world_service *ws, const struct sums *t)
{
	struct world_place is = ws->table[WORLD_SORRY];
	bool in = ws->active && t->stands_in;

	if ((is.weight > 0) != in)
		fail(w, ws, WORLD_SORRY, in ? "quorum is lost without a sorry server" :
		     "the sorry server stands in for nothing");
	else if (is.there != (in || (ws->active && ws->s.conf->sorry && ws->s.conf->sorry_inhibit)))
		fail(w, ws, WORLD_SORRY, "the sorry server, inhibited, has a wrong place");
}

void
oracle_step(struct world *w, struct world_service *ws)
{
	struct sums t = add_up(w, ws);

	for (unsigned j = 0; j < ws->s.conf->dests.n; j++)
		look_at(w, ws, j, &t);
	for (unsigned id = 0; id < WORLD_SERVERS; id++)
		if (!ws->seen[id].there && ws->table[id].there)
			fail(w, ws, id, "in the table of a service that has it no more");
	look_at_sorry(w, ws, &t);
	if (ws->told_quorum != ws->quorum)
		fail(w, ws, WORLD_SORRY, "of quorum something else was told");
	if (ws->told_panic != t.panic)
		fail(w, ws, WORLD_SORRY, "of panic something else was told");
	if (ws->emptied && ws->full > 0 && ws->was_full > 0)
		fail(w, ws, WORLD_SORRY, "the table was empty between");
	ws->was_full = ws->full;
	ws->emptied = false;
}

void
oracle_service(struct world *w, struct world_service *ws)
{
	for (unsigned j = 0; j < ws->s.conf->dests.n; j++)
		if (ws->dests[j].up != world_passes(w, ws->dests[j].conf))
			fail(w, ws, ws->id[j], "its verdict is not that of its checks");
	oracle_step(w, ws);
}

void
oracle_result(struct world *w, unsigned i, bool before, bool passed)
{
	struct world_check *k = &w->check[i];
	const struct check_conf_check *c = &world_running(w)->check[i];
	bool up = before;

	k->against = passed == before ? 0 : k->against + 1;
	if (k->against >= (before ? c->fall : c->rise)) {
		up = !before;
		k->against = 0;
	}
	if (k->h.up != up)
		world_fail(w, "a verdict for too few results, or for too many", 0, i / 2);
}

void
oracle_check(struct world *w, unsigned i)
{
	const struct world_check *k = &w->check[i];
	const struct check_conf_check *c = &world_running(w)->check[i];
	int64_t fast_us = c->fast_us < c->interval_us ? c->fast_us : c->interval_us;
	int64_t first_us = c->interval_us + 2 * c->timeout_us;
	int64_t calm_us = mono_diff_us(w->now, k->calm);
	unsigned tries = k->alive ? c->rise : c->fall;

	if (w->reloads == 0 && mono_diff_us(w->now, k->begun) > first_us)
		world_fail(w, "a check is not tried", 0, i / 2);
	/* A new interval counts from the next try on: none was longer than 30 s. */
	if (w->reloads)
		first_us += 30 * (int64_t)MONO_US_PER_S + 5 * (int64_t)MONO_US_PER_S;
	if (w->loss == 0 && k->h.up != k->alive &&
	    calm_us > first_us + tries * (fast_us + c->timeout_us))
		world_fail(w, k->alive ? "alive, and long not up" : "dead, and long up", 0, i / 2);
}
