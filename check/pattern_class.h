/* SPDX-License-Identifier: MIT */
/* pattern_class.h -- sets of bytes as a pattern writes them: [a-z], \d.  Pure. */
#ifndef PATTERN_CLASS_H
#define PATTERN_CLASS_H

#include <stddef.h>
#include <stdint.h>

#include "port.h"

struct pattern_class {
	uint8_t bits[32];		/* byte c is in it: bits[c >> 3] >> (c & 7) & 1 */
};

enum pattern_class_escape {
	PATTERN_CLASS_LETTER,		/* *letter */
	PATTERN_CLASS_SET,		/* added to *set */
	PATTERN_CLASS_NONE,		/* no escape that there is; *at has not moved */
};

/* What is behind a backslash: text[*at...). */
enum pattern_class_escape pattern_class_escape(const char *text, size_t n, size_t *at,
					       uint8_t *letter, struct pattern_class *set);

/* What is behind a [, up to its ]; NULL, or a sentence on what is at *at. */
const char *pattern_class_read(const char *text, size_t n, size_t *at, bool icase,
			       struct pattern_class *set);

#endif
