/* SPDX-License-Identifier: MIT */
/* check_schema_text.c -- texts, payloads and other bytes of checks into the image, equal ones
 * once. */
#include <string.h>

#include "check_schema.h"

#define BUCKETS		512
#define KNOWN		(CONFIG_CHECK_CHECKS + CONFIG_CHECK_URLS)

/* What is in text[] already; one compilation at a time.  When the table is full, bytes are put
 * in a second time, which costs room and nothing else. */
static struct {
	uint32_t n;
	uint16_t bucket[BUCKETS];	/* references: index + 1 */
	struct {
		struct check_conf_bytes b;
		uint16_t next;
	} known[KNOWN];
} texts;

void
check_schema_text_begin(struct check_conf *conf)
{
	texts.n = 0;
	memset(texts.bucket, 0, sizeof texts.bucket);
	conf->text[0] = 0;		/* offset 0 is the empty text */
	conf->ntext = 1;
}

static uint16_t *
bucket_of(const uint8_t *p, size_t n)
{
	uint32_t h = 2166136261;	/* FNV-1a */

	for (size_t i = 0; i < n; i++)
		h = (h ^ p[i]) * 16777619;
	return &texts.bucket[(h ^ h >> 16) % BUCKETS];
}

static void
remember(uint16_t *bucket, struct check_conf_bytes b)
{
	if (texts.n == KNOWN)
		return;
	texts.known[texts.n].b = b;
	texts.known[texts.n].next = *bucket;
	*bucket = (uint16_t)++texts.n;
}

struct check_conf_bytes
check_schema_text(struct compile *c, struct check_conf *conf, const void *p, size_t n,
		  struct uci_pos at)
{
	uint16_t *const bucket = bucket_of(p, n);

	for (uint16_t i = *bucket; i != 0; i = texts.known[i - 1].next) {
		const struct check_conf_bytes b = texts.known[i - 1].b;

		if (b.n == n && memcmp(conf->text + b.at, p, n) == 0)
			return b;
	}
	if (n >= sizeof conf->text - conf->ntext) {
		compile_full(c, at, CONFIG_CHECK_TEXT, "bytes of texts and certificates",
			     "CONFIG_CHECK_TEXT");
		return (struct check_conf_bytes){ 0, 0 };
	}

	const struct check_conf_bytes b = { conf->ntext, (uint32_t)n };

	memcpy(conf->text + b.at, p, n);
	conf->text[b.at + n] = 0;
	conf->ntext += (uint32_t)n + 1;
	remember(bucket, b);
	return b;
}

struct check_conf_bytes
check_schema_text_option(struct compile *c, struct check_conf *conf,
			 const struct compile_section *s, const char *option)
{
	const struct compile_value *v = compile_doc_first(c, s, option);

	if (v == NULL)
		return (struct check_conf_bytes){ 0, 0 };

	const char *text = compile_doc_str(c, v);

	for (size_t i = 0; i < v->len; i++) {
		const unsigned char b = (unsigned char)text[i];

		if (b >= 0x20 && b != 0x7f)
			continue;
		compile_error(c, compile_doc_inside(v, i), "%s has a control character in it",
			      option);
		return (struct check_conf_bytes){ 0, 0 };
	}
	if (v->len > v->row->max) {
		compile_error(c, v->at, "%s is longer than %u characters", option,
			      (unsigned)v->row->max);
		return (struct check_conf_bytes){ 0, 0 };
	}
	return check_schema_text(c, conf, text, v->len, v->at);
}

/* 0..15, or -1. */
static int
nibble(char b)
{
	if (b >= '0' && b <= '9')
		return b - '0';
	if (b >= 'a' && b <= 'f')
		return b - 'a' + 10;
	return b >= 'A' && b <= 'F' ? b - 'A' + 10 : -1;
}

static bool
room(struct compile *c, const struct compile_value *v, size_t n, size_t cap)
{
	if (n < cap)
		return true;
	compile_error(c, v->at, "%s is longer than %zu bytes", v->row->name, cap);
	return false;
}

/* The byte behind a backslash at s[*i]; -1: none. */
static int
escape(const char *s, size_t len, size_t *i)
{
	static const char from[] = "rnt0\\", to[] = "\r\n\t\0\\";
	const size_t at = *i + 1;

	if (at >= len)
		return -1;
	if (s[at] == 'x' && at + 2 < len && nibble(s[at + 1]) >= 0 && nibble(s[at + 2]) >= 0) {
		*i = at + 2;
		return nibble(s[at + 1]) << 4 | nibble(s[at + 2]);
	}
	for (size_t k = 0; from[k] != '\0'; k++)
		if (s[at] == from[k]) {
			*i = at;
			return (uint8_t)to[k];
		}
	return -1;
}

int
check_schema_text_escaped(struct compile *c, const struct compile_value *v, uint8_t *out,
			  size_t cap)
{
	const char *const s = compile_doc_str(c, v);
	size_t n = 0;

	for (size_t i = 0; i < v->len; i++) {
		const size_t from = i;
		const int b = s[i] == '\\' ? escape(s, v->len, &i) : (uint8_t)s[i];

		if (b < 0) {
			compile_error(c, compile_doc_inside(v, from), "a backslash stands "
				      "before r, n, t, 0, xHH or another one");
			return -1;
		}
		if (!room(c, v, n, cap))
			return -1;
		out[n++] = (uint8_t)b;
	}
	return (int)n;
}

int
check_schema_text_hex(struct compile *c, const struct compile_value *v, uint8_t *out,
		      uint8_t *mask, size_t cap)
{
	const char *const s = compile_doc_str(c, v);
	size_t n = 0;

	for (size_t i = 0; i < v->len; i++) {
		if (s[i] == ' ')
			continue;

		const bool pair = i + 1 < v->len;
		const bool any = mask && pair && (s[i] | 32) == 'x' && (s[i + 1] | 32) == 'x';

		if (!any && (!pair || nibble(s[i]) < 0 || nibble(s[i + 1]) < 0)) {
			compile_error(c, compile_doc_inside(v, i), "%s takes pairs of "
				      "hexadecimal digits%s", v->row->name,
				      mask ? ", or XX for any byte" : "");
			return -1;
		}
		if (!room(c, v, n, cap))
			return -1;
		out[n] = any ? 0 : (uint8_t)(nibble(s[i]) << 4 | nibble(s[i + 1]));
		if (mask)
			mask[n] = any ? 0 : 0xff;
		n++;
		i++;
	}
	return (int)n;
}
