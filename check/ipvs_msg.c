/* SPDX-License-Identifier: MIT */
/* ipvs_msg.c -- requests to IPVS: structs to attributes.  Replies are read in ipvs_msg_get.c. */
#include "ipvs_msg.h"

#include <linux/genetlink.h>
#include <linux/ip_vs.h>
#include <string.h>
#include <sys/socket.h>

static void
header(struct nlmsghdr *h, uint8_t command, uint8_t version)
{
	const struct genlmsghdr g = { .cmd = command, .version = version };
	memcpy(nlmsg_put_header(h, sizeof g), &g, sizeof g);
}

static void
put_u16(struct nlmsghdr *h, uint16_t type, uint16_t v)
{
	nlmsg_put(h, type, &v, sizeof v);
}

/* Ports and masks that the kernel keeps in network order. */
static void
put_be16(struct nlmsghdr *h, uint16_t type, uint16_t v)
{
	uint8_t b[2];
	net_put16(b, v);
	nlmsg_put(h, type, b, sizeof b);
}

/* The kernel's union nf_inet_addr, always whole: it compares 16 octets of a
 * server that is to be deleted. */
static void
put_addr(struct nlmsghdr *h, uint16_t type, const struct net_addr *a)
{
	nlmsg_put(h, type, a->a, sizeof a->a);
}

void
ipvs_msg_put_family(struct nlmsghdr *h)
{
	header(h, CTRL_CMD_GETFAMILY, 1);
	nlmsg_put_text(h, CTRL_ATTR_FAMILY_NAME, IPVS_GENL_NAME);
}

void
ipvs_msg_put(struct nlmsghdr *h, uint8_t command)
{
	header(h, command, IPVS_GENL_VERSION);
}

static void
service_key(struct nlmsghdr *h, const struct ipvs_msg_service *s)
{
	put_u16(h, IPVS_SVC_ATTR_AF, s->addr.family);
	if (s->fwmark) {
		nlmsg_put_u32(h, IPVS_SVC_ATTR_FWMARK, s->fwmark);
		return;
	}
	put_u16(h, IPVS_SVC_ATTR_PROTOCOL, s->protocol);
	put_addr(h, IPVS_SVC_ATTR_ADDR, &s->addr);
	put_be16(h, IPVS_SVC_ATTR_PORT, s->port);
}

static void
put_netmask(struct nlmsghdr *h, const struct ipvs_msg_service *s)
{
	uint8_t mask[4];

	if (s->addr.family == AF_INET6) {
		nlmsg_put_u32(h, IPVS_SVC_ATTR_NETMASK, s->netmask);
		return;
	}
	net_put32(mask, s->netmask);
	nlmsg_put(h, IPVS_SVC_ATTR_NETMASK, mask, sizeof mask);
}

static void
service_rest(struct nlmsghdr *h, const struct ipvs_msg_service *s)
{
	/* All bits are ours to say; HASHED the kernel keeps for itself. */
	const struct ip_vs_flags flags = {
		.flags = s->flags & ~(uint32_t)IP_VS_SVC_F_HASHED, .mask = ~0u,
	};

	nlmsg_put_text(h, IPVS_SVC_ATTR_SCHED_NAME, s->scheduler);
	if (s->engine[0])
		nlmsg_put_text(h, IPVS_SVC_ATTR_PE_NAME, s->engine);
	nlmsg_put(h, IPVS_SVC_ATTR_FLAGS, &flags, sizeof flags);
	nlmsg_put_u32(h, IPVS_SVC_ATTR_TIMEOUT, s->persistence_s);
	put_netmask(h, s);
}

void
ipvs_msg_put_service(struct nlmsghdr *h, uint8_t command,
		     const struct ipvs_msg_service *s)
{
	header(h, command, IPVS_GENL_VERSION);
	struct nlattr *nest = nlmsg_nest(h, IPVS_CMD_ATTR_SERVICE);
	service_key(h, s);
	if (command == IPVS_CMD_NEW_SERVICE || command == IPVS_CMD_SET_SERVICE)
		service_rest(h, s);
	nlmsg_nest_end(h, nest);
}

