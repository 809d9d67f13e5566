/* SPDX-License-Identifier: MIT */
/* pool_debug_none.c -- unguarded pool slots (no CONFIG_POOL_DEBUG). */
#include "pool_inside.h"

void
pool_debug_got(const struct pool *p, uint32_t i, bool again, const char *file,
	       unsigned line)
{
	(void)p, (void)i, (void)again, (void)file, (void)line;
}

void
pool_debug_put(const struct pool *p, uint32_t i, const char *file,
	       unsigned line)
{
	(void)p, (void)i, (void)file, (void)line;
}

void
pool_debug_who(const struct pool *p, uint32_t i, struct strfmt *s)
{
	(void)p, (void)i, (void)s;
}

void
pool_check(const struct pool *p)
{
	(void)p;
}
