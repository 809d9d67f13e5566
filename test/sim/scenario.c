/* SPDX-License-Identifier: MIT */
/* scenario.c -- kinds of networks and of trouble, and what a seed makes of them. */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "script.h"

#define K(kind)		SCRIPT_BIT(kind)
#define WIRE		(K(loss) | K(delay) | K(dup))
#define LIFE		(K(crash) | K(kill) | K(respawn) | K(stop))
#define TIMES		(K(hang) | K(slow) | K(drift))
#define FAULTS		(K(link) | K(track) | K(weight) | K(sendfail))
#define SMALL		(K(reload) | K(prio) | K(preempt) | K(pdelay) | K(member))
#define RELOADS		(SMALL | K(interval) | K(naddr) | K(version))
#define ALL		((1u << SCRIPT__N) - 1)
#define JUNK		((1u << FORGE_REFUSED) - 1)
#define GOOD		(((1u << FORGE__N) - 1) & ~JUNK)

_Static_assert(CONFIG_VRRP_INSTANCES >= SIM_VRS &&
	       CONFIG_VRRP_VIPS >= SIM_VRS * SIM_NADDR &&
	       CONFIG_VRRP_PEERS >= SIM_VRS * 7,
	       "the simulation needs the pools of the default configuration");

const struct scenario scenarios[] = {
	/* name, actions, forged; routers, virtual routers, preempt %, owner, unicast,
	 * family, version, interval ms, clocks ppm, episodes, floods */
	{ "nothing_happens", K(drift), 0, 2, 6, 4, 70, true, true,
	  0, 0, 100, 10000, 40000, 10, false },
	{ "two_routers", K(crash) | K(hang) | K(loss) | K(operate), 0,
	  2, 2, 1, 70, false, false, 0, 0, 100, 3000, 1000, 16, false },
	{ "loss_delay_duplication", WIRE, 0, 2, 6, 2, 70, false, true,
	  0, 0, 100, 4000, 1000, 12, false },
	{ "partitions", K(split), 0, 3, 8, 2, 70, false, false,
	  0, 0, 100, 4000, 1000, 12, false },
	{ "asymmetric_links", K(cut) | K(loss), 0, 3, 6, 2, 70, false, true,
	  0, 0, 100, 4000, 1000, 12, false },
	{ "crash_and_restart", LIFE, 0, 2, 6, 3, 70, true, true,
	  0, 0, 100, 4000, 1000, 12, false },
	{ "hitless_crashes", K(respawn), 0, 2, 6, 4, 70, true, true,
	  0, 0, 100, 4000, 1000, 12, false },
	{ "hangs", K(hang) | K(slow), 0, 2, 6, 4, 60, false, true,
	  0, 0, 100, 4000, 1000, 12, false },
	{ "hangs_without_preemption", K(hang), 0, 2, 4, 6, 0, false, false,
	  0, 3, 100, 1000, 1000, 12, false },
	{ "skewed_clocks", TIMES | K(crash), 0, 2, 6, 2, 70, false, false,
	  0, 0, 100, 4000, 60000, 12, false },
	{ "reloads", RELOADS, 0, 2, 6, 4, 70, true, true,
	  0, 0, 100, 4000, 1000, 14, false },
	{ "operators", K(operate) | K(crash), 0, 2, 6, 3, 60, false, true,
	  0, 0, 100, 4000, 1000, 14, false },
	{ "links_and_tracking", FAULTS, 0, 2, 6, 3, 70, true, true,
	  0, 0, 100, 4000, 1000, 12, false },
	{ "hostile_junk", K(forge), JUNK, 2, 5, 3, 60, true, true,
	  0, 0, 100, 2000, 1000, 8, false },
	{ "hostile_good", K(forge) | K(crash), GOOD, 2, 5, 2, 60, false, true,
	  0, 0, 100, 2000, 1000, 8, false },
	{ "hostile_and_hung", K(forge) | K(hang) | K(loss), JUNK | GOOD,
	  2, 5, 2, 50, false, false, 0, 0, 100, 2000, 1000, 8, false },
	{ "floods", K(forge) | K(crash) | K(loss), JUNK, 2, 3, 1, 50, false, false,
	  0, 3, 10, 30, 1000, 6, true },
	{ "version_2", ALL, JUNK | GOOD, 2, 6, 3, 70, true, true,
	  4, 2, 1000, 5000, 1000, 10, false },
	{ "ipv6", ALL, JUNK | GOOD, 2, 6, 3, 70, true, true,
	  6, 3, 100, 4000, 1000, 10, false },
	{ "unicast", ALL & ~K(forge), 0, 2, 7, 3, 70, false, true,
	  0, 0, 100, 4000, 1000, 10, false },
	{ "without_preemption", ALL & ~(K(preempt) | K(forge)), 0, 2, 6, 3, 0,
	  false, false, 0, 0, 100, 4000, 1000, 12, false },
	{ "with_an_owner", ALL & ~K(forge), 0, 2, 5, 2, 50, true, false,
	  0, 0, 100, 4000, 1000, 12, false },
	{ "ten_ms_adverts", ALL & ~K(version), JUNK | GOOD, 2, 4, 2, 70, true,
	  false, 0, 3, 10, 30, 1000, 10, false },
	{ "forty_s_adverts", ALL & ~K(version), JUNK | GOOD, 2, 4, 2, 70, true,
	  false, 0, 3, 10000, 40950, 1000, 12, false },
	{ "twelve_routers", ALL, JUNK | GOOD, 9, 12, 3, 70, true, false,
	  0, 0, 500, 10000, 5000, 6, false },
	{ "everything", ALL, JUNK | GOOD, 2, 8, 6, 70, true, true,
	  0, 0, 50, 20000, 20000, 10, false },
};
const unsigned scenario_count = PORT_ARRAY_SIZE(scenarios);

