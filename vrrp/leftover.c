/* SPDX-License-Identifier: MIT */
/* leftover.c -- see leftover.h. */
#include "leftover.h"

#include <string.h>

/* A set that is never up, emptied again. */
static void
clean(struct routers *w, const char *name, const struct vrrp_conf_vip *vip, unsigned n,
      bool owner)
{
	struct address_set set;

	address_set_init(&set, &w->addresses, name, NULL);
	set.owner = owner;
	if (!address_set_apply(&set, vip, n, w->loop->now))
		address_clean(&set, w->loop->now);
	int none = address_set_apply(&set, NULL, 0, w->loop->now);

	assert(!none);			/* nothing is added, no pool is asked */
}

static bool
is_same(const struct kept_vip *old, const struct vrrp_conf_vip *vip)
{
	return old->prefixlen == vip->prefixlen && !net_addr_cmp(&old->addr, &vip->addr) &&
	       !strcmp(old->dev, vip->dev);
}

/* Mostly it is the i-th of both. */
static bool
is_configured(const struct kept_vip *old, unsigned i, const struct vrrp_conf *conf)
{
	if (i < conf->nvips && is_same(old, &conf->vip[i]))
		return true;
	for (unsigned k = 0; k < conf->nvips; k++)
		if (is_same(old, &conf->vip[k]))
			return true;
	return false;
}

void
leftover_forget(struct routers *w, const struct kept_vips *earlier,
		const struct vrrp_conf *conf, struct mono now)
{
	const struct kept_vip *old;

	for (unsigned i = 0; (old = kept_vips_at(earlier, i)) != NULL; i++) {
		struct vrrp_conf_vip vip = {
			.addr = old->addr, .prefixlen = old->prefixlen, .forever = true,
		};

		if (is_configured(old, i, conf))
			continue;
		memcpy(vip.dev, old->dev, sizeof vip.dev);
		clean(w, "-", &vip, 1, old->owner);
	}
	address_sweep(&w->addresses, now);
}

void
leftover_withdraw(struct routers *w, const struct vrrp_conf *conf, int64_t us)
{
	const struct mono then = mono_add(w->loop->now, us);

	for (unsigned i = 0; i < conf->ninstances; i++) {
		const struct vrrp_conf_instance *in = &conf->instance[i];
		struct mono sent;

		/* What is not of the past is not believed: it would hold for ever. */
		if (kept_was_master(in, &sent) && !mono_before(w->loop->now, sent) &&
		    mono_diff_us(then, sent) < in->advert_us * in->down_timer_adverts)
			continue;
		clean(w, in->name, &conf->vip[in->vips.first], in->vips.n,
		      in->priority == ADV_PRIO_OWNER);
	}
	address_sweep(&w->addresses, w->loop->now);
}
