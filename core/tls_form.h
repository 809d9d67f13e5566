/* SPDX-License-Identifier: MIT */
/* tls_form.h -- how an image holds anchors, certificates and keys: what tls_pem.c writes and tls.c
 * reads.
 *
 *	anchors	{ u16 bytes of the rest; hash[4] of the name; u16 n, name (DER); public key } ...
 *	chain	{ u16 n, certificate (DER) } ..., the client's own first
 *	key	RSA: u8 kind, u16 bits, 5 numbers; EC: u8 kind, u8 curve, number
 *	public	RSA: u8 kind, numbers n and e; EC: u8 kind, u8 curve, number
 *	number	u16 n, bytes
 */
#ifndef TLS_FORM_H
#define TLS_FORM_H

#include <bearssl.h>

#include "cursor.h"
#include "tls_key.h"

#define TLS_FORM_HASH	4		/* bytes of a name's SHA-256 that are kept */
#define TLS_FORM_CHAIN	4		/* certificates that a client shows at most */

struct tls_form_anchor {
	const uint8_t *hash;		/* TLS_FORM_HASH bytes */
	const uint8_t *name;
	size_t name_n;
	struct tls_key key;
};

/* The next anchor; false: no more. */
port_must_check bool tls_form_next_anchor(struct rd *r, struct tls_form_anchor *out);
void tls_form_put_anchor(struct wr *w, const uint8_t hash[TLS_FORM_HASH], const uint8_t *name,
			 size_t n, const struct tls_key *key);

/* The certificates of a chain; returns how many there are, 0: none, or too many. */
port_must_check size_t tls_form_chain(const uint8_t *p, size_t n,
				      br_x509_certificate out[TLS_FORM_CHAIN]);

void tls_form_put_private(struct wr *w, const struct tls_key *key);
/* Returns the kind, UNKNOWN when it is none; only that of the two is filled. */
port_must_check enum tls_key_kind tls_form_private(const uint8_t *p, size_t n,
						   br_rsa_private_key *rsa,
						   br_ec_private_key *ec);

/* A public key as BearSSL has it; the bytes stay the caller's. */
void tls_form_key(const struct tls_key *key, br_x509_pkey *out);

/* BearSSL does not say const of what it only reads. */
unsigned char *tls_form_mutable(const uint8_t *p);

#endif
