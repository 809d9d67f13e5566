/* SPDX-License-Identifier: MIT */
/* strfmt_fuzz.c -- any bytes as a number, and as a string of JSON.
 *
 *	clang -g -O1 -fsanitize=fuzzer,address,undefined -Icore \
 *		test/fuzz/strfmt_fuzz.c core/json.c core/strfmt.c
 *
 * A number that is accepted is the one that libc reads; a fraction comes back when it
 * is written again.  A quoted string has nothing in it that RFC 8259 forbids.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
judge_integer(int64_t v, const char *s)
{
	errno = 0;
	if (strtoll(s, NULL, 10) != v || errno != 0)
		abort();
}

static void
judge_fixed(int64_t v, int64_t scale)
{
	char text[64];
	struct strfmt f;
	struct json j;
	int64_t back;

	strfmt_init(&f, text, sizeof text);
	json_init(&j, &f);
	json_fixed(&j, v, scale);
	if (!json_done(&j) || !strfmt_parse_fixed(&back, text, f.n, scale) ||
	    back != v)
		abort();
}

static void
judge_quoted(const char *p, size_t n)
{
	if (n < 2 || p[0] != '"' || p[n - 1] != '"')
		abort();
	for (size_t i = 1; i < n - 1; i++) {
		if ((unsigned char)p[i] < ' ' || p[i] == '"')
			abort();
		if (p[i] == '\\' && ++i == n - 1)
			abort();
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const int64_t scales[] = { 1, 10, 100, 1000, 1000000 };
	char *const s = malloc(size + 1);
	char *const room = malloc(6 * size + 3);
	struct strfmt f;
	int64_t v;

	memcpy(s, data, size);
	s[size] = '\0';
	if (strfmt_parse_i64(&v, s, size))
		judge_integer(v, s);
	for (size_t i = 0; i < PORT_ARRAY_SIZE(scales); i++) {
		if (strfmt_parse_fixed(&v, s, size, scales[i]))
			judge_fixed(v, scales[i]);
	}
	strfmt_init(&f, room, 6 * size + 3);
	json_quote(&f, s, size);
	if (f.cut)
		abort();
	judge_quoted(room, f.n);
	free(room);
	free(s);
	return 0;
}
