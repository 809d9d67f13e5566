/* SPDX-License-Identifier: MIT */
/* tls_pem_test.c -- certificates and keys out of texts, good and bad. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "tls_fixtures.h"
#include "tls_form.h"
#include "tls_pem.h"

static uint8_t mem[1 << 16];
static struct tls_pem_out out;
static struct tls_conf_bytes where, chain;
static struct tls_pem_count count;

static int
set_up(void **state)
{
	(void)state;
	memset(mem, 0xee, sizeof mem);
	out = (struct tls_pem_out){ mem, 1, sizeof mem };
	where = chain = (struct tls_conf_bytes){ 0, 0 };
	return 0;
}

static enum tls_pem_verdict
anchors(const char *text)
{
	return tls_pem_anchors(text, strlen(text), &out, &where, &count);
}

static enum tls_pem_verdict
key(const char *cert, const char *text)
{
	assert_int_equal(tls_pem_chain(cert, strlen(cert), &out, &chain), TLS_PEM_OK);
	return tls_pem_key(text, strlen(text), &out, &chain, &where);
}

#define is(got, want)	assert_string_equal(tls_pem_text(got), tls_pem_text(want))

static void
each_certificate_of_a_bundle_is_an_anchor(void **state)
{
	struct tls_form_anchor a;
	unsigned rsa = 0, ec = 0;

	(void)state;
	is(anchors("words before\n" FIXTURE_CA "# and between\n" FIXTURE_CA_RSA FIXTURE_OTHER_CA),
	   TLS_PEM_OK);
	assert_int_equal(count.used, 3);
	assert_int_equal(count.skipped, 0);
	assert_int_equal(where.at, 1);
	assert_int_equal(out.used, 1 + where.n);
	assert_int_equal(mem[0], 0xee);
	assert_int_equal(mem[out.used], 0xee);
	struct rd r = rd_over(mem + where.at, where.n);

	while (tls_form_next_anchor(&r, &a)) {
		rsa += a.key.kind == TLS_KEY_RSA && a.key.n.n == 256 && a.key.e.n == 3;
		ec += a.key.kind == TLS_KEY_EC && a.key.curve == TLS_KEY_P256 && a.key.q.n == 65;
		assert_int_equal(a.name[0], 0x30);
	}
	assert_int_equal(rsa, 1);
	assert_int_equal(ec, 2);
}

static void
a_key_of_an_unknown_kind_is_skipped_and_counted(void **state)
{
	(void)state;
	is(anchors(FIXTURE_ED25519 FIXTURE_CA FIXTURE_SECP256K1), TLS_PEM_OK);
	assert_int_equal(count.used, 1);
	assert_int_equal(count.skipped, 2);
	is(anchors(FIXTURE_ED25519), TLS_PEM_CERT_KEY);
}

static void
what_is_no_bundle_says_why(void **state)
{
	char text[4096];
	const char *s = FIXTURE_CA;

	(void)state;
	is(anchors(""), TLS_PEM_NO_PEM);
	is(anchors("hello"), TLS_PEM_NO_PEM);
	is(anchors(FIXTURE_SERVER_KEY), TLS_PEM_NO_CERT);
	is(anchors("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"),
	   TLS_PEM_BAD_CERT);
	is(anchors("-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n"), TLS_PEM_BASE64);
	is(anchors("-----BEGIN CERTIFICATE-----\nAAA\n-----END CERTIFICATE-----\n"),
	   TLS_PEM_BASE64);
	is(anchors("-----BEGIN CERTIFICATE-----\nA*AA\n-----END CERTIFICATE-----\n"),
	   TLS_PEM_BASE64);
	is(anchors("-----BEGIN CERTIFICATE"), TLS_PEM_BASE64);
	/* Cut anywhere, it is refused and leaves nothing behind. */
	for (size_t n = 0; n < strlen(s) - sizeof "-----END CERTIFICATE-----" + 2; n++) {
		snprintf(text, sizeof text, "%.*s", (int)n, s);
		assert_int_not_equal(anchors(text), TLS_PEM_OK);
		assert_int_equal(out.used, 1);
	}
}

