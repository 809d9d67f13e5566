/* SPDX-License-Identifier: MIT */
/* life.c -- what happens to a router's process: start, end, reload, link, operator; as
 * vrrp.c, router.c and router_look.c drive an instance. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "sim.h"

static struct sim_host *
host_of(struct instance *in)
{
	return container_of(in, struct sim_host, in);
}

/* ---- the instance's port ---- */

static int
port_send(struct instance *in, const struct net_addr *dst, const void *msg,
	  size_t len)
{
	struct sim_host *h = host_of(in);
	struct node *n = h->node;
	struct world *w = n->w;
	uint8_t prio = ((const uint8_t *)msg)[2];

	h->port_sends++;
	oracle_sent(h, prio, node_clock(n));
	TRACE(w, n, "vr%u sends prio %u%s", h->v, prio,
	      n->sendfail ? ", but the kernel does not take it" : "");
	if (n->sendfail)
		return -ENOBUFS;
	h->o.last_taken = node_clock(n);
	struct sim_packet *p = wire_packet(w);

	p->meta = (struct adv_meta){
		.src = in->source, .dst = *dst, .ttl = ADV_TTL_SENT,
	};
	p->vr = (int8_t)h->v;
	p->from = (int8_t)n->id;
	p->version = h->conf.version;
	p->naddr = h->conf.naddr;
	p->advert_us = h->conf.advert_us;
	wire_wrap(p, msg, len);
	wire_send(n, p);

	struct sim_packet **keep = &w->kept[h->v][w->nkept[h->v]++ %
					PORT_ARRAY_SIZE(w->kept[h->v])];

	if (*keep)
		wire_release(w, *keep);
	*keep = p;
	return 0;
}

static bool
port_waiting(struct instance *in)
{
	const struct node *n = host_of(in)->node;

	return n->q[in->conf->family == AF_INET6].n > 0;
}

static void
port_addresses(struct instance *in, bool on, struct mono now)
{
	(void)now;
	struct sim_host *h = host_of(in);

	h->addresses = on;
	if (on && in->resume == FSM_MASTER)
		h->announcing = true;
}

static void
port_announce(struct instance *in, enum instance_announce what, struct mono now)
{
	struct sim_host *h = host_of(in);

	(void)now;
	if (what == INSTANCE_ANNOUNCE_AGAIN && in->state != FSM_MASTER)
		world_fail(h->node->w, SIM_ADDRESSES, h, "announced as %s",
			   fsm_state_name[in->state]);
	if (what != INSTANCE_ANNOUNCE_AGAIN)
		h->announcing = what == INSTANCE_ANNOUNCE_BEGIN;
}

static void
port_changed(struct instance *in, const struct history_record *rec,
	     struct mono now)
{
	struct sim_host *h = host_of(in);
	char why[HISTORY_TEXT];

	(void)now;
	oracle_changed(h, rec);
	if (h->node->w->trace) {
		history_why(rec, why);
		trace_put(h->node->w, h->node, "vr%u %s -> %s (%s)", h->v,
			  fsm_state_name[rec->from], fsm_state_name[rec->to], why);
	}
	judge_changed(h, rec);
}

static void
port_settled(struct instance *in, struct mono now)
{
	kept_save(host_of(in)->slot, in, now);
}

static void
port_heard(struct instance *in, struct mono now)
{
	(void)now;
	kept_heard(host_of(in)->slot, in);
}

static void
port_noted(struct instance *in, enum adv_verdict verdict, unsigned notes,
	   const struct adv *adv, const struct adv_meta *meta, struct mono now)
{
	const struct sim_host *h = host_of(in);

	(void)notes;
	(void)meta;
	(void)now;
	if (verdict != ADV_OK)
		TRACE(h->node->w, h->node, "vr%u drops prio %u: %s", h->v,
		      adv->prio, adv_verdict[verdict].sentence);
}

static const struct instance_port port = {
	.send = port_send,
	.waiting = port_waiting,
	.addresses = port_addresses,
	.announce = port_announce,
	.changed = port_changed,
	.settled = port_settled,
	.heard = port_heard,
	.noted = port_noted,
};

/* ---- configuration ---- */

static void
add_vips(const struct world *w, struct vrrp_conf *c,
	 struct vrrp_conf_instance *i, unsigned v, unsigned n)
{
	i->vips.first = c->nvips;
	i->vips.n = i->nadvertised = (uint16_t)n;
	for (unsigned k = 0; k < n; k++) {
		struct vrrp_conf_vip *vip = &c->vip[c->nvips++];

		vip->addr = world_vip(w, v, k);
		vip->advertised = true;
	}
}

