/* SPDX-License-Identifier: MIT */
/* tls.h -- a TLS 1.2 client session over BearSSL: bytes in, bytes out, no socket, no clock.
 *
 * Sessions come from a small pool (CONFIG_TLS_SESSIONS), since one takes about 24 kB.  The
 * server's chain, name and validity are verified unless its tls_conf says otherwise.  What
 * fails has a verdict from one list.  The wall clock is an argument: a router without a clock
 * battery that has not been told the time can't judge a validity, and that is a verdict of its
 * own.  A session can be kept and taken up again (tls_kept.h): by its number, for BearSSL knows
 * no tickets (RFC 5077).
 */
#ifndef TLS_H
#define TLS_H

#include "mono.h"
#include "port.h"
#include "tls_conf.h"
#include "tls_kept.h"

/* Why a session has failed; the list is written once. */
#define TLS_VERDICTS(X)							\
	X(OK,	    "no failure")					\
	X(OLD,	    "the server speaks no version that we do; TLS 1.2 is ours") \
	X(NEW,	    "the server speaks TLS 1.3 only")			\
	X(NOT_TLS,  "the server does not speak TLS on this port")	\
	X(ALERT,    "the server refuses the handshake: no version or suite in common") \
	X(SITE,	    "the server has no site of the name that was sent, or wants a name") \
	X(CLIENT,   "the server wants a client certificate, or another one") \
	X(NO_CHAIN, "no chain to a trusted certificate")		\
	X(SELF,	    "the certificate is self-signed and not trusted")	\
	X(NAME,	    "the certificate is for another name")		\
	X(EXPIRED,  "the certificate has expired")			\
	X(EARLY,    "the certificate is not valid yet")			\
	X(NO_CLOCK, "this router's clock is not set: no certificate can be judged") \
	X(WEAK,	    "a key or signature is too weak, or of an unknown kind") \
	X(PIN,	    "the server's key is not the pinned one")		\
	X(ALPN,	    "the server chose none of the protocols that were offered") \
	X(CUT,	    "the connection ended without TLS's close")		\
	X(BROKEN,   "a record or message that TLS does not allow")	\
	X(NO_RANDOM, "this router has gathered no randomness yet")	\
	X(OURS,	    "what we were configured with can't be used")

enum tls_verdict {
#define TLS_ENUM(name, text)	TLS_##name,
	TLS_VERDICTS(TLS_ENUM)
#undef TLS_ENUM
	TLS_VERDICT__N
};

struct tls;

/* What is known after a handshake, also a failed one. */
struct tls_peer {
	int64_t not_after_s;		/* of the server's certificate, Unix time; 0: unknown, or
					 * none was shown */
	uint16_t version;		/* 0x0303, 0: none */
	uint16_t suite;			/* IANA number */
	bool again;			/* an earlier session was taken up, nothing was verified */
	char alpn[16];			/* chosen, "": none */
};

/* A session from the pool, NULL when all are in use (counted); gives one back. */
struct tls *tls_get(void);
void tls_put(struct tls *t);
/* The same for who can't wait in a queue for one, but asks again: when none is left, the next that
 * comes free is kept for the next tls_claim(), or until tls_unclaim(). */
struct tls *tls_claim(void);
void tls_unclaim(void);
unsigned tls_free(void);		/* how many are left */

/* Begins a client handshake.  `mem` is the byte array that conf's offsets are of; both must
 * live as long as the session.  wall_s: Unix time.  false: it can't, and
 * tls_verdict() says why (OURS, NO_RANDOM). */
port_must_check bool tls_start(struct tls *t, const struct tls_conf *conf, const uint8_t *mem,
			       int64_t wall_s);
/* The same, and offers to take up a session (NULL: none) that was kept of one with this server by
 * this conf.  The server may agree, or not and be verified. */
port_must_check bool tls_start_again(struct tls *t, const struct tls_conf *conf,
				     const uint8_t *mem, int64_t wall_s,
				     const struct tls_kept *kept);
/* Keeps a session that is ready.  false: nothing to keep, and `out` is not touched; the server
 * keeps none itself, or it was shown our certificate, which is to be judged anew each time, or
 * this one was itself taken up. */
port_must_check bool tls_keep(const struct tls *t, struct tls_kept *out, struct mono now);

/* How many bytes from the wire it can take now. */
size_t tls_wire_room(const struct tls *t);
/* Bytes that came from the wire: takes as many as it can now, returns how many. */
size_t tls_wire_in(struct tls *t, const void *p, size_t n);
/* Bytes for the wire: *p, its length is returned (0: none now); tls_wire_sent() as many as
 * went. */
size_t tls_wire_out(struct tls *t, const uint8_t **p);
void tls_wire_sent(struct tls *t, size_t n);
/* The wire has ended. */
void tls_wire_end(struct tls *t);

/* Data from the server: *p, its length is returned; tls_read_done() what was used. */
size_t tls_read(struct tls *t, const uint8_t **p);
void tls_read_done(struct tls *t, size_t n);
/* Data for the server: takes what it can now, returns how many bytes; tls_flush() sends. */
size_t tls_write(struct tls *t, const void *p, size_t n);
void tls_flush(struct tls *t);
/* Begins TLS's orderly close. */
void tls_close(struct tls *t);

bool tls_ready(const struct tls *t);	/* the handshake is done, the server verified */
bool tls_closed(const struct tls *t);	/* ended; tls_verdict says how */
enum tls_verdict tls_verdict(const struct tls *t);
const char *tls_verdict_text(enum tls_verdict v);
void tls_peer(const struct tls *t, struct tls_peer *out);

#endif