static void
a_changed_byte_never_leads_outside(void **state)
{
	char text[4096];
	const size_t n = strlen(FIXTURE_CA);

	(void)state;
	for (size_t i = 0; i < n; i++) {
		memcpy(text, FIXTURE_CA, n);
		text[i] = text[i] == 'A' ? '/' : 'A';
		const enum tls_pem_verdict v = tls_pem_anchors(text, n, &out, &where, &count);

		assert_true(v < TLS_PEM_VERDICT__N);
		out.used = 1;
	}
}

static void
line_ends_do_not_matter(void **state)
{
	char text[4096];
	size_t n = 0;

	(void)state;
	for (const char *s = FIXTURE_CA; *s; s++) {
		if (*s == '\n')
			text[n++] = '\r';
		text[n++] = *s;
	}
	is(tls_pem_anchors(text, n, &out, &where, &count), TLS_PEM_OK);
}

static void
what_does_not_fit_is_not_there(void **state)
{
	(void)state;
	is(anchors(FIXTURE_CA), TLS_PEM_OK);
	const uint32_t need = where.n;

	for (uint32_t cap = 1; cap < 1 + need; cap++) {
		set_up(NULL);
		out.cap = cap;
		is(anchors(FIXTURE_CA), TLS_PEM_FULL);
		assert_int_equal(out.used, 1);
		assert_int_equal(where.at, 0);
		assert_int_equal(mem[cap], 0xee);
	}
}

static void
a_chain_keeps_its_certificates_as_they_are(void **state)
{
	br_x509_certificate cert[TLS_FORM_CHAIN];

	(void)state;
	is(tls_pem_chain(FIXTURE_MID_SERVER FIXTURE_MID,
			 strlen(FIXTURE_MID_SERVER FIXTURE_MID), &out, &chain), TLS_PEM_OK);
	assert_int_equal(tls_form_chain(mem + chain.at, chain.n, cert), 2);
	assert_int_equal(cert[0].data[0], 0x30);
	assert_int_equal(net_get16(cert[0].data + 2) + 4u, cert[0].data_len);
	/* One more than can be sent. */
	const char *five = FIXTURE_CA FIXTURE_CA FIXTURE_CA FIXTURE_CA FIXTURE_CA;

	is(tls_pem_chain(five, strlen(five), &out, &chain), TLS_PEM_LONG);
	is(tls_pem_chain(FIXTURE_ED25519, strlen(FIXTURE_ED25519), &out, &chain),
	   TLS_PEM_CERT_KEY);
}

static void
each_form_of_a_key_is_the_same(void **state)
{
	br_rsa_private_key rsa;
	br_ec_private_key ec;
	struct tls_conf_bytes first;

	(void)state;
	is(key(FIXTURE_SERVER, FIXTURE_SERVER_KEY), TLS_PEM_OK);
	first = where;
	assert_int_equal(tls_form_private(mem + where.at, where.n, &rsa, &ec), TLS_KEY_EC);
	assert_int_equal(ec.curve, 23);
	is(key(FIXTURE_SERVER, FIXTURE_SERVER_KEY_SEC1), TLS_PEM_OK);
	assert_int_equal(where.n, first.n);
	assert_memory_equal(mem + where.at, mem + first.at, first.n);

	is(key(FIXTURE_RSA, FIXTURE_RSA_KEY), TLS_PEM_OK);
	first = where;
	assert_int_equal(tls_form_private(mem + where.at, where.n, &rsa, &ec), TLS_KEY_RSA);
	assert_int_equal(rsa.n_bitlen, 2048);
	assert_int_equal(rsa.plen, 128);
	is(key(FIXTURE_RSA, FIXTURE_RSA_KEY_PKCS1), TLS_PEM_OK);
	assert_int_equal(where.n, first.n);
	assert_memory_equal(mem + where.at, mem + first.at, first.n);
	is(key(FIXTURE_P384, FIXTURE_P384_KEY), TLS_PEM_OK);
}

