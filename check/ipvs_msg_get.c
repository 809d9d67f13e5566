/* SPDX-License-Identifier: MIT */
/* ipvs_msg_get.c -- a part of ipvs_msg.c: replies of IPVS, attributes to structs. */
#include "ipvs_msg.h"

#include <linux/genetlink.h>
#include <linux/ip_vs.h>
#include <string.h>
#include <sys/socket.h>

#define TOP	IPVS_CMD_ATTR_MAX

static bool
get_u16(const struct nlattr *a, uint16_t *out)
{
	return nlmsg_get_bytes(a, out, sizeof *out);
}

static bool
get_be16(const struct nlattr *a, uint16_t *out)
{
	uint8_t b[2];

	if (!nlmsg_get_bytes(a, b, sizeof b))
		return false;
	*out = net_get16(b);
	return true;
}

/* The attributes behind the generic header of a reply to `command`. */
static enum ipvs_msg_verdict
open_reply(const struct nlmsghdr *h, uint8_t command, const struct nlattr **tb,
	   uint16_t max)
{
	struct genlmsghdr g;
	const void *body = nlmsg_body(h, sizeof g);

	if (!body)
		return IPVS_MSG_SHORT;
	memcpy(&g, body, sizeof g);
	if (g.cmd != command)
		return IPVS_MSG_OTHER;
	return nlmsg_attrs(h, sizeof g, tb, max) ? IPVS_MSG_OK : IPVS_MSG_CUT;
}

/* The same of the object `nest` in it. */
static enum ipvs_msg_verdict
open_nest(const struct nlmsghdr *h, uint8_t command, uint16_t nest,
	  const struct nlattr **tb, uint16_t max)
{
	const struct nlattr *top[TOP + 1];
	enum ipvs_msg_verdict v = open_reply(h, command, top, TOP);

	if (v != IPVS_MSG_OK)
		return v;
	if (!top[nest])
		return IPVS_MSG_LACKS;
	return nlmsg_nested(top[nest], tb, max) ? IPVS_MSG_OK : IPVS_MSG_CUT;
}

enum ipvs_msg_verdict
ipvs_msg_get_family(const struct nlmsghdr *h, uint16_t *out)
{
	const struct nlattr *tb[CTRL_ATTR_FAMILY_NAME + 1];
	char name[sizeof IPVS_GENL_NAME + 1];
	uint16_t id;
	enum ipvs_msg_verdict v = open_reply(h, CTRL_CMD_NEWFAMILY, tb,
					     CTRL_ATTR_FAMILY_NAME);

	if (v != IPVS_MSG_OK)
		return v;
	if (!get_u16(tb[CTRL_ATTR_FAMILY_ID], &id) ||
	    !nlmsg_get_text(tb[CTRL_ATTR_FAMILY_NAME], name, sizeof name))
		return IPVS_MSG_LACKS;
	if (id < GENL_MIN_ID || strcmp(name, IPVS_GENL_NAME) != 0)
		return IPVS_MSG_STRANGE;
	*out = id;
	return IPVS_MSG_OK;
}

/* One number; 32 bits wide before the 64-bit statistics came, but for bytes. */
static void
number(const struct nlattr *a, bool wide, uint64_t *out)
{
	uint32_t narrow;

	if (wide)
		(void)nlmsg_get_bytes(a, out, sizeof *out);
	else if (nlmsg_get_u32(a, &narrow))
		*out = narrow;
}

/* false: a length is impossible. */
static bool
get_stats(const struct nlattr *stats, const struct nlattr *stats64,
	  struct ipvs_msg_stats *out)
{
	const struct nlattr *tb[IPVS_STATS_ATTR_OUTBPS + 1];
	uint64_t *const to[IPVS_STATS_ATTR_OUTBPS + 1] = {
		[IPVS_STATS_ATTR_CONNS] = &out->connections,
		[IPVS_STATS_ATTR_INPKTS] = &out->in_packets,
		[IPVS_STATS_ATTR_OUTPKTS] = &out->out_packets,
		[IPVS_STATS_ATTR_INBYTES] = &out->in_bytes,
		[IPVS_STATS_ATTR_OUTBYTES] = &out->out_bytes,
		[IPVS_STATS_ATTR_CPS] = &out->cps,
		[IPVS_STATS_ATTR_INPPS] = &out->in_pps,
		[IPVS_STATS_ATTR_OUTPPS] = &out->out_pps,
		[IPVS_STATS_ATTR_INBPS] = &out->in_bps,
		[IPVS_STATS_ATTR_OUTBPS] = &out->out_bps,
	};

