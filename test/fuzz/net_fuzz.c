/* SPDX-License-Identifier: MIT */
/* net_fuzz.c -- any bytes as an address, a prefix and hexadecimal digits.
 *
 *	clang -g -O1 -fsanitize=fuzzer,address,undefined -Icore \
 *		test/fuzz/net_fuzz.c core/net.c core/hexdump.c core/strfmt.c
 *
 * What is accepted, libc accepts too (it may accept more), and what we write of it
 * is read back as the same.
 */
#include <arpa/inet.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "hexdump.h"
#include "net.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
judge_address(const struct net_addr *a, const char *s, size_t n)
{
	char text[NET_ADDR_TEXT + 1];
	uint8_t theirs[16];
	struct net_addr b;

	if (n > NET_ADDR_TEXT)
		abort();
	memcpy(text, s, n);
	text[n] = '\0';
	if (inet_pton(a->family, text, theirs) != 1 ||
	    memcmp(a->a, theirs, net_addr_len(a)) != 0)
		abort();
	net_addr_text(a, text);
	if (!net_addr_parse(&b, text, strlen(text)) || net_addr_cmp(a, &b) != 0)
		abort();
}

static void
judge_hex(const uint8_t *b, size_t n, const char *s)
{
	char text[129];
	struct strfmt f;

	strfmt_init(&f, text, sizeof text);
	hexdump_bytes(&f, b, n);
	for (size_t i = 0; i < f.n; i++) {
		if (text[i] != tolower((unsigned char)s[i]))
			abort();
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct net_addr a;
	uint8_t bits;
	uint8_t bytes[64];
	size_t n;
	char *const s = malloc(size + !size);	/* so that its end is seen */

	memcpy(s, data, size);
	if (net_addr_parse(&a, s, size))
		judge_address(&a, s, size);
	if (net_prefix_parse(&a, &bits, s, size)) {
		const char *const slash = memchr(s, '/', size);

		judge_address(&a, s, slash != NULL ? (size_t)(slash - s) : size);
		if (bits > net_addr_len(&a) * 8)
			abort();
	}
	if (hexdump_parse(bytes, sizeof bytes, &n, s, size))
		judge_hex(bytes, n, s);
	free(s);
	return 0;
}
