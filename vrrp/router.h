/* SPDX-License-Identifier: MIT */
/* router.h -- a virtual router in the world: an instance with its interface, socket,
 * addresses and announcements.
 *
 * instance.h decides, this carries out: it turns what links and addresses do into
 * the instance's conditions, and the instance's actions into packets and requests.
 */
#ifndef ROUTER_H
#define ROUTER_H

#include "announce.h"
#include "instance.h"
#include "kept.h"
#include "socket.h"

struct router;

/* Log lines of one kind and virtual router: so many in so long, the rest is counted. */
#define ROUTER_LINES	3
#define ROUTER_LINES_US	(10 * (int64_t)MONO_US_PER_S)

/* What all virtual routers of the process stand on. */
struct routers {
	struct loop *loop;
	struct netlink nl;
	struct links links;
	struct addresses addresses;
	struct announcer announcer;
	struct link_sub sub;
	struct timer look;		/* dirty routers are looked at once a wake-up */
	struct timer retry;		/* a socket could not be opened */
	struct timer hold;		/* vrrp_startup_delay runs */
	/* The state of `r` has changed: log, scripts, events. */
	void (*changed)(struct router *r, const struct history_record *rec,
			struct mono now);
};

struct router {
	struct instance in;		/* the first: one is the other's address */
	struct routers *all;
	struct link *link;		/* the interface, watched */
	struct socket *sock;		/* NULL while the interface is absent */
	struct address_set vips;
	struct announce announce;
	struct log_limit drops;		/* of log lines */
	struct log_limit notes;
	struct log_limit sends;
	struct kept_slot *kept;		/* what outlives this process */
	bool unclean;			/* an earlier life's addresses may lie there */
	bool dirty;			/* to be looked at */
	bool named;			/* the reload under way names it again */
};

/* 0 or -errno.  `w` is zeroed; `changed` is set by the caller afterwards.  `packets`: the socket
 * of announcements, 0: it opens one (announce.h). */
port_must_check int router_world_open(struct routers *w, struct loop *loop, int packets);
void router_world_close(struct routers *w);

/* A new virtual router in INIT, or NULL when a pool is full (logged).  What an earlier
 * life left on its interface is taken away. */
struct router *router_open(struct routers *w, const struct vrrp_conf *all,
			   const struct vrrp_conf_instance *conf,
			   struct mono now);

/* Another configuration of the same (vrid, family, interface). */
void router_conf(struct router *r, const struct vrrp_conf *all,
		 const struct vrrp_conf_instance *conf, struct mono now);

/* Ends it: priority 0, then its addresses are released (those another
 * virtual router wants stay), then its slot. */
void router_close(struct router *r, struct mono now);

/* Whether `conf` is the same virtual router as `r`. */
bool router_is(const struct router *r, const struct vrrp_conf_instance *conf);

/* Looks at interface, addresses and tracked objects at the next opportunity. */
void router_touch(struct router *r);

/* No virtual router starts before the delay has passed; 0: none. */
void router_hold(struct routers *w, int64_t us, struct mono now);

/* The i-th virtual router in use, NULL past the last; and by its name. */
struct router *router_at(unsigned i);
struct router *router_by_name(const char *name);

#endif
