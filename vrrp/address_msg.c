/* SPDX-License-Identifier: MIT */
/* address_msg.c -- the requests for one address as messages. */
#include "address_msg.h"

#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/ip.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#define ADDR_PROTO	11		/* IFA_PROTO, unknown to older headers */
#define FOR_EVER	UINT32_MAX	/* INFINITY_LIFE_TIME */

/* What identifies the address, in requests of either kind. */
static void
identity(struct nlmsghdr *h, const struct vrrp_conf_vip *v, uint32_t ifindex,
	 uint32_t flags)
{
	struct ifaddrmsg *ifa = nlmsg_put_header(h, sizeof *ifa);

	ifa->ifa_family = v->addr.family;
	ifa->ifa_prefixlen = v->prefixlen;
	ifa->ifa_flags = (uint8_t)flags;
	ifa->ifa_scope = v->scope;
	ifa->ifa_index = ifindex;
	nlmsg_put_addr(h, IFA_LOCAL, &v->addr);
	nlmsg_put_addr(h, IFA_ADDRESS, v->peer.family ? &v->peer : &v->addr);
}

/* How long it may serve as a source address.  An IPv6 /128 shall not unless somebody
 * says so: hosts would speak from an address that moves away. */
static uint32_t
preferred(const struct vrrp_conf_vip *v)
{
	if (!v->forever)
		return v->preferred_s;
	return v->addr.family == AF_INET6 && v->prefixlen == 128 ? 0 : FOR_EVER;
}

void
address_msg_add(struct nlmsghdr *h, const struct vrrp_conf_vip *v, uint32_t ifindex)
{
	uint32_t flags = v->noprefixroute ? IFA_F_NOPREFIXROUTE : 0;

	if (v->addr.family == AF_INET6 && v->nodad)
		flags |= IFA_F_NODAD;
	identity(h, v, ifindex, flags);
	nlmsg_put_u32(h, IFA_FLAGS, flags);
	nlmsg_put_u8(h, ADDR_PROTO, ADDRESS_MSG_PROTO);
	if (v->addr.family == AF_INET && v->broadcast.family)
		nlmsg_put_addr(h, IFA_BROADCAST, &v->broadcast);
	if (v->addr.family == AF_INET && v->label[0])
		nlmsg_put_text(h, IFA_LABEL, v->label);
	if (preferred(v) != FOR_EVER) {
		const struct ifa_cacheinfo life = {
			.ifa_prefered = preferred(v), .ifa_valid = FOR_EVER,
		};
		nlmsg_put(h, IFA_CACHEINFO, &life, sizeof life);
	}
}

void
address_msg_delete(struct nlmsghdr *h, const struct vrrp_conf_vip *v, uint32_t ifindex)
{
	identity(h, v, ifindex, 0);
}

void
address_msg_tune(struct nlmsghdr *h, uint32_t ifindex, unsigned inet, bool on)
{
	struct ifinfomsg *ifi = nlmsg_put_header(h, sizeof *ifi);

	ifi->ifi_index = (int)ifindex;
	struct nlattr *spec = nlmsg_nest(h, IFLA_AF_SPEC);
	struct nlattr *family = nlmsg_nest(h, AF_INET);
	struct nlattr *conf = nlmsg_nest(h, IFLA_INET_CONF);
	if (inet & LINK_MSG_PROMOTE)
		nlmsg_put_u32(h, IPV4_DEVCONF_PROMOTE_SECONDARIES, on);
	if (inet & LINK_MSG_LOCAL)
		nlmsg_put_u32(h, IPV4_DEVCONF_ACCEPT_LOCAL, on);
	nlmsg_nest_end(h, conf);
	nlmsg_nest_end(h, family);
	nlmsg_nest_end(h, spec);
}
