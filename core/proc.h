/* SPDX-License-Identifier: MIT */
/* proc.h -- the parent: it loads the configuration, starts the children of child_table[],
 * watches over them, runs their scripts, and ends them in order.
 *
 * It is a small event loop that handles no packet and no text.  Files: proc.c (start, signals,
 * end), proc_child.c (one child's life), proc_conf.c (reloads), proc_restart.c (another
 * binary takes over).
 */
#ifndef PROC_H
#define PROC_H

#include "log.h"

#define PROC_RUN_DIR	"/var/run/upkeep"
#define PROC_FILE	"/etc/config/upkeep"

struct proc_options {
	const char *file;		/* configuration */
	const char *run_dir;		/* exists or can be created */
	enum log_level log_level;
	unsigned log_to;		/* LOG_TO_* */
	const char *binary;		/* path of this binary, "" unknown: for a restart */
	int note_fd;			/* what the binary before has left (handover.h); -1 */
};

/* The life of the daemon: takes the run folder, loads the configuration, runs until
 * SIGTERM or SIGINT.  Returns the exit status: 0, or 1 when it could not start
 * (one line in the log says why).  Once a process. */
int proc_run(const struct proc_options *opt);

#endif
