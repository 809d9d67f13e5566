/* SPDX-License-Identifier: MIT */
/* http_reply.c -- see http_reply.h. */
#include "http_reply.h"

#include <string.h>

enum state {
	STATUS,				/* in the status line */
	LINE,				/* at the first byte of a header line */
	NAME,				/* in the name of a field */
	COLON,				/* blanks behind the name */
	VALUE,
	END,				/* a CR that ends the header */
	SIZE,				/* in the digits of a chunk's size */
	EXTENSION,			/* in what is behind them */
	CHUNK,				/* in a chunk's data */
	CHUNK_END,			/* in the line end behind it */
	TRAILER,
	COUNTED,			/* in a body of known length */
	CLOSED,				/* in a body that the connection's end ends */
	WHOLE,
};

enum field {
	OTHER,
	LENGTH,
	CODING,
};

const char *
http_reply_verdict_text(enum http_reply_verdict v)
{
	static const char *const text[HTTP_REPLY_VERDICT__N] = {
#define X(name, what) [HTTP_REPLY_##name] = what,
		HTTP_REPLY_VERDICTS(X)
#undef X
	};

	return (unsigned)v < HTTP_REPLY_VERDICT__N ? text[v] : "?";
}

static bool
is_digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

/* A CR that ends no line is a blank (RFC 9112 2.2); one that does is trimmed as one. */
static bool
is_blank(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static char
lower(uint8_t c)
{
	return (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

/* ---- the status line, RFC 9112 4 --------------------------------------------------- */

/* What may stand in column `i` before the reason: 'd' is a digit. */
static bool
status_fits(unsigned i, uint8_t c)
{
	static const char form[] = "HTTP/1.d ddd";

	return form[i] == 'd' ? is_digit(c) : (uint8_t)form[i] == c;
}

static void
put_reason(struct http_reply *r, uint8_t c)
{
	if (r->n == HTTP_REPLY_REASON - 1 || (r->n == 0 && is_blank(c)))
		return;
	if (is_blank(c))
		c = ' ';
	r->reason[r->n++] = (char)(c < ' ' || c > '~' ? '?' : c);
}

static enum http_reply_verdict
end_status(struct http_reply *r)
{
	while (r->n > 0 && r->reason[r->n - 1] == ' ')
		r->n--;
	r->reason[r->n] = '\0';
	r->field = OTHER;
	r->state = LINE;
	return r->code < 100 ? HTTP_REPLY_ALIEN : HTTP_REPLY_MORE;
}

static enum http_reply_verdict
take_status(struct http_reply *r, uint8_t c)
{
	const unsigned i = r->line - 1u;

	if (i < 12) {
		if (!status_fits(i, c))
			return HTTP_REPLY_ALIEN;
		if (i == 7)
			r->minor = (uint8_t)(c - '0');
		if (i >= 9)
			r->code = (uint16_t)(10 * r->code + c - '0');
		return HTTP_REPLY_MORE;
	}
	if (c == '\n')
		return end_status(r);
	if (i == 12 && !is_blank(c))
		return HTTP_REPLY_ALIEN;
	put_reason(r, c);
	return HTTP_REPLY_MORE;
}

/* ---- fields, RFC 9112 5 ---------------------------------------------------------------- */

/* One number of a list of them; a list is what a proxy makes of two equal fields (6.3). */
static bool
take_length(struct http_reply *r, const char *p, unsigned n)
{
	uint64_t v = 0;

	for (unsigned i = 0; i < n; i++) {
		if (!is_digit((uint8_t)p[i]) || v > (uint64_t)INT64_MAX / 10 - 1)
			return false;
		v = 10 * v + (uint64_t)(p[i] - '0');
	}
	if (n == 0 || (r->has_length && v != r->length))
		return false;
	r->has_length = true;
	r->length = v;
	return true;
}

/* We ask for no coding, so chunked is the only one, once (RFC 9112 7); identity is none. */
static bool
take_coding(struct http_reply *r, const char *p, unsigned n)
{
	if (n == 0 || (n == 8 && memcmp(p, "identity", n) == 0))
		return true;
	if (n != 7 || memcmp(p, "chunked", n) != 0 || r->chunked)
		return false;
	r->chunked = true;
	return true;
}

/* The field before this line has no further line. */
static enum http_reply_verdict
end_field(struct http_reply *r)
{
	const enum field field = (enum field)r->field;
	unsigned at = 0;

	r->field = OTHER;
	if (field == OTHER)
		return HTTP_REPLY_MORE;
	while (at <= r->n) {
		const char *const begin = r->word + at;
		const char *const comma = memchr(begin, ',', r->n - at);
		unsigned n = comma ? (unsigned)(comma - begin) : r->n - at;
		const unsigned lead = n > 0 && begin[0] == ' ';

		at += n + 1;
		n -= lead;
		n -= n > 0 && begin[lead + n - 1] == ' ';
		if (field == LENGTH && !take_length(r, begin + lead, n))
			return HTTP_REPLY_LENGTH;
		if (field == CODING && !take_coding(r, begin + lead, n))
			return HTTP_REPLY_CODING;
	}
	return HTTP_REPLY_MORE;
}

/* A value's blanks come in ones. */
static enum http_reply_verdict
put_value(struct http_reply *r, uint8_t c)
{
	if (r->field == OTHER)
		return HTTP_REPLY_MORE;
	if (is_blank(c)) {
		if (r->n == 0 || r->word[r->n - 1] == ' ')
			return HTTP_REPLY_MORE;
		c = ' ';
	}
	if (r->n == HTTP_REPLY_WORD)
		return HTTP_REPLY_LONG;
	r->word[r->n++] = lower(c);
	return HTTP_REPLY_MORE;
}

static bool
named(const struct http_reply *r, const char *name, size_t len)
{
	return r->n == len && memcmp(r->word, name, len) == 0;
}

static enum http_reply_verdict
end_name(struct http_reply *r)
{
	static const char length[] = "content-length", coding[] = "transfer-encoding";

	if (r->n == 0)
		return HTTP_REPLY_FIELD;
	r->field = named(r, length, sizeof length - 1) ? LENGTH :
		   named(r, coding, sizeof coding - 1) ? CODING : OTHER;
	r->n = 0;
	r->state = VALUE;
	return HTTP_REPLY_MORE;
}

static enum http_reply_verdict
take_name(struct http_reply *r, uint8_t c)
{
	if (c == ':')
		return end_name(r);
	if (r->state == NAME && (c == ' ' || c == '\t')) {
		r->state = COLON;
		return r->n ? HTTP_REPLY_MORE : HTTP_REPLY_FIELD;
	}
	if (r->state == COLON)
		return c == ' ' || c == '\t' ? HTTP_REPLY_MORE : HTTP_REPLY_FIELD;
	if (c <= ' ' || c > '~')
		return HTTP_REPLY_FIELD;
	if (r->n < HTTP_REPLY_WORD)
		r->word[r->n++] = lower(c);
	return HTTP_REPLY_MORE;
}

/* ---- what comes behind the header, RFC 9112 6.3 ------------------------------------------ */

static enum http_reply_verdict
end_head(struct http_reply *r)
{
	if (r->code < 200 && r->code != 101) {
		r->code = 0;
		r->n = 0;
		r->chunked = r->has_length = false;
		r->length = 0;
		r->state = STATUS;
		return HTTP_REPLY_MORE;
	}
	r->left = 0;
	if (r->no_body || r->code == 101 || r->code == 204 || r->code == 304)
		r->state = WHOLE;
	else if (r->chunked)
		r->state = SIZE;
	else if (!r->has_length)
		r->state = CLOSED;
	else
		r->state = r->length ? COUNTED : WHOLE;
	r->left = r->state == COUNTED ? r->length : 0;
	r->n = 0;
	return HTTP_REPLY_HEAD;
}

/* The first byte of a line: a blank goes on with the field before (obs-fold, 5.2). */
static enum http_reply_verdict
take_line(struct http_reply *r, uint8_t c)
{
	if (c == ' ' || c == '\t') {
		r->state = VALUE;
		return put_value(r, c);
	}

	const enum http_reply_verdict v = end_field(r);

	if (v != HTTP_REPLY_MORE)
		return v;
	if (c == '\n')
		return end_head(r);
	if (c == '\r') {
		r->state = END;
		return HTTP_REPLY_MORE;
	}
	r->state = NAME;
	r->n = 0;
	return take_name(r, c);
}

static enum http_reply_verdict
take_value(struct http_reply *r, uint8_t c)
{
	if (c != '\n')
		return put_value(r, c);
	r->state = LINE;
	return HTTP_REPLY_MORE;
}

static enum http_reply_verdict
take_end(struct http_reply *r, uint8_t c)
{
	return c == '\n' ? end_head(r) : c == '\r' ? HTTP_REPLY_MORE : HTTP_REPLY_FIELD;
}

/* ---- chunks, RFC 9112 7.1 ------------------------------------------------------------------ */

static int
hex(uint8_t c)
{
	const char l = lower(c);

	return is_digit(c) ? c - '0' : l >= 'a' && l <= 'f' ? l - 'a' + 10 : -1;
}

static enum http_reply_verdict
end_size(struct http_reply *r)
{
	r->state = r->left ? CHUNK : TRAILER;
	r->n = 0;
	return HTTP_REPLY_MORE;
}

/* n counts digits. */
static enum http_reply_verdict
take_size(struct http_reply *r, uint8_t c)
{
	const int digit = hex(c);

	if (digit >= 0) {
		if (r->left >> 59)
			return HTTP_REPLY_CHUNK;
		r->left = r->left << 4 | (uint64_t)digit;
		r->n = 1;
		return HTTP_REPLY_MORE;
	}
	if (r->n == 0)
		return HTTP_REPLY_CHUNK;
	if (c == '\n')
		return end_size(r);
	r->state = EXTENSION;
	return c == ';' || is_blank(c) ? HTTP_REPLY_MORE : HTTP_REPLY_CHUNK;
}

static enum http_reply_verdict
take_chunk_end(struct http_reply *r, uint8_t c)
{
	if (c == '\r')
		return HTTP_REPLY_MORE;
	r->state = SIZE;
	r->n = 0;
	return c == '\n' ? HTTP_REPLY_MORE : HTTP_REPLY_CHUNK;
}

/* n is 0 while a line is empty. */
static enum http_reply_verdict
take_trailer(struct http_reply *r, uint8_t c)
{
	if (c == '\n' && r->n == 0) {
		r->state = WHOLE;
		return HTTP_REPLY_DONE;
	}
	if (c != '\r')
		r->n = c != '\n';
	return HTTP_REPLY_MORE;
}

/* ---- one byte, one piece --------------------------------------------------------------------- */

static enum http_reply_verdict
take_byte(struct http_reply *r, uint8_t c)
{
	switch ((enum state)r->state) {
	case STATUS:
		return take_status(r, c);
	case LINE:
		return take_line(r, c);
	case NAME:
	case COLON:
		return take_name(r, c);
	case VALUE:
		return take_value(r, c);
	case END:
		return take_end(r, c);
	case SIZE:
		return take_size(r, c);
	case EXTENSION:
		return c == '\n' ? end_size(r) : HTTP_REPLY_MORE;
	case CHUNK_END:
		return take_chunk_end(r, c);
	case TRAILER:
		return take_trailer(r, c);
	case CHUNK:
	case COUNTED:
	case CLOSED:
	case WHOLE:
		break;
	}
	assert(false);
	return HTTP_REPLY_ALIEN;
}

/* A byte of framing: within bounds, and no NUL where there is text (RFC 9110 5.5). */
static enum http_reply_verdict
frame(struct http_reply *r, uint8_t c)
{
	const bool chunk = r->state >= SIZE && r->state <= CHUNK_END;

	r->head += !chunk;
	if (++r->line > HTTP_REPLY_MAX_LINE || r->head > HTTP_REPLY_MAX_HEAD)
		return HTTP_REPLY_LONG;
	if (c == '\0' && r->state >= LINE && r->state <= END)
		return HTTP_REPLY_FIELD;

	const enum http_reply_verdict v = take_byte(r, c);

	if (c == '\n')
		r->line = 0;
	return v;
}

static enum http_reply_verdict
give(struct http_reply *r, const uint8_t *p, size_t n)
{
	if (r->state != CLOSED) {
		if (n > r->left)
			n = (size_t)r->left;
		r->left -= n;
		if (r->left == 0)
			r->state = r->state == CHUNK ? CHUNK_END : WHOLE;
	}
	r->body = p;
	r->body_n = n;
	r->got += n;
	return HTTP_REPLY_BODY;
}

enum http_reply_verdict
http_reply_take(struct http_reply *r, const uint8_t *p, size_t n, size_t *used)
{
	enum http_reply_verdict v = (enum http_reply_verdict)r->verdict;
	size_t i = 0;

	if (v == HTTP_REPLY_MORE && r->state == WHOLE)
		v = HTTP_REPLY_DONE;
	while (v == HTTP_REPLY_MORE && i < n) {
		if (r->state == CHUNK || r->state == COUNTED || r->state == CLOSED) {
			v = give(r, p + i, n - i);
			i += r->body_n;
		} else {
			v = frame(r, p[i++]);
		}
	}
	if (v >= HTTP_REPLY_DONE)
		r->verdict = (uint8_t)v;
	*used = i;
	return v;
}

enum http_reply_verdict
http_reply_end(struct http_reply *r)
{
	if (r->verdict == HTTP_REPLY_MORE)
		r->verdict = r->state == CLOSED || r->state == WHOLE ? HTTP_REPLY_DONE :
								      HTTP_REPLY_CUT;
	return (enum http_reply_verdict)r->verdict;
}
