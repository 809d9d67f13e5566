/* SPDX-License-Identifier: MIT */
/* forge.c -- packets that no router sent.  Those that must be refused claim whatever
 * would do the most harm: priority 255, or 0. */
#include <string.h>
#include <sys/socket.h>

#include "sim.h"

#define IP4_HEADER 20

const char *const forge_name[FORGE__N] = {
	[FORGE_RANDOM] = "random", [FORGE_FLIP] = "flip", [FORGE_VRID] = "vrid",
	[FORGE_TTL] = "ttl", [FORGE_VERSION] = "version", [FORGE_TYPE] = "type",
	[FORGE_SHORT] = "short", [FORGE_INTERVAL] = "interval",
	[FORGE_COUNT] = "count", [FORGE_AUTH] = "auth", [FORGE_IP] = "ip",
	[FORGE_CAST] = "cast", [FORGE_LOOP] = "loop",
	[FORGE_LOW] = "low", [FORGE_REPLAY] = "replay",
	[FORGE_BETTER] = "better", [FORGE_ZERO] = "zero",
};

/* What the target would take for good, from somebody. */
struct draft {
	struct adv adv;
	struct adv_meta meta;
	uint8_t addr[16 * SIM_NADDR];
	uint8_t msg[SIM_PACKET];
	size_t len;
	struct rng rng;
};

static struct net_addr
somebody(const struct world *w, struct rng *r, unsigned v,
	 const struct node *to)
{
	bool v4 = w->vr[v].family == AF_INET;

	if (w->vr[v].unicast && w->nnodes > 1) {
		unsigned i = (to->id + 1 + (unsigned)rng_below(r, w->nnodes - 1)) %
			     w->nnodes;

		return v4 ? w->node[i].addr4 : w->node[i].addr6;
	}
	if (v4)
		return (struct net_addr){ .family = AF_INET,
			.a = { 10, 0, 0, (uint8_t)(200 + rng_below(r, 50)) } };
	return (struct net_addr){ .family = AF_INET6,
		.a = { 0xfe, 0x80, [15] = (uint8_t)(200 + rng_below(r, 50)) } };
}

static void
draft(struct draft *d, struct world *w, unsigned v, const struct node *to)
{
	const struct sim_vr *vr = &w->vr[v];
	const struct sim_wish *c = to->h[v].open ? &to->h[v].conf : &to->h[v].wish;
	unsigned alen = vr->family == AF_INET ? 4 : 16;

	memset(d, 0, sizeof *d);
	d->rng = world_chance(w, 256 + to->id * SIM_VRS + v);
	for (unsigned i = 0; i < c->naddr; i++) {
		struct net_addr a = world_vip(w, v, i);

		memcpy(d->addr + i * alen, a.a, alen);
	}
	d->meta.src = somebody(w, &d->rng, v, to);
	d->meta.ttl = ADV_TTL_SENT;
	if (vr->unicast)
		d->meta.dst = alen == 4 ? to->addr4 : to->addr6;
	else if (alen == 4)
		d->meta.dst = (struct net_addr){ .family = AF_INET,
						 .a = { 224, 0, 0, 18 } };
	else
		d->meta.dst = (struct net_addr){ .family = AF_INET6,
						 .a = { 0xff, 2, [15] = 0x12 } };
	d->adv = (struct adv){
		.addr = d->addr, .version = c->version, .type = 1,
		.vrid = vr->vrid, .naddr = c->naddr, .alen = (uint8_t)alen,
		.prio = rng_below(&d->rng, 4) ? ADV_PRIO_OWNER : 0,
		.interval = (uint16_t)(c->advert_us / (c->version == 2 ?
				       MONO_US_PER_S : MONO_US_PER_CS)),
		.auth_type = vr->password ? ADV_AUTH_PASS : ADV_AUTH_NONE,
		.sum = ADV_SUM_PLAIN,
	};
	if (vr->password)
		memcpy(d->adv.auth, "secret", 6);
}

/* Spoils what stands before the message is written; true: it is refused so. */
static bool
spoil_draft(struct draft *d, struct world *w, unsigned v, enum forge_kind kind,
	    const struct node *to)
{
	bool v2 = d->adv.version == 2, unicast = w->vr[v].unicast;

	if (kind == FORGE_VRID) {
		d->adv.vrid = (uint8_t)(240 + v);
	} else if (kind == FORGE_TTL && !unicast) {
		d->meta.ttl = (uint8_t)rng_below(&d->rng, 255);
	} else if (kind == FORGE_VERSION && d->adv.alen == 4) {
		d->adv.version = v2 ? 3 : 2;
	} else if (kind == FORGE_INTERVAL) {
		d->adv.interval = v2 ? d->adv.interval + 1 : 0;
	} else if (kind == FORGE_AUTH && v2) {
		if (w->vr[v].password)
			d->adv.auth[7] ^= 1;
		else
			d->adv.auth_type = ADV_AUTH_PASS;
	} else if (kind == FORGE_CAST) {
		d->meta.dst = !unicast ? (d->adv.alen == 4 ? to->addr4 : to->addr6) :
			(struct net_addr){ .family = AF_INET,
					   .a = { 224, 0, 0, 18 } };
		if (unicast && d->adv.alen == 16)
			return false;
	} else if (kind == FORGE_LOOP) {
		d->meta.src = d->adv.alen == 4 ? to->addr4 : to->addr6;
	} else {
		return false;
	}
	return true;
}

