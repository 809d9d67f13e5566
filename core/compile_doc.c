/* SPDX-License-Identifier: MIT */
/* compile_doc.c -- what the text says, for those who turn it into the image. */
#include <string.h>

#include "compile.h"
#include "suggest.h"

const char *
compile_doc_str(const struct compile *c, const struct compile_value *v)
{
	return c->text + v->text;
}

static const struct compile_value *
at(const struct compile *c, uint16_t ref)
{
	return ref != 0 ? &c->value[ref - 1] : NULL;
}

uint32_t
compile_doc_mark(const char *option)
{
	const uint8_t *b = (const uint8_t *)option;

	return UINT32_C(1) << ((b[0] * 5u + b[1] * 3u + (b[1] ? b[2] : 0u)) & 31);
}

/* Most questions are about what is not there. */
const struct compile_value *
compile_doc_first(const struct compile *c, const struct compile_section *s,
		  const char *option)
{
	if (!(s->has & compile_doc_mark(option)))
		return NULL;
	for (const struct compile_value *v = at(c, s->first); v != NULL;
	     v = at(c, v->more))
		if (v->row->name == option || strcmp(v->row->name, option) == 0)
			return v;
	return NULL;
}

const struct compile_value *
compile_doc_next(const struct compile *c, const struct compile_value *v)
{
	return at(c, v->next);
}

struct uci_pos
compile_doc_where(const struct compile *c, const struct compile_section *s,
		  const char *option)
{
	const struct compile_value *v = compile_doc_first(c, s, option);

	return v != NULL ? v->at : s->at;
}

struct uci_pos
compile_doc_inside(const struct compile_value *v, size_t off)
{
	struct uci_pos p = v->at;

	if (v->body != 0)
		p.column = v->body + (uint32_t)off;
	return p;
}

const char *
compile_doc_name(const struct compile *c, const struct compile_section *s)
{
	return c->text + s->title;
}

uint32_t
compile_doc_bucket(const char *s)
{
	uint32_t h = 2166136261;	/* FNV-1a */

	for (; *s != '\0'; s++)
		h = (h ^ (uint8_t)*s) * 16777619;
	return (h ^ h >> 16) % COMPILE_BUCKETS;
}

const struct compile_section *
compile_doc_lookup(const struct compile *c, const char *type, const char *name)
{
	for (uint16_t i = c->by_name[compile_doc_bucket(name)]; i != 0;
	     i = c->section[i - 1].next_name) {
		const struct compile_section *s = &c->section[i - 1];

		if (!s->kind->single && strcmp(compile_doc_name(c, s), name) == 0 &&
		    strcmp(s->kind->type, type) == 0)
			return s;
	}
	return NULL;
}

const struct compile_section *
compile_doc_single(const struct compile *c, const char *type)
{
	for (uint16_t i = c->by_name[compile_doc_bucket(type)]; i != 0;
	     i = c->section[i - 1].next_name) {
		const struct compile_section *s = &c->section[i - 1];

		if (s->kind->single && strcmp(s->kind->type, type) == 0)
			return s;
	}
	return NULL;
}

/* Of several that are the same only the first is found, so only that one is put in. */
void
compile_doc_index(struct compile *c)
{
	for (uint32_t i = 0; i < c->nsections; i++) {
		struct compile_section *s = &c->section[i];
		const struct compile_value *v = compile_doc_first(c, s, "name");
		const char *type = s->kind->type;

		s->title = v != NULL ? v->text : s->name;

		const char *key = s->kind->single ? type : compile_doc_name(c, s);

		if (s->kind->single ? compile_doc_single(c, type) != NULL :
				      compile_doc_lookup(c, type, key) != NULL)
			continue;

		uint16_t *bucket = &c->by_name[compile_doc_bucket(key)];

		s->next_name = *bucket;
		*bucket = (uint16_t)(i + 1);
	}
}

const char *
compile_doc_nearest(const struct compile *c, const char *type, const char *name)
{
	struct suggest s;

	suggest_begin(&s, name);
	for (uint32_t i = 0; i < c->nsections; i++)
		if (strcmp(c->section[i].kind->type, type) == 0)
			suggest_offer(&s, compile_doc_name(c, &c->section[i]));
	return s.best;
}

const struct schema_row *
compile_doc_row(const struct compile_section *s, const struct schema_section *kind,
		const struct compile_value *v)
{
	return s->kind == kind && !s->shared ? v->row : schema_row(kind, v->row->name);
}

void
compile_doc_fill(struct compile *c, const struct compile_section *s,
		 const struct schema_section *kind, void *obj)
{
	for (const struct compile_value *v = at(c, s->first); v != NULL;
	     v = at(c, v->more))
		if (v->row->bytes != 0 && compile_doc_row(s, kind, v) == v->row)
			(void)compile_value_set(c, v->row, compile_doc_str(c, v), v->len,
						v->at, obj);
	if (s->name == 0 || compile_doc_first(c, s, "name") != NULL)
		return;

	assert(c->text != NULL);	/* it has the name of this section */
	const struct schema_row *r = schema_row(kind, "name");

	if (r != NULL && r->bytes != 0)
		(void)compile_value_set(c, r, c->text + s->name, strlen(c->text + s->name),
					s->name_at, obj);
}

void
compile_doc_build(struct compile *c, const struct compile_section *s,
		  const struct schema_section *kind, void *obj)
{
	memset(obj, 0, kind->bytes);
	for (const struct schema_row *r = kind->rows; r != NULL; r = schema_next(r))
		if (r->bytes != 0 && !r->alias)
			compile_value_default(r, obj);
	if (s != NULL)
		compile_doc_fill(c, s, kind, obj);
}
