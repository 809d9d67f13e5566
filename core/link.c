/* SPDX-License-Identifier: MIT */
/* link.c -- the table follows the kernel in two steps: a message changes the
 * table and marks what is fresh (link_table.h), then tell() tells the subscribers.  A dump does the
 * first for all of its messages before anybody is told, so that callbacks never run
 * inside a dump.
 */
#include "link.h"

#include <errno.h>
#include <linux/if.h>
#include <linux/if_addr.h>
#include <linux/if_arp.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <string.h>

#include "core_log.h"
#include "core_pools.h"
#include "link_table.h"
#include "strfmt.h"

#define AGAIN_MS	100		/* after a dump that failed, or found no room */

/* ---- finding ---- */

static uint32_t
name_bucket(const char *name)
{
	uint32_t h = 0;
	for (; *name; name++)
		h = h * 31 + (uint8_t)*name;
	return h % LINK_HASH;
}

struct link *
link_by_index(const struct links *ls, uint32_t ifindex)
{
	struct link *l = ls->by_index[ifindex % LINK_HASH];
	while (l && l->ifindex != ifindex)
		l = l->next_index;
	return l;
}

struct link *
link_by_name(const struct links *ls, const char *name)
{
	struct link *l = ls->by_name[name_bucket(name)];
	while (l && strcmp(l->name, name) != 0)
		l = l->next_name;
	return l;
}

const struct link_addr *
link_find_addr(const struct link *l, const struct net_addr *addr, uint8_t prefixlen)
{
	for (const struct link_addr *a = l->addrs; a; a = a->next) {
		if (a->prefixlen == prefixlen && net_addr_cmp(&a->addr, addr) == 0)
			return a;
	}
	return NULL;
}

/* How little `a` is a router's source address; 0: it can't be. */
static unsigned
source_rank(const struct link_addr *a, uint8_t family)
{
	if (a->addr.family != family)
		return 0;
	if (family == AF_INET6) {
		if (a->flags & IFA_F_DADFAILED || !net_addr_is_link_local(&a->addr))
			return 0;
		return a->flags & IFA_F_TENTATIVE && !(a->flags & IFA_F_OPTIMISTIC) ?
			0 : 1;
	}
	return 1u + 2u * a->scope + (a->flags & IFA_F_SECONDARY ? 1 : 0);
}

const struct link_addr *
link_source(const struct link *l, uint8_t family,
	    bool (*ours)(const void *arg, const struct link_addr *a), const void *arg)
{
	const struct link_addr *best = NULL;
	unsigned best_rank = 0;

	for (const struct link_addr *a = l->addrs; a; a = a->next) {
		unsigned rank = source_rank(a, family);
		if (rank == 0 || (best && rank >= best_rank) || (ours && ours(arg, a)))
			continue;
		best = a;
		best_rank = rank;
	}
	return best;
}

bool
link_has_arp(const struct link *l)
{
	return l->has_mac && l->type == ARPHRD_ETHER &&
	       !(l->flags & (IFF_NOARP | IFF_LOOPBACK));
}

/* ---- telling ---- */

static void
log_change(const struct link *l, unsigned what)
{
	if (what & (LINK_APPEARED | LINK_GONE | LINK_USABLE))
		log_put(CORE_LOG_LINK_STATE, l->name, l->ifindex,
			l->ifindex == 0 ? "is gone" : l->usable ? "is usable" :
			"is there, but down or without carrier");
}

static void
tell_changed(struct links *ls, struct link *l, struct mono now)
{
	unsigned what = l->fresh;

	l->fresh = 0;
	log_change(l, what);
	l->refs++;			/* a callback may unwatch it */
	for (struct link_sub *s = ls->subs; s; s = ls->walk) {
		ls->walk = s->next;
		if (s->changed)
			s->changed(s, l, what, now);
	}
	link_unwatch(ls, l);
}

