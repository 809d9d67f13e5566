/* SPDX-License-Identifier: MIT */
/* ipvs_diff.c -- a part of ipvs.c: what differs, and the requests that mend it. */
#include "ipvs_diff.h"

#include <errno.h>
#include <string.h>

_Static_assert(IPVS_DIFF_MOST < UINT16_MAX, "a slot holds a number + 1");

static bool
bit(const uint8_t *bits, unsigned i)
{
	return bits[i / 8] >> i % 8 & 1;
}

static void
set_bit(uint8_t *bits, unsigned i)
{
	bits[i / 8] |= (uint8_t)(1u << i % 8);
}

/* Wanted thing `i`; false behind the last. */
static bool
wanted(const struct ipvs_diff *d, unsigned i, union ipvs_diff_thing *out)
{
	if (d->dests)
		return d->want->dest(d->want->ctx, d->of, i, &out->dest);
	return d->want->service(d->want->ctx, i, &out->service);
}

static bool
is_gap(const struct ipvs_diff *d, const union ipvs_diff_thing *t)
{
	return d->dests ? t->dest.addr.family == 0 : t->service.addr.family == 0;
}

static bool
same(const struct ipvs_diff *d, const union ipvs_diff_thing *a,
     const union ipvs_diff_thing *b)
{
	return d->dests ? ipvs_msg_same_dest(&a->dest, &b->dest) :
			  ipvs_msg_same_service(&a->service, &b->service);
}

static bool
equal(const struct ipvs_diff *d, const union ipvs_diff_thing *a,
      const union ipvs_diff_thing *b)
{
	return d->dests ? ipvs_msg_equal_dest(&a->dest, &b->dest) :
			  ipvs_msg_equal_service(&a->service, &b->service);
}

/* The slot of the thing with the key of `t`, or the free one where it belongs; `found` is the
 * wanted thing in it. */
static uint16_t *
look_up(struct ipvs_diff *d, const union ipvs_diff_thing *t, union ipvs_diff_thing *found)
{
	uint32_t hash = d->dests ? ipvs_msg_hash_dest(&t->dest) :
				   ipvs_msg_hash_service(&t->service);

	/* At least half of the slots are free. */
	for (uint32_t i = hash ^ hash >> 16;; i++) {
		uint16_t *slot = &d->slot[i & d->mask];
		if (*slot == 0 ||
		    (wanted(d, *slot - 1u, found) && same(d, t, found)))
			return slot;
	}
}

/* Hashes what is wanted; of two with the same key the first counts.  0 or -ENOSPC. */
static int
collect(struct ipvs_diff *d)
{
	union ipvs_diff_thing t, other;

	for (d->n = 0; wanted(d, d->n, &t); d->n++)
		if (d->n == IPVS_DIFF_MOST)
			return -ENOSPC;
	for (d->mask = 1; d->mask + 1 < 2 * d->n; d->mask = 2 * d->mask + 1)
		;
	memset(d->slot, 0, (d->mask + 1) * sizeof d->slot[0]);
	for (unsigned i = 0; i < d->n; i++) {
		if (!wanted(d, i, &t) || is_gap(d, &t))
			continue;
		uint16_t *slot = look_up(d, &t, &other);
		if (*slot == 0)
			*slot = (uint16_t)(i + 1);
	}
	return 0;
}

void
ipvs_diff_again(struct ipvs_diff *d)
{
	memset(d->seen, 0, IPVS_DIFF_BITS(d->n));
	memset(d->differs, 0, IPVS_DIFF_BITS(d->n));
	d->ngone = 0;
	d->more = false;
}

static void
unwanted(struct ipvs_diff *d, const union ipvs_diff_thing *have)
{
	if (!d->dests && !d->want->ours(d->want->ctx, &have->service))
		return;
	if (d->ngone < IPVS_DIFF_GONE)
		d->gone[d->ngone++] = *have;
	else
		d->more = true;
}

void
ipvs_diff_saw(struct ipvs_diff *d, const union ipvs_diff_thing *have)
{
	union ipvs_diff_thing t;
	const uint16_t *slot = look_up(d, have, &t);

	if (*slot == 0) {
		unwanted(d, have);
		return;
	}
	set_bit(d->seen, *slot - 1u);
	if (!equal(d, &t, have))
		set_bit(d->differs, *slot - 1u);
}