static void
add_peers(const struct world *w, struct vrrp_conf *c,
	  struct vrrp_conf_instance *i, unsigned self)
{
	i->peers.first = c->npeers;
	for (unsigned k = 0; k < w->nnodes; k++) {
		if (k == self)
			continue;
		c->peer[c->npeers++] = (struct vrrp_conf_peer){
			.addr = i->family == AF_INET ? w->node[k].addr4 :
						       w->node[k].addr6,
			.min_ttl = -1, .max_ttl = -1,
		};
		i->peers.n++;
	}
}

/* The compiler's work: the wishes of a router as an image. */
static struct vrrp_conf *
compile(const struct node *n)
{
	const struct world *w = n->w;
	struct vrrp_conf *c = calloc(1, sizeof *c);

	c->mcast_group4 = (struct net_addr){ .family = AF_INET,
					     .a = { 224, 0, 0, 18 } };
	c->mcast_group6 = (struct net_addr){ .family = AF_INET6,
					     .a = { 0xff, 2, [15] = 0x12 } };
	for (unsigned v = 0; v < w->nvrs; v++) {
		const struct sim_wish *wish = &n->h[v].wish;
		struct vrrp_conf_instance *i = &c->instance[v];

		*i = (struct vrrp_conf_instance){
			.interface = "eth0", .vrid = w->vr[v].vrid,
			.version = wish->version, .family = w->vr[v].family,
			.priority = wish->prio, .advert_us = wish->advert_us,
			.preempt_delay_us = wish->delay_us,
			.preempt = wish->preempt, .accept = true,
			.v3_checksum_as_v2 = wish->sum_plain,
			.check_unicast_src = true, .down_timer_adverts = 3,
			.unicast_ttl = 255,
		};
		snprintf(i->name, sizeof i->name, "vr%u", v);
		if (w->vr[v].password) {
			i->auth = VRRP_CONF_AUTH_PASS;
			memcpy(i->auth_data, "secret", 6);
		}
		add_vips(w, c, i, v, wish->naddr);
		if (w->vr[v].unicast)
			add_peers(w, c, i, n->id);
		c->ninstances++;
	}
	return c;
}

/* ---- conditions ---- */

void
life_touch(struct node *n, unsigned v)
{
	n->h[v].dirty = true;
	if (!n->look.armed)
		timer_arm(&n->ts, &n->look, node_clock(n));
}

static uint8_t
effective(const struct sim_host *h)
{
	int prio = h->conf.prio + h->weight;

	if (h->conf.prio == ADV_PRIO_OWNER)
		return ADV_PRIO_OWNER;
	return (uint8_t)(prio < 1 ? 1 : prio > 254 ? 254 : prio);
}

static void
look(struct sim_host *h, struct mono now)
{
	const struct node *n = h->node;
	struct instance_conditions c = {
		.source = n->w->vr[h->v].family == AF_INET ? n->addr4 : n->addr6,
		.ifindex = 2,
		.link = n->link_seen,
		.tracked = !h->track_bad,
		.prio = effective(h),
		.fault = n->link_seen && !h->track_bad ? "" : "eth0",
	};

	bool ready = c.link && c.tracked;

	h->dirty = false;
	bool news = ready != h->ready_was || (ready && c.prio != h->o.prio);

	if (n->quiet && n->w->judge[h->v].settled)
		news = ready != h->ready_dead || c.prio != h->prio_dead;

	if (news)
		judge_impulse(n->w, h->v);
	oracle_conditions(h, &c, now);
	instance_conditions(&h->in, &c, now);
	if (h->unclean && h->in.state != FSM_MASTER)
		h->addresses = false;
	h->unclean = false;
	if (news)			/* what is expected goes by the new */
		judge_impulse(n->w, h->v);
}

static void
on_look(struct timer *t, struct mono now)
{
	struct node *n = container_of(t, struct node, look);

	for (unsigned v = 0; v < n->w->nvrs; v++) {
		if (n->h[v].open && n->h[v].dirty)
			look(&n->h[v], now);
	}
	n->quiet = false;
}

void
life_link(struct node *n, bool up)
{
	n->link_seen = up;
	if (!n->running)
		return;
	TRACE(n->w, n, "is told that its link is %s", up ? "up" : "down");
	for (unsigned v = 0; v < n->w->nvrs; v++)
		life_touch(n, v);
	node_schedule(n);
}

/* ---- start and end ---- */