	if (!nlmsg_nested(stats64 ? stats64 : stats, tb, IPVS_STATS_ATTR_OUTBPS))
		return false;
	for (unsigned i = IPVS_STATS_ATTR_CONNS; i <= IPVS_STATS_ATTR_OUTBPS; i++)
		number(tb[i], stats64 || i == IPVS_STATS_ATTR_INBYTES ||
		       i == IPVS_STATS_ATTR_OUTBYTES, to[i]);
	return true;
}

static enum ipvs_msg_verdict
get_family(const struct nlattr *a, uint8_t *out)
{
	uint16_t family;

	if (!get_u16(a, &family))
		return IPVS_MSG_LACKS;
	if (family != AF_INET && family != AF_INET6)
		return IPVS_MSG_STRANGE;
	*out = (uint8_t)family;
	return IPVS_MSG_OK;
}

static enum ipvs_msg_verdict
service_key(const struct nlattr *const *tb, struct ipvs_msg_service *s)
{
	uint16_t protocol;
	enum ipvs_msg_verdict v = get_family(tb[IPVS_SVC_ATTR_AF], &s->addr.family);

	if (v != IPVS_MSG_OK)
		return v;
	if (nlmsg_get_u32(tb[IPVS_SVC_ATTR_FWMARK], &s->fwmark))
		return s->fwmark ? IPVS_MSG_OK : IPVS_MSG_STRANGE;
	if (!get_u16(tb[IPVS_SVC_ATTR_PROTOCOL], &protocol) ||
	    !get_be16(tb[IPVS_SVC_ATTR_PORT], &s->port) ||
	    !nlmsg_get_addr(tb[IPVS_SVC_ATTR_ADDR], s->addr.family, &s->addr))
		return IPVS_MSG_LACKS;
	if (protocol > UINT8_MAX)
		return IPVS_MSG_STRANGE;
	s->protocol = (uint8_t)protocol;
	return IPVS_MSG_OK;
}

static enum ipvs_msg_verdict
service_rest(const struct nlattr *const *tb, struct ipvs_msg_service *s)
{
	struct ip_vs_flags flags;
	uint8_t mask[4];

	if (!nlmsg_get_text(tb[IPVS_SVC_ATTR_SCHED_NAME], s->scheduler, sizeof s->scheduler) ||
	    !nlmsg_get_bytes(tb[IPVS_SVC_ATTR_FLAGS], &flags, sizeof flags) ||
	    !nlmsg_get_u32(tb[IPVS_SVC_ATTR_TIMEOUT], &s->persistence_s) ||
	    !nlmsg_get_u32(tb[IPVS_SVC_ATTR_NETMASK], &s->netmask))
		return IPVS_MSG_LACKS;
	(void)nlmsg_get_text(tb[IPVS_SVC_ATTR_PE_NAME], s->engine, sizeof s->engine);
	s->flags = flags.flags & ~(uint32_t)IP_VS_SVC_F_HASHED;
	if (s->addr.family == AF_INET) {
		memcpy(mask, &s->netmask, sizeof mask);
		s->netmask = net_get32(mask);
	}
	return IPVS_MSG_OK;
}

enum ipvs_msg_verdict
ipvs_msg_get_service(const struct nlmsghdr *h, struct ipvs_msg_service *out,
		     struct ipvs_msg_stats *stats)
{
	const struct nlattr *tb[IPVS_SVC_ATTR_MAX + 1];
	struct ipvs_msg_service s = { .fwmark = 0 };
	struct ipvs_msg_stats st = { .active = 0 };
	enum ipvs_msg_verdict v = open_nest(h, IPVS_CMD_NEW_SERVICE, IPVS_CMD_ATTR_SERVICE,
					    tb, IPVS_SVC_ATTR_MAX);

