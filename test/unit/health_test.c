/* SPDX-License-Identifier: MIT */
/* health_test.c -- rise, fall, and when the next try is. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "health.h"

#define S	((int64_t)MONO_US_PER_S)
#define MS	((int64_t)MONO_US_PER_MS)

static const struct mono start = { 77 * 1000000 + 3 };

static struct check_conf_check
conf(uint16_t rise, uint16_t fall)
{
	return (struct check_conf_check){ .interval_us = 10 * S, .fast_us = S,
		.rise = rise, .fall = fall };
}

static void
falls_after_fall_failures_in_a_row_and_rises_after_rise(void **state)
{
	struct check_conf_check c = conf(2, 3);
	struct health h;

	(void)state;
	health_init(&h, &c, 0, start);
	assert_true(h.up);
	assert_false(h.known);
	assert_false(health_result(&h, &c, false));
	assert_false(health_result(&h, &c, false));
	assert_false(health_result(&h, &c, true));	/* forgets both */
	assert_true(h.known);
	assert_false(health_result(&h, &c, false));
	assert_false(health_result(&h, &c, false));
	assert_true(health_result(&h, &c, false));
	assert_false(h.up);
	assert_false(health_result(&h, &c, true));
	assert_false(health_result(&h, &c, false));
	assert_false(health_result(&h, &c, true));
	assert_true(health_result(&h, &c, true));
	assert_true(h.up);
}

static void
one_and_one_change_at_once(void **state)
{
	struct check_conf_check c = conf(1, 1);
	struct health h;

	(void)state;
	health_init(&h, &c, 0, start);
	for (unsigned i = 0; i < 10; i++) {
		assert_true(health_result(&h, &c, i % 2 != 0));
		assert_int_equal(h.up, i % 2 != 0);
	}
}

static void
alpha_is_down_until_it_has_risen(void **state)
{
	struct check_conf_check c = conf(2, 1);
	struct health h;

	(void)state;
	c.alpha = true;
	health_init(&h, &c, 0, start);
	assert_false(h.up);
	assert_false(health_result(&h, &c, false));
	assert_true(h.known);
	assert_false(health_result(&h, &c, true));
	assert_true(health_result(&h, &c, true));
}

static void
a_lower_fall_of_a_new_configuration_counts_at_once(void **state)
{
	struct check_conf_check c = conf(1, 10);
	struct health h;

	(void)state;
	health_init(&h, &c, 0, start);
	for (unsigned i = 0; i < 5; i++)
		assert_false(health_result(&h, &c, false));
	c.fall = 3;
	assert_true(health_result(&h, &c, false));
	assert_int_equal(h.streak, 0);
}

/* Any number of checks: in each tenth of the warm-up a tenth of them, give or take two. */
static void
first_tries_are_spread_evenly_over_the_warm_up(void **state)
{
	struct check_conf_check c = conf(1, 1);

	(void)state;
	c.warmup_us = 10 * S;
	for (unsigned n = 10; n <= 1000; n *= 10) {
		unsigned tenth[10] = { 0 };

		for (unsigned i = 0; i < n; i++) {
			struct health h;
			int64_t us;

			health_init(&h, &c, i, start);
			us = health_next_us(&h, &c, start);
			assert_true(us >= 0 && us < c.warmup_us);
			tenth[us / S]++;
		}
		for (unsigned i = 0; i < 10; i++)
			assert_true(abs((int)tenth[i] - (int)n / 10) <= 2);
	}
}

static void
a_warm_up_of_days_does_not_wrap(void **state)
{
	struct check_conf_check c = conf(1, 1);
	struct health h;

	(void)state;
	c.warmup_us = 30 * 86400 * S;
	health_init(&h, &c, 1, start);
	assert_int_equal(health_next_us(&h, &c, start) / (86400 * S), 18);	/* 30 / 1.618 */
}

static void
without_warm_up_the_first_try_is_now_even_when_late(void **state)
{
	struct check_conf_check c = conf(1, 1);
	struct health h;

	(void)state;
	health_init(&h, &c, 5, start);
	assert_int_equal(health_next_us(&h, &c, start), 0);
	assert_int_equal(health_next_us(&h, &c, mono_add(start, 3 * S)), 0);
}

/* A year of tries that take from nothing to 9 s, begun up to 3 ms late. */
static void
slots_never_drift(void **state)
{
	struct check_conf_check c = conf(1, 1);
	struct mono now = start;
	struct health h;

	(void)state;
	health_init(&h, &c, 0, start);
	for (unsigned i = 1; i < 365 * 8640; i++) {
		assert_false(health_result(&h, &c, true));
		now = mono_add(now, i % 4 * 3 * S - (i % 4 == 3) * 4 * MS + i % 4 * MS);
		now = mono_add(now, health_next_us(&h, &c, now));
		assert_int_equal(mono_diff_us(now, start), i * c.interval_us);
		now = mono_add(now, i % 3 * MS);
	}
}

static void
missed_slots_are_skipped_not_made_up_for(void **state)
{
	struct check_conf_check c = conf(1, 1);
	struct health h;

	(void)state;
	health_init(&h, &c, 0, start);
	assert_false(health_result(&h, &c, true));
	assert_int_equal(health_next_us(&h, &c, mono_add(start, 34 * S)), 6 * S);
	assert_int_equal(health_next_us(&h, &c, mono_add(start, 40 * S)), 10 * S);
}

static void
undecided_it_is_tried_faster_and_then_in_its_old_slots(void **state)
{
	struct check_conf_check c = conf(1, 3);
	struct health h;

	(void)state;
	health_init(&h, &c, 0, start);
	assert_false(health_result(&h, &c, false));
	assert_int_equal(health_next_us(&h, &c, mono_add(start, 2 * S)), S);
	assert_false(health_result(&h, &c, false));
	assert_int_equal(health_next_us(&h, &c, mono_add(start, 4 * S)), S);
	assert_true(health_result(&h, &c, false));
	assert_int_equal(health_next_us(&h, &c, mono_add(start, 6 * S)), 4 * S);
}

static void
the_faster_interval_is_never_the_slower(void **state)
{
	struct check_conf_check c = conf(1, 3);
	struct health h;

	(void)state;
	c.fast_us = 60 * S;
	health_init(&h, &c, 0, start);
	assert_false(health_result(&h, &c, false));
	assert_int_equal(health_next_us(&h, &c, mono_add(start, 2 * S)), 8 * S);
	c.fast_us = 0;
	assert_int_equal(health_next_us(&h, &c, mono_add(start, 2 * S)), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(falls_after_fall_failures_in_a_row_and_rises_after_rise),
		cmocka_unit_test(one_and_one_change_at_once),
		cmocka_unit_test(alpha_is_down_until_it_has_risen),
		cmocka_unit_test(a_lower_fall_of_a_new_configuration_counts_at_once),
		cmocka_unit_test(first_tries_are_spread_evenly_over_the_warm_up),
		cmocka_unit_test(a_warm_up_of_days_does_not_wrap),
		cmocka_unit_test(without_warm_up_the_first_try_is_now_even_when_late),
		cmocka_unit_test(slots_never_drift),
		cmocka_unit_test(missed_slots_are_skipped_not_made_up_for),
		cmocka_unit_test(undecided_it_is_tried_faster_and_then_in_its_old_slots),
		cmocka_unit_test(the_faster_interval_is_never_the_slower),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
