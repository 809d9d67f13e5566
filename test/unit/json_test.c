/* SPDX-License-Identifier: MIT */
/* json_test.c -- JSON that is whole, or known not to be. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json.h"

static char text[512];
static struct strfmt out;
static struct json j;

static int
start(void **state)
{
	(void)state;
	strfmt_init(&out, text, sizeof text);
	json_init(&j, &out);
	return 0;
}

static void
commas_and_colons_are_where_they_belong(void **state)
{
	(void)state;
	json_object(&j);
	json_key(&j, "vrrp");
	json_array(&j);
	json_object(&j);
	json_key(&j, "name");
	json_text(&j, "lan");
	json_key(&j, "vips");
	json_array(&j);
	json_text(&j, "192.0.2.1");
	json_text(&j, "192.0.2.2");
	json_array_end(&j);
	json_key(&j, "up");
	json_bool(&j, true);
	json_object_end(&j);
	json_object(&j);
	json_object_end(&j);
	json_array(&j);
	json_array_end(&j);
	json_null(&j);
	json_array_end(&j);
	json_key(&j, "last");
	json_bool(&j, false);
	assert_false(json_done(&j));
	json_object_end(&j);
	assert_true(json_done(&j));
	assert_string_equal(text,
	    "{\"vrrp\":[{\"name\":\"lan\",\"vips\":[\"192.0.2.1\",\"192.0.2.2\"],"
	    "\"up\":true},{},[],null],\"last\":false}");
}

static void
scalar_alone_is_a_text(void **state)
{
	(void)state;
	assert_false(json_done(&j));
	json_text(&j, NULL);
	assert_true(json_done(&j));
	assert_string_equal(text, "null");
}

static void
integers_to_the_last_bit(void **state)
{
	(void)state;
	json_array(&j);
	json_int(&j, INT64_MIN);
	json_int(&j, -1);
	json_int(&j, 0);
	json_int(&j, INT64_MAX);
	json_uint(&j, UINT64_MAX);
	json_array_end(&j);
	assert_true(json_done(&j));
	assert_string_equal(text, "[-9223372036854775808,-1,0,"
			    "9223372036854775807,18446744073709551615]");
}

static void
fractions_are_exact_and_short(void **state)
{
	static const struct {
		int64_t v, scale;
		const char *want;
	} t[] = {
		{ 1500000, 1000000, "1.5" }, { 1000000, 1000000, "1" },
		{ 0, 1000000, "0" }, { 1, 1000000, "0.000001" },
		{ -1, 100, "-0.01" }, { -250, 100, "-2.5" }, { 7, 1, "7" },
		{ 4095, 100, "40.95" }, { 10, 100, "0.1" },
		{ INT64_MIN, 1000000, "-9223372036854.775808" },
		{ INT64_MAX, 1000000000, "9223372036.854775807" },
	};

	for (size_t i = 0; i < PORT_ARRAY_SIZE(t); i++) {
		start(state);
		json_fixed(&j, t[i].v, t[i].scale);
		assert_string_equal(text, t[i].want);
		assert_true(json_done(&j));
	}
}

static void
ascii_is_escaped_where_it_must_be(void **state)
{
	for (int c = 0; c < 0x80; c++) {
		const char in = (char)c;
		char want[12];
		const char *const at = strchr("\"\\\b\f\n\r\t", c);

		start(state);
		json_string(&j, &in, 1);
		if (c != 0 && at != NULL)
			snprintf(want, sizeof want, "\"\\%c\"",
				 "\"\\bfnrt"[at - (strchr("\"\\\b\f\n\r\t", '"'))]);
		else if (c < ' ' || c == 0x7f)
			snprintf(want, sizeof want, "\"\\u%04x\"", (unsigned)c);
		else
			snprintf(want, sizeof want, "\"%c\"", c);
		assert_string_equal(text, want);
	}
}

#define R	"\xef\xbf\xbd"		/* U+FFFD */

static const struct {
	const char *rule;
	const char *in;
	const char *out;		/* without the quotes */
} utf8[] = {
	{ "two bytes", "gr\xc3\xbc\xc3\x9f", "gr\xc3\xbc\xc3\x9f" },
	{ "first control", "\xc2\x80", "\\u0080" },
	{ "a terminal's command", "\xc2\x9b" "2J", "\\u009b2J" },
	{ "last control", "\xc2\x9f", "\\u009f" },
	{ "first of two", "\xc2\xa0", "\xc2\xa0" },
	{ "three bytes", "\xe2\x82\xac", "\xe2\x82\xac" },
	{ "first of three", "\xe0\xa0\x80", "\xe0\xa0\x80" },
	{ "before the surrogates", "\xed\x9f\xbf", "\xed\x9f\xbf" },
	{ "after the surrogates", "\xee\x80\x80", "\xee\x80\x80" },
	{ "four bytes", "\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80" },
	{ "the last of all", "\xf4\x8f\xbf\xbf", "\xf4\x8f\xbf\xbf" },
	{ "beyond the last", "\xf4\x90\x80\x80", R R R R },
	{ "a surrogate", "\xed\xa0\x80", R R R },
	{ "overlong slash", "\xc0\xaf", R R },
	{ "overlong of three", "\xe0\x9f\xbf", R R R },
	{ "overlong of four", "\xf0\x8f\xbf\xbf", R R R R },
	{ "a tail alone", "a\x80" "b", "a" R "b" },
	{ "a head alone", "a\xc3", "a" R },
	{ "a head, then ASCII", "\xe2\x82x", R R "x" },
	{ "a head, then a head", "\xe2\xc3\xbc", R "\xc3\xbc" },
	{ "never in UTF-8", "\xfe\xff\xf5", R R R },
	{ "a quote after a head", "\xc3\"", R "\\\"" },
};

