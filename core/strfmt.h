/* SPDX-License-Identifier: MIT */
/* strfmt.h -- text into a caller's buffer, without the printf family.
 *
 * Conversions: %s %.*s %.Ns %c %d %i %u %x %X with l, ll, j, z, %p, %%, width,
 * zero padding and '-'.  No float.  The result is always NUL-terminated and never
 * overruns; what does not fit is cut and remembered.  Pure.
 */
#ifndef STRFMT_H
#define STRFMT_H

#include <stdarg.h>
#include <stddef.h>

#include "port.h"

/* A buffer that is being filled.  `p` and `cap` (> 0) belong to the caller. */
struct strfmt {
	char *p;
	size_t n;			/* bytes written, without the NUL */
	size_t cap;			/* bytes in `p`, with the NUL */
	bool cut;			/* something did not fit */
};

void strfmt_init(struct strfmt *s, char *p, size_t cap);
void strfmt_put(struct strfmt *s, const char *fmt, ...) port_format(2, 3);
void strfmt_putv(struct strfmt *s, const char *fmt, va_list ap) port_format(2, 0);
void strfmt_bytes(struct strfmt *s, const char *p, size_t n);
void strfmt_char(struct strfmt *s, char c);

/* Once into a buffer; returns the length without the NUL. */
size_t strfmt_to(char *p, size_t cap, const char *fmt, ...) port_format(3, 4);

/* Decimal text to number, strict: digits only, optional '-', `len` bytes.
 * false when it is not a number or does not fit. */
port_must_check bool strfmt_parse_i64(int64_t *out, const char *s, size_t len);

/* Fixed-point text ("0.25", "1", "1.5") to a count of 1/`scale` units (`scale` a power
 * of ten, 1000000 for seconds to microseconds); digits finer than the scale are refused. */
port_must_check bool strfmt_parse_fixed(int64_t *out, const char *s, size_t len,
					int64_t scale);

/* Copies at most cap - 1 bytes and terminates; returns false when it cut. */
bool strfmt_copy(char *dst, size_t cap, const char *src, size_t len);

#endif
