/* SPDX-License-Identifier: MIT */
/* http_reply_fuzz.c -- any bytes as an HTTP reply: the first byte says how they are split.
 *
 * Whole, in pieces and byte by byte they come to the same verdict and the same body; pieces of
 * the body lie within what was given, and the reason is printable.
 */
#include <stdlib.h>
#include <string.h>

#include "http_reply.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct outcome {
	enum http_reply_verdict verdict;
	unsigned heads;
	uint64_t code;
	uint64_t got;
	uint64_t sum;			/* of the body, in order */
};

static void
look(const struct http_reply *r, const uint8_t *p, size_t used, struct outcome *o)
{
	if (o->verdict == HTTP_REPLY_HEAD) {
		o->heads++;
		o->code = r->code;
		if (r->code < 100 || r->code > 999)
			abort();
		for (const char *c = r->reason; *c; c++)
			if (*c < ' ' || *c > '~')
				abort();
	}
	if (o->verdict == HTTP_REPLY_BODY) {
		if (r->body < p || r->body + r->body_n != p + used || r->body_n == 0)
			abort();
		for (size_t i = 0; i < r->body_n; i++)
			o->sum = o->sum * 31 + r->body[i];
		o->got += r->body_n;
	}
}

static struct outcome
run(const uint8_t *data, size_t size, size_t piece)
{
	struct http_reply r = { .no_body = false };
	struct outcome o = { .verdict = HTTP_REPLY_MORE };

	for (size_t at = 0; at < size; at += piece) {
		const uint8_t *p = data + at;
		size_t n = size - at < piece ? size - at : piece, used;

		do {
			o.verdict = http_reply_take(&r, p, n, &used);
			if (used > n)
				abort();
			look(&r, p, used, &o);
			p += used;
			n -= used;
		} while (o.verdict == HTTP_REPLY_HEAD || o.verdict == HTTP_REPLY_BODY);
		if (o.verdict == HTTP_REPLY_MORE && n > 0)
			abort();
	}
	o.verdict = http_reply_end(&r);
	if (o.verdict < HTTP_REPLY_DONE || o.heads > 1 || o.got != r.got)
		abort();
	if (!*http_reply_verdict_text(o.verdict))
		abort();
	return o;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 1)
		return 0;

	const struct outcome whole = run(data + 1, size - 1, size);
	const struct outcome some = run(data + 1, size - 1, data[0] + 2u);
	const struct outcome bytes = run(data + 1, size - 1, 1);

	if (memcmp(&whole, &some, sizeof whole) != 0 || memcmp(&whole, &bytes, sizeof whole) != 0)
		abort();
	return 0;
}
