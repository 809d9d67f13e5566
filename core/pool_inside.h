/* SPDX-License-Identifier: MIT */
/* pool_inside.h -- what a pool is made of; for pool*.c and pool_define.h only.
 *
 * A zeroed pool is an empty one: there is nothing to initialise.
 */
#ifndef POOL_INSIDE_H
#define POOL_INSIDE_H

#include "pool.h"
#include "strfmt.h"

#define POOL_HELD	0xffff		/* link of a slot in use */
#define POOL_FENCE	16		/* bytes on each side; keeps alignment */

struct pool_state {
	uint32_t used;
	uint32_t most;
	uint32_t refused;
	uint16_t free;			/* slot released last + 1; 0: none */
	uint16_t fresh;			/* slots from here up were never held */
};

/* Who took a slot last and who released it; kept apart from the slot, so that
 * an overrun can't reach it. */
struct pool_owner {
	const char *got_file;
	const char *put_file;
	unsigned got_line;
	unsigned put_line;
};

struct pool {
	const char *name;
	const char *symbol;
	const char *what;
	struct pool_state *state;
	uint16_t *links;		/* POOL_HELD, or next free slot + 1 */
	struct pool_owner *owners;	/* NULL without CONFIG_POOL_DEBUG */
	uint8_t *first;			/* the object in slot 0 */
	uint32_t bytes;			/* of an object */
	uint32_t stride;		/* from slot to slot */
	uint32_t limit;
};

#ifdef CONFIG_POOL_DEBUG
#define POOL_SLOT(type)							\
	struct {							\
		uint8_t before[POOL_FENCE] __attribute__((aligned(16)));\
		type object;						\
		uint8_t after[POOL_FENCE];				\
	}
#define POOL_OBJECT(slots)	(&(slots)[0].object)
#define POOL_OWNERS(name, limit) \
	static struct pool_owner name##_pool_owners[limit];
#define POOL_OWNERS_OF(name)	name##_pool_owners
#else
#define POOL_SLOT(type)		type
#define POOL_OBJECT(slots)	(slots)
#define POOL_OWNERS(name, limit)
#define POOL_OWNERS_OF(name)	NULL
#endif

static inline uint8_t *
pool_object(const struct pool *p, uint32_t i)
{
	return p->first + (size_t)i * p->stride;
}

/* What the typed accessors call. */
void *pool_slot_get(const struct pool *p, const char *file, unsigned line);
void pool_slot_put(const struct pool *p, void *object, const char *file,
		   unsigned line);
void *pool_slot_at(const struct pool *p, uint32_t i);
uint32_t pool_slot_index(const struct pool *p, const void *object);

/* Ends the process: "pool vr slot 3: released, but not held; ...".  `i` is the
 * limit when it is about no slot. */
port_noreturn void pool_broken(const struct pool *p, uint32_t i,
			       const char *how, const char *file,
			       unsigned line);

#ifdef CONFIG_POOL_DEBUG

/* got: before the object is zeroed, `again` when it was held before.  put: after it
 * has been found to be held.  who: appends who took and released the slot. */
void pool_debug_got(const struct pool *p, uint32_t i, bool again,
		    const char *file, unsigned line);
void pool_debug_put(const struct pool *p, uint32_t i, const char *file,
		    unsigned line);
void pool_debug_who(const struct pool *p, uint32_t i, struct strfmt *s);

#else

static inline void
pool_debug_got(const struct pool *p, uint32_t i, bool again, const char *file,
	       unsigned line)
{
	(void)p, (void)i, (void)again, (void)file, (void)line;
}

static inline void
pool_debug_put(const struct pool *p, uint32_t i, const char *file,
	       unsigned line)
{
	(void)p, (void)i, (void)file, (void)line;
}

static inline void
pool_debug_who(const struct pool *p, uint32_t i, struct strfmt *s)
{
	(void)p, (void)i, (void)s;
}

#endif

#endif