/* Spoils the written message. */
static bool
spoil_message(struct draft *d, enum forge_kind kind)
{
	if (kind == FORGE_TYPE) {
		d->msg[0] = (uint8_t)((d->msg[0] & 0xf0) | (2 + rng_below(&d->rng, 14)));
		adv_set_sum(d->msg, d->len, &d->meta, ADV_SUM_PLAIN);
	} else if (kind == FORGE_SHORT) {
		d->len = (size_t)rng_below(&d->rng, d->len);
	} else if (kind == FORGE_COUNT) {
		d->msg[3] = 0;
		adv_set_sum(d->msg, d->adv.version == 3 ? 8 : 16, &d->meta,
			    ADV_SUM_PLAIN);
		if (d->adv.version == 3 || d->adv.alen == 16)
			d->len = 8;
		else
			d->len = 16;
	} else if (kind == FORGE_FLIP) {
		unsigned bit = (unsigned)rng_below(&d->rng, 8 * d->len);

		d->msg[bit / 8] ^= (uint8_t)(1u << bit % 8);
	} else {
		return false;
	}
	return true;
}

/* Whole packets of noise, or with a header that lies. */
static void
noise(struct sim_packet *p, struct rng *r, enum forge_kind kind)
{
	bool v4 = p->meta.src.family == AF_INET;
	unsigned from = v4 && kind == FORGE_RANDOM && rng_below(r, 2) ?
			IP4_HEADER : 0;

	if (kind == FORGE_IP && v4) {
		switch (rng_below(r, 4)) {
		case 0: p->data[0] = 0x65; break;
		case 1: p->data[9] = 89; break;
		case 2: p->data[6] = 0x20; break;
		default: net_put16(p->data + 2, (uint16_t)(p->len + 1)); break;
		}
		return;
	}
	p->len = (uint16_t)(from + rng_below(r, 100));
	for (unsigned i = from; i < p->len; i++)
		p->data[i] = (uint8_t)rng_next(r);
	if (from)
		net_put16(p->data + 2, p->len);
}

static struct sim_packet *
refused(struct world *w, unsigned v, enum forge_kind kind,
	const struct node *to)
{
	struct sim_packet *p = wire_packet(w);
	struct draft d;

	draft(&d, w, v, to);
	bool bad = spoil_draft(&d, w, v, kind, to);

	d.len = adv_encode(&d.adv, &d.meta, d.msg, sizeof d.msg);
	if (!bad && spoil_message(&d, kind))
		bad = true;
	p->meta = d.meta;
	p->vr = (int8_t)v;
	p->refuse = true;
	p->version = to->h[v].conf.version;
	p->advert_us = to->h[v].conf.advert_us;
	p->naddr = to->h[v].conf.naddr;
	wire_wrap(p, d.msg, d.len);
	if (!bad)
		noise(p, &d.rng, kind);
	return p;
}

/* One that nothing tells from a router's: what it does is the RFC's doing. */
static struct sim_packet *
good(struct world *w, unsigned v, enum forge_kind kind, const struct node *to)
{
	struct sim_packet *p;
	struct draft d;

	draft(&d, w, v, to);
	if (kind == FORGE_REPLAY) {
		p = w->kept[v][rng_below(&d.rng, PORT_ARRAY_SIZE(w->kept[v]))];
		if (!p)
			return NULL;
		struct sim_packet *copy = wire_packet(w);

		memcpy(copy, p, sizeof *p);
		copy->refs = 1;
		copy->from = -1;
		return copy;
	}
	d.adv.prio = kind == FORGE_LOW ? 1 : kind == FORGE_BETTER ? 254 : 0;
	d.len = adv_encode(&d.adv, &d.meta, d.msg, sizeof d.msg);
	p = wire_packet(w);
	p->meta = d.meta;
	p->vr = (int8_t)v;
	wire_wrap(p, d.msg, d.len);
	return p;
}

void
forge_send(struct world *w, unsigned v, enum forge_kind kind)
{
	for (unsigned i = 0; i < w->nnodes; i++) {
		struct node *to = &w->node[i];
		struct sim_packet *p = kind < FORGE_REFUSED ?
			refused(w, v, kind, to) : good(w, v, kind, to);

		if (!p)
			continue;
		wire_inject(w, p, i);
		wire_release(w, p);
	}
}