/* What router_open() does with the checkpoint. */
static void
take_up(struct sim_host *h, struct mono now)
{
	const struct instance dead = h->in;
	enum fsm_state was = dead.state == FSM_INIT ? dead.resume : dead.state;
	int64_t sent_us;

	instance_init(&h->in, h->node->conf, &h->node->conf->instance[h->v],
		      &port, &h->node->ts, now);
	if (!h->kept)
		h->kept = calloc(1, sizeof *h->kept);
	kept_open(h->kept);
	h->slot = kept_claim(h->in.conf, false);
	kept_sweep();
	enum fsm_state state = kept_load(h->slot, &h->in, &sent_us);

	instance_resume(&h->in, state, (struct mono){ sent_us });
	h->resumed = state != FSM_INIT;
	h->unclean = true;
	if (!instance_may_adopt(&h->in, now))
		h->addresses = h->unclean = false;
	if (!h->resumed)
		return;
	/* Down_grace is written with what comes of it. */
	h->in.stats.down_grace = dead.stats.down_grace;
	if (!h->died || was != state ||
	    memcmp(&dead.stats, &h->in.stats, sizeof dead.stats) ||
	    memcmp(&dead.history, &h->in.history, sizeof dead.history))
		world_fail(h->node->w, SIM_FORGOTTEN, h, "was %s, is told %s",
			   fsm_state_name[was], fsm_state_name[state]);
}

static void
open_host(struct sim_host *h, struct mono now)
{
	struct node *n = h->node;

	h->conf = h->wish;
	h->open = true;
	h->announcing = false;
	h->ready_was = false;
	take_up(h, now);
	h->died = false;
	h->port_sends = h->in.stats.advert_sent + h->in.stats.send_err;
	h->counted_before = oracle_counted(&h->in);
	oracle_start(h, h->resumed, now);
	life_touch(n, h->v);
}

static void
close_host(struct sim_host *h, struct mono now)
{
	struct node *n = h->node;

	/* The set of addresses is emptied first; what it held leaves. */
	if (h->in.state != FSM_INIT) {
		h->o.state = FSM_INIT;
		instance_event(&h->in, FSM_EV_SHUTDOWN, now);
	}
	if (h->addresses || h->announcing)
		world_fail(n->w, SIM_ADDRESSES, h, "kept at shutdown");
	timer_stop(&n->ts, &h->in.adv_timer);
	timer_stop(&n->ts, &h->in.down_timer);
	timer_stop(&n->ts, &h->in.delay_timer);
	h->open = false;
	memset(h->slot, 0, sizeof *h->slot);	/* kept_free() */
	n->ended += oracle_counted(&h->in) - h->counted_before;
}

static bool
same_content(const struct sim_wish *a, const struct sim_wish *b)
{
	return a->version == b->version && a->naddr == b->naddr &&
	       a->advert_us == b->advert_us;
}

static bool
unchanged(const struct sim_host *h)
{
	const struct sim_wish *a = &h->conf, *b = &h->wish;
	bool there = h->open || h->died;

	return there == b->member &&
	       (!there || (same_content(a, b) && a->prio == b->prio &&
			   a->preempt == b->preempt &&
			   a->delay_us == b->delay_us));
}

/* Nothing is left of an earlier life. */
static void
forget(struct sim_host *h)
{
	h->addresses = h->announcing = h->died = false;
	if (h->slot)
		memset(h->slot, 0, sizeof *h->slot);
}

/* A process that respawns disturbs nothing that is settled. */
static void
disturb(const struct node *n)
{
	for (unsigned v = 0; v < n->w->nvrs; v++) {
		if (!n->quiet || !n->w->judge[v].settled)
			judge_impulse(n->w, (int)v);
	}
}

void
life_boot(struct node *n)
{
	TRACE(n->w, n, "starts");
	for (unsigned v = 0; v < n->w->nvrs; v++)
		n->quiet = n->quiet && unchanged(&n->h[v]);
	disturb(n);
	n->running = true;
	n->life++;
	n->link_seen = !n->link_cut;
	n->ts = (struct timers){ 0 };
	n->read = n->stray = n->ended = 0;
	n->busy_until = n->w->now;
	timer_init(&n->look, on_look);
	free(n->conf);
	n->conf = compile(n);
	for (unsigned v = 0; v < n->w->nvrs; v++) {
		if (n->h[v].wish.member)
			open_host(&n->h[v], node_clock(n));
		else
			forget(&n->h[v]);
	}
	node_schedule(n);
}

