/* SPDX-License-Identifier: MIT */
/* report_line.c -- one row as one line: the event stream. */
#include <string.h>

#include "report_value.h"
#include "report_walk.h"

/* Whether a value can stand after '=' without quotes. */
static bool
is_word(const char *s)
{
	if (!*s)
		return false;
	for (; *s; s++)
		if ((unsigned char)*s <= ' ' || strchr("\"'\\=", *s))
			return false;
	return true;
}

static void
put_pair(struct strfmt *out, const struct report_field *f,
	 const struct report_value *v)
{
	strfmt_put(out, " %s=", f->name);
	if (f->kind == REPORT_STR || v->s) {
		const char *s = v->s ? v->s : "";
		if (is_word(s))
			report_value_plain(out, s, SIZE_MAX);
		else
			report_value_quoted(out, s, SIZE_MAX);
	} else {
		report_value_number(out, f, v);
	}
}

static void
put_fields(struct strfmt *out, enum report_format format,
	   const struct report_field *fields, const void *row)
{
	for (const struct report_field *f = fields; f->name; f++) {
		if (f->kind == REPORT_LIST || f->columns_only)
			continue;
		if (f->kind == REPORT_GROUP) {
			put_fields(out, format, f->group, row);
			continue;
		}
		if (format != REPORT_JSON && f->json_only)
			continue;
		struct report_value v;
		report_value_get(&v, f, row);
		/* A pair that does not fit is left out whole. */
		const size_t before = out->n;
		if (format == REPORT_JSON) {
			strfmt_put(out, ",\"%s\":", f->name);
			report_value_json(out, f, &v);
		} else {
			put_pair(out, f, &v);
		}
		if (out->cut || out->n + 2 > out->cap) {
			out->n = before;
			out->p[before] = '\0';
			out->cut = false;
		}
	}
}

void
report_line(struct strfmt *out, enum report_format format, const char *when,
	    const struct report_table *t, const void *row)
{
	if (format == REPORT_JSON)
		strfmt_put(out, "{\"time\":\"%s\",\"event\":\"%s\"", when, t->name);
	else
		strfmt_put(out, "%s %s", when, t->name);
	put_fields(out, format, t->fields, row);
	if (format == REPORT_JSON)
		strfmt_char(out, '}');
}
