/* SPDX-License-Identifier: MIT */
/* tls_kept.h -- what of a TLS session is kept, so that its server can be greeted again without a
 * whole handshake (RFC 5246 7.3), and when that may be.
 *
 * A handshake that takes up a session shows no certificate: the server proves that it is the one
 * that was verified, and nothing that has changed since.  So a session is good for a time that
 * its owner sets, and never beyond the validity of what was verified.  Whose it is, is the
 * owner's to know: one session, one server, one configuration.  It holds a secret: it is not
 * logged, reported, or kept beyond the process.  Pure.
 */
#ifndef TLS_KEPT_H
#define TLS_KEPT_H

#include "mono.h"
#include "port.h"

struct tls_kept {
	uint16_t version, suite;	/* both must be the same again */
	uint8_t id_n;			/* 1..32; 0: nothing is kept */
	uint8_t id[32];			/* the server's name for it */
	uint8_t secret[48];		/* RFC 5246 8.1 */
	struct mono verified;		/* by the whole handshake that it stems from */
	int64_t from_s, until_s;	/* Unix time: all certificates were valid, both included */
};

/* Whether it may be taken up.  reuse_us: how long after the server was verified, 0: never. */
bool tls_kept_good(const struct tls_kept *k, int64_t reuse_us, int64_t wall_s, struct mono now);

/* Overwrites it. */
void tls_kept_wipe(struct tls_kept *k);

#endif
