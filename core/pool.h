/* SPDX-License-Identifier: MIT */
/* pool.h -- fixed pools, declared once in a table per folder.
 *
 *	vrrp/vrrp.pools:
 *	POOL(vrrp, vr, struct vr, CONFIG_VRRP_INSTANCES, "virtual router (vrid, family, link)")
 *
 * POOL(folder, name, type, limit, sentence) gives, through pool_declare.h and
 * pool_define.h, typed functions
 *	struct vr *vr_pool_get(void);		zeroed, NULL when full (counted)
 *	void vr_pool_put(struct vr *);
 *	struct vr *vr_pool_at(uint32_t i);	slot i, NULL when free
 *	uint32_t vr_pool_index(const struct vr *);
 * the storage, and one line of statistics.  A full pool is an ordinary, counted outcome;
 * the caller's message names the Kconfig symbol (pool_stat.symbol).
 * With CONFIG_POOL_DEBUG: canaries on both sides, poison on release, owner's file and line,
 * double release caught, leaks listed on exit.
 */
#ifndef POOL_H
#define POOL_H

#include "port.h"

/* What status, `upkeepctl memory` and `make size` show of one pool. */
struct pool_stat {
	const char *name;		/* "vr" */
	const char *symbol;		/* "CONFIG_VRRP_INSTANCES" */
	const char *what;		/* one sentence */
	uint32_t slot_bytes;
	uint32_t limit;
	uint32_t used;
	uint32_t most;			/* high-water mark */
	uint32_t refused;		/* requests while full */
};

/* The state of one pool; made by pool_define.h, private to pool.c. */
struct pool;

void pool_stat(const struct pool *p, struct pool_stat *out);

#endif