/* ---- the network ---- */

static int64_t
draw_interval(const struct scenario *s, struct rng *r, unsigned version)
{
	int64_t ms = s->adv_min_ms;

	/* Every magnitude as likely as the other. */
	while (ms * 3 < s->adv_max_ms && rng_below(r, 3))
		ms *= 3;
	ms = rng_range(r, ms, ms * 3 < s->adv_max_ms ? ms * 3 : s->adv_max_ms);
	if (version == 2)
		return (ms + 999) / 1000 * MONO_US_PER_S;
	return (ms + 9) / 10 * MONO_US_PER_CS;
}

static void
draw_vr(const struct scenario *s, struct world *w, struct rng *r, unsigned v)
{
	struct sim_vr *vr = &w->vr[v];
	unsigned family = s->family ? s->family : rng_below(r, 3) ? 4 : 6;
	unsigned version = family == 6 ? 3 : s->version ? s->version :
			   rng_below(r, 3) ? 3 : 2;
	int64_t advert_us = draw_interval(s, r, version);
	int owner = s->owner && !rng_below(r, 3) ? (int)rng_below(r, w->nnodes) : -1;
	unsigned naddr = 1 + (unsigned)rng_below(r, SIM_NADDR);
	bool mixed = version == 3 && !rng_below(r, 4);

	/* IPv4 and IPv6 may share a VRID. */
	vr->vrid = (uint8_t)(v / 2 * 10 + 1 + (v & 1) * rng_below(r, 2));
	vr->family = family == 4 ? AF_INET : AF_INET6;
	for (unsigned i = 0; i < v; i++) {
		if (w->vr[i].family == vr->family && w->vr[i].vrid == vr->vrid)
			vr->vrid++;
	}
	vr->unicast = s->unicast && w->nnodes <= 8 && !rng_below(r, 3);
	vr->password = version == 2 && !rng_below(r, 3);
	for (unsigned i = 0; i < w->nnodes; i++) {
		w->node[i].h[v].wish = (struct sim_wish){
			.version = (uint8_t)version,
			.prio = (uint8_t)(owner == (int)i ? ADV_PRIO_OWNER :
					  rng_below(r, 4) ? rng_range(r, 1, 254) : 100),
			.advert_us = mixed ? draw_interval(s, r, 3) : advert_us,
			.naddr = (uint8_t)naddr,
			.preempt = rng_below(r, 100) < s->preempt,
			.delay_us = rng_below(r, 4) ? 0 :
				    (int64_t)rng_below(r, 5 * (uint64_t)advert_us),
			.sum_plain = rng_below(r, 2),
			.member = i < 2 || rng_below(r, 8),
		};
	}
}

