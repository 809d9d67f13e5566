/* SPDX-License-Identifier: MIT */
/* report_value.c -- one value in each format, and its escapes. */
#include <string.h>

#include "json.h"
#include "report_value.h"
#include "utf8.h"

/* Room that a string leaves for what closes its atom: quote, brace, number. */
#define RESERVE	32u

/* Where a string of at most `max` bytes has to end in `out`. */
static size_t
end_of(const struct strfmt *out, size_t max)
{
	const size_t keep = out->n + RESERVE;
	const size_t left = out->cap > keep ? out->cap - keep : 0;
	return out->n + (left < max ? left : max);
}

void
report_value_get(struct report_value *v, const struct report_field *f,
		 const void *row)
{
	memset(v, 0, sizeof *v);
	f->get(row, v);
}

bool
report_value_label(struct report_value *v, const struct report_table *t,
		   const void *row)
{
	memset(v, 0, sizeof *v);
	if (!t->label || !t->label_value)
		return false;
	t->label_value(row, v);
	if (!v->s)
		v->s = "";
	return true;
}

/* [-]S.UUUUUU, the fraction without its last zeros when `brief`. */
static void
seconds(struct strfmt *out, int64_t us, bool brief)
{
	const uint64_t a = us < 0 ? 0 - (uint64_t)us : (uint64_t)us;
	if (us < 0)
		strfmt_char(out, '-');
	uint32_t frac = (uint32_t)(a % 1000000);
	strfmt_put(out, "%llu", (unsigned long long)(a / 1000000));
	if (!brief) {
		strfmt_put(out, ".%06lu", (unsigned long)frac);
	} else if (frac) {
		int width = 6;
		for (; frac % 10 == 0; frac /= 10)
			width--;
		strfmt_put(out, ".%0*lu", width, (unsigned long)frac);
	}
}

void
report_value_number(struct strfmt *out, const struct report_field *f,
		    const struct report_value *v)
{
	switch (f->kind) {
	case REPORT_BOOL:
		strfmt_char(out, v->i ? '1' : '0');
		break;
	case REPORT_INT:
		strfmt_put(out, "%lld", (long long)v->i);
		break;
	case REPORT_UINT:
		strfmt_put(out, "%llu", (unsigned long long)v->u);
		break;
	case REPORT_SECONDS:
		seconds(out, v->i, false);
		break;
	case REPORT_STR:		/* a metric that is there, named by a label */
	case REPORT_GROUP:
	case REPORT_LIST:
		strfmt_char(out, '1');
		break;
	}
}

void
report_value_plain(struct strfmt *out, const char *s, size_t max)
{
	const size_t end = end_of(out, max);
	for (size_t n; *s && out->n + 4 <= end; s += n) {
		n = utf8_take(s);
		if (n) {
			strfmt_bytes(out, s, n);
		} else {
			n = 1;
			strfmt_put(out, "\\x%02x", (unsigned)(unsigned char)*s);
		}
	}
}

/* The replacement character stands for a byte that is no text. */
static size_t
put_escaped(struct strfmt *out, const char *s, bool quote)
{
	const size_t n = utf8_take(s);
	if (*s == '\n') {
		strfmt_put(out, "\\n");
	} else if (!n) {
		strfmt_put(out, "\xef\xbf\xbd");
	} else {
		if (*s == '\\' || (quote && *s == '"'))
			strfmt_char(out, '\\');
		strfmt_bytes(out, s, n);
	}
	return n ? n : 1;
}

void
report_value_quoted(struct strfmt *out, const char *s, size_t max)
{
	const size_t end = end_of(out, max);
	strfmt_char(out, '"');
	while (*s && out->n + 4 <= end)
		s += put_escaped(out, s, true);
	strfmt_char(out, '"');
}

void
report_value_help(struct strfmt *out, const char *s, size_t max)
{
	const size_t end = end_of(out, max);
	while (*s && out->n + 4 <= end)
		s += put_escaped(out, s, false);
}

/* A string whose escapes would not fit is cut to half until they do. */
static void
json_bounded(struct strfmt *out, const char *s)
{
	const size_t before = out->n;
	const size_t end = end_of(out, SIZE_MAX);
	for (size_t n = strlen(s); ; n /= 2) {
		json_quote(out, s, n);
		if ((out->n <= end && !out->cut) || n == 0)
			return;
		out->n = before;
		out->p[before] = '\0';
		out->cut = false;
	}
}

void
report_value_text(struct strfmt *out, const struct report_field *f,
		  const struct report_value *v)
{
	if (v->s) {
		report_value_plain(out, *v->s ? v->s : "-", SIZE_MAX);
	} else if (f->kind == REPORT_STR) {
		strfmt_char(out, '-');
	} else if (f->kind == REPORT_BOOL) {
		strfmt_put(out, v->i ? "yes" : "no");
	} else if (f->kind == REPORT_SECONDS) {
		seconds(out, v->i, true);
		strfmt_put(out, " s");
	} else {
		report_value_number(out, f, v);
	}
}

void
report_value_json(struct strfmt *out, const struct report_field *f,
		  const struct report_value *v)
{
	if (f->kind == REPORT_STR && !v->s)
		strfmt_put(out, "null");
	else if (f->kind == REPORT_STR)
		json_bounded(out, v->s);
	else if (f->kind == REPORT_BOOL)
		strfmt_put(out, v->i ? "true" : "false");
	else
		report_value_number(out, f, v);
}