static void
empty(struct node *n)
{
	for (unsigned f = 0; f < 2; f++) {
		struct sim_queue *q = &n->q[f];

		for (; q->n; q->n--) {
			wire_release(n->w, q->slot[q->head].p);
			q->head = (q->head + 1) % SIM_QUEUE;
		}
	}
}

static void
end(struct node *n)
{
	oracle_counters(n);
	empty(n);
	n->running = false;
	n->wake_at = SIM_NEVER;
	for (unsigned v = 0; v < n->w->nvrs; v++) {
		struct sim_host *h = &n->h[v];

		h->died = h->open;
		h->open = false;
		h->ready_dead = h->ready_was;
		h->prio_dead = h->o.prio;
	}
}

void
life_end(struct node *n, bool power)
{
	judge_impulse(n->w, -1);
	n->quiet = false;
	if (n->running) {
		TRACE(n->w, n, power ? "loses power" : "is killed");
		end(n);
	}
	for (unsigned v = 0; v < n->w->nvrs && power; v++)
		forget(&n->h[v]);
	judge_impulse(n->w, -1);
}

void
life_respawn(struct node *n)
{
	TRACE(n->w, n, "dies and respawns");
	n->quiet = true;
	disturb(n);
	end(n);
}

void
life_stop(struct node *n)
{
	if (!n->running) {		/* what it left is removed */
		life_end(n, true);
		return;
	}
	TRACE(n->w, n, "is stopped");
	node_wake(n);
	judge_impulse(n->w, -1);
	for (unsigned v = 0; v < n->w->nvrs; v++) {
		if (n->h[v].open)
			close_host(&n->h[v], node_clock(n));
	}
	life_end(n, false);
}

/* ---- reload ---- */

static void
conf_host(struct sim_host *h, struct mono now)
{
	struct node *n = h->node;
	bool same = same_content(&h->conf, &h->wish);

	if (h->conf.version != h->wish.version)
		kept_rename(h->slot, &n->conf->instance[h->v]);
	oracle_reconf(h, &h->wish, now);
	h->conf = h->wish;
	judge_wish(n->w, h->v);
	instance_reconf(&h->in, n->conf, &n->conf->instance[h->v], now);
	if (!same)
		instance_content(&h->in, now);
	life_touch(n, h->v);
}

void
life_reload(struct node *n)
{
	if (!n->running || n->hangs)
		return;
	struct vrrp_conf *old = n->conf;

	node_wake(n);
	struct mono now = node_clock(n);

	TRACE(n->w, n, "reloads");
	n->conf = compile(n);
	for (unsigned v = 0; v < n->w->nvrs; v++) {
		struct sim_host *h = &n->h[v];
		bool news = !unchanged(h);

		if (news)
			judge_impulse(n->w, (int)v);
		if (h->open && !h->wish.member)
			close_host(h, now);
		else if (h->open)
			conf_host(h, now);
		else if (h->wish.member)
			open_host(h, now);
		if (news)
			judge_impulse(n->w, (int)v);
	}
	free(old);
	for (unsigned v = 0; v < n->w->nvrs; v++) {
		if (n->h[v].open)
			oracle_after(&n->h[v], now);
	}
	node_schedule(n);
}

/* ---- the operator: the verb `switchover` ---- */

static bool
beaten(const struct instance *in, struct mono now)
{
	const struct instance_heard *heard = &in->heard[in->last_heard];

	if (!in->any_heard ||
	    mono_diff_us(now, heard->at) > instance_down_us(in))
		return false;
	return fsm_classify(in->prio, &in->source, in->preempt, heard->prio,
			    &heard->addr) == FSM_EV_ADV_BETTER;
}

void
life_switch(struct node *n, unsigned v)
{
	struct sim_host *h = &n->h[v];

	if (!n->running || n->hangs || !h->open)
		return;
	node_wake(n);
	struct mono now = node_clock(n);

	if (h->in.state == FSM_MASTER && !instance_is_owner(&h->in)) {
		TRACE(n->w, n, "vr%u: switchover, gives way", v);
		judge_impulse(n->w, (int)v);
		oracle_gave_way(h, now);
		instance_event(&h->in, FSM_EV_GIVE_WAY, now);
	} else if (h->in.state == FSM_BACKUP && !beaten(&h->in, now)) {
		TRACE(n->w, n, "vr%u: switchover, takes over", v);
		judge_impulse(n->w, (int)v);
		oracle_took_over(h, now);
		instance_event(&h->in, FSM_EV_TAKE_OVER, now);
	}
	oracle_after(h, now);
	node_schedule(n);
}
