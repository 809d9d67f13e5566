/* SPDX-License-Identifier: MIT */
/* backoff_test.c -- how long a restart waits. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "backoff.h"

#define S	((int64_t)MONO_US_PER_S)
#define MS	((int64_t)MONO_US_PER_MS)

static void
first_restarts_are_immediate_then_delays_double_to_30_s(void **state)
{
	static const int64_t want_ms[] = { 0, 0, 0, 0, 250, 500, 1000, 2000, 4000, 8000,
		16000, 30000, 30000, 30000 };
	struct backoff b = { 0 };

	(void)state;
	for (unsigned i = 0; i < sizeof want_ms / sizeof want_ms[0]; i++)
		assert_int_equal(backoff_died(&b, 1), want_ms[i] * MS);
	for (unsigned i = 0; i < 100000; i++)
		assert_int_equal(backoff_died(&b, 100 * MS - 1), 30 * S);
}

static void
late_death_restarts_at_once_and_makes_up_for_one(void **state)
{
	struct backoff b = { 0 };

	(void)state;
	assert_int_equal(backoff_died(&b, 100 * MS), 0);
	for (unsigned i = 0; i < BACKOFF_FREE; i++)
		assert_int_equal(backoff_died(&b, 0), 0);
	assert_int_equal(backoff_died(&b, 0), 250 * MS);
	assert_int_equal(backoff_died(&b, 100 * MS), 0);
	assert_int_equal(backoff_died(&b, 0), 250 * MS);
	assert_int_equal(backoff_died(&b, 0), 500 * MS);
	assert_int_equal(backoff_died(&b, 60 * S - 1), 0);
	assert_int_equal(backoff_died(&b, 0), 500 * MS);
}

static void
every_other_early_death_is_never_delayed(void **state)
{
	struct backoff b = { 0 };

	(void)state;
	for (unsigned i = 0; i < 1000; i++)
		assert_int_equal(backoff_died(&b, i & 1 ? 100 * MS : 0), 0);
}

static void
a_minute_forgets_all(void **state)
{
	struct backoff b = { 0 };

	(void)state;
	for (unsigned i = 0; i < 20; i++)
		(void)backoff_died(&b, 0);
	assert_int_equal(backoff_died(&b, 60 * S), 0);
	for (unsigned i = 0; i < BACKOFF_FREE; i++)
		assert_int_equal(backoff_died(&b, 0), 0);
	assert_int_equal(backoff_died(&b, 0), 250 * MS);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(first_restarts_are_immediate_then_delays_double_to_30_s),
		cmocka_unit_test(late_death_restarts_at_once_and_makes_up_for_one),
		cmocka_unit_test(every_other_early_death_is_never_delayed),
		cmocka_unit_test(a_minute_forgets_all),
	};

	return cmocka_run_group_tests_name("backoff", tests, NULL, NULL);
}
