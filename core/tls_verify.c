/* SPDX-License-Identifier: MIT */
/* tls_verify.c -- an X.509 engine around BearSSL's own.
 *
 * Each certificate goes through tls_x509.c, piece by piece, and on to BearSSL.  When its names have
 * passed, those anchors are looked up that it can hang on: of its issuer, or, for the server's, of
 * itself.  BearSSL asks for them only at a certificate's end.
 */
#include "tls_verify.h"

#include <string.h>

#include "cursor.h"
#include "digest.h"
#include "tls_form.h"

static struct tls_verify *
self(const br_x509_class **ctx)
{
	return container_of(ctx, struct tls_verify, vtable);
}

/* ---- anchors ----------------------------------------------------------------------- */

static void
set_anchor(br_x509_trust_anchor *a, const struct tls_form_anchor *from, unsigned flags)
{
	a->dn.data = tls_form_mutable(from->name);
	a->dn.len = from->name_n;
	a->flags = flags;
	tls_form_key(&from->key, &a->pkey);
}

/* An anchor with the server's own name is trusted itself, without a chain, if its key agrees. */
static void
find_anchors(struct tls_verify *v)
{
	struct rd r = rd_over(v->anchors, v->anchors_n);
	struct tls_form_anchor a;
	unsigned n = 0;

	memset(v->anchor, 0, sizeof v->anchor);
	while (n < TLS_VERIFY_ANCHORS && tls_form_next_anchor(&r, &a)) {
		if (memcmp(a.hash, v->issuer, TLS_FORM_HASH) == 0)
			set_anchor(&v->anchor[n++], &a, BR_X509_TA_CA);
		if (n < TLS_VERIFY_ANCHORS && v->certs == 0 &&
		    memcmp(a.hash, v->subject, TLS_FORM_HASH) == 0)
			set_anchor(&v->anchor[n++], &a, 0);
	}
}

/* ---- the parts of one certificate -------------------------------------------------- */

static void
end_part(struct tls_verify *v)
{
	switch (v->part) {
	case TLS_X509_ISSUER:
		br_sha256_out(&v->hash, v->issuer);
		break;
	case TLS_X509_SUBJECT:
		br_sha256_out(&v->hash, v->subject);
		if (v->certs == 0)
			v->self_signed = memcmp(v->issuer, v->subject, sizeof v->issuer) == 0;
		find_anchors(v);
		break;
	case TLS_X509_SPKI:
	case TLS_X509_OTHER:
		break;
	}
}

static void
note_part(struct tls_verify *v, const uint8_t *p, size_t n)
{
	if (v->part != v->cert.part) {
		end_part(v);
		v->part = v->cert.part;
		br_sha256_init(&v->hash);
	}
	if (v->part == TLS_X509_ISSUER || v->part == TLS_X509_SUBJECT)
		br_sha256_update(&v->hash, p, n);
	if (v->part != TLS_X509_SPKI || v->mode == TLS_CONF_CHAIN || v->certs > 0)
		return;
	if (n > sizeof v->spki.p - v->spki.n)
		n = sizeof v->spki.p - v->spki.n;	/* too long: no key of ours */
	memcpy(v->spki.p + v->spki.n, p, n);
	v->spki.n += (uint32_t)n;
}

static void
start_chain(const br_x509_class **ctx, const char *name)
{
	struct tls_verify *const v = self(ctx);

	v->certs = 0;
	v->verdict = v->dates = TLS_OK;
	v->not_after_s = 0;
	v->from_s = TLS_VERIFY_EPOCH;
	v->until_s = INT64_MAX;
	v->self_signed = v->address_seen = false;
	if (v->mode == TLS_CONF_CHAIN)
		v->minimal.vtable->start_chain(&v->minimal.vtable, name);
	else
		v->spki.n = 0;
}

static void
start_cert(const br_x509_class **ctx, uint32_t bytes)
{
	struct tls_verify *const v = self(ctx);

	tls_x509_begin(&v->cert, bytes, v->address, v->certs == 0 ? v->address_len : 0);
	v->part = TLS_X509_OTHER;
	if (v->mode == TLS_CONF_CHAIN)
		v->minimal.vtable->start_cert(&v->minimal.vtable, bytes);
}

