/* SPDX-License-Identifier: MIT */
/* check_file_test.c -- what a number in a file says of a server. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "checker_run.h"

extern const struct checker check_file;

static struct checker_run_test t;

static enum checker_step
holds(const char *p, size_t n, int16_t weight, bool reverse, size_t piece)
{
	checker_run_init(&t, &check_file);
	t.check.u.file.weight = weight;
	t.check.u.file.reverse = reverse;
	(void)checker_run_open(&t);
	(void)checker_run_pieces(&t, p, n, 0, piece);
	const enum checker_step step = t.step == CHECKER_MORE ? checker_run_eof(&t) : t.step;

	checker_run_end(&t);
	return step;
}

static enum checker_step
file(const char *text, int16_t weight, bool reverse)
{
	return holds(text, strlen(text), weight, reverse, 4096);
}

static void
without_weight_0_is_up(void **state)
{
	(void)state;
	assert_int_equal(file("0\n", 0, false), CHECKER_UP);
	assert_int_equal(t.run.add, 0);
	assert_int_equal(file(" -0", 0, false), CHECKER_UP);
	assert_int_equal(file("1\n", 0, false), CHECKER_DOWN);
	assert_int_equal(t.run.reason, CHECKER_CONTENT);
	assert_string_equal(t.run.detail, "1");
	assert_int_equal(file("-1\n", 0, false), CHECKER_DOWN);
	assert_int_equal(file("0\n", 0, true), CHECKER_DOWN);
	assert_int_equal(file("7", 0, true), CHECKER_UP);
}

static void
with_one_the_product_is_added(void **state)
{
	(void)state;
	assert_int_equal(file("10\n", 3, false), CHECKER_UP);
	assert_int_equal(t.run.add, 30);
	assert_int_equal(t.run.weight, -1);
	assert_int_equal(file("+10\n", -3, false), CHECKER_UP);
	assert_int_equal(t.run.add, -30);
	assert_int_equal(file("\t-10\r\n", 1, true), CHECKER_UP);
	assert_int_equal(t.run.add, 10);
	assert_int_equal(file("0", 5, false), CHECKER_UP);
	assert_int_equal(t.run.add, 0);
}

static void
products_are_kept_in_range_and_the_least_is_down(void **state)
{
	(void)state;
	assert_int_equal(file("9223372036854775807", 32767, false), CHECKER_UP);
	assert_int_equal(t.run.add, INT32_MAX);
	assert_int_equal(file("2147483647", 1, true), CHECKER_UP);
	assert_int_equal(t.run.add, -INT32_MAX);
	assert_int_equal(file("-2147483648", 1, false), CHECKER_DOWN);
	assert_int_equal(t.run.reason, CHECKER_CONTENT);
	assert_int_equal(file("-9223372036854775808", 1, false), CHECKER_DOWN);
	assert_int_equal(file("2147483647", -32768, false), CHECKER_DOWN);
}

static void
what_is_not_one_number_is_told(void **state)
{
	static const char *const bad[] = {
		"", "\n", "x", "1x", "1 2", "-", "+", "+-1", "--1", "0x10", "1.5", "1,",
		"9223372036854775808", "000000000000000000000000000001",
	};

	(void)state;
	for (size_t i = 0; i < PORT_ARRAY_SIZE(bad); i++) {
		if (file(bad[i], 1, false) != CHECKER_DOWN)
			fail_msg("%s", bad[i]);
		assert_int_equal(t.run.reason, CHECKER_FILE);
	}
	assert_int_equal(holds("1\0", 2, 1, false, 4096), CHECKER_DOWN);
}

static void
every_split_reads_the_same(void **state)
{
	static const char text[] = "  -1234567 \n \n";

	(void)state;
	for (size_t piece = 1; piece < sizeof text; piece++) {
		assert_int_equal(holds(text, sizeof text - 1, 1, false, piece), CHECKER_UP);
		assert_int_equal(t.run.add, -1234567);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_weight_0_is_up),
		cmocka_unit_test(with_one_the_product_is_added),
		cmocka_unit_test(products_are_kept_in_range_and_the_least_is_down),
		cmocka_unit_test(what_is_not_one_number_is_told),
		cmocka_unit_test(every_split_reads_the_same),
	};

	return cmocka_run_group_tests_name("check_file", tests, NULL, NULL);
}
