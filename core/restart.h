/* SPDX-License-Identifier: MIT */
/* restart.h -- the next binary: it is looked at, tried in a process of its own, and put in this
 * one's place.
 *
 * The trial is a dress rehearsal: the new binary reads the very note (handover.h) that it would
 * be left, compiles the configuration into the image that it will then use, and looks whether it
 * can take up what the children keep.  What was tried is what is executed: the open file, not
 * whatever its path names by then.  Whether and when is the parent's (proc_restart.c).
 */
#ifndef RESTART_H
#define RESTART_H

#include <sys/types.h>

#include "loop.h"
#include "proc.h"

#define RESTART_TEXT	160		/* bytes of a reason, with NUL */
#define RESTART_LIMIT_US	(25 * (int64_t)MONO_US_PER_S)

/* What a binary that can take over says first, and its exit statuses. */
#define RESTART_WORD	"upkeepd can take over"
#define RESTART_FITS	0		/* all that the children keep can be taken up */
#define RESTART_STRANGE	3		/* some of it can't: they end in order before */
#define RESTART_REFUSED	1

struct restart_result {
	bool good;
	bool fits;			/* as RESTART_FITS says */
	char text[RESTART_TEXT];	/* why not, or what the trial has said */
};

struct restart {
	struct loop *loop;
	pid_t pid;			/* of the trial; 0: none runs */
	int binary_fd;			/* what was tried, -1: nothing */
	int image_fd;			/* what the trial has compiled, -1 */
	int out_fd;			/* what it says */
	struct timer limit;
	int64_t limit_us;
	void (*done)(struct restart *r, const struct restart_result *res, struct mono now);
};

/* The path of this binary, absolute, as it was given to execve(2); "" when that is unknown. */
void restart_path(char *path, size_t cap);

/* `done` is set by the caller before. */
void restart_open(struct restart *r, struct loop *l);

/* Looks at the binary and opens what the note has to name: r->image_fd.  NULL, or why it can't
 * be (a line in `why`). */
const char *restart_look(struct restart *r, const char *path, char why[RESTART_TEXT]);

/* Starts the trial with the note in `note_fd`, which stays the caller's; what the note names is
 * not close-on-exec meanwhile.  0 or -errno. */
port_must_check int restart_start(struct restart *r, const struct proc_options *opt, int note_fd,
				  struct mono now);

/* Process `pid` has ended and was not yet waited for.  true: it was the trial, is reaped, and
 * done() was called; the binary and the image stay open. */
bool restart_ended(struct restart *r, pid_t pid, struct mono now);

/* Puts the binary that was tried in the place of this process: every descriptor that is to
 * stay was told so before.  Returns only when that failed: -errno. */
int restart_exec(const struct restart *r, const struct proc_options *opt, int note_fd);

/* Ends a trial and closes all; done() is not called. */
void restart_close(struct restart *r);

/* In a process that was forked: closes what is the parent's. */
void restart_forget(struct restart *r);

/* In the new binary: tells on standard output whether it can take over what the note in
 * `note_fd` says, and compiles the image into the file that it names.  Its exit status. */
int restart_try(const struct proc_options *opt, int note_fd);

#endif
