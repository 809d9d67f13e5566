/* SPDX-License-Identifier: MIT */
/* hexdump_test.c -- bytes as hexadecimal text, and back. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "hexdump.h"

static void
lines_are_aligned_and_show_what_prints(void **state)
{
	static const uint8_t b[] = "!3d\x01 upkeep~\x7f\x80\xff\n.z";
	char text[3 * HEXDUMP_LINE];
	struct strfmt s;

	(void)state;
	strfmt_init(&s, text, sizeof text);
	hexdump_lines(&s, b, sizeof b, 0xfffffff0);
	assert_string_equal(text,
	    "fffffff0  21 33 64 01 20 75 70 6b 65 65 70 7e 7f 80 ff 0a"
	    "  !3d. upkeep~....\n"
	    "00000000  2e 7a 00                                       "
	    "  .z.\n");
	assert_false(s.cut);
}

static void
longest_line_is_as_long_as_it_says(void **state)
{
	char text[200];
	struct strfmt s;

	(void)state;
	strfmt_init(&s, text, sizeof text);
	hexdump_lines(&s, "0123456789abcdef", 16, 0);
	assert_int_equal(s.n, HEXDUMP_LINE - 1);
}

static void
nothing_has_no_line(void **state)
{
	char text[8];
	struct strfmt s;

	(void)state;
	strfmt_init(&s, text, sizeof text);
	hexdump_lines(&s, "", 0, 0);
	hexdump_bytes(&s, "", 0);
	assert_string_equal(text, "");
}

static void
every_byte_goes_there_and_back(void **state)
{
	uint8_t b[256], back[256];
	char text[513];
	struct strfmt s;
	size_t n;

	(void)state;
	for (unsigned i = 0; i < sizeof b; i++)
		b[i] = (uint8_t)i;
	strfmt_init(&s, text, sizeof text);
	hexdump_bytes(&s, b, sizeof b);
	assert_false(s.cut);
	assert_memory_equal(text, "000102", 6);
	assert_true(hexdump_parse(back, sizeof back, &n, text, s.n));
	assert_int_equal(n, sizeof b);
	assert_memory_equal(back, b, n);
}

static void
what_is_no_hexadecimal_or_too_much_is_refused(void **state)
{
	static const char *const bad[] = {
		"0", "000", "0g", "g0", "0x", "00 ", " 00", "-1", "0001020304",
	};
	uint8_t out[4];
	size_t n = 9;

	(void)state;
	for (size_t i = 0; i < PORT_ARRAY_SIZE(bad); i++)
		if (hexdump_parse(out, sizeof out, &n, bad[i], strlen(bad[i])))
			fail_msg("%s", bad[i]);
	assert_false(hexdump_parse(out, sizeof out, &n, "00\0", 4));
	assert_false(hexdump_parse(out, sizeof out, &n, "0000", 3));
	assert_int_equal(n, 9);
	assert_true(hexdump_parse(out, sizeof out, &n, "aBCdEF00", 8));
	assert_memory_equal(out, "\xab\xcd\xef\0", 4);
	assert_true(hexdump_parse(out, 0, &n, "", 0));
	assert_int_equal(n, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_are_aligned_and_show_what_prints),
		cmocka_unit_test(longest_line_is_as_long_as_it_says),
		cmocka_unit_test(nothing_has_no_line),
		cmocka_unit_test(every_byte_goes_there_and_back),
		cmocka_unit_test(what_is_no_hexadecimal_or_too_much_is_refused),
	};

	return cmocka_run_group_tests_name("hexdump", tests, NULL, NULL);
}
