/* SPDX-License-Identifier: MIT */
/* wire.c -- packets under way: loss, delay, reordering, duplication, partition. */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "sim.h"

#define IP4_HEADER	20

struct sim_packet *
wire_packet(struct world *w)
{
	struct sim_packet *p = w->pool;

	if (p)
		memcpy(&w->pool, p->data, sizeof w->pool);
	else
		p = malloc(sizeof *p);
	memset(p, 0, offsetof(struct sim_packet, data));
	p->refs = 1;
	p->vr = p->from = -1;
	return p;
}

void
wire_release(struct world *w, struct sim_packet *p)
{
	if (--p->refs)
		return;
	memcpy(p->data, &w->pool, sizeof w->pool);
	w->pool = p;
}

/* What a raw socket hands up: IPv4 with its header, IPv6 without. */
void
wire_wrap(struct sim_packet *p, const void *msg, size_t len)
{
	uint8_t *ip = p->data;

	if (p->meta.src.family == AF_INET6) {
		memcpy(p->data, msg, len);
		p->len = (uint16_t)len;
		return;
	}
	memset(ip, 0, IP4_HEADER);
	ip[0] = 0x45;
	ip[1] = 0xc0;
	net_put16(ip + 2, (uint16_t)(IP4_HEADER + len));
	ip[8] = p->meta.ttl;
	ip[9] = ADV_PROTO;
	memcpy(ip + 12, p->meta.src.a, 4);
	memcpy(ip + 16, p->meta.dst.a, 4);
	memcpy(ip + IP4_HEADER, msg, len);
	p->len = (uint16_t)(IP4_HEADER + len);
}

/* Can they hear each other, when nothing else is wrong? */
bool
wire_reach(const struct world *w, unsigned a, unsigned b)
{
	const struct node *x = &w->node[a], *y = &w->node[b];

	return a == b || (!x->link_cut && !y->link_cut && x->side == y->side);
}

static void
arrive(struct world *w, struct sim_event *e)
{
	struct node *to = &w->node[e->a];

	if (e->b)			/* late or twice: something was done to it */
		judge_impulse(w, e->p->vr);
	node_arrive(to, e->p);
	wire_release(w, e->p);
}

static void
put(struct world *w, struct sim_packet *p, unsigned to, int64_t at, bool odd)
{
	struct sim_event *e = world_later(w, at, arrive);

	e->p = p;
	e->a = to;
	e->b = odd;
	p->refs++;
}

static void
one_way(struct node *from, struct sim_packet *p, struct node *to)
{
	struct world *w = from->w;
	struct sim_link *l = &w->link[from->id][to->id];
	struct rng r = world_chance(w, 4096 + (from->id * SIM_NODES + to->id) *
				       SIM_VRS + (unsigned)p->vr);

	if (!wire_reach(w, from->id, to->id) || l->cut)
		return;
	if (rng_permille(&r, l->loss)) {
		TRACE(w, to, "lost: from r%u prio %u vr%d", from->id,
		      p->data[p->meta.src.family == AF_INET ? IP4_HEADER + 2 : 2], p->vr);
		return;
	}
	int64_t at = w->now + w->wire_us + rng_range(&r, 0, w->jitter_us);

	/* Left to itself, the wire keeps the order. */
	if (l->delay_us)
		at += rng_range(&r, 0, l->delay_us);
	else if (at < l->last)
		at = l->last;
	else
		l->last = at;
	put(w, p, to->id, at, l->delay_us != 0);
	if (rng_permille(&r, l->dup))
		put(w, p, to->id, at + rng_range(&r, 0, 20 * w->wire_us), true);
}

void
wire_send(struct node *from, struct sim_packet *p)
{
	struct world *w = from->w;

	w->stats.sent++;
	for (unsigned i = 0; i < w->nnodes; i++) {
		struct node *to = &w->node[i];
		const struct net_addr *own = p->meta.dst.family == AF_INET ?
					     &to->addr4 : &to->addr6;

		if (to == from)
			continue;
		if (net_addr_is_multicast(&p->meta.dst) ||
		    !net_addr_cmp(&p->meta.dst, own))
			one_way(from, p, to);
	}
}

/* Somebody who is no router of ours sends it, to one of them. */
void
wire_inject(struct world *w, struct sim_packet *p, unsigned to)
{
	if (!w->node[to].link_cut)
		put(w, p, to, w->now + w->wire_us, !p->refuse);
}
