/* SPDX-License-Identifier: MIT */
/* check_misc.c -- a script of the operator's says how the server is, by its exit status.
 *
 * With misc_dynamic a status of 2 and more is a pass and asks for the weight that is two less, as
 * with keepalived, save for the two by which shells and we say that a program could not be
 * run: they would pass with a weight of 124 or 125.  A script that ran too long is ended by the
 * parent and told by probe.
 */
#include <sys/wait.h>

#include "checker.h"
#include "spawn.h"

static enum checker_step
ended(struct checker_run *run, int status)
{
	if (status == SPAWN_NOT_RUN)
		return checker_down(run, CHECKER_LOCAL, "the script could not be run");
	if (WIFSIGNALED(status))
		return checker_down(run, CHECKER_EXIT, "signal %d", WTERMSIG(status));
	if (!WIFEXITED(status))
		return checker_down(run, CHECKER_EXIT, "wait status %d", status);

	const int code = WEXITSTATUS(status);

	if (code == SPAWN_DENIED || code == SPAWN_MISSING)
		return checker_down(run, CHECKER_EXIT, "status %d: not run", code);
	if (code >= 2 && run->check->u.misc.dynamic) {
		run->weight = code - 2;
		return CHECKER_UP;
	}
	return code == 0 ? CHECKER_UP : checker_down(run, CHECKER_EXIT, "status %d", code);
}

const struct checker check_misc = {
	.name = "misc",
	.link = CHECKER_SCRIPT,
	.ended = ended,
};
