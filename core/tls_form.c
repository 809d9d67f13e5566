/* SPDX-License-Identifier: MIT */
/* tls_form.c -- anchors, certificates and keys between an image and BearSSL's structs. */
#include "tls_form.h"

unsigned char *
tls_form_mutable(const uint8_t *p)
{
	return (unsigned char *)(uintptr_t)p;
}

static struct tls_key_number
get_number(struct rd *r)
{
	const uint16_t n = rd_u16(r);
	const uint8_t *const p = rd_take(r, n);

	return (struct tls_key_number){ p, p ? n : 0 };
}

static void
put_number(struct wr *w, struct tls_key_number number)
{
	wr_u16(w, (uint16_t)number.n);
	wr_put(w, number.p, number.n);
}

/* ---- anchors ----------------------------------------------------------------------- */

bool
tls_form_next_anchor(struct rd *r, struct tls_form_anchor *out)
{
	*out = (struct tls_form_anchor){ 0 };
	const uint16_t bytes = rd_u16(r);
	const uint8_t *const p = rd_take(r, bytes);

	if (!p)
		return false;
	struct rd in = rd_over(p, bytes);

	out->hash = rd_take(&in, TLS_FORM_HASH);
	const struct tls_key_number name = get_number(&in);

	out->name = name.p;
	out->name_n = name.n;
	out->key.kind = (enum tls_key_kind)rd_u8(&in);
	if (out->key.kind == TLS_KEY_RSA) {
		out->key.n = get_number(&in);
		out->key.e = get_number(&in);
	} else {
		out->key.curve = rd_u8(&in);
		out->key.q = get_number(&in);
	}
	return !in.bad;
}

void
tls_form_put_anchor(struct wr *w, const uint8_t hash[TLS_FORM_HASH], const uint8_t *name, size_t n,
		    const struct tls_key *key)
{
	uint8_t *const begin = w->p;

	wr_u16(w, 0);
	wr_put(w, hash, TLS_FORM_HASH);
	put_number(w, (struct tls_key_number){ name, n });
	wr_u8(w, (uint8_t)key->kind);
	if (key->kind == TLS_KEY_RSA) {
		put_number(w, key->n);
		put_number(w, key->e);
	} else {
		wr_u8(w, key->curve);
		put_number(w, key->q);
	}
	if (!w->bad)
		net_put16(begin, (uint16_t)(w->p - begin - 2));
}

/* ---- a client's own ---------------------------------------------------------------- */

size_t
tls_form_chain(const uint8_t *p, size_t n, br_x509_certificate out[TLS_FORM_CHAIN])
{
	struct rd r = rd_over(p, n);
	size_t count = 0;

	while (rd_left(&r) > 0) {
		const struct tls_key_number one = get_number(&r);

		if (r.bad || count == TLS_FORM_CHAIN)
			return 0;
		out[count++] = (br_x509_certificate){ tls_form_mutable(one.p), one.n };
	}
	return count;
}

static unsigned
bits_of(struct tls_key_number n)
{
	unsigned bits = (unsigned)n.n * 8;

	for (unsigned top = n.p[0]; bits > 0 && !(top & 0x80); top <<= 1)
		bits--;
	return bits;
}

void
tls_form_put_private(struct wr *w, const struct tls_key *key)
{
	wr_u8(w, (uint8_t)key->kind);
	if (key->kind == TLS_KEY_EC) {
		wr_u8(w, key->curve);
		put_number(w, key->x);
		return;
	}
	wr_u16(w, (uint16_t)bits_of(key->n));
	for (unsigned i = 0; i < TLS_KEY_RSA__N; i++)
		put_number(w, key->rsa[i]);
}

enum tls_key_kind
tls_form_private(const uint8_t *p, size_t n, br_rsa_private_key *rsa, br_ec_private_key *ec)
{
	struct rd r = rd_over(p, n);
	const enum tls_key_kind kind = (enum tls_key_kind)rd_u8(&r);

	if (kind == TLS_KEY_EC) {
		ec->curve = rd_u8(&r);
		const struct tls_key_number x = get_number(&r);

		ec->x = tls_form_mutable(x.p);
		ec->xlen = x.n;
	} else if (kind == TLS_KEY_RSA) {
		struct tls_key_number part[TLS_KEY_RSA__N];

		rsa->n_bitlen = rd_u16(&r);
		for (unsigned i = 0; i < TLS_KEY_RSA__N; i++)
			part[i] = get_number(&r);
		rsa->p = tls_form_mutable(part[TLS_KEY_P].p);
		rsa->plen = part[TLS_KEY_P].n;
		rsa->q = tls_form_mutable(part[TLS_KEY_Q].p);
		rsa->qlen = part[TLS_KEY_Q].n;
		rsa->dp = tls_form_mutable(part[TLS_KEY_DP].p);
		rsa->dplen = part[TLS_KEY_DP].n;
		rsa->dq = tls_form_mutable(part[TLS_KEY_DQ].p);
		rsa->dqlen = part[TLS_KEY_DQ].n;
		rsa->iq = tls_form_mutable(part[TLS_KEY_IQ].p);
		rsa->iqlen = part[TLS_KEY_IQ].n;
	}
	return r.bad || (kind != TLS_KEY_EC && kind != TLS_KEY_RSA) ? TLS_KEY_UNKNOWN : kind;
}

void
tls_form_key(const struct tls_key *key, br_x509_pkey *out)
{
	if (key->kind == TLS_KEY_RSA) {
		out->key_type = BR_KEYTYPE_RSA;
		out->key.rsa = (br_rsa_public_key){
			tls_form_mutable(key->n.p), key->n.n, tls_form_mutable(key->e.p), key->e.n,
		};
		return;
	}
	out->key_type = BR_KEYTYPE_EC;
	out->key.ec = (br_ec_public_key){ key->curve, tls_form_mutable(key->q.p), key->q.n };
}
