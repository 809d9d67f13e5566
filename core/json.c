/* SPDX-License-Identifier: MIT */
/* json.c -- a writer of JSON. */
#include "json.h"

#include <string.h>

void
json_init(struct json *j, struct strfmt *out)
{
	memset(j, 0, sizeof *j);
	j->out = out;
}

bool
json_done(const struct json *j)
{
	return j->whole && j->depth == 0 && !j->broken && !j->out->cut;
}

static uint32_t
level_bit(const struct json *j)
{
	return UINT32_C(1) << (j->depth - 1);
}

static bool
in_object(const struct json *j)
{
	return j->depth > 0 && (j->object & level_bit(j)) != 0;
}

static void
separate(struct json *j)
{
	if (j->some & level_bit(j))
		strfmt_char(j->out, ',');
	j->some |= level_bit(j);
}

/* Before any value: the comma in an array, the end of what a key began. */
static void
value(struct json *j)
{
	if (j->depth == 0) {
		j->broken = j->broken || j->whole;
		j->whole = true;
	} else if (in_object(j)) {
		j->broken = j->broken || !j->keyed;
		j->keyed = false;
	} else {
		separate(j);
	}
}

static void
open_level(struct json *j, char c, bool object)
{
	value(j);
	strfmt_char(j->out, c);
	if (j->depth == JSON_DEPTH) {
		j->broken = true;
		return;
	}
	j->depth++;
	j->some &= ~level_bit(j);
	j->object &= ~level_bit(j);
	if (object)
		j->object |= level_bit(j);
}

static void
close_level(struct json *j, char c, bool object)
{
	strfmt_char(j->out, c);
	if (j->depth == 0 || in_object(j) != object || j->keyed) {
		j->broken = true;
		return;
	}
	j->depth--;
}

void
json_object(struct json *j)
{
	open_level(j, '{', true);
}

void
json_object_end(struct json *j)
{
	close_level(j, '}', true);
}

void
json_array(struct json *j)
{
	open_level(j, '[', false);
}

void
json_array_end(struct json *j)
{
	close_level(j, ']', false);
}

void
json_key(struct json *j, const char *name)
{
	if (!in_object(j) || j->keyed) {
		j->broken = true;
		return;
	}
	separate(j);
	json_quote(j->out, name, strlen(name));
	strfmt_char(j->out, ':');
	j->keyed = true;
}

void
json_string(struct json *j, const char *p, size_t n)
{
	value(j);
	json_quote(j->out, p, n);
}

void
json_text(struct json *j, const char *s)
{
	if (s == NULL)
		json_null(j);
	else
		json_string(j, s, strlen(s));
}

void
json_int(struct json *j, int64_t v)
{
	value(j);
	strfmt_put(j->out, "%jd", (intmax_t)v);
}

void
json_uint(struct json *j, uint64_t v)
{
	value(j);
	strfmt_put(j->out, "%ju", (uintmax_t)v);
}

void
json_bool(struct json *j, bool v)
{
	value(j);
	strfmt_put(j->out, "%s", v ? "true" : "false");
}

void
json_null(struct json *j)
{
	value(j);
	strfmt_bytes(j->out, "null", 4);
}

void
json_fixed(struct json *j, int64_t v, int64_t scale)
{
	const uint64_t magnitude = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;
	uint64_t part = magnitude % (uint64_t)scale;
	int digits = 0;

	value(j);
	strfmt_put(j->out, "%s%ju", v < 0 ? "-" : "",
		   (uintmax_t)(magnitude / (uint64_t)scale));
	if (part == 0)
		return;
	for (; scale > 1; scale /= 10)
		digits++;
	for (; part % 10 == 0; part /= 10)
		digits--;
	strfmt_put(j->out, ".%0*ju", digits, (uintmax_t)part);
}

/* Bytes of the well-formed UTF-8 sequence at `p`, 0 when there is none.  The
 * second byte's bounds keep out overlong forms, surrogates and what is beyond
 * U+10FFFF (RFC 3629 section 4). */
static size_t
utf8_length(const uint8_t *p, size_t n)
{
	const uint8_t c = p[0];
	uint8_t low = 0x80;
	uint8_t high = 0xbf;
	size_t len;

	if (c < 0x80)
		return 1;
	if (c < 0xc2 || c > 0xf4)
		return 0;
	len = c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
	if (c == 0xe0)
		low = 0xa0;
	else if (c == 0xed)
		high = 0x9f;
	else if (c == 0xf0)
		low = 0x90;
	else if (c == 0xf4)
		high = 0x8f;
	if (n < len || p[1] < low || p[1] > high)
		return 0;
	for (size_t i = 2; i < len; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	}
	return len;
}

static void
quote_ascii(struct strfmt *out, char c)
{
	static const char from[] = "\"\\\b\f\n\r\t";
	static const char to[] = "\"\\bfnrt";

	for (size_t i = 0; from[i] != '\0'; i++) {
		if (c == from[i]) {
			strfmt_char(out, '\\');
			strfmt_char(out, to[i]);
			return;
		}
	}
	if ((unsigned char)c < ' ' || c == 0x7f)
		strfmt_put(out, "\\u%04x", (unsigned)c);
	else
		strfmt_char(out, c);
}

void
json_quote(struct strfmt *out, const char *p, size_t n)
{
	strfmt_char(out, '"');
	while (n > 0) {
		size_t len = utf8_length((const uint8_t *)p, n);

		if (len == 0) {
			strfmt_bytes(out, "\xef\xbf\xbd", 3);
			len = 1;
		} else if (len == 1) {
			quote_ascii(out, *p);
		} else if ((uint8_t)p[0] == 0xc2 && (uint8_t)p[1] < 0xa0) {
			/* U+0080..U+009F, which a terminal may obey. */
			strfmt_put(out, "\\u%04x", (unsigned)(uint8_t)p[1]);
		} else {
			strfmt_bytes(out, p, len);
		}
		p += len;
		n -= len;
	}
	strfmt_char(out, '"');
}
