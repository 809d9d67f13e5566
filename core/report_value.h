/* SPDX-License-Identifier: MIT */
/* report_value.h -- one value as each format writes it, and the escapes that text and
 * metrics need (JSON's are json.h's).
 *
 * Pure.  A value that does not fit in what is left of the buffer is cut at a whole
 * character, so that quotes close whatever the string holds.
 */
#ifndef REPORT_VALUE_H
#define REPORT_VALUE_H

#include "report.h"

/* Asks the field's getter. */
void report_value_get(struct report_value *v, const struct report_field *f,
		      const void *row);

/* The label that names a row; false when the table names none. */
bool report_value_label(struct report_value *v, const struct report_table *t,
			const void *row);

/* For a person: words, `yes`, `1.5 s`; no byte below space. */
void report_value_text(struct strfmt *out, const struct report_field *f,
		       const struct report_value *v);
void report_value_json(struct strfmt *out, const struct report_field *f,
		       const struct report_value *v);
/* A number only: metrics. */
void report_value_number(struct strfmt *out, const struct report_field *f,
			 const struct report_value *v);

/* Strings take at most `max` bytes, and never the last few of the buffer. */

/* `s` with bytes that a terminal or a line would not survive as \xNN. */
void report_value_plain(struct strfmt *out, const char *s, size_t max);
/* In double quotes; backslash, quote and newline escaped, as metrics want it. */
void report_value_quoted(struct strfmt *out, const char *s, size_t max);
/* As a metric's HELP line wants it: only backslash and newline escaped. */
void report_value_help(struct strfmt *out, const char *s, size_t max);

#endif
