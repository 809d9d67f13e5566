/* SPDX-License-Identifier: MIT */
/* check_schema_other.c -- options whose meaning other files of check/ and core/ know. */
#include "check_schema.h"

bool
check_schema_dialogue(struct compile *c, const struct compile_value *v, uint16_t *row)
{
	(void)row;
	compile_error(c, v->at, "dialogue: not in this build");
	return false;
}

bool
check_schema_dns(struct compile *c, const struct compile_section *s, struct check_conf *part,
		 uint16_t type, struct check_conf_dns *out)
{
	(void)part, (void)type, (void)out;
	compile_error(c, s->at, "dns: not in this build");
	return false;
}

bool
check_schema_pattern(struct compile *c, const struct compile_section *s,
		     struct check_conf *part, bool icase, struct check_conf_url *out)
{
	(void)c, (void)s, (void)part, (void)icase, (void)out;
	return true;
}