static void
invalid_utf8_is_replaced(void **state)
{
	for (size_t i = 0; i < PORT_ARRAY_SIZE(utf8); i++) {
		start(state);
		json_text(&j, utf8[i].in);
		const size_t n = strlen(utf8[i].out);
		if (out.n != n + 2 || memcmp(text + 1, utf8[i].out, n) != 0)
			fail_msg("%s: %s", utf8[i].rule, text);
		assert_int_equal(text[n + 1], '"');
	}
}

static void
string_may_hold_a_nul(void **state)
{
	(void)state;
	json_string(&j, "a\0b", 3);
	assert_string_equal(text, "\"a\\u0000b\"");
}

static void
sequence_beyond_the_length_is_not_read(void **state)
{
	(void)state;
	json_string(&j, "\xc3\xbc", 1);
	assert_string_equal(text, "\"" R "\"");
}

static void
level_that_is_opened_again_starts_without_a_comma(void **state)
{
	(void)state;
	json_array(&j);
	for (int i = 0; i < 2; i++) {
		json_array(&j);
		json_int(&j, i);
		json_array_end(&j);
		json_object(&j);
		json_key(&j, "k");
		json_int(&j, i);
		json_object_end(&j);
	}
	json_array_end(&j);
	assert_string_equal(text, "[[0],{\"k\":0},[1],{\"k\":1}]");
}

static void
key_is_escaped_too(void **state)
{
	(void)state;
	json_object(&j);
	json_key(&j, "a\"b");
	json_int(&j, 1);
	json_object_end(&j);
	assert_string_equal(text, "{\"a\\\"b\":1}");
}

static void
cut_text_is_not_done(void **state)
{
	for (size_t cap = 1; cap < 20; cap++) {
		(void)state;
		strfmt_init(&out, text, cap);
		json_init(&j, &out);
		json_array(&j);
		json_text(&j, "abc\n");
		json_int(&j, 12345);
		json_array_end(&j);
		assert_int_equal(json_done(&j), cap > strlen("[\"abc\\n\",12345]"));
	}
}

static void
depth_is_bounded(void **state)
{
	(void)state;
	for (int i = 0; i < JSON_DEPTH; i++)
		json_array(&j);
	for (int i = 0; i < JSON_DEPTH; i++)
		json_array_end(&j);
	assert_true(json_done(&j));
	start(state);
	for (int i = 0; i <= JSON_DEPTH; i++)
		json_array(&j);
	for (int i = 0; i <= JSON_DEPTH; i++)
		json_array_end(&j);
	assert_false(json_done(&j));
}

/* Each letter is a call: {}[] levels, k a key, v a value. */
static void
wrong_use_is_known(void **state)
{
	static const struct {
		const char *calls;
		bool ok;
	} t[] = {
		{ "v", true }, { "{}", true }, { "[]", true },
		{ "{kv}", true }, { "{k{k[]}kv}", true }, { "[{}[]v]", true },
		{ "", false }, { "vv", false }, { "{}[]", false },
		{ "{", false }, { "[", false }, { "}", false }, { "]", false },
		{ "{]", false }, { "[}", false }, { "{v}", false },
		{ "{k}", false }, { "{kk}", false }, { "{kvv}", false },
		{ "[k]", false }, { "k", false }, { "[]]", false },
		{ "{[]}", false }, { "{k", false }, { "[v}", false },
	};

	for (size_t i = 0; i < PORT_ARRAY_SIZE(t); i++) {
		start(state);
		for (const char *c = t[i].calls; *c != '\0'; c++) {
			switch (*c) {
			case '{': json_object(&j); break;
			case '}': json_object_end(&j); break;
			case '[': json_array(&j); break;
			case ']': json_array_end(&j); break;
			case 'k': json_key(&j, "k"); break;
			default:  json_int(&j, 1); break;
			}
		}
		if (json_done(&j) != t[i].ok)
			fail_msg("%s", t[i].calls);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(commas_and_colons_are_where_they_belong,
				       start),
		cmocka_unit_test_setup(scalar_alone_is_a_text, start),
		cmocka_unit_test_setup(integers_to_the_last_bit, start),
		cmocka_unit_test_setup(fractions_are_exact_and_short, start),
		cmocka_unit_test_setup(ascii_is_escaped_where_it_must_be, start),
		cmocka_unit_test_setup(invalid_utf8_is_replaced, start),
		cmocka_unit_test_setup(string_may_hold_a_nul, start),
		cmocka_unit_test_setup(sequence_beyond_the_length_is_not_read,
				       start),
		cmocka_unit_test_setup(
		    level_that_is_opened_again_starts_without_a_comma, start),
		cmocka_unit_test_setup(key_is_escaped_too, start),
		cmocka_unit_test_setup(cut_text_is_not_done, start),
		cmocka_unit_test_setup(depth_is_bounded, start),
		cmocka_unit_test_setup(wrong_use_is_known, start),
	};

	return cmocka_run_group_tests_name("json", tests, NULL, NULL);
}