	if (v == IPVS_MSG_OK)
		v = service_key(tb, &s);
	if (v == IPVS_MSG_OK)
		v = service_rest(tb, &s);
	if (v == IPVS_MSG_OK && stats &&
	    !get_stats(tb[IPVS_SVC_ATTR_STATS], tb[IPVS_SVC_ATTR_STATS64], &st))
		v = IPVS_MSG_CUT;
	if (v != IPVS_MSG_OK)
		return v;
	*out = s;
	if (stats)
		*stats = st;
	return v;
}

static enum ipvs_msg_verdict
dest_key(const struct nlattr *const *tb, uint8_t family, struct ipvs_msg_dest *d)
{
	enum ipvs_msg_verdict v = IPVS_MSG_OK;

	d->addr.family = family;
	if (tb[IPVS_DEST_ATTR_ADDR_FAMILY])
		v = get_family(tb[IPVS_DEST_ATTR_ADDR_FAMILY], &d->addr.family);
	if (v != IPVS_MSG_OK)
		return v;
	if (!nlmsg_get_addr(tb[IPVS_DEST_ATTR_ADDR], d->addr.family, &d->addr) ||
	    !get_be16(tb[IPVS_DEST_ATTR_PORT], &d->port))
		return IPVS_MSG_LACKS;
	return IPVS_MSG_OK;
}

static enum ipvs_msg_verdict
dest_rest(const struct nlattr *const *tb, struct ipvs_msg_dest *d)
{
	if (!nlmsg_get_u32(tb[IPVS_DEST_ATTR_FWD_METHOD], &d->forward) ||
	    !nlmsg_get_u32(tb[IPVS_DEST_ATTR_WEIGHT], &d->weight) ||
	    !nlmsg_get_u32(tb[IPVS_DEST_ATTR_U_THRESH], &d->uthreshold) ||
	    !nlmsg_get_u32(tb[IPVS_DEST_ATTR_L_THRESH], &d->lthreshold))
		return IPVS_MSG_LACKS;
	d->forward &= IP_VS_CONN_F_FWD_MASK;
	(void)nlmsg_get_u8(tb[IPVS_DEST_ATTR_TUN_TYPE], &d->tunnel);
	(void)get_be16(tb[IPVS_DEST_ATTR_TUN_PORT], &d->tunnel_port);
	(void)get_u16(tb[IPVS_DEST_ATTR_TUN_FLAGS], &d->tunnel_flags);
	(void)nlmsg_get_u32(tb[IPVS_DEST_ATTR_ACTIVE_CONNS], &d->active);
	(void)nlmsg_get_u32(tb[IPVS_DEST_ATTR_INACT_CONNS], &d->inactive);
	(void)nlmsg_get_u32(tb[IPVS_DEST_ATTR_PERSIST_CONNS], &d->persistent);
	return IPVS_MSG_OK;
}

enum ipvs_msg_verdict
ipvs_msg_get_dest(const struct nlmsghdr *h, uint8_t family, struct ipvs_msg_dest *out,
		  struct ipvs_msg_stats *stats)
{
	const struct nlattr *tb[IPVS_DEST_ATTR_MAX + 1];
	struct ipvs_msg_dest d = { .port = 0 };
	struct ipvs_msg_stats st = { .active = 0 };
	enum ipvs_msg_verdict v = open_nest(h, IPVS_CMD_NEW_DEST, IPVS_CMD_ATTR_DEST,
					    tb, IPVS_DEST_ATTR_MAX);

	if (v == IPVS_MSG_OK)
		v = dest_key(tb, family, &d);
	if (v == IPVS_MSG_OK)
		v = dest_rest(tb, &d);
	if (v == IPVS_MSG_OK && stats &&
	    !get_stats(tb[IPVS_DEST_ATTR_STATS], tb[IPVS_DEST_ATTR_STATS64], &st))
		v = IPVS_MSG_CUT;
	if (v != IPVS_MSG_OK)
		return v;
	st.active = d.active;
	st.inactive = d.inactive;
	st.persistent = d.persistent;
	*out = d;
	if (stats)
		*stats = st;
	return v;
}

