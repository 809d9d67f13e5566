/* SPDX-License-Identifier: MIT */
/* schema_keys.c -- `upkeepctl keys`: the reference of all options, printed from the rows
 * as text, JSON, or the tables of the manual.
 */
#include <string.h>
#include <sys/socket.h>

#include "child.h"
#include "globals.h"
#include "json.h"
#include "mono.h"
#include "schema.h"
#include "upkeepctl_out.h"

#define WIDTH		79
#define ROW_TEXT	640

/* Core's schema first, then each child's; NULL behind the last. */
static const struct schema *
schema_at(unsigned i)
{
	if (i == 0)
		return &globals_schema;
	return i <= child_count ? child_table[i - 1]->schema : NULL;
}

/* A section type that an earlier schema has was printed with that one. */
static bool
is_first(unsigned schema, const char *type)
{
	for (unsigned i = 0; i < schema; i++)
		if (schema_section(schema_at(i), type) != NULL)
			return false;
	return true;
}

/* A way to print.  A section's rows come from all schemas that know its type. */
struct format {
	void (*section)(struct upkeepctl_out *o, const struct schema_section *k);
	void (*row)(struct upkeepctl_out *o, const struct schema_row *r, bool first);
	void (*section_end)(struct upkeepctl_out *o, const struct schema_section *k);
	const char *begin, *between, *end;
};

static void
print_rows(struct upkeepctl_out *o, const struct format *f, const char *type)
{
	bool first = true;

	for (unsigned i = 0; schema_at(i) != NULL; i++) {
		const struct schema_section *k = schema_section(schema_at(i), type);

		if (k == NULL)
			continue;
		for (const struct schema_row *r = k->rows; r != NULL; r = schema_next(r)) {
			f->row(o, r, first);
			first = false;
		}
	}
}

static void
print_all(struct upkeepctl_out *o, const struct format *f)
{
	bool first = true;

	upkeepctl_out_put(o, "%s", f->begin);
	for (unsigned i = 0; schema_at(i) != NULL; i++)
		for (const struct schema_section *k = schema_at(i)->sections;
		     k->type != NULL; k++) {
			if (!is_first(i, k->type))
				continue;
			upkeepctl_out_put(o, "%s", first ? "" : f->between);
			first = false;
			f->section(o, k);
			print_rows(o, f, k->type);
			f->section_end(o, k);
		}
	upkeepctl_out_put(o, "%s", f->end);
}

/* ---- text ------------------------------------------------------------------------ */

/* Words of `s`, broken at WIDTH, each line but the first behind `indent` spaces. */
static void
wrap(struct upkeepctl_out *o, unsigned at, unsigned indent, const char *s)
{
	unsigned column = at;
	bool begun = false;	/* a word stands on this line already */

	while (*s != '\0') {
		const size_t n = strcspn(s, " ");

		if (column > indent && column + 1 + n > WIDTH) {
			upkeepctl_out_put(o, "\n%*s", (int)indent, "");
			column = indent;
		} else if (begun) {
			upkeepctl_out_put(o, " ");
			column++;
		}
		upkeepctl_out_bytes(o, s, n);
		column += (unsigned)n;
		begun = true;
		s += n;
		while (*s == ' ')
			s++;
	}
	upkeepctl_out_put(o, "\n");
}

/* "seconds, 0.01..255 s, default 1": what a value may be. */
static const char *
describe(const struct schema_row *r, char out[ROW_TEXT])
{
	char text[256];
	struct strfmt f;

	strfmt_init(&f, out, ROW_TEXT);
	strfmt_put(&f, "%s%s%s", r->list ? "list of " : "",
		   r->family == AF_INET ? "IPv4 " : r->family == AF_INET6 ? "IPv6 " : "",
		   schema_type_name(r->type));
	if (r->service != SCHEMA_SERVED) {
		strfmt_put(&f, "; not served by this build");
		return out;
	}
	if (r->alias) {
		strfmt_put(&f, "; see %s", r->of);
		return out;
	}
	if (r->type == SCHEMA_REF || r->type == SCHEMA_INT || r->type == SCHEMA_SECONDS ||
	    r->type == SCHEMA_WORD)
		strfmt_put(&f, ", %s", schema_allowed(r, text, sizeof text));
	else if (r->type == SCHEMA_TEXT || r->type == SCHEMA_NAME)
		strfmt_put(&f, ", at most %u characters", (unsigned)r->max);
	if (r->required)
		strfmt_put(&f, ", required");
	else if (schema_default(r, text, sizeof text)[0] != '\0')
		strfmt_put(&f, ", default %s", text);
	return out;
}

static void
text_section(struct upkeepctl_out *o, const struct schema_section *k)
{
	upkeepctl_out_put(o, "config %s%s\n  ", k->type, k->named ? " 'NAME'" : "");
	wrap(o, 2, 2, k->what);
	if (k->service != SCHEMA_SERVED)
		upkeepctl_out_put(o, "  (not served by this build: ignored with a "
				  "warning)\n");
}

static void
text_row(struct upkeepctl_out *o, const struct schema_row *r, bool first)
{
	char text[ROW_TEXT];

	(void)first;
	upkeepctl_out_put(o, "\n  %s  ", r->name);
	wrap(o, (unsigned)strlen(r->name) + 4, 6, describe(r, text));
	upkeepctl_out_put(o, "      ");
	wrap(o, 6, 6, r->what);
}

static void
text_end(struct upkeepctl_out *o, const struct schema_section *k)
{
	(void)o;
	(void)k;
}

/* ---- JSON ------------------------------------------------------------------------ */

static void
json_words(struct json *j, const struct schema_word *w)
{
	json_array(j);
	for (; w->text != NULL; w++)
		if (w->refused == NULL)
			json_text(j, w->text);
	json_array_end(j);
}

