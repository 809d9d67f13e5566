/* SPDX-License-Identifier: MIT */
/* pool.h -- fixed pools, declared once in a table per folder.
 *
 * The table lives with its owner, because core knows nothing of what it holds:
 *
 *	vrrp/vrrp.pools:
 *	POOL(vrrp, vr, struct vr, CONFIG_VRRP_INSTANCES, "virtual router (vrid, family, link)")
 *	POOL(vrrp, vip, struct vip, CONFIG_VRRP_VIPS, "protected address")
 *
 * POOL(folder, name, type, limit, sentence).  One header declares the accessors,
 *
 *	vrrp/vrrp_pools.h:
 *	#include "pool.h"
 *	#include "instance.h"			(the types of the table)
 *	#define POOL_TABLE	"vrrp.pools"
 *	#define POOL_FOLDER	vrrp
 *	#include "pool_declare.h"
 *
 * and one source file holds the storage; it does not compile when the pools of
 * the table need more than the budget:
 *
 *	vrrp/vrrp_pools.c:
 *	#include "vrrp_pools.h"
 *	#define POOL_TABLE	"vrrp.pools"
 *	#define POOL_FOLDER	vrrp
 *	#define POOL_RAM	CONFIG_VRRP_RAM
 *	#include "pool_define.h"
 *
 * Each row then gives typed functions,
 *
 *	struct vr *vr_pool_get(void);		zeroed; NULL when full, counted
 *	void vr_pool_put(struct vr *v);		must be held; anything else is our bug
 *	struct vr *vr_pool_at(uint32_t i);	slot i, NULL when it is free
 *	uint32_t vr_pool_index(const struct vr *v);
 *	uint32_t vr_pool_end(void);		one past the highest slot ever held
 *
 * and the table as a whole an array for statistics:
 *
 *	extern const struct pool *const vrrp_pools[];
 *	extern const unsigned vrrp_pools_count;
 *
 * pool_get(vr) and pool_put(vr, v) are vr_pool_get() and vr_pool_put(v) that also
 * leave the caller's file and line for CONFIG_POOL_DEBUG; prefer them.  (The plain
 * names leave the file only.)  A full pool is an ordinary outcome:
 *
 *	struct vr *const v = pool_get(vr);
 *	if (v == NULL)
 *		return -ENOSPC;			(the message names pool_stat.symbol)
 *	...
 *	for (uint32_t i = 0; i < vr_pool_end(); i++) {
 *		struct vr *const each = vr_pool_at(i);
 *		if (each != NULL)
 *			...
 *	}
 *
 * Slots are handed out from the lowest index up, and the one released last first.
 * With CONFIG_POOL_DEBUG each slot has a fence on both sides that is checked on
 * release, a released slot is filled with poison that is checked when it is handed
 * out again, and who took and who released it is kept for the assertion's message.
 */
#ifndef POOL_H
#define POOL_H

#include "port.h"

/* What status, `upkeepctl memory` and `make size` show of one pool. */
struct pool_stat {
	const char *name;		/* "vr" */
	const char *symbol;		/* "CONFIG_VRRP_INSTANCES" */
	const char *what;		/* one sentence */
	uint32_t slot_bytes;		/* with what guards it */
	uint32_t limit;
	uint32_t used;
	uint32_t most;			/* high-water mark */
	uint32_t refused;		/* requests while full */
};

/* One pool; made by pool_define.h, its inside is in pool_inside.h. */
struct pool;

void pool_stat(const struct pool *p, struct pool_stat *out);

/* Calls `held` for each slot in use and returns how many there are.  `file` is who
 * took it with CONFIG_POOL_DEBUG, else NULL; `line` may be 0. */
uint32_t pool_leaks(const struct pool *p,
		    void (*held)(void *arg, const char *name, uint32_t slot,
				 const char *file, unsigned line),
		    void *arg);

#ifdef CONFIG_POOL_DEBUG
/* Asserts that every fence and all poison is whole. */
void pool_debug_check(const struct pool *p);

#define POOL_HERE	__FILE__, __LINE__
#define POOL_HERE_FILE	__BASE_FILE__, 0
#else
static inline void
pool_debug_check(const struct pool *p)
{
	(void)p;
}

#define POOL_HERE	NULL, 0
#define POOL_HERE_FILE	NULL, 0
#endif

#define pool_get(name)		name##_pool_get_at(POOL_HERE)
#define pool_put(name, p)	name##_pool_put_at(p, POOL_HERE)

#endif
