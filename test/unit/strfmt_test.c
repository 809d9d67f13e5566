/* SPDX-License-Identifier: MIT */
/* strfmt_test.c -- our formatter against libc's, and strict numbers. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "strfmt.h"

/* The formats are made at run time, so the compiler can't check them. */
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
#pragma GCC diagnostic ignored "-Wformat-security"

/* Both formatters with the same arguments, at a random capacity. */
#define SAME(fmt, ...) do {						\
	char ours[96], theirs[96];					\
	const size_t cap = 1 + (size_t)random() % sizeof ours;		\
	struct strfmt s;						\
	memset(ours, '#', sizeof ours);					\
	strfmt_init(&s, ours, cap);					\
	strfmt_put(&s, fmt, __VA_ARGS__);				\
	const int want = snprintf(theirs, cap, fmt, __VA_ARGS__);	\
	if (strcmp(ours, theirs) != 0)					\
		fail_msg("\"%s\" cap %zu: \"%s\", libc \"%s\"",		\
			 fmt, cap, ours, theirs);			\
	assert_int_equal(s.n, strlen(theirs));				\
	assert_int_equal(s.cut, (size_t)want >= cap);			\
	for (size_t at = cap; at < sizeof ours; at++)			\
		assert_int_equal(ours[at], '#');			\
} while (0)

static long long
odd_number(void)
{
	static const long long edge[] = {
		0, 1, -1, 9, 10, -10, 99, 100, INT32_MAX, INT32_MIN,
		UINT32_MAX, 4294967296, 9999999999, INT64_MAX, INT64_MIN,
	};

	if (random() % 3 == 0)
		return edge[(size_t)random() % PORT_ARRAY_SIZE(edge)];
	const uint64_t v = (uint64_t)random() << 42 ^ (uint64_t)random() << 20 ^
			   (uint64_t)random();
	return (long long)(v >> random() % 64);
}

/* "%" with random flags, width and precision. */
static char *
random_spec(char *p, bool zero)
{
	*p++ = '%';
	if (random() % 3 == 0)
		*p++ = '-';
	else if (zero && random() % 3 == 0)
		*p++ = '0';
	if (random() % 2)
		p += sprintf(p, "%d", (int)(random() % 30) + 1);
	if (random() % 3 == 0)
		p += sprintf(p, ".%d", (int)(random() % 25));
	return p;
}

static void
numbers_are_those_of_snprintf(void **state)
{
	(void)state;
	srandom(11);
	for (int round = 0; round < 200000; round++) {
		const long long v = odd_number();
		const char conv = "diuxX"[random() % 5];
		char fmt[48];
		char *const p = random_spec(fmt, true);

		switch (random() % 8) {
		case 0:
			sprintf(p, "%c", conv);
			SAME(fmt, (int)v);
			break;
		case 1:
			sprintf(p, "l%c", conv);
			SAME(fmt, (long)v);
			break;
		case 2:
			sprintf(p, "ll%c", conv);
			SAME(fmt, v);
			break;
		case 3:
			sprintf(p, "j%c", conv);
			SAME(fmt, (intmax_t)v);
			break;
		case 4:
			sprintf(p, "z%c", conv);
			SAME(fmt, (size_t)v);
			break;
		case 5:
			sprintf(p, "h%c", conv);
			SAME(fmt, (int)v);
			break;
		case 6:
			sprintf(p, "hh%c", conv);
			SAME(fmt, (int)v);
			break;
		default:
			sprintf(p, "t%c", conv);
			SAME(fmt, (ptrdiff_t)v);
			break;
		}
	}
}

static void
text_is_that_of_snprintf(void **state)
{
	(void)state;
	srandom(12);
	for (int round = 0; round < 100000; round++) {
		char fmt[64];
		char text[32];
		const size_t n = (size_t)random() % sizeof text;

		memset(text, 'a' + (int)(random() % 26), n);
		text[n] = '\0';
		strcpy(random_spec(fmt, false), "s|");
		SAME(fmt, text);
		const int width = (int)(random() % 40) - 20;
		const int prec = (int)(random() % 40) - 20;
		SAME("<%*s>", width, text);
		SAME("<%.*s>", prec, text);
		SAME("<%*.*s>", width, prec, text);
		SAME("<%5c%-4c%c>", 'x', 'y', text[0] ? text[0] : 'z');
	}
}

