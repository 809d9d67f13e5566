/* SPDX-License-Identifier: MIT */
/* kept_vips.c -- see kept_vips.h. */
#include "kept_vips.h"

#include <string.h>
#include <sys/socket.h>

#include "checkpoint.h"
#include "instance.h"

static uint32_t
sum_of(const struct kept_vips *k)
{
	return checkpoint_sum(&k->n, sizeof k->n + k->n * sizeof k->vip[0]);
}

void
kept_vips_write(struct kept_vips *k, const struct vrrp_conf *conf)
{
	k->sum = 0;			/* a list that is half written is none */
	k->n = 0;
	for (unsigned i = 0; i < conf->ninstances; i++) {
		const struct vrrp_conf_instance *in = &conf->instance[i];

		for (unsigned v = 0; v < in->vips.n && k->n < CONFIG_VRRP_VIPS; v++) {
			const struct vrrp_conf_vip *vip = &conf->vip[in->vips.first + v];
			struct kept_vip *to = &k->vip[k->n++];

			to->addr = vip->addr;
			to->prefixlen = vip->prefixlen;
			to->owner = in->priority == ADV_PRIO_OWNER;
			memcpy(to->dev, vip->dev, sizeof to->dev);
		}
	}
	k->sum = sum_of(k);
}

/* As in kept.c: a right sum alone does not keep a number in its range. */
static bool
valid(const struct kept_vip *v)
{
	const unsigned bits = v->addr.family == AF_INET ? 32 :
			      v->addr.family == AF_INET6 ? 128 : 0;

	return bits && v->prefixlen <= bits && v->dev[0] &&
	       memchr(v->dev, '\0', sizeof v->dev) != NULL;
}

const struct kept_vip *
kept_vips_at(const struct kept_vips *k, unsigned i)
{
	if (k->n > CONFIG_VRRP_VIPS || i >= k->n || (i == 0 && k->sum != sum_of(k)))
		return NULL;
	return valid(&k->vip[i]) ? &k->vip[i] : NULL;
}
