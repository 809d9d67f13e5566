/* SPDX-License-Identifier: MIT */
/* router.c -- what links and addresses do becomes conditions, what the
 * instance does becomes packets and requests. */
#include "router.h"

#include <string.h>

#include "router_look.h"
#include "vrrp_log.h"
#include "vrrp_pools.h"

#define NOTES_US	(60 * (int64_t)MONO_US_PER_S)

static struct router *
router_of(struct instance *in)
{
	return container_of(in, struct router, in);
}

struct router *
router_at(unsigned i)
{
	for (uint32_t slot = 0; slot < router_pool_end(); slot++) {
		struct router *r = router_pool_at(slot);

		if (r && !i--)
			return r;
	}
	return NULL;
}

struct router *
router_by_name(const char *name)
{
	for (uint32_t slot = 0; slot < router_pool_end(); slot++) {
		struct router *r = router_pool_at(slot);

		if (r && !strcmp(r->in.conf->name, name))
			return r;
	}
	return NULL;
}

bool
router_is(const struct router *r, const struct vrrp_conf_instance *conf)
{
	return r->in.conf->vrid == conf->vrid &&
	       r->in.conf->family == conf->family &&
	       !strcmp(r->link->name, conf->interface);
}

/* ---- the instance's port ---- */

static int
port_send(struct instance *in, const struct net_addr *dst, const void *msg,
	  size_t len)
{
	struct router *r = router_of(in);
	uint8_t ttl = in->conf->peers.n ? (uint8_t)in->conf->unicast_ttl :
					  ADV_TTL_SENT;
	uint32_t held;

	if (!r->sock)
		return -1;
	int err = socket_send(r->sock, &in->source, dst, ttl, msg, len);

	if (err && log_allowed(&r->sends, r->all->loop->now, ROUTER_LINES,
			       ROUTER_LINES_US, &held))
		log_put(VRRP_LOG_SEND, in->conf->name, in->conf->interface,
			strerror(-err), held);
	return err;
}

static bool
port_waiting(struct instance *in)
{
	const struct router *r = router_of(in);

	return r->sock && socket_waiting(r->sock);
}

static void
port_addresses(struct instance *in, bool on, struct mono now)
{
	struct router *r = router_of(in);

	if (on && in->resume == FSM_MASTER) {
		address_up(&r->vips, true, now);
		announce_resume(&r->announce, now);
	} else if (on)
		address_up(&r->vips, false, now);
	else
		address_down(&r->vips, now);
}

static void
port_announce(struct instance *in, enum instance_announce what, struct mono now)
{
	struct router *r = router_of(in);

	switch (what) {
	case INSTANCE_ANNOUNCE_BEGIN:
		announce_start(&r->announce, now);
		return;
	case INSTANCE_ANNOUNCE_AGAIN:
		announce_lower(&r->announce, now);
		return;
	case INSTANCE_ANNOUNCE_STOP:
		announce_stop(&r->announce);
		return;
	}
}

static void
port_changed(struct instance *in, const struct history_record *rec,
	     struct mono now)
{
	struct router *r = router_of(in);

	r->all->changed(r, rec, now);
}

static void
port_settled(struct instance *in, struct mono now)
{
	struct router *r = router_of(in);

	if (r->kept)
		kept_save(r->kept, in, now);
}

static void
port_heard(struct instance *in, struct mono now)
{
	const struct router *r = router_of(in);

	(void)now;
	if (r->kept)
		kept_heard(r->kept, in);
}

