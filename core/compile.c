/* SPDX-License-Identifier: MIT */
/* compile.c -- statements into tables, tables into the image, and the complaints. */
#include "compile.h"

#include <string.h>

#include "strfmt.h"
#include "suggest.h"

/* ---- complaints ------------------------------------------------------------------ */

static void
complain(struct compile *c, enum compile_severity severity, struct uci_pos at,
	 const char *fmt, va_list ap)
{
	struct compile_complaint m = { .at = at, .severity = severity };
	struct strfmt f;

	if (c->quiet > 0)
		return;
	strfmt_init(&f, m.text, sizeof m.text);
	strfmt_putv(&f, fmt, ap);
	compile_complaint_keep(c, &m);
}

void
compile_error(struct compile *c, struct uci_pos at, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	complain(c, COMPILE_ERROR, at, fmt, ap);
	va_end(ap);
}

void
compile_warn(struct compile *c, struct uci_pos at, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	complain(c, COMPILE_WARNING, at, fmt, ap);
	va_end(ap);
}

void
compile_full(struct compile *c, struct uci_pos at, unsigned limit, const char *things,
	     const char *symbol)
{
	char text[COMPILE_TEXT];

	strfmt_to(text, sizeof text, "more than %u %s: this build has no room, raise %s",
		  limit, things, symbol);
	for (uint32_t i = 0; i < c->ncomplaints; i++)
		if (strcmp(c->complaint[i].text, text) == 0)
			return;		/* once is enough, the first one too many */
	compile_error(c, at, "%s", text);
}

/* ---- statements into tables ------------------------------------------------------ */

static void
table_full(struct compile *c, struct uci_pos at, unsigned limit, const char *things,
	   const char *symbol)
{
	if (!c->full)
		compile_full(c, at, limit, things, symbol);
	c->full = true;
}

/* Copies text; its offset, or 0 (an empty text) when there is no room. */
static uint32_t
store(struct compile *c, const struct uci_word *w)
{
	if (w->len == 0)
		return 0;
	if (sizeof c->text - c->ntext <= w->len) {
		table_full(c, w->at, CONFIG_CONF_TEXT, "bytes of values",
			   "CONFIG_CONF_TEXT");
		return 0;
	}

	const uint32_t off = c->ntext;

	memcpy(c->text + off, w->s, w->len + 1);
	c->ntext += w->len + 1;
	return off;
}

/* The section that is not served has ended: now its name is known. */
static void
tell_lost(struct compile *c)
{
	if (c->lost == NULL)
		return;

	const bool named = c->lost_name[0] != '\0';

	compile_warn(c, c->lost_at, "section %s%s%s%s is not served by this build: ignored",
		     c->lost->type, named ? " '" : "", c->lost_name, named ? "'" : "");
	c->lost = NULL;
}

static struct compile_section *
named_section(struct compile *c, const char *name)
{
	for (uint16_t i = c->by_uci[compile_doc_bucket(name)]; i != 0;
	     i = c->section[i - 1].next_uci)
		if (strcmp(c->text + c->section[i - 1].name, name) == 0)
			return &c->section[i - 1];
	return NULL;
}

static void
on_section(struct compile *c, const struct uci_event *e)
{
	const struct uci_word *type = &e->word[0], *name = &e->word[1];

	tell_lost(c);
	c->skip = true;
	if (type->len == 0)
		return;

	const struct schema_section *kind = compile_known_kind(c, type->s);

	if (kind == NULL) {
		compile_known_no_type(c, type);
		return;
	}
	if (kind->service != SCHEMA_SERVED) {
		c->lost = kind;
		c->lost_at = type->at;
		strfmt_copy(c->lost_name, sizeof c->lost_name, name->s, name->len);
		return;
	}

	struct compile_section *s = name->len > 0 ? named_section(c, name->s) : NULL;

	if (s != NULL && s->kind != kind) {
		compile_error(c, name->at, "the name '%s' is already that of a section %s "
			      "in line %u", name->s, s->kind->type,
			      (unsigned)s->at.line);
		return;
	}
	if (s == NULL && c->nsections == CONFIG_CONF_SECTIONS) {
		table_full(c, e->at, CONFIG_CONF_SECTIONS, "sections",
			   "CONFIG_CONF_SECTIONS");
		return;
	}
	c->skip = false;
	if (s != NULL) {
		c->open = (uint32_t)(s - c->section);
		return;
	}
	s = &c->section[c->nsections];
	*s = (struct compile_section){ .kind = kind, .at = e->at, .name_at = name->at };
	for (unsigned i = 0; i < c->nparts; i++)
		s->shared |= c->kind[i] != NULL && c->kind[i] != kind;
	s->name = store(c, name);
	c->open = c->nsections++;
	if (s->name == 0)
		return;

	uint16_t *bucket = &c->by_uci[compile_doc_bucket(name->s)];

	s->next_uci = *bucket;
	*bucket = (uint16_t)c->nsections;
}

