/* SPDX-License-Identifier: MIT */
/* node.c -- a router's clock, its loop and its sockets, as core/loop.c and vrrp/socket.c
 * have them: the clock is read once per wake-up, timers run before sockets, and a
 * socket that had something to read gives one batch. */
#include <string.h>
#include <sys/socket.h>

#include "sim.h"
#include "socket.h"

#define WAKE_US		3		/* processor time of a wake-up */
#define OLD_US		(2 * MONO_US_PER_MS)

/* ---- its clock ---- */

static int64_t
drifted(int64_t us, int32_t ppm)
{
	int64_t product = us * ppm;

	return us + (product >= 0 ? product / 1000000 :
				    -((-product + 999999) / 1000000));
}

static struct mono
clock_at(const struct node *n, int64_t at)
{
	return (struct mono){ n->own_base + drifted(at - n->true_base, n->ppm) };
}

struct mono
node_clock(const struct node *n)
{
	return clock_at(n, n->w->now);
}

/* How long a duration of its clock truly is, at least. */
int64_t
node_true_us(const struct node *n, int64_t own_us)
{
	return own_us / (1000000 + n->ppm) * 1000000 +
	       own_us % (1000000 + n->ppm) * 1000000 / (1000000 + n->ppm);
}

int64_t
node_true(const struct node *n, struct mono own)
{
	if (mono_is_never(own))
		return SIM_NEVER;
	int64_t at = n->true_base + node_true_us(n, own.us - n->own_base);

	while (mono_before(clock_at(n, at), own))
		at++;
	return at;
}

/* From now on it runs at another rate. */
void
node_drift(struct node *n, int32_t ppm)
{
	n->own_base = node_clock(n).us;
	n->true_base = n->w->now;
	n->ppm = ppm;
	if (n->running)
		node_schedule(n);
}

/* ---- its sockets ---- */

static struct sim_host *
host_by_vrid(struct node *n, uint8_t family, uint8_t vrid)
{
	for (unsigned v = 0; v < n->w->nvrs; v++) {
		if (n->h[v].open && n->w->vr[v].vrid == vrid &&
		    n->w->vr[v].family == family)
			return &n->h[v];
	}
	return NULL;
}

/* What a packet must not touch when it has no effect. */
struct mark {
	int64_t adv_at, down_at, delay_at, active_us, down_from;
	uint8_t state, prio, preempt;
	bool adv, down, delay, held, ready, graced, skewed;
};

static struct mark
mark_of(const struct instance *in)
{
	struct mark m;

	memset(&m, 0, sizeof m);	/* the holes are compared, too */
	m.adv = in->adv_timer.armed;
	m.down = in->down_timer.armed;
	m.delay = in->delay_timer.armed;
	m.adv_at = m.adv ? in->adv_timer.at.us : 0;
	m.down_at = m.down ? in->down_timer.at.us : 0;
	m.delay_at = m.delay ? in->delay_timer.at.us : 0;
	m.active_us = in->active_us;
	m.down_from = in->down_from.us;
	m.skewed = in->skewed;
	m.state = (uint8_t)in->state;
	m.prio = in->prio;
	m.preempt = (uint8_t)in->preempt;
	m.held = in->held;
	m.ready = in->ready;
	m.graced = in->graced;
	return m;
}

static void
judge_reading(struct sim_host *h, const struct sim_packet *p,
	      const struct adv *adv, const struct adv_meta *meta,
	      const struct mark *before, uint64_t rcvd, struct mono now)
{
	struct world *w = h->node->w;
	const struct mark after = mark_of(&h->in);
	bool agree = p->version == h->conf.version &&
		     (p->version == 3 || (p->advert_us == h->conf.advert_us &&
					  p->naddr == h->conf.naddr));

	if (h->in.stats.advert_rcvd != rcvd) {
		if (p->refuse && agree)
			world_fail(w, SIM_ACCEPTED_BAD, h, "prio %u ttl %u",
				   adv->prio, meta->ttl);
		oracle_packet(h, p, adv, meta, now);
		return;
	}
	if (memcmp(before, &after, sizeof after))
		world_fail(w, SIM_REFUSED_MOVED, h, "down timer %lld us away, was %lld",
			   (long long)(after.down_at - now.us),
			   (long long)(before->down_at - now.us));
	bool deaf_owner = h->conf.version == 2 && h->conf.prio == ADV_PRIO_OWNER;

	if (p->from >= 0 && agree && !deaf_owner && !p->refuse)
		world_fail(w, SIM_REFUSED_GOOD, h, "from r%d prio %u", p->from,
			   adv->prio);
}