enum ipvs_msg_verdict
ipvs_msg_get_daemon(const struct nlmsghdr *h, struct ipvs_msg_daemon *out)
{
	const struct nlattr *tb[IPVS_DAEMON_ATTR_MAX + 1];
	struct ipvs_msg_daemon d = { .state = 0 };
	uint32_t id;
	enum ipvs_msg_verdict v = open_nest(h, IPVS_CMD_NEW_DAEMON, IPVS_CMD_ATTR_DAEMON,
					    tb, IPVS_DAEMON_ATTR_MAX);

	if (v != IPVS_MSG_OK)
		return v;
	if (!nlmsg_get_u32(tb[IPVS_DAEMON_ATTR_STATE], &d.state) ||
	    !nlmsg_get_text(tb[IPVS_DAEMON_ATTR_MCAST_IFN], d.interface, sizeof d.interface) ||
	    !nlmsg_get_u32(tb[IPVS_DAEMON_ATTR_SYNC_ID], &id))
		return IPVS_MSG_LACKS;
	if ((d.state != IPVS_MSG_MASTER && d.state != IPVS_MSG_BACKUP) || id > UINT8_MAX)
		return IPVS_MSG_STRANGE;
	d.id = (uint8_t)id;
	(void)get_u16(tb[IPVS_DAEMON_ATTR_SYNC_MAXLEN], &d.maxlen);
	if (!nlmsg_get_addr(tb[IPVS_DAEMON_ATTR_MCAST_GROUP], AF_INET, &d.group))
		(void)nlmsg_get_addr(tb[IPVS_DAEMON_ATTR_MCAST_GROUP6], AF_INET6, &d.group);
	(void)get_u16(tb[IPVS_DAEMON_ATTR_MCAST_PORT], &d.port);
	(void)nlmsg_get_u8(tb[IPVS_DAEMON_ATTR_MCAST_TTL], &d.ttl);
	*out = d;
	return IPVS_MSG_OK;
}

enum ipvs_msg_verdict
ipvs_msg_get_timeouts(const struct nlmsghdr *h, struct ipvs_msg_timeouts *out)
{
	const struct nlattr *tb[TOP + 1];
	enum ipvs_msg_verdict v = open_reply(h, IPVS_CMD_SET_CONFIG, tb, TOP);

	if (v != IPVS_MSG_OK)
		return v;
	/* A kernel without a protocol says nothing of its timeouts. */
	*out = (struct ipvs_msg_timeouts){ .tcp_s = 0 };
	(void)nlmsg_get_u32(tb[IPVS_CMD_ATTR_TIMEOUT_TCP], &out->tcp_s);
	(void)nlmsg_get_u32(tb[IPVS_CMD_ATTR_TIMEOUT_TCP_FIN], &out->tcpfin_s);
	(void)nlmsg_get_u32(tb[IPVS_CMD_ATTR_TIMEOUT_UDP], &out->udp_s);
	return IPVS_MSG_OK;
}

enum ipvs_msg_verdict
ipvs_msg_get_info(const struct nlmsghdr *h, struct ipvs_msg_info *out)
{
	const struct nlattr *tb[IPVS_INFO_ATTR_CONN_TAB_SIZE + 1];
	struct ipvs_msg_info i;
	enum ipvs_msg_verdict v = open_reply(h, IPVS_CMD_SET_INFO, tb,
					     IPVS_INFO_ATTR_CONN_TAB_SIZE);

	if (v != IPVS_MSG_OK)
		return v;
	if (!nlmsg_get_u32(tb[IPVS_INFO_ATTR_VERSION], &i.version) ||
	    !nlmsg_get_u32(tb[IPVS_INFO_ATTR_CONN_TAB_SIZE], &i.slots))
		return IPVS_MSG_LACKS;
	*out = i;
	return IPVS_MSG_OK;
}
