/* SPDX-License-Identifier: MIT */
/* tls_pem.h -- certificates and keys from PEM text into the form that tls.c reads.
 *
 * For the compiler process: the bytes of a file in, the bytes of an image out, no file, no heap.
 * What an image holds of them has offsets and no pointers, and no alignment.  A file that several
 * checks name is read once: `where` may be copied.
 */
#ifndef TLS_PEM_H
#define TLS_PEM_H

#include "port.h"
#include "tls_conf.h"

/* Why a text can't be used; the list is written once. */
#define TLS_PEM_VERDICTS(X)						\
	X(OK,	     "usable")						\
	X(NO_PEM,    "there is no PEM text in it (-----BEGIN ...-----)")	\
	X(BASE64,    "its base64 is damaged, or its end is missing")	\
	X(NO_CERT,   "there is no certificate in it")			\
	X(BAD_CERT,  "a certificate in it is damaged")			\
	X(CERT_KEY,  "a certificate in it has a key of an unknown kind")	\
	X(NO_KEY,    "there is no private key in it")			\
	X(BAD_KEY,   "the private key in it is damaged")		\
	X(LOCKED,    "the private key is locked: it must be one without a pass phrase") \
	X(KEY_KIND,  "the private key is of an unknown kind (RSA and EC on P-256, P-384, P-521)") \
	X(OTHER_KEY, "the private key is not that of the certificate")	\
	X(LONG,	     "the chain has more certificates, or one of more bytes, than can be sent") \
	X(FULL,	     "there is no room for it")				\
	X(NO_TLS,    "this build has no TLS (CONFIG_TLS)")

enum tls_pem_verdict {
#define TLS_PEM_ENUM(name, text)	TLS_PEM_##name,
	TLS_PEM_VERDICTS(TLS_PEM_ENUM)
#undef TLS_PEM_ENUM
	TLS_PEM_VERDICT__N
};

/* Where it is written: mem[used..cap).  mem[0] is taken, since offset 0 means none. */
struct tls_pem_out {
	uint8_t *mem;
	uint32_t used;			/* moved on by what was written; as it was on failure */
	uint32_t cap;
};

/* How many of a text's certificates became anchors, and how many did not. */
struct tls_pem_count {
	uint32_t used;
	uint32_t skipped;		/* of a key that can't be used, in a file that has others */
};

/* Trust anchors, any number.  In a file of several, those with keys of an unknown kind are
 * skipped and counted. */
port_must_check enum tls_pem_verdict tls_pem_anchors(const void *pem, size_t n,
						     struct tls_pem_out *out,
						     struct tls_conf_bytes *where,
						     struct tls_pem_count *count);

/* A client's certificate and those that it was issued by, in that order. */
port_must_check enum tls_pem_verdict tls_pem_chain(const void *pem, size_t n,
						   struct tls_pem_out *out,
						   struct tls_conf_bytes *where);

/* Its private key: PKCS#8, PKCS#1 or SEC1.  `chain` is what tls_pem_chain() wrote. */
port_must_check enum tls_pem_verdict tls_pem_key(const void *pem, size_t n,
						 struct tls_pem_out *out,
						 const struct tls_conf_bytes *chain,
						 struct tls_conf_bytes *where);

/* "sha256//BASE64" (curl's --pinnedpubkey), the SHA-256 of a SubjectPublicKeyInfo. */
port_must_check bool tls_pem_pin(const char *text, size_t n, uint8_t pin[32]);

const char *tls_pem_text(enum tls_pem_verdict v);

#endif
