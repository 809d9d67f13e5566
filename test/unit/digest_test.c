/* SPDX-License-Identifier: MIT */
/* digest_test.c -- known answers of MD5, SHA-256 and HMAC. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "digest.h"
#include "hexdump.h"

static char text[2 * DIGEST_MAX + 1];

static const char *
hex(const uint8_t *p, size_t n)
{
	struct strfmt s;

	strfmt_init(&s, text, sizeof text);
	hexdump_bytes(&s, p, n);
	return text;
}

/* RFC 1321 A.5; FIPS 180-2 appendix B and the empty message. */
static const struct {
	enum digest_kind kind;
	const char *message;
	const char *want;
} answers[] = {
	{ DIGEST_MD5, "", "d41d8cd98f00b204e9800998ecf8427e" },
	{ DIGEST_MD5, "abc", "900150983cd24fb0d6963f7d28e17f72" },
	{ DIGEST_MD5, "message digest", "f96b697d7cb7938d525a2f31aaf161d0" },
	{ DIGEST_MD5, "1234567890123456789012345678901234567890"
		      "1234567890123456789012345678901234567890",
	  "57edf4a22be3c955ac49da2e2107b67a" },
	{ DIGEST_SHA256, "",
	  "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
	{ DIGEST_SHA256, "abc",
	  "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
	{ DIGEST_SHA256,
	  "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
	  "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1" },
};

static void
known_answers_at_every_split(void **state)
{
	(void)state;
	for (size_t i = 0; i < PORT_ARRAY_SIZE(answers); i++) {
		const size_t n = strlen(answers[i].message);

		for (size_t cut = 0; cut <= n; cut++) {
			uint8_t out[DIGEST_MAX];
			struct digest d;

			assert_true(digest_init(&d, answers[i].kind));
			digest_update(&d, answers[i].message, cut);
			digest_update(&d, answers[i].message + cut, n - cut);
			const size_t len = digest_final(&d, out);
			assert_string_equal(hex(out, len), answers[i].want);
		}
	}
}

static void
a_million_letters(void **state)
{
	uint8_t out[DIGEST_MAX];
	char block[1000];
	struct digest d;

	(void)state;
	memset(block, 'a', sizeof block);
	assert_true(digest_init(&d, DIGEST_SHA256));
	for (int i = 0; i < 1000; i++)
		digest_update(&d, block, sizeof block);
	assert_int_equal(digest_final(&d, out), 32);
	assert_string_equal(hex(out, 32),
	    "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

static void
final_leaves_the_context_as_it_was(void **state)
{
	uint8_t out[DIGEST_MAX];
	struct digest d;

	(void)state;
	assert_true(digest_init(&d, DIGEST_MD5));
	assert_int_equal(digest_final(&d, out), 16);
	assert_string_equal(hex(out, 16), answers[0].want);
	digest_update(&d, "ab", 2);
	digest_final(&d, out);
	digest_update(&d, "c", 1);
	digest_final(&d, out);
	assert_string_equal(hex(out, 16), answers[1].want);
}

/* RFC 4231 (SHA-256) test cases 1, 2, 6 and 7; RFC 2202 (MD5) cases 1, 2 and 6. */
static const struct {
	enum digest_kind kind;
	uint8_t fill;			/* key of `len` such bytes; 0: "Jefe" */
	size_t len;
	const char *message;
	const char *want;
} hmacs[] = {
	{ DIGEST_SHA256, 0x0b, 20, "Hi There",
	  "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7" },
	{ DIGEST_SHA256, 0, 4, "what do ya want for nothing?",
	  "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843" },
	{ DIGEST_SHA256, 0xaa, 131,
	  "Test Using Larger Than Block-Size Key - Hash Key First",
	  "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54" },
	{ DIGEST_SHA256, 0xaa, 131,
	  "This is a test using a larger than block-size key and a larger than "
	  "block-size data. The key needs to be hashed before being used by the "
	  "HMAC algorithm.",
	  "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2" },
	{ DIGEST_MD5, 0x0b, 16, "Hi There", "9294727a3638bb1c13f48ef8158bfc9d" },
	{ DIGEST_MD5, 0, 4, "what do ya want for nothing?",
	  "750c783e6ab0b503eaa86e310a5db738" },
	{ DIGEST_MD5, 0xaa, 80,
	  "Test Using Larger Than Block-Size Key - Hash Key First",
	  "6b1ab7fe4bd7bf8f0b62e6ce61b9d0cd" },
};

static void
hmac_known_answers(void **state)
{
	(void)state;
	for (size_t i = 0; i < PORT_ARRAY_SIZE(hmacs); i++) {
		const size_t n = strlen(hmacs[i].message);
		uint8_t out[DIGEST_MAX];
		uint8_t key[131] = "Jefe";
		struct digest_hmac h;

		if (hmacs[i].fill != 0)
			memset(key, hmacs[i].fill, sizeof key);
		assert_true(digest_hmac_init(&h, hmacs[i].kind, key,
					     hmacs[i].len));
		memset(key, 0, sizeof key);	/* it is not kept */
		digest_hmac_update(&h, hmacs[i].message, 3);
		digest_hmac_update(&h, hmacs[i].message + 3, n - 3);
		struct digest_hmac copy = h;
		const size_t len = digest_hmac_final(&h, out);
		assert_string_equal(hex(out, len), hmacs[i].want);
		digest_hmac_final(&copy, out);
		assert_string_equal(hex(out, len), hmacs[i].want);
	}
}

static void
build_without_digests_says_so(void **state)
{
	uint8_t out[DIGEST_MAX];
	struct digest_hmac h;
	struct digest d;

	(void)state;
	assert_false(digest_init(&d, DIGEST_SHA256));
	digest_update(&d, "x", 1);
	assert_int_equal(digest_final(&d, out), 0);
	assert_false(digest_hmac_init(&h, DIGEST_SHA256, "k", 1));
	digest_hmac_update(&h, "x", 1);
	assert_int_equal(digest_hmac_final(&h, out), 0);
}

static void
comparison_sees_every_bit(void **state)
{
	uint8_t a[16] = { 1, 2, 3 };
	uint8_t b[16] = { 1, 2, 3 };

	(void)state;
	assert_true(digest_equal(a, b, sizeof a));
	assert_true(digest_equal(a, NULL, 0));
	for (unsigned bit = 0; bit < 128; bit++) {
		b[bit / 8] ^= (uint8_t)(1 << bit % 8);
		assert_false(digest_equal(a, b, sizeof a));
		b[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
}

int
main(void)
{
	const struct CMUnitTest with[] = {
		cmocka_unit_test(known_answers_at_every_split),
		cmocka_unit_test(a_million_letters),
		cmocka_unit_test(final_leaves_the_context_as_it_was),
		cmocka_unit_test(hmac_known_answers),
		cmocka_unit_test(comparison_sees_every_bit),
	};
	const struct CMUnitTest without[] = {
		cmocka_unit_test(build_without_digests_says_so),
		cmocka_unit_test(comparison_sees_every_bit),
	};

	if (IS_ENABLED(CONFIG_TLS))
		return cmocka_run_group_tests_name("digest", with, NULL, NULL);
	return cmocka_run_group_tests_name("digest, none", without, NULL, NULL);
}
