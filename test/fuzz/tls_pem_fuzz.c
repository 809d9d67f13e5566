/* SPDX-License-Identifier: MIT */
/* tls_pem_fuzz.c -- any text as a bundle, a chain and a key; what is taken up can be read back.
 *
 * Byte 0 chooses: a PEM text (0), or the DER of a certificate (1) or of a key (2) as it is.
 */
#include <stdlib.h>
#include <string.h>

#include "tls_form.h"
#include "tls_pem.h"
#include "tls_x509.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define CHECK(x) do { if (!(x)) abort(); } while (0)

static uint8_t mem[1 << 16];

static void
as_text(const uint8_t *p, size_t n)
{
	struct tls_pem_out out = { mem, 1, sizeof mem };
	struct tls_conf_bytes where, chain;
	struct tls_pem_count count;
	struct tls_form_anchor a;
	br_x509_certificate cert[TLS_FORM_CHAIN];
	br_rsa_private_key rsa;
	br_ec_private_key ec;
	uint8_t pin[32];
	unsigned anchors = 0;

	if (tls_pem_anchors(p, n, &out, &where, &count) == TLS_PEM_OK) {
		struct rd r = rd_over(mem + where.at, where.n);

		while (tls_form_next_anchor(&r, &a))
			anchors++;
		CHECK(anchors == count.used && rd_left(&r) == 0);
	} else {
		CHECK(out.used == 1);
	}
	if (tls_pem_chain(p, n, &out, &chain) == TLS_PEM_OK) {
		CHECK(tls_form_chain(mem + chain.at, chain.n, cert) > 0);
		if (tls_pem_key(p, n, &out, &chain, &where) == TLS_PEM_OK)
			CHECK(tls_form_private(mem + where.at, where.n, &rsa, &ec) !=
			      TLS_KEY_UNKNOWN);
	}
	(void)!tls_pem_pin((const char *)p, n, pin);
}

/* In one piece and byte by byte. */
static void
as_certificate(const uint8_t *p, size_t n)
{
	static const uint8_t addr[4] = { 192, 0, 2, 10 };
	struct tls_x509 whole, c;

	tls_x509_begin(&whole, (uint32_t)n, addr, sizeof addr);
	for (size_t at = 0; at < n; ) {
		const size_t took = tls_x509_step(&whole, p + at, n - at);

		CHECK(took > 0 && took <= n - at);
		at += took;
	}
	tls_x509_begin(&c, (uint32_t)n, addr, sizeof addr);
	for (size_t at = 0; at < n; at++)
		CHECK(tls_x509_step(&c, p + at, 1) == 1);
	CHECK(tls_x509_whole(&c) == tls_x509_whole(&whole));
	CHECK(c.address_seen == whole.address_seen || !tls_x509_whole(&c));
	for (unsigned i = 0; i < 4 && tls_x509_whole(&c); i++)
		CHECK((size_t)c.span[i].at + c.span[i].n <= n);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct tls_key key;

	if (size == 0)
		return 0;
	if (data[0] % 3 == 0)
		as_text(data + 1, size - 1);
	else if (data[0] % 3 == 1)
		as_certificate(data + 1, size - 1);
	else
		(void)!(tls_key_private(data + 1, size - 1, &key) &&
			tls_key_public(data + 1, size - 1, &key));
	return 0;
}
