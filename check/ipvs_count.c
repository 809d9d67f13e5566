/* SPDX-License-Identifier: MIT */
/* ipvs_count.c -- a part of ipvs.c: what the kernel has counted. */
#include "ipvs_inside.h"

#include <linux/ip_vs.h>

struct service_reader {
	struct ipvs_reader r;
	struct ipvs_msg_stats *out;
	bool found;
};

static bool
read_service(struct ipvs_reader *r, const struct nlmsghdr *h)
{
	struct service_reader *sr = container_of(r, struct service_reader, r);
	struct ipvs_msg_service s;

	sr->found = ipvs_msg_get_service(h, &s, sr->out) == IPVS_MSG_OK;
	return sr->found;
}

struct dests_reader {
	struct ipvs_reader r;
	uint8_t family;
	void (*each)(void *ctx, const struct ipvs_msg_dest *d, const struct ipvs_msg_stats *st);
	void *ctx;
};

static bool
read_dest(struct ipvs_reader *r, const struct nlmsghdr *h)
{
	const struct dests_reader *dr = container_of(r, struct dests_reader, r);
	struct ipvs_msg_dest d;
	struct ipvs_msg_stats st;

	if (ipvs_msg_get_dest(h, dr->family, &d, &st) != IPVS_MSG_OK)
		return false;
	dr->each(dr->ctx, &d, &st);
	return true;
}

bool
ipvs_count_dests(struct ipvs *v, const struct ipvs_msg_service *s,
	void (*each)(void *ctx, const struct ipvs_msg_dest *d, const struct ipvs_msg_stats *st),
	void *ctx)
{
	struct dests_reader dr = {
		.r.read = read_dest, .family = s->addr.family, .each = each, .ctx = ctx,
	};

	ipvs_settle(v);
	if (!v->family)
		return false;
	ipvs_msg_put_service(ipvs_begin(v), IPVS_CMD_GET_DEST, s);
	return ipvs_read_all(v, &dr.r) == 0;
}

struct one {
	const struct ipvs_msg_dest *dest;
	struct ipvs_msg_stats *out;
	bool found;
};

static void
is_one(void *ctx, const struct ipvs_msg_dest *d, const struct ipvs_msg_stats *st)
{
	struct one *o = ctx;

	if (!ipvs_msg_same_dest(o->dest, d))
		return;
	*o->out = *st;
	o->found = true;
}

bool
ipvs_count(struct ipvs *v, const struct ipvs_msg_service *s, const struct ipvs_msg_dest *d,
	   struct ipvs_msg_stats *out)
{
	struct one one = { .dest = d, .out = out };
	struct service_reader sr = { .r.read = read_service, .out = out };

	if (d)
		return ipvs_count_dests(v, s, is_one, &one) && one.found;
	ipvs_settle(v);
	if (!v->family)
		return false;
	ipvs_msg_put_service(ipvs_begin(v), IPVS_CMD_GET_SERVICE, s);
	return ipvs_read_one(v, &sr.r) == 0 && sr.found;
}
