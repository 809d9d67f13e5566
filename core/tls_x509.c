/* SPDX-License-Identifier: MIT */
/* tls_x509.c -- a certificate's elements, one header and one content at a time. */
#include "tls_x509.h"

#include <string.h>

#define SEQUENCE	0x30u
#define VERSION		0xa0u		/* [0] of TBSCertificate */
#define EXTENSIONS	0xa3u		/* [3] */
#define OID		0x06u
#define OCTETS		0x04u
#define UTC_TIME	0x17u
#define LONG_TIME	0x18u
#define IP_ADDRESS	0x87u		/* [7] of GeneralName */

/* What an open element is, and so what its children can be. */
enum kind {
	TOP,				/* around the certificate */
	CERTIFICATE,
	TBS,
	VALIDITY,
	EXTENSIONS_TAG,
	EXTENSION_LIST,
	EXTENSION,
	EXTENSION_VALUE,
	NAMES,
};

/* The fields of TBSCertificate in their order. */
enum field { SERIAL, SIGNATURE, ISSUER, DATES, SUBJECT, SPKI, REST };

static const uint8_t san_oid[] = { 0x55, 0x1d, 0x11 };	/* 2.5.29.17 */

void
tls_x509_begin(struct tls_x509 *c, uint32_t bytes, const uint8_t *address, size_t len)
{
	memset(c, 0, sizeof *c);
	c->depth = 1;
	c->kind[0] = TOP;
	c->end[0] = bytes;
	if (len == 4 || len == 16) {
		c->address_len = (uint8_t)len;
		memcpy(c->address, address, len);
	}
}

/* ---- dates ------------------------------------------------------------------------- */

static bool
number(const uint8_t *p, unsigned digits, unsigned low, unsigned high, unsigned *out)
{
	*out = 0;
	for (unsigned i = 0; i < digits; i++) {
		if (p[i] < '0' || p[i] > '9')
			return false;
		*out = *out * 10 + (p[i] - '0');
	}
	return *out >= low && *out <= high;
}

/* Days from 1970-01-01; years begin in March here, so that the leap day is their last. */
static int64_t
days(unsigned year, unsigned month, unsigned day)
{
	const int64_t y = (int64_t)year - (month <= 2);
	const unsigned m = (month + 9) % 12;

	return y * 365 + y / 4 - y / 100 + y / 400 + (m * 153 + 2) / 5 + day - 1 - 719468;
}

/* YYMMDDHHMMSSZ or YYYYMMDDHHMMSSZ (4.1.2.5). */
static bool
date(const uint8_t *p, unsigned n, unsigned tag, int64_t *out)
{
	unsigned year, month, day, hour, minute, second;
	const unsigned digits = tag == UTC_TIME ? 2 : 4;

	if (n != digits + 11 || p[n - 1] != 'Z' || !number(p, digits, 0, 9999, &year))
		return false;
	if (digits == 2)
		year += year < 50 ? 2000 : 1900;
	p += digits;
	if (!number(p, 2, 1, 12, &month) || !number(p + 2, 2, 1, 31, &day) ||
	    !number(p + 4, 2, 0, 23, &hour) || !number(p + 6, 2, 0, 59, &minute) ||
	    !number(p + 8, 2, 0, 60, &second))
		return false;
	*out = ((days(year, month, day) * 24 + hour) * 60 + minute) * 60 + second;
	return true;
}

/* ---- elements ---------------------------------------------------------------------- */

static enum kind
inside(const struct tls_x509 *c)
{
	return (enum kind)c->kind[c->depth - 1];
}

/* What the bytes to come are part of. */
static enum tls_x509_part
part_of(const struct tls_x509 *c)
{
	if (c->depth == 0 || inside(c) != TBS)
		return TLS_X509_OTHER;
	switch (c->field) {
	case ISSUER:
		return TLS_X509_ISSUER;
	case SUBJECT:
		return TLS_X509_SUBJECT;
	case SPKI:
		return TLS_X509_SPKI;
	default:
		return TLS_X509_OTHER;
	}
}

static void
open_element(struct tls_x509 *c, enum kind kind, uint32_t len)
{
	/* No kind is inside itself: the deepest is NAMES. */
	assert(c->depth < TLS_X509_DEPTH);
	c->kind[c->depth] = (uint8_t)kind;
	c->end[c->depth] = c->at + len;
	c->depth++;
}

/* A short content that is looked at as a whole; a longer one is none that we know. */
static void
keep(struct tls_x509 *c, uint32_t len)
{
	if (len == 0 || len > sizeof c->text) {
		c->skip = len;
		return;
	}
	c->wanted = (uint8_t)len;
	c->ntext = 0;
}

/* A child of TBSCertificate has ended. */
static void
next_field(struct tls_x509 *c)
{
	if (c->field < REST)
		c->field++;
}

static void
tbs_child(struct tls_x509 *c, unsigned tag, uint32_t len)
{
	if (c->field == SERIAL && tag == VERSION) {
		c->skip = len;
		c->bad |= len == 0;	/* its end would be taken for the serial's */
		return;
	}
	if (c->field == REST && tag == EXTENSIONS) {
		open_element(c, EXTENSIONS_TAG, len);
		return;
	}
	if (c->field != SERIAL && c->field != REST && tag != SEQUENCE) {
		c->bad = true;
		return;
	}
	if (c->field == DATES) {
		next_field(c);
		open_element(c, VALIDITY, len);
		return;
	}
	const enum tls_x509_part part = part_of(c);

	if (part != TLS_X509_OTHER) {
		c->span[part].at = c->at - c->nhead;
		c->span[part].n = len + c->nhead;
	}
	c->skip = len;
	if (len == 0)
		next_field(c);
}

