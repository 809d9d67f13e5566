/* SPDX-License-Identifier: MIT */
/* dns_text.c -- DNS names, types and data as text, as zone files have them (RFC 1035 5.1). */
#include <string.h>
#include <sys/socket.h>

#include "dns.h"
#include "hexdump.h"

static uint8_t
lower(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? (uint8_t)(c - 'A' + 'a') : c;
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_word(const char *word, const char *s, size_t len)
{
	if (strlen(word) != len)
		return false;
	for (size_t i = 0; i < len; i++)
		if (lower((uint8_t)word[i]) != lower((uint8_t)s[i]))
			return false;
	return true;
}

/* ---- types and codes --------------------------------------------------------------- */

struct word {
	const char *name;
	uint16_t number;
};

static const struct word types[] = {
#define X(name, number) { #name, number },
	DNS_TYPES(X)
#undef X
};

static const char *const rcodes[] = {
#define X(name, number) [number] = #name,
	DNS_RCODES(X)
#undef X
};

bool
dns_type_from_text(uint16_t *out, const char *s, size_t len)
{
	int64_t number;

	for (size_t i = 0; i < PORT_ARRAY_SIZE(types); i++) {
		if (is_word(types[i].name, s, len)) {
			*out = types[i].number;
			return true;
		}
	}
	if (len < 5 || !is_word("TYPE", s, 4) ||
	    !strfmt_parse_i64(&number, s + 4, len - 4) || number < 1 || number > UINT16_MAX)
		return false;
	*out = (uint16_t)number;
	return true;
}

void
dns_type_text(struct strfmt *out, uint16_t type)
{
	for (size_t i = 0; i < PORT_ARRAY_SIZE(types); i++) {
		if (types[i].number == type) {
			strfmt_put(out, "%s", types[i].name);
			return;
		}
	}
	strfmt_put(out, "TYPE%u", type);
}

const char *
dns_rcode_text(unsigned rcode)
{
	return rcode < PORT_ARRAY_SIZE(rcodes) ? rcodes[rcode] : NULL;
}

/* ---- names ------------------------------------------------------------------------- */

/* One byte of a label: itself, "\x" for x, "\DDD".  Returns how many characters it took, 0: not
 * one. */
static size_t
take_byte(uint8_t *out, const char *s, size_t len)
{
	*out = (uint8_t)s[0];
	if (s[0] != '\\')
		return 1;
	if (len < 2)
		return 0;
	*out = (uint8_t)s[1];
	if (!is_digit(s[1]))
		return 2;
	if (len < 4 || !is_digit(s[2]) || !is_digit(s[3]))
		return 0;
	const unsigned v = 100u * (unsigned)(s[1] - '0') + 10u * (unsigned)(s[2] - '0') +
		(unsigned)(s[3] - '0');

	*out = (uint8_t)v;
	return v <= 255 ? 4 : 0;
}

bool
dns_name_from_text(struct dns_name *out, const char *s, size_t len)
{
	size_t label = 0;		/* where its length stands */

	out->n = 0;
	if (len == 1 && s[0] == '.')
		len = 0;
	else if (len == 0)
		return false;
	for (size_t i = 0, used; i < len; i += used) {
		if (out->n == label)
			out->w[out->n++] = 0;
		if (s[i] == '.') {
			if (out->w[label] == 0)
				return false;
			label = out->n;
			used = 1;
			continue;
		}
		/* The root's byte must fit behind it. */
		used = out->n < DNS_NAME - 1 ? take_byte(&out->w[out->n], s + i, len - i) : 0;
		if (used == 0 || ++out->w[label] > 63)
			return false;
		out->n++;
	}
	out->w[out->n++] = 0;
	return true;
}

/* What stands for itself in a name, or in a string. */
static void
put_byte(struct strfmt *out, uint8_t c, bool name)
{
	if (c <= (name ? ' ' : ' ' - 1) || c > '~')
		strfmt_put(out, "\\%03u", c);
	else if (name && (c == '.' || c == '\\'))
		strfmt_put(out, "\\%c", c);
	else
		strfmt_char(out, (char)c);
}

void
dns_name_text(struct strfmt *out, const struct dns_name *name)
{
	if (name->w[0] == 0)
		strfmt_char(out, '.');
	for (size_t i = 0; name->w[i] != 0; ) {
		const size_t end = i + 1 + name->w[i];

		if (i > 0)
			strfmt_char(out, '.');
		for (i++; i < end; i++)
			put_byte(out, name->w[i], true);
	}
}

/* The lengths, below 64, are no letters. */
bool
dns_name_equal(const struct dns_name *a, const struct dns_name *b)
{
	if (a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++)
		if (lower(a->w[i]) != lower(b->w[i]))
			return false;
	return true;
}

/* ---- data -------------------------------------------------------------------------- */

static void
put_unknown(struct strfmt *out, const uint8_t *p, size_t n)
{
	strfmt_put(out, "\\# %u", (unsigned)n);
	if (n > 0)
		strfmt_char(out, ' ');
	hexdump_bytes(out, p, n);
}

static enum dns_verdict
put_address(struct strfmt *out, uint8_t family, const uint8_t *p, size_t n)
{
	struct net_addr a = { .family = family };
	char text[NET_ADDR_TEXT];

	if (n != (family == AF_INET ? 4 : 16))
		return DNS_MSG_RDATA;
	memcpy(a.a, p, n);
	strfmt_put(out, "%s", net_addr_text(&a, text));
	return DNS_MSG_OK;
}

static enum dns_verdict
put_strings(struct strfmt *out, struct rd r)
{
	while (rd_left(&r) > 0) {
		const uint8_t n = rd_u8(&r);
		const uint8_t *const s = rd_take(&r, n);

		for (size_t i = 0; s && i < n; i++)
			put_byte(out, s[i], false);
	}
	return r.bad ? DNS_MSG_RDATA : DNS_MSG_OK;
}

static enum dns_verdict
put_caa(struct strfmt *out, struct rd r)
{
	const uint8_t flags = rd_u8(&r);
	const uint8_t n = rd_u8(&r);
	const uint8_t *const tag = rd_take(&r, n);

	if (!tag || n == 0)
		return DNS_MSG_RDATA;
	strfmt_put(out, "%u ", flags);
	for (size_t i = 0; i < n; i++)
		put_byte(out, tag[i], true);
	strfmt_char(out, ' ');
	while (rd_left(&r) > 0)
		put_byte(out, rd_u8(&r), false);
	return DNS_MSG_OK;
}

/* How the data of a type is made: 16-bit numbers, then names, then 32-bit numbers. */
struct form {
	uint16_t type;
	uint8_t halves, names, words;
};

static const struct form forms[] = {
	{ DNS_NS, 0, 1, 0 },
	{ DNS_CNAME, 0, 1, 0 },
	{ DNS_DNAME, 0, 1, 0 },
	{ DNS_PTR, 0, 1, 0 },
	{ DNS_MX, 1, 1, 0 },
	{ DNS_SRV, 3, 1, 0 },
	{ DNS_SOA, 0, 2, 5 },
};

static enum dns_verdict
put_form(const struct dns_msg *m, const struct dns_record *r, const struct form *f,
	 struct strfmt *out)
{
	const size_t end = r->at + r->n;
	size_t at = r->at;

	if (r->n < 2u * f->halves)
		return DNS_MSG_RDATA;
	for (unsigned i = 0; i < f->halves; i++, at += 2)
		strfmt_put(out, "%u ", net_get16(m->p + at));
	for (unsigned i = 0; i < f->names; i++) {
		struct dns_name name;
		const enum dns_verdict v = dns_name_read(m, &at, &name);

		if (v != DNS_MSG_OK)
			return v;
		if (i > 0)
			strfmt_char(out, ' ');
		dns_name_text(out, &name);
	}
	if (at > end || end - at != 4u * f->words)
		return DNS_MSG_RDATA;
	for (; at < end; at += 4)
		strfmt_put(out, " %lu", (unsigned long)net_get32(m->p + at));
	return DNS_MSG_OK;
}

enum dns_verdict
dns_data_text(const struct dns_msg *m, const struct dns_record *r, struct strfmt *out)
{
	const uint8_t *const p = m->p + r->at;

	for (size_t i = 0; i < PORT_ARRAY_SIZE(forms); i++)
		if (forms[i].type == r->type)
			return put_form(m, r, &forms[i], out);
	switch (r->type) {
	case DNS_A:
		return put_address(out, AF_INET, p, r->n);
	case DNS_AAAA:
		return put_address(out, AF_INET6, p, r->n);
	case DNS_TXT:
	case DNS_SPF:
		return put_strings(out, rd_over(p, r->n));
	case DNS_CAA:
		return put_caa(out, rd_over(p, r->n));
	default:			/* a number from the wire */
		put_unknown(out, p, r->n);
		return DNS_MSG_OK;
	}
}
