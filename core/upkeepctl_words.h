/* SPDX-License-Identifier: MIT */
/* upkeepctl_words.h -- the verbs of the client: its own, those of every child, and those
 * of one child.  One list for help, abbreviations and suggestions.
 */
#ifndef UPKEEPCTL_WORDS_H
#define UPKEEPCTL_WORDS_H

#include "upkeepctl_out.h"

enum upkeepctl_words_kind {
	UPKEEPCTL_WORDS_CHECK,
	UPKEEPCTL_WORDS_KEYS,
	UPKEEPCTL_WORDS_DIGEST,
	UPKEEPCTL_WORDS_HELP,
	UPKEEPCTL_WORDS_COMMON,		/* control_verbs[] */
	UPKEEPCTL_WORDS_CHILD,		/* child->verbs */
};

struct upkeepctl_words {
	enum upkeepctl_words_kind kind;
	unsigned child;			/* CHILD: the first that has it */
	const char *name;
	const char *args;
	const char *what;
};

/* The i-th verb; false past the last. */
bool upkeepctl_words_at(unsigned i, struct upkeepctl_words *out);

/* The verb that `typed` is, or begins alone; else false after a line on standard error. */
bool upkeepctl_words_find(const char *typed, struct upkeepctl_words *out);

/* "  status [json]          everything there is to know" */
void upkeepctl_words_print(struct upkeepctl_out *o, const struct upkeepctl_words *w);

#endif
