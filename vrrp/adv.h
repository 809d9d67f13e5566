/* SPDX-License-Identifier: MIT */
/* adv.h -- the VRRP ADVERTISEMENT on the wire (RFC 9568 5, RFC 3768 5).
 *
 * Pure: bytes in, struct out, and back; versions 2 and 3, IPv4 and IPv6.  No
 * socket, no clock, no log, no state.  A packet is judged in two stages,
 * because between them the caller must find the virtual router it is meant for:
 *
 *	adv_ip4()	the IPv4 header that a raw socket hands up (IPv6: none)
 *	adv_decode()	what can be judged without knowing the virtual router
 *	-- the caller looks (interface, family, adv.vrid) up; none: ADV_VRID --
 *	adv_check()	what this virtual router is configured for
 *
 * The first failure ends it, in the order of ADV_VERDICTS, which is that of
 * RFC 9568 7.1 and RFC 3768 7.1 (version 2 looks at the type after the
 * authentication, version 3 before the length).  Whoever gets a verdict other than ADV_OK
 * counts it and does nothing else: no timer, no state.
 *
 * Buffers may lie at odd addresses; nothing here loads more than a byte.
 */
#ifndef ADV_H
#define ADV_H

#include "net.h"
#include "port.h"

#define ADV_PROTO	112		/* IP protocol, IPv6 next header */
#define ADV_TTL_SENT	255		/* sent, and demanded of multicast */
#define ADV_HEADER	8		/* octets before the first address */
#define ADV_AUTH	8		/* authentication data, v2 only, always */
#define ADV_MAX4	255		/* addresses in one IPv4 message */
#define ADV_MAX6	89		/* in an IPv6 message of 1500 octets */
#define ADV_SIZE_MAX	(ADV_HEADER + 16 * ADV_MAX6)	/* what we ever send */
#define ADV_RECV_MAX	(60 + ADV_HEADER + 16 * 255)	/* room for any good one */

#define ADV_AUTH_NONE	0		/* RFC 2338 5.3.6 */
#define ADV_AUTH_PASS	1
#define ADV_AUTH_AH	2

#define ADV_PRIO_LEAVING 0		/* RFC 9568 5.2.4 */
#define ADV_PRIO_OWNER	255

/* Every reason to drop a packet, in the order in which they are looked for.
 *	name	     clause	 sentence, counter in keepalived's JSON ("": none) */
#define ADV_VERDICTS(X)								\
	X(OK,	      "",	      "accepted",				\
	  "advert_rcvd")							\
	/* adv_ip4 */								\
	X(IP_SHORT,   "RFC 791 3.1",  "shorter than its own IPv4 header says",	\
	  "packet_len_err")							\
	X(IP_VERSION, "RFC 791 3.1",  "not an IPv4 packet", "")			\
	X(IP_PROTO,   "9568 5.1.1.4", "IP protocol is not 112", "")		\
	X(IP_FRAGMENT, "RFC 791 3.2", "a fragment, not a whole packet",		\
	  "packet_len_err")							\
	/* adv_decode */							\
	X(TTL,	      "9568 7.1",     "TTL or hop limit is not what it must be",	\
	  "ip_ttl_err")								\
	X(SHORT,      "9568 7.1",     "shorter than its address count says",	\
	  "packet_len_err")							\
	X(VERSION,    "9568 7.1",     "neither version 2 nor 3, or 2 over IPv6", "")	\
	X(TYPE,	      "9568 7.1",     "type is not 1, an advertisement",	\
	  "invalid_type_rcvd")							\
	X(CHECKSUM,   "9568 7.1",     "checksum is wrong", "")			\
	/* the caller's look-up, and adv_check */				\
	X(VRID,	      "9568 7.1",     "no virtual router of this VRID here", "")	\
	X(OTHER_VERSION, "9568 7.1",  "not the version that is configured", "")	\
	X(LOOP,	      "local",	      "our own address is the source", "")	\
	X(CAST,	      "local",	      "unicast to a multicast router, or the reverse", "") \
	X(PEER,	      "local",	      "source is not a configured peer", "")	\
	X(OWNER,      "3768 7.1",     "version 2: the owner listens to nobody", "")	\
	X(AUTH_UNKNOWN, "3768 7.1",   "authentication type is none we know",	\
	  "invalid_authtype")							\
	X(AUTH_OTHER, "2338 7.1",     "not the authentication type that is configured", \
	  "authtype_mismatch")							\
	X(AUTH_FAILED, "2338 7.1",    "password is wrong",			\
	  "auth_failure")							\
	X(COUNT,      "9568 7.1 E8299", "no address in it",			\
	  "addr_list_err")							\
	X(LINK_LOCAL, "9568 7.1 E8300", "first IPv6 address is not link-local",	\
	  "addr_list_err")							\
	X(NO_INTERVAL, "9568 7.1 E8301", "interval is 0",			\
	  "advert_interval_err")						\
	X(ADDRESSES,  "3768 7.1",     "version 2: not our addresses, nor from the owner", \
	  "addr_list_err")							\
	X(INTERVAL,   "3768 7.1",     "version 2: not our interval",		\
	  "advert_interval_err")

enum adv_verdict {
#define X(name, clause, sentence, counter) ADV_##name,
	ADV_VERDICTS(X)
#undef X
	ADV__N
};

/* The list as text; adv_verdict[v].counter is "" when keepalived has none. */
struct adv_verdict_text {
	const char *name;		/* "SHORT" */
	const char *clause;		/* RFC and section, erratum, or "local" */
	const char *sentence;
	const char *counter;
};

extern const struct adv_verdict_text adv_verdict[ADV__N];

