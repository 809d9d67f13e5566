/* SPDX-License-Identifier: MIT */
/* address.c -- sets of virtual addresses: up, down, and kept there. */
#include "address.h"

#include <errno.h>
#include <linux/if.h>
#include <linux/if_addr.h>
#include <string.h>

#include "address_msg.h"
#include "address_place.h"
#include "vrrp_log.h"
#include "vrrp_pools.h"

/* What is not in the table of links can't be kept, nor cleaned up after a crash. */
_Static_assert(CONFIG_LINK_ADDRS > CONFIG_VRRP_VIPS,
	       "CONFIG_LINK_ADDRS must hold CONFIG_VRRP_VIPS and the interfaces' own addresses");

/* ---- slots ---- */

static bool
shared_link(const struct link *l)
{
	for (uint32_t i = 0; i < address_pool_end(); i++) {
		const struct address *a = address_pool_at(i);
		if (a && a->link == l)
			return true;
	}
	return false;
}

/* Frees a slot that is in no set. */
static void
release(struct addresses *all, struct address *a)
{
	struct address **at = &all->hash[address_place_bucket(&a->vip.addr)];
	struct link *l = a->link;

	while (*at != a)
		at = &(*at)->next_hash;
	*at = a->next_hash;
	pool_put(address, a);
	if (!shared_link(l))
		address_place_untune(all, l);
	link_unwatch(all->links, l);
}

/* Frees the slots that left their set and are no longer in the kernel. */
static void
release_left(struct addresses *all)
{
	for (uint32_t i = 0; i < address_pool_end(); i++) {
		struct address *a = address_pool_at(i);
		if (a && !a->set && !a->there)
			release(all, a);
	}
}

static struct address *
new_slot(struct address_set *s, const struct vrrp_conf_vip *vip, struct mono now)
{
	struct addresses *all = s->all;
	struct address *a = pool_get(address);

	/* A reload may have the old addresses in all slots that the new need. */
	if (!a) {
		address_sweep(all, now);
		a = pool_get(address);
	}
	if (!a)
		return NULL;
	a->link = link_watch(all->links, vip->dev);
	if (!a->link) {
		pool_put(address, a);
		return NULL;
	}
	address_place_retune(all, a->link);
	a->vip = *vip;
	a->set = s;
	a->wanted = s->up;
	struct address **bucket = &all->hash[address_place_bucket(&vip->addr)];
	a->next_hash = *bucket;
	*bucket = a;
	return a;
}

/* Takes the slot of exactly this address out of the list; NULL: it has none. */
static struct address *
take_same(struct address **at, const struct vrrp_conf_vip *vip)
{
	for (; *at; at = &(*at)->next) {
		struct address *a = *at;
		if (!address_place_same_vip(&a->vip, vip))
			continue;
		*at = a->next;
		return a;
	}
	return NULL;
}

int
address_set_apply(struct address_set *s, const struct vrrp_conf_vip *vips, unsigned n,
		  struct mono now)
{
	struct address *old = s->first, **tail = &s->first;
	int error = 0;

	s->first = NULL;
	s->n = 0;
	address_place_begin(s->all, ADDRESS_FIRST, now);
	/* What stays first, so that what goes is known when slots are short. */
	struct address *kept = NULL, **kept_tail = &kept;
	for (unsigned i = 0; i < n; i++) {
		struct address *a = take_same(&old, &vips[i]);
		if (!a)
			continue;
		*kept_tail = a;
		kept_tail = &a->next;
		*kept_tail = NULL;
	}
	while (old) {
		struct address *a = old;
		old = a->next;
		s->nthere = (uint16_t)(s->nthere - a->there);
		a->set = NULL;
		a->wanted = false;
		a->due = false;
	}
	for (unsigned i = 0; i < n; i++) {
		struct address *a = take_same(&kept, &vips[i]);
		if (!a)
			a = new_slot(s, &vips[i], now);
		if (!a) {
			error = -ENOSPC;
			continue;
		}
		a->vip.advertised = vips[i].advertised;
		*tail = a;
		tail = &a->next;
		*tail = NULL;
		s->n++;
	}
	if (s->up)
		address_up(s, false, now);
	return error;
}

