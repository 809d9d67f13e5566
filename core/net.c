/* SPDX-License-Identifier: MIT */
/* net.c -- addresses, prefixes and the Internet checksum. */
#include "net.h"

#include <string.h>
#include <sys/socket.h>

#define NET_GROUPS	8		/* 16-bit groups of an IPv6 address */
#define NET_NO_GAP	17		/* no "::"; 16 is one after the end */

size_t
net_addr_len(const struct net_addr *a)
{
	if (a->family == AF_INET)
		return 4;
	if (a->family == AF_INET6)
		return 16;
	return 0;
}

/* Decimal without sign or leading zero, at most `max`, at most 3 digits.
 * Returns the digits taken; 0 when there is no such number. */
static size_t
decimal(const char *s, size_t len, unsigned max, unsigned *out)
{
	unsigned v = 0;
	size_t n = 0;

	while (n < len && s[n] >= '0' && s[n] <= '9') {
		if (n == 3)
			return 0;
		v = v * 10 + (unsigned)(s[n++] - '0');
	}
	if (n == 0 || v > max || (n > 1 && s[0] == '0'))
		return 0;
	*out = v;
	return n;
}

/* A leading zero is refused because some readers take it for octal. */
static bool
parse_quad(uint8_t out[4], const char *s, size_t len)
{
	for (int i = 0; i < 4; i++) {
		unsigned v;

		if (i > 0) {
			if (len == 0 || *s != '.')
				return false;
			s++, len--;
		}
		const size_t n = decimal(s, len, 255, &v);
		if (n == 0)
			return false;
		out[i] = (uint8_t)v;
		s += n, len -= n;
	}
	return len == 0;
}

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* One to four hex digits; returns how many were taken, 5 for too many. */
static size_t
hex_group(const char *s, size_t len, unsigned *out)
{
	unsigned v = 0;
	size_t n = 0;

	while (n < len && n < 5 && hex_digit(s[n]) >= 0)
		v = v << 4 | (unsigned)hex_digit(s[n++]);
	*out = v;
	return n;
}

/* RFC 4291 2.2, forms 1 to 3.  `gap` is the group before which the "::"
 * stands; it is moved to its place when all groups are known. */
static bool
parse_groups(uint8_t out[16], const char *s, size_t len)
{
	uint8_t b[16] = { 0 };
	size_t used = 0;
	size_t gap = NET_NO_GAP;
	size_t at = 0;

	if (len >= 2 && s[0] == ':' && s[1] == ':') {
		gap = 0;
		at = 2;
	}
	while (at < len) {
		unsigned v;
		const size_t n = hex_group(s + at, len - at, &v);

		if (at + n < len && s[at + n] == '.') {
			if (used > 12 || !parse_quad(b + used, s + at, len - at))
				return false;
			used += 4;
			break;
		}
		if (n == 0 || n > 4 || used > 14)
			return false;
		net_put16(b + used, (uint16_t)v);
		used += 2;
		at += n;
		if (at == len)
			break;
		if (s[at++] != ':' || at == len)
			return false;
		if (s[at] == ':') {
			if (gap != NET_NO_GAP)
				return false;
			gap = used;
			at++;
		}
	}
	if (gap == NET_NO_GAP ? used != 16 : used > 14)
		return false;
	if (gap != NET_NO_GAP) {
		memmove(b + 16 - (used - gap), b + gap, used - gap);
		memset(b + gap, 0, 16 - used);
	}
	memcpy(out, b, 16);
	return true;
}

bool
net_addr_parse(struct net_addr *out, const char *s, size_t len)
{
	memset(out, 0, sizeof *out);
	if (parse_quad(out->a, s, len)) {
		out->family = AF_INET;
		return true;
	}
	memset(out, 0, sizeof *out);
	if (parse_groups(out->a, s, len)) {
		out->family = AF_INET6;
		return true;
	}
	return false;
}

static char *
put_decimal(char *p, unsigned v)
{
	if (v >= 100)
		*p++ = (char)('0' + v / 100);
	if (v >= 10)
		*p++ = (char)('0' + v / 10 % 10);
	*p++ = (char)('0' + v % 10);
	return p;
}

static char *
put_quad(char *p, const uint8_t a[4])
{
	for (int i = 0; i < 4; i++) {
		if (i > 0)
			*p++ = '.';
		p = put_decimal(p, a[i]);
	}
	return p;
}

static char *
put_group(char *p, unsigned v)
{
	bool begun = false;

	for (int shift = 12; shift >= 0; shift -= 4) {
		const unsigned digit = v >> shift & 15;

		begun = begun || digit != 0 || shift == 0;
		if (begun)
			*p++ = "0123456789abcdef"[digit];
	}
	return p;
}

/* RFC 5952 4.2: the longest run of two or more zero groups, the first of
 * equals.  Sets `start` when there is one, and returns its length. */
