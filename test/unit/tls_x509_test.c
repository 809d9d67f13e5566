/* SPDX-License-Identifier: MIT */
/* tls_x509_test.c -- real certificates in pieces, cut, and with every bit turned. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "tls_fixtures.h"
#include "tls_peer.h"
#include "tls_x509.h"

static const uint8_t six[16] = { 0x20, 0x01, 0x0d, 0xb8, [15] = 0x10 };
static const uint8_t four[4] = { 192, 0, 2, 10 };
static const uint8_t *cert;
static size_t len;

static void
load(const char *pem)
{
	struct tls_conf_bytes where;
	br_x509_certificate chain[TLS_FORM_CHAIN];

	peer_reset();
	assert_int_equal(tls_pem_chain(pem, strlen(pem), &peer_out, &where), TLS_PEM_OK);
	assert_int_equal(tls_form_chain(peer_mem + where.at, where.n, chain), 1);
	cert = chain[0].data;
	len = chain[0].data_len;
}

/* All of `n` bytes in pieces of `split`; what is of a part adds up to its span. */
static void
read_all(struct tls_x509 *c, const uint8_t *p, size_t n, size_t bytes, size_t split,
	 const uint8_t *addr, size_t addr_n)
{
	size_t part[4] = { 0 };

	tls_x509_begin(c, (uint32_t)bytes, addr, addr_n);
	for (size_t at = 0; at < n; ) {
		const size_t piece = split < n - at ? split : n - at;
		size_t done = 0;

		while (done < piece) {
			const size_t took = tls_x509_step(c, p + at + done, piece - done);

			assert_true(took > 0 && took <= piece - done);
			part[c->part] += took;
			done += took;
		}
		at += piece;
	}
	if (!tls_x509_whole(c))
		return;
	for (unsigned i = TLS_X509_ISSUER; i <= TLS_X509_SPKI; i++) {
		assert_int_equal(part[i], c->span[i].n);
		assert_true(c->span[i].at + c->span[i].n <= n);
	}
}

static void
every_split_reads_the_same(void **state)
{
	static const char *const pem[] = { FIXTURE_SERVER, FIXTURE_RSA, FIXTURE_CA, FIXTURE_P384 };
	struct tls_x509 whole, c;

	(void)state;
	for (unsigned i = 0; i < 4; i++) {
		load(pem[i]);
		read_all(&whole, cert, len, len, len, six, 16);
		assert_true(tls_x509_whole(&whole));
		assert_true(whole.not_before_s == 1780272000);
		assert_true(whole.not_after_s == INT64_C(2727043200));
		assert_int_equal(whole.address_seen, i != 2);
		for (size_t split = 1; split < len; split++) {
			read_all(&c, cert, len, len, split, six, 16);
			assert_true(tls_x509_whole(&c));
			assert_memory_equal(c.span, whole.span, sizeof c.span);
			assert_true(c.not_after_s == whole.not_after_s);
			assert_int_equal(c.address_seen, whole.address_seen);
		}
	}
}

static void
an_address_must_be_the_very_one(void **state)
{
	struct tls_x509 c;
	uint8_t a[16];

	(void)state;
	load(FIXTURE_SERVER);
	read_all(&c, cert, len, len, 7, four, 4);
	assert_true(c.address_seen);
	for (unsigned bit = 0; bit < 128; bit++) {
		memcpy(a, six, 16);
		a[bit / 8] ^= (uint8_t)(1u << bit % 8);
		read_all(&c, cert, len, len, len, a, 16);
		assert_false(c.address_seen);
	}
	read_all(&c, cert, len, len, len, six, 4);	/* its beginning is none of them */
	assert_false(c.address_seen);
	read_all(&c, cert, len, len, len, NULL, 0);
	assert_false(c.address_seen);
}

static void
cut_anywhere_it_is_not_whole(void **state)
{
	struct tls_x509 c;

	(void)state;
	load(FIXTURE_SERVER);
	for (size_t n = 0; n < len; n++) {
		read_all(&c, cert, n, len, 100, six, 16);
		assert_false(tls_x509_whole(&c));
		read_all(&c, cert, n, n, 100, six, 16);
		assert_false(tls_x509_whole(&c));
	}
	/* Nor with something behind it. */
	read_all(&c, cert, len, len + 1, 100, six, 16);
	assert_false(tls_x509_whole(&c));
}

static void
any_turned_bit_ends_in_order(void **state)
{
	static uint8_t copy[4096];
	struct tls_x509 c;

	(void)state;
	load(FIXTURE_SERVER);
	assert_true(len < sizeof copy);
	memcpy(copy, cert, len);
	for (size_t bit = 0; bit < len * 8; bit++) {
		copy[bit / 8] ^= (uint8_t)(1u << bit % 8);
		read_all(&c, copy, len, len, 64, six, 16);
		copy[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
}

#define TEST(f)	cmocka_unit_test(f)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(every_split_reads_the_same),
		TEST(an_address_must_be_the_very_one),
		TEST(cut_anywhere_it_is_not_whole),
		TEST(any_turned_bit_ends_in_order),
	};

	return cmocka_run_group_tests_name("tls_x509", tests, 0, 0);
}