static void
mixed_formats_are_those_of_snprintf(void **state)
{
	(void)state;
	srandom(13);
	for (int round = 0; round < 20000; round++) {
		const long long v = odd_number();

		SAME("%s=%d %u%%: %04x %" PRIu64 " %" PRId64 " %.3s|%-6s|%c\n",
		     "key", (int)v, (unsigned)v, (unsigned)v & 0xffff,
		     (uint64_t)v, (int64_t)v, "abcdef", "ab", 'q');
		SAME("%" PRIu32 ".%06" PRIu32 " %" PRIx64 " %zu %5.2d",
		     (uint32_t)v, (uint32_t)v % 1000000, (uint64_t)v,
		     (size_t)v, (int)(v % 1000));
	}
}

static void
pointer_is_hexadecimal(void **state)
{
	char s[32];

	(void)state;
	strfmt_to(s, sizeof s, "%p", (void *)(uintptr_t)0xbeef);
	assert_string_equal(s, "0xbeef");
	strfmt_to(s, sizeof s, "%10p|", (void *)(uintptr_t)0xbeef);
	assert_string_equal(s, "    0xbeef|");
}

static void
null_text_is_shown(void **state)
{
	const char *volatile none = NULL;
	char s[16];

	(void)state;
	assert_int_equal(strfmt_to(s, sizeof s, "<%s>", none), 8);
	assert_string_equal(s, "<(null)>");
}

static void
precision_reads_no_further_than_it_says(void **state)
{
	const char unended[3] = { 'a', 'b', 'c' };
	char s[16];

	(void)state;
	strfmt_to(s, sizeof s, "%.3s", unended);
	assert_string_equal(s, "abc");
	strfmt_to(s, sizeof s, "%.*s", 2, unended);
	assert_string_equal(s, "ab");
}

static void
unknown_conversion_is_shown_and_ends_the_format(void **state)
{
	static const char *const odd[] = { "a%f b", "a%5.2e %s", "a%", "a%l",
					   "a%n" };

	(void)state;
	for (size_t i = 0; i < PORT_ARRAY_SIZE(odd); i++) {
		char s[16];

		strfmt_to(s, sizeof s, odd[i], 1.5);
		assert_string_equal(s, odd[i]);
	}
}

static void
every_capacity_cuts_and_terminates(void **state)
{
	static const char whole[] = "ab=-42 0x00ff   z";

	(void)state;
	for (size_t cap = 1; cap <= sizeof whole + 1; cap++) {
		char s[24];
		struct strfmt f;

		memset(s, '#', sizeof s);
		strfmt_init(&f, s, cap);
		strfmt_put(&f, "ab=%d 0x%04x%4c", -42, 255, 'z');
		const size_t n = cap < sizeof whole ? cap - 1
						    : sizeof whole - 1;
		assert_int_equal(f.n, n);
		assert_memory_equal(s, whole, n);
		assert_int_equal(s[n], '\0');
		assert_int_equal(f.cut, cap < sizeof whole);
		assert_int_equal(s[cap], '#');
		/* What was cut stays cut. */
		strfmt_char(&f, '!');
		assert_int_equal(f.cut, cap < sizeof whole + 1);
	}
}

static void
no_capacity_writes_nothing(void **state)
{
	char s[2] = "#";
	struct strfmt f;

	(void)state;
	strfmt_init(&f, s, 0);
	strfmt_put(&f, "%d", 1);
	strfmt_bytes(&f, "x", 1);
	assert_int_equal(s[0], '#');
	assert_true(f.cut);
	assert_int_equal(f.n, 0);
}

static void
huge_width_is_cut(void **state)
{
	const char *volatile wide = "%99999999999999999999d";
	const char *volatile star = "%*d";
	char s[8];

	(void)state;
	assert_int_equal(strfmt_to(s, sizeof s, wide, 1), 7);
	assert_string_equal(s, "       ");
	assert_int_equal(strfmt_to(s, sizeof s, "%0*d", INT32_MAX, 1), 7);
	assert_string_equal(s, "0000000");
	assert_int_equal(strfmt_to(s, sizeof s, star, INT32_MIN, 1), 7);
	assert_string_equal(s, "1      ");
}

static const struct {
	const char *s;
	bool ok;
	int64_t v;
} integers[] = {
	{ "0", true, 0 }, { "-0", true, 0 }, { "007", true, 7 },
	{ "-1", true, -1 }, { "4095", true, 4095 },
	{ "9223372036854775807", true, INT64_MAX },
	{ "-9223372036854775808", true, INT64_MIN },
	{ "9223372036854775808", false, 0 },
	{ "-9223372036854775809", false, 0 },
	{ "9223372036854775810", false, 0 },
	{ "18446744073709551616", false, 0 },
	{ "99999999999999999999999", false, 0 },
	{ "", false, 0 }, { "-", false, 0 }, { "+1", false, 0 },
	{ " 1", false, 0 }, { "1 ", false, 0 }, { "--1", false, 0 },
	{ "1-", false, 0 }, { "0x1", false, 0 }, { "1.0", false, 0 },
	{ "1e3", false, 0 }, { "a", false, 0 }, { "1\n", false, 0 },
};

