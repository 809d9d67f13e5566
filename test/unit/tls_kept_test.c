/* SPDX-License-Identifier: MIT */
/* tls_kept_test.c -- when a session may be taken up again. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "tls_kept.h"

#define REUSE_US	(60 * (int64_t)MONO_US_PER_S)

static const struct tls_kept good = {
	.id_n = 32, .verified = { 1000 }, .from_s = 100, .until_s = 200,
};

static bool
is_good(const struct tls_kept *k, int64_t wall_s, int64_t after_us)
{
	return tls_kept_good(k, REUSE_US, wall_s, mono_add(k->verified, after_us));
}

static void
it_is_good_for_its_time_and_no_longer(void **state)
{
	(void)state;
	assert_true(is_good(&good, 150, 0));
	assert_true(is_good(&good, 150, REUSE_US - 1));
	assert_false(is_good(&good, 150, REUSE_US));
}

static void
with_no_time_at_all_it_is_never_good(void **state)
{
	(void)state;
	assert_false(tls_kept_good(&good, 0, 150, good.verified));
}

static void
it_ends_with_the_first_certificate(void **state)
{
	(void)state;
	assert_true(is_good(&good, 200, 0));
	assert_false(is_good(&good, 201, 0));
}

static void
a_clock_that_was_set_back_ends_it(void **state)
{
	(void)state;
	assert_true(is_good(&good, 100, 0));
	assert_false(is_good(&good, 99, 0));
}

static void
what_was_wiped_is_gone(void **state)
{
	static const struct tls_kept none;
	struct tls_kept k = good;

	(void)state;
	memset(k.secret, 0xa5, sizeof k.secret);
	tls_kept_wipe(&k);
	assert_memory_equal(&k, &none, sizeof k);
	assert_false(tls_kept_good(&k, REUSE_US, 0, (struct mono){ 0 }));
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_good_for_its_time_and_no_longer),
		cmocka_unit_test(with_no_time_at_all_it_is_never_good),
		cmocka_unit_test(it_ends_with_the_first_certificate),
		cmocka_unit_test(a_clock_that_was_set_back_ends_it),
		cmocka_unit_test(what_was_wiped_is_gone),
	};

	return cmocka_run_group_tests_name("tls_kept", tests, 0, 0);
}
