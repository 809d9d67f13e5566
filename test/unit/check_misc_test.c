/* SPDX-License-Identifier: MIT */
/* check_misc_test.c -- what a script's end says of a server. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "checker_run.h"

extern const struct checker check_misc;

/* waitpid(2)'s status. */
#define EXITED(code)	((code) << 8)

static struct checker_run_test t;

static enum checker_step
ended(bool dynamic, int status)
{
	checker_run_init(&t, &check_misc);
	t.check.u.misc.dynamic = dynamic;
	assert_int_equal(checker_run_open(&t), CHECKER_MORE);
	const enum checker_step step =
		checker_run_step(&t, t.checker->ended(&t.run, status));

	checker_run_end(&t);
	return step;
}

static void
status_0_is_up_and_asks_for_nothing(void **state)
{
	(void)state;
	for (int dynamic = 0; dynamic < 2; dynamic++) {
		assert_int_equal(ended(dynamic, EXITED(0)), CHECKER_UP);
		assert_int_equal(t.run.weight, -1);
		assert_int_equal(t.run.add, 0);
	}
}

static void
every_other_status_is_down(void **state)
{
	(void)state;
	for (int code = 1; code < 256; code++) {
		assert_int_equal(ended(false, EXITED(code)), CHECKER_DOWN);
		assert_int_equal(t.run.reason, CHECKER_EXIT);
		assert_int_equal(t.run.weight, -1);
	}
	(void)ended(false, EXITED(3));
	assert_string_equal(t.run.detail, "status 3");
}

static void
dynamic_status_is_a_weight_and_two(void **state)
{
	(void)state;
	assert_int_equal(ended(true, EXITED(1)), CHECKER_DOWN);
	for (int code = 2; code < 256; code++) {
		const bool not_run = code == 126 || code == 127;

		assert_int_equal(ended(true, EXITED(code)),
				 not_run ? CHECKER_DOWN : CHECKER_UP);
		assert_int_equal(t.run.weight, not_run ? -1 : code - 2);
	}
}

static void
signals_and_what_was_not_run_are_down(void **state)
{
	(void)state;
	assert_int_equal(ended(true, 9), CHECKER_DOWN);
	assert_int_equal(t.run.reason, CHECKER_EXIT);
	assert_string_equal(t.run.detail, "signal 9");
	assert_int_equal(ended(true, 11 | 0x80), CHECKER_DOWN);
	assert_string_equal(t.run.detail, "signal 11");
	assert_int_equal(ended(true, -1), CHECKER_DOWN);
	assert_int_equal(t.run.reason, CHECKER_LOCAL);
	assert_int_equal(ended(true, 0x137f), CHECKER_DOWN);	/* stopped */
	assert_int_equal(t.run.reason, CHECKER_EXIT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(status_0_is_up_and_asks_for_nothing),
		cmocka_unit_test(every_other_status_is_down),
		cmocka_unit_test(dynamic_status_is_a_weight_and_two),
		cmocka_unit_test(signals_and_what_was_not_run_are_down),
	};

	return cmocka_run_group_tests_name("check_misc", tests, NULL, NULL);
}
