/* SPDX-License-Identifier: MIT */
/* report_walk.h -- what the files of the walker share; nobody else includes it.
 *
 * Text and JSON go through a row's fields in order, row by row; a format is then a struct
 * of functions that write one atom each.  Metrics go field by field over all rows, and columns
 * take a row as one atom: they step by themselves.
 */
#ifndef REPORT_WALK_H
#define REPORT_WALK_H

#include "report.h"

/* What a format writes at each place. */
struct report_walk {
	void (*begin)(struct report_cursor *c, struct strfmt *out);
	void (*end)(struct report_cursor *c, struct strfmt *out);
	/* The frame of the table, row or group is on top. */
	void (*table_open)(struct report_cursor *c, struct strfmt *out);
	void (*table_close)(struct report_cursor *c, struct strfmt *out);
	void (*row_open)(struct report_cursor *c, struct strfmt *out);
	void (*row_close)(struct report_cursor *c, struct strfmt *out);
	void (*group_open)(struct report_cursor *c, struct strfmt *out);
	void (*group_close)(struct report_cursor *c, struct strfmt *out);
	void (*value)(struct report_cursor *c, struct strfmt *out,
		      const struct report_field *f, const void *row);
	/* One value of a table of scalars, whose frame is on top. */
	void (*scalar)(struct report_cursor *c, struct strfmt *out,
		       const struct report_field *f, const void *row);
	bool (*shows)(const struct report_field *f);
};

extern const struct report_walk report_text_walk;
extern const struct report_walk report_json_walk;

/* One step each: an atom (perhaps of no bytes), `ended` after the last. */
void report_metrics_step(struct report_cursor *c, struct strfmt *out);
void report_columns_step(struct report_cursor *c, struct strfmt *out);

/* The frame on top, the row that a frame's table stands under. */
struct report_frame *report_walk_top(struct report_cursor *c);
const void *report_walk_parent(const struct report_cursor *c,
			       const struct report_frame *f);
struct report_frame *report_walk_push(struct report_cursor *c,
				      const struct report_table *table,
				      const struct report_field *fields);

/* The top table that comes next, NULL after the last. */
const struct report_table *report_walk_table(const struct report_cursor *c);

/* Row `i`, NULL past the last; a single table has one row at most. */
const void *report_walk_row(const struct report_table *t, const void *parent,
			    uint32_t i);

#endif
