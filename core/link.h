/* SPDX-License-Identifier: MIT */
/* link.h -- the interfaces somebody here cares about, and their addresses, as the
 * kernel has them.
 *
 * An interface is watched by name; its slot exists while the interface does not.
 * One netlink monitor keeps the table true; when the kernel drops events, the
 * table is compared with a fresh dump and the differences are told like events.
 * Nobody but link.c writes what is in here.  Changing the kernel's addresses is not
 * done here (vrrp/address.h).
 */
#ifndef LINK_H
#define LINK_H

#include "link_msg.h"
#include "log.h"
#include "netlink.h"

#define LINK_HASH	32		/* buckets, a power of two */

/* An address on a watched interface; from the pool of CONFIG_LINK_ADDRS. */
struct link_addr {
	struct link *link;
	struct link_addr *next;		/* in the kernel's order, as far as we know */
	struct net_addr addr;
	struct net_addr peer;		/* family 0 unless point-to-point */
	uint8_t prefixlen;
	uint8_t scope;			/* RT_SCOPE_* */
	uint8_t proto;			/* IFA_PROTO, 0: unknown */
	uint32_t flags;			/* IFA_F_SECONDARY, _TENTATIVE, ... */
	char label[NET_IFNAME];
	uint32_t mark;			/* dump that saw it last */
	bool fresh;			/* not yet told */
};

/* A watched interface; from the pool of CONFIG_LINKS. */
struct link {
	char name[NET_IFNAME];
	uint32_t refs;			/* link_watch() minus link_unwatch() */
	uint32_t ifindex;		/* 0: there is none of that name */
	uint32_t flags;			/* IFF_*; 0 while absent */
	bool usable;			/* present, IFF_UP and IFF_RUNNING */
	uint8_t operstate;		/* IF_OPER_* */
	uint16_t type;			/* ARPHRD_* */
	uint32_t mtu;
	uint8_t mac[NET_MAC];
	bool has_mac;			/* a 6-byte hardware address */
	uint8_t inet;			/* IPv4 settings: enum link_msg_inet */
	uint32_t base;			/* ifindex below a macvlan or VLAN */
	char kind[LINK_MSG_KIND];
	struct link_addr *addrs;
	uint32_t naddrs;
	uint32_t flaps;			/* times it stopped being usable */
	uint32_t fresh;			/* LINK_* bits, and */
	uint32_t nfresh;		/* addresses, not yet told */
	uint32_t mark;			/* dump that saw it last */
	bool settling;			/* events in the queue may be older than this */
	struct link *next_index;	/* in its bucket by ifindex */
	struct link *next_name;		/* in its bucket by name */
};

/* What changed about a link; several bits at once. */
enum link_change {
	LINK_APPEARED = 1u << 0,	/* ifindex is new (also after LINK_GONE) */
	LINK_GONE = 1u << 1,		/* the former ifindex no longer is */
	LINK_USABLE = 1u << 2,		/* `usable` is another value */
	LINK_MAC = 1u << 3,
	LINK_MTU = 1u << 4,
	LINK_FLAGS = 1u << 5,		/* other IFF_* bits, type, operstate */
};

/* Someone who is told; embedded in the owner.  Callbacks may be NULL, may
 * watch, unwatch, subscribe and unsubscribe, and may use any struct netlink. */
struct link_sub {
	void (*changed)(struct link_sub *s, struct link *l, unsigned what,
			struct mono now);
	/* A new address, or another value of its flags. */
	void (*addr_set)(struct link_sub *s, struct link *l,
			 const struct link_addr *a, struct mono now);
	/* `a` is not in the table, also when there was no room for it, and is
	 * released on return. */
	void (*addr_gone)(struct link_sub *s, struct link *l,
			  const struct link_addr *a, struct mono now);
	/* The table was compared with the kernel; differences have been told. */
	void (*resynced)(struct link_sub *s, struct mono now);
	struct link_sub *next;
};

struct links {
	struct netlink *nl;		/* for dumps; the child's own */
	struct loop *loop;
	struct timer again;		/* a resynchronisation that failed, or is due */
	struct netlink_dump dump;
	uint32_t mark;			/* number of the last dump */
	bool dirty;			/* something is not yet told */
	bool hearing;			/* an event is being applied, not a dump */
	uint32_t nsettling;
	bool telling;
	struct link_addr *gone;		/* off the table, not yet told */
	struct link_addr unheld;	/* gone, for which the table had no room */
	bool has_unheld;
	bool missing;			/* no room for an address since the last dump */
	struct link_sub *subs;
	struct link_sub *walk;		/* next to be told, while telling */
	struct log_limit full_log;
	struct link *by_index[LINK_HASH];
	struct link *by_name[LINK_HASH];
	uint64_t resyncs;		/* full comparisons after lost events */
	uint64_t resync_failed;		/* dumps that failed; tried again */
	uint64_t bad;			/* messages that can't be */
	uint64_t full;			/* addresses not held: CONFIG_LINK_ADDRS */
	struct netlink_monitor mon;	/* last: its buffer is not cleared */
};

/* Opens the monitor and puts it into the loop.  `rcvbuf` bytes for the monitor's
 * queue, 0: LINK_RCVBUF.  0, or -errno. */
#define LINK_RCVBUF	(1 << 20)
port_must_check int link_open(struct links *ls, struct netlink *nl, struct loop *loop,
			      int rcvbuf);
void link_close(struct links *ls);

/* The slot of interface `name`, filled with what the kernel says now; nobody is
 * told of that.  NULL: the pool is full (CONFIG_LINKS).  Each watch is undone by one
 * link_unwatch() (NULL allowed). */
port_must_check struct link *link_watch(struct links *ls, const char *name);
void link_unwatch(struct links *ls, struct link *l);

struct link *link_by_index(const struct links *ls, uint32_t ifindex);
struct link *link_by_name(const struct links *ls, const char *name);

void link_subscribe(struct links *ls, struct link_sub *s);
void link_unsubscribe(struct links *ls, struct link_sub *s);

/* Compares the table with the kernel now and tells the differences; from within a
 * callback: as soon as that has returned. */
void link_resync(struct links *ls, struct mono now);

/* The address on `l`, NULL when it isn't there. */
const struct link_addr *link_find_addr(const struct link *l, const struct net_addr *addr,
				       uint8_t prefixlen);

/* The source address of a router on `l`: IPv4: the first of the widest scope, a
 * primary before a secondary; IPv6: the first link-local one that is not tentative or
 * failed.  What `ours` (NULL: none) says yes to is passed over.  NULL: none. */
const struct link_addr *link_source(const struct link *l, uint8_t family,
				    bool (*ours)(const void *arg, const struct link_addr *a),
				    const void *arg);

/* Ethernet that resolves addresses: has_mac, ARPHRD_ETHER, no IFF_NOARP or LOOPBACK. */
bool link_has_arp(const struct link *l);

#endif