static void
integer_is_digits_that_fit(void **state)
{
	(void)state;
	for (size_t i = 0; i < PORT_ARRAY_SIZE(integers); i++) {
		int64_t v = 77;
		const bool ok = strfmt_parse_i64(&v, integers[i].s,
						 strlen(integers[i].s));

		if (ok != integers[i].ok || (ok && v != integers[i].v))
			fail_msg("%s: %d %lld", integers[i].s, ok,
				 (long long)v);
		assert_true(ok || v == 77);
	}
	int64_t v;
	assert_false(strfmt_parse_i64(&v, "1", 2));
	assert_true(strfmt_parse_i64(&v, "1234", 2));
	assert_true(v == 12);
}

static const struct {
	const char *s;
	int64_t scale;
	bool ok;
	int64_t v;
} fixed[] = {
	{ "1", 1000000, true, 1000000 }, { "0.25", 1000000, true, 250000 },
	{ "1.5", 1000000, true, 1500000 }, { "0.000001", 1000000, true, 1 },
	{ "0.0000001", 1000000, false, 0 }, { "0.01", 100, true, 1 },
	{ "40.95", 100, true, 4095 }, { "0.015", 100, false, 0 },
	{ "-1.5", 10, true, -15 }, { "-0.5", 10, true, -5 },
	{ "5", 1, true, 5 }, { "5.0", 1, false, 0 }, { "00.10", 100, true, 10 },
	{ "9223372036854.775807", 1000000, true, INT64_MAX },
	{ "9223372036854.775808", 1000000, false, 0 },
	{ "-9223372036854.775808", 1000000, true, INT64_MIN },
	{ "9223372036855", 1000000, false, 0 },
	{ "9223372036854775807", 1, true, INT64_MAX },
	{ "", 100, false, 0 }, { ".", 100, false, 0 }, { "-", 100, false, 0 },
	{ ".5", 100, false, 0 }, { "5.", 100, false, 0 },
	{ "-.5", 100, false, 0 }, { "1.2.3", 1000, false, 0 },
	{ "1,5", 100, false, 0 }, { "+1", 100, false, 0 },
	{ "1.-5", 100, false, 0 }, { "1.5s", 100, false, 0 },
	{ " 1", 100, false, 0 }, { "1e1", 100, false, 0 },
};

static void
fixed_point_is_exact_or_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < PORT_ARRAY_SIZE(fixed); i++) {
		int64_t v = 77;
		const bool ok = strfmt_parse_fixed(&v, fixed[i].s,
						   strlen(fixed[i].s),
						   fixed[i].scale);

		if (ok != fixed[i].ok || (ok && v != fixed[i].v))
			fail_msg("%s: %d %lld", fixed[i].s, ok, (long long)v);
		assert_true(ok || v == 77);
	}
}

static void
copy_says_whether_it_cut(void **state)
{
	char d[4];

	(void)state;
	assert_true(strfmt_copy(d, sizeof d, "abc", 3));
	assert_string_equal(d, "abc");
	assert_false(strfmt_copy(d, sizeof d, "wxyz", 4));
	assert_string_equal(d, "wxy");
	assert_true(strfmt_copy(d, sizeof d, "", 0));
	assert_string_equal(d, "");
	assert_false(strfmt_copy(d, 1, "a", 1));
	assert_string_equal(d, "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_those_of_snprintf),
		cmocka_unit_test(text_is_that_of_snprintf),
		cmocka_unit_test(mixed_formats_are_those_of_snprintf),
		cmocka_unit_test(pointer_is_hexadecimal),
		cmocka_unit_test(null_text_is_shown),
		cmocka_unit_test(precision_reads_no_further_than_it_says),
		cmocka_unit_test(unknown_conversion_is_shown_and_ends_the_format),
		cmocka_unit_test(every_capacity_cuts_and_terminates),
		cmocka_unit_test(no_capacity_writes_nothing),
		cmocka_unit_test(huge_width_is_cut),
		cmocka_unit_test(integer_is_digits_that_fit),
		cmocka_unit_test(fixed_point_is_exact_or_refused),
		cmocka_unit_test(copy_says_whether_it_cut),
	};

	return cmocka_run_group_tests_name("strfmt", tests, NULL, NULL);
}
