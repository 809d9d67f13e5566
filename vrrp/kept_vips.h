/* SPDX-License-Identifier: MIT */
/* kept_vips.h -- which virtual addresses the configuration in force has, for the life after:
 * its configuration may be another, and what that lacks would stay on an interface for ever.
 */
#ifndef KEPT_VIPS_H
#define KEPT_VIPS_H

#include "vrrp_conf.h"

struct kept_vip {
	struct net_addr addr;
	uint8_t prefixlen;
	uint8_t owner;			/* of an instance of priority 255 */
	char dev[NET_IFNAME];
};

struct kept_vips {
	uint32_t sum;			/* of all that follows, as far as it is in use */
	uint32_t n;
	struct kept_vip vip[CONFIG_VRRP_VIPS];
};

/* All of the configuration, once it is in force. */
void kept_vips_write(struct kept_vips *k, const struct vrrp_conf *conf);

/* The i-th that an earlier life has written down; NULL: there is none, or all is damaged. */
const struct kept_vip *kept_vips_at(const struct kept_vips *k, unsigned i);

#endif
