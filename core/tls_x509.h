/* SPDX-License-Identifier: MIT */
/* tls_x509.h -- what a certificate says, read as it comes in, in pieces of any size.
 *
 * It finds the parts and dates that BearSSL's own engine does not show (RFC 5280 4.1), and an
 * address among its names, and keeps no byte of it.  It judges nothing: what is read here counts
 * only with the signature that somebody else verifies.  Pure.
 */
#ifndef TLS_X509_H
#define TLS_X509_H

#include "port.h"

#define TLS_X509_DEPTH	8		/* deepest element that is looked into */

/* Pieces whose bytes the caller may want, each with its tag and length. */
enum tls_x509_part {
	TLS_X509_OTHER,
	TLS_X509_ISSUER,		/* Name */
	TLS_X509_SUBJECT,		/* Name */
	TLS_X509_SPKI,			/* SubjectPublicKeyInfo */
};

struct tls_x509_span {
	uint32_t at;			/* from the certificate's first byte */
	uint32_t n;
};

struct tls_x509 {
	/* What was read so far. */
	int64_t not_before_s;		/* Unix time */
	int64_t not_after_s;
	struct tls_x509_span span[4];	/* by enum tls_x509_part */
	bool address_seen;		/* the wanted address is among its names */
	bool bad;			/* no certificate, for good */
	/* Where the reading is. */
	enum tls_x509_part part;	/* of the bytes that the last step took */
	uint8_t address_len;		/* 4, 16; 0: none wanted */
	uint8_t address[16];
	uint8_t field;			/* of TBSCertificate, the one to come */
	uint8_t dates;			/* how many were read */
	bool is_san;			/* the extension is subjectAltName */
	uint8_t depth;
	uint8_t kind[TLS_X509_DEPTH];
	uint32_t end[TLS_X509_DEPTH];	/* where each open element ends */
	uint32_t at;
	uint32_t skip;			/* bytes of a content that nobody looks into */
	uint8_t nhead;
	uint8_t head[6];		/* tag and length */
	uint8_t ntext, wanted;		/* of a short content that is kept until it is whole */
	uint8_t text[16];
};

/* Begins a certificate of `bytes` bytes.  `address`: 4 or 16 bytes in network order, to be looked
 * for as an iPAddress (4.2.1.6); none with a length of 0. */
void tls_x509_begin(struct tls_x509 *c, uint32_t bytes, const uint8_t *address, size_t len);

/* Takes some of `n` > 0 bytes, all of one part (c->part), and returns how many. */
size_t tls_x509_step(struct tls_x509 *c, const uint8_t *p, size_t n);

/* All of it was read, and it is a certificate by its form. */
bool tls_x509_whole(const struct tls_x509 *c);

#endif
