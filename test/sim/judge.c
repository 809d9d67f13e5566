/* SPDX-License-Identifier: MIT */
/* judge.c -- what must hold of all routers of a virtual router together.
 *
 * A virtual router is calm while nothing is done to it.  From the moment it is, there is a bound
 * for everything: without a MASTER, with two, and until it is settled: exactly one MASTER in
 * each part of the network whose routers all hear each other, the addresses there and nowhere
 * else, the best one if it preempts.  What is settled stays as it is. */
#include <string.h>

#include "sim.h"
#include "socket.h"

/* Delay and processing. */
static int64_t
slack_us(const struct world *w)
{
	return 2 * (w->wire_us + w->jitter_us) + 4 * w->latency_us +
	       2 * SOCKET_BATCH * w->packet_us + MONO_US_PER_MS;
}

/* By the slowest clock. */
static int64_t
slow_us(const struct world *w, int64_t us)
{
	int64_t rate = 1000000 - w->ppm_max;

	return us / rate * 1000000 + us % rate * 1000000 / rate + 1;
}

static bool
serves(const struct sim_host *h)
{
	return h->node->running && h->open &&
	       (h->in.state == FSM_BACKUP || h->in.state == FSM_MASTER);
}

/* The routers that hear each other are named by the first of them. */
static unsigned
part_of(const struct world *w, unsigned node)
{
	unsigned i = 0;

	while (!wire_reach(w, i, node))
		i++;
	return i;
}

struct part {
	unsigned routers, masters;
	int64_t down_us;		/* the shortest */
	const struct sim_host *master;
};

static void
look_at_parts(const struct world *w, unsigned v, struct part *part)
{
	memset(part, 0, SIM_NODES * sizeof *part);
	for (unsigned i = 0; i < w->nnodes; i++) {
		const struct sim_host *h = &w->node[i].h[v];
		struct part *p = &part[part_of(w, i)];

		if (!serves(h))
			continue;
		int64_t us = oracle_down_us(&h->conf, h->o.prio,
					    w->judge[v].advert_max_us);

		if (!p->routers || us < p->down_us)
			p->down_us = us;
		p->routers++;
		if (h->in.state == FSM_MASTER) {
			p->masters++;
			p->master = h;
		}
	}
}

int64_t
judge_bound(const struct world *w, unsigned v)
{
	int64_t down = 0, delay = 0, adv = w->judge[v].advert_max_us;

	for (unsigned i = 0; i < w->nnodes; i++) {
		const struct sim_host *h = &w->node[i].h[v];
		int64_t us = oracle_down_us(&h->wish, h->o.prio ? h->o.prio : 1,
					    adv);

		if (us > down)
			down = us;
		if (h->wish.delay_us > delay)
			delay = h->wish.delay_us;
	}
	/* The first MASTER, its advert, a better router's delay, its down
	 * interval, and its advert. */
	return slow_us(w, 2 * down + 2 * adv + delay) + 4 * slack_us(w);
}

static void
bound(struct sim_judge *j, int64_t *since, int64_t now, int64_t us,
      enum sim_fail why)
{
	if (*since < 0)
		*since = now;
	int64_t at = (*since > j->calm_since ? *since : j->calm_since) + us;

	if (at < j->deadline) {
		j->deadline = at;
		j->why = why;
	}
}

static void
update(struct world *w, unsigned v)
{
	struct sim_judge *j = &w->judge[v];
	struct part part[SIM_NODES];

	j->deadline = SIM_NEVER;
	if (j->busy)
		return;
	if (!j->settled) {
		j->deadline = j->calm_since + judge_bound(w, v);
		j->why = SIM_NOT_ONE;
	}
	look_at_parts(w, v, part);
	for (unsigned i = 0; i < w->nnodes; i++) {
		const struct part *p = &part[i];

		if (p->routers && !p->masters) {
			bound(j, &j->gap_since[i], w->now,
			      slow_us(w, p->down_us) + slack_us(w), SIM_GAP);
		} else if (j->gap_since[i] >= 0) {
			if (w->now - j->gap_since[i] > w->stats.gap_max_us)
				w->stats.gap_max_us = w->now - j->gap_since[i];
			j->gap_since[i] = -1;
		}
		if (p->masters > 1)
			bound(j, &j->two_since[i], w->now,
			      slow_us(w, j->advert_max_us) + slack_us(w), SIM_TWO);
		else
			j->two_since[i] = -1;
	}
}

