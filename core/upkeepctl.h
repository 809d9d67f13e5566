/* SPDX-License-Identifier: MIT */
/* upkeepctl.h -- the client: asks the children's control sockets and prints what they
 * say, joined into one text, one JSON document, one set of metrics.
 *
 * Needs no configuration; `help`, `check`, `keys`, `digest` and --version need no daemon either.
 */
#ifndef UPKEEPCTL_H
#define UPKEEPCTL_H

#define UPKEEPCTL_RUN_DIR	"/var/run/upkeep"

/* Exit statuses. */
enum upkeepctl_exit {
	UPKEEPCTL_OK = 0,
	UPKEEPCTL_FAILED = 1,		/* refused, not reachable, or a bad file */
	UPKEEPCTL_USAGE = 2,		/* the command line makes no sense */
};

int upkeepctl_main(int argc, char **argv);

#endif
