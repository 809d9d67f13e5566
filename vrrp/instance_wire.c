/* SPDX-License-Identifier: MIT */
/* instance_wire.c -- a configuration as the advert it makes and the advert it takes. */
#include "instance_wire.h"

#include <string.h>
#include <sys/socket.h>

#include "interval.h"

/* The addresses of one message, packed as on the wire; returns how many. */
static uint8_t
pack_addresses(const struct instance *in, uint8_t *out)
{
	unsigned n;
	const struct vrrp_conf_vip *vip = instance_vips(in, &n);
	size_t alen = net_is_ip6(in->conf->family) ? 16 : 4;

	n = in->conf->nadvertised;
	for (unsigned i = 0; i < n; i++)
		memcpy(out + i * alen, vip[i].addr.a, alen);
	return (uint8_t)n;
}

static void
send_to(struct instance *in, const struct net_addr *dst, uint8_t prio,
	struct mono now)
{
	uint8_t msg[ADV_SIZE_MAX];
	const struct vrrp_conf_instance *conf = in->conf;
	struct adv_meta meta = { .src = in->source, .dst = *dst };
	struct adv adv = {
		.addr = msg + ADV_HEADER,
		.interval = interval_to_wire(conf->version, conf->advert_us),
		.version = conf->version,
		.type = 1,
		.vrid = conf->vrid,
		.prio = prio,
		.naddr = pack_addresses(in, msg + ADV_HEADER),
		.alen = net_is_ip6(conf->family) ? 16 : 4,
		.auth_type = conf->auth == VRRP_CONF_AUTH_PASS ?
			     ADV_AUTH_PASS : ADV_AUTH_NONE,
		.sum = conf->v3_checksum_as_v2 ? ADV_SUM_PLAIN : ADV_SUM_PSEUDO,
	};

	memcpy(adv.auth, conf->auth_data, sizeof adv.auth);
	size_t len = adv_encode(&adv, &meta, msg, sizeof msg);

	assert(len);			/* the compiler bounded the addresses */
	if (in->port->send(in, dst, msg, len)) {
		in->stats.send_err++;
		return;
	}
	in->stats.advert_sent++;
	in->sent_at = now;
	if (!prio)
		in->stats.pri_zero_sent++;
}

void
instance_wire_send(struct instance *in, uint8_t prio, struct mono now)
{
	unsigned n;
	const struct vrrp_conf_peer *peer = instance_peers(in, &n);

	if (!n) {
		send_to(in, net_is_ip6(in->conf->family) ?
			&in->all->mcast_group6 : &in->all->mcast_group4, prio,
			now);
		return;
	}
	for (unsigned i = 0; i < n; i++)
		send_to(in, &peer[i].addr, prio, now);
}

/* The peer that a unicast packet comes from, NULL when it is none. */
static const struct vrrp_conf_peer *
find_peer(const struct instance *in, const struct net_addr *src)
{
	unsigned n;
	const struct vrrp_conf_peer *peer = instance_peers(in, &n);

	for (unsigned i = 0; i < n; i++) {
		if (!net_addr_cmp(&peer[i].addr, src))
			return &peer[i];
	}
	return NULL;
}

void
instance_wire_expect(const struct instance *in, const struct adv_meta *meta,
		     uint8_t packed[ADV_SIZE_MAX], struct adv_expect *e)
{
	const struct vrrp_conf_instance *conf = in->conf;
	const struct vrrp_conf_peer *peer = find_peer(in, &meta->src);

	*e = (struct adv_expect){
		.self = in->source,
		.addr = packed,
		.interval = interval_to_wire(conf->version, conf->advert_us),
		.naddr = pack_addresses(in, packed),
		.version = conf->version,
		.vrid = conf->vrid,
		.prio = conf->priority,
		.auth_type = conf->auth == VRRP_CONF_AUTH_PASS ?
			     ADV_AUTH_PASS : ADV_AUTH_NONE,
		.sum = conf->v3_checksum_as_v2 ? ADV_SUM_PLAIN : ADV_SUM_PSEUDO,
		.unicast = conf->peers.n > 0,
		.peer = peer || !conf->check_unicast_src,
		.ttl_min = 0,
		.ttl_max = 255,
	};
	memcpy(e->auth, conf->auth_data, sizeof e->auth);
	if (peer && peer->min_ttl >= 0)
		e->ttl_min = (uint8_t)peer->min_ttl;
	if (peer && peer->max_ttl >= 0)
		e->ttl_max = (uint8_t)peer->max_ttl;
}
