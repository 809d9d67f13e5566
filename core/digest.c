/* SPDX-License-Identifier: MIT */
/* digest.c -- MD5, SHA-256 and HMAC by BearSSL. */
#include "digest.h"

#include <bearssl_hash.h>
#include <bearssl_hmac.h>

/* Every context of BearSSL begins with the pointer to its functions. */
union hash {
	const br_hash_class *class;
	br_md5_context md5;
	br_sha256_context sha256;
};

_Static_assert(sizeof(union hash) <= sizeof(struct digest),
	       "struct digest does not hold BearSSL's context");
_Static_assert(sizeof(br_hmac_context) <= sizeof(struct digest_hmac),
	       "struct digest_hmac does not hold BearSSL's context");

static const br_hash_class *
class_of(enum digest_kind kind)
{
	static const br_hash_class *const class[DIGEST__N] = {
		[DIGEST_MD5] = &br_md5_vtable,
		[DIGEST_SHA256] = &br_sha256_vtable,
	};

	assert((unsigned)kind < DIGEST__N);
	return class[kind];
}

static size_t
length_of(const br_hash_class *class)
{
	return class->desc >> BR_HASHDESC_OUT_OFF & BR_HASHDESC_OUT_MASK;
}

static union hash *
hash_of(struct digest *d)
{
	return (union hash *)(void *)d->state;
}

static const union hash *
const_hash_of(const struct digest *d)
{
	return (const union hash *)(const void *)d->state;
}

bool
digest_init(struct digest *d, enum digest_kind kind)
{
	class_of(kind)->init(&hash_of(d)->class);
	return true;
}

void
digest_update(struct digest *d, const void *p, size_t n)
{
	hash_of(d)->class->update(&hash_of(d)->class, p, n);
}

size_t
digest_final(const struct digest *d, uint8_t out[DIGEST_MAX])
{
	const union hash *const h = const_hash_of(d);

	h->class->out(&h->class, out);
	return length_of(h->class);
}

static br_hmac_context *
hmac_of(struct digest_hmac *h)
{
	return (br_hmac_context *)(void *)h->state;
}

static const br_hmac_context *
const_hmac_of(const struct digest_hmac *h)
{
	return (const br_hmac_context *)(const void *)h->state;
}

bool
digest_hmac_init(struct digest_hmac *h, enum digest_kind kind,
		 const void *key, size_t len)
{
	br_hmac_key_context kc;

	br_hmac_key_init(&kc, class_of(kind), key, len);
	br_hmac_init(hmac_of(h), &kc, 0);
	return true;
}

void
digest_hmac_update(struct digest_hmac *h, const void *p, size_t n)
{
	br_hmac_update(hmac_of(h), p, n);
}

size_t
digest_hmac_final(const struct digest_hmac *h, uint8_t out[DIGEST_MAX])
{
	return br_hmac_out(const_hmac_of(h), out);
}
