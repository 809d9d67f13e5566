/* SPDX-License-Identifier: MIT */
/* utf8.c -- where a character ends, and what is none. */
#include <stdint.h>

#include "utf8.h"

size_t
utf8_take(const char *s)
{
	const uint8_t b = (uint8_t)s[0];
	if (b < 0x80)
		return b >= 0x20 && b != 0x7f ? 1 : 0;
	/* Lead bytes, and the range of the second byte that keeps out overlong
	 * forms, surrogates, code points past U+10FFFF, and U+0080..U+009F. */
	size_t n;
	uint8_t low = 0x80, high = 0xbf;
	if (b >= 0xc2 && b <= 0xdf) {
		n = 2;
		low = b == 0xc2 ? 0xa0 : 0x80;
	} else if (b >= 0xe0 && b <= 0xef) {
		n = 3;
		low = b == 0xe0 ? 0xa0 : 0x80;
		high = b == 0xed ? 0x9f : 0xbf;
	} else if (b >= 0xf0 && b <= 0xf4) {
		n = 4;
		low = b == 0xf0 ? 0x90 : 0x80;
		high = b == 0xf4 ? 0x8f : 0xbf;
	} else {
		return 0;
	}
	/* The NUL that ends the string is no continuation byte, so this stops there. */
	if ((uint8_t)s[1] < low || (uint8_t)s[1] > high)
		return 0;
	for (size_t i = 2; i < n; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	return n;
}
