/* SPDX-License-Identifier: MIT */
/* report_metrics.c -- the walk's atoms as Prometheus text. */
#include "report_value.h"
#include "report_walk.h"

/* An atom holds a name twice and a sentence, or a name and four labels. */
#define HELP_MAX	200
#define LABEL_MAX	80

/* The next field that is a metric, with the path to it on the stack; false after
 * the last.  The frame on top then has `field` one past it. */
static bool
next_field(struct report_cursor *c)
{
	for (;;) {
		if (!c->depth) {
			const struct report_table *t = report_walk_table(c);
			if (!t)
				return false;
			c->table++;
			report_walk_push(c, t, t->fields);
		}
		struct report_frame *f = report_walk_top(c);
		const struct report_field *field = &f->fields[f->field];
		if (!field->name) {
			c->depth--;
			continue;
		}
		f->field++;
		if (field->kind == REPORT_GROUP)
			report_walk_push(c, NULL, field->group);
		else if (field->kind == REPORT_LIST)
			report_walk_push(c, field->list, field->list->fields);
		else if (field->metric != REPORT_NO_METRIC)
			return true;
	}
}

static struct report_frame *
table_below(struct report_cursor *c, unsigned i)
{
	while (i-- > 0)
		if (c->frame[i].table)
			return &c->frame[i];
	return NULL;
}

/* The frames' indexes count like the digits of an odometer, one for each table of
 * the path.  Finds the row at or after them; false when there is no more. */
static bool
find_row(struct report_cursor *c)
{
	const void *parent = c->parent;
	for (unsigned i = 0; i < c->depth; i++) {
		struct report_frame *f = &c->frame[i];
		f->row = f->table ? report_walk_row(f->table, parent, f->index) : parent;
		if (!f->row) {
			f->index = 0;
			f = table_below(c, i);
			if (!f)
				return false;
			f->index++;
			i = (unsigned)(f - c->frame);
			parent = report_walk_parent(c, f);
			i--;	/* looks at frame `f` again */
			continue;
		}
		parent = f->row;
	}
	return true;
}

static const struct report_table *
owner(const struct report_cursor *c)
{
	unsigned i = c->depth;
	while (!c->frame[--i].table)
		;
	return c->frame[i].table;
}

/* Letters, digits and underscores; the tables' names may hold a dash. */
static void
put_word(struct strfmt *out, const char *s)
{
	for (; *s; s++) {
		const char low = (char)(*s | 0x20);
		const bool ok = (low >= 'a' && low <= 'z') || (*s >= '0' && *s <= '9');
		strfmt_char(out, ok ? *s : '_');
	}
}

static void
put_name(const struct report_cursor *c, struct strfmt *out,
	 const struct report_field *field)
{
	strfmt_put(out, "upkeep_");
	if (field->metric_name) {
		put_word(out, field->metric_name);
	} else {
		put_word(out, owner(c)->name);
		strfmt_char(out, '_');
		put_word(out, field->name);
	}
	if (field->metric == REPORT_COUNTER)
		strfmt_put(out, "_total");
}

static void
put_heading(const struct report_cursor *c, struct strfmt *out,
	    const struct report_field *field)
{
	strfmt_put(out, "# HELP ");
	put_name(c, out, field);
	strfmt_char(out, ' ');
	report_value_help(out, field->what ? field->what : field->name,
			  HELP_MAX);
	strfmt_put(out, "\n# TYPE ");
	put_name(c, out, field);
	strfmt_put(out, field->metric == REPORT_COUNTER ? " counter\n" : " gauge\n");
}

static void
put_label(struct strfmt *out, bool *first, const char *name, const char *value)
{
	strfmt_char(out, *first ? '{' : ',');
	*first = false;
	put_word(out, name);
	strfmt_char(out, '=');
	report_value_quoted(out, value, LABEL_MAX);
}

static void
put_sample(const struct report_cursor *c, struct strfmt *out,
	   const struct report_field *field)
{
	bool first = true;
	struct report_value v;
	put_name(c, out, field);
	for (unsigned i = 0; i < c->depth; i++) {
		const struct report_frame *f = &c->frame[i];
		if (f->table && report_value_label(&v, f->table, f->row))
			put_label(out, &first, f->table->label, v.s);
	}
	report_value_get(&v, field, c->frame[c->depth - 1].row);
	if (field->kind == REPORT_STR)
		put_label(out, &first, field->name, v.s ? v.s : "");
	if (!first)
		strfmt_char(out, '}');
	strfmt_char(out, ' ');
	report_value_number(out, field, &v);
	strfmt_char(out, '\n');
}

void
report_metrics_step(struct report_cursor *c, struct strfmt *out)
{
	if (!c->head) {
		if (!next_field(c)) {
			c->ended = true;
			return;
		}
		for (unsigned i = 0; i < c->depth; i++)
			c->frame[i].index = 0;
		c->head = true;
		const struct report_frame *f = report_walk_top(c);
		put_heading(c, out, &f->fields[f->field - 1]);
		return;
	}
	if (!find_row(c)) {
		c->head = false;
		return;
	}
	const struct report_frame *f = report_walk_top(c);
	struct report_frame *below = table_below(c, c->depth);

	assert(f->fields && below);	/* find_row() has found one */
	put_sample(c, out, &f->fields[f->field - 1]);
	below->index++;
}
