/* SPDX-License-Identifier: MIT */
/* suggest_test.c -- edit distances, and what is too far to be suggested. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "suggest.h"

static void
edits_are_counted(void **state)
{
	static const struct {
		const char *a, *b;
		unsigned d;
	} cases[] = {
		{ "", "", 0 }, { "a", "", 1 }, { "", "abc", 3 },
		{ "priority", "priority", 0 }, { "PRIORITY", "priority", 0 },
		{ "priorty", "priority", 1 }, { "prioritty", "priority", 1 },
		{ "priority", "prionity", 1 }, { "pirority", "priority", 1 },
		{ "advert_int", "adevrt_nit", 2 }, { "kitten", "sitting", 3 },
		{ "ab", "ba", 1 }, { "abc", "cba", 2 }, { "abcd", "badc", 2 },
	};

	(void)state;
	for (size_t i = 0; i < PORT_ARRAY_SIZE(cases); i++) {
		assert_int_equal(suggest_distance(cases[i].a, cases[i].b, 9), cases[i].d);
		assert_int_equal(suggest_distance(cases[i].b, cases[i].a, 9), cases[i].d);
	}
}

static void
a_bound_ends_the_count(void **state)
{
	(void)state;
	assert_int_equal(suggest_distance("kitten", "sitting", 3), 3);
	assert_int_equal(suggest_distance("kitten", "sitting", 2), 3);
	assert_int_equal(suggest_distance("a", "abcdefgh", 2), 3);
}

static void
long_words_are_not_compared(void **state)
{
	char w[SUGGEST_WORD + 2];

	(void)state;
	memset(w, 'x', sizeof w);
	w[SUGGEST_WORD] = '\0';
	assert_int_equal(suggest_distance(w, w, 3), 0);
	w[SUGGEST_WORD] = 'x';
	w[SUGGEST_WORD + 1] = '\0';
	assert_int_equal(suggest_distance(w, w, 3), 4);
}

static const char *
nearest(const char *typed)
{
	static const char *const known[] = {
		"interface", "virtual_router_id", "priority", "advert_int",
		"virtual_ipaddress", "name", "state",
	};
	struct suggest s;

	suggest_begin(&s, typed);
	for (size_t i = 0; i < PORT_ARRAY_SIZE(known); i++)
		suggest_offer(&s, known[i]);
	return s.best ? s.best : "";
}

static void
the_nearest_known_word_is_found(void **state)
{
	(void)state;
	assert_string_equal(nearest("virtual_ruoter_id"), "virtual_router_id");
	assert_string_equal(nearest("virtualrouterid"), "virtual_router_id");
	assert_string_equal(nearest("virtual_ipadress"), "virtual_ipaddress");
	assert_string_equal(nearest("prioity"), "priority");
	assert_string_equal(nearest("nmae"), "name");
	assert_string_equal(nearest("stat"), "state");
}

static void
what_is_far_is_not_suggested(void **state)
{
	(void)state;
	assert_string_equal(nearest("color"), "");
	assert_string_equal(nearest("x"), "");
	assert_string_equal(nearest(""), "");
	assert_string_equal(nearest("nome_de_plume"), "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(edits_are_counted),
		cmocka_unit_test(a_bound_ends_the_count),
		cmocka_unit_test(long_words_are_not_compared),
		cmocka_unit_test(the_nearest_known_word_is_found),
		cmocka_unit_test(what_is_far_is_not_suggested),
	};

	return cmocka_run_group_tests_name("suggest", tests, 0, 0);
}
