/* SPDX-License-Identifier: MIT */
/* schema_test.c -- what rows tell of themselves. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>
#include <sys/socket.h>

#include "schema.h"

static const struct schema_word words[] = {
	{ "a", 1, NULL }, { "b", 2, NULL }, { "c", 3, NULL }, { "d", 4, "no" },
	{ NULL, 0, NULL },
};

struct thing {
	uint8_t n;
	int64_t t;
	bool b;
	uint8_t w;
	char text[10];
	struct net_addr addr;
};

static const struct schema_row rows[] = {
	{ "n", "", SCHEMA_INT_AT(struct thing, n, 1, 9, 3), .unit = "hops" },
	{ "t", "", SCHEMA_SECONDS_AT(struct thing, t, 10000, 2500000, 1001000) },
	{ "b", "", SCHEMA_BOOL_AT(struct thing, b, true) },
	{ "w", "", SCHEMA_WORD_AT(struct thing, w, words, 2) },
	{ "text", "", SCHEMA_TEXT_AT(struct thing, text), .deftext = "from elsewhere" },
	{ "addr", "", SCHEMA_ADDR_AT(struct thing, addr, AF_INET6) },
	{ "ref", "", .type = SCHEMA_REF, .ref = "thing", .form = "IT", .list = true },
	{ "own", "", .type = SCHEMA_REF, .form = "IT" },
	{ "must", "", SCHEMA_INT_AT(struct thing, n, 1, 9, 3), .required = true },
	{ .name = NULL },
};

static const struct schema_section sections[] = {
	{ .type = "thing", .rows = rows, .bytes = sizeof(struct thing) },
	{ .type = NULL },
};

static const struct schema schema = { .name = "x", .sections = sections };

static void
allows(const char *name, const char *want, const char *def)
{
	const struct schema_row *r = schema_row(&sections[0], name);
	char text[128];

	assert_non_null(r);
	assert_string_equal(schema_allowed(r, text, sizeof text), want);
	assert_string_equal(schema_default(r, text, sizeof text), def);
}

static void
rows_say_what_they_allow(void **state)
{
	(void)state;
	allows("n", "1..9 hops", "3");
	allows("t", "0.01..2.5 s", "1.001");
	allows("b", "1, yes, on, true, enabled, or 0, no, off, false, disabled", "1");
	allows("w", "a, b or c", "b");
	allows("text", "text of 1 to 9 characters", "from elsewhere");
	allows("addr", "an IPv6 address", "");
	allows("ref", "the name of a section 'thing', or IT", "");
	allows("own", "IT", "");
	allows("must", "1..9", "");
}

static void
sections_and_rows_are_found_by_name(void **state)
{
	(void)state;
	assert_ptr_equal(schema_section(&schema, "thing"), &sections[0]);
	assert_null(schema_section(&schema, "thin"));
	assert_ptr_equal(schema_row(&sections[0], "w"), &rows[3]);
	assert_null(schema_row(&sections[0], "x"));
}

static void
seconds_without_trailing_zeros(void **state)
{
	static const struct {
		int64_t us;
		const char *text;
	} cases[] = {
		{ 0, "0" }, { 1, "0.000001" }, { 10000, "0.01" }, { 500000, "0.5" },
		{ 1000000, "1" }, { 40950000, "40.95" }, { 3600000000, "3600" },
		{ 1234567, "1.234567" }, { 100100, "0.1001" },
	};
	char text[24];

	(void)state;
	for (size_t i = 0; i < PORT_ARRAY_SIZE(cases); i++)
		assert_string_equal(schema_seconds(cases[i].us, text, sizeof text),
				    cases[i].text);
}

static void
booleans_have_ten_words(void **state)
{
	static const char *const none[] = { "", "2", "y", "On", "TRUE", "01", "yess", "o" };
	bool b = false;

	(void)state;
	assert_true(schema_bool(&b, "enabledx", 7) && b);
	assert_true(schema_bool(&b, "off", 3) && !b);
	for (size_t i = 0; i < PORT_ARRAY_SIZE(none); i++)
		assert_false(schema_bool(&b, none[i], strlen(none[i])));
}

static void
every_type_has_a_name(void **state)
{
	(void)state;
	for (unsigned t = 0; t < SCHEMA__N; t++)
		assert_true(strlen(schema_type_name((enum schema_type)t)) > 2);
	assert_string_equal(schema_type_name(SCHEMA_SECONDS), "seconds");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_say_what_they_allow),
		cmocka_unit_test(sections_and_rows_are_found_by_name),
		cmocka_unit_test(seconds_without_trailing_zeros),
		cmocka_unit_test(booleans_have_ten_words),
		cmocka_unit_test(every_type_has_a_name),
	};

	return cmocka_run_group_tests_name("schema", tests, 0, 0);
}