static void
dest_rest(struct nlmsghdr *h, const struct ipvs_msg_dest *d)
{
	nlmsg_put_u32(h, IPVS_DEST_ATTR_FWD_METHOD, d->forward);
	nlmsg_put_u32(h, IPVS_DEST_ATTR_WEIGHT, d->weight);
	nlmsg_put_u32(h, IPVS_DEST_ATTR_U_THRESH, d->uthreshold);
	nlmsg_put_u32(h, IPVS_DEST_ATTR_L_THRESH, d->lthreshold);
	/* What is not said becomes 0. */
	if (d->forward != IP_VS_CONN_F_TUNNEL)
		return;
	nlmsg_put_u8(h, IPVS_DEST_ATTR_TUN_TYPE, d->tunnel);
	put_be16(h, IPVS_DEST_ATTR_TUN_PORT, d->tunnel_port);
	put_u16(h, IPVS_DEST_ATTR_TUN_FLAGS, d->tunnel_flags);
}

void
ipvs_msg_put_dest(struct nlmsghdr *h, uint8_t command,
		  const struct ipvs_msg_service *s, const struct ipvs_msg_dest *d)
{
	ipvs_msg_put_service(h, command, s);
	struct nlattr *nest = nlmsg_nest(h, IPVS_CMD_ATTR_DEST);
	put_u16(h, IPVS_DEST_ATTR_ADDR_FAMILY, d->addr.family);
	put_addr(h, IPVS_DEST_ATTR_ADDR, &d->addr);
	put_be16(h, IPVS_DEST_ATTR_PORT, d->port);
	if (command != IPVS_CMD_DEL_DEST)
		dest_rest(h, d);
	nlmsg_nest_end(h, nest);
}

static void
daemon_rest(struct nlmsghdr *h, const struct ipvs_msg_daemon *d)
{
	nlmsg_put_text(h, IPVS_DAEMON_ATTR_MCAST_IFN, d->interface);
	nlmsg_put_u32(h, IPVS_DAEMON_ATTR_SYNC_ID, d->id);
	if (d->maxlen)
		put_u16(h, IPVS_DAEMON_ATTR_SYNC_MAXLEN, d->maxlen);
	if (d->group.family)
		nlmsg_put_addr(h, d->group.family == AF_INET ?
			       IPVS_DAEMON_ATTR_MCAST_GROUP :
			       IPVS_DAEMON_ATTR_MCAST_GROUP6, &d->group);
	if (d->port)
		put_u16(h, IPVS_DAEMON_ATTR_MCAST_PORT, d->port);
	if (d->ttl)
		nlmsg_put_u8(h, IPVS_DAEMON_ATTR_MCAST_TTL, d->ttl);
}

void
ipvs_msg_put_daemon(struct nlmsghdr *h, uint8_t command, uint32_t role,
		    const struct ipvs_msg_daemon *d)
{
	header(h, command, IPVS_GENL_VERSION);
	struct nlattr *nest = nlmsg_nest(h, IPVS_CMD_ATTR_DAEMON);
	nlmsg_put_u32(h, IPVS_DAEMON_ATTR_STATE, role);
	if (command == IPVS_CMD_NEW_DAEMON)
		daemon_rest(h, d);
	nlmsg_nest_end(h, nest);
}

void
ipvs_msg_put_timeouts(struct nlmsghdr *h, const struct ipvs_msg_timeouts *t)
{
	header(h, IPVS_CMD_SET_CONFIG, IPVS_GENL_VERSION);
	if (t->tcp_s)
		nlmsg_put_u32(h, IPVS_CMD_ATTR_TIMEOUT_TCP, t->tcp_s);
	if (t->tcpfin_s)
		nlmsg_put_u32(h, IPVS_CMD_ATTR_TIMEOUT_TCP_FIN, t->tcpfin_s);
	if (t->udp_s)
		nlmsg_put_u32(h, IPVS_CMD_ATTR_TIMEOUT_UDP, t->udp_s);
}
