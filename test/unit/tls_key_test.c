/* SPDX-License-Identifier: MIT */
/* tls_key_test.c -- private keys made by hand: what the real ones of tls_pem_test.c are not. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "tls_form.h"
#include "tls_key.h"

static struct tls_key key;

/* ECPrivateKey of `x`, with P-256 around its number or no curve at all. */
static bool
sec1(const char *x, size_t n, bool curve)
{
	static const uint8_t p256[] = { 0xa0, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03,
					0x01, 0x07 };
	uint8_t der[96] = { 0x30, 0, 0x02, 0x01, 0x01, 0x04, (uint8_t)n };
	size_t len = 7;

	memcpy(der + len, x, n);
	len += n;
	if (curve) {
		memcpy(der + len, p256, sizeof p256);
		len += sizeof p256;
	}
	der[1] = (uint8_t)(len - 2);
	return tls_key_private(der, len, &key);
}

static void
leading_zeros_do_not_count(void **state)
{
	(void)state;
	assert_true(sec1("\0\0\5\6", 4, true));
	assert_int_equal(key.kind, TLS_KEY_EC);
	assert_int_equal(key.curve, TLS_KEY_P256);
	assert_int_equal(key.x.n, 2);
	assert_int_equal(key.x.p[0], 5);
	assert_false(sec1("\0\0", 2, true));
	assert_false(sec1("", 0, true));
}

static void
a_number_beyond_its_curve_is_of_no_kind_of_ours(void **state)
{
	char x[33];

	(void)state;
	memset(x, 7, sizeof x);
	assert_true(sec1(x, 32, true));
	assert_int_equal(key.kind, TLS_KEY_EC);
	assert_true(sec1(x, 33, true));
	assert_int_equal(key.kind, TLS_KEY_UNKNOWN);
	assert_true(sec1(x, 32, false));
	assert_int_equal(key.kind, TLS_KEY_UNKNOWN);
}

static void
lengths_must_be_definite_and_within(void **state)
{
	static const uint8_t endless[] = { 0x30, 0x80, 0x02, 0x01, 0x01, 0x04, 0x01, 0x05, 0, 0 };
	static const uint8_t huge[] = { 0x30, 0x85, 0, 0, 0, 0, 0x06, 0x02, 0x01, 0x01, 0x04, 0x01,
					0x05 };
	static const uint8_t beyond[] = { 0x30, 0x07, 0x02, 0x01, 0x01, 0x04, 0x01, 0x05 };

	(void)state;
	assert_false(tls_key_private(endless, sizeof endless, &key));
	assert_false(tls_key_private(huge, sizeof huge, &key));
	assert_false(tls_key_private(beyond, sizeof beyond, &key));
}

static void
an_envelope_holds_a_key(void **state)
{
#define EC_P256 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, \
		0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07
	static const uint8_t good[] = { 0x30, 0x22, 0x02, 0x01, 0, EC_P256, 0x04, 0x08,
					0x30, 0x06, 0x02, 0x01, 0x01, 0x04, 0x01, 0x05 };
	static const uint8_t empty[] = { 0x30, 0x18, 0x02, 0x01, 0, EC_P256 };
	static const uint8_t junk[] = { 0x30, 0x1c, 0x02, 0x01, 0, EC_P256, 0x04, 0x02, 0x31, 0 };

	(void)state;
	assert_true(tls_key_private(good, sizeof good, &key));
	assert_int_equal(key.kind, TLS_KEY_EC);
	assert_int_equal(key.curve, TLS_KEY_P256);
	assert_false(tls_key_private(empty, sizeof empty, &key));
	assert_false(tls_key_private(junk, sizeof junk, &key));
}

/* ---- the same as it lies in the image ---- */

static void
bits_are_those_of_the_highest_byte(void **state)
{
	static const uint8_t n[] = { 0x05, 0xff }, one[] = { 1 };
	uint8_t bytes[64];
	struct wr w = wr_over(bytes, sizeof bytes);
	struct tls_key rsa = { .kind = TLS_KEY_RSA, .n = { n, sizeof n } };
	br_rsa_private_key got;
	br_ec_private_key ec;

	(void)state;
	for (unsigned i = 0; i < TLS_KEY_RSA__N; i++)
		rsa.rsa[i] = (struct tls_key_number){ one, 1 };
	tls_form_put_private(&w, &rsa);
	assert_false(w.bad);
	assert_int_equal(tls_form_private(bytes, wr_len(&w), &got, &ec), TLS_KEY_RSA);
	assert_int_equal(got.n_bitlen, 11);
}

static void
a_chain_that_is_cut_or_too_long_is_none(void **state)
{
	uint8_t bytes[TLS_FORM_CHAIN * 3 + 3];
	br_x509_certificate chain[TLS_FORM_CHAIN];

	(void)state;
	for (size_t i = 0; i < sizeof bytes; i += 3)
		memcpy(bytes + i, "\0\1x", 3);
	assert_int_equal(tls_form_chain(bytes, sizeof bytes - 3, chain), TLS_FORM_CHAIN);
	assert_int_equal(tls_form_chain(bytes, sizeof bytes, chain), 0);
	assert_int_equal(tls_form_chain(bytes, 5, chain), 0);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(leading_zeros_do_not_count),
		cmocka_unit_test(a_number_beyond_its_curve_is_of_no_kind_of_ours),
		cmocka_unit_test(lengths_must_be_definite_and_within),
		cmocka_unit_test(an_envelope_holds_a_key),
		cmocka_unit_test(bits_are_those_of_the_highest_byte),
		cmocka_unit_test(a_chain_that_is_cut_or_too_long_is_none),
	};

	return cmocka_run_group_tests_name("tls_key", tests, NULL, NULL);
}
