/* SPDX-License-Identifier: MIT */
/* leftover.h -- what a life that had no orderly end has left in the kernel, and no later one
 * will look after.
 */
#ifndef LEFTOVER_H
#define LEFTOVER_H

#include "kept_vips.h"
#include "router.h"

/* Takes away the addresses that an earlier life's configuration had and this one's has not. */
void leftover_forget(struct routers *w, const struct kept_vips *earlier,
		     const struct vrrp_conf *conf, struct mono now);

/* While the child is dead, and for `us` to come: takes away the addresses of those instances
 * that a peer may take over before that. */
void leftover_withdraw(struct routers *w, const struct vrrp_conf *conf, int64_t us);

#endif
