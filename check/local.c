/* SPDX-License-Identifier: MIT */
/* local.c -- whether an address is this router's own. */
#include "local.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <string.h>

#define SOON_US		10000

static void
on_soon(struct timer *t, struct mono now)
{
	struct local *const l = container_of(t, struct local, soon);

	l->changed(l, now);
}

static void
soon(struct local *l, struct mono now)
{
	if (!l->soon.armed)
		timer_arm(&l->loop->timers, &l->soon, mono_add(now, SOON_US));
}

static void
on_event(struct netlink_monitor *m, const struct nlmsghdr *h, struct mono now)
{
	(void)h;
	soon(container_of(m, struct local, monitor), now);
}

static void
on_overrun(struct netlink_monitor *m, struct mono now)
{
	soon(container_of(m, struct local, monitor), now);
}

int
local_open(struct local *l, struct loop *loop, void (*changed)(struct local *, struct mono))
{
	static const uint32_t groups[] = { RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR };
	int rc = netlink_open(&l->nl, NETLINK_ROUTE);

	if (rc)
		return rc;
	l->loop = loop;
	l->changed = changed;
	timer_init(&l->soon, on_soon);
	l->monitor.event = on_event;
	l->monitor.overrun = on_overrun;
	rc = netlink_monitor_open(&l->monitor, NETLINK_ROUTE, groups, PORT_ARRAY_SIZE(groups), 0);
	if (!rc) {
		rc = loop_add(loop, &l->monitor.io, EPOLLIN);
		if (rc)
			netlink_monitor_close(&l->monitor);
	}
	if (rc)
		netlink_close(&l->nl);
	l->open = rc == 0;
	return rc;
}

void
local_close(struct local *l)
{
	if (!l->open)
		return;
	timer_stop(&l->loop->timers, &l->soon);
	loop_del(l->loop, &l->monitor.io);
	netlink_monitor_close(&l->monitor);
	netlink_close(&l->nl);
	l->open = false;
}

/* The answer to one question. */
struct answer {
	struct netlink_dump dump;
	bool local;
};

static void
on_route(struct netlink_dump *d, const struct nlmsghdr *h)
{
	struct answer *const a = container_of(d, struct answer, dump);
	const struct rtmsg *const r = nlmsg_body(h, sizeof *r);

	if (r && h->nlmsg_type == RTM_NEWROUTE)
		a->local = r->rtm_type == RTN_LOCAL;
}

bool
local_has(struct local *l, const struct net_addr *addr)
{
	struct answer a = { .dump = { .msg = on_route } };
	struct nlmsghdr *const h = netlink_begin(&l->nl, RTM_GETROUTE, 0);
	struct rtmsg *const r = nlmsg_put_header(h, sizeof *r);

	r->rtm_family = addr->family;
	r->rtm_dst_len = (unsigned char)(8 * net_addr_len(addr));
	nlmsg_put_addr(h, RTA_DST, addr);
	return netlink_ask(&l->nl, &a.dump, NULL) == 0 && a.local;
}
