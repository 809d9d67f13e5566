/* SPDX-License-Identifier: MIT */
/* compile.h -- from the text of a configuration to its image.
 *
 * Three stages: the lexer (uci.h) says statements; what they mean together (a section
 * given twice, an option given again, a list) is put into tables here; then each folder's
 * rows (schema.h) turn every section into a struct, and its hooks check what one row can't
 * see.  Every complaint of the whole text is kept, sorted by place; nothing ends at the first.
 *
 * No heap and no global: the caller gives the memory of a struct compile.  The process that
 * does this lives for one configuration only; it is the only one that parses text.
 */
#ifndef COMPILE_H
#define COMPILE_H

#include "conf.h"
#include "schema.h"
#include "uci.h"

#define COMPILE_TEXT	224		/* bytes of a complaint, with NUL */
#define COMPILE_PARTS	(CONF_PARTS + 1)	/* core's and each child's */

enum compile_severity {
	COMPILE_WARNING,
	COMPILE_ERROR,			/* the configuration is refused */
};

struct compile_complaint {
	struct uci_pos at;		/* line 0: the file as a whole */
	enum compile_severity severity;
	char text[COMPILE_TEXT];
};

/* What came of it. */
struct compile_result {
	uint32_t errors;
	uint32_t warnings;
	uint32_t unsaid;		/* of both, not said: CONFIG_CONF_ERRORS */
	uint32_t sections;		/* that configure something */
};

/* Where a folder's rows write to. */
struct compile_part {
	const struct schema *schema;
	void *mem;			/* zeroed */
};

/* A value of an option, or an item of a list. */
struct compile_value {
	const struct schema_row *row;
	struct uci_pos at;
	uint32_t text;			/* offset in compile.text */
	uint32_t body;			/* column of its first byte, 0: not verbatim */
	uint16_t len;
	uint16_t next;			/* the next item; references are index + 1 */
	uint16_t tail;			/* of a first item: the last */
	uint16_t more;			/* of a first item: the section's next option */
	bool list;			/* written as `list` */
};

struct compile_section {
	const struct schema_section *kind;	/* of the first folder that knows it */
	struct uci_pos at;		/* of the word `config` */
	struct uci_pos name_at;		/* of the UCI name */
	uint32_t name;			/* offset of the UCI name, "" without one */
	uint32_t title;			/* of compile_doc_name()'s, from the index on */
	uint32_t has;			/* a bit for each option: compile_doc_mark() */
	uint16_t first, last;		/* options: references into value[] */
	uint16_t next_uci, next_name;	/* in their buckets: references into section[] */
	bool shared;			/* another folder has rows in this type, too */
	bool torn;			/* a value of it runs over the end of a line */
	uint8_t tried;			/* required options that a complaint is about already:
					 * a bit for each, in the order of the rows */
};

#define COMPILE_TRIED(n)	(1u << ((n) < 8 ? (n) : 7))
#define COMPILE_TRIED_ALL	0xffu

#define COMPILE_BUCKETS	2048		/* of names: ten thousand take 5 steps each */

struct compile {
	struct uci uci;
	struct conf_core *core;		/* scripts go there */
	struct compile_part part[COMPILE_PARTS];
	unsigned nparts;
	const struct schema_section *kind[COMPILE_PARTS];	/* of the present type */
	const struct schema_section *type;	/* the first of them */
	struct compile_result result;
	bool binary;			/* not a text: nothing else is worth saying */
	bool skip;			/* options of a section that isn't kept */
	bool full;			/* a table of this struct is full: said so */
	uint32_t quiet;			/* > 0: nothing is said (compile_build) */
	uint32_t script_uid, script_gid;	/* globals script_user */
	int64_t script_timeout_us;
	const struct schema_section *lost;	/* section not served: options known? */
	struct uci_pos lost_at;
	char lost_name[CONF_NAME];
	const char *misspelt;		/* the type that the last unknown one was meant to be */
	uint32_t open;			/* index of the section that options go to */
	uint32_t nsections, nvalues, ntext, ncomplaints;
	uint16_t by_uci[COMPILE_BUCKETS];	/* sections by their UCI name */
	uint16_t by_name[COMPILE_BUCKETS];	/* by type and name, those of one kind that
						 * may be there once by type; at the end */
	struct compile_complaint complaint[CONFIG_CONF_ERRORS];	/* sorted */
	struct compile_section section[CONFIG_CONF_SECTIONS];
	struct compile_value value[CONFIG_CONF_VALUES];
	char text[CONFIG_CONF_TEXT];
};

/* Begins: `parts` is core's own and each child's, `core` the part of the image that
 * scripts are put into. */
void compile_begin(struct compile *c, struct conf_core *core,
		   const struct compile_part *parts, unsigned n);

/* The text, in pieces of any size; false: no use in reading on. */
bool compile_feed(struct compile *c, const char *p, size_t n);

/* The end of the text: makes the image.  Then compile_complaint_say(). */
const struct compile_result *compile_end(struct compile *c);

/* ---- compile_complaint.c: what was wrong ----------------------------------------- */

/* Hands out the complaints, in the order of the text. */
void compile_complaint_say(const struct compile *c,
			   void (*say)(void *ctx, const struct compile_complaint *m),
			   void *ctx);

/* "FILE:LINE:COLUMN: error: text", without a newline; returns the length. */
size_t compile_complaint_line(const struct compile_complaint *m, const char *file,
			      char *out, size_t cap);

/* Adds one at its place, unless it was said of that place already.  When the list is
 * full the last warning makes room, then the last error. */
void compile_complaint_keep(struct compile *c, const struct compile_complaint *m);

/* ---- compile_known.c: what there is, and what was meant --------------------------- */