static void
tell_addr(struct links *ls, struct link *l, const struct link_addr *a, bool gone,
	  struct mono now)
{
	l->refs++;
	for (struct link_sub *s = ls->subs; s; s = ls->walk) {
		ls->walk = s->next;
		if (gone && s->addr_gone)
			s->addr_gone(s, l, a, now);
		else if (!gone && s->addr_set)
			s->addr_set(s, l, a, now);
	}
	link_unwatch(ls, l);
}

/* Tells the fresh addresses of slot `i`, one by one: a callback may unwatch. */
static void
tell_addrs(struct links *ls, uint32_t i, struct mono now)
{
	struct link *l;

	while ((l = link_pool_at(i)) && l->nfresh > 0) {
		struct link_addr *a = l->addrs;
		while (!a->fresh)
			a = a->next;
		a->fresh = false;
		l->nfresh--;
		tell_addr(ls, l, a, false, now);
	}
}

/* There is room again for what the full table left out: it is read anew. */
static void
make_up(struct links *ls, struct mono now)
{
	if (!ls->missing)
		return;
	ls->missing = false;
	timer_arm(&ls->loop->timers, &ls->again,
		  mono_add(now, AGAIN_MS * MONO_US_PER_MS));
}

static void
tell(struct links *ls, struct mono now)
{
	ls->telling = true;
	while (ls->dirty) {
		ls->dirty = false;
		if (ls->has_unheld) {
			const struct link_addr a = ls->unheld;
			ls->has_unheld = false;
			tell_addr(ls, a.link, &a, true, now);
		}
		while (ls->gone) {
			struct link_addr *a = ls->gone;
			ls->gone = a->next;
			tell_addr(ls, a->link, a, true, now);
			pool_put(link_addr, a);
			make_up(ls, now);
		}
		for (uint32_t i = 0; i < link_pool_end(); i++) {
			struct link *l = link_pool_at(i);
			if (l && l->fresh)
				tell_changed(ls, l, now);
			tell_addrs(ls, i, now);
		}
	}
	ls->telling = false;
}

/* ---- asking the kernel ---- */

static void
on_dump(struct netlink_dump *d, const struct nlmsghdr *h)
{
	link_table_apply(container_of(d, struct links, dump), h);
}

/* Each attempt counts anew what it has seen. */
static void
on_dump_begin(struct netlink_dump *d)
{
	container_of(d, struct links, dump)->mark++;
}

static int
dump_addrs(struct links *ls, uint8_t family, uint32_t ifindex)
{
	struct nlmsghdr *h = netlink_begin(ls->nl, RTM_GETADDR, 0);
	struct ifaddrmsg *ifa = nlmsg_put_header(h, sizeof *ifa);

	ifa->ifa_family = family;
	ifa->ifa_index = ifindex;
	return netlink_dump(ls->nl, &ls->dump);
}

/* What the last dump of addresses of `family` did not see on `l` is no more. */
static void
sweep_addrs(struct links *ls, struct link *l, uint8_t family)
{
	for (struct link_addr **at = &l->addrs; *at; ) {
		if ((*at)->addr.family == family && (*at)->mark != ls->mark)
			link_table_drop(ls, at);
		else
			at = &(*at)->next;
	}
}

static const uint8_t family[] = { AF_INET, AF_INET6 };

/* The addresses of one link, or of all (NULL); 0 or -errno. */
static int
read_addrs(struct links *ls, struct link *only)
{
	int error = 0;

	for (unsigned f = 0; f < PORT_ARRAY_SIZE(family) && error == 0; f++) {
		error = dump_addrs(ls, family[f], only ? only->ifindex : 0);
		/* ENODEV: gone in the meantime, as an event will say. */
		for (uint32_t i = 0; error == 0 && i < link_pool_end(); i++) {
			struct link *l = link_pool_at(i);
			if (l && (!only || l == only))
				sweep_addrs(ls, l, family[f]);
		}
	}
	return error;
}

static void
put_mask(struct nlmsghdr *h)
{
	const uint32_t skip_stats = 1u << 3;	/* RTEXT_FILTER_SKIP_STATS */
	nlmsg_put_u32(h, IFLA_EXT_MASK, skip_stats);
}

