/* SPDX-License-Identifier: MIT */
/* tls_key.c -- DER of keys, by reading cursors. */
#include "tls_key.h"

#include <string.h>

#include "cursor.h"

#define INTEGER		0x02
#define BITS		0x03
#define OCTETS		0x04
#define OID		0x06
#define SEQUENCE	0x30
#define PARAMETERS	0xa0		/* [0] of ECPrivateKey */

static const uint8_t oid_rsa[] = { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01 };
static const uint8_t oid_ec[] = { 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01 };

static const struct {
	uint8_t oid[8];
	uint8_t len;
	uint8_t curve;
	uint8_t bytes;			/* of a coordinate */
} curves[] = {
	{ { 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07 }, 8, TLS_KEY_P256, 32 },
	{ { 0x2b, 0x81, 0x04, 0x00, 0x22 }, 5, TLS_KEY_P384, 48 },
	{ { 0x2b, 0x81, 0x04, 0x00, 0x23 }, 5, TLS_KEY_P521, 66 },
};

static uint32_t
length(struct rd *r)
{
	const uint8_t first = rd_u8(r);
	uint32_t len = 0;

	if (first < 0x80)
		return first;
	if (first == 0x80 || first > 0x84)
		r->bad = true;
	for (unsigned i = 0; i < (first & 0x7fu) && !r->bad; i++)
		len = len << 8 | rd_u8(r);
	return len;
}

/* The content of the next element, which must have this tag. */
static struct rd
element(struct rd *r, uint8_t tag)
{
	if (rd_u8(r) != tag)
		r->bad = true;
	const uint32_t len = length(r);
	const uint8_t *const p = rd_take(r, len);

	return p ? rd_over(p, len) : (struct rd){ NULL, NULL, true };
}

static bool
is_next(const struct rd *r, uint8_t tag)
{
	return rd_left(r) > 0 && *r->p == tag;
}

static struct tls_key_number
all_of(const struct rd *r)
{
	return (struct tls_key_number){ r->p, rd_left(r) };
}

/* An INTEGER that is not negative. */
static struct tls_key_number
integer(struct rd *r)
{
	struct rd in = element(r, INTEGER);

	if (rd_left(&in) == 0 || *in.p & 0x80) {
		r->bad = true;
		return (struct tls_key_number){ NULL, 0 };
	}
	while (rd_left(&in) > 0 && *in.p == 0)
		rd_u8(&in);
	return all_of(&in);
}

static bool
is_oid(const struct rd *r, const uint8_t *oid, size_t n)
{
	return rd_left(r) == n && memcmp(r->p, oid, n) == 0;
}

static uint8_t
curve_of(const struct rd *oid)
{
	for (unsigned i = 0; i < PORT_ARRAY_SIZE(curves); i++)
		if (is_oid(oid, curves[i].oid, curves[i].len))
			return curves[i].curve;
	return 0;
}

static size_t
curve_bytes(uint8_t curve)
{
	for (unsigned i = 0; i < PORT_ARRAY_SIZE(curves); i++)
		if (curves[i].curve == curve)
			return curves[i].bytes;
	return 0;
}

/* AlgorithmIdentifier: kind and curve. */
static void
algorithm(struct rd *r, struct tls_key *out)
{
	struct rd in = element(r, SEQUENCE);
	const struct rd oid = element(&in, OID);

	r->bad |= in.bad;
	if (is_oid(&oid, oid_rsa, sizeof oid_rsa)) {
		out->kind = TLS_KEY_RSA;
	} else if (is_oid(&oid, oid_ec, sizeof oid_ec) && is_next(&in, OID)) {
		const struct rd curve = element(&in, OID);

		out->curve = curve_of(&curve);
		out->kind = out->curve ? TLS_KEY_EC : TLS_KEY_UNKNOWN;
	}
}

bool
tls_key_public(const void *der, size_t n, struct tls_key *out)
{
	struct rd r = rd_over(der, n);

	memset(out, 0, sizeof *out);
	struct rd in = element(&r, SEQUENCE);

	algorithm(&in, out);
	struct rd key = element(&in, BITS);

	if (r.bad || in.bad || rd_left(&r) > 0 || rd_u8(&key) != 0)
		return false;
	if (out->kind == TLS_KEY_RSA) {
		struct rd pair = element(&key, SEQUENCE);

		out->n = integer(&pair);
		out->e = integer(&pair);
		return !key.bad && !pair.bad && out->n.n > 0 && out->e.n > 0;
	}
	out->q = all_of(&key);
	if (out->kind == TLS_KEY_EC && (!out->q.p || out->q.n != 1 + 2 * curve_bytes(out->curve) ||
					out->q.p[0] != 4))
		out->kind = TLS_KEY_UNKNOWN;	/* compressed, or off its curve */
	return true;
}

/* RSAPrivateKey behind its version. */
static bool
pkcs1(struct rd *in, struct tls_key *out)
{
	out->kind = TLS_KEY_RSA;
	out->n = integer(in);
	out->e = integer(in);
	(void)integer(in);		/* d: the others do without */
	for (unsigned i = 0; i < TLS_KEY_RSA__N; i++) {
		out->rsa[i] = integer(in);
		in->bad |= out->rsa[i].n == 0;
	}
	return !in->bad && out->n.n > 0;
}

/* ECPrivateKey behind its version; its curve may have been said around it. */
static bool
sec1(struct rd *in, struct tls_key *out)
{
	struct rd x = element(in, OCTETS);

	out->kind = TLS_KEY_EC;
	while (rd_left(&x) > 0 && *x.p == 0)
		rd_u8(&x);
	out->x = all_of(&x);
	if (!in->bad && is_next(in, PARAMETERS)) {
		struct rd wrap = element(in, PARAMETERS);
		const struct rd oid = element(&wrap, OID);

		out->curve = curve_of(&oid);
	}
	if (in->bad || out->x.n == 0)
		return false;
	if (out->curve == 0 || out->x.n > curve_bytes(out->curve))
		out->kind = TLS_KEY_UNKNOWN;
	return true;
}

bool
tls_key_private(const void *der, size_t n, struct tls_key *out)
{
	struct rd r = rd_over(der, n);
	struct tls_key around = { 0 };

	memset(out, 0, sizeof *out);
	struct rd in = element(&r, SEQUENCE);
	struct tls_key_number version = integer(&in);

	if (!in.bad && is_next(&in, SEQUENCE)) {	/* PKCS#8: another around it */
		algorithm(&in, &around);
		struct rd inner = element(&in, OCTETS);

		if (in.bad)
			return false;
		if (around.kind == TLS_KEY_UNKNOWN)
			return true;
		r = inner;
		in = element(&r, SEQUENCE);
		version = integer(&in);
	}
	if (r.bad || in.bad)
		return false;
	if (is_next(&in, OCTETS)) {	/* version 1 */
		out->curve = around.curve;
		return around.kind != TLS_KEY_RSA && sec1(&in, out);
	}
	return version.n == 0 && around.kind != TLS_KEY_EC && pkcs1(&in, out);
}