/* What each folder knows of the section type, into c->kind; the first of them, or NULL. */
const struct schema_section *compile_known_kind(struct compile *c, const char *type);
/* A row of any folder that knows the present section's type, NULL. */
const struct schema_row *compile_known_row(const struct compile *c, const char *name);

/* Complaints with the nearest known one: of a section type; of an option, in `section` (NULL: one
 * that is not kept); of an option whose name can't be one. */
void compile_known_no_type(struct compile *c, const struct uci_word *w);
/* Whether a section that is not there may be one with a misspelt type, of which was told. */
bool compile_known_lost(const struct compile *c, const char *type);
void compile_known_no_option(struct compile *c, struct compile_section *section,
			     const char *type, const struct uci_word *w);
void compile_known_no_name(struct compile *c, struct compile_section *section,
			   const struct uci_word *w);

/* ---- for the hooks of a schema, and compile's own files -------------------------- */

void compile_error(struct compile *c, struct uci_pos at, const char *fmt, ...)
	port_format(3, 4);
void compile_warn(struct compile *c, struct uci_pos at, const char *fmt, ...)
	port_format(3, 4);
/* "more than LIMIT THINGS: raise SYMBOL", an error; said once, of the first place. */
void compile_full(struct compile *c, struct uci_pos at, unsigned limit,
		  const char *things, const char *symbol);

/* ---- compile_doc.c: what the text says ------------------------------------------- */

const char *compile_doc_str(const struct compile *c, const struct compile_value *v);

/* The first value of an option of `s`, NULL when it is not there; the next item. */
const struct compile_value *compile_doc_first(const struct compile *c,
					      const struct compile_section *s,
					      const char *option);
const struct compile_value *compile_doc_next(const struct compile *c,
					     const struct compile_value *v);

/* Where the option's value stands, or else the section. */
struct uci_pos compile_doc_where(const struct compile *c, const struct compile_section *s,
				 const char *option);
/* Where byte `off` of the value stands, as exactly as is known. */
struct uci_pos compile_doc_inside(const struct compile_value *v, size_t off);

/* The section's name: option name, or else its UCI name; "" without any.  Known from
 * compile_doc_index() on. */
const char *compile_doc_name(const struct compile *c, const struct compile_section *s);

/* The bit in compile_section.has that an option of this name sets; others may share it. */
uint32_t compile_doc_mark(const char *option);

/* All sections are there: makes the index that the next two search. */
void compile_doc_index(struct compile *c);

/* The bucket of a text. */
uint32_t compile_doc_bucket(const char *s);

/* The first section of a type that is there once, NULL. */
const struct compile_section *compile_doc_single(const struct compile *c, const char *type);

/* The section of this type and name, NULL; and the nearest name of that type, NULL. */
const struct compile_section *compile_doc_lookup(const struct compile *c, const char *type,
						 const char *name);
const char *compile_doc_nearest(const struct compile *c, const char *type,
				const char *name);

/* The row that `kind` has for this option of `s`, NULL: only another folder has one. */
const struct schema_row *compile_doc_row(const struct compile_section *s,
					 const struct schema_section *kind,
					 const struct compile_value *v);

/* Writes the options of `s` into `obj`, which has the defaults of `kind`. */
void compile_doc_fill(struct compile *c, const struct compile_section *s,
		      const struct schema_section *kind, void *obj);
/* Fills `obj` (kind->bytes) from defaults and, unless `s` is NULL, its options. */
void compile_doc_build(struct compile *c, const struct compile_section *s,
		       const struct schema_section *kind, void *obj);

/* ---- compile_value.c: one value into its member ---------------------------------- */

/* Reads `len` bytes as a value of `r` and writes it into `obj`.  false: refused, said so. */
bool compile_value_set(struct compile *c, const struct schema_row *r, const char *s,
		       size_t len, struct uci_pos at, void *obj);
void compile_value_default(const struct schema_row *r, void *obj);

/* The words of a value in keepalived's grammar. */
struct compile_words {
	const char *begin, *p, *end;
	const char *word;		/* the present one, not NUL-terminated */
	size_t len;
	size_t off;			/* of it in the value */
};
void compile_value_words(struct compile_words *w, const char *s, size_t len);
bool compile_value_word(struct compile_words *w);
bool compile_value_is(const struct compile_words *w, const char *text);

/* Text for a complaint: at most 47 bytes of whole characters, what is none as '?'; behind the text
 * that `s` is a part of stands a NUL.  Returns `out`. */
#define COMPILE_SHOWN	48
const char *compile_value_shown(const char *s, size_t len, char out[COMPILE_SHOWN]);

/* ---- compile_script.c: a command into the image ---------------------------------- */

/* Puts the command into core->script (equal ones once); its reference, or
 * CONF_NO_SCRIPT after a complaint. */
uint16_t compile_script(struct compile *c, const char *s, size_t len, struct uci_pos at);

/* ---- compile_file.c: a file ------------------------------------------------------ */

/* Reads `path` into `img` (conf_bytes() zeroed bytes; its generation stays 0) and says every
 * complaint.  The image is of use when no errors are counted; its digest, which takes as long as
 * half of the rest, is only made if `digest`.  Needs about 200 kB of static memory, touched
 * only in the process that calls it; one call at a time. */
struct compile_result compile_file(const char *path, struct conf_image *img, bool digest,
				   void (*complain)(void *ctx, const struct compile_complaint *m),
				   void *ctx);

/* ---- compile_check.c: `upkeepctl check FILE` ------------------------------------- */

/* All complaints and a last line that sums up; 0, or 1 when there are errors. */
int compile_check_main(int fd_out, const char *file);

#endif