static void
impulse(struct world *w, unsigned v)
{
	struct sim_judge *j = &w->judge[v];

	j->calm_since = w->now;
	j->settled = false;
	memset(j->gap_since, -1, sizeof j->gap_since);
	memset(j->two_since, -1, sizeof j->two_since);
	update(w, v);
}

void
judge_impulse(struct world *w, int v)
{
	for (unsigned i = 0; i < w->nvrs; i++) {
		if (v < 0 || v == (int)i)
			impulse(w, i);
	}
}

void
judge_busy(struct world *w, int v, int change)
{
	for (unsigned i = 0; i < w->nvrs; i++) {
		if (v >= 0 && v != (int)i)
			continue;
		w->judge[i].busy += (unsigned)change;
		impulse(w, i);
	}
}

void
judge_wish(struct world *w, unsigned v)
{
	struct sim_judge *j = &w->judge[v];

	for (unsigned i = 0; i < w->nnodes; i++) {
		const struct sim_host *h = &w->node[i].h[v];

		if (h->wish.advert_us > j->advert_max_us)
			j->advert_max_us = h->wish.advert_us;
		if (h->open && h->conf.advert_us > j->advert_max_us)
			j->advert_max_us = h->conf.advert_us;
	}
}

void
judge_changed(struct sim_host *h, const struct history_record *rec)
{
	struct world *w = h->node->w;

	w->stats.transitions++;
	bool resumes = h->node->quiet && h->resumed && rec->from == FSM_INIT;

	if (w->judge[h->v].settled && !resumes)
		world_fail(w, SIM_RESTLESS, h, "%s -> %s by %s",
			   fsm_state_name[rec->from], fsm_state_name[rec->to],
			   fsm_event_name[rec->event]);
	if (rec->to != h->in.state || history_at(&h->in.history, 0) != rec)
		world_fail(w, SIM_STATE, h, "the history says otherwise");
	update(w, h->v);
}

/* The last word on a part of the network. */
static void
judge_part(struct world *w, unsigned v, unsigned i, const struct part *p)
{
	if (p->routers && p->masters != 1)
		world_fail(w, SIM_NOT_ONE, NULL, "vr%u has %u beside r%u", v,
			   p->masters, i);
	for (unsigned k = 0; k < w->nnodes; k++) {
		const struct sim_host *h = &w->node[k].h[v];

		if (part_of(w, k) != i)
			continue;
		if (h->addresses != (p->master == h))
			world_fail(w, SIM_ADDRESSES, h, "settled, and %s",
				   h->addresses ? "has them" : "has them not");
		if (p->master && serves(h) && oracle_preempts(h) &&
		    h->o.prio > p->master->o.prio)
			world_fail(w, SIM_NOT_BEST, h, "has %u, MASTER r%u has %u",
				   h->o.prio, p->master->node->id,
				   p->master->o.prio);
	}
}

static void
settle(struct world *w, unsigned v)
{
	struct sim_judge *j = &w->judge[v];
	struct part part[SIM_NODES];

	look_at_parts(w, v, part);
	for (unsigned i = 0; i < w->nnodes; i++)
		judge_part(w, v, i, &part[i]);
	j->settled = true;
	j->advert_max_us = 0;
	judge_wish(w, v);
	TRACE(w, NULL, "vr%u is settled", v);
	update(w, v);
}

void
judge_until(struct world *w, int64_t at)
{
	for (unsigned v = 0; v < w->nvrs; v++) {
		struct sim_judge *j = &w->judge[v];

		while (j->deadline < at && !w->fail) {
			w->now = j->deadline;
			if (j->why == SIM_NOT_ONE)
				settle(w, v);
			else
				world_fail(w, j->why, NULL, "vr%u", v);
		}
	}
}