/* What is to be done with wanted thing `i`, which is read into `t`. */
static enum ipvs_diff_step
step_of(struct ipvs_diff *d, unsigned i, union ipvs_diff_thing *t)
{
	union ipvs_diff_thing first;

	if (bit(d->seen, i)) {
		if (!bit(d->differs, i))
			return IPVS_DIFF_KEEP;
		return wanted(d, i, t) ? IPVS_DIFF_SET : IPVS_DIFF_KEEP;
	}
	/* The second of two with the same key is passed over. */
	if (!wanted(d, i, t) || is_gap(d, t) || *look_up(d, t, &first) != i + 1)
		return IPVS_DIFF_KEEP;
	return IPVS_DIFF_NEW;
}

/* Asks for new services and changed ones; whether there were any. */
static bool
mend_services(struct ipvs_diff *d, const struct ipvs_diff_kernel *kernel, void *ctx)
{
	union ipvs_diff_thing t;
	bool any = false;

	for (unsigned i = 0; i < d->n; i++) {
		enum ipvs_diff_step step = step_of(d, i, &t);
		if (step == IPVS_DIFF_KEEP)
			continue;
		kernel->service(ctx, step, &t.service);
		any = true;
	}
	return any;
}

/* Services; what the kernel has refused is not asked for again, and `exists` tells
 * which of them are there in the end. */
static int
run_services(struct ipvs_diff *d, const struct ipvs_diff_kernel *kernel, void *ctx)
{
	bool again = true;

	d->dests = false;
	int error = collect(d);
	for (unsigned round = 0; error == 0 && again; round++) {
		if (round == IPVS_DIFF_ROUNDS)
			return -ELOOP;
		error = kernel->services(ctx, d);
		if (error)
			return error;
		again = round == 0 && mend_services(d, kernel, ctx);
		for (unsigned i = 0; i < d->ngone; i++)
			kernel->service(ctx, IPVS_DIFF_DEL, &d->gone[i].service);
		again = again || d->more;
		if (again)
			kernel->flush(ctx);
	}
	memcpy(d->exists, d->seen, sizeof d->exists);
	return error;
}

static void
mend_dests(struct ipvs_diff *d, const struct ipvs_diff_kernel *kernel, void *ctx,
	   const struct ipvs_msg_service *s)
{
	union ipvs_diff_thing t;

	for (unsigned j = 0; j < d->n; j++) {
		enum ipvs_diff_step step = step_of(d, j, &t);
		if (step != IPVS_DIFF_KEEP)
			kernel->dest(ctx, step, s, &t.dest);
	}
}

/* The servers of one service: new ones come before old ones go. */
static int
run_dests(struct ipvs_diff *d, const struct ipvs_diff_kernel *kernel, void *ctx,
	  const struct ipvs_msg_service *s)
{
	int error = collect(d);

	if (error)
		return error;
	for (unsigned round = 0; round < IPVS_DIFF_ROUNDS; round++) {
		error = kernel->dests(ctx, d, s);
		if (error)
			return error;
		if (round == 0)
			mend_dests(d, kernel, ctx, s);
		for (unsigned i = 0; i < d->ngone; i++)
			kernel->dest(ctx, IPVS_DIFF_DEL, s, &d->gone[i].dest);
		if (!d->more)
			return 0;
		kernel->flush(ctx);
	}
	return -ELOOP;
}

int
ipvs_diff_run(struct ipvs_diff *d, const struct ipvs_want *want,
	      const struct ipvs_diff_kernel *kernel, void *ctx)
{
	struct ipvs_msg_service s;

	d->want = want;
	int error = run_services(d, kernel, ctx);
	unsigned n = d->n;
	d->dests = true;
	for (d->of = 0; error == 0 && d->of < n; d->of++)
		if (bit(d->exists, d->of) && want->service(want->ctx, d->of, &s))
			error = run_dests(d, kernel, ctx, &s);
	kernel->flush(ctx);
	return error;
}