/* A new value at the end of the table; 0 when there is no room. */
static uint16_t
new_value(struct compile *c, const struct schema_row *r, const struct uci_event *e)
{
	const struct uci_word *w = &e->word[1];

	if (c->nvalues == CONFIG_CONF_VALUES) {
		table_full(c, e->at, CONFIG_CONF_VALUES, "values", "CONFIG_CONF_VALUES");
		return 0;
	}

	const uint16_t ref = (uint16_t)(c->nvalues + 1);
	struct compile_value *v = &c->value[c->nvalues];
	const bool was_full = c->full;

	*v = (struct compile_value){
		.row = r,
		.at = w->present ? w->at : e->at,
		.body = w->body,
		.len = (uint16_t)w->len,
		.tail = ref,
		.list = e->kind == UCI_LIST,
	};
	v->text = store(c, w);
	if (c->full && !was_full)
		return 0;
	if (v->text == 0)
		v->len = 0;
	c->nvalues++;
	return ref;
}

static struct compile_value *
find_option(struct compile *c, const struct compile_section *s,
	    const struct schema_row *r)
{
	for (uint16_t i = s->first; i != 0; i = c->value[i - 1].more)
		if (c->value[i - 1].row == r)
			return &c->value[i - 1];
	return NULL;
}

/* `option` given again replaces, `list` adds: also to what was an option. */
static void
repeat(struct compile *c, struct compile_value *old, uint16_t ref)
{
	struct compile_value *v = &c->value[ref - 1];

	if (v->list) {
		c->value[old->tail - 1].next = ref;
		old->tail = ref;
		old->list = true;
		return;
	}
	compile_warn(c, v->at, "%s is given again: this one counts, not that of line %u",
		     v->row->name, (unsigned)old->at.line);

	const uint16_t self = (uint16_t)(old - c->value + 1), more = old->more;

	*old = *v;
	old->more = more;
	old->tail = self;
	c->nvalues--;			/* v was the last one */
}

/* Whether the option has a place here; complains when it has none. */
static bool
served(struct compile *c, const struct schema_row *r, const char *type,
       const struct uci_event *e)
{
	const struct uci_word *name = &e->word[0], *value = &e->word[1];
	bool on = true;

	if (r->service == SCHEMA_SERVED)
		return true;
	/* Switched off, or 0, is what this build does anyway. */
	if (r->type == SCHEMA_BOOL && schema_bool(&on, value->s, value->len) &&
	    on == (r->def != 0))
		return false;
	if (r->type == SCHEMA_INT && strcmp(value->s, "0") == 0)
		return false;
	if (r->service == SCHEMA_REFUSED)
		compile_error(c, name->at, "%s of %s is not served by this build%s%s",
			      r->name, type, schema_why(r) ? ": " : "",
			      schema_why(r) ? r->why : "");
	else
		compile_warn(c, name->at, "%s of %s is not served by this build: ignored",
			     r->name, type);
	return false;
}

static void
on_lost_option(struct compile *c, const struct uci_event *e)
{
	const struct uci_word *name = &e->word[0], *value = &e->word[1];

	if (compile_known_row(c, name->s) == NULL)
		compile_known_no_option(c, NULL, c->lost->type, name);
	else if (strcmp(name->s, "name") == 0)
		strfmt_copy(c->lost_name, sizeof c->lost_name, value->s, value->len);
}

