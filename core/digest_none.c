/* SPDX-License-Identifier: MIT */
/* digest_none.c -- a build without BearSSL has no digests. */
#include "digest.h"

bool
digest_init(struct digest *d, enum digest_kind kind)
{
	(void)d, (void)kind;
	return false;
}

void
digest_update(struct digest *d, const void *p, size_t n)
{
	(void)d, (void)p, (void)n;
}

size_t
digest_final(const struct digest *d, uint8_t out[DIGEST_MAX])
{
	(void)d, (void)out;
	return 0;
}

bool
digest_hmac_init(struct digest_hmac *h, enum digest_kind kind,
		 const void *key, size_t len)
{
	(void)h, (void)kind, (void)key, (void)len;
	return false;
}

void
digest_hmac_update(struct digest_hmac *h, const void *p, size_t n)
{
	(void)h, (void)p, (void)n;
}

size_t
digest_hmac_final(const struct digest_hmac *h, uint8_t out[DIGEST_MAX])
{
	(void)h, (void)out;
	return 0;
}
