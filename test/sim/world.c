/* SPDX-License-Identifier: MIT */
/* world.c -- true time, what is to come, and one step after the other. */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "sim.h"

const char *const sim_fail_text[SIM__N] = {
	[SIM_OK] = "ok",
	[SIM_GAP] = "without a MASTER for too long",
	[SIM_TWO] = "two MASTERs for too long",
	[SIM_NOT_ONE] = "not one MASTER after the wire healed",
	[SIM_NOT_BEST] = "a better router does not preempt",
	[SIM_RESTLESS] = "a transition though nothing happened",
	[SIM_ADDRESSES] = "addresses where no MASTER is, or a MASTER without",
	[SIM_COUNTER] = "a packet was not counted, or twice",
	[SIM_REFUSED_MOVED] = "a packet without effect moved a timer or the state",
	[SIM_REFUSED_GOOD] = "a good advert was refused",
	[SIM_ACCEPTED_BAD] = "a bad packet was accepted",
	[SIM_EARLY] = "became MASTER before its down timer",
	[SIM_LATE] = "did not become MASTER at its down timer",
	[SIM_DEAF] = "became MASTER with the MASTER's advert unread",
	[SIM_STATE] = "is not in the state that RFC 9568 6.4 says",
	[SIM_SILENT] = "a MASTER sends nothing for more than its interval",
	[SIM_FLOOD] = "answers a flood with a flood",
	[SIM_MUTE] = "a MASTER does not answer a losing advert, or one of priority 0",
	[SIM_NO_FAREWELL] = "a MASTER that leaves does not say so, or one that stays does",
	[SIM_FORGOTTEN] = "a killed process lost a counter or its history",
	[SIM_STORM] = "timers in a storm",
};

/* ---- what is to come: a binary heap ---- */

static bool
sooner(const struct sim_event *a, const struct sim_event *b)
{
	return a->at != b->at ? a->at < b->at : a->seq < b->seq;
}

static void
swap(struct sim_event *a, struct sim_event *b)
{
	struct sim_event t = *a;

	*a = *b;
	*b = t;
}

struct sim_event *
world_later(struct world *w, int64_t at,
	    void (*run)(struct world *, struct sim_event *))
{
	if (w->nheap == w->heap_cap) {
		w->heap_cap = w->heap_cap ? 2 * w->heap_cap : 256;
		w->heap = realloc(w->heap, w->heap_cap * sizeof *w->heap);
	}
	size_t i = w->nheap++;

	w->heap[i] = (struct sim_event){ .at = at, .seq = w->seq++, .run = run };
	while (i && sooner(&w->heap[i], &w->heap[(i - 1) / 2])) {
		swap(&w->heap[i], &w->heap[(i - 1) / 2]);
		i = (i - 1) / 2;
	}
	return &w->heap[i];
}

static struct sim_event
take_first(struct world *w)
{
	struct sim_event first = w->heap[0];
	size_t i = 0;

	w->heap[0] = w->heap[--w->nheap];
	for (;;) {
		size_t k = 2 * i + 1;

		if (k >= w->nheap)
			return first;
		if (k + 1 < w->nheap && sooner(&w->heap[k + 1], &w->heap[k]))
			k++;
		if (!sooner(&w->heap[k], &w->heap[i]))
			return first;
		swap(&w->heap[k], &w->heap[i]);
		i = k;
	}
}

/* ---- life ---- */

void
world_init(struct world *w, uint64_t seed)
{
	memset(w, 0, sizeof *w);
	w->seed = seed;
	struct rng r = rng_fork(seed, 1);

	for (unsigned i = 0; i < SIM_NODES; i++) {
		struct node *n = &w->node[i];

		n->w = w;
		n->id = i;
		n->wake_at = SIM_NEVER;
		n->true_base = w->now;
		/* The clocks have nothing in common but their unit. */
		n->own_base = rng_range(&r, 1, 1000000) * MONO_US_PER_S;
		for (unsigned v = 0; v < SIM_VRS; v++) {
			n->h[v].node = n;
			n->h[v].v = (uint8_t)v;
		}
	}
}

