/* SPDX-License-Identifier: MIT */
/* digest.h -- MD5, SHA-256 and HMAC over a caller's context.
 *
 * The work is BearSSL's, so this is there with CONFIG_TLS; without it every *_init()
 * answers false and every *_final() gives no byte.  A context is plain
 * memory: it may be copied in the middle, and needs no release.  MD5 is for what
 * others made long ago (HTTP_GET digests, RFC 2403), never for a choice of ours.
 */
#ifndef DIGEST_H
#define DIGEST_H

#include "port.h"

#define DIGEST_MAX	32		/* longest result, in bytes */

enum digest_kind {
	DIGEST_MD5,			/* 16 bytes, RFC 1321 */
	DIGEST_SHA256,			/* 32 bytes, FIPS 180-4 */
	DIGEST__N
};

struct digest {
	uint64_t state[16];		/* BearSSL's, opaque here */
};

struct digest_hmac {
	uint64_t state[40];
};

#ifdef CONFIG_TLS

/* false: not in this build. */
port_must_check bool digest_init(struct digest *d, enum digest_kind kind);
void digest_update(struct digest *d, const void *p, size_t n);

/* Returns the length of the result, 16 or 32.  The context is as it was: more may be
 * added, as if there had been no call. */
size_t digest_final(const struct digest *d, uint8_t out[DIGEST_MAX]);

/* RFC 2104, a key of any length.  The key itself is not kept. */
port_must_check bool digest_hmac_init(struct digest_hmac *h,
				      enum digest_kind kind, const void *key,
				      size_t len);
void digest_hmac_update(struct digest_hmac *h, const void *p, size_t n);
size_t digest_hmac_final(const struct digest_hmac *h, uint8_t out[DIGEST_MAX]);

#else

static inline bool
digest_init(struct digest *d, enum digest_kind kind)
{
	(void)d, (void)kind;
	return false;
}

static inline void
digest_update(struct digest *d, const void *p, size_t n)
{
	(void)d, (void)p, (void)n;
}

static inline size_t
digest_final(const struct digest *d, uint8_t out[DIGEST_MAX])
{
	(void)d, (void)out;
	return 0;
}

static inline bool
digest_hmac_init(struct digest_hmac *h, enum digest_kind kind,
		 const void *key, size_t len)
{
	(void)h, (void)kind, (void)key, (void)len;
	return false;
}

static inline void
digest_hmac_update(struct digest_hmac *h, const void *p, size_t n)
{
	(void)h, (void)p, (void)n;
}

static inline size_t
digest_hmac_final(const struct digest_hmac *h, uint8_t out[DIGEST_MAX])
{
	(void)h, (void)out;
	return 0;
}

#endif

/* Compares in a time that depends on `n` alone, so that an answer's delay does not
 * say how much of a forged code was right. */
static inline bool
digest_equal(const void *a, const void *b, size_t n)
{
	const volatile uint8_t *const x = a;
	const volatile uint8_t *const y = b;
	uint8_t differ = 0;

	for (size_t i = 0; i < n; i++)
		differ |= x[i] ^ y[i];
	return differ == 0;
}

#endif
