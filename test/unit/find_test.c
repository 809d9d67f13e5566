/* SPDX-License-Identifier: MIT */
/* find_test.c -- a byte string in a stream, beside a search that compares at every place. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "find.h"

static bool
fits(const struct find_what *w, const uint8_t *p)
{
	for (size_t i = 0; i < w->n; i++)
		if ((p[i] ^ w->bytes[i]) & (w->mask ? w->mask[i] : 0xff))
			return false;
	return true;
}

static bool
naive(const struct find_what *w, const uint8_t *p, size_t n)
{
	if (!w->anywhere)
		return n >= w->n && fits(w, p);
	for (size_t at = 0; at + w->n <= n; at++)
		if (fits(w, p + at))
			return true;
	return false;
}

static uint64_t seed = 1;

static unsigned
draw(unsigned n)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(seed >> 33) % n;
}

static void
random_strings_agree_with_a_naive_search_at_every_split(void **state)
{
	static const unsigned lengths[] = { 1, 2, 3, 5, 31, 32, 33, 64, 255, 256 };

	(void)state;
	for (unsigned round = 0; round < 4000; round++) {
		uint8_t bytes[FIND_MAX], mask[FIND_MAX], in[600];
		const struct find_what w = { bytes, draw(2) ? mask : NULL,
			lengths[draw(PORT_ARRAY_SIZE(lengths))], draw(4) > 0 };
		const size_t n = w.n + draw(200), cut = draw((unsigned)n + 1);
		struct find f = { .begun = 0 };

		for (size_t i = 0; i < w.n; i++) {
			bytes[i] = "ab"[draw(16) == 0];
			mask[i] = draw(3) ? 0xff : draw(2) ? 0x03 : 0;
		}
		for (size_t i = 0; i < n; i++)
			in[i] = "ab"[draw(16) == 0];
		if (draw(2))
			memcpy(in + draw((unsigned)(n - w.n) + 1), bytes, w.n);
		find_feed(&f, &w, in, cut);
		find_feed(&f, &w, in + cut, n - cut);
		assert_int_equal(f.verdict == FIND_FOUND, naive(&w, in, n));
		if (w.anywhere)
			assert_int_not_equal(f.verdict, FIND_NEVER);
	}
}

static void
what_can_not_be_any_more_is_never(void **state)
{
	const struct find_what w = { (const uint8_t *)"+PONG\r\n", NULL, 7, false };
	struct find f = { .begun = 0 };

	(void)state;
	assert_int_equal(find_feed(&f, &w, (const uint8_t *)"+PO", 3), FIND_MORE);
	assert_int_equal(find_feed(&f, &w, (const uint8_t *)"X", 1), FIND_NEVER);
	assert_int_equal(find_feed(&f, &w, (const uint8_t *)"+PONG\r\n", 7), FIND_NEVER);
}

static void
nothing_is_found_at_once(void **state)
{
	const struct find_what w = { NULL, NULL, 0, true };
	struct find f = { .begun = 0 };

	(void)state;
	assert_int_equal(find_feed(&f, &w, NULL, 0), FIND_FOUND);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_strings_agree_with_a_naive_search_at_every_split),
		cmocka_unit_test(what_can_not_be_any_more_is_never),
		cmocka_unit_test(nothing_is_found_at_once),
	};

	return cmocka_run_group_tests_name("find", tests, NULL, NULL);
}
