/* SPDX-License-Identifier: MIT */
/* control_help.h -- what `?` answers: the verbs, or what one verb takes. */
#ifndef CONTROL_HELP_H
#define CONTROL_HELP_H

#include "control_client.h"

/* All verbs of this child, a line each. */
void control_help_verbs(struct control_client *c);

/* One verb, `common` or `own`: its line; before its object is typed also the
 * objects it could take. */
void control_help_verb(struct control_client *c, const struct control_verb *common,
		       const struct child_verb *own, bool object_typed);

#endif
