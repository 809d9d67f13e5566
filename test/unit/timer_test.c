/* SPDX-License-Identifier: MIT */
/* timer_test.c -- the heap of deadlines against a plain sorted array. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "timer.h"
#include "port.h"

#define N 300

static struct timers ts;
static struct timer timer[N];
static struct timer *order[4 * N];
static unsigned fired;
static uint32_t rng;

static uint32_t
random_below(uint32_t n)
{
	rng = rng * 1664525u + 1013904223u;
	return (rng >> 8) % n;
}

static void
note(struct timer *t, struct mono now)
{
	assert_true(t->at.us <= now.us);
	assert_false(t->armed);
	if (fired < PORT_ARRAY_SIZE(order))
		order[fired++] = t;
}

static int
setup(void **state)
{
	(void)state;
	ts = (struct timers){ 0 };
	fired = 0;
	for (unsigned i = 0; i < N; i++)
		timer_init(&timer[i], note);
	return 0;
}

static struct mono
at(int64_t us)
{
	return (struct mono){ .us = us };
}

static void
nothing_armed_is_never_due(void **state)
{
	(void)state;
	assert_true(mono_is_never(timer_next(&ts)));
	assert_int_equal(timer_run(&ts, at(INT64_MAX - 1)), 0);
}

static void
equal_deadlines_fire_in_order_of_arming(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 50; i++)
		timer_arm(&ts, &timer[i], at(7));
	timer_arm(&ts, &timer[3], at(7));	/* again: now the last */
	assert_int_equal(timer_run(&ts, at(6)), 0);
	assert_int_equal(timer_run(&ts, at(7)), 50);
	assert_ptr_equal(order[2], &timer[2]);
	assert_ptr_equal(order[3], &timer[4]);
	assert_ptr_equal(order[49], &timer[3]);
}

static void
sequence_numbers_may_wrap(void **state)
{
	(void)state;
	ts.seq = UINT32_MAX;
	timer_arm(&ts, &timer[0], at(1));
	timer_arm(&ts, &timer[1], at(1));
	timer_run(&ts, at(1));
	assert_ptr_equal(order[0], &timer[0]);
}

static void
rearm_self(struct timer *t, struct mono now)
{
	fired++;
	timer_arm(&ts, t, now);
}

static void
storm_of_zero_delay_ends_and_is_counted(void **state)
{
	(void)state;
	timer_init(&timer[0], rearm_self);
	timer_arm(&ts, &timer[0], at(1));
	assert_int_equal(timer_run(&ts, at(5)), TIMER_STORM);
	assert_int_equal(ts.storms, 1);
	assert_true(timer[0].armed);
}

static void
random_arm_stop_run_agrees_with_sorted_order(void **state)
{
	(void)state;
	rng = 20261122;
	print_message("seed %u\n", rng);
	for (int round = 0; round < 200; round++) {
		setup(NULL);
		unsigned armed = 0;

		for (int op = 0; op < 900; op++) {
			struct timer *t = &timer[random_below(N)];

			if (random_below(3))
				timer_arm(&ts, t, at(random_below(1000)));
			else
				timer_stop(&ts, t);
		}
		int64_t least = INT64_MAX;

		for (unsigned i = 0; i < N; i++) {
			armed += timer[i].armed;
			if (timer[i].armed && timer[i].at.us < least)
				least = timer[i].at.us;
		}
		assert_int_equal(ts.armed, armed);
		assert_int_equal(timer_next(&ts).us, least);
		unsigned early = timer_run(&ts, at(500));

		for (unsigned i = 0; i < N; i++)
			assert_true(!timer[i].armed || timer[i].at.us > 500);
		assert_int_equal(early + timer_run(&ts, at(1000)), armed);
		for (unsigned i = 1; i < fired; i++) {
			assert_true(order[i - 1]->at.us < order[i]->at.us ||
				    (order[i - 1]->at.us == order[i]->at.us &&
				     order[i - 1]->seq < order[i]->seq));
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(nothing_armed_is_never_due, setup),
		cmocka_unit_test_setup(equal_deadlines_fire_in_order_of_arming,
				       setup),
		cmocka_unit_test_setup(sequence_numbers_may_wrap, setup),
		cmocka_unit_test_setup(storm_of_zero_delay_ends_and_is_counted,
				       setup),
		cmocka_unit_test_setup(
			random_arm_stop_run_agrees_with_sorted_order, setup),
	};

	return cmocka_run_group_tests_name("timer", tests, NULL, NULL);
}