void
address_sweep(struct addresses *all, struct mono now)
{
	address_place_begin(all, ADDRESS_FIRST, now);
	for (uint32_t i = 0; i < address_pool_end(); i++) {
		struct address *a = address_pool_at(i);
		if (!a || a->set || !a->there)
			continue;
		struct address *t = address_place_twin(all, a);
		if (a->foreign || (t && t->wanted))
			address_place_there(a, false);
		else
			address_place_delete(all, a);
	}
	address_place_end(all);
	release_left(all);
}

/* ---- up and down ---- */

void
address_up(struct address_set *s, bool resume, struct mono now)
{
	s->up = true;
	address_place_begin(s->all, resume ? ADDRESS_RESUME : ADDRESS_FIRST, now);
	for (struct address *a = s->first; a; a = a->next) {
		if (!a->wanted)
			a->fights = 0;
		a->wanted = true;
		if (!a->there)
			address_place_add(s->all, a);
	}
	address_place_end(s->all);
}

void
address_down(struct address_set *s, struct mono now)
{
	s->up = false;
	address_place_begin(s->all, ADDRESS_FIRST, now);
	for (struct address *a = s->first; a; a = a->next) {
		a->wanted = false;
		a->due = false;
		a->err = 0;
		if (a->there && a->foreign)
			address_place_there(a, false);
		else if (a->there)
			address_place_delete(s->all, a);
	}
	address_place_end(s->all);
}

void
address_clean(struct address_set *s, struct mono now)
{
	struct addresses *all = s->all;
	char text[NET_ADDR_TEXT];

	address_place_begin(all, ADDRESS_FIRST, now);
	for (struct address *a = s->first; a; a = a->next) {
		const struct link_addr *la =
			link_find_addr(a->link, &a->vip.addr, a->vip.prefixlen);
		if (!la || a->wanted || address_place_twin(all, a))
			continue;
		bool left = all->knows_proto ? la->proto == ADDRESS_MSG_PROTO : !s->owner;
		net_addr_text(&a->vip.addr, text);
		if (left) {
			log_put(VRRP_LOG_VIP_LEFT, s->name, text,
				(unsigned)a->vip.prefixlen, a->link->name);
			address_place_there(a, true);
			address_place_delete(all, a);
		} else {
			log_put(VRRP_LOG_VIP_FOREIGN, s->name, text,
				(unsigned)a->vip.prefixlen, a->link->name);
		}
	}
	address_place_end(all);
}

/* ---- keeping them there ---- */

static struct address *
find_slot(const struct addresses *all, const struct link_addr *la)
{
	struct address *a = all->hash[address_place_bucket(&la->addr)];

	while (a && (a->link != la->link || a->vip.prefixlen != la->prefixlen ||
		     net_addr_cmp(&a->vip.addr, &la->addr) != 0))
		a = a->next_hash;
	return a;
}

bool
address_is_ours(const void *arg, const struct link_addr *la)
{
	const struct addresses *all = arg;

	if (la->proto == ADDRESS_MSG_PROTO)
		return true;
	if (all->knows_proto)
		return false;
	const struct address *a = find_slot(all, la);
	return a && !a->foreign && (a->there || !a->set || !a->set->owner);
}

/* Someone removed it: at once the first time, later and later if he insists. */
static void
lost(struct addresses *all, struct address *a, struct mono now)
{
	int64_t pause_us = 0;

	address_place_there(a, false);
	if (a->link->ifindex != 0)
		a->ifindex = 0;
	if (!a->wanted || a->link->ifindex == 0)
		return;
	a->removed = a->link->flags & IFF_UP;	/* IPv6 addresses leave with it */
	if (mono_diff_us(now, a->placed) > ADDRESS_QUIET_US)
		a->fights = 0;
	if (a->fights > 0)
		pause_us = ADDRESS_PAUSE_US << (a->fights < 16 ? a->fights - 1 : 15);
	if (pause_us > ADDRESS_PAUSE_MAX_US)
		pause_us = ADDRESS_PAUSE_MAX_US;
	address_place_due(all, a, mono_add(now, pause_us));
}

static void
on_addr_gone(struct link_sub *sub, struct link *l, const struct link_addr *la,
	     struct mono now)
{
	struct addresses *all = container_of(sub, struct addresses, sub);

	for (struct address *a = all->hash[address_place_bucket(&la->addr)]; a;
	     a = a->next_hash) {
		if (a->link == l && a->there && a->vip.prefixlen == la->prefixlen &&
		    net_addr_cmp(&a->vip.addr, &la->addr) == 0)
			lost(all, a, now);
	}
}

