/* SPDX-License-Identifier: MIT */
/* ipvs_diff_test.c -- any table into any other: what is ours ends as wanted, what is foreign stays,
 * and there is one request for each difference, none without. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "ipvs_fake.h"

static struct ipvs_diff diff;
static struct fake_table foreign;	/* what was there and is not ours */
static unsigned requests, refused, readings;
static bool shuffled;			/* the kernel lists them in another order */
static bool stubborn;			/* what is to go stays */
static bool clingy;			/* so do its servers */
static int broken;			/* what a reading of servers answers */

static int
services(void *ctx, struct ipvs_diff *d)
{
	(void)ctx;
	readings++;
	ipvs_diff_again(d);
	for (unsigned i = 0; i < fake.n; i++) {
		unsigned at = shuffled ? fake.n - 1 - i : i;
		ipvs_diff_saw(d, &(union ipvs_diff_thing){ .service = fake.svc[at].s });
		/* Interrupted, and begun anew. */
		if (i == 2 && fake_draw(4) == 0) {
			ipvs_diff_again(d);
			i = UINT32_MAX;
		}
	}
	return 0;
}

static int
dests(void *ctx, struct ipvs_diff *d, const struct ipvs_msg_service *s)
{
	const struct fake_service *f = fake_find(&fake, s);
	(void)ctx;

	if (broken)
		return broken;
	readings++;
	ipvs_diff_again(d);
	for (unsigned j = 0; f && j < f->n; j++) {
		unsigned at = shuffled ? f->n - 1 - j : j;
		ipvs_diff_saw(d, &(union ipvs_diff_thing){ .dest = f->d[at] });
	}
	return 0;
}

static void
change_service(void *ctx, enum ipvs_diff_step step, const struct ipvs_msg_service *s)
{
	(void)ctx;
	assert_int_not_equal(step, IPVS_DIFF_KEEP);
	requests++;
	if (stubborn && step == IPVS_DIFF_DEL)
		return;
	refused += fake_change_service(step, s) != 0;
}

static void
change_dest(void *ctx, enum ipvs_diff_step step, const struct ipvs_msg_service *s,
	    const struct ipvs_msg_dest *d)
{
	(void)ctx;
	assert_int_not_equal(step, IPVS_DIFF_KEEP);
	requests++;
	if (clingy && step == IPVS_DIFF_DEL)
		return;
	refused += fake_change_dest(step, s, d) != 0;
}

static void
flush(void *ctx)
{
	(void)ctx;
}

static const struct ipvs_diff_kernel kernel = {
	.services = services, .dests = dests, .service = change_service,
	.dest = change_dest, .flush = flush,
};

static int
clean(void **state)
{
	(void)state;
	memset(&fake, 0, sizeof fake);
	memset(&wish, 0, sizeof wish);
	requests = refused = readings = fake_changes = wish_asked = 0;
	shuffled = stubborn = clingy = false;
	broken = 0;
	return 0;
}

static int
run(void)
{
	requests = refused = fake_changes = 0;
	return ipvs_diff_run(&diff, &wishes, &kernel, NULL);
}

/* ---- random tables: few keys, so that much coincides ---- */

static struct ipvs_msg_service
any_service(bool ours_only)
{
	struct ipvs_msg_service s = fake_web((uint16_t)(1 + fake_draw(6)));

	if (!ours_only && fake_draw(4) == 0)
		s.port = (uint16_t)(OURS + fake_draw(4));
	s.protocol = fake_draw(2) ? 6 : 17;
	if (fake_draw(3) == 0) {
		s.fwmark = s.port;
		s.port = 0;
		s.protocol = 0;
		memset(s.addr.a, 0, sizeof s.addr.a);
	}
	if (fake_draw(3) == 0) {
		s.addr.family = AF_INET6;
		s.netmask = 128;
	}
	strcpy(s.scheduler, fake_draw(4) ? "rr" : "wlc");
	s.flags = fake_draw(4) == 0;
	return s;
}

static struct ipvs_msg_dest
any_dest(unsigned keys)
{
	struct ipvs_msg_dest d = fake_server(fake_draw(keys));

	d.weight = fake_draw(2);
	d.forward = fake_draw(2) ? 2 : 3;
	d.tunnel = (uint8_t)fake_draw(2);
	return d;
}

