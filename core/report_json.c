/* SPDX-License-Identifier: MIT */
/* report_json.c -- the walk's atoms as JSON. */
#include "report_value.h"
#include "report_walk.h"

/* The comma before an element of the level below the top frame, or before a top table. */
static void
key(struct report_cursor *c, struct strfmt *out, const char *name)
{
	const bool before = c->depth < 2 ? c->any : c->frame[c->depth - 2].any;
	strfmt_put(out, "%s\"%s\":", before ? "," : "", name);
}

static void
begin(struct report_cursor *c, struct strfmt *out)
{
	(void)c;
	strfmt_char(out, '{');
}

static void
end(struct report_cursor *c, struct strfmt *out)
{
	(void)c;
	strfmt_put(out, "}\n");
}

static void
table_open(struct report_cursor *c, struct strfmt *out)
{
	const struct report_frame *f = report_walk_top(c);
	key(c, out, f->name);
	if (!f->table->single)
		strfmt_char(out, '[');
}

static void
table_close(struct report_cursor *c, struct strfmt *out)
{
	const struct report_frame *f = report_walk_top(c);
	if (!f->table->single)
		strfmt_char(out, ']');
	else if (!f->more)
		strfmt_put(out, "{}");
}

static void
row_open(struct report_cursor *c, struct strfmt *out)
{
	if (report_walk_top(c)->more)
		strfmt_char(out, ',');
	strfmt_char(out, '{');
}

static void
close_object(struct report_cursor *c, struct strfmt *out)
{
	(void)c;
	strfmt_char(out, '}');
}

static void
group_open(struct report_cursor *c, struct strfmt *out)
{
	key(c, out, report_walk_top(c)->name);
	strfmt_char(out, '{');
}

static void
value(struct report_cursor *c, struct strfmt *out, const struct report_field *f,
      const void *row)
{
	struct report_value v;
	report_value_get(&v, f, row);
	strfmt_put(out, "%s\"%s\":", report_walk_top(c)->any ? "," : "", f->name);
	report_value_json(out, f, &v);
}

static void
scalar(struct report_cursor *c, struct strfmt *out, const struct report_field *f,
       const void *row)
{
	struct report_value v;
	report_value_get(&v, f, row);
	if (report_walk_top(c)->more)
		strfmt_char(out, ',');
	report_value_json(out, f, &v);
}

static bool
shows(const struct report_field *f)
{
	(void)f;
	return true;
}

const struct report_walk report_json_walk = {
	.begin = begin,
	.end = end,
	.table_open = table_open,
	.table_close = table_close,
	.row_open = row_open,
	.row_close = close_object,
	.group_open = group_open,
	.group_close = close_object,
	.value = value,
	.scalar = scalar,
	.shows = shows,
};