static void
on_addr_set(struct link_sub *sub, struct link *l, const struct link_addr *la,
	    struct mono now)
{
	struct addresses *all = container_of(sub, struct addresses, sub);
	const struct address *a = la->flags & IFA_F_DADFAILED ? find_slot(all, la) : NULL;
	char text[NET_ADDR_TEXT];

	(void)now;
	if (a && a->wanted && a->set)
		log_put(VRRP_LOG_VIP_DAD, a->set->name, net_addr_text(&la->addr, text),
			(unsigned)la->prefixlen, l->name);
}

static void
on_changed(struct link_sub *sub, struct link *l, unsigned what, struct mono now)
{
	struct addresses *all = container_of(sub, struct addresses, sub);

	for (uint32_t i = 0; i < address_pool_end(); i++) {
		struct address *a = address_pool_at(i);
		if (!a || a->link != l)
			continue;
		if (what & LINK_GONE)
			a->removed = false;	/* it went with its interface */
		if (what & LINK_GONE && a->ifindex != l->ifindex && a->ifindex != 0) {
			a->stray = a->ifindex;
			a->ifindex = 0;
			address_place_due(all, a, now);
		}
		if (what & LINK_GONE && l->ifindex == 0)
			address_place_there(a, false);
		if (what & (LINK_APPEARED | LINK_USABLE) && l->ifindex != 0 &&
		    a->wanted && !a->there)
			address_place_due(all, a, now);
	}
}

/* Events were lost: a removal and the addition before it leave no trace. */
static void
on_resynced(struct link_sub *sub, struct mono now)
{
	struct addresses *all = container_of(sub, struct addresses, sub);

	for (uint32_t i = 0; i < address_pool_end(); i++) {
		struct address *a = address_pool_at(i);
		if (a && a->there && a->link->ifindex != 0 &&
		    !link_find_addr(a->link, &a->vip.addr, a->vip.prefixlen))
			lost(all, a, now);
	}
}

/* Puts right what is due; what isn't yet keeps the timer. */
static void
on_restore(struct timer *t, struct mono now)
{
	struct addresses *all = container_of(t, struct addresses, restore);
	struct mono next = MONO_NEVER;

	address_place_begin(all, ADDRESS_AGAIN, now);
	for (uint32_t i = 0; i < address_pool_end(); i++) {
		struct address *a = address_pool_at(i);
		if (a && a->stray)
			address_place_delete_stray(all, a);
		if (!a || !a->due)
			continue;
		if (mono_before(now, a->retry)) {
			if (mono_before(a->retry, next))
				next = a->retry;
			continue;
		}
		a->due = false;
		if (a->wanted && !a->there)
			address_place_add(all, a);
		else if (!a->wanted && a->there)
			address_place_delete(all, a);
	}
	address_place_end(all);
	release_left(all);
	if (!mono_is_never(next) && (!t->armed || mono_before(next, t->at)))
		timer_arm(all->timers, t, next);
}

/* ---- life ---- */

void
address_set_init(struct address_set *s, struct addresses *all, const char *name,
		 void (*restored)(struct address_set *, struct address *, struct mono))
{
	memset(s, 0, sizeof *s);
	s->all = all;
	s->name = name;
	s->restored = restored;
}

void
address_open(struct addresses *all, struct netlink *nl, struct links *links,
	     struct timers *timers)
{
	memset(all, 0, sizeof *all);
	all->nl = nl;
	all->links = links;
	all->timers = timers;
	all->sub.changed = on_changed;
	all->sub.addr_set = on_addr_set;
	all->sub.addr_gone = on_addr_gone;
	all->sub.resynced = on_resynced;
	timer_init(&all->restore, on_restore);
	address_place_init(all);
	link_subscribe(links, &all->sub);
}

void
address_keep(struct addresses *all, struct address_tuned *kept)
{
	all->kept = kept;
}

void
address_close(struct addresses *all)
{
	link_unsubscribe(all->links, &all->sub);
	timer_stop(all->timers, &all->restore);
	for (uint32_t i = 0; i < address_pool_end(); i++) {
		struct address *a = address_pool_at(i);
		if (a)
			release(all, a);
	}
}
