/* SPDX-License-Identifier: MIT */
/* report.h -- what can be told: tables of fields, and one walker that renders
 * them as text, JSON, Prometheus metrics or columns.
 *
 * A child declares tables; no format is written twice.  The walker renders one atom (a value,
 * a bracket) per step and keeps its place in a cursor, so that a reply of any length
 * needs no memory and a slow reader costs nothing.  Rows that vanish between two calls end their
 * object properly.  Pure: no socket, no clock.
 *
 *	static const struct report_field vrrp_fields[] = {
 *		{ .name = "data", .kind = REPORT_GROUP, .group = data_fields },
 *		{ .name = "stats", .kind = REPORT_GROUP, .group = stats_fields },
 *		{ .name = NULL }
 *	};
 *	const struct report_table vrrp_report_table = { .name = "vrrp",
 *		.row = vrrp_row, .fields = vrrp_fields,
 *		.label = "instance", .label_value = vrrp_label };
 *
 * gives {"vrrp":[{"data":{...},"stats":{...}}]}, and for a COUNTER field `advert_rcvd` under stats
 * upkeep_vrrp_advert_rcvd_total{instance="lan"} (groups are not part of a metric's name).
 */
#ifndef REPORT_H
#define REPORT_H

#include "net.h"
#include "strfmt.h"

#define REPORT_DEPTH	10		/* tables, rows and groups inside each other */
#define REPORT_ATOM	512		/* longest atom; a longer string is cut */
#define REPORT_WIDTH	80		/* of the columns format */

enum report_format {
	REPORT_TEXT,			/* `key: value` lines, indented */
	REPORT_JSON,			/* one object, one line */
	REPORT_METRICS,			/* Prometheus text exposition 0.0.4 */
	REPORT_COLUMNS,			/* the overview: fields with `column` */
};

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

/* A value as a getter gives it, zeroed before; `text` may be the storage of `s`. */
struct report_value {
	const char *s;			/* STR; NULL: shown as - / null.  Other kinds: a
					 * word that text and columns show for the number */
	int64_t i;			/* INT, BOOL, SECONDS (us) */
	uint64_t u;			/* UINT */
	char text[96];
};

/* Values of report_field.column beside a width. */
#define REPORT_REST	254		/* last column: what is left of the 80 */
#define REPORT_BELOW	255		/* `HEADING value` on a line of its own under the row,
					 * when there is something to say */

struct report_table;

/* There are hundreds: the small members stand together. */
struct report_field {
	const char *name;		/* JSON key: keepalived's where it has one */
	const char *what;		/* one sentence: manual, metrics HELP */
	union {				/* by kind */
		void (*get)(const void *row, struct report_value *out);
		const struct report_field *group;	/* GROUP: ended by name NULL */
		const struct report_table *list;	/* LIST */
	};
	const char *metric_name;	/* after "upkeep_"; NULL: TABLE_NAME */
	const char *heading;		/* of its column in the overview; NULL: name */
	enum report_kind kind : 4;
	enum report_metric metric : 2;
	unsigned json_only : 1;		/* not in the text format */
	unsigned columns_only : 1;	/* in the columns format alone */
	unsigned column : 8;		/* width in the overview, 0: not there */
};

struct report_table {
	const char *name;		/* JSON key: "vrrp" */
	const char *what;		/* one sentence */
	/* Row `i` under `parent` (NULL for a top table); NULL past the last.  The pointer
	 * is the row's identity: when the next call at the same place gives another
	 * one, the row is taken as gone. */
	const void *(*row)(const void *parent, unsigned i);
	const struct report_field *fields;	/* ended by name NULL */
	bool columns_only;		/* not in the other formats */
	bool single;			/* one object, not an array */
	bool scalars;			/* rows are values: only the first field, no key */
	const char *label;		/* metrics label that names the row: "instance" */
	/* The label's value; also the heading of the row in text. */
	void (*label_value)(const void *row, struct report_value *out);
};

/* One level of the walk; private to report.c. */
struct report_frame {
	const struct report_table *table;	/* NULL: the level of a group */
	const struct report_field *fields;	/* where `field` counts */
	const void *row;		/* NULL: between rows */
	const char *name;		/* the key it stands under */
	uint32_t index;			/* of the row */
	uint16_t field;
	bool any;			/* a field of this row or group stands before */
	bool more;			/* a row stands before */
	bool gone;			/* what it stands under has vanished */
};

/* A place in a rendering.  Belongs to the caller; private but for its size. */
struct report_cursor {
	enum report_format format;
	const struct report_table *const *tables;	/* ended by NULL; or else: */
	const struct report_table *one;
	const void *parent;		/* of the top tables */
	uint16_t table;			/* the next of the top tables */
	uint8_t depth;			/* frames in use */
	bool begun;			/* the opening atom is out */
	bool ended;			/* the closing atom is out */
	bool head;			/* metrics, columns: the heading is out */
	bool any;			/* a top table (text: row) stands before */
	uint16_t done, len;		/* of atom[]: given away, rendered */
	struct report_frame frame[REPORT_DEPTH];
	char atom[REPORT_ATOM];
};

/* Begins a rendering of `tables` (ended by NULL; must outlive the cursor), or of one
 * table whose rows stand under `parent` (it must live until the end or report_cut()). */
void report_start(struct report_cursor *c, enum report_format format,
		  const struct report_table *const *tables);
void report_start_one(struct report_cursor *c, enum report_format format,
		      const struct report_table *t, const void *parent);

/* The next bytes, at most `cap` (> 0), without a NUL.  0: it is complete. */
port_must_check size_t report_render(struct report_cursor *c, char *buf, size_t cap);

/* The rows under `parent` go away now: the rendering closes what is open and ends. */
void report_cut(struct report_cursor *c, const void *parent);

/* Whether the columns format shows anything of `t`. */
bool report_columns_any(const struct report_table *t);

/* One row as one line without a newline: `NAME key=value key="two words"`, or with
 * REPORT_JSON an object whose first keys are "time" and "event".  `when` is text.
 * Groups are flattened, lists left out. */
void report_line(struct strfmt *out, enum report_format format, const char *when,
		 const struct report_table *t, const void *row);

#endif