/* A SEQUENCE, or it is not what it should be. */
static void
must_open(struct tls_x509 *c, unsigned tag, enum kind kind, uint32_t len)
{
	if (tag == SEQUENCE)
		open_element(c, kind, len);
	else
		c->bad = true;
}

static void
child(struct tls_x509 *c, unsigned tag, uint32_t len)
{
	switch (inside(c)) {
	case TOP:
		must_open(c, tag, CERTIFICATE, len);
		break;
	case CERTIFICATE:
		if (c->field == SERIAL)
			must_open(c, tag, TBS, len);
		else
			c->skip = len;
		break;
	case TBS:
		tbs_child(c, tag, len);
		break;
	case VALIDITY:
		keep(c, len);
		break;
	case EXTENSIONS_TAG:
		must_open(c, tag, EXTENSION_LIST, len);
		break;
	case EXTENSION_LIST:
		c->is_san = false;
		must_open(c, tag, EXTENSION, len);
		break;
	case EXTENSION:
		if (tag == OCTETS && c->is_san && c->address_len)
			open_element(c, EXTENSION_VALUE, len);
		else if (tag == OID)
			keep(c, len);
		else
			c->skip = len;
		break;
	case EXTENSION_VALUE:
		must_open(c, tag, NAMES, len);
		break;
	case NAMES:
		if (tag == IP_ADDRESS)
			keep(c, len);
		else
			c->skip = len;
		break;
	}
}

/* A short content is whole. */
static void
kept(struct tls_x509 *c)
{
	int64_t *const when = c->dates == 0 ? &c->not_before_s : &c->not_after_s;

	switch (inside(c)) {
	case VALIDITY:
		if (c->dates >= 2 || !date(c->text, c->ntext, c->head[0], when))
			c->bad = true;
		c->dates++;
		break;
	case EXTENSION:
		c->is_san = c->ntext == sizeof san_oid &&
			    memcmp(c->text, san_oid, sizeof san_oid) == 0;
		break;
	case NAMES:
		if (c->ntext == c->address_len &&
		    memcmp(c->text, c->address, c->ntext) == 0)
			c->address_seen = true;
		break;
	case TOP:
	case CERTIFICATE:
	case TBS:
	case EXTENSIONS_TAG:
	case EXTENSION_LIST:
	case EXTENSION_VALUE:
		break;
	}
	c->wanted = 0;
}

/* One byte of a tag and length (X.690 8.1.3, definite form, up to four bytes of length). */
static void
header(struct tls_x509 *c, uint8_t byte)
{
	uint32_t len = 0;

	c->head[c->nhead++] = byte;
	c->at++;
	if (c->nhead == 1) {
		c->bad |= (byte & 0x1fu) == 0x1fu;	/* no tag of ours is so high */
		return;
	}
	const unsigned more = c->head[1] & 0x80u ? c->head[1] & 0x7fu : 0;

	if (c->head[1] == 0x80u || more > 4) {
		c->bad = true;
		return;
	}
	if (c->nhead < 2 + more)
		return;
	for (unsigned i = 0; i < more; i++)
		len = len << 8 | c->head[2 + i];
	if (more == 0)
		len = c->head[1];
	if (len > c->end[c->depth - 1] - c->at) {
		c->bad = true;
		return;
	}
	child(c, c->head[0], len);
	c->nhead = 0;
}

/* Leaves what has ended, so that the next byte is of the innermost that has not. */
static void
leave(struct tls_x509 *c)
{
	while (c->depth > 0 && c->nhead == 0 && c->skip == 0 && c->wanted == 0 &&
	       c->at == c->end[c->depth - 1])
		c->depth--;
}

static size_t
fewer(size_t a, size_t b)
{
	return a < b ? a : b;
}

size_t
tls_x509_step(struct tls_x509 *c, const uint8_t *p, size_t n)
{
	leave(c);
	c->part = part_of(c);
	if (c->bad || c->depth == 0 || c->at >= c->end[c->depth - 1]) {
		c->bad = true;
		c->part = TLS_X509_OTHER;
		return n;
	}
	if (c->skip > 0) {
		const size_t took = fewer(n, c->skip);

		c->at += (uint32_t)took;
		c->skip -= (uint32_t)took;
		/* The version's end is no field's. */
		if (c->skip == 0 && inside(c) == TBS && c->head[0] != VERSION)
			next_field(c);
		leave(c);
		return took;
	}
	if (c->wanted > 0) {
		const size_t took = fewer(n, (size_t)(c->wanted - c->ntext));

		memcpy(c->text + c->ntext, p, took);
		c->ntext = (uint8_t)(c->ntext + took);
		c->at += (uint32_t)took;
		if (c->ntext == c->wanted)
			kept(c);
		leave(c);
		return took;
	}
	header(c, *p);
	leave(c);
	return 1;
}

bool
tls_x509_whole(const struct tls_x509 *c)
{
	return !c->bad && c->depth == 0 && c->field == REST && c->dates == 2;
}