static void
append(const br_x509_class **ctx, const unsigned char *p, size_t n)
{
	struct tls_verify *const v = self(ctx);

	while (n > 0) {
		const size_t took = tls_x509_step(&v->cert, p, n);

		note_part(v, p, took);
		if (v->mode == TLS_CONF_CHAIN)
			v->minimal.vtable->append(&v->minimal.vtable, p, took);
		p += took;
		n -= took;
	}
}

static void
end_cert(const br_x509_class **ctx)
{
	struct tls_verify *const v = self(ctx);
	const struct tls_x509 *const c = &v->cert;
	const bool whole = tls_x509_whole(c);

	if (v->mode == TLS_CONF_CHAIN)
		v->minimal.vtable->end_cert(&v->minimal.vtable);
	if (whole && v->dates == TLS_OK && v->wall_s < c->not_before_s)
		v->dates = TLS_EARLY;
	else if (whole && v->dates == TLS_OK && v->wall_s > c->not_after_s)
		v->dates = TLS_EXPIRED;
	if (!whole)
		v->until_s = INT64_MIN;		/* nobody has read its dates */
	if (whole && v->from_s < c->not_before_s)
		v->from_s = c->not_before_s;
	if (whole && v->until_s > c->not_after_s)
		v->until_s = c->not_after_s;
	if (whole && v->certs == 0) {
		v->not_after_s = c->not_after_s;
		v->address_seen = c->address_seen;
	}
	v->certs++;
}

/* ---- the verdict ------------------------------------------------------------------- */

/* What BearSSL's X.509 engine says, in our words. */
static enum tls_verdict
verdict_of(const struct tls_verify *v, int err)
{
	switch (err) {
	case BR_ERR_X509_EXPIRED:
		return v->dates == TLS_OK ? TLS_EXPIRED : v->dates;
	case BR_ERR_X509_NOT_TRUSTED:
		return v->self_signed ? TLS_SELF : TLS_NO_CHAIN;
	case BR_ERR_X509_BAD_SERVER_NAME:
		return TLS_NAME;
	case BR_ERR_X509_EMPTY_CHAIN:
	case BR_ERR_X509_BAD_SIGNATURE:
	case BR_ERR_X509_DN_MISMATCH:
	case BR_ERR_X509_NOT_CA:
	case BR_ERR_X509_CRITICAL_EXTENSION:
	case BR_ERR_X509_FORBIDDEN_KEY_USAGE:
		return TLS_NO_CHAIN;
	case BR_ERR_X509_UNSUPPORTED:
	case BR_ERR_X509_LIMIT_EXCEEDED:
	case BR_ERR_X509_WRONG_KEY_TYPE:
	case BR_ERR_X509_WEAK_PUBLIC_KEY:
		return TLS_WEAK;
	case BR_ERR_X509_TIME_UNKNOWN:
		return TLS_NO_CLOCK;
	default:
		return TLS_BROKEN;
	}
}

enum tls_verdict
tls_verify_verdict(const struct tls_verify *v, int err)
{
	return v->verdict != TLS_OK ? v->verdict : verdict_of(v, err);
}

static enum tls_verdict
judge_chain(struct tls_verify *v)
{
	const int err = (int)v->minimal.vtable->end_chain(&v->minimal.vtable);

	if (v->wall_s < TLS_VERIFY_EPOCH)
		return TLS_NO_CLOCK;
	if (err)
		return verdict_of(v, err);
	return v->address_len && !v->address_seen ? TLS_NAME : TLS_OK;
}

void
tls_verify_span(const struct tls_verify *v, int64_t *from_s, int64_t *until_s)
{
	/* Where nobody looks at the dates no clock is needed either. */
	*from_s = v->mode == TLS_CONF_CHAIN ? v->from_s : INT64_MIN;
	*until_s = v->mode == TLS_CONF_CHAIN ? v->until_s : INT64_MAX;
}