static void
on_option(struct compile *c, const struct uci_event *e)
{
	const struct uci_word *name = &e->word[0], *value = &e->word[1];

	if (c->skip) {
		if (c->lost != NULL)
			on_lost_option(c, e);
		return;
	}

	struct compile_section *s = &c->section[c->open];
	const struct schema_row *r = compile_known_row(c, name->s);

	if (r == NULL) {
		compile_known_no_option(c, s, s->kind->type, name);
		return;
	}
	if (value->len == 0 && e->kind == UCI_OPTION) {
		compile_warn(c, name->at, "%s has no value: ignored", r->name);
		return;
	}
	if (!served(c, r, s->kind->type, e))
		return;

	s->torn |= memchr(value->s, '\n', value->len) != NULL;

	struct compile_value *old = find_option(c, s, r);
	const uint16_t ref = new_value(c, r, e);

	if (ref == 0)
		return;
	if (old != NULL) {
		repeat(c, old, ref);
		return;
	}
	if (s->first == 0)
		s->first = ref;
	else
		c->value[s->last - 1].more = ref;
	s->last = ref;
	s->has |= compile_doc_mark(r->name);
}

static void
on_fault(struct compile *c, const struct uci_event *e)
{
	const char *text = uci_fault_text(e->fault);

	if (e->fault == UCI_FAULT_BINARY) {	/* what came before was chance */
		c->binary = true;
		c->ncomplaints = 0;
		c->result = (struct compile_result){ .errors = 0 };
	}
	/* What a statement that was lost would have given can't be missed. */
	if ((e->fault == UCI_FAULT_LONG || e->fault == UCI_FAULT_QUOTE) && !c->skip)
		c->section[c->open].tried = COMPILE_TRIED_ALL;
	if (e->fault == UCI_FAULT_NAME && e->word[0].present && !c->skip) {
		compile_known_no_name(c, &c->section[c->open], &e->word[0]);
		return;
	}
	if (e->fault == UCI_FAULT_LONG) {
		compile_error(c, e->at, "a word of more than %d bytes: raise CONFIG_UCI_WORD",
			      CONFIG_UCI_WORD);
		return;
	}
	if (e->fault != UCI_FAULT_KEYWORD) {
		compile_error(c, e->at, "%s", text);
		return;
	}

	struct suggest s;
	char shown[COMPILE_SHOWN];

	suggest_begin(&s, e->word[0].s);
	suggest_offer(&s, "config");
	suggest_offer(&s, "option");
	suggest_offer(&s, "list");
	compile_error(c, e->at, "'%s' is %s%s%s%s",
		      compile_value_shown(e->word[0].s, e->word[0].len, shown), text,
		      s.best ? "; did you mean '" : "", s.best ? s.best : "",
		      s.best ? "'?" : "");
}

static void
on_event(void *ctx, const struct uci_event *e)
{
	struct compile *c = ctx;

	switch (e->kind) {
	case UCI_CONFIG:
		on_section(c, e);
		break;
	case UCI_OPTION:
	case UCI_LIST:
		on_option(c, e);
		break;
	case UCI_FAULT:
		on_fault(c, e);
		break;
	}
}

void
compile_begin(struct compile *c, struct conf_core *core,
	      const struct compile_part *parts, unsigned n)
{
	assert(n <= COMPILE_PARTS);
	/* The tables need no clearing: what counts are the numbers in use. */
	memset(c, 0, offsetof(struct compile, complaint));
	uci_begin(&c->uci, on_event, c);
	c->core = core;
	memcpy(c->part, parts, n * sizeof parts[0]);
	c->nparts = n;
	c->skip = true;
	c->text[0] = '\0';		/* offset 0 is the empty text */
	c->ntext = 1;
}

bool
compile_feed(struct compile *c, const char *p, size_t n)
{
	return uci_feed(&c->uci, p, n);
}

/* ---- tables into the image ------------------------------------------------------- */