static void
fill(struct fake_table *t, bool is_wish)
{
	unsigned most = fake_draw(8) ? 6 : FAKE_DESTS, want = fake_draw(20);

	t->n = 0;
	for (unsigned i = 0; i < want; i++) {
		struct fake_service *f = &t->svc[t->n];
		f->s = any_service(is_wish);
		f->n = 0;
		if (!is_wish && fake_find(t, &f->s))
			continue;
		unsigned n = fake_draw(most + 1);
		for (unsigned j = 0; j < n; j++) {
			f->d[f->n] = any_dest(most);
			if (is_wish || !fake_find_dest(f, &f->d[f->n]))
				f->n++;
		}
		t->n++;
	}
	if (!is_wish)
		return;
	/* Gaps. */
	for (unsigned i = 0; i < t->n; i++) {
		for (unsigned j = 0; j < t->svc[i].n; j++)
			if (fake_draw(8) == 0)
				t->svc[i].d[j].addr.family = 0;
		if (fake_draw(8) == 0)
			t->svc[i].s.addr.family = 0;
	}
}

/* ---- what must change, counted the slow way ---- */

static unsigned
dest_differences(struct fake_service *w, struct fake_service *f)
{
	unsigned n = 0;

	for (unsigned j = 0; j < w->n; j++) {
		const struct ipvs_msg_dest *d = &w->d[j];
		if (!d->addr.family || fake_find_dest(w, d) != d)
			continue;
		const struct ipvs_msg_dest *e = f ? fake_find_dest(f, d) : NULL;
		n += !e || !ipvs_msg_equal_dest(e, d);
	}
	for (unsigned j = 0; f && j < f->n; j++)
		n += !fake_find_dest(w, &f->d[j]);
	return n;
}

static unsigned
differences(void)
{
	unsigned n = 0;

	for (unsigned i = 0; i < wish.n; i++) {
		struct fake_service *w = &wish.svc[i];
		if (!w->s.addr.family || fake_find(&wish, &w->s) != w)
			continue;
		struct fake_service *f = fake_find(&fake, &w->s);
		n += !f || !ipvs_msg_equal_service(&f->s, &w->s);
		n += dest_differences(w, f);
	}
	for (unsigned i = 0; i < fake.n; i++)
		n += is_ours(&fake.svc[i].s) && !fake_find(&wish, &fake.svc[i].s);
	return n;
}

static void
keep_foreign(void)
{
	foreign.n = 0;
	for (unsigned i = 0; i < fake.n; i++)
		if (!is_ours(&fake.svc[i].s))
			foreign.svc[foreign.n++] = fake.svc[i];
}

static void
assert_foreign_untouched(void)
{
	unsigned n = 0;

	for (unsigned i = 0; i < fake.n; i++)
		n += !is_ours(&fake.svc[i].s);
	assert_int_equal(n, foreign.n);
	for (unsigned i = 0; i < foreign.n; i++) {
		const struct fake_service *f = fake_find(&fake, &foreign.svc[i].s);
		assert_non_null(f);
		assert_true(ipvs_msg_equal_service(&f->s, &foreign.svc[i].s));
		assert_int_equal(f->n, foreign.svc[i].n);
		assert_memory_equal(f->d, foreign.svc[i].d, f->n * sizeof f->d[0]);
	}
}

static void
any_table_becomes_any_other(void **state)
{
	const char *given = getenv("SEED");
	uint32_t base = given ? (uint32_t)strtoul(given, NULL, 0) : 4711;
	(void)state;

	printf("# seed %u\n", (unsigned)base);
	for (uint32_t i = 0; i < 3000; i++) {
		fake_seed = base + i;
		fill(&fake, false);
		fill(&wish, true);
		shuffled = fake_draw(2);
		keep_foreign();
		unsigned expect = differences();
		assert_int_equal(run(), 0);
		assert_int_equal(requests, expect);
		assert_int_equal(refused, 0);
		assert_as_wished();
		assert_foreign_untouched();
		shuffled = !shuffled;
		assert_int_equal(run(), 0);
		assert_int_equal(requests, 0);
	}
}

static void
nothing_wanted_leaves_nothing_of_ours(void **state)
{
	(void)state;
	for (uint16_t i = 0; i < 60; i++)		/* more than one reading holds */
		fake.svc[fake.n++].s = fake_web(i < 50 ? (uint16_t)(i + 1) :
						(uint16_t)(OURS + i));
	assert_int_equal(run(), 0);
	assert_int_equal(requests, 50);
	assert_int_equal(fake.n, 10);
	assert_int_equal(readings, 2);
}

static void
more_servers_to_go_than_one_reading_holds(void **state)
{
	(void)state;
	wish.n = fake.n = 1;
	wish.svc[0].s = fake.svc[0].s = fake_web(80);
	for (unsigned j = 0; j < 100; j++)
		fake.svc[0].d[fake.svc[0].n++] = fake_server(j);
	wish.svc[0].d[wish.svc[0].n++] = fake_server(99);
	assert_int_equal(run(), 0);
	assert_int_equal(requests, 99);
	assert_as_wished();
}