static void
a_key_that_cannot_be_used_says_why(void **state)
{
	(void)state;
	is(key(FIXTURE_SERVER, ""), TLS_PEM_NO_PEM);
	is(key(FIXTURE_SERVER, FIXTURE_SERVER), TLS_PEM_NO_KEY);
	is(key(FIXTURE_SERVER, FIXTURE_RSA_KEY), TLS_PEM_OTHER_KEY);
	is(key(FIXTURE_SERVER, FIXTURE_P384_KEY), TLS_PEM_OTHER_KEY);
	is(key(FIXTURE_RSA, FIXTURE_WEAK_KEY), TLS_PEM_OTHER_KEY);
	is(key(FIXTURE_MID, FIXTURE_SERVER_KEY), TLS_PEM_OTHER_KEY);
	is(key(FIXTURE_SERVER, FIXTURE_ED25519_KEY), TLS_PEM_KEY_KIND);
	is(key(FIXTURE_SERVER, FIXTURE_SECP256K1_KEY), TLS_PEM_KEY_KIND);
	is(key(FIXTURE_RSA, FIXTURE_RSA_KEY_LOCKED), TLS_PEM_LOCKED);
	is(key(FIXTURE_RSA, FIXTURE_RSA_KEY_LOCKED_OLD), TLS_PEM_LOCKED);
	is(key(FIXTURE_RSA, "-----BEGIN PRIVATE KEY-----\nMAMCAQA=\n-----END PRIVATE KEY-----\n"),
	   TLS_PEM_BAD_KEY);
}

static void
a_key_stays_nowhere_but_in_the_image(void **state)
{
	(void)state;
	is(key(FIXTURE_SERVER, FIXTURE_SERVER_KEY), TLS_PEM_OK);
	const uint32_t used = out.used;

	/* On failure the image holds none of it. */
	memset(mem + used, 0xee, sizeof mem - used);
	is(key(FIXTURE_RSA, FIXTURE_SERVER_KEY), TLS_PEM_OTHER_KEY);
	for (uint32_t i = chain.at + chain.n; i < sizeof mem; i++)
		assert_int_equal(mem[i], 0xee);
}

static void
a_pin_is_32_bytes_of_base64(void **state)
{
	static const char *const bad[] = {
		"", "sha256//", "sha256//AAAA", "sha1//AAAA", "sha256/" FIXTURE_PIN,
		FIXTURE_PIN "A", FIXTURE_PIN "=", "SHA256//", FIXTURE_PIN ";" FIXTURE_PIN,
		"sha256//tYHthPoXnXXzjBDoQOfJqOPnGm1l5KKXQxuz6/2Pw2EA",
	};
	uint8_t pin[32];

	(void)state;
	assert_true(tls_pem_pin(FIXTURE_PIN, strlen(FIXTURE_PIN), pin));
	for (unsigned i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_false(tls_pem_pin(bad[i], strlen(bad[i]), pin));
}

#define TEST(f)	cmocka_unit_test_setup(f, set_up)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(each_certificate_of_a_bundle_is_an_anchor),
		TEST(a_key_of_an_unknown_kind_is_skipped_and_counted),
		TEST(what_is_no_bundle_says_why),
		TEST(a_changed_byte_never_leads_outside),
		TEST(line_ends_do_not_matter),
		TEST(what_does_not_fit_is_not_there),
		TEST(a_chain_keeps_its_certificates_as_they_are),
		TEST(each_form_of_a_key_is_the_same),
		TEST(a_key_that_cannot_be_used_says_why),
		TEST(a_key_stays_nowhere_but_in_the_image),
		TEST(a_pin_is_32_bytes_of_base64),
	};

	return cmocka_run_group_tests_name("tls_pem", tests, 0, 0);
}
