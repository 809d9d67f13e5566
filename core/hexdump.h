/* SPDX-License-Identifier: MIT */
/* hexdump.h -- bytes as hexadecimal text, and back.  Pure. */
#ifndef HEXDUMP_H
#define HEXDUMP_H

#include "strfmt.h"

#define HEXDUMP_WIDTH	16		/* bytes a line */
#define HEXDUMP_LINE	77		/* longest line, with newline and NUL */

/* Lower-case digits without anything between: "0a1b". */
void hexdump_bytes(struct strfmt *s, const void *p, size_t n);

/* Lines of "00000010  21 33 64 01 ... 00  !3d............."; no line when n is 0.
 * `at` is the offset that the first line shows. */
void hexdump_lines(struct strfmt *s, const void *p, size_t n, uint32_t at);

/* Text of `len` digits, an even number of either case, to bytes.  false: not
 * that, or more than `cap` bytes; then nothing is said about `out`. */
port_must_check bool hexdump_parse(void *out, size_t cap, size_t *n,
				   const char *s, size_t len);

#endif