static void
deliver(struct node *n, const struct sim_packet *p, struct mono now)
{
	struct adv_meta meta = { .ttl = 0 };
	struct adv adv = { .vrid = 0 };
	const uint8_t *payload = p->data;
	size_t len = p->len;
	enum adv_verdict v = ADV_OK;

	n->read++;
	n->w->stats.delivered++;
	if (p->meta.src.family == AF_INET)
		v = adv_ip4(&meta, &payload, &len, p->data, p->len);
	else
		meta = p->meta;
	if (v == ADV_OK)
		v = adv_decode(&adv, &meta, payload, len);

	struct sim_host *h = host_by_vrid(n, p->meta.src.family, adv.vrid);

	if (!h) {
		n->stray++;
		return;
	}
	const struct mark before = mark_of(&h->in);
	const uint64_t count = oracle_counted(&h->in);
	const uint64_t rcvd = h->in.stats.advert_rcvd;

	h->o.in_packet = true;
	h->o.said = h->port_sends + h->in.stats.answer_held;
	if (v == ADV_OK)
		instance_packet(&h->in, &adv, &meta, now);
	else
		instance_refused(&h->in, v, &adv, &meta, now);
	h->o.in_packet = false;
	if (oracle_counted(&h->in) != count + 1)
		world_fail(n->w, SIM_COUNTER, h, "%s: %llu more",
			   adv_verdict[v].name,
			   (unsigned long long)(oracle_counted(&h->in) - count));
	judge_reading(h, p, &adv, &meta, &before, rcvd, now);
}

static unsigned
read_batch(struct node *n, struct sim_queue *q, struct mono now)
{
	unsigned done = 0;

	while (done < SOCKET_BATCH && q->n && n->running) {
		struct sim_packet *p = q->slot[q->head].p;

		/* What was forged, or waited for long, is news only now. */
		if ((p->from < 0 && !p->refuse) ||
		    n->w->now - q->slot[q->head].at > OLD_US)
			judge_impulse(n->w, p->vr);
		q->head = (q->head + 1) % SIM_QUEUE;
		q->n--;
		done++;
		deliver(n, p, now);
		wire_release(n->w, p);
	}
	return done;
}

/* ---- its loop ---- */

/* How long until it gets the processor. */
static int64_t
latency(const struct node *n)
{
	struct rng r = world_chance(n->w, n->id);

	return rng_range(&r, 0, n->latency_us);
}

void
node_arrive(struct node *n, struct sim_packet *p)
{
	struct sim_queue *q = &n->q[p->meta.src.family == AF_INET6];

	if (!n->running || n->link_cut)
		return;
	if (q->n == SIM_QUEUE) {
		n->lost++;		/* the flood or the hang did it */
		judge_impulse(n->w, -1);
		return;
	}
	q->slot[(q->head + q->n++) % SIM_QUEUE] = (struct sim_slot){
		.p = p, .at = n->w->now,
	};
	p->refs++;
	if (n->hangs)
		return;
	int64_t at = n->w->now > n->busy_until ? n->w->now : n->busy_until;

	if (at < n->wake_at) {
		at += latency(n);
		if (at < n->wake_at)
			n->wake_at = at;
	}
}


void
node_schedule(struct node *n)
{
	int64_t at = n->w->now;

	n->wake_at = SIM_NEVER;
	if (!n->running || n->hangs)
		return;
	if (!n->q[0].n && !n->q[1].n)
		at = node_true(n, timer_next(&n->ts));
	if (at == SIM_NEVER)
		return;
	if (at < n->busy_until)
		at = n->busy_until;
	if (at < n->w->now)
		at = n->w->now;
	n->wake_at = at + latency(n);
}

void
node_wake(struct node *n)
{
	struct mono now = node_clock(n);
	bool ready[2] = { n->q[0].n > 0, n->q[1].n > 0 };
	unsigned done = 0;

	timer_run(&n->ts, now);
	if (n->ts.storms)
		world_fail(n->w, SIM_STORM, NULL, "r%u", n->id);
	for (unsigned v = 0; v < n->w->nvrs; v++) {
		if (n->h[v].open)
			oracle_timers(&n->h[v], ready[n->w->vr[v].family == AF_INET6],
				      now);
	}
	for (unsigned f = 0; f < 2; f++) {
		if (ready[f])
			done += read_batch(n, &n->q[f], now);
	}
	n->busy_until = n->w->now + WAKE_US + done * n->w->packet_us;
	for (unsigned v = 0; v < n->w->nvrs; v++) {
		if (n->h[v].open)
			oracle_after(&n->h[v], now);
	}
	node_schedule(n);
}
