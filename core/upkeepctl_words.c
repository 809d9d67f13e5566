/* SPDX-License-Identifier: MIT */
/* upkeepctl_words.c -- the client's verbs, and what `?` lists. */
#include "upkeepctl_words.h"

#include <string.h>

#include "child.h"
#include "control.h"
#include "suggest.h"
#include "upkeepctl_digest.h"

/* What needs no daemon. */
static const struct upkeepctl_words own[] = {
	{ UPKEEPCTL_WORDS_CHECK, 0, "check", "FILE",
	  "checks a configuration and tells all that is wrong" },
	{ UPKEEPCTL_WORDS_KEYS, 0, "keys", "[json|man]",
	  "all that a configuration may say" },
	{ UPKEEPCTL_WORDS_DIGEST, 0, "digest", UPKEEPCTL_DIGEST_ARGS,
	  "what an HTTP check would see" },
	{ UPKEEPCTL_WORDS_HELP, 0, "help", "[VERB]",
	  "this list; \"?\" after any word says what may follow" },
};

bool
upkeepctl_words_at(unsigned i, struct upkeepctl_words *out)
{
	for (const struct control_verb *v = control_verbs; v->name; v++)
		if (i-- == 0) {
			*out = (struct upkeepctl_words){ UPKEEPCTL_WORDS_COMMON, 0,
				v->name, v->args, v->what };
			return true;
		}
	for (unsigned k = 0; k < child_count; k++) {
		const struct child_verb *v = child_table[k]->verbs;
		for (; v && v->name; v++)
			if (i-- == 0) {
				*out = (struct upkeepctl_words){ UPKEEPCTL_WORDS_CHILD,
					k, v->name, v->args ? v->args : "", v->what };
				return true;
			}
	}
	if (i >= PORT_ARRAY_SIZE(own))
		return false;
	*out = own[i];
	return true;
}

bool
upkeepctl_words_find(const char *typed, struct upkeepctl_words *out)
{
	const size_t len = strlen(typed);
	const char *first = NULL, *second = NULL;
	struct upkeepctl_words w;
	struct suggest near;
	suggest_begin(&near, typed);
	for (unsigned i = 0; upkeepctl_words_at(i, &w); i++) {
		suggest_offer(&near, w.name);
		if (strncmp(w.name, typed, len))
			continue;
		if (!w.name[len]) {
			*out = w;
			return true;
		}
		/* Two children may have a verb of the same name. */
		if (!first) {
			first = w.name;
			*out = w;
		} else if (!second && strcmp(first, w.name)) {
			second = w.name;
		}
	}
	if (first && !second)
		return true;
	if (first)
		upkeepctl_out_complain("\"%s\" is ambiguous: %s, %s", typed, first, second);
	else if (near.best)
		upkeepctl_out_complain("unknown verb \"%s\"; did you mean \"%s\"?", typed,
				       near.best);
	else
		upkeepctl_out_complain("unknown verb \"%s\"; \"upkeepctl ?\" lists them",
				       typed);
	return false;
}

void
upkeepctl_words_print(struct upkeepctl_out *o, const struct upkeepctl_words *w)
{
	char usage[64];
	strfmt_to(usage, sizeof usage, "%s %s", w->name, w->args);
	upkeepctl_out_put(o, "  %-22s %s\n", usage, w->what);
}
