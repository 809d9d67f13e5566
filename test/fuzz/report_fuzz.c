/* SPDX-License-Identifier: MIT */
/* report_fuzz.c -- tables with any bytes as names and numbers, through every format.
 *
 * Byte 0 chooses the format and how large the pieces are that are asked for, byte 1 when a row
 * goes away.  The rest are the rows: a byte of length, the name, eight bytes of number.  JSON
 * stays JSON, metrics metrics, text holds no byte that a terminal obeys, and the
 * pieces make the same document, whatever their size.
 */
#include <stdlib.h>
#include <string.h>

#include "report.h"
#include "report_lint.h"
#include "utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define CHECK(x) do { if (!(x)) abort(); } while (0)
#define ROWS		6
#define DOCUMENT	(1 << 17)

static struct row {
	char *name;			/* on the heap, so that its end is seen */
	int64_t n;
	unsigned children;
} rows[ROWS];
static unsigned nrows;

static const void *
get_row(const void *parent, unsigned i)
{
	(void)parent;
	return i < nrows ? &rows[i] : NULL;
}

/* Under a row stand the rows after it. */
static const void *
get_child(const void *parent, unsigned i)
{
	const struct row *const r = parent;

	CHECK(r >= rows && r < rows + nrows);	/* never under one that is gone */
	const unsigned at = (unsigned)(r - rows) + 1 + i;

	return i < r->children && at < nrows ? &rows[at] : NULL;
}

static void
get_name(const void *row, struct report_value *v)
{
	v->s = ((const struct row *)row)->name;
}

static void
get_own(const void *row, struct report_value *v)
{
	strfmt_copy(v->text, sizeof v->text, ((const struct row *)row)->name,
		    strlen(((const struct row *)row)->name));
	v->s = v->text;
}

static void
get_number(const void *row, struct report_value *v)
{
	v->i = ((const struct row *)row)->n;
	v->u = (uint64_t)v->i;
}

static const struct report_field child_fields[] = {
	{ .name = "name", .kind = REPORT_STR, .get = get_name },
	{ .name = "n", .kind = REPORT_UINT, .get = get_number, .metric = REPORT_COUNTER,
	  .metric_name = "toy_child", .what = "counts \\ and \"counts\"" },
	{ .name = NULL }
};
static const struct report_field scalar_fields[] = {
	{ .name = "name", .kind = REPORT_STR, .get = get_name },
	{ .name = NULL }
};
static const struct report_table scalars = {
	.name = "scalars", .row = get_child, .fields = scalar_fields, .scalars = true,
};
static const struct report_table children = {
	.name = "children", .row = get_child, .fields = child_fields,
	.label = "child", .label_value = get_name,
};
static const struct report_field group[] = {
	{ .name = "n", .kind = REPORT_INT, .get = get_number, .metric = REPORT_GAUGE,
	  .what = "a number", .column = 12, .heading = "N" },
	{ .name = "for", .kind = REPORT_SECONDS, .get = get_number,
	  .metric = REPORT_GAUGE, .what = "how long", .column = 8, .heading = "FOR" },
	{ .name = "children", .kind = REPORT_LIST, .list = &children },
	{ .name = NULL }
};
static const struct report_field fields[] = {
	{ .name = "name", .kind = REPORT_STR, .get = get_name, .column = 12,
	  .heading = "NAME", .metric = REPORT_GAUGE, .what = "is there" },
	{ .name = "inner", .kind = REPORT_GROUP, .group = group },
	{ .name = "scalars", .kind = REPORT_LIST, .list = &scalars },
	{ .name = "own", .kind = REPORT_STR, .get = get_own, .column = REPORT_REST,
	  .heading = "OWN" },
	{ .name = "below", .kind = REPORT_STR, .get = get_name, .column = REPORT_BELOW,
	  .heading = "below:" },
	{ .name = "on", .kind = REPORT_BOOL, .get = get_number },
	{ .name = NULL }
};
static const struct report_table table = {
	.name = "toy", .what = "rows", .row = get_row, .fields = fields,
	.label = "instance", .label_value = get_name,
};
static const struct report_field one_fields[] = {
	{ .name = "own", .kind = REPORT_STR, .get = get_own },
	{ .name = "n", .kind = REPORT_UINT, .get = get_number, .metric = REPORT_COUNTER,
	  .what = "a number" },
	{ .name = NULL }
};
static const struct report_table one = {
	.name = "one", .row = get_row, .fields = one_fields, .single = true,
};
static const struct report_table *const tables[] = { &table, &one, NULL };

