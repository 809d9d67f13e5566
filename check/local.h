/* SPDX-License-Identifier: MIT */
/* local.h -- whether an address is this router's own, for ha_suspend.
 *
 * The kernel is asked for its route to the address: one of type local says yes.  It is heard when
 * addresses come and go.
 */
#ifndef LOCAL_H
#define LOCAL_H

#include "netlink.h"
#include "timer.h"

struct local {
	struct netlink nl;
	struct netlink_monitor monitor;
	struct loop *loop;
	bool open;
	struct timer soon;		/* many changes make one look */
	void (*changed)(struct local *l, struct mono now);
};

/* 0 or -errno; `changed` is called when addresses have come or gone. */
port_must_check int local_open(struct local *l, struct loop *loop,
			       void (*changed)(struct local *, struct mono));
void local_close(struct local *l);

bool local_has(struct local *l, const struct net_addr *a);

#endif
