/* SPDX-License-Identifier: MIT */
/* control_help.c -- help is a report like any other: one row a verb or object, so
 * that a list of any length needs no buffer.
 */
#include "control_help.h"

#include <string.h>

/* ---- verbs ------------------------------------------------------------------------ */

/* Common verbs first, then the child's.  A row is the pointer to either. */
static const void *
verb_row(const void *parent, unsigned i)
{
	(void)parent;
	for (const struct control_verb *v = control_verbs; v->name; v++)
		if (i-- == 0)
			return v;
	const struct child_verb *v = control_self()->env->child->verbs;
	for (; v && v->name; v++)
		if (i-- == 0)
			return v;
	return NULL;
}

static bool
is_common(const void *row)
{
	for (const struct control_verb *v = control_verbs; v->name; v++)
		if (row == v)
			return true;
	return false;
}

static void
get_usage(const void *row, struct report_value *v)
{
	const struct control_verb *common = row;
	const struct child_verb *own = row;
	const bool c = is_common(row);
	strfmt_to(v->text, sizeof v->text, "%s %s", c ? common->name : own->name,
		  c ? common->args : own->args ? own->args : "");
	v->s = v->text;
}

static void
get_what(const void *row, struct report_value *v)
{
	const struct control_verb *common = row;
	const struct child_verb *own = row;
	v->s = is_common(row) ? common->what : own->what;
}

static const struct report_field verb_fields[] = {
	{ .name = "verb", .kind = REPORT_STR, .get = get_usage, .column = 24,
	  .heading = "VERB" },
	{ .name = "what", .kind = REPORT_STR, .get = get_what, .column = REPORT_REST,
	  .heading = "WHAT IT DOES" },
	{ .name = NULL }
};

static const struct report_table verbs_table = {
	.name = "verbs", .row = verb_row, .fields = verb_fields,
};

/* ---- objects ------------------------------------------------------------------------ */

/* The row is the name itself. */
static const void *
object_row(const void *parent, unsigned i)
{
	(void)parent;
	struct child_env *env = control_self()->env;
	return env->child->object ? env->child->object(env, i) : NULL;
}

static void
get_object(const void *row, struct report_value *v)
{
	v->s = row;
}

static const struct report_field object_fields[] = {
	{ .name = "name", .kind = REPORT_STR, .get = get_object,
	  .column = REPORT_REST, .heading = "IT CAN TAKE" },
	{ .name = NULL }
};

static const struct report_table objects_table = {
	.name = "objects", .row = object_row, .fields = object_fields,
};

void
control_help_verbs(struct control_client *c)
{
	control_table(c, &verbs_table, NULL);
}

void
control_help_verb(struct control_client *c, const struct control_verb *common,
		  const struct child_verb *own, bool object_typed)
{
	const char *name = common ? common->name : own->name;
	const char *args = common ? common->args : own->args ? own->args : "";
	const char *what = common ? common->what : own->what;
	control_ok(c, "%s%s%s\n  %s", name, *args ? " " : "", args, what);
	if (!common && *args && *args != '[' && !object_typed) {
		report_start_one(&c->cursor, REPORT_COLUMNS, &objects_table, NULL);
		c->body = true;
	}
}
