/* SPDX-License-Identifier: MIT */
/* interval_test.c -- skew and down interval, against figures worked by hand. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "interval.h"

static void
version_2_counts_seconds_and_version_3_centiseconds(void **state)
{
	(void)state;
	assert_true(interval_wire_us(2, 1) == 1000000);
	assert_true(interval_wire_us(2, 255) == 255000000);
	assert_true(interval_wire_us(3, 1) == 10000);
	assert_true(interval_wire_us(3, 100) == 1000000);
	assert_true(interval_wire_us(3, 4095) == 40950000);
}

static void
wire_form_is_cut_and_bounded(void **state)
{
	(void)state;
	assert_int_equal(interval_to_wire(3, 10000), 1);
	assert_int_equal(interval_to_wire(3, 19999), 1);
	assert_int_equal(interval_to_wire(3, 9999), 0);
	assert_int_equal(interval_to_wire(3, 40950000), 4095);
	assert_int_equal(interval_to_wire(3, 40960000), 4095);
	assert_int_equal(interval_to_wire(3, INT64_MAX), 4095);
	assert_int_equal(interval_to_wire(3, -1), 0);
	assert_int_equal(interval_to_wire(2, 1000000), 1);
	assert_int_equal(interval_to_wire(2, 2999999), 2);
	assert_int_equal(interval_to_wire(2, 256000000), 255);
	assert_int_equal(interval_to_wire(2, (int64_t)1 << 33), 255);
}

static void
every_wire_value_survives_the_way_there_and_back(void **state)
{
	(void)state;
	for (unsigned cs = 0; cs <= 4095; cs++)
		assert_int_equal(interval_to_wire(3, interval_wire_us(3, cs)), cs);
	for (unsigned s = 0; s <= 255; s++)
		assert_int_equal(interval_to_wire(2, interval_wire_us(2, s)), s);
}

/* The microseconds below are 3 * interval + (256 - priority) * scale / 256. */
static void
down_interval_is_the_worked_example(void **state)
{
	static const struct {
		unsigned version, prio;
		int64_t interval_us, down_us;
	} t[] = {
		{ 2,   1, 1000000, 3996093 },	/* 255/256 s = 0.99609375 */
		{ 2, 100, 1000000, 3609375 },	/* 156/256 s = 0.609375 */
		{ 2, 200, 1000000, 3218750 },	/*  56/256 s = 0.21875 */
		{ 2, 254, 1000000, 3007812 },	/*   2/256 s = 0.0078125 */
		{ 2, 255, 1000000, 3003906 },
		{ 2,   1, 2000000, 6996093 },	/* skew does not scale */
		{ 3,   1,  200000,  799218 },	/* 20 cs */
		{ 3, 100,  200000,  721875 },
		{ 3, 200,  200000,  643750 },
		{ 3, 254,  200000,  601562 },
		{ 3, 100, 1000000, 3609375 },	/* at 1 s both versions agree */
		{ 3, 254,   10000,   30078 },	/* 1 cs, the fastest */
		{ 3, 253,   10000,   30117 },
		{ 3,   1, 40950000, 163640039 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof t / sizeof t[0]; i++)
		assert_true(interval_down_us(t[i].version, t[i].prio,
			    t[i].interval_us, INTERVAL_ADVERTS) == t[i].down_us);
}

static void
skew_of_version_2_does_not_scale(void **state)
{
	(void)state;
	assert_true(interval_skew_us(2, 100, 1000000) == 609375);
	assert_true(interval_skew_us(2, 100, 255000000) == 609375);
	assert_true(interval_skew_us(3, 100, 2000000) == 1218750);
}

/* Centiseconds would make neighbours equal below 2.56 s. */
static void
neighbouring_priorities_keep_their_order_at_ten_milliseconds(void **state)
{
	(void)state;
	for (unsigned prio = 1; prio < 255; prio++) {
		const int64_t lower = interval_skew_us(3, prio, 10000);
		const int64_t higher = interval_skew_us(3, prio + 1, 10000);

		assert_true(lower - higher >= 39);
		assert_true(higher > 0);
	}
}

static void
number_of_missed_adverts_is_a_parameter(void **state)
{
	(void)state;
	assert_true(interval_down_us(3, 255, 1000000, 1) == 1003906);
	assert_true(interval_down_us(2, 255, 255000000, 100) == 25500003906);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(version_2_counts_seconds_and_version_3_centiseconds),
		cmocka_unit_test(wire_form_is_cut_and_bounded),
		cmocka_unit_test(every_wire_value_survives_the_way_there_and_back),
		cmocka_unit_test(down_interval_is_the_worked_example),
		cmocka_unit_test(skew_of_version_2_does_not_scale),
		cmocka_unit_test(neighbouring_priorities_keep_their_order_at_ten_milliseconds),
		cmocka_unit_test(number_of_missed_adverts_is_a_parameter),
	};

	return cmocka_run_group_tests_name("interval", tests, 0, 0);
}
