/* SPDX-License-Identifier: MIT */
/* spawn.h -- scripts, run by the parent only.
 *
 * A script is named by its reference into the image (conf.h), never by a string that a
 * child sends.  Each runs in its own process group, as its user, with a clean environment and a
 * deadline; one ordered queue per object, in which the newest state wins: while
 * a script of an object runs, a later one waits, and what waits is replaced by what is newer.
 */
#ifndef SPAWN_H
#define SPAWN_H

#include "conf.h"

#define SPAWN_TEXT	192		/* bytes of extra words of one job */

/* What to run, filled from the image by the child's `script` function. */
struct spawn_job {
	uint16_t script;		/* reference: index + 1 */
	uint16_t bytes;			/* used in text */
	uint8_t nargs;			/* extra arguments, first in text */
	uint8_t nenv;			/* NAME=VALUE words, after them */
	bool cut;			/* a word did not fit: not run */
	char text[SPAWN_TEXT];		/* words, each ended by NUL */
};

/* Appends one argument (before any environment word), or one NAME=VALUE. */
void spawn_arg(struct spawn_job *job, const char *word);
void spawn_env(struct spawn_job *job, const char *name, const char *value);

#endif