static void
draw_addresses(struct world *w, struct rng *r)
{
	for (unsigned i = 0; i < w->nnodes; i++) {
		uint8_t low = 0;
		bool taken = true;

		while (taken) {
			low = (uint8_t)rng_range(r, 1, 190);
			taken = false;
			for (unsigned k = 0; k < i; k++)
				taken = taken || w->node[k].addr4.a[3] == low;
		}
		w->node[i].addr4 = (struct net_addr){
			.family = AF_INET, .a = { 10, 0, 0, low } };
		w->node[i].addr6 = (struct net_addr){
			.family = AF_INET6, .a = { 0xfe, 0x80, [15] = low } };
	}
}

void
scenario_world(const struct scenario *s, struct world *w)
{
	struct rng r = rng_fork(w->seed, 2);

	w->nnodes = (unsigned)rng_range(&r, s->nodes_min, s->nodes_max);
	w->nvrs = (unsigned)rng_range(&r, 1, s->vrs_max);
	w->wire_us = rng_range(&r, 20, 200);
	w->jitter_us = rng_range(&r, 0, 200);
	w->latency_us = rng_range(&r, 0, 100);
	w->packet_us = s->flood ? 32 : 1 << rng_below(&r, 6);
	w->ppm_max = s->ppm;
	draw_addresses(w, &r);
	for (unsigned v = 0; v < w->nvrs; v++)
		draw_vr(s, w, &r, v);
	for (unsigned i = 0; i < w->nnodes; i++) {
		w->node[i].latency_us = w->latency_us;
		w->node[i].ppm = (int32_t)rng_range(&r, -s->ppm, s->ppm);
	}
	for (unsigned v = 0; v < w->nvrs; v++)
		judge_wish(w, v);
	for (unsigned i = 0; i < w->nnodes; i++)
		life_boot(&w->node[i]);
}

/* ---- the script ---- */

struct drawing {
	const struct scenario *s;
	struct world *w;
	struct rng r;
	int64_t unit;			/* the longest interval */
};

static enum script_kind
draw_kind(struct drawing *d)
{
	for (;;) {
		unsigned k = (unsigned)rng_below(&d->r, SCRIPT__N);

		if (d->s->kinds >> k & 1)
			return (enum script_kind)k;
	}
}

static int64_t
draw_forge(struct drawing *d)
{
	for (;;) {
		unsigned k = (unsigned)rng_below(&d->r, FORGE__N);

		if (d->s->forge >> k & 1)
			return k;
	}
}

static int64_t
draw_preset(struct drawing *d, struct action *a, const struct sim_wish *c)
{
	bool one = c->version == 3 && rng_below(&d->r, 2);
	int64_t us = a->us;

	switch ((enum script_kind)a->kind) {
	case SCRIPT_interval:
		a->us = rng_range(&d->r, 0, us < 2 * d->unit ? us : 2 * d->unit);
		if (!one)
			a->a = SCRIPT_ALL;
		us = draw_interval(d->s, &d->r, c->version);
		return us < d->unit ? us : d->unit;
	case SCRIPT_naddr:
		if (!one)
			a->a = SCRIPT_ALL;
		return 1 + (int64_t)rng_below(&d->r, SIM_NADDR);
	case SCRIPT_version:
		a->a = SCRIPT_ALL;
		return c->version == 2 ? 3 : 2;
	case SCRIPT_pdelay:
		return (int64_t)rng_below(&d->r, 2) *
		       (int64_t)rng_below(&d->r, 5 * (uint64_t)d->unit);
	case SCRIPT_prio:	return rng_range(&d->r, 1, 254);
	case SCRIPT_preempt:	return (int64_t)rng_below(&d->r, 2);
	case SCRIPT_weight:	return rng_range(&d->r, -253, 253);
	case SCRIPT_loss:	return rng_range(&d->r, 50, 1000);
	case SCRIPT_dup:	return rng_range(&d->r, 50, 1000);
	case SCRIPT_delay:	return rng_range(&d->r, 1, d->unit);
	case SCRIPT_slow:	return rng_range(&d->r, 100, 20000);
	case SCRIPT_split:	return (int64_t)rng_below(&d->r, 1u << d->w->nnodes);
	case SCRIPT_drift:	return rng_range(&d->r, -d->s->ppm, d->s->ppm);
	case SCRIPT_forge:	return draw_forge(d);
	case SCRIPT_cut: case SCRIPT_crash: case SCRIPT_kill:
	case SCRIPT_respawn: case SCRIPT_stop:
	case SCRIPT_hang: case SCRIPT_link: case SCRIPT_track:
	case SCRIPT_sendfail: case SCRIPT_reload: case SCRIPT_member:
	case SCRIPT_operate: case SCRIPT__N:
		break;
	}
	return 0;
}

