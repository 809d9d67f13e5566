/* SPDX-License-Identifier: MIT */
/* report_text.c -- the walk's atoms as `key: value` lines. */
#include "report_value.h"
#include "report_walk.h"

/* Two spaces for each row or group that the line stands in. */
static void
indent(struct strfmt *out, unsigned levels)
{
	for (unsigned i = 0; i < levels; i++)
		strfmt_put(out, "  ");
}

static void
no_edge(struct report_cursor *c, struct strfmt *out)
{
	(void)c;
	(void)out;
}

static void
table_open(struct report_cursor *c, struct strfmt *out)
{
	const struct report_frame *f = report_walk_top(c);
	if (f->table->scalars) {
		indent(out, c->depth - 1u);
		strfmt_put(out, "%s:", f->name);
	}
}

static void
table_close(struct report_cursor *c, struct strfmt *out)
{
	const struct report_frame *f = report_walk_top(c);
	if (f->table->scalars) {
		strfmt_put(out, f->more ? "\n" : " none\n");
	} else if (!f->more) {
		indent(out, c->depth - 1u);
		strfmt_put(out, "%s: none\n", f->name);
	}
}

/* `instance lan:` where the table names its rows, else `peers 2:`, else `loop:`. */
static void
row_open(struct report_cursor *c, struct strfmt *out)
{
	const struct report_frame *f = report_walk_top(c);
	if (c->depth == 1) {
		/* An empty line between what a reader looks for. */
		if (f->more || c->table > 1)
			strfmt_char(out, '\n');
	}
	indent(out, c->depth - 1u);
	struct report_value label;
	if (f->table->single) {
		strfmt_put(out, "%s", f->name);
	} else if (report_value_label(&label, f->table, f->row)) {
		strfmt_put(out, "%s ", f->table->label);
		report_value_plain(out, label.s, SIZE_MAX);
	} else {
		strfmt_put(out, "%s %u", f->name, (unsigned)f->index + 1);
	}
	strfmt_put(out, ":\n");
}

static void
group_open(struct report_cursor *c, struct strfmt *out)
{
	indent(out, c->depth - 1u);
	strfmt_put(out, "%s:\n", report_walk_top(c)->name);
}

static void
value(struct report_cursor *c, struct strfmt *out, const struct report_field *f,
      const void *row)
{
	struct report_value v;
	report_value_get(&v, f, row);
	indent(out, c->depth);
	strfmt_put(out, "%s: ", f->name);
	report_value_text(out, f, &v);
	strfmt_char(out, '\n');
}

static void
scalar(struct report_cursor *c, struct strfmt *out, const struct report_field *f,
       const void *row)
{
	struct report_value v;
	report_value_get(&v, f, row);
	strfmt_put(out, report_walk_top(c)->more ? ", " : " ");
	report_value_text(out, f, &v);
}

static bool
shows(const struct report_field *f)
{
	return !f->json_only;
}

const struct report_walk report_text_walk = {
	.begin = no_edge,
	.end = no_edge,
	.table_open = table_open,
	.table_close = table_close,
	.row_open = row_open,
	.row_close = no_edge,
	.group_open = group_open,
	.group_close = no_edge,
	.value = value,
	.scalar = scalar,
	.shows = shows,
};
