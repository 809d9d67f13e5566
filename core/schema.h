/* SPDX-License-Identifier: MIT */
/* schema.h -- what a configuration may say: section type -> option rows.
 *
 * A row holds name, type, unit, range, default, the sentence that explains it and
 * where the value lies in the struct that its section fills.  The rows are the only list
 * of options: the compiler (compile.h) reads values by them, `upkeepctl keys`, the
 * manual's tables and every complaint are printed from them.
 *
 * Core declares its own rows (globals.c); each folder declares those of its sections.
 * Several folders may have rows in one section type (`globals`).
 */
#ifndef SCHEMA_H
#define SCHEMA_H

#include "net.h"
#include "port.h"

#define SCHEMA_OBJECT	1024		/* bytes a section's struct may have */

/*	  type	   in `keys`	what a value looks like */
#define SCHEMA_TYPES(X)							\
	X(BOOL,	   "bool",	"1, yes, on, true, enabled, or 0, no, off, false, disabled") \
	X(INT,	   "number",	"a whole number")			\
	X(SECONDS, "seconds",	"seconds, such as 5 or 0.25")		\
	X(WORD,	   "word",	"one of a list of words")		\
	X(TEXT,	   "text",	"text")					\
	X(NAME,	   "name",	"a name without white space")		\
	X(ADDR,	   "address",	"an IP address")			\
	X(PREFIX,  "prefix",	"an IP address with a prefix length")	\
	X(IFNAME,  "interface",	"the name of a network interface")	\
	X(SCRIPT,  "command",	"an absolute path, then arguments")	\
	X(REF,	   "reference",	"the name of a section, or the thing itself")

enum schema_type {
#define SCHEMA_ENUM(id, key, text)	SCHEMA_##id,
	SCHEMA_TYPES(SCHEMA_ENUM)
#undef SCHEMA_ENUM
	SCHEMA__N
};

/* What this build does with an option that it knows. */
enum schema_service {
	SCHEMA_SERVED,
	SCHEMA_IGNORED,			/* a warning names it */
	SCHEMA_REFUSED,			/* ignoring it would be unsafe: an error */
};

/* The member of a PREFIX row. */
struct schema_prefix {
	struct net_addr addr;
	uint8_t len;			/* without "/LEN": 32 or 128 */
};

/* A word of a WORD row; the table ends with text NULL. */
struct schema_word {
	const char *text;
	int32_t value;
	const char *refused;		/* why this build can't; NULL: it can */
};

/* There are hundreds: what excludes each other shares its place, and is read by the
 * functions below.  The last row of a table has no name, and may go on with another's. */
struct schema_row {
	const char *name;
	const char *what;		/* one sentence */
	union {
		const char *unit;		/* INT; NULL: none */
		const struct schema_word *words;	/* WORD */
		const char *ref;		/* REF: the section type it names */
		const struct schema_row *more;	/* the last: rows to go on with, or NULL */
	};
	union {
		const char *deftext;		/* default where no constant says it */
		const char *form;		/* REF: grammar of the thing itself, or NULL */
		const char *of;			/* SCHEMA_ALIAS: the row it is a word for */
		const char *why;		/* REFUSED: what would go wrong */
	};
	uint32_t max;			/* INT; SECONDS in ms; TEXT, NAME: without NUL */
	int32_t def;			/* BOOL, INT, SECONDS (ms; < 0: as it is), WORD */
	int16_t min;			/* INT; SECONDS in ms */
	uint16_t offset;		/* of the member in the section's struct */
	uint16_t bytes;			/* of the member; 0: the folder's code reads it */
	enum schema_type type : 4;
	enum schema_service service : 2;
	unsigned family : 4;		/* ADDR: AF_INET, AF_INET6, or 0 for both */
	unsigned list : 1;		/* `list`, not `option` */
	unsigned required : 1;
	unsigned invert : 1;		/* BOOL: the member is set to the opposite */
	unsigned secret : 1;		/* its value is never shown */
	unsigned alias : 1;
};

struct compile;
struct compile_section;
struct strfmt;

struct schema_section {
	const char *type;		/* `config TYPE` */
	const char *what;		/* one sentence */
	const struct schema_row *rows;	/* at least one; see schema_next() */
	uint16_t bytes;			/* of the struct its rows fill, <= SCHEMA_OBJECT */
	bool single;			/* at most one section of this type */
	bool named;			/* useless without a name */
	enum schema_service service;	/* IGNORED: the whole section, one warning */
	/* After `obj` was filled by the rows, for each section of this type in file
	 * order: reads lists, checks, stores into the folder's `part`.  NULL: the section is
	 * only referred to (compile_build). */
	void (*make)(struct compile *c, const struct compile_section *s, void *part,
		     void *obj);
};

