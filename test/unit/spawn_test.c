/* SPDX-License-Identifier: MIT */
/* spawn_test.c -- the words of a script; who runs when is in proc_script_test.c. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "spawn.h"

static void
words_stand_in_order_arguments_first(void **state)
{
	static const char want[] = "one\0\0three\0A=1\0B=";
	struct spawn_job job = { 0 };

	(void)state;
	spawn_arg(&job, "one");
	spawn_arg(&job, "");
	spawn_arg(&job, "three");
	spawn_env(&job, "A", "1");
	spawn_env(&job, "B", "");
	assert_int_equal(job.nargs, 3);
	assert_int_equal(job.nenv, 2);
	assert_false(job.cut);
	assert_int_equal(job.bytes, sizeof want);
	assert_memory_equal(job.text, want, sizeof want);
}

static void
words_fill_the_text_to_its_last_byte(void **state)
{
	char word[SPAWN_TEXT + 1];

	(void)state;
	for (size_t len = 0; len <= SPAWN_TEXT; len++) {
		struct spawn_job job = { 0 };

		memset(word, 'w', sizeof word);
		word[len] = '\0';
		spawn_arg(&job, word);
		assert_int_equal(job.cut, len + 1 > SPAWN_TEXT);
		assert_int_equal(job.nargs, job.cut ? 0 : 1);
		assert_int_equal(job.bytes, job.cut ? 0 : len + 1);
	}
	for (size_t len = 0; len <= SPAWN_TEXT; len++) {
		struct spawn_job job = { 0 };

		memset(word, 'w', sizeof word);
		word[len] = '\0';
		spawn_env(&job, "N", word);
		assert_int_equal(job.cut, len + 3 > SPAWN_TEXT);
		assert_int_equal(job.nenv, job.cut ? 0 : 1);
		assert_int_equal(job.bytes, job.cut ? 0 : len + 3);
	}
}

static void
what_was_cut_stays_cut(void **state)
{
	char word[SPAWN_TEXT + 1];
	struct spawn_job job = { 0 };

	(void)state;
	memset(word, 'w', sizeof word);
	word[SPAWN_TEXT] = '\0';
	spawn_arg(&job, "first");
	spawn_arg(&job, word);
	spawn_arg(&job, "last");
	spawn_env(&job, "A", "b");
	assert_true(job.cut);
	assert_memory_equal(job.text, "first", 6);
}

static bool
valid(const char *text, uint16_t bytes, uint16_t argc)
{
	struct conf_script s = { .argc = argc, .bytes = bytes };

	memset(s.argv, 'z', sizeof s.argv);
	memcpy(s.argv, text, bytes < sizeof s.argv ? bytes : 8);
	return spawn_script_valid(&s);
}

static void
only_whole_words_of_a_path_are_a_script(void **state)
{
	(void)state;
	assert_true(valid("/a\0b", 5, 2));
	assert_true(valid("/a\0\0\0", 5, 3));
	assert_false(valid("/a\0b", 5, 1));
	assert_false(valid("/a\0b", 5, 3));
	assert_false(valid("/a\0b", 4, 2));
	assert_false(valid("/a\0b", 4, 1));
	assert_false(valid("/a", 3, 0));
	assert_false(valid("", 0, 0));
	assert_false(valid("", 0, 1));
	assert_false(valid("a/b", 4, 1));
	assert_false(valid("/a\0b...", CONFIG_SCRIPT_BYTES + 1, 2));
	assert_false(valid("/a\0b...", UINT16_MAX, UINT16_MAX));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_stand_in_order_arguments_first),
		cmocka_unit_test(words_fill_the_text_to_its_last_byte),
		cmocka_unit_test(what_was_cut_stays_cut),
		cmocka_unit_test(only_whole_words_of_a_path_are_a_script),
	};

	return cmocka_run_group_tests_name("spawn", tests, NULL, NULL);
}
