/* SPDX-License-Identifier: MIT */
/* dns.h -- DNS messages on the wire: a query out, a reply in, names and data as text.
 *
 * RFC 1035, 2782 (SRV), 3596 (AAAA), 3597 (unknown types), 6891 (EDNS), 8659 (CAA).  A reader
 * walks over the caller's bytes; nothing is kept.  Compression pointers must point backwards and
 * are counted, so that no message makes a long walk.  Whether a reply is the one that was asked
 * for is the caller's to judge.  Pure.
 */
#ifndef DNS_H
#define DNS_H

#include "cursor.h"
#include "strfmt.h"

#define DNS_NAME	255		/* bytes of a name on the wire, 3.1 */
#define DNS_HEADER	12
#define DNS_IN		1		/* class */
#define DNS_UDP		1232		/* bytes that we take over UDP: no fragments */

/* Types that have a word; the list is written once. */
#define DNS_TYPES(X)							\
	X(A, 1) X(NS, 2) X(CNAME, 5) X(SOA, 6) X(PTR, 12) X(HINFO, 13) X(MX, 15) X(TXT, 16)	\
	X(AAAA, 28) X(SRV, 33) X(NAPTR, 35) X(DNAME, 39) X(DS, 43) X(RRSIG, 46) X(DNSKEY, 48)	\
	X(TLSA, 52) X(SVCB, 64) X(HTTPS, 65) X(SPF, 99) X(ANY, 255) X(CAA, 257)

enum dns_type {
#define DNS_ENUM(word, number)	DNS_##word = number,
	DNS_TYPES(DNS_ENUM)
#undef DNS_ENUM
	DNS_OPT = 41,			/* EDNS; no word: nobody asks for it */
};

/* Response codes that have a word, RFC 6895. */
#define DNS_RCODES(X)							\
	X(NOERROR, 0) X(FORMERR, 1) X(SERVFAIL, 2) X(NXDOMAIN, 3) X(NOTIMP, 4) X(REFUSED, 5)	\
	X(YXDOMAIN, 6) X(YXRRSET, 7) X(NXRRSET, 8) X(NOTAUTH, 9) X(NOTZONE, 10)

enum dns_rcode {
#define DNS_ENUM(word, number)	DNS_##word = number,
	DNS_RCODES(DNS_ENUM)
#undef DNS_ENUM
};

/* Flags of the header, 4.1.1. */
enum dns_flag {
	DNS_QR = 0x8000,		/* a reply */
	DNS_OPCODE = 0x7800,
	DNS_AA = 0x0400,
	DNS_TC = 0x0200,		/* cut short: ask over TCP */
	DNS_RD = 0x0100,
	DNS_RCODE = 0x000f,
};

#define DNS_VERDICTS(X)							\
	X(OK,	   "")							\
	X(SHORT,   "it ends before what it says it holds")		\
	X(LABEL,   "a label of an unknown kind")			\
	X(POINTER, "a compression pointer that does not point backwards, or too many") \
	X(LONG,	   "a name longer than 255 bytes")			\
	X(RDATA,   "data that is not of its type")

enum dns_verdict {
#define DNS_ENUM(word, text)	DNS_MSG_##word,
	DNS_VERDICTS(DNS_ENUM)
#undef DNS_ENUM
	DNS_VERDICT__N
};

/* A name: length-prefixed labels and the root's 0. */
struct dns_name {
	uint8_t n;			/* bytes, 1 and more */
	uint8_t w[DNS_NAME];
};

/* A message that is being read. */
struct dns_msg {
	const uint8_t *p;
	size_t n;
	size_t at;			/* behind what was read */
	uint16_t id, flags;
	uint16_t questions, answers;
};

struct dns_question {
	struct dns_name name;
	uint16_t type, class;
};

struct dns_record {
	struct dns_name owner;
	uint16_t type, class;
	uint16_t n;			/* bytes of data */
	size_t at;			/* where they begin in the message */
	uint32_t ttl_s;
};

/* Text ("www.example.org", "." for the root, a dot at the end or none, "\." and "\065" for
 * single bytes) to a name; false: not a name. */
port_must_check bool dns_name_from_text(struct dns_name *out, const char *s, size_t len);

/* And back, without the dot at the end; what does not print comes as \DDD. */
void dns_name_text(struct strfmt *out, const struct dns_name *name);

/* Without regard to the case of ASCII letters, RFC 4343. */
bool dns_name_equal(const struct dns_name *a, const struct dns_name *b);

/* "MX" of any case, or "TYPE15" (RFC 3597); false: no type. */
port_must_check bool dns_type_from_text(uint16_t *out, const char *s, size_t len);
void dns_type_text(struct strfmt *out, uint16_t type);

/* The word of a response code, NULL for one without. */
const char *dns_rcode_text(unsigned rcode);

/* One query of class IN with RD; `name` is `n` bytes as a dns_name has.  udp: bytes that
 * we take in a reply over UDP (EDNS), 0: says nothing of it. */
void dns_query(struct wr *out, uint16_t id, const uint8_t *name, size_t n, uint16_t type,
	       uint16_t udp);

/* The header; then as many questions and records, in this order, as it counts. */
port_must_check enum dns_verdict dns_open(struct dns_msg *m, const void *p, size_t n);
port_must_check enum dns_verdict dns_next_question(struct dns_msg *m, struct dns_question *out);
port_must_check enum dns_verdict dns_next_record(struct dns_msg *m, struct dns_record *out);

/* The name at *at, which moves behind it. */
port_must_check enum dns_verdict dns_name_read(const struct dns_msg *m, size_t *at,
					       struct dns_name *out);

/* A record's data as a zone file has it ("10 mail.example", "192.0.2.1"; TXT: its strings joined,
 * without quotes; types without a form of their own as RFC 3597: "\# 2 0a0b"). */
port_must_check enum dns_verdict dns_data_text(const struct dns_msg *m,
					       const struct dns_record *r, struct strfmt *out);

const char *dns_verdict_text(enum dns_verdict v);

#endif