static int
zero_run(const uint8_t a[16], int groups, int *start)
{
	int best = 1;

	for (int i = 0; i < groups; i++) {
		int n = 0;

		while (i + n < groups && net_get16(a + 2 * (i + n)) == 0)
			n++;
		if (n > best) {
			best = n;
			*start = i;
		}
		i += n;
	}
	return best;
}

static char *
put_groups(char *p, const uint8_t a[16])
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

	/* RFC 5952 5: the dotted form where the prefix says that it holds an
	 * IPv4 address, which for us is the mapped prefix alone. */
	const bool dotted = memcmp(a, mapped, sizeof mapped) == 0;
	const int groups = dotted ? NET_GROUPS - 2 : NET_GROUPS;
	int start = -1;
	const int run = zero_run(a, groups, &start);

	for (int i = 0; i < groups; i++) {
		if (i == start) {
			*p++ = ':';
			*p++ = ':';
			i += run - 1;
			continue;
		}
		if (i > 0 && p[-1] != ':')
			*p++ = ':';
		p = put_group(p, net_get16(a + 2 * i));
	}
	if (dotted) {
		*p++ = ':';
		p = put_quad(p, a + 12);
	}
	return p;
}

const char *
net_addr_text(const struct net_addr *a, char out[NET_ADDR_TEXT])
{
	char *p = out;

	if (a->family == AF_INET)
		p = put_quad(p, a->a);
	else if (a->family == AF_INET6)
		p = put_groups(p, a->a);
	else
		*p++ = '-';
	*p = '\0';
	return out;
}

bool
net_prefix_parse(struct net_addr *out, uint8_t *prefixlen, const char *s,
		 size_t len)
{
	size_t at = 0;
	unsigned bits;

	while (at < len && s[at] != '/')
		at++;
	if (!net_addr_parse(out, s, at))
		return false;
	const unsigned most = (unsigned)net_addr_len(out) * 8;
	if (at == len) {
		*prefixlen = (uint8_t)most;
		return true;
	}
	const size_t n = decimal(s + at + 1, len - at - 1, most, &bits);
	if (n == 0 || at + 1 + n != len) {
		memset(out, 0, sizeof *out);
		return false;
	}
	*prefixlen = (uint8_t)bits;
	return true;
}

int
net_addr_cmp(const struct net_addr *a, const struct net_addr *b)
{
	if (a->family != b->family)
		return a->family < b->family ? -1 : 1;
	return memcmp(a->a, b->a, net_addr_len(a));
}

bool
net_addr_is_multicast(const struct net_addr *a)
{
	if (a->family == AF_INET)
		return (a->a[0] & 0xf0) == 0xe0;
	return a->family == AF_INET6 && a->a[0] == 0xff;
}

bool
net_addr_is_link_local(const struct net_addr *a)
{
	if (a->family == AF_INET)
		return a->a[0] == 169 && a->a[1] == 254;
	return a->family == AF_INET6 && a->a[0] == 0xfe &&
	       (a->a[1] & 0xc0) == 0x80;
}

bool
net_addr_is_unspecified(const struct net_addr *a)
{
	static const uint8_t zero[16];

	return memcmp(a->a, zero, net_addr_len(a)) == 0;
}

uint32_t
net_sum_add(uint32_t sum, const void *p, size_t len)
{
	const uint8_t *b = p;

	for (; len > 1; b += 2, len -= 2) {
		sum += (uint32_t)b[0] << 8 | b[1];
		if (sum >> 31)		/* room for the next word */
			sum = (sum & 0xffff) + (sum >> 16);
	}
	if (len == 1)
		sum += (uint32_t)b[0] << 8;
	return (sum & 0xffff) + (sum >> 16);
}

uint16_t
net_sum_fold(uint32_t sum)
{
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

uint16_t
net_get16(const void *p)
{
	const uint8_t *b = p;

	return (uint16_t)(b[0] << 8 | b[1]);
}

uint32_t
net_get32(const void *p)
{
	const uint8_t *b = p;

	return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 |
	       (uint32_t)b[2] << 8 | b[3];
}

void
net_put16(void *p, uint16_t v)
{
	uint8_t *b = p;

	b[0] = (uint8_t)(v >> 8);
	b[1] = (uint8_t)v;
}

void
net_put32(void *p, uint32_t v)
{
	uint8_t *b = p;

	b[0] = (uint8_t)(v >> 24);
	b[1] = (uint8_t)(v >> 16);
	b[2] = (uint8_t)(v >> 8);
	b[3] = (uint8_t)v;
}

const char *
net_mac_text(const uint8_t mac[NET_MAC], char out[18])
{
	char *p = out;

	for (int i = 0; i < NET_MAC; i++) {
		if (i > 0)
			*p++ = ':';
		*p++ = "0123456789abcdef"[mac[i] >> 4];
		*p++ = "0123456789abcdef"[mac[i] & 15];
	}
	*p = '\0';
	return out;
}
