/* SPDX-License-Identifier: MIT */
/* ipvs_msg_equal.c -- a part of ipvs_msg.c: what the kernel takes for the same. */
#include "ipvs_msg.h"

#include <linux/ip_vs.h>
#include <string.h>
#include <sys/socket.h>

#define SYNC_PORT	8848		/* the kernel's defaults, net/netfilter/ipvs/ip_vs_sync.c */
#define SYNC_TTL	1
#define SYNC_GROUP	{ 224, 0, 0, 81 }

bool
ipvs_msg_same_service(const struct ipvs_msg_service *a, const struct ipvs_msg_service *b)
{
	if (a->addr.family != b->addr.family || a->fwmark != b->fwmark)
		return false;
	return a->fwmark != 0 || (a->protocol == b->protocol && a->port == b->port &&
				  net_addr_cmp(&a->addr, &b->addr) == 0);
}

bool
ipvs_msg_same_dest(const struct ipvs_msg_dest *a, const struct ipvs_msg_dest *b)
{
	return a->port == b->port && net_addr_cmp(&a->addr, &b->addr) == 0;
}

bool
ipvs_msg_equal_service(const struct ipvs_msg_service *a, const struct ipvs_msg_service *b)
{
	const uint32_t ours = ~(uint32_t)IP_VS_SVC_F_HASHED;

	return ipvs_msg_same_service(a, b) && strcmp(a->scheduler, b->scheduler) == 0 &&
	       strcmp(a->engine, b->engine) == 0 && (a->flags & ours) == (b->flags & ours) &&
	       a->persistence_s == b->persistence_s && a->netmask == b->netmask;
}

/* Of what stands in a message only for this forwarding. */
static bool
equal_tunnel(const struct ipvs_msg_dest *a, const struct ipvs_msg_dest *b)
{
	return a->forward != IP_VS_CONN_F_TUNNEL ||
	       (a->tunnel == b->tunnel && a->tunnel_port == b->tunnel_port &&
		a->tunnel_flags == b->tunnel_flags);
}

bool
ipvs_msg_equal_dest(const struct ipvs_msg_dest *a, const struct ipvs_msg_dest *b)
{
	return ipvs_msg_same_dest(a, b) && a->forward == b->forward &&
	       a->weight == b->weight && a->uthreshold == b->uthreshold &&
	       a->lthreshold == b->lthreshold && equal_tunnel(a, b);
}

bool
ipvs_msg_equal_daemon(const struct ipvs_msg_daemon *want,
		      const struct ipvs_msg_daemon *have)
{
	static const struct net_addr usual = { .family = AF_INET, .a = SYNC_GROUP };
	const struct net_addr *group = want->group.family ? &want->group : &usual;

	return strcmp(want->interface, have->interface) == 0 && want->id == have->id &&
	       net_addr_cmp(group, &have->group) == 0 &&
	       (want->port ? want->port : SYNC_PORT) == have->port &&
	       (want->ttl ? want->ttl : SYNC_TTL) == have->ttl;
}

/* FNV-1a; the table that it serves holds our own entries only, so that nobody gains by
 * a collision. */
static uint32_t
mix(uint32_t hash, const void *p, size_t len)
{
	const uint8_t *b = p;

	for (size_t i = 0; i < len; i++)
		hash = (hash ^ b[i]) * 16777619u;
	return hash;
}

static uint32_t
mix_addr(uint32_t hash, const struct net_addr *a)
{
	return mix(mix(hash, &a->family, sizeof a->family), a->a, net_addr_len(a));
}

#define BASIS	2166136261u

uint32_t
ipvs_msg_hash_service(const struct ipvs_msg_service *s)
{
	uint32_t hash = mix(BASIS, &s->fwmark, sizeof s->fwmark);

	if (s->fwmark)
		return mix(hash, &s->addr.family, sizeof s->addr.family);
	hash = mix(hash, &s->protocol, sizeof s->protocol);
	return mix_addr(mix(hash, &s->port, sizeof s->port), &s->addr);
}

uint32_t
ipvs_msg_hash_dest(const struct ipvs_msg_dest *d)
{
	return mix_addr(mix(BASIS, &d->port, sizeof d->port), &d->addr);
}