/* The whole document in pieces of `cap`; after `left` bytes the last row is gone. */
static size_t
render(char *text, enum report_format format, size_t cap, size_t left)
{
	static struct report_cursor c;
	const unsigned all = nrows;
	char *const piece = malloc(cap);	/* so that its end is seen */
	size_t n, len = 0;

	report_start(&c, format, tables);
	for (;;) {
		if (nrows > 0 && len >= left)
			nrows = all - 1;
		n = report_render(&c, piece, cap);
		CHECK(n <= cap && len + n < DOCUMENT);
		memcpy(text + len, piece, n);
		if (n == 0)
			break;
		len += n;
	}
	free(piece);
	nrows = all;
	text[len] = '\0';
	CHECK(strlen(text) == len);
	return len;
}

static void
check_text(const char *text)
{
	size_t n;

	for (const char *s = text; *s; s += n) {
		n = *s == '\n' ? 1 : utf8_take(s);
		CHECK(n > 0);
	}
}

static void
check(enum report_format format, const char *text)
{
	check_text(text);
	if (format == REPORT_JSON)
		CHECK(lint_json(text));
	if (format == REPORT_METRICS)
		CHECK(lint_metrics(text) == NULL);
}

/* An event line of any room. */
static void
check_line(enum report_format format, size_t room)
{
	for (unsigned i = 0; i < nrows; i++) {
		char *const p = malloc(room);
		struct strfmt out;

		strfmt_init(&out, p, room);
		report_line(&out, format, "2026-01-01T00:00:00Z", &table, &rows[i]);
		CHECK(out.n < room && strlen(p) == out.n && !strchr(p, '\n'));
		check_text(p);
		if (format == REPORT_JSON)
			CHECK(lint_json(p));
		free(p);
	}
}

static void
take_rows(const uint8_t *p, const uint8_t *end)
{
	for (nrows = 0; nrows < ROWS && end - p >= 2; nrows++) {
		struct row *const r = &rows[nrows];
		size_t n = (size_t)p[0] * (p[1] & 0x80 ? 4 : 1);

		r->children = p[1] & 3;
		p += 2;
		if (n > (size_t)(end - p))
			n = (size_t)(end - p);
		r->name = malloc(n + 1);
		memcpy(r->name, p, n);
		r->name[n] = '\0';
		p += n;
		r->n = 0;
		n = end - p < 8 ? (size_t)(end - p) : 8;
		memcpy(&r->n, p, n);
		p += n;
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char whole[DOCUMENT], pieces[DOCUMENT];

	if (size < 3)
		return 0;
	const enum report_format format = (enum report_format)(data[0] & 3);
	const size_t cap = 1u + (data[0] >> 2);

	take_rows(data + 2, data + size);
	const size_t n = render(whole, format, DOCUMENT, SIZE_MAX);

	check(format, whole);
	CHECK(render(pieces, format, cap, SIZE_MAX) == n);
	CHECK(memcmp(whole, pieces, n) == 0);
	render(pieces, format, cap, (size_t)data[1] * 4);
	check(format == REPORT_METRICS ? REPORT_TEXT : format, pieces);
	check_line(format == REPORT_JSON ? REPORT_JSON : REPORT_TEXT, 96u + data[1] * 2u);
	for (unsigned i = 0; i < nrows; i++)
		free(rows[i].name);
	return 0;
}
