/* SPDX-License-Identifier: MIT */
/* check.c -- the health-check child: one constant of functions and tables. */
#include "check.h"

#include "check_schema.h"

static int
start(struct child_env *env, struct mono now)
{
	(void)env;
	(void)now;
	return 0;
}

static void
apply(struct child_env *env, const struct conf_image *prev,
      const struct conf_image *next, struct mono now)
{
	(void)env;
	(void)prev;
	(void)next;
	(void)now;
}

static void
stop(struct child_env *env, struct mono now)
{
	(void)env;
	(void)now;
}

static const struct report_table *const tables[] = { NULL };
static const struct child_verb verbs[] = { { .name = NULL } };
static const unsigned npools;

const struct child check_child = {
	.name = "check",
	.conf_bytes = sizeof(struct check_conf),
	.schema = &check_schema,
	.tables = tables,
	.verbs = verbs,
	.npools = &npools,
	.start = start,
	.apply = apply,
	.stop = stop,
};
