/* SPDX-License-Identifier: MIT */
/* pool_define.h -- the storage of the pools in POOL_TABLE (see pool.h).
 *
 * Included once, in the table's one source file, so it has no guard; without a
 * table it is empty.
 */
#ifdef POOL_TABLE

#include "pool_inside.h"

/* `limit` is made text before it is expanded, so that a full pool can name the
 * Kconfig symbol to raise. */
#define POOL(folder, name_, type, limit_, what_)				\
	_Static_assert((limit_) > 0 && (limit_) < POOL_HELD,		\
		       #limit_ " is out of what a pool can hold");	\
	static POOL_SLOT(type) name_##_pool_slots[limit_];		\
	static uint16_t name_##_pool_links[limit_];			\
	static struct pool_state name_##_pool_state;			\
	POOL_OWNERS(name_, limit_)					\
	static const struct pool name_##_pool = {			\
		.name = #name_,						\
		.symbol = #limit_,					\
		.what = what_,						\
		.state = &name_##_pool_state,				\
		.links = name_##_pool_links,				\
		.owners = POOL_OWNERS_OF(name_),				\
		.first = (uint8_t *)POOL_OBJECT(name_##_pool_slots),	\
		.bytes = sizeof(type),					\
		.stride = sizeof name_##_pool_slots[0],			\
		.limit = limit_,					\
	};								\
	type *								\
	name_##_pool_get_at(const char *file, unsigned line)		\
	{								\
		return pool_slot_get(&name_##_pool, file, line);		\
	}								\
	void								\
	name_##_pool_put_at(type *p, const char *file, unsigned line)	\
	{								\
		pool_slot_put(&name_##_pool, p, file, line);		\
	}								\
	type *								\
	name_##_pool_at(uint32_t i)					\
	{								\
		return pool_slot_at(&name_##_pool, i);			\
	}								\
	uint32_t							\
	name_##_pool_index(const type *p)				\
	{								\
		return pool_slot_index(&name_##_pool, p);		\
	}								\
	uint32_t							\
	name_##_pool_end(void)						\
	{								\
		return name_##_pool_state.fresh;				\
	}
#include POOL_TABLE
#undef POOL

#define POOL_ARRAY2(folder)	folder##_pools
#define POOL_ARRAY(folder)	POOL_ARRAY2(folder)
#define POOL_COUNT2(folder)	folder##_pools_count
#define POOL_COUNT(folder)	POOL_COUNT2(folder)
#define POOL_WORD2(folder)	#folder
#define POOL_WORD(folder)	POOL_WORD2(folder)

const struct pool *const POOL_ARRAY(POOL_FOLDER)[] = {
#define POOL(folder, name, type, limit, what)	&name##_pool,
#include POOL_TABLE
#undef POOL
};

const unsigned POOL_COUNT(POOL_FOLDER) =
	PORT_ARRAY_SIZE(POOL_ARRAY(POOL_FOLDER));

/* What guards a slot in debug mode is not a release's RAM and not counted. */
_Static_assert(0
#define POOL(folder, name, type, limit, what)				\
	+ (uint64_t)(limit) * (sizeof(type) + sizeof(uint16_t))		\
	+ sizeof(struct pool_state)
#include POOL_TABLE
#undef POOL
	<= (POOL_RAM),
	"the pools of " POOL_WORD(POOL_FOLDER)
	" need more than the RAM that Kconfig allows this folder");

#undef POOL_ARRAY2
#undef POOL_ARRAY
#undef POOL_COUNT2
#undef POOL_COUNT
#undef POOL_WORD2
#undef POOL_WORD
#undef POOL_TABLE
#undef POOL_FOLDER
#undef POOL_RAM

#endif
