/* SPDX-License-Identifier: MIT */
/* tls_key.h -- the numbers of a public or private key, out of DER that lies whole in memory.
 *
 * RSA and EC on named curves.  Numbers are big endian, without leading zeros, and point into the
 * caller's bytes.  Pure.
 */
#ifndef TLS_KEY_H
#define TLS_KEY_H

#include "port.h"

enum tls_key_kind {
	TLS_KEY_UNKNOWN,
	TLS_KEY_RSA,
	TLS_KEY_EC,
};

/* Curves by their number in TLS (RFC 8422 5.1.1). */
enum tls_key_curve {
	TLS_KEY_P256 = 23,
	TLS_KEY_P384 = 24,
	TLS_KEY_P521 = 25,
};

struct tls_key_number {
	const uint8_t *p;
	size_t n;
};

/* The numbers of an RSA private key, in the order of RFC 8017 A.1.2. */
enum tls_key_rsa { TLS_KEY_P, TLS_KEY_Q, TLS_KEY_DP, TLS_KEY_DQ, TLS_KEY_IQ, TLS_KEY_RSA__N };

struct tls_key {
	enum tls_key_kind kind;
	uint8_t curve;			/* EC: enum tls_key_curve */
	struct tls_key_number n, e;	/* RSA; of a private key too */
	struct tls_key_number q;	/* EC: the public point, uncompressed */
	struct tls_key_number rsa[TLS_KEY_RSA__N];	/* private only */
	struct tls_key_number x;	/* private only, EC */
};

/* A SubjectPublicKeyInfo.  false: it is none.  Kind UNKNOWN: an algorithm or a curve that is not
 * ours. */
port_must_check bool tls_key_public(const void *der, size_t n, struct tls_key *out);

/* The same of a private key: PKCS#8 (RFC 5958), PKCS#1 (RFC 8017) or SEC1 (RFC 5915). */
port_must_check bool tls_key_private(const void *der, size_t n, struct tls_key *out);

#endif