static void
a_full_table_is_linear(void **state)
{
	const unsigned most = CONFIG_CHECK_DESTS < FAKE_DESTS ? CONFIG_CHECK_DESTS : FAKE_DESTS;
	(void)state;

	wish.n = fake.n = 1;
	wish.svc[0].s = fake.svc[0].s = fake_web(80);
	for (unsigned j = 0; j < most; j++) {
		wish.svc[0].d[wish.svc[0].n++] = fake_server(j);
		fake.svc[0].d[fake.svc[0].n++] = fake_server(most - 1 - j);
	}
	assert_int_equal(run(), 0);
	assert_int_equal(requests, 0);
	assert_true(wish_asked < 8 * most);
}

static bool
endless(void *ctx, unsigned i, struct ipvs_msg_service *out)
{
	(void)ctx;
	*out = fake_web((uint16_t)i);
	return true;
}

static void
more_than_the_pools_hold_is_refused(void **state)
{
	const struct ipvs_want want = { .service = endless, .dest = wish_dest, .ours = wish_ours };
	(void)state;

	assert_int_equal(ipvs_diff_run(&diff, &want, &kernel, NULL), -ENOSPC);
	assert_int_equal(requests, 0);
}

static bool
endless_servers(void *ctx, unsigned i, unsigned j, struct ipvs_msg_dest *out)
{
	(void)ctx;
	(void)i;
	*out = fake_server(j);
	return true;
}

static void
more_servers_than_the_pools_hold_are_refused(void **state)
{
	const struct ipvs_want want = { .service = wish_service, .dest = endless_servers,
					.ours = wish_ours };
	(void)state;

	wish.n = fake.n = 1;
	wish.svc[0].s = fake.svc[0].s = fake_web(80);
	assert_int_equal(ipvs_diff_run(&diff, &want, &kernel, NULL), -ENOSPC);
	assert_int_equal(requests, 0);
}

static void
what_the_kernel_refuses_is_asked_for_once(void **state)
{
	(void)state;
	wish.n = 2;
	wish.svc[0].s = fake_web(80);
	strcpy(wish.svc[0].s.scheduler, "none-such");
	wish.svc[0].d[wish.svc[0].n++] = fake_server(1);
	wish.svc[1].s = fake_web(81);
	wish.svc[1].d[wish.svc[1].n++] = fake_server(2);
	assert_int_equal(run(), 0);
	/* Nor is any server of what is not there. */
	assert_int_equal(requests, 3);
	assert_int_equal(refused, 1);
	assert_int_equal(fake.svc[0].n, 1);
}

static void
what_does_not_go_away_ends(void **state)
{
	(void)state;
	for (uint16_t i = 0; i < 50; i++)
		fake.svc[fake.n++].s = fake_web((uint16_t)(i + 1));
	stubborn = true;
	assert_int_equal(run(), -ELOOP);
	stubborn = false;
	fake.n = wish.n = 1;
	wish.svc[0].s = fake.svc[0].s;
	for (unsigned j = 0; j < 50; j++)
		fake.svc[0].d[fake.svc[0].n++] = fake_server(j);
	clingy = true;
	assert_int_equal(run(), -ELOOP);
}

static void
a_broken_reading_changes_nothing(void **state)
{
	(void)state;
	wish.n = fake.n = 1;
	wish.svc[0].s = fake.svc[0].s = fake_web(80);
	wish.svc[0].d[wish.svc[0].n++] = fake_server(1);
	broken = -EBADMSG;
	assert_int_equal(run(), -EBADMSG);
	assert_int_equal(requests, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(any_table_becomes_any_other, clean),
		cmocka_unit_test_setup(nothing_wanted_leaves_nothing_of_ours, clean),
		cmocka_unit_test_setup(more_servers_to_go_than_one_reading_holds, clean),
		cmocka_unit_test_setup(a_full_table_is_linear, clean),
		cmocka_unit_test_setup(more_than_the_pools_hold_is_refused, clean),
		cmocka_unit_test_setup(more_servers_than_the_pools_hold_are_refused, clean),
		cmocka_unit_test_setup(what_the_kernel_refuses_is_asked_for_once, clean),
		cmocka_unit_test_setup(what_does_not_go_away_ends, clean),
		cmocka_unit_test_setup(a_broken_reading_changes_nothing, clean),
	};
	return cmocka_run_group_tests_name("ipvs_diff", tests, 0, 0);
}
