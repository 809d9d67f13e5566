/* SPDX-License-Identifier: MIT */
/* ipvs_fake.h -- a table of IPVS in an array, with the kernel's errors, and a table of wishes.
 *
 * Included by the tests of ipvs_diff.c and ipvs.c after cmocka.h.  A service is "ours" when its port (or
 * mark) is below OURS.
 */
#ifndef IPVS_FAKE_H
#define IPVS_FAKE_H

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "ipvs_diff.h"

#define OURS		1000
#define FAKE_SERVICES	64
#define FAKE_DESTS	128

struct fake_service {
	struct ipvs_msg_service s;
	unsigned n;
	struct ipvs_msg_dest d[FAKE_DESTS];
};

struct fake_table {
	unsigned n;
	struct fake_service svc[FAKE_SERVICES];
};

static struct fake_table fake;		/* what is there */
static struct fake_table wish;		/* what is wanted, gaps included */
static unsigned fake_changes;		/* requests that changed something */
static unsigned wish_asked;		/* calls of wish_dest() and wish_service() */
static uint32_t fake_seed;

static inline uint32_t
fake_draw(uint32_t n)
{
	fake_seed = fake_seed * 1664525u + 1013904223u;
	return (uint32_t)((uint64_t)(fake_seed >> 8) * n >> 24);
}

static inline struct fake_service *
fake_find(struct fake_table *t, const struct ipvs_msg_service *key)
{
	for (unsigned i = 0; i < t->n; i++)
		if (t->svc[i].s.addr.family && ipvs_msg_same_service(&t->svc[i].s, key))
			return &t->svc[i];
	return NULL;
}

static inline struct ipvs_msg_dest *
fake_find_dest(struct fake_service *f, const struct ipvs_msg_dest *key)
{
	for (unsigned j = 0; j < f->n; j++)
		if (f->d[j].addr.family && ipvs_msg_same_dest(&f->d[j], key))
			return &f->d[j];
	return NULL;
}

/* 0 or -errno, as the kernel answers.  Scheduler "none-such" is not there. */
static inline int
fake_change_service(enum ipvs_diff_step step, const struct ipvs_msg_service *s)
{
	struct fake_service *f = fake_find(&fake, s);

	if (step == IPVS_DIFF_NEW ? f != NULL : f == NULL)
		return f ? -EEXIST : -ESRCH;
	if (step != IPVS_DIFF_DEL && strcmp(s->scheduler, "none-such") == 0)
		return -ENOENT;
	fake_changes++;
	if (step == IPVS_DIFF_DEL) {
		*f = fake.svc[--fake.n];
		return 0;
	}
	if (step == IPVS_DIFF_NEW) {
		assert_true(fake.n < FAKE_SERVICES);
		f = &fake.svc[fake.n++];
		f->n = 0;
	}
	f->s = *s;
	return 0;
}

static inline int
fake_change_dest(enum ipvs_diff_step step, const struct ipvs_msg_service *s,
		 const struct ipvs_msg_dest *d)
{
	struct fake_service *f = fake_find(&fake, s);
	struct ipvs_msg_dest *e = f ? fake_find_dest(f, d) : NULL;

	if (!f)
		return -ESRCH;
	if (step == IPVS_DIFF_NEW ? e != NULL : e == NULL)
		return e ? -EEXIST : -ENOENT;
	if (step != IPVS_DIFF_DEL && d->lthreshold > d->uthreshold)
		return -ERANGE;
	fake_changes++;
	if (step == IPVS_DIFF_DEL) {
		*e = f->d[--f->n];
		return 0;
	}
	if (step == IPVS_DIFF_NEW) {
		assert_true(f->n < FAKE_DESTS);
		e = &f->d[f->n++];
	}
	*e = *d;
	return 0;
}

/* ---- wishes ---- */

static inline bool
wish_service(void *ctx, unsigned i, struct ipvs_msg_service *out)
{
	(void)ctx;
	wish_asked++;
	if (i >= wish.n)
		return false;
	*out = wish.svc[i].s;
	return true;
}

static inline bool
wish_dest(void *ctx, unsigned i, unsigned j, struct ipvs_msg_dest *out)
{
	(void)ctx;
	wish_asked++;
	if (j >= wish.svc[i].n)
		return false;
	*out = wish.svc[i].d[j];
	return true;
}

static inline bool
is_ours(const struct ipvs_msg_service *s)
{
	return (s->fwmark ? s->fwmark : s->port) < OURS;
}

static inline bool
wish_ours(void *ctx, const struct ipvs_msg_service *key)
{
	(void)ctx;
	return is_ours(key);
}

static const struct ipvs_want wishes = {
	.service = wish_service, .dest = wish_dest, .ours = wish_ours,
};

static inline struct net_addr
fake_addr(const char *text)
{
	struct net_addr a;
	assert_true(net_addr_parse(&a, text, strlen(text)));
	return a;
}

static inline struct ipvs_msg_service
fake_web(uint16_t port)
{
	return (struct ipvs_msg_service){
		.addr = fake_addr("192.0.2.1"), .port = port, .protocol = 6,
		.scheduler = "rr", .netmask = 0xffffffff,
	};
}

static inline struct ipvs_msg_dest
fake_server(unsigned i)
{
	struct ipvs_msg_dest d = { .addr = fake_addr("10.0.0.0"), .port = 80, .weight = 1 };
	d.addr.a[2] = (uint8_t)(i >> 8);
	d.addr.a[3] = (uint8_t)i;
	return d;
}

/* Whether each service of ours is as wished, with its servers, and no other is. */
static inline void
assert_as_wished(void)
{
	unsigned ours = 0, wished = 0;

	for (unsigned i = 0; i < fake.n; i++)
		ours += is_ours(&fake.svc[i].s);
	for (unsigned i = 0; i < wish.n; i++) {
		const struct fake_service *w = &wish.svc[i];
		if (!w->s.addr.family || fake_find(&wish, &w->s) != w)
			continue;
		wished++;
		struct fake_service *f = fake_find(&fake, &w->s);
		assert_non_null(f);
		assert_true(ipvs_msg_equal_service(&f->s, &w->s));
		unsigned n = 0;
		for (unsigned j = 0; j < w->n; j++) {
			const struct ipvs_msg_dest *d = &w->d[j];
			if (!d->addr.family || fake_find_dest(&wish.svc[i], d) != d)
				continue;
			n++;
			const struct ipvs_msg_dest *e = fake_find_dest(f, d);
			assert_non_null(e);
			assert_true(ipvs_msg_equal_dest(d, e));
		}
		assert_int_equal(n, f->n);
	}
	assert_int_equal(ours, wished);
}

#endif
