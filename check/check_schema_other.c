/* SPDX-License-Identifier: MIT */
/* check_schema_other.c -- options whose meaning other files of check/ and core/ know. */
#include <string.h>

#include "check_schema.h"
#include "dns.h"
#include "pattern.h"
#include "suggest.h"
#include "talk.h"

bool
check_schema_dialogue(struct compile *c, const struct compile_value *v, uint16_t *row)
{
	const char *const name = compile_doc_str(c, v);
	struct suggest near;
	char shown[COMPILE_SHOWN];

	suggest_begin(&near, name);
	for (unsigned i = 0; talk_rows[i].name != NULL; i++) {
		if (strcmp(talk_rows[i].name, name) == 0) {
			*row = (uint16_t)(i + 1);
			return true;
		}
		suggest_offer(&near, talk_rows[i].name);
	}
	compile_error(c, v->at, "there is no dialogue '%s'%s%s%s",
		      compile_value_shown(name, v->len, shown),
		      near.best ? "; did you mean '" : ": upkeep(5) lists them",
		      near.best ? near.best : "", near.best ? "'?" : "");
	return false;
}

bool
check_schema_dns(struct compile *c, const struct compile_section *s, struct check_conf *part,
		 uint16_t type, struct check_conf_dns *out)
{
	const struct compile_value *const v = compile_doc_first(c, s, "dns_name");
	const char *const text = v ? compile_doc_str(c, v) : ".";
	struct dns_name name;

	if (!dns_name_from_text(&name, text, v ? v->len : 1)) {
		compile_error(c, v ? v->at : s->at, "this is no name of the DNS: labels of 1 to 63 "
			      "bytes with dots between, 254 in all");
		return false;
	}
	out->type = type;
	out->name = check_schema_text(c, part, name.w, name.n, v ? v->at : s->at);
	out->answer = check_schema_text_option(c, part, s, "dns_answer");
	return out->name.at != 0;
}

bool
check_schema_pattern(struct compile *c, const struct compile_section *s,
		     struct check_conf *part, bool icase, struct check_conf_url *out)
{
	const struct compile_value *const yes = compile_doc_first(c, s, "regex");
	const struct compile_value *const no = compile_doc_first(c, s, "regex_no_match");
	const struct compile_value *const v = yes ? yes : no;
	uint8_t code[PATTERN_MAX];
	struct pattern_error e;

	if (v == NULL)
		return true;
	if (yes != NULL && no != NULL) {
		compile_error(c, no->at, "give one of regex and regex_no_match");
		return false;
	}

	const size_t n = pattern_compile(compile_doc_str(c, v), v->len, icase, code, &e);

	if (n == 0) {
		compile_error(c, compile_doc_inside(v, e.at), "%s: %s", v->row->name, e.why);
		return false;
	}
	out->pattern = check_schema_text(c, part, code, n, v->at);
	out->pattern_absent = yes == NULL;
	return out->pattern.at != 0;
}
