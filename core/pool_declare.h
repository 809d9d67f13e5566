/* SPDX-License-Identifier: MIT */
/* pool_declare.h -- the accessors of the pools in POOL_TABLE (see pool.h).
 *
 * Included once for each table, so it has no guard; without a table it is empty.
 */
#ifdef POOL_TABLE

#include "pool.h"

#define POOL(folder, name, type, limit, what)				\
	type *name##_pool_get_at(const char *file, unsigned line);	\
	void name##_pool_put_at(type *p, const char *file,		\
				unsigned line);				\
	type *name##_pool_at(uint32_t i);				\
	uint32_t name##_pool_index(const type *p);			\
	uint32_t name##_pool_end(void);					\
	static inline type *						\
	name##_pool_get(void)						\
	{								\
		return name##_pool_get_at(POOL_HERE_FILE);		\
	}								\
	static inline void						\
	name##_pool_put(type *p)					\
	{								\
		name##_pool_put_at(p, POOL_HERE_FILE);			\
	}
#include POOL_TABLE
#undef POOL

#define POOL_ARRAY2(folder)	folder##_pools
#define POOL_ARRAY(folder)	POOL_ARRAY2(folder)
#define POOL_COUNT2(folder)	folder##_pools_count
#define POOL_COUNT(folder)	POOL_COUNT2(folder)

extern const struct pool *const POOL_ARRAY(POOL_FOLDER)[];
extern const unsigned POOL_COUNT(POOL_FOLDER);

#undef POOL_ARRAY2
#undef POOL_ARRAY
#undef POOL_COUNT2
#undef POOL_COUNT
#undef POOL_TABLE
#undef POOL_FOLDER

#endif
