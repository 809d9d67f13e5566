/* SPDX-License-Identifier: MIT */
/* uci_fuzz.c -- any bytes as UCI text: the same events whatever the pieces.
 *
 *	clang -g -O1 -fsanitize=fuzzer,address,undefined -Icore \
 *		-include build/x86_64/config.h test/fuzz/uci_fuzz.c core/uci.c
 */
#include <stdlib.h>
#include <string.h>

#include "uci.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
mix(uint64_t *hash, uint64_t v)
{
	*hash = (*hash ^ v) * 1099511628211u;
}

static void
on_event(void *ctx, const struct uci_event *e)
{
	uint64_t *hash = ctx;

	mix(hash, (uint64_t)e->kind << 32 | e->fault);
	mix(hash, (uint64_t)e->at.line << 32 | e->at.column);
	for (unsigned i = 0; i < UCI_WORDS; i++) {
		const struct uci_word *w = &e->word[i];

		if (strlen(w->s) != w->len || w->len > CONFIG_UCI_WORD ||
		    (w->present && w->end_line < w->at.line))
			abort();
		for (uint32_t k = 0; k < w->len; k++)
			mix(hash, (unsigned char)w->s[k]);
		mix(hash, (uint64_t)w->at.line << 32 | w->at.column);
	}
}

static uint64_t
run(const char *p, size_t size, size_t piece)
{
	struct uci u;
	uint64_t hash = 14695981039346656037u;

	uci_begin(&u, on_event, &hash);
	for (size_t i = 0; i < size; i += piece)
		if (!uci_feed(&u, p + i, size - i < piece ? size - i : piece))
			break;
	uci_end(&u);
	return hash;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 1)
		return 0;

	const size_t piece = 1 + data[0] % 13;
	char *text = malloc(size);

	memcpy(text, data + 1, size - 1);
	if (run(text, size - 1, size) != run(text, size - 1, piece))
		abort();
	free(text);
	return 0;
}