/* What an accepted packet still gives to log (RFC 9568 7.1: never discard). */
#define ADV_NOTES(X)								\
	X(INTERVAL,  "9568 7.1", "its interval is not ours")			\
	X(ADDRESSES, "9568 7.1", "its addresses are not ours")			\
	X(OWNERS,    "9568 6.1", "two routers claim to own the addresses")	\
	X(TRAILER,   "local",	 "bytes follow the message")			\
	X(CHECKSUM,  "9568 5.2.8", "its checksum is of the other form: it may not "	\
	  "hear us, see v3_checksum_as_v2")

enum adv_note {
#define X(name, clause, sentence) ADV_NOTE_##name,
	ADV_NOTES(X)
#undef X
	ADV_NOTE__N
};

struct adv_note_text {
	const char *name;
	const char *clause;
	const char *sentence;
};

extern const struct adv_note_text adv_note[ADV_NOTE__N];

/* Which checksum an IPv4 version 3 message has: RFC 9568 5.2.8 is plain,
 * keepalived's default has the pseudo-header.  Version 2 is always plain,
 * IPv6 always pseudo. */
enum adv_sum {
	ADV_SUM_PLAIN,
	ADV_SUM_PSEUDO,
	ADV_SUM__N
};

/* What the IP layer knows of the packet. */
struct adv_meta {
	struct net_addr src;		/* its family is the packet's family */
	struct net_addr dst;
	uint8_t ttl;			/* TTL or hop limit */
};

/* One message.  `addr` and `trailer` point into the caller's buffer. */
struct adv {
	const uint8_t *addr;		/* naddr times alen bytes, network order */
	const uint8_t *trailer;		/* bytes after the message, see trailer_len */
	uint16_t trailer_len;		/* 0 as a rule */
	uint16_t interval;		/* v3: 0..4095 cs; v2: 0..255 s */
	uint8_t version;		/* 2 or 3 */
	uint8_t type;			/* 1 */
	uint8_t vrid;			/* 1..255			5.2.3 */
	uint8_t prio;			/* 0 = leaving, 255 = owner	5.2.4 */
	uint8_t naddr;			/* 1..255			5.2.5 */
	uint8_t alen;			/* 4 or 16 */
	uint8_t auth_type;		/* v2; 0 in v3 */
	uint8_t sum;			/* enum adv_sum it was right in, or is to have */
	uint8_t auth[ADV_AUTH];		/* v2; zero in v3 */
};

/* What one virtual router accepts. */
struct adv_expect {
	struct net_addr self;		/* our source address; family 0: none yet */
	const uint8_t *addr;		/* our addresses, packed as on the wire (for
					 * instance in our own prepared message) */
	uint16_t interval;		/* our own, in the unit of the wire: v3 cs, v2 s */
	uint8_t naddr;
	uint8_t version;		/* 2 or 3 */
	uint8_t vrid;
	uint8_t prio;			/* our base priority: 255 means owner */
	uint8_t auth_type;		/* v2: ADV_AUTH_NONE or ADV_AUTH_PASS */
	uint8_t sum;			/* enum adv_sum that we send over IPv4 in v3 */
	uint8_t auth[ADV_AUTH];		/* v2: see auth_pack() */
	bool unicast;			/* peers are configured */
	bool peer;			/* unicast: the source is one of them, or any may */
	uint8_t ttl_min, ttl_max;	/* unicast: allowed range; 0 and 255: any */
	bool any_addr;			/* do not compare address lists */
};

/* Parse the IPv4 header in front of `n` bytes.  ADV_OK: `meta` is filled, and
 * *payload, *len is what the total length says follows the header (padding
 * of the frame is left off). */
port_must_check enum adv_verdict
adv_ip4(struct adv_meta *meta, const uint8_t **payload, size_t *len,
	const void *buf, size_t n);

/* Decode `n` bytes after the IP header.  Verdicts TTL (multicast only) to
 * CHECKSUM, and TYPE in version 3.  Whatever the verdict, `adv` is filled as
 * far as the bytes go, the rest being 0, so that a drop can be counted where
 * adv->vrid belongs; nothing else of a refused packet may be believed. */
port_must_check enum adv_verdict
adv_decode(struct adv *adv, const struct adv_meta *meta, const void *buf, size_t n);

/* Judge a message that adv_decode() accepted.  ADV_OK: *notes has a bit
 * 1u << ADV_NOTE_x for each thing to log; else it is 0. */
port_must_check enum adv_verdict
adv_check(const struct adv *adv, const struct adv_meta *meta,
	  const struct adv_expect *expect, unsigned *notes);

/* Length of a message; 0 when such a one cannot be (count 0, version 2 with
 * IPv6, more than ADV_MAX4 or ADV_MAX6). */
size_t adv_size(unsigned version, unsigned alen, unsigned naddr);

/* Write the message, checksum and all, into `buf`; returns its length, or 0
 * when it cannot be or `cap` is too small.  Reserved bits are 0.  adv->addr may
 * already be the right place in `buf` (buf + ADV_HEADER).  `meta` (src, dst) is
 * read for ADV_SUM_PSEUDO only.  A version 2 message carries adv->auth only
 * when adv->auth_type is ADV_AUTH_PASS, else 8 zero octets. */
size_t
adv_encode(const struct adv *adv, const struct adv_meta *meta, void *buf, size_t cap);

/* Change the priority of a message that adv_encode() wrote; the checksum is
 * kept right by RFC 1624's difference, whatever form it has. */
void adv_set_priority(void *buf, uint8_t prio);

/* Compute the checksum of a written message anew, for another source or
 * destination. */
void adv_set_sum(void *buf, size_t len, const struct adv_meta *meta, enum adv_sum sum);

/* The interval of the message in microseconds. */
int64_t adv_interval_us(const struct adv *adv);

#endif