void
world_free(struct world *w)
{
	for (size_t i = 0; i < w->nheap; i++) {
		if (w->heap[i].p)
			wire_release(w, w->heap[i].p);
	}
	for (unsigned i = 0; i < w->nnodes; i++) {
		struct node *n = &w->node[i];

		for (unsigned f = 0; f < 2; f++) {
			for (unsigned k = 0; k < n->q[f].n; k++)
				wire_release(w, n->q[f].slot[(n->q[f].head + k) %
							     SIM_QUEUE].p);
		}
		free(n->conf);
		for (unsigned v = 0; v < w->nvrs; v++)
			free(n->h[v].kept);
	}
	for (unsigned v = 0; v < w->nvrs; v++) {
		for (unsigned k = 0; k < PORT_ARRAY_SIZE(w->kept[v]); k++) {
			if (w->kept[v][k])
				wire_release(w, w->kept[v][k]);
		}
	}
	while (w->pool) {
		struct sim_packet *p = w->pool;

		memcpy(&w->pool, p->data, sizeof w->pool);
		free(p);
	}
	free(w->heap);
	w->heap = NULL;
	w->nheap = w->heap_cap = 0;
}

struct rng
world_chance(const struct world *w, unsigned place)
{
	return rng_fork(w->seed, (uint64_t)w->now << 16 | (uint64_t)place);
}

struct net_addr
world_vip(const struct world *w, unsigned v, unsigned i)
{
	if (w->vr[v].family == AF_INET)
		return (struct net_addr){
			.family = AF_INET,
			.a = { 10, 1, (uint8_t)v, (uint8_t)(100 + i) },
		};
	if (!i)
		return (struct net_addr){
			.family = AF_INET6,
			.a = { 0xfe, 0x80, [14] = (uint8_t)(v + 1), [15] = 100 },
		};
	return (struct net_addr){
		.family = AF_INET6,
		.a = { 0x20, 0x01, 0x0d, 0xb8, [14] = (uint8_t)v, [15] = (uint8_t)i },
	};
}

void
world_fail(struct world *w, enum sim_fail why, const struct sim_host *h,
	   const char *fmt, ...)
{
	char what[120];
	va_list ap;

	if (w->fail)
		return;
	va_start(ap, fmt);
	vsnprintf(what, sizeof what, fmt, ap);
	va_end(ap);
	w->fail = why;
	w->fail_at = w->now;
	if (h)
		snprintf(w->fail_text, sizeof w->fail_text, "r%u/vr%u: %s: %s",
			 h->node->id, h->v, sim_fail_text[why], what);
	else
		snprintf(w->fail_text, sizeof w->fail_text, "%s: %s",
			 sim_fail_text[why], what);
	TRACE(w, h ? h->node : NULL, "*** %s", w->fail_text);
}

static struct node *
next_awake(struct world *w)
{
	struct node *first = NULL;

	for (unsigned i = 0; i < w->nnodes; i++) {
		if (!first || w->node[i].wake_at < first->wake_at)
			first = &w->node[i];
	}
	return first;
}

void
world_run(struct world *w)
{
	const int64_t began = w->now;

	while (!w->fail) {
		struct node *n = next_awake(w);
		int64_t at = n->wake_at;
		bool event = w->nheap && w->heap[0].at <= at;

		if (event)
			at = w->heap[0].at;
		if (at > w->end)
			at = w->end;
		judge_until(w, at);
		if (w->fail)
			break;
		w->now = at;
		if (at == w->end)
			break;
		w->stats.steps++;
		if (event) {
			struct sim_event e = take_first(w);

			e.run(w, &e);
		} else {
			node_wake(n);
		}
	}
	for (unsigned i = 0; i < w->nnodes && !w->fail; i++)
		oracle_counters(&w->node[i]);
	w->stats.us += w->now - began;
}