/* Version 3 can change to version 2 only where 2 can be, and back. */
static bool
fits(const struct drawing *d, const struct action *a)
{
	const struct world *w = d->w;

	if (a->kind == SCRIPT_prio && w->node[a->a].h[a->v].wish.prio ==
	    ADV_PRIO_OWNER)
		return false;
	if (a->kind != SCRIPT_version)
		return true;
	return w->vr[a->v].family == AF_INET && !w->vr[a->v].password;
}

/* As many packets, over a short or a long time; some are more than a slow
 * processor can read. */
static void
draw_flood(struct drawing *d, struct action *a)
{
	bool heavy = d->s->flood || !rng_below(&d->r, 3);

	a->b = (uint8_t)rng_range(&d->r, heavy ? 0 : 3, d->s->flood ? 0 : 10);
	int64_t most = (20 << a->b) * rng_range(&d->r, 10, d->s->flood ? 20000 :
						a->b < 3 ? 3000 : 600);

	if (a->us > most)
		a->us = most;
}

static void
draw_action(struct drawing *d, struct script *script, int64_t at)
{
	struct rng *r = &d->r;
	int64_t longest = d->unit << rng_below(r, 4);
	struct action a = {
		.at = at, .kind = (uint8_t)draw_kind(d),
		.us = rng_range(r, d->unit / 16, longest),
		.a = (uint8_t)rng_below(r, d->w->nnodes),
		.b = (uint8_t)rng_below(r, d->w->nnodes),
		.v = (uint8_t)rng_below(r, d->w->nvrs),
	};

	if (!fits(d, &a))
		return;
	a.value = draw_preset(d, &a, &d->w->node[a.a].h[a.v].wish);
	if (a.kind == SCRIPT_loss || a.kind == SCRIPT_delay ||
	    a.kind == SCRIPT_dup) {
		if (rng_below(r, 2))
			a.a = SCRIPT_ALL;
		if (rng_below(r, 2))
			a.b = SCRIPT_ALL;
	}
	if (a.kind == SCRIPT_forge)
		draw_flood(d, &a);
	script_add(script, &a);
	/* A version takes effect on what is drawn after it. */
	if (a.kind == SCRIPT_version) {
		for (unsigned i = 0; i < d->w->nnodes; i++)
			d->w->node[i].h[a.v].wish.version = (uint8_t)a.value;
	}
}

/* Trouble and calm in turns; the calm is long enough to settle, and to stay so. */
void
scenario_script(const struct scenario *s, struct world *w,
		struct script *script)
{
	struct drawing d = { .s = s, .w = w, .r = rng_fork(w->seed, 3) };
	int64_t settled = 0, at;

	for (unsigned v = 0; v < w->nvrs; v++) {
		int64_t us = judge_bound(w, v);

		if (w->judge[v].advert_max_us > d.unit)
			d.unit = w->judge[v].advert_max_us;
		if (us > settled)
			settled = us;
	}
	settled += 5 * d.unit + MONO_US_PER_S;
	script->end = at = rng_below(&d.r, 2) ? settled : 0;
	for (unsigned e = 0; e < s->episodes; e++) {
		int64_t window = d.unit << rng_below(&d.r, 4);
		unsigned n = 1 + (unsigned)rng_below(&d.r, rng_below(&d.r, 3) ? 3 : 9);

		while (n--)
			draw_action(&d, script, at + rng_range(&d.r, 0, window));
		for (unsigned i = 0; i < script->n; i++) {
			int64_t over = script->a[i].at + script->a[i].us;

			if (over > script->end)
				script->end = over;
		}
		script->end += settled + rng_range(&d.r, 0, 8 * d.unit);
		at = script->end;
	}
	script_sort(script);
}