static void
json_number(struct json *j, const struct schema_row *r, const char *key, int64_t v)
{
	json_key(j, key);
	if (r->type == SCHEMA_SECONDS)
		json_fixed(j, v, MONO_US_PER_S);
	else
		json_int(j, v);
}

/* The default in its own type where a constant says it, else as words. */
static void
json_default(struct json *j, const struct schema_row *r)
{
	char text[128];

	schema_default(r, text, sizeof text);
	if (text[0] == '\0')
		return;
	if (schema_deftext(r) != NULL || r->type == SCHEMA_WORD) {
		json_key(j, "default");
		json_text(j, text);
	} else if (r->type == SCHEMA_BOOL) {
		json_key(j, "default");
		json_bool(j, r->def != 0);
	} else {
		json_number(j, r, "default", schema_def(r));
	}
}

static void
json_row(struct upkeepctl_out *o, const struct schema_row *r, bool first)
{
	char text[2048];
	struct strfmt f;
	struct json j;
	const bool served = r->service == SCHEMA_SERVED;

	strfmt_init(&f, text, sizeof text);
	json_init(&j, &f);
	json_object(&j);
	json_key(&j, "name");
	json_text(&j, r->name);
	json_key(&j, "type");
	json_text(&j, schema_type_name(r->type));
	if (schema_unit(r) != NULL) {
		json_key(&j, "unit");
		json_text(&j, schema_unit(r));
	}
	if (served && (r->type == SCHEMA_INT || r->type == SCHEMA_SECONDS)) {
		json_number(&j, r, "min", schema_min(r));
		json_number(&j, r, "max", schema_max(r));
	}
	if (served && (r->type == SCHEMA_TEXT || r->type == SCHEMA_NAME)) {
		json_key(&j, "length");
		json_int(&j, r->max);
	}
	if (r->family != 0) {
		json_key(&j, "family");
		json_text(&j, r->family == AF_INET6 ? "IPv6" : "IPv4");
	}
	if (r->secret) {
		json_key(&j, "secret");
		json_bool(&j, true);
	}
	if (r->type == SCHEMA_WORD) {
		json_key(&j, "words");
		json_words(&j, r->words);
	}
	if (r->type == SCHEMA_REF) {
		json_key(&j, "section");
		json_text(&j, r->ref);
		json_key(&j, "form");
		json_text(&j, r->form);
	}
	json_default(&j, r);
	if (r->alias) {
		json_key(&j, "alias");
		json_text(&j, r->of);
	}
	json_key(&j, "list");
	json_bool(&j, r->list);
	json_key(&j, "required");
	json_bool(&j, r->required);
	json_key(&j, "served");
	json_bool(&j, served);
	json_key(&j, "description");
	json_text(&j, r->what);
	json_object_end(&j);
	assert(json_done(&j));
	upkeepctl_out_put(o, "%s\n  ", first ? "" : ",");
	upkeepctl_out_bytes(o, text, f.n);
}

static void
json_section(struct upkeepctl_out *o, const struct schema_section *k)
{
	char what[160];
	struct strfmt f;

	strfmt_init(&f, what, sizeof what);
	json_quote(&f, k->what, strlen(k->what));
	upkeepctl_out_put(o, "{\"section\":\"%s\",\"description\":%s,\"named\":%s,"
			  "\"single\":%s,\"served\":%s,\"options\":[", k->type, what,
			  k->named ? "true" : "false", k->single ? "true" : "false",
			  k->service == SCHEMA_SERVED ? "true" : "false");
}

static void
json_section_end(struct upkeepctl_out *o, const struct schema_section *k)
{
	(void)k;
	upkeepctl_out_put(o, "]}");
}

/* ---- manual ---------------------------------------------------------------------- */

/* Text for roff: no line begins with a request, backslash and minus are themselves. */
static void
roff(struct upkeepctl_out *o, const char *s)
{
	if (*s == '.' || *s == '\'')
		upkeepctl_out_put(o, "\\&");
	for (; *s != '\0'; s++) {
		if (*s == '\\')
			upkeepctl_out_put(o, "\\e");
		else if (*s == '-')
			upkeepctl_out_put(o, "\\-");
		else
			upkeepctl_out_bytes(o, s, 1);
	}
}

static void
man_section(struct upkeepctl_out *o, const struct schema_section *k)
{
	upkeepctl_out_put(o, ".SS \"config %s%s\"\n", k->type,
			  k->named ? " \\(aqNAME\\(aq" : "");
	roff(o, k->what);
	upkeepctl_out_put(o, "%s.\n", k->service == SCHEMA_SERVED ? "" :
			  " (not served by this build: ignored with a warning)");
}

static void
man_row(struct upkeepctl_out *o, const struct schema_row *r, bool first)
{
	char text[ROW_TEXT];

	(void)first;
	upkeepctl_out_put(o, ".TP\n\\fB%s\\fR (", r->name);
	roff(o, describe(r, text));
	upkeepctl_out_put(o, ")\n");
	roff(o, r->what);
	upkeepctl_out_put(o, "\n");
}

int
schema_keys_main(int fd_out, const char *format)
{
	static const struct format text = {
		text_section, text_row, text_end, "", "\n", "",
	};
	static const struct format json = {
		json_section, json_row, json_section_end, "[", ",\n", "]\n",
	};
	static const struct format man = {
		man_section, man_row, text_end, "", "", "",
	};
	struct upkeepctl_out o;

	upkeepctl_out_init(&o, fd_out);
	print_all(&o, strcmp(format, "json") == 0 ? &json :
		      strcmp(format, "man") == 0 ? &man : &text);
	upkeepctl_out_flush(&o);
	return o.broken;
}