/* The key alone, when nothing but it is asked for. */
static enum tls_verdict
judge_key(struct tls_verify *v)
{
	struct tls_key key;
	uint8_t digest[br_sha256_SIZE];

	br_sha256_init(&v->hash);
	br_sha256_update(&v->hash, v->spki.p, v->spki.n);
	br_sha256_out(&v->hash, digest);
	if (v->mode == TLS_CONF_PIN && !digest_equal(digest, v->pin, sizeof digest))
		return TLS_PIN;
	if (!tls_key_public(v->spki.p, v->spki.n, &key) || key.kind == TLS_KEY_UNKNOWN)
		return TLS_WEAK;
	tls_form_key(&key, &v->key);
	return TLS_OK;
}

static unsigned
end_chain(const br_x509_class **ctx)
{
	struct tls_verify *const v = self(ctx);

	v->verdict = v->mode == TLS_CONF_CHAIN ? judge_chain(v) : judge_key(v);
	return v->verdict == TLS_OK ? 0 : BR_ERR_X509_NOT_TRUSTED;
}

static const br_x509_pkey *
get_pkey(const br_x509_class *const *ctx, unsigned *usages)
{
	const struct tls_verify *const v =
		(const struct tls_verify *)(const void *)
		((const char *)ctx - offsetof(struct tls_verify, vtable));

	if (v->verdict != TLS_OK)
		return NULL;
	if (v->mode == TLS_CONF_CHAIN)
		return v->minimal.vtable->get_pkey(&v->minimal.vtable, usages);
	if (usages)
		*usages = BR_KEYTYPE_KEYX | BR_KEYTYPE_SIGN;
	return &v->key;
}

static const br_x509_class engine = {
	sizeof(struct tls_verify), start_chain, start_cert, append, end_cert, end_chain, get_pkey,
};

/* ---- setting up -------------------------------------------------------------------- */

static void
set_up_minimal(struct tls_verify *v)
{
	br_x509_minimal_context *const m = &v->minimal;
	/* Days are counted from year 0; without a clock any date will do. */
	const int64_t s = v->wall_s < TLS_VERIFY_EPOCH ? TLS_VERIFY_EPOCH : v->wall_s;

	br_x509_minimal_init(m, &br_sha256_vtable, v->anchor, TLS_VERIFY_ANCHORS);
	br_x509_minimal_set_rsa(m, br_rsa_pkcs1_vrfy_get_default());
	br_x509_minimal_set_ecdsa(m, br_ec_get_default(), br_ecdsa_vrfy_asn1_get_default());
	/* SHA-1 is not among them (RFC 9155). */
	br_x509_minimal_set_hash(m, br_sha256_ID, &br_sha256_vtable);
	br_x509_minimal_set_hash(m, br_sha384_ID, &br_sha384_vtable);
	br_x509_minimal_set_hash(m, br_sha512_ID, &br_sha512_vtable);
	br_x509_minimal_set_minrsa(m, 2048 / 8);
	br_x509_minimal_set_time(m, (uint32_t)(s / 86400 + 719528), (uint32_t)(s % 86400));
}

bool
tls_verify_begin(struct tls_verify *v, const struct tls_conf *conf, const uint8_t *mem,
		 int64_t wall_s)
{
	const char *const name = conf->name.at ? (const char *)mem + conf->name.at : "";
	struct net_addr addr = { 0 };

	memset(v, 0, sizeof *v);
	v->vtable = &engine;
	v->mode = (enum tls_conf_verify)conf->verify;
	v->wall_s = wall_s;
	v->pin = conf->pin;
	v->anchors = mem + conf->anchors.at;
	v->anchors_n = conf->anchors.at ? conf->anchors.n : 0;
	if (v->mode != TLS_CONF_CHAIN)
		return v->mode == TLS_CONF_PIN || v->mode == TLS_CONF_NONE;
	set_up_minimal(v);
	/* A chain says nothing when it may be for anybody. */
	if (v->anchors_n == 0 || name[0] == '\0')
		return false;
	if (conf->name_is_address) {
		if (!net_addr_parse(&addr, name, strlen(name)))
			return false;
		v->address_len = (uint8_t)net_addr_len(&addr);
		memcpy(v->address, addr.a, v->address_len);
	}
	return true;
}