static int
read_links(struct links *ls)
{
	struct nlmsghdr *h = netlink_begin(ls->nl, RTM_GETLINK, 0);
	nlmsg_put_header(h, sizeof(struct ifinfomsg));
	put_mask(h);

	int error = netlink_dump(ls->nl, &ls->dump);
	for (uint32_t i = 0; error == 0 && i < link_pool_end(); i++) {
		struct link *l = link_pool_at(i);
		if (l && l->mark != ls->mark)
			link_table_detach(ls, l);
	}
	return error;
}

/* One link by name: what it is and its addresses. */
static void
read_one(struct links *ls, struct link *l)
{
	char text[NLMSG_TEXT];
	struct nlmsghdr *h = netlink_begin(ls->nl, RTM_GETLINK, 0);

	nlmsg_put_header(h, sizeof(struct ifinfomsg));
	nlmsg_put_text(h, IFLA_IFNAME, l->name);
	put_mask(h);
	int error = netlink_ask(ls->nl, &ls->dump, text);
	if (error == -ENODEV)
		link_table_detach(ls, l);
	if (error == 0 && l->ifindex != 0)
		error = read_addrs(ls, l);
	if (error == 0 || error == -ENODEV)
		return;
	log_put(CORE_LOG_LINK_QUERY, l->name, strerror(-error), text);
	/* No event may ever tell what this would have. */
	if (!ls->again.armed)
		timer_arm(&ls->loop->timers, &ls->again,
			  mono_add(ls->loop->now, AGAIN_MS * MONO_US_PER_MS));
}

void
link_resync(struct links *ls, struct mono now)
{
	if (ls->telling) {
		timer_arm(&ls->loop->timers, &ls->again, now);
		return;
	}
	timer_stop(&ls->loop->timers, &ls->again);
	int error = read_links(ls);
	if (error == 0)
		error = read_addrs(ls, NULL);
	if (error) {
		ls->resync_failed++;
		log_put(CORE_LOG_LINK_DUMP, strerror(-error), AGAIN_MS);
		timer_arm(&ls->loop->timers, &ls->again,
			  mono_add(now, AGAIN_MS * MONO_US_PER_MS));
	}
	tell(ls, now);
	if (error)
		return;
	ls->resyncs++;
	for (struct link_sub *s = ls->subs; s; s = ls->walk) {
		ls->walk = s->next;
		if (s->resynced)
			s->resynced(s, now);
	}
}

static void
on_again(struct timer *t, struct mono now)
{
	link_resync(container_of(t, struct links, again), now);
}

static void
settle(struct links *ls, struct link *l, bool settling)
{
	ls->nsettling += (uint32_t)settling - (uint32_t)l->settling;
	l->settling = settling;
}

/* What was queued when a link was first read has been passed over by now. */
static void
on_drained(struct netlink_monitor *m, struct mono now)
{
	struct links *ls = container_of(m, struct links, mon);

	for (uint32_t i = 0; ls->nsettling > 0 && i < link_pool_end(); i++) {
		struct link *l = link_pool_at(i);
		if (!l || !l->settling)
			continue;
		settle(ls, l, false);
		read_one(ls, l);
	}
	if (ls->dirty)
		tell(ls, now);
}

static void
on_overrun(struct netlink_monitor *m, struct mono now)
{
	struct links *ls = container_of(m, struct links, mon);

	for (uint32_t i = 0; i < link_pool_end(); i++) {
		struct link *l = link_pool_at(i);
		if (l)
			settle(ls, l, false);
	}
	log_put(CORE_LOG_LINK_LOST, (unsigned long long)m->stats.overruns);
	link_resync(ls, now);
}

static void
on_event(struct netlink_monitor *m, const struct nlmsghdr *h, struct mono now)
{
	struct links *ls = container_of(m, struct links, mon);

	ls->hearing = true;
	link_table_apply(ls, h);
	ls->hearing = false;
	if (!ls->dirty)
		return;
	/* A name that is new to an old interface brings addresses of which
	 * no event tells. */
	for (uint32_t i = 0; i < link_pool_end(); i++) {
		struct link *l = link_pool_at(i);
		if (l && l->ifindex != 0 && l->fresh & LINK_APPEARED)
			(void)read_addrs(ls, l);	/* events make it good */
	}
	tell(ls, now);
}

