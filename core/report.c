/* SPDX-License-Identifier: MIT */
/* report.c -- the walk over tables; the formats are report_*.c. */
#include <string.h>

#include "report_walk.h"

struct report_frame *
report_walk_top(struct report_cursor *c)
{
	assert(c->depth > 0);
	return &c->frame[c->depth - 1];
}

struct report_frame *
report_walk_push(struct report_cursor *c, const struct report_table *table,
		 const struct report_field *fields)
{
	/* Tables are constants of ours: one that nests deeper is our bug. */
	assert(c->depth < REPORT_DEPTH);
	struct report_frame *f = &c->frame[c->depth++];
	*f = (struct report_frame){ .table = table, .fields = fields };
	return f;
}

const void *
report_walk_parent(const struct report_cursor *c, const struct report_frame *f)
{
	return f == c->frame ? c->parent : f[-1].row;
}

const void *
report_walk_row(const struct report_table *t, const void *parent, uint32_t i)
{
	return t->single && i > 0 ? NULL : t->row(parent, i);
}

void
report_start(struct report_cursor *c, enum report_format format,
	     const struct report_table *const *tables)
{
	*c = (struct report_cursor){ .format = format, .tables = tables };
}

void
report_start_one(struct report_cursor *c, enum report_format format,
		 const struct report_table *t, const void *parent)
{
	*c = (struct report_cursor){ .format = format, .one = t, .parent = parent };
}

const struct report_table *
report_walk_table(const struct report_cursor *c)
{
	if (c->tables)
		return c->tables[c->table];
	return c->table == 0 ? c->one : NULL;
}

/* The fields of a row that is gone. */
static const struct report_field nothing = { .name = NULL };

static void
step_row(struct report_cursor *c, struct strfmt *out, const struct report_walk *w)
{
	struct report_frame *f = report_walk_top(c);
	const struct report_table *t = f->table;
	const void *row = f->gone ? NULL :
		report_walk_row(t, report_walk_parent(c, f), f->index);
	if (!row) {
		w->table_close(c, out);
		c->depth--;
		return;
	}
	if (t->scalars) {
		w->scalar(c, out, &t->fields[0], row);
		f->index++;
	} else {
		f->row = row;
		f->fields = t->fields;
		f->field = 0;
		f->any = false;
		w->row_open(c, out);
	}
	f->more = true;
}

static void
step_table(struct report_cursor *c, struct strfmt *out, const struct report_walk *w,
	   const struct report_table *t, const char *name)
{
	report_walk_push(c, t, t->fields)->name = name;
	w->table_open(c, out);
}

static void
step_field(struct report_cursor *c, struct strfmt *out, const struct report_walk *w)
{
	struct report_frame *f = report_walk_top(c);
	const struct report_field *field = &f->fields[f->field];
	if (f->gone || !field->name) {
		if (f->table) {
			w->row_close(c, out);
			f->row = NULL;
			f->index++;
		} else {
			w->group_close(c, out);
			c->depth--;
		}
		return;
	}
	f->field++;
	if (field->columns_only || !w->shows(field))
		return;
	switch (field->kind) {
	case REPORT_GROUP: {
		struct report_frame *g = report_walk_push(c, NULL, field->group);
		g->row = f->row;
		g->name = field->name;
		w->group_open(c, out);
		break;
	}
	case REPORT_LIST:
		step_table(c, out, w, field->list, field->name);
		break;
	case REPORT_STR:
	case REPORT_BOOL:
	case REPORT_INT:
	case REPORT_UINT:
	case REPORT_SECONDS:
		w->value(c, out, field, f->row);
		break;
	}
	f->any = true;
}

static void
walk_step(struct report_cursor *c, struct strfmt *out, const struct report_walk *w)
{
	if (!c->begun) {
		w->begin(c, out);
		c->begun = true;
	} else if (!c->depth) {
		const struct report_table *t = report_walk_table(c);
		while (t && t->columns_only) {
			c->table++;
			t = report_walk_table(c);
		}
		if (t) {
			step_table(c, out, w, t, t->name);
			c->table++;
			c->any = true;
		} else {
			w->end(c, out);
			c->ended = true;
		}
	} else {
		const struct report_frame *f = report_walk_top(c);
		if (f->table && !f->row)
			step_row(c, out, w);
		else
			step_field(c, out, w);
	}
}

static void
step(struct report_cursor *c, struct strfmt *out)
{
	switch (c->format) {
	case REPORT_TEXT:
		walk_step(c, out, &report_text_walk);
		break;
	case REPORT_JSON:
		walk_step(c, out, &report_json_walk);
		break;
	case REPORT_METRICS:
		report_metrics_step(c, out);
		break;
	case REPORT_COLUMNS:
		report_columns_step(c, out);
		break;
	}
}

/* All that stands above frame `from` ends; rows below it stay as they are. */
static void
gone_above(struct report_cursor *c, unsigned from)
{
	for (unsigned i = from; i < c->depth; i++)
		c->frame[i].gone = true;
}

/* Between two calls rows may have come and gone.  A row that is not where it was ends here;
 * what now stands at its index is then told from its beginning.  Pointers
 * kept in frames are compared, never followed, before this has run. */
static void
revalidate(struct report_cursor *c)
{
	const void *parent = c->parent;
	for (unsigned i = 0; i < c->depth; i++) {
		struct report_frame *f = &c->frame[i];
		if (f->gone || f->fields == &nothing)
			return;
		if (f->table && f->row &&
		    report_walk_row(f->table, parent, f->index) != f->row) {
			f->fields = &nothing;
			f->field = 0;
			if (!f->table->single)
				f->index--;
			gone_above(c, i + 1);
			return;
		}
		parent = f->row;
	}
}

size_t
report_render(struct report_cursor *c, char *buf, size_t cap)
{
	assert(cap > 0);
	/* Metrics resolve their rows anew for each sample, columns for each line. */
	if (c->format == REPORT_TEXT || c->format == REPORT_JSON)
		revalidate(c);
	size_t n = 0;
	while (n < cap) {
		if (c->done == c->len) {
			if (c->ended)
				break;
			struct strfmt out;
			strfmt_init(&out, c->atom, sizeof c->atom);
			step(c, &out);
			assert(!out.cut);
			c->done = 0;
			c->len = (uint16_t)out.n;
			continue;
		}
		size_t left = (size_t)(c->len - c->done);
		size_t take = left < cap - n ? left : cap - n;
		memcpy(buf + n, c->atom + c->done, take);
		c->done = (uint16_t)(c->done + take);
		n += take;
	}
	return n;
}

void
report_cut(struct report_cursor *c, const void *parent)
{
	if (!parent || c->parent != parent)
		return;
	static const struct report_table *const none[] = { NULL };
	c->tables = none;
	c->table = 0;
	switch (c->format) {
	case REPORT_TEXT:
	case REPORT_JSON:
		gone_above(c, 0);
		break;
	case REPORT_METRICS:
	case REPORT_COLUMNS:
		c->depth = 0;
		c->ended = true;
		break;
	}
}
