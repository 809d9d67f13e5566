/* SPDX-License-Identifier: MIT */
/* pool_debug.c -- fences, poison and owners of pool slots (CONFIG_POOL_DEBUG). */
#include "pool_inside.h"

#include <string.h>

#define POOL_FENCE_BYTE		0xc5
#define POOL_POISON_BYTE	0xa6	/* odd as a pointer's top, even below */

static bool
all_bytes(const uint8_t *p, size_t n, uint8_t want)
{
	for (size_t i = 0; i < n; i++) {
		if (p[i] != want)
			return false;
	}
	return true;
}

static void
check_fences(const struct pool *p, uint32_t i, const char *file, unsigned line)
{
	const uint8_t *const object = pool_object(p, i);

	if (!all_bytes(object - POOL_FENCE, POOL_FENCE, POOL_FENCE_BYTE))
		pool_broken(p, i, "overwritten before its start", file, line);
	if (!all_bytes(object + p->bytes, POOL_FENCE, POOL_FENCE_BYTE))
		pool_broken(p, i, "overwritten behind its end", file, line);
}

static void
check_poison(const struct pool *p, uint32_t i, const char *file, unsigned line)
{
	if (!all_bytes(pool_object(p, i), p->bytes, POOL_POISON_BYTE))
		pool_broken(p, i, "written after its release", file, line);
}

void
pool_debug_got(const struct pool *p, uint32_t i, bool again, const char *file,
	       unsigned line)
{
	uint8_t *const object = pool_object(p, i);

	if (again) {
		check_fences(p, i, file, line);
		check_poison(p, i, file, line);
	} else {
		memset(object - POOL_FENCE, POOL_FENCE_BYTE, POOL_FENCE);
		memset(object + p->bytes, POOL_FENCE_BYTE, POOL_FENCE);
	}
	p->owners[i] = (struct pool_owner){ .got_file = file,
					    .got_line = line };
}

void
pool_debug_put(const struct pool *p, uint32_t i, const char *file,
	       unsigned line)
{
	check_fences(p, i, file, line);
	memset(pool_object(p, i), POOL_POISON_BYTE, p->bytes);
	p->owners[i].put_file = file;
	p->owners[i].put_line = line;
}

void
pool_debug_who(const struct pool *p, uint32_t i, struct strfmt *s)
{
	if (i >= p->state->fresh)
		return;
	const struct pool_owner *const o = &p->owners[i];
	strfmt_put(s, "; taken at %s:%u", o->got_file, o->got_line);
	if (o->put_file != NULL)
		strfmt_put(s, ", released at %s:%u", o->put_file, o->put_line);
}

void
pool_debug_check(const struct pool *p)
{
	for (uint32_t i = 0; i < p->state->fresh; i++) {
		check_fences(p, i, NULL, __LINE__);
		if (p->links[i] != POOL_HELD)
			check_poison(p, i, NULL, __LINE__);
	}
}
