/* SPDX-License-Identifier: MIT */
/* pattern_fuzz.c -- any bytes as a pattern and a text: the first byte is how long the pattern is.
 *
 * What is compiled fits its room; its verdict is the same whole, in two and byte by byte, and
 * what a beginning has decided stays.  A refusal has a sentence and a place in the text.
 */
#include <stdlib.h>
#include <string.h>

#include "pattern.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static enum pattern_verdict
run(const uint8_t *code, const uint8_t *p, size_t n, size_t piece)
{
	struct pattern m;
	enum pattern_verdict v = PATTERN_MORE;

	memset(&m, 0, sizeof m);
	for (size_t at = 0; at < n; at += piece) {
		const enum pattern_verdict next =
			pattern_feed(&m, code, p + at, n - at < piece ? n - at : piece);

		if (v != PATTERN_MORE && next != v)
			abort();
		v = next;
	}

	const enum pattern_verdict end = pattern_end(&m, code);

	if (end == PATTERN_MORE || (v != PATTERN_MORE && end != v))
		abort();
	return end;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 1)
		return 0;

	const bool icase = data[0] & 0x80;
	const size_t n = (data[0] & 0x7fu) < size - 1 ? data[0] & 0x7fu : size - 1;
	char *const text = malloc(n + 1);
	uint8_t *const room = malloc(PATTERN_MAX);
	struct pattern_error e = { n + 1, NULL };
	const uint8_t *const p = data + 1 + n;
	const size_t left = size - 1 - n;

	memcpy(text, data + 1, n);

	const size_t used = pattern_compile(text, n, icase, room, &e);

	if (used > PATTERN_MAX || (used == 0 && (!e.why || e.at > n)))
		abort();
	if (used > 0) {
		/* As long as it is, so that a read beyond is seen. */
		uint8_t *const code = malloc(used);

		memcpy(code, room, used);

		const enum pattern_verdict v = run(code, p, left, left + 1);

		if (run(code, p, left, left / 2 + 1) != v || run(code, p, left, 1) != v)
			abort();
		free(code);
	}
	free(room);
	free(text);
	return 0;
}
