/* SPDX-License-Identifier: MIT */
/* router_look.c -- what interface, addresses and tracked objects are now becomes
 * the instance's conditions, and its socket follows its interface. */
#include "router_look.h"

#include <linux/if_addr.h>
#include <string.h>

#include "vrrp_log.h"
#include "vrrp_pools.h"

#define RETRY_US	MONO_US_PER_S	/* a socket that could not be opened */

/* ---- sockets ---- */

static struct instance *
instance_at(uint16_t slot)
{
	struct router *r = router_pool_at(slot);

	return r ? &r->in : NULL;
}

static struct socket *
shared_socket(uint8_t family, uint32_t ifindex)
{
	for (uint32_t i = 0; i < socket_pool_end(); i++) {
		struct socket *s = socket_pool_at(i);

		if (s && s->family == family && s->ifindex == ifindex)
			return s;
	}
	return NULL;
}

void
router_look_end(struct router *r)
{
	struct socket *s = r->sock;

	if (!s)
		return;
	socket_unbind(s, r->in.conf->vrid);
	r->sock = NULL;
	if (--s->users)
		return;
	socket_close(s);
	pool_put(socket, s);
}

static void
failed_socket(struct router *r, int err)
{
	uint32_t held;

	if (log_allowed(&r->sends, r->all->loop->now, ROUTER_LINES, ROUTER_LINES_US,
			&held))
		log_put(VRRP_LOG_SOCKET, r->in.conf->name, r->link->name,
			strerror(-err));
	if (!r->all->retry.armed)
		timer_arm(&r->all->loop->timers, &r->all->retry,
			  mono_add(r->all->loop->now, RETRY_US));
}

/* The socket of the interface and the group as they are now; none while it is absent. */
static void
follow_socket(struct router *r)
{
	const struct vrrp_conf *all = r->in.all;
	uint8_t family = r->in.conf->family;
	const struct net_addr *group = net_is_ip6(family) ? &all->mcast_group6 :
							    &all->mcast_group4;

	if (r->sock && r->sock->ifindex == r->link->ifindex) {
		const int err = socket_regroup(r->sock, group);

		if (err)
			failed_socket(r, err);
		return;
	}
	router_look_end(r);
	if (!r->link->ifindex)
		return;
	struct socket *s = shared_socket(family, r->link->ifindex);

	if (!s) {
		s = pool_get(socket);
		if (!s) {
			log_put(VRRP_LOG_POOL, r->in.conf->name,
				"CONFIG_VRRP_SOCKETS");
			return;
		}
		int err = socket_open(s, r->all->loop, family, r->link->ifindex,
				      r->link->name, group, instance_at);

		if (err) {
			pool_put(socket, s);
			failed_socket(r, err);
			return;
		}
	}
	s->users++;
	socket_bind(s, r->in.conf->vrid, (uint16_t)router_pool_index(r));
	r->sock = s;
}

/* ---- conditions ---- */

/* The address a router speaks from must be on its interface: the configured one, or for
 * unicast IPv6 to global peers the first global one, or else the primary. */
static const struct link_addr *
find_source(const struct router *r)
{
	const struct vrrp_conf_instance *conf = r->in.conf;
	const struct net_addr *want = conf->peers.n ? &conf->unicast_src :
						      &conf->mcast_src;
	unsigned n;
	const struct vrrp_conf_peer *peer = instance_peers(&r->in, &n);
	bool global = !want->family && n && conf->family == AF_INET6 &&
		      !net_addr_is_link_local(&peer[0].addr);

	if (!want->family && !global)
		return link_source(r->link, conf->family, address_is_ours,
				   &r->all->addresses);
	for (const struct link_addr *a = r->link->addrs; a; a = a->next) {
		if (a->addr.family != conf->family ||
		    a->flags & (IFA_F_TENTATIVE | IFA_F_DADFAILED))
			continue;
		if (want->family ? !net_addr_cmp(&a->addr, want) :
		    !net_addr_is_link_local(&a->addr) &&
		    !address_is_ours(&r->all->addresses, a))
			return a;
	}
	return NULL;
}

/* Effective priority and faults of the tracked interfaces (protocol: weight 0 faults; w > 0 adds
 * while good, w < 0 takes while bad; an owner is not touched). */
static void
look_at_tracks(const struct router *r, struct instance_conditions *c)
{
	const struct vrrp_conf_instance *conf = r->in.conf;
	int prio = conf->priority;

	for (unsigned i = 0; i < conf->tracks.n; i++) {
		const struct vrrp_conf_track *t =
			&r->in.all->track[conf->tracks.first + i];
		const struct link *l = link_by_name(&r->all->links, t->dev);
		bool good = (l && l->usable) != t->reverse;

		if (!t->weight && !good) {
			c->tracked = false;
			c->fault = t->dev;
			c->why = HISTORY_TRACKED;
		} else if (t->weight > 0 && good) {
			prio += t->weight;
		} else if (t->weight < 0 && !good) {
			prio += t->weight;
		}
	}
	if (instance_is_owner(&r->in))
		prio = ADV_PRIO_OWNER;
	else if (prio > ADV_PRIO_OWNER - 1)
		prio = ADV_PRIO_OWNER - 1;
	else if (prio < 1)
		prio = 1;
	c->prio = (uint8_t)prio;
}

static enum history_fault
why_not(const struct router *r, bool up, const struct link_addr *source)
{
	const struct vrrp_conf_instance *conf = r->in.conf;

	if (!r->link->ifindex)
		return HISTORY_GONE;
	if (!up)
		return HISTORY_DOWN;
	if (source)
		return HISTORY_SOCKET;
	return (conf->peers.n ? conf->unicast_src : conf->mcast_src).family ?
	       HISTORY_SOURCE : HISTORY_ADDRESS;
}

void
router_look(struct router *r, struct mono now)
{
	r->dirty = false;
	follow_socket(r);
	const struct link_addr *source = find_source(r);
	bool up = r->link->usable || (r->in.conf->dont_track_primary &&
				      r->link->ifindex);
	struct instance_conditions c = {
		.ifindex = r->link->ifindex,
		.link = up && source && r->sock,
		.tracked = true,
		.hold = r->all->hold.armed,
		.fault = "",
	};

	if (source)
		c.source = source->addr;
	look_at_tracks(r, &c);
	if (!c.link) {
		c.fault = r->link->name;
		c.why = why_not(r, up, source);
	}
	instance_conditions(&r->in, &c, now);
	if (!c.hold)
		router_clean(r, now);
}