/* ---- watching ---- */

static bool
others_fresh(const struct links *ls)
{
	bool fresh = ls->gone != NULL;

	for (uint32_t i = 0; i < link_pool_end() && !fresh; i++) {
		const struct link *l = link_pool_at(i);
		fresh = l && (l->fresh || l->nfresh > 0);
	}
	return fresh;
}

struct link *
link_watch(struct links *ls, const char *name)
{
	struct link *l = link_by_name(ls, name);

	if (l) {
		l->refs++;
		return l;
	}
	l = pool_get(link);
	if (!l)
		return NULL;
	l->refs = 1;
	(void)strfmt_copy(l->name, sizeof l->name, name, strlen(name));
	struct link **bucket = &ls->by_name[name_bucket(l->name)];
	l->next_name = *bucket;
	*bucket = l;
	settle(ls, l, netlink_monitor_behind(&ls->mon));
	read_one(ls, l);
	/* The caller sees it all in `l`; nobody else knows of it yet. */
	l->fresh = 0;
	l->nfresh = 0;
	for (struct link_addr *a = l->addrs; a; a = a->next)
		a->fresh = false;
	/* Another link may have lost its interface to this name just now. */
	ls->dirty = others_fresh(ls);
	if (ls->dirty && !ls->telling)
		timer_arm(&ls->loop->timers, &ls->again, ls->loop->now);
	return l;
}

static void
forget_gone(struct links *ls, const struct link *l)
{
	for (struct link_addr **at = &ls->gone; *at; ) {
		struct link_addr *a = *at;
		if (a->link != l) {
			at = &a->next;
			continue;
		}
		*at = a->next;
		pool_put(link_addr, a);
	}
}

void
link_unwatch(struct links *ls, struct link *l)
{
	if (!l || --l->refs > 0)
		return;
	settle(ls, l, false);
	link_table_detach(ls, l);
	forget_gone(ls, l);
	struct link **at = &ls->by_name[name_bucket(l->name)];
	while (*at != l)
		at = &(*at)->next_name;
	*at = l->next_name;
	pool_put(link, l);
}

void
link_subscribe(struct links *ls, struct link_sub *s)
{
	s->next = ls->subs;
	ls->subs = s;
}

void
link_unsubscribe(struct links *ls, struct link_sub *s)
{
	struct link_sub **at = &ls->subs;

	while (*at && *at != s)
		at = &(*at)->next;
	if (!*at)
		return;
	if (ls->walk == s)
		ls->walk = s->next;
	*at = s->next;
}

int
link_open(struct links *ls, struct netlink *nl, struct loop *loop, int rcvbuf)
{
	static const uint32_t groups[] = {
		RTNLGRP_LINK, RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR,
	};

	memset(ls, 0, offsetof(struct links, mon.rx));
	ls->nl = nl;
	ls->loop = loop;
	ls->dump.msg = on_dump;
	ls->dump.begin = on_dump_begin;
	ls->mon.event = on_event;
	ls->mon.overrun = on_overrun;
	ls->mon.drained = on_drained;
	timer_init(&ls->again, on_again);
	int error = netlink_monitor_open(&ls->mon, NETLINK_ROUTE, groups,
					 PORT_ARRAY_SIZE(groups),
					 rcvbuf ? rcvbuf : LINK_RCVBUF);
	if (error)
		return error;
	error = loop_add(loop, &ls->mon.io, EPOLLIN);
	if (error)
		netlink_monitor_close(&ls->mon);
	return error;
}

void
link_close(struct links *ls)
{
	timer_stop(&ls->loop->timers, &ls->again);
	loop_del(ls->loop, &ls->mon.io);
	netlink_monitor_close(&ls->mon);
	for (uint32_t i = 0; i < link_pool_end(); i++) {
		struct link *l = link_pool_at(i);
		if (!l)
			continue;
		l->refs = 1;
		link_unwatch(ls, l);
	}
}
