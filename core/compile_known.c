/* SPDX-License-Identifier: MIT */
/* compile_known.c -- section types and options: those that there are, and the nearest one. */
#include <string.h>

#include "compile.h"
#include "suggest.h"

const struct schema_section *
compile_known_kind(struct compile *c, const char *type)
{
	/* Most sections are of one type: the last one's rows are there already. */
	if (c->type != NULL && strcmp(c->type->type, type) == 0)
		return c->type;
	c->type = NULL;
	for (unsigned i = 0; i < c->nparts; i++) {
		c->kind[i] = schema_section(c->part[i].schema, type);
		if (c->type == NULL)
			c->type = c->kind[i];
	}
	return c->type;
}

const struct schema_row *
compile_known_row(const struct compile *c, const char *name)
{
	for (unsigned i = 0; i < c->nparts; i++) {
		const struct schema_row *r = c->kind[i] != NULL ?
			schema_row(c->kind[i], name) : NULL;

		if (r != NULL)
			return r;
	}
	return NULL;
}

void
compile_known_no_type(struct compile *c, const struct uci_word *w)
{
	char shown[COMPILE_SHOWN];
	struct suggest s;

	suggest_begin(&s, w->s);
	for (unsigned i = 0; i < c->nparts; i++)
		for (const struct schema_section *k = c->part[i].schema->sections;
		     k->type != NULL; k++)
			suggest_offer(&s, k->type);
	c->misspelt = s.best;
	compile_value_shown(w->s, w->len, shown);
	if (s.best != NULL)
		compile_error(c, w->at, "unknown section type '%s': did you mean '%s'?",
			      shown, s.best);
	else
		compile_error(c, w->at, "unknown section type '%s': `upkeepctl keys` "
			      "lists all that there are", shown);
}

bool
compile_known_lost(const struct compile *c, const char *type)
{
	return c->misspelt != NULL && strcmp(c->misspelt, type) == 0;
}

/* The option of the present section that was meant; NULL: none is near.  That `section` lacks it
 * need not be said once more. */
static const char *
meant(const struct compile *c, struct compile_section *section, const char *typed)
{
	struct suggest s;
	unsigned n = 0;

	suggest_begin(&s, typed);
	for (unsigned i = 0; i < c->nparts; i++)
		for (const struct schema_row *r = c->kind[i] != NULL ? c->kind[i]->rows : NULL;
		     r != NULL; r = schema_next(r))
			suggest_offer(&s, r->name);
	if (s.best == NULL || section == NULL)
		return s.best;
	for (const struct schema_row *r = section->kind->rows; r != NULL; r = schema_next(r))
		if (r->required) {
			if (strcmp(r->name, s.best) == 0)
				section->tried |= COMPILE_TRIED(n);
			n++;
		}
	return s.best;
}

void
compile_known_no_option(struct compile *c, struct compile_section *section, const char *type,
			const struct uci_word *w)
{
	const char *best = meant(c, section, w->s);
	char shown[COMPILE_SHOWN];

	compile_value_shown(w->s, w->len, shown);
	if (best != NULL)
		compile_error(c, w->at, "unknown option '%s' in section %s: did you mean "
			      "'%s'?", shown, type, best);
	else
		compile_error(c, w->at, "unknown option '%s' in section %s: `upkeepctl "
			      "keys` lists all that there are", shown, type);
}

void
compile_known_no_name(struct compile *c, struct compile_section *section,
		      const struct uci_word *w)
{
	const char *best = meant(c, section, w->s);

	compile_error(c, w->at, "%s%s%s%s", uci_fault_text(UCI_FAULT_NAME),
		      best ? ": did you mean '" : "", best ? best : "", best ? "'?" : "");
}
