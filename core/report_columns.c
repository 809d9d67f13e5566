/* SPDX-License-Identifier: MIT */
/* report_columns.c -- the overview: one line a row. */
#include <string.h>

#include "report_value.h"
#include "report_walk.h"

#define BELOW_LINES	3		/* of one row at most: an atom is bounded */

_Static_assert((1 + BELOW_LINES) * (REPORT_WIDTH + 1) + 64 < REPORT_ATOM,
	       "a row of the overview must fit in one atom");

/* One line on its way: what stands in it, and where the next cell begins. */
struct line {
	struct strfmt *out;
	const void *row;		/* NULL: the headings */
	unsigned used;			/* columns */
	unsigned below;			/* lines below so far */
};

static bool
has_columns(const struct report_field *fields)
{
	for (const struct report_field *f = fields; f->name; f++) {
		if (f->kind == REPORT_GROUP ? has_columns(f->group) : f->column > 0)
			return true;
	}
	return false;
}

bool
report_columns_any(const struct report_table *t)
{
	return has_columns(t->fields);
}

/* Columns on a screen: characters, not bytes. */
static unsigned
width_of(const char *s)
{
	unsigned n = 0;
	for (; *s; s++)
		n += (*s & 0xc0) != 0x80;
	return n;
}

/* `s` in at most `width` columns; one that is longer ends in '~'. */
static void
put_cut(struct strfmt *out, const char *s, unsigned width)
{
	const bool cut = width_of(s) > width;
	unsigned left = cut ? width - 1 : width;
	const char *p = s;
	while (*p && ((*p & 0xc0) == 0x80 || left > 0)) {
		left -= (*p & 0xc0) != 0x80;
		p++;
	}
	strfmt_bytes(out, s, (size_t)(p - s));
	if (cut)
		strfmt_char(out, '~');
}

static void
pad(struct strfmt *out, unsigned n)
{
	while (n-- > 0)
		strfmt_char(out, ' ');
}

static void
cell_text(char *buf, size_t cap, const struct report_field *f, const void *row)
{
	struct strfmt s;
	strfmt_init(&s, buf, cap);
	if (row) {
		struct report_value v;
		report_value_get(&v, f, row);
		report_value_text(&s, f, &v);
	} else {
		strfmt_put(&s, "%s", f->heading ? f->heading : f->name);
	}
}

static void
put_cell(struct line *l, const struct report_field *f)
{
	char text[192];
	cell_text(text, sizeof text, f, l->row);
	unsigned width = f->column;
	const unsigned gap = l->used ? 1 : 0;
	if (l->used + gap >= REPORT_WIDTH)
		return;
	const unsigned left = REPORT_WIDTH - l->used - gap;
	const bool rest = width == REPORT_REST || width > left;
	if (rest)
		width = left;
	const unsigned w = width_of(text);
	const unsigned fill = w < width ? width - w : 0;
	const bool number = f->kind != REPORT_STR && f->kind != REPORT_BOOL;
	pad(l->out, gap);
	if (number)
		pad(l->out, fill);
	put_cut(l->out, text, width);
	if (!number)
		pad(l->out, fill);
	l->used += gap + width;
}

static void
put_cells(struct line *l, const struct report_field *fields)
{
	for (const struct report_field *f = fields; f->name; f++) {
		if (f->kind == REPORT_GROUP)
			put_cells(l, f->group);
		else if (f->column && f->column != REPORT_BELOW &&
			 f->kind != REPORT_LIST)
			put_cell(l, f);
	}
}

static void
put_below(struct line *l, const struct report_field *fields)
{
	for (const struct report_field *f = fields; f->name; f++) {
		if (f->kind == REPORT_GROUP) {
			put_below(l, f->group);
			continue;
		}
		if (f->column != REPORT_BELOW || l->below == BELOW_LINES)
			continue;
		char text[192];
		cell_text(text, sizeof text, f, l->row);
		if (!strcmp(text, "-"))
			continue;
		const char *heading = f->heading ? f->heading : "";
		unsigned w = 2 + width_of(heading);
		strfmt_put(l->out, "  %s", heading);
		if (*heading) {
			strfmt_char(l->out, ' ');
			w++;
		}
		put_cut(l->out, text, REPORT_WIDTH - w);
		strfmt_char(l->out, '\n');
		l->below++;
	}
}

static void
end_line(struct strfmt *out)
{
	while (out->n > 0 && out->p[out->n - 1] == ' ')
		out->n--;
	strfmt_char(out, '\n');
}

/* One line an atom: the headings, then each row with what stands below it. */
void
report_columns_step(struct report_cursor *c, struct strfmt *out)
{
	if (!c->depth) {
		const struct report_table *t = report_walk_table(c);
		if (!t) {
			c->ended = true;
			return;
		}
		c->table++;
		if (has_columns(t->fields)) {
			report_walk_push(c, t, t->fields);
			c->head = false;
		}
		return;
	}
	struct report_frame *f = report_walk_top(c);
	const void *row = report_walk_row(f->table, c->parent, f->index);
	if (!row) {
		c->depth--;
		return;
	}
	struct line l = { .out = out, .row = c->head ? row : NULL };
	if (!c->head && c->any)
		strfmt_char(out, '\n');
	put_cells(&l, f->fields);
	end_line(out);
	if (c->head) {
		put_below(&l, f->fields);
		f->index++;
	}
	c->head = true;
	c->any = true;
}
