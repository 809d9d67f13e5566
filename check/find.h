/* SPDX-License-Identifier: MIT */
/* find.h -- one byte string in a stream of any split.
 *
 * Bytes may be masked.  Memory is fixed: a bit for each beginning of the string that could still
 * become the whole; so is the work, at most as many steps a byte as the string is long.
 * Pure.
 */
#ifndef FIND_H
#define FIND_H

#include <stddef.h>
#include <stdint.h>

#include "port.h"

#define FIND_MAX	256		/* bytes of a string */

/* What is looked for: the caller's. */
struct find_what {
	const uint8_t *bytes;
	const uint8_t *mask;		/* as long; NULL: all of each byte must agree */
	size_t n;			/* <= FIND_MAX; 0 is found at once */
	bool anywhere;			/* else at the stream's first byte */
};

enum find_verdict {
	FIND_MORE,
	FIND_FOUND,
	FIND_NEVER,			/* whatever may follow */
};

/* All zero: at the stream's first byte. */
struct find {
	uint32_t live[FIND_MAX / 32];	/* bit i: the first i bytes have just been seen */
	uint8_t begun;
	uint8_t verdict;		/* enum find_verdict */
};

/* The next bytes of the stream; the answer is in f->verdict, too, and FOUND and NEVER stay. */
enum find_verdict find_feed(struct find *f, const struct find_what *what,
			    const uint8_t *p, size_t n);

#endif
