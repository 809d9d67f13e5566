/* SPDX-License-Identifier: MIT */
/* report.h -- what can be told: tables of fields, and one walker that renders
 * them as text, JSON, Prometheus metrics or columns.
 *
 * A child declares tables; no format is written twice.  The walker renders one atom (a value,
 * a bracket) per step into a small buffer and keeps its place in a cursor, so that a reply of any length
 * needs no memory and a slow reader costs nothing.  Rows that vanish between two steps end their
 * object properly.
 */
#ifndef REPORT_H
#define REPORT_H

#include "net.h"
#include "strfmt.h"

enum report_kind {
	REPORT_STR,			/* text */
	REPORT_BOOL,
	REPORT_INT,			/* signed */
	REPORT_UINT,			/* unsigned */
	REPORT_SECONDS,			/* microseconds, shown as seconds 1.000000 */
	REPORT_GROUP,			/* an object of further fields of this row */
	REPORT_LIST,			/* an array: rows of another table under this row */
};

enum report_metric {
	REPORT_NO_METRIC,
	REPORT_GAUGE,
	REPORT_COUNTER,			/* name gets _total */
};

/* A value as a getter gives it; `text` may be used as the storage of `s`. */
struct report_value {
	const char *s;			/* STR; NULL: shown as "" / null */
	int64_t i;			/* INT, BOOL, SECONDS (us) */
	uint64_t u;			/* UINT */
	char text[96];
};

struct report_table;

struct report_field {
	const char *name;		/* JSON key: keepalived's where it has one */
	enum report_kind kind;
	enum report_metric metric;
	const char *metric_name;	/* after "upkeep_"; NULL: TABLE_NAME */
	const char *what;		/* one sentence: manual, metrics HELP */
	void (*get)(const void *row, struct report_value *out);
	const struct report_field *group;	/* GROUP: ended by name NULL */
	const struct report_table *list;	/* LIST */
	uint8_t column;			/* width in the overview, 0: not there */
	const char *heading;		/* of that column */
	bool json_only;			/* not in the text format */
};

struct report_table {
	const char *name;		/* JSON key: "vrrp" */
	const char *what;		/* one sentence */
	/* Row `i` under `parent` (NULL for a top table); NULL past the last. */
	const void *(*row)(const void *parent, unsigned i);
	const struct report_field *fields;	/* ended by name NULL */
	bool single;			/* one object, not an array */
	bool scalars;			/* rows are values: only the first field, no key */
	const char *label;		/* metrics label that names the row: "instance" */
	/* The label's value; also the heading of the row in text. */
	void (*label_value)(const void *row, struct report_value *out);
};

#endif
