/* SPDX-License-Identifier: MIT */
/* link_msg.h -- what the kernel says about interfaces and addresses, as structs.
 *
 * Pure: RTM_NEWLINK, RTM_DELLINK, RTM_NEWADDR and RTM_DELADDR (rtnetlink(7),
 * linux/if_link.h, linux/if_addr.h) in, struct out.  An attribute that a message lacks
 * leaves its `has` bit clear: wireless events are RTM_NEWLINK with flags alone.
 */
#ifndef LINK_MSG_H
#define LINK_MSG_H

#include "nlmsg.h"

#define LINK_MSG_KIND	16		/* "veth", "macvlan", with NUL */

enum link_msg_has {
	LINK_MSG_NAME = 1u << 0,
	LINK_MSG_MTU = 1u << 1,
	LINK_MSG_MAC = 1u << 2,
	LINK_MSG_OPER = 1u << 3,
	LINK_MSG_BASE = 1u << 4,
	LINK_MSG_INET = 1u << 5,
};

/* IPv4 settings of an interface that matter to virtual addresses. */
enum link_msg_inet {
	LINK_MSG_PROMOTE = 1u << 0,	/* promote_secondaries */
	LINK_MSG_LOCAL = 1u << 1,	/* accept_local */
};

struct link_msg {
	bool gone;			/* RTM_DELLINK */
	uint32_t ifindex;
	uint32_t flags;			/* IFF_* */
	uint16_t type;			/* ARPHRD_* */
	uint32_t has;			/* LINK_MSG_* */
	char name[NET_IFNAME];
	uint32_t mtu;
	uint8_t mac[NET_MAC];		/* only of 6-byte hardware addresses */
	uint8_t operstate;		/* IF_OPER_* */
	uint32_t base;			/* IFLA_LINK: of a macvlan, a VLAN, a veth */
	uint8_t inet;			/* enum link_msg_inet: those that are on */
	char kind[LINK_MSG_KIND];	/* "": a device of no kind */
};

struct link_msg_addr {
	bool gone;			/* RTM_DELADDR */
	uint32_t ifindex;
	struct net_addr addr;		/* the interface's own: IFA_LOCAL */
	struct net_addr peer;		/* family 0 unless point-to-point */
	uint8_t prefixlen;
	uint8_t scope;			/* RT_SCOPE_* */
	uint8_t proto;			/* IFA_PROTO; 0: none said (kernel < 5.18) */
	uint32_t flags;			/* IFA_F_* */
	char label[NET_IFNAME];		/* "": none */
};

enum link_msg_verdict {
	LINK_MSG_LINK,			/* `link` is filled */
	LINK_MSG_ADDR,			/* `addr` is filled */
	LINK_MSG_OTHER,			/* not about these: ignore */
	LINK_MSG_BAD,			/* cannot be: count */
};

port_must_check enum link_msg_verdict link_msg_decode(const struct nlmsghdr *h,
						      struct link_msg *link,
						      struct link_msg_addr *addr);

#endif