/* Rules of one option. */
static void
check_option(struct compile *c, const struct compile_section *s,
	     const struct schema_row *r, const struct compile_value *v)
{
	if (r->alias && compile_doc_first(c, s, r->of) != NULL)
		compile_error(c, v->at, "%s and %s are two words for one thing: give one of "
			      "them", r->name, r->of);
	if (!r->list && v->next != 0)
		compile_error(c, c->value[v->next - 1].at, "%s takes one value, not a list",
			      r->name);
}

static void
check_required(struct compile *c, const struct compile_section *s,
	       const struct schema_section *kind, const char *name)
{
	unsigned n = 0;

	for (const struct schema_row *r = kind->rows; r != NULL; r = schema_next(r)) {
		if (!r->required)
			continue;
		if (!(s->tried & COMPILE_TRIED(n)) && compile_doc_first(c, s, r->name) == NULL)
			compile_error(c, s->at, "%s%s%s%s has no %s, which must be given",
				      kind->type, name[0] ? " '" : "", name,
				      name[0] ? "'" : "", r->name);
		n++;
	}
}

/* Rules of every section: a name where one is needed, and once; options that must be
 * there; one section where two make no sense. */
static void
check_section(struct compile *c, const struct compile_section *s,
	      const struct schema_section *kind)
{
	const char *name = compile_doc_name(c, s);
	const struct compile_section *first = kind->single ?
		compile_doc_single(c, kind->type) : name[0] != '\0' ?
		compile_doc_lookup(c, kind->type, name) : NULL;

	if (first == s)
		first = NULL;
	if (kind->named && name[0] == '\0')
		compile_error(c, s->at, "this %s has no name: write config %s 'NAME'",
			      kind->type, kind->type);
	if (first != NULL && kind->single)
		compile_error(c, s->at, "a second section %s: the first is in line %u",
			      kind->type, (unsigned)first->at.line);
	else if (first != NULL && kind->named)
		compile_error(c, s->at, "a second %s '%s': the first is in line %u",
			      kind->type, name, (unsigned)first->at.line);
	check_required(c, s, kind, name);
	for (uint16_t i = s->first; i != 0; i = c->value[i - 1].more) {
		const struct compile_value *v = &c->value[i - 1];
		const struct schema_row *r = compile_doc_row(s, kind, v);

		if (r != NULL)
			check_option(c, s, r, v);
	}
}

static void
make_sections(struct compile *c, const struct compile_part *part,
	      const struct schema_section *kind)
{
	union {
		char bytes[SCHEMA_OBJECT];
		int64_t align;
	} obj, blank;
	const struct schema_section *known = compile_known_kind(c, kind->type);

	assert(kind->bytes <= sizeof obj);
	compile_doc_build(c, NULL, kind, &blank);
	for (uint32_t i = 0; i < c->nsections; i++) {
		struct compile_section *s = &c->section[i];
		const uint32_t errors = c->result.errors;

		if (s->kind != known)
			continue;
		memcpy(&obj, &blank, kind->bytes);
		compile_doc_fill(c, s, kind, &obj);
		/* A quote was left out, and that was said: more than one option is in it. */
		if (s->torn && c->result.errors > errors)
			s->tried = COMPILE_TRIED_ALL;
		check_section(c, s, kind);
		if (kind->make != NULL && !kind->single)
			c->result.sections++;
		if (kind->make != NULL)
			kind->make(c, s, part->mem, &obj);
	}
}

const struct compile_result *
compile_end(struct compile *c)
{
	uci_end(&c->uci);
	if (c->binary)
		return &c->result;
	tell_lost(c);
	compile_doc_index(c);
	for (unsigned i = 0; i < c->nparts; i++) {
		const struct compile_part *p = &c->part[i];

		if (p->schema->begin != NULL)
			p->schema->begin(c, p->mem);
		for (const struct schema_section *k = p->schema->sections;
		     k->type != NULL; k++)
			make_sections(c, p, k);
	}
	for (unsigned i = 0; i < c->nparts; i++)
		if (c->part[i].schema->finish != NULL)
			c->part[i].schema->finish(c, c->part[i].mem);
	if (c->result.sections == 0 && c->result.errors == 0 && c->core->enabled)
		compile_warn(c, (struct uci_pos){ .line = 0 },
			     "nothing is configured here");
	return &c->result;
}
