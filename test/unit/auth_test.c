/* SPDX-License-Identifier: MIT */
/* auth_test.c -- the simple text password of VRRPv2. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "auth.h"

static void
password_is_padded_with_zero_octets(void **state)
{
	uint8_t out[AUTH_LEN];

	(void)state;
	memset(out, 0xee, sizeof out);
	auth_pack(out, "secret", 6);
	assert_memory_equal(out, "secret\0\0", AUTH_LEN);
	auth_pack(out, "", 0);
	assert_memory_equal(out, "\0\0\0\0\0\0\0\0", AUTH_LEN);
}

static void
password_is_cut_to_eight(void **state)
{
	uint8_t out[AUTH_LEN + 1] = { [AUTH_LEN] = 0x55 };

	(void)state;
	auth_pack(out, "12345678", 8);
	assert_memory_equal(out, "12345678", AUTH_LEN);
	auth_pack(out, "123456789", 9);
	assert_memory_equal(out, "12345678", AUTH_LEN);
	assert_int_equal(out[AUTH_LEN], 0x55);
}

static void
any_different_bit_is_unequal(void **state)
{
	uint8_t a[AUTH_LEN], b[AUTH_LEN];

	(void)state;
	auth_pack(a, "secret", 6);
	auth_pack(b, "secret", 6);
	assert_true(auth_equal(a, b, AUTH_LEN));
	for (unsigned bit = 0; bit < 8 * AUTH_LEN; bit++) {
		b[bit / 8] = (uint8_t)(b[bit / 8] ^ 1u << bit % 8);
		assert_false(auth_equal(a, b, AUTH_LEN));
		b[bit / 8] = (uint8_t)(b[bit / 8] ^ 1u << bit % 8);
	}
	assert_true(auth_equal(a, b, 0));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(password_is_padded_with_zero_octets),
		cmocka_unit_test(password_is_cut_to_eight),
		cmocka_unit_test(any_different_bit_is_unequal),
	};

	return cmocka_run_group_tests_name("auth", tests, 0, 0);
}
