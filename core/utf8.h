/* SPDX-License-Identifier: MIT */
/* utf8.h -- which bytes of a string from outside may be passed on as text.
 *
 * Pure.  What is not well-formed UTF-8 (RFC 3629), or is a control character, is for the
 * caller to escape: it could break a line, a document or a terminal.
 */
#ifndef UTF8_H
#define UTF8_H

#include <stddef.h>

/* Bytes of the character that begins at `s` (ended by NUL), 1 to 4; 0 when there is
 * none that may be passed on: the byte `*s` then needs an escape. */
size_t utf8_take(const char *s);

#endif
