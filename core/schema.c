/* SPDX-License-Identifier: MIT */
/* schema.c -- rows of the configuration: looking them up, and telling what they allow. */
#include "schema.h"

#include <string.h>
#include <sys/socket.h>

#include "mono.h"
#include "strfmt.h"

const char *
schema_type_name(enum schema_type t)
{
	static const char *const name[] = {
#define SCHEMA_KEY(id, key, text)	[SCHEMA_##id] = key,
		SCHEMA_TYPES(SCHEMA_KEY)
#undef SCHEMA_KEY
	};

	assert(t < SCHEMA__N);
	return name[t];
}

/* "a whole number" */
static const char *
looks(enum schema_type t)
{
	static const char *const text[] = {
#define SCHEMA_LOOKS(id, key, text)	[SCHEMA_##id] = text,
		SCHEMA_TYPES(SCHEMA_LOOKS)
#undef SCHEMA_LOOKS
	};

	assert(t < SCHEMA__N);
	return text[t];
}

const struct schema_row *
schema_next(const struct schema_row *r)
{
	r++;
	return r->name != NULL ? r : r->more;
}

const char *
schema_unit(const struct schema_row *r)
{
	return r->type == SCHEMA_SECONDS ? "s" : r->type == SCHEMA_INT ? r->unit : NULL;
}

const char *
schema_why(const struct schema_row *r)
{
	return r->service == SCHEMA_REFUSED ? r->why : NULL;
}

const char *
schema_deftext(const struct schema_row *r)
{
	return r->alias || r->type == SCHEMA_REF || r->service == SCHEMA_REFUSED ? NULL :
	       r->deftext;
}

/* A row's number as the member has it. */
static int64_t
scaled(const struct schema_row *r, int64_t n)
{
	return r->type == SCHEMA_SECONDS && n > 0 ? n * MONO_US_PER_MS : n;
}

int64_t
schema_min(const struct schema_row *r)
{
	return scaled(r, r->min);
}

int64_t
schema_max(const struct schema_row *r)
{
	return scaled(r, r->max);
}

int64_t
schema_def(const struct schema_row *r)
{
	return scaled(r, r->def);
}

const struct schema_section *
schema_section(const struct schema *s, const char *type)
{
	for (const struct schema_section *x = s->sections; x->type != NULL; x++)
		if (strcmp(x->type, type) == 0)
			return x;
	return NULL;
}

const struct schema_row *
schema_row(const struct schema_section *s, const char *name)
{
	for (const struct schema_row *r = s->rows; r != NULL; r = schema_next(r))
		if (r->name[0] == name[0] && strcmp(r->name, name) == 0)
			return r;
	return NULL;
}

bool
schema_bool(bool *out, const char *s, size_t len)
{
	static const char *const words[][2] = {	/* no, yes */
		{ "0", "1" }, { "no", "yes" }, { "off", "on" },
		{ "false", "true" }, { "disabled", "enabled" },
	};

	for (size_t i = 0; i < PORT_ARRAY_SIZE(words); i++)
		for (unsigned yes = 0; yes < 2; yes++)
			if (strlen(words[i][yes]) == len &&
			    memcmp(words[i][yes], s, len) == 0) {
				*out = yes != 0;
				return true;
			}
	return false;
}

const char *
schema_seconds(int64_t us, char *out, size_t cap)
{
	struct strfmt f;
	int64_t rest = us % MONO_US_PER_S;

	strfmt_init(&f, out, cap);
	strfmt_put(&f, "%lld", (long long)(us / MONO_US_PER_S));
	if (rest != 0)
		strfmt_char(&f, '.');
	for (int64_t digit = MONO_US_PER_S / 10; digit > 0 && rest != 0; digit /= 10) {
		strfmt_char(&f, (char)('0' + rest / digit));
		rest %= digit;
	}
	return out;
}

static void
put_words(struct strfmt *f, const struct schema_word *w)
{
	const struct schema_word *last = NULL;

	for (const struct schema_word *x = w; x->text != NULL; x++)
		if (x->refused == NULL)
			last = x;
	for (const struct schema_word *x = w; x->text != NULL; x++) {
		if (x->refused != NULL)
			continue;
		if (x != w)
			strfmt_put(f, x == last ? " or " : ", ");
		strfmt_put(f, "%s", x->text);
	}
}

static const char *
family_name(uint8_t family)
{
	return family == AF_INET ? "IPv4" : family == AF_INET6 ? "IPv6" : "IP";
}

const char *
schema_allowed(const struct schema_row *r, char *out, size_t cap)
{
	struct strfmt f;
	char lo[24], hi[24];

	strfmt_init(&f, out, cap);
	switch (r->type) {
	case SCHEMA_INT:
		strfmt_put(&f, "%d..%u%s%s", r->min, (unsigned)r->max,
			   r->unit ? " " : "", r->unit ? r->unit : "");
		break;
	case SCHEMA_SECONDS:
		strfmt_put(&f, "%s..%s s", schema_seconds(schema_min(r), lo, sizeof lo),
			   schema_seconds(schema_max(r), hi, sizeof hi));
		break;
	case SCHEMA_WORD:
		put_words(&f, r->words);
		break;
	case SCHEMA_TEXT:
	case SCHEMA_NAME:
		strfmt_put(&f, "%s of 1 to %u characters", r->type == SCHEMA_TEXT ?
			   "text" : "a name", (unsigned)r->max);
		break;
	case SCHEMA_ADDR:
		strfmt_put(&f, "an %s address", family_name(r->family));
		break;
	case SCHEMA_IFNAME:
		strfmt_put(&f, "the name of an interface, at most %d characters",
			   NET_IFNAME - 1);
		break;
	case SCHEMA_REF:
		if (r->ref != NULL)
			strfmt_put(&f, "the name of a section '%s'", r->ref);
		if (r->form != NULL)
			strfmt_put(&f, "%s%s", r->ref != NULL ? ", or " : "", r->form);
		break;
	case SCHEMA_BOOL:
	case SCHEMA_PREFIX:
	case SCHEMA_SCRIPT:
	case SCHEMA__N:
		strfmt_put(&f, "%s", looks(r->type));
		break;
	}
	return out;
}

const char *
schema_default(const struct schema_row *r, char *out, size_t cap)
{
	struct strfmt f;
	char text[24];

	strfmt_init(&f, out, cap);
	if (schema_deftext(r) != NULL) {
		strfmt_put(&f, "%s", r->deftext);
		return out;
	}
	if (r->list || r->required || r->alias || r->service != SCHEMA_SERVED)
		return out;
	switch (r->type) {
	case SCHEMA_BOOL:
	case SCHEMA_INT:
		strfmt_put(&f, "%lld", (long long)schema_def(r));
		break;
	case SCHEMA_SECONDS:
		strfmt_put(&f, "%s", schema_seconds(schema_def(r), text, sizeof text));
		break;
	case SCHEMA_WORD:
		for (const struct schema_word *w = r->words; w->text != NULL; w++)
			if (w->value == r->def) {
				strfmt_put(&f, "%s", w->text);
				break;
			}
		break;
	case SCHEMA_TEXT:
	case SCHEMA_NAME:
	case SCHEMA_ADDR:
	case SCHEMA_PREFIX:
	case SCHEMA_IFNAME:
	case SCHEMA_SCRIPT:
	case SCHEMA_REF:
	case SCHEMA__N:
		break;
	}
	return out;
}
