/* SPDX-License-Identifier: MIT */
/* tls_verify.h -- whether a server is who it should be: BearSSL's X.509 engine with what it lacks.
 *
 * Around it: only anchors that have issued a certificate at hand are shown to it, out of any
 * number in the image; addresses among a certificate's names; a pinned key; dates and reasons told
 * apart.  What it does not judge: revocation and name constraints.
 */
#ifndef TLS_VERIFY_H
#define TLS_VERIFY_H

#include <bearssl.h>

#include "tls.h"
#include "tls_x509.h"

#define TLS_VERIFY_ANCHORS	4	/* of one name that are tried */
#define TLS_VERIFY_SPKI		600	/* RSA of 4096 bits takes 550 bytes */

/* Before this second no router runs that this source was written for: its clock is not set. */
#define TLS_VERIFY_EPOCH	INT64_C(1767225600)	/* 2026-01-01 */

struct tls_verify {
	const br_x509_class *vtable;	/* first: BearSSL's handle */
	/* What is wanted. */
	enum tls_conf_verify mode;
	const uint8_t *anchors;		/* tls_pem.c's form */
	uint32_t anchors_n;
	const uint8_t *pin;
	uint8_t address_len;
	uint8_t address[16];
	int64_t wall_s;
	/* What came. */
	enum tls_verdict verdict;
	enum tls_verdict dates;		/* of the first certificate out of its time */
	int64_t not_after_s;		/* of the server's certificate */
	int64_t from_s, until_s;	/* when all that came are valid */
	bool self_signed;		/* so is that one */
	bool address_seen;
	uint32_t certs;
	struct tls_x509 cert;		/* the one that is coming */
	enum tls_x509_part part;	/* that `hash` is of */
	br_sha256_context hash;
	uint8_t issuer[br_sha256_SIZE];
	uint8_t subject[br_sha256_SIZE];
	br_x509_trust_anchor anchor[TLS_VERIFY_ANCHORS];
	br_x509_pkey key;		/* PIN, NONE */
	union {
		br_x509_minimal_context minimal;	/* CHAIN */
		struct {
			uint32_t n;
			uint8_t p[TLS_VERIFY_SPKI];
		} spki;				/* PIN, NONE */
	};
};

/* Sets it up by the configuration; false: that can't be used. */
port_must_check bool tls_verify_begin(struct tls_verify *v, const struct tls_conf *conf,
				      const uint8_t *mem, int64_t wall_s);

/* The Unix times between which the verdict on the dates stays what it is after a chain that is
 * good; both ends included. */
void tls_verify_span(const struct tls_verify *v, int64_t *from_s, int64_t *until_s);

/* Why the X.509 engine has failed with BearSSL's error `err`. */
enum tls_verdict tls_verify_verdict(const struct tls_verify *v, int err);

#endif
