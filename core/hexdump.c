/* SPDX-License-Identifier: MIT */
/* hexdump.c -- bytes as hexadecimal text, and back. */
#include "hexdump.h"

void
hexdump_bytes(struct strfmt *s, const void *p, size_t n)
{
	const uint8_t *const b = p;

	for (size_t i = 0; i < n; i++)
		strfmt_put(s, "%02x", b[i]);
}

static void
put_line(struct strfmt *s, const uint8_t *b, size_t n, uint32_t at)
{
	strfmt_put(s, "%08x ", (unsigned)at);
	for (size_t i = 0; i < HEXDUMP_WIDTH; i++) {
		if (i < n)
			strfmt_put(s, " %02x", b[i]);
		else
			strfmt_bytes(s, "   ", 3);
	}
	strfmt_bytes(s, "  ", 2);
	for (size_t i = 0; i < n; i++)
		strfmt_char(s, b[i] >= ' ' && b[i] < 0x7f ? (char)b[i] : '.');
	strfmt_char(s, '\n');
}

void
hexdump_lines(struct strfmt *s, const void *p, size_t n, uint32_t at)
{
	const uint8_t *b = p;

	while (n > 0) {
		const size_t part = n < HEXDUMP_WIDTH ? n : HEXDUMP_WIDTH;

		put_line(s, b, part, at);
		b += part;
		n -= part;
		at += HEXDUMP_WIDTH;
	}
}

static int
digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

bool
hexdump_parse(void *out, size_t cap, size_t *n, const char *s, size_t len)
{
	uint8_t *const b = out;

	if (len % 2 != 0 || len / 2 > cap)
		return false;
	for (size_t i = 0; i < len; i += 2) {
		const int high = digit(s[i]);
		const int low = digit(s[i + 1]);

		if (high < 0 || low < 0)
			return false;
		b[i / 2] = (uint8_t)(high << 4 | low);
	}
	*n = len / 2;
	return true;
}
