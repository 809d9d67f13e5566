/* SPDX-License-Identifier: MIT */
/* title_test.c -- a title goes over the words of the command line, and no further. */
#define _GNU_SOURCE
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "title.h"

/* As the kernel lays them out: words of the command line, then the environment. */
static char area[] = "upkeepd\0-f\0x\0A=b\0PATH=/bin\0untouched";
static char *args[] = { area, area + 8, area + 11, NULL };
static char *env[] = { area + 13, area + 17, NULL };

static int
setup(void **state)
{
	static const char fresh[] = "upkeepd\0-f\0x\0A=b\0PATH=/bin\0untouched";

	(void)state;
	memcpy(area, fresh, sizeof area);
	environ = env;
	title_init(3, args);
	assert_null(environ[0]);
	return 0;
}

static void
title_replaces_all_words(void **state)
{
	char name[16] = "";

	(void)state;
	title_set("upkeepd: check");
	assert_string_equal(area, "upkeepd: check");
	for (size_t i = strlen(area); i < 27; i++)
		assert_int_equal(area[i], 0);
	assert_string_equal(area + 27, "untouched");
	assert_int_equal(prctl(PR_GET_NAME, name, 0, 0, 0), 0);
	assert_string_equal(name, "upkeepd: check");
	title_set("upkeepd");
	assert_string_equal(area, "upkeepd");
}

static void
title_too_long_is_cut_and_ended(void **state)
{
	(void)state;
	title_set("upkeepd: a title of more bytes than there are");
	assert_int_equal(strlen(area), 26);
	assert_string_equal(area + 27, "untouched");
}

static void
words_that_lie_apart_are_left_alone(void **state)
{
	static struct {
		char one[8], between[8], two[3];
	} w = { "upkeepd", "apart", "-f" };
	static char *odd[] = { w.one, w.two, NULL };
	static char *none[] = { NULL };

	(void)state;
	environ = none;
	title_init(2, odd);
	title_set("upkeepd: vrrp");
	assert_string_equal(w.one, "upkeepd");
	assert_string_equal(w.between, "apart");
	assert_string_equal(w.two, "-f");
}

static void
no_words_at_all_are_no_harm(void **state)
{
	static char *none[] = { NULL };

	(void)state;
	title_init(0, none);
	title_set("upkeepd");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(title_replaces_all_words, setup),
		cmocka_unit_test_setup(title_too_long_is_cut_and_ended, setup),
		cmocka_unit_test_setup(words_that_lie_apart_are_left_alone, setup),
		cmocka_unit_test(no_words_at_all_are_no_harm),
	};

	return cmocka_run_group_tests_name("title", tests, NULL, NULL);
}
