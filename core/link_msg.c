/* SPDX-License-Identifier: MIT */
/* link_msg.c -- what rtnetlink says about a link or an address as a struct. */
#include "link_msg.h"

#include <linux/if_addr.h>
#include <linux/if_arp.h>
#include <linux/if_link.h>
#include <linux/ip.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

/* Younger than the oldest headers we build with (Linux 5.18). */
#define ADDR_PROTO	11		/* IFA_PROTO */

/* Settings out of IFLA_AF_SPEC { AF_INET { IFLA_INET_CONF } }, an array of u32 in
 * which IPV4_DEVCONF_* counts from 1. */
static bool
inet_settings(const struct nlattr *spec, uint8_t *out)
{
	const struct nlattr *families[AF_INET + 1];
	const struct nlattr *inet[IFLA_INET_MAX + 1];
	uint32_t conf[IPV4_DEVCONF_ACCEPT_LOCAL];	/* the highest we read */

	if (!spec || !nlmsg_nested(spec, families, AF_INET) ||
	    !families[AF_INET] ||
	    !nlmsg_nested(families[AF_INET], inet, IFLA_INET_MAX) ||
	    !nlmsg_get_bytes(inet[IFLA_INET_CONF], conf, sizeof conf))
		return false;
	*out = 0;
	if (conf[IPV4_DEVCONF_PROMOTE_SECONDARIES - 1])
		*out |= LINK_MSG_PROMOTE;
	if (conf[IPV4_DEVCONF_ACCEPT_LOCAL - 1])
		*out |= LINK_MSG_LOCAL;
	return true;
}

static enum link_msg_verdict
decode_link(const struct nlmsghdr *h, struct link_msg *out)
{
	const struct nlattr *tb[IFLA_AF_SPEC + 1];	/* the highest we read */
	const struct nlattr *info[IFLA_INFO_KIND + 1];
	struct ifinfomsg ifi;
	const void *body = nlmsg_body(h, sizeof ifi);

	if (!body)
		return LINK_MSG_BAD;
	memcpy(&ifi, body, sizeof ifi);
	/* A bridge tells of its ports with its own family; a port that leaves is
	 * an RTM_DELLINK, though the interface stays. */
	if (ifi.ifi_family != AF_UNSPEC)
		return LINK_MSG_OTHER;
	if (ifi.ifi_index <= 0 ||
	    !nlmsg_attrs(h, sizeof ifi, tb, PORT_ARRAY_SIZE(tb) - 1))
		return LINK_MSG_BAD;
	*out = (struct link_msg){
		.gone = h->nlmsg_type == RTM_DELLINK,
		.ifindex = (uint32_t)ifi.ifi_index,
		.flags = ifi.ifi_flags,
		.type = ifi.ifi_type,
	};
	if (nlmsg_get_text(tb[IFLA_IFNAME], out->name, sizeof out->name))
		out->has |= LINK_MSG_NAME;
	if (nlmsg_get_u32(tb[IFLA_MTU], &out->mtu))
		out->has |= LINK_MSG_MTU;
	if (nlmsg_get_u8(tb[IFLA_OPERSTATE], &out->operstate))
		out->has |= LINK_MSG_OPER;
	if (nlmsg_get_u32(tb[IFLA_LINK], &out->base))
		out->has |= LINK_MSG_BASE;
	/* Longer hardware addresses (InfiniBand) are none that we can use. */
	if (tb[IFLA_ADDRESS] && tb[IFLA_ADDRESS]->nla_len == NLA_HDRLEN + NET_MAC &&
	    nlmsg_get_bytes(tb[IFLA_ADDRESS], out->mac, NET_MAC))
		out->has |= LINK_MSG_MAC;
	if (inet_settings(tb[IFLA_AF_SPEC], &out->inet))
		out->has |= LINK_MSG_INET;
	if (tb[IFLA_LINKINFO] && nlmsg_nested(tb[IFLA_LINKINFO], info, IFLA_INFO_KIND))
		(void)nlmsg_get_text(info[IFLA_INFO_KIND], out->kind, sizeof out->kind);
	return LINK_MSG_LINK;
}

static enum link_msg_verdict
decode_addr(const struct nlmsghdr *h, struct link_msg_addr *out)
{
	const struct nlattr *tb[ADDR_PROTO + 1];
	struct ifaddrmsg ifa;
	struct net_addr far;
	const void *body = nlmsg_body(h, sizeof ifa);

	if (!body)
		return LINK_MSG_BAD;
	memcpy(&ifa, body, sizeof ifa);
	if (ifa.ifa_family != AF_INET && ifa.ifa_family != AF_INET6)
		return LINK_MSG_OTHER;
	if (ifa.ifa_index == 0 || ifa.ifa_prefixlen > (ifa.ifa_family == AF_INET ? 32 : 128) ||
	    !nlmsg_attrs(h, sizeof ifa, tb, ADDR_PROTO))
		return LINK_MSG_BAD;
	*out = (struct link_msg_addr){
		.gone = h->nlmsg_type == RTM_DELADDR,
		.ifindex = ifa.ifa_index,
		.prefixlen = ifa.ifa_prefixlen,
		.scope = ifa.ifa_scope,
		.flags = ifa.ifa_flags,
	};
	/* IFA_LOCAL is ours and IFA_ADDRESS the far end's; IPv6 gives IFA_LOCAL
	 * only when they differ. */
	bool has_far = nlmsg_get_addr(tb[IFA_ADDRESS], ifa.ifa_family, &far);
	if (nlmsg_get_addr(tb[IFA_LOCAL], ifa.ifa_family, &out->addr)) {
		if (has_far && memcmp(far.a, out->addr.a, sizeof far.a) != 0)
			out->peer = far;
	} else if (has_far) {
		out->addr = far;
	} else {
		return LINK_MSG_BAD;
	}
	(void)nlmsg_get_u32(tb[IFA_FLAGS], &out->flags);
	(void)nlmsg_get_u8(tb[ADDR_PROTO], &out->proto);
	(void)nlmsg_get_text(tb[IFA_LABEL], out->label, sizeof out->label);
	return LINK_MSG_ADDR;
}

enum link_msg_verdict
link_msg_decode(const struct nlmsghdr *h, struct link_msg *link,
		struct link_msg_addr *addr)
{
	switch (h->nlmsg_type) {
	case RTM_NEWLINK:
	case RTM_DELLINK:
		return decode_link(h, link);
	case RTM_NEWADDR:
	case RTM_DELADDR:
		return decode_addr(h, addr);
	default:
		return LINK_MSG_OTHER;
	}
}
