/* SPDX-License-Identifier: MIT */
/* pool.c -- slots from a free list of indexes. */
#include "pool_inside.h"

#include <string.h>

void
pool_broken(const struct pool *p, uint32_t i, const char *how,
	    const char *file, unsigned line)
{
	char text[192];
	struct strfmt s;

	strfmt_init(&s, text, sizeof text);
	strfmt_put(&s, "pool %s", p->name);
	if (i < p->limit)
		strfmt_put(&s, " slot %u", (unsigned)i);
	strfmt_put(&s, ": %s", how);
	pool_debug_who(p, i, &s);
	port_assert_failed(file != NULL ? file : __FILE__, line, text);
}

static bool
is_held(const struct pool *p, uint32_t i)
{
	return i < p->state->fresh && p->links[i] == POOL_HELD;
}

/* The slot of any pointer into the pool that is an object's first byte; the
 * limit when there is none.  As integers: comparing pointers of different
 * arrays says nothing. */
static uint32_t
slot_of(const struct pool *p, const void *object)
{
	const uintptr_t at = (uintptr_t)object - (uintptr_t)p->first;

	if ((uintptr_t)object < (uintptr_t)p->first || at % p->stride != 0 ||
	    at / p->stride >= p->limit)
		return p->limit;
	return (uint32_t)(at / p->stride);
}

void *
pool_slot_get(const struct pool *p, const char *file, unsigned line)
{
	struct pool_state *const st = p->state;
	const bool again = st->free != 0;
	uint32_t i;

	if (again) {
		i = st->free - 1u;
		st->free = p->links[i];
	} else if (st->fresh < p->limit) {
		i = st->fresh++;
	} else {
		if (st->refused < UINT32_MAX)
			st->refused++;
		return NULL;
	}
	p->links[i] = POOL_HELD;
	st->used++;
	if (st->used > st->most)
		st->most = st->used;
	pool_debug_got(p, i, again, file, line);
	return memset(pool_object(p, i), 0, p->bytes);
}

void
pool_slot_put(const struct pool *p, void *object, const char *file,
	      unsigned line)
{
	struct pool_state *const st = p->state;
	const uint32_t i = slot_of(p, object);

	if (i == p->limit)
		pool_broken(p, i, "released, but not of this pool", file, line);
	if (!is_held(p, i))
		pool_broken(p, i, "released, but not held", file, line);
	pool_debug_put(p, i, file, line);
	p->links[i] = st->free;
	st->free = (uint16_t)(i + 1);
	st->used--;
}

void *
pool_slot_at(const struct pool *p, uint32_t i)
{
	return is_held(p, i) ? pool_object(p, i) : NULL;
}

uint32_t
pool_slot_index(const struct pool *p, const void *object)
{
	const uint32_t i = slot_of(p, object);

	if (i == p->limit || !is_held(p, i))
		pool_broken(p, i, "asked for, but not held", NULL, __LINE__);
	return i;
}

void
pool_stat(const struct pool *p, struct pool_stat *out)
{
	*out = (struct pool_stat){
		.name = p->name,
		.symbol = p->symbol,
		.what = p->what,
		.slot_bytes = p->stride,
		.limit = p->limit,
		.used = p->state->used,
		.most = p->state->most,
		.refused = p->state->refused,
	};
}

uint32_t
pool_leaks(const struct pool *p,
	   void (*held)(void *arg, const char *name, uint32_t slot,
			const char *file, unsigned line),
	   void *arg)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < p->state->fresh; i++) {
		if (!is_held(p, i))
			continue;
		const struct pool_owner *const o =
			p->owners != NULL ? &p->owners[i] : NULL;
		held(arg, p->name, i, o != NULL ? o->got_file : NULL,
		     o != NULL ? o->got_line : 0);
		n++;
	}
	return n;
}
