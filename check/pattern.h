/* SPDX-License-Identifier: MIT */
/* pattern.h -- a small pattern language whose match takes one pass and fixed memory.
 *
 * What health checks use of PCRE, and with its meaning: . [a-z] [^a] [[:alpha:]] \d \w \s and
 * their opposites, escapes, * + ? {m,n}, | ( ) (?: ), ^ and $ (the start, and the end or a
 * newline before it), (?i) in front.  `.` is any byte but a newline.  A lazy repetition says the
 * same as a greedy one, since only whether it matches is asked.  What needs going back
 * (back-references, look-around, atomic groups) is refused.
 *
 * A pattern is compiled, when the configuration is, into bytes that lie at any address:
 * one bit for each letter or class in it (a position automaton: Glushkov 1961), and which
 * can follow which.  The stream may be split anywhere.  Pure.
 */
#ifndef PATTERN_H
#define PATTERN_H

#include <stddef.h>
#include <stdint.h>

#include "port.h"

#define PATTERN_STATES	128		/* letters and classes, and the end */
#define PATTERN_CLASSES	32		/* different ones */
#define PATTERN_DEPTH	16		/* parentheses inside each other */
#define PATTERN_MAX	3700		/* bytes that one compiles to, at most */

struct pattern_error {
	size_t at;			/* offset into the text */
	const char *why;		/* a sentence */
};

/* Returns how many bytes of `out` (PATTERN_MAX) it took, 0: refused, see `e`. */
port_must_check size_t pattern_compile(const char *text, size_t n, bool icase,
				       uint8_t out[PATTERN_MAX], struct pattern_error *e);

enum pattern_verdict {
	PATTERN_MORE,
	PATTERN_MATCH,
	PATTERN_NEVER,			/* whatever may follow */
};

/* All zero: at the stream's first byte. */
struct pattern {
	uint32_t set[PATTERN_STATES / 32];	/* what the next byte may be */
	uint32_t before[PATTERN_STATES / 32];	/* the same, one byte ago */
	uint8_t seen;			/* bytes, at most 2 */
	bool newline;			/* the last byte was one */
	uint8_t verdict;		/* enum pattern_verdict */
};

/* The next bytes of the stream, the stream's end.  The answer is in m->verdict, too, and MATCH and
 * NEVER stay.  `code`: of pattern_compile(). */
enum pattern_verdict pattern_feed(struct pattern *m, const uint8_t *code, const uint8_t *p,
				  size_t n);
enum pattern_verdict pattern_end(struct pattern *m, const uint8_t *code);

#endif
