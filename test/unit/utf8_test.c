/* SPDX-License-Identifier: MIT */
/* utf8_test.c -- what may be passed on as text, against the rule of RFC 3629 written out anew. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "utf8.h"

/* The one right form of a code point; its length. */
static size_t
encode(uint32_t c, char out[5])
{
	const size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
	static const uint8_t lead[] = { 0, 0, 0xc0, 0xe0, 0xf0 };

	memset(out, 0, 5);
	for (size_t i = n; i-- > 1; c >>= 6)
		out[i] = (char)(0x80 | (c & 0x3f));
	out[0] = (char)(lead[n] | c);
	return n;
}

static int
is_control(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0);
}

static void
every_code_point_but_controls_and_surrogates_passes(void **state)
{
	char s[5];

	(void)state;
	for (uint32_t c = 1; c < 0x120000; c++) {
		const size_t n = encode(c, s);
		const int good = !is_control(c) && (c < 0xd800 || c > 0xdfff) && c < 0x110000;

		if (utf8_take(s) != (good ? n : 0))
			fail_msg("U+%04x is taken as %u bytes", (unsigned)c,
				 (unsigned)utf8_take(s));
	}
	assert_int_equal(utf8_take(""), 0);
}

static void
longer_forms_than_needed_are_refused(void **state)
{
	static const char *const bad[] = {
		"\xc0\xaf", "\xc1\xbf", "\xe0\x80\xaf", "\xe0\x9f\xbf", "\xf0\x80\x80\xaf",
		"\xf0\x8f\xbf\xbf", "\xf5\x80\x80\x80", "\xff", "\x80", "\xbf",
	};

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_int_equal(utf8_take(bad[i]), 0);
}

static void
every_place_needs_its_continuation(void **state)
{
	static const uint32_t some[] = { 0xe4, 0x20ac, 0x1f600 };

	(void)state;
	for (unsigned k = 0; k < 3; k++) {
		char s[5];
		const size_t n = encode(some[k], s);

		for (size_t i = 1; i < n; i++) {
			static const char wrong[] = { 0, 'a', (char)0xc3 };

			for (unsigned w = 0; w < sizeof wrong; w++) {
				char t[5];

				memcpy(t, s, sizeof t);
				t[i] = wrong[w];
				assert_int_equal(utf8_take(t), 0);
			}
		}
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_code_point_but_controls_and_surrogates_passes),
		cmocka_unit_test(longer_forms_than_needed_are_refused),
		cmocka_unit_test(every_place_needs_its_continuation),
	};

	return cmocka_run_group_tests_name("utf8", tests, NULL, NULL);
}
