/* SPDX-License-Identifier: MIT */
/* ipvs_msg.h -- the messages of IPVS over generic netlink: structs to attributes and back.
 *
 * After linux/ip_vs.h, with byte orders as the kernel has them (reference: a service's port and an
 * IPv4 netmask in network order, all else in the host's).  Pure: no socket.  In these structs every
 * number is in host order.
 */
#ifndef IPVS_MSG_H
#define IPVS_MSG_H

#include "nlmsg.h"

struct ipvs_msg_service {
	struct net_addr addr;		/* family always; the address unless fwmark */
	uint32_t fwmark;		/* 0: by protocol, address, port */
	uint16_t port;
	uint8_t protocol;
	/* ---- the key ends here ---- */
	char scheduler[16];
	char engine[16];		/* "": none */
	uint32_t flags;			/* IP_VS_SVC_F_*, without the kernel's own HASHED */
	uint32_t persistence_s;
	uint32_t netmask;		/* 0xffffff00; IPv6: prefix length */
};

struct ipvs_msg_dest {
	struct net_addr addr;
	uint16_t port;
	/* ---- the key ends here ---- */
	uint32_t forward;		/* 0 NAT, 2 TUN, 3 DR */
	uint32_t weight;
	uint32_t uthreshold, lthreshold;
	uint8_t tunnel;			/* 0 IPIP, 1 GUE, 2 GRE */
	uint16_t tunnel_port;
	uint16_t tunnel_flags;
	/* replies only */
	uint32_t active, inactive, persistent;	/* connections */
};

enum {
	IPVS_MSG_MASTER = 1,
	IPVS_MSG_BACKUP = 2,
};

struct ipvs_msg_daemon {
	uint32_t state;			/* IPVS_MSG_MASTER, _BACKUP, both or none wanted */
	char interface[NET_IFNAME];
	uint8_t id;
	uint16_t maxlen;		/* this and the rest: 0, the kernel's default */
	struct net_addr group;
	uint16_t port;
	uint8_t ttl;
};

struct ipvs_msg_stats {
	uint64_t connections, in_packets, out_packets, in_bytes, out_bytes;
	uint64_t cps, in_pps, out_pps, in_bps, out_bps;	/* a second; bytes, not bits */
	uint32_t active, inactive, persistent;	/* of a server: connections */
};

#endif