/* A drop or a strange packet is logged a few times, then only counted. */
static void
port_noted(struct instance *in, enum adv_verdict verdict, unsigned notes,
	   const struct adv *adv, const struct adv_meta *meta, struct mono now)
{
	struct router *r = router_of(in);
	char from[NET_ADDR_TEXT];
	uint32_t held;

	(void)adv;
	net_addr_text(&meta->src, from);
	if (verdict != ADV_OK) {
		if (log_allowed(&r->drops, now, ROUTER_LINES, ROUTER_LINES_US, &held))
			log_put(VRRP_LOG_DROP, in->conf->name, from,
				adv_verdict[verdict].name,
				adv_verdict[verdict].sentence, held);
		return;
	}
	if (!log_allowed(&r->notes, now, 1, NOTES_US, &held))
		return;
	for (unsigned i = 0; i < ADV_NOTE__N; i++) {
		if (notes >> i & 1)
			log_put(VRRP_LOG_STRANGE, in->conf->name, from,
				adv_note[i].sentence, held);
	}
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

/* ---- looking at what is dirty ---- */

static void
on_look(struct timer *t, struct mono now)
{
	(void)t;
	for (uint32_t slot = 0; slot < router_pool_end(); slot++) {
		struct router *r = router_pool_at(slot);

		if (r && r->dirty)
			router_look(r, now);
	}
}

void
router_touch(struct router *r)
{
	r->dirty = true;
	if (!r->all->look.armed)
		timer_arm(&r->all->loop->timers, &r->all->look,
			  r->all->loop->now);
}

static void
touch_all(void)
{
	for (uint32_t slot = 0; slot < router_pool_end(); slot++) {
		struct router *r = router_pool_at(slot);

		if (r)
			router_touch(r);
	}
}

static void
on_retry(struct timer *t, struct mono now)
{
	(void)t;
	(void)now;
	touch_all();
}

void
router_hold(struct routers *w, int64_t us, struct mono now)
{
	if (us)
		timer_arm(&w->loop->timers, &w->hold, mono_add(now, us));
}

/* ---- the kernel's events ---- */

static bool
tracks(const struct router *r, const struct link *l)
{
	const struct vrrp_conf_range *range = &r->in.conf->tracks;

	for (unsigned i = 0; i < range->n; i++) {
		if (!strcmp(r->in.all->track[range->first + i].dev, l->name))
			return true;
	}
	return false;
}

static void
on_link(struct link_sub *s, struct link *l, unsigned what, struct mono now)
{
	(void)s;
	for (uint32_t slot = 0; slot < router_pool_end(); slot++) {
		struct router *r = router_pool_at(slot);

		if (!r || (r->link != l && !tracks(r, l)))
			continue;
		router_touch(r);
		if (r->link != l)
			continue;
		if (what & LINK_USABLE && l->usable && r->sock &&
		    r->sock->ifindex == l->ifindex)
			socket_rejoin(r->sock);
		if (what & LINK_MAC && r->in.state == FSM_MASTER)
			announce_now(&r->announce, now);
	}
}

static void
touch_users(const struct link *l)
{
	for (uint32_t slot = 0; slot < router_pool_end(); slot++) {
		struct router *r = router_pool_at(slot);

		if (r && r->link == l)
			router_touch(r);
	}
}

static void
on_addr(struct link_sub *s, struct link *l, const struct link_addr *a,
	struct mono now)
{
	const struct routers *w = container_of(s, struct routers, sub);

	(void)now;
	if (!address_is_ours(&w->addresses, a))
		touch_users(l);
}

static void
on_restored(struct address_set *s, struct address *a, struct mono now)
{
	struct router *r = container_of(s, struct router, vips);

	r->in.stats.restored++;
	if (r->in.state == FSM_MASTER)
		announce_one(&r->announce, a, now);
}

/* ---- life ---- */

int
router_world_open(struct routers *w, struct loop *loop, int packets)
{
	w->loop = loop;
	timer_init(&w->look, on_look);
	timer_init(&w->retry, on_retry);
	timer_init(&w->hold, on_retry);
	int err = netlink_open(&w->nl, NETLINK_ROUTE);

	if (!err)
		err = link_open(&w->links, &w->nl, loop, 0);
	if (!err)
		err = announce_open(&w->announcer, &loop->timers, packets);
	if (err)
		return err;
	address_open(&w->addresses, &w->nl, &w->links, &loop->timers);
	w->sub = (struct link_sub){
		.changed = on_link, .addr_set = on_addr, .addr_gone = on_addr,
	};
	link_subscribe(&w->links, &w->sub);
	return 0;
}

void
router_world_close(struct routers *w)
{
	timer_stop(&w->loop->timers, &w->look);
	timer_stop(&w->loop->timers, &w->retry);
	timer_stop(&w->loop->timers, &w->hold);
	link_unsubscribe(&w->links, &w->sub);
	address_close(&w->addresses);
	announce_close(&w->announcer);
	link_close(&w->links);
	netlink_close(&w->nl);
}

static void
watch_tracks(struct routers *w, const struct vrrp_conf *all,
	     const struct vrrp_conf_instance *conf)
{
	for (unsigned i = 0; i < conf->tracks.n; i++) {
		if (!link_watch(&w->links,
				all->track[conf->tracks.first + i].dev))
			log_put(VRRP_LOG_POOL, conf->name, "CONFIG_LINKS");
	}
}

static void
unwatch_tracks(struct routers *w, const struct vrrp_conf *all,
	       const struct vrrp_conf_instance *conf)
{
	for (unsigned i = 0; i < conf->tracks.n; i++) {
		const char *dev = all->track[conf->tracks.first + i].dev;

		link_unwatch(&w->links, link_by_name(&w->links, dev));
	}
}

static void
apply_vips(struct router *r, struct mono now)
{
	unsigned n;
	const struct vrrp_conf_vip *vip = instance_vips(&r->in, &n);

	if (address_set_apply(&r->vips, vip, n, now))
		log_put(VRRP_LOG_POOL, r->in.conf->name,
			"CONFIG_VRRP_VIPS or CONFIG_LINKS");
}

/* An earlier life may have kept its state; addresses it left stay only while this one
 * may still be MASTER. */
static void
take_up(struct router *r, struct mono now)
{
	int64_t sent_us = 0;

	r->kept = kept_claim(r->in.conf, false);
	if (r->kept) {
		const char *damaged = kept_damaged(r->kept);
		enum fsm_state state = kept_load(r->kept, &r->in, &sent_us);

		if (damaged)
			log_put(VRRP_LOG_DAMAGED, r->in.conf->name, damaged);

		instance_resume(&r->in, state, (struct mono){ .us = sent_us });
	}
	r->unclean = true;
	if (!instance_may_adopt(&r->in, now))
		router_clean(r, now);
}

void
router_clean(struct router *r, struct mono now)
{
	if (!r->unclean)
		return;
	r->unclean = false;
	if (r->in.state != FSM_MASTER)
		address_clean(&r->vips, now);
}

struct router *
router_open(struct routers *w, const struct vrrp_conf *all,
	    const struct vrrp_conf_instance *conf, struct mono now)
{
	struct router *r = pool_get(router);
	struct link *l = r ? link_watch(&w->links, conf->interface) : NULL;

	if (!l) {
		log_put(VRRP_LOG_POOL, conf->name,
			r ? "CONFIG_LINKS" : "CONFIG_VRRP_INSTANCES");
		if (r)
			pool_put(router, r);
		return NULL;
	}
	r->all = w;
	r->link = l;
	r->named = true;
	instance_init(&r->in, all, conf, &port, &w->loop->timers, now);
	address_set_init(&r->vips, &w->addresses, conf->name, on_restored);
	r->vips.owner = instance_is_owner(&r->in);
	announce_init(&r->announce, &w->announcer, &r->vips);
	announce_conf(&r->announce, conf, now);
	r->announce.total = &r->in.stats.announced;
	watch_tracks(w, all, conf);
	apply_vips(r, now);
	take_up(r, now);
	router_touch(r);
	return r;
}

/* What the advert says beyond priority and addresses. */
static bool
same_content(const struct vrrp_conf_instance *a, const struct vrrp_conf *all_a,
	     const struct vrrp_conf_instance *b, const struct vrrp_conf *all_b)
{
	if (a->version != b->version || a->nadvertised != b->nadvertised ||
	    a->advert_us != b->advert_us || a->auth != b->auth ||
	    memcmp(a->auth_data, b->auth_data, sizeof a->auth_data))
		return false;
	for (unsigned i = 0; i < a->nadvertised; i++) {
		if (net_addr_cmp(&all_a->vip[a->vips.first + i].addr,
				 &all_b->vip[b->vips.first + i].addr))
			return false;
	}
	return true;
}

/* Addresses that this reload brought are announced on their own. */
static void
announce_new(struct router *r, struct mono now)
{
	if (r->in.state != FSM_MASTER)
		return;
	for (struct address *a = r->vips.first; a; a = a->next) {
		if (a->there && a->placed.us == now.us)
			announce_one(&r->announce, a, now);
	}
}

void
router_conf(struct router *r, const struct vrrp_conf *all,
	    const struct vrrp_conf_instance *conf, struct mono now)
{
	const struct vrrp_conf_instance *old = r->in.conf;
	const struct vrrp_conf *old_all = r->in.all;
	bool same = same_content(old, old_all, conf, all);

	r->named = true;
	if (r->kept && old->version != conf->version)
		kept_rename(r->kept, conf);
	instance_reconf(&r->in, all, conf, now);
	r->vips.name = conf->name;
	r->vips.owner = instance_is_owner(&r->in);
	watch_tracks(r->all, all, conf);	/* before the old are let go */
	unwatch_tracks(r->all, old_all, old);
	apply_vips(r, now);
	announce_conf(&r->announce, conf, now);
	announce_new(r, now);
	if (!same)
		instance_content(&r->in, now);
	router_touch(r);
}

void
router_close(struct router *r, struct mono now)
{
	/* The set is emptied first: what it held leaves with address_sweep(),
	 * unless another virtual router wants it by then. */
	int none = address_set_apply(&r->vips, NULL, 0, now);

	assert(!none);			/* nothing is added, no pool is asked */
	if (r->in.state != FSM_INIT)
		instance_event(&r->in, FSM_EV_SHUTDOWN, now);
	announce_stop(&r->announce);
	timer_stop(&r->all->loop->timers, &r->in.adv_timer);
	timer_stop(&r->all->loop->timers, &r->in.down_timer);
	timer_stop(&r->all->loop->timers, &r->in.delay_timer);
	unwatch_tracks(r->all, r->in.all, r->in.conf);
	router_look_end(r);
	link_unwatch(&r->all->links, r->link);
	if (r->kept)
		kept_free(r->kept);
	pool_put(router, r);
}