struct schema {
	const char *name;		/* the folder: "vrrp" */
	const struct schema_section *sections;	/* made in this order; ended by type NULL */
	/* Before the first section, with `part` zeroed: what holds without any. */
	void (*begin)(struct compile *c, void *part);
	/* After the last section: checks across sections. */
	void (*finish)(struct compile *c, void *part);
	/* "2 instances, 3 addresses": what `part` configures. */
	void (*summary)(const void *part, struct strfmt *out);
};

/* For rows:  { "priority", "who is master", SCHEMA_INT_AT(struct x, prio, 1, 255, 100) } */
#define SCHEMA_AT(st, m)	.offset = offsetof(st, m), .bytes = sizeof(((st *)0)->m)
#define SCHEMA_BOOL_AT(st, m, d) \
	.type = SCHEMA_BOOL, SCHEMA_AT(st, m), .max = 1, .def = (d)
#define SCHEMA_INT_AT(st, m, lo, hi, d) \
	.type = SCHEMA_INT, SCHEMA_AT(st, m), .min = (lo), .max = (hi), .def = (d)
#define SCHEMA_SECONDS_AT(st, m, lo_us, hi_us, d_us) \
	.type = SCHEMA_SECONDS, SCHEMA_AT(st, m), .min = (lo_us) / 1000, \
	.max = (hi_us) / 1000, .def = (d_us) < 0 ? (d_us) : (d_us) / 1000
#define SCHEMA_WORD_AT(st, m, w, d) \
	.type = SCHEMA_WORD, SCHEMA_AT(st, m), .words = (w), .def = (d)
#define SCHEMA_TEXT_AT(st, m) \
	.type = SCHEMA_TEXT, SCHEMA_AT(st, m), .max = sizeof(((st *)0)->m) - 1
#define SCHEMA_NAME_AT(st, m) \
	.type = SCHEMA_NAME, SCHEMA_AT(st, m), .max = sizeof(((st *)0)->m) - 1
#define SCHEMA_ADDR_AT(st, m, fam) \
	.type = SCHEMA_ADDR, SCHEMA_AT(st, m), .family = (fam)
#define SCHEMA_PREFIX_AT(st, m)	.type = SCHEMA_PREFIX, SCHEMA_AT(st, m)
#define SCHEMA_IFNAME_AT(st, m)	.type = SCHEMA_IFNAME, SCHEMA_AT(st, m)
#define SCHEMA_SCRIPT_AT(st, m)	.type = SCHEMA_SCRIPT, SCHEMA_AT(st, m)
#define SCHEMA_ALIAS(row)	.of = (row), .alias = true

/* "bool", "number", ... */
const char *schema_type_name(enum schema_type t);

/* The row behind `r`; NULL: `r` is the last. */
const struct schema_row *schema_next(const struct schema_row *r);

/* What a row says, or NULL: unit of a number; why it is refused; the default where no constant
 * says it. */
const char *schema_unit(const struct schema_row *r);
const char *schema_why(const struct schema_row *r);
const char *schema_deftext(const struct schema_row *r);

/* Bounds and default of a number, SECONDS in microseconds. */
int64_t schema_min(const struct schema_row *r);
int64_t schema_max(const struct schema_row *r);
int64_t schema_def(const struct schema_row *r);

/* The section type, or the row, of that name; NULL when there is none. */
const struct schema_section *schema_section(const struct schema *s, const char *type);
const struct schema_row *schema_row(const struct schema_section *s, const char *name);

/* One of the ten words of UCI for a boolean; false: `s` is none of them. */
port_must_check bool schema_bool(bool *out, const char *s, size_t len);

/* What is allowed as a value of this row, as text for a complaint or the manual:
 * "1..255", "0.01..40.95 s", "MASTER or BACKUP".  Returns `out`. */
const char *schema_allowed(const struct schema_row *r, char *out, size_t cap);

/* The default as text, "" when there is none.  Returns `out`. */
const char *schema_default(const struct schema_row *r, char *out, size_t cap);

/* Microseconds as seconds without trailing zeros: "0.25", "5".  Returns `out`. */
const char *schema_seconds(int64_t us, char *out, size_t cap);

/* ---- schema_keys.c: `upkeepctl keys [json|man]` ---------------------------------- */

/* All sections and options to `fd_out`; `format` is "", "json" or "man".  Returns an
 * exit status. */
int schema_keys_main(int fd_out, const char *format);

#endif
