/* SPDX-License-Identifier: MIT */
/* proc_inside.h -- the parent's state, shared by the proc*.c files alone. */
#ifndef PROC_INSIDE_H
#define PROC_INSIDE_H

#include <sys/types.h>

#include "backoff.h"
#include "child.h"
#include "handover.h"
#include "log.h"
#include "proc.h"
#include "reload.h"
#include "restart.h"
#include "spawn.h"
#include "watchdog.h"

/* How long children may take to end in order; how long until the daemon ends,
 * scripts included.  An init system kills after 5 s (procd's term_timeout). */
#define PROC_CHILD_END_US	(2 * (int64_t)MONO_US_PER_S)
#define PROC_END_US		(4500 * (int64_t)MONO_US_PER_MS)
#define PROC_TELL_US		(1 * (int64_t)MONO_US_PER_S)
#define PROC_HURRY_US		(500 * (int64_t)MONO_US_PER_MS)
/* From SIGTERM to SIGKILL for a child that hangs: this, or the hello interval. */
#define PROC_HANG_US		(500 * (int64_t)MONO_US_PER_MS)

struct proc;

/* One child, through all its lives. */
struct proc_child {
	struct proc *proc;
	const struct child *child;
	uint16_t part;			/* index in child_table[] */
	pid_t pid;			/* 0: does not run */
	uint32_t life;			/* counts starts */
	bool asks;			/* waits for the verdict of this reload */
	bool asks_next;			/* and of the one after it */
	bool asks_restart;		/* waits for what comes of a restart */
	uint32_t ready;			/* generation that it has in force */
	struct mono started;
	struct backoff backoff;
	struct timer timer;		/* next start, or SIGKILL */
	struct ipc ipc;
	struct watchdog dog;
	struct ipc_parent count;
	struct checkpoint *checkpoint;	/* outlives it; NULL: none */
	int checkpoint_fd;		/* its memory file; -1: none */
	int held;			/* what it shares with all its lives; 0: nothing */
	struct timer tell;		/* the child of `count`, when that changed */
	struct log_limit refused;	/* lines that its messages provoke */
};

struct proc_image {
	const struct conf_image *image;	/* NULL: none */
	int fd;
};

struct proc {
	const struct proc_options *opt;
	struct loop loop;
	struct loop_fd signals;
	int pid_fd;
	struct proc_child child[CONF_PARTS];
	struct proc_image now;		/* in force */
	struct proc_image old;		/* until all children have the new one */
	struct reload reload;
	struct reload_verdict verdict;	/* of the last reload */
	bool again;			/* another reload was asked for */
	bool then_restart;		/* a restart, when reloads are over */
	char binary[CONF_PATH];		/* what a restart executes */
	struct restart restart;
	bool going;			/* children end, then another binary is executed */
	const struct handover *note;	/* while what it says is taken over, else NULL */
	const uint8_t *note_begin;	/* of its mapping */
	struct spawn_queue scripts;
	int signal;			/* that ended it; 0: it goes on */
	struct timer end;
	int status;			/* exit status */
	struct child_env env;		/* used in the processes of children only */
};

/* proc.c: every descriptor that belongs to the parent alone, after fork(). */
void proc_forget(struct proc *p);
/* Makes the run folder again if it is gone. */
void proc_renew_run_dir(struct proc *p);
/* Ends the daemon when all that it waits for is over. */
void proc_check_end(struct proc *p, struct mono now);

/* proc_child.c */
void proc_child_init(struct proc *p, unsigned part);
void proc_child_start(struct proc_child *c, struct mono now);
/* Asks it to end in order; it is killed when it takes too long. */
void proc_child_stop(struct proc_child *c, struct mono now);
void proc_child_hurry(struct proc_child *c, struct mono now);
void proc_child_kill(struct proc_child *c);
/* Process `pid` has ended and was not yet waited for: whether it was this child. */
bool proc_child_ended(struct proc_child *c, pid_t pid, struct mono now);
void proc_child_forget(struct proc_child *c);
/* `count` has changed: the child hears of it soon. */
void proc_child_tell(struct proc_child *c, struct mono now);
/* Hands the image in force to a child that runs. */
void proc_child_commit(struct proc_child *c, struct mono now);
void proc_script_done(struct spawn_queue *q, const struct spawn_end *end,
		      struct mono now);

/* proc_conf.c */
void proc_conf_open(struct proc *p);
/* A reload, now or when the present one is over. */
void proc_conf_ask(struct proc *p, struct mono now);
/* A child is ready or gone: the reload may be over. */
void proc_conf_check(struct proc *p, struct mono now);
/* The image of that generation, NULL when it is not kept (any more). */
const struct conf_image *proc_conf_image(const struct proc *p, uint32_t generation);

/* proc_restart.c */
void proc_restart_open(struct proc *p);
/* The binary that lies where this one came from takes over, when it can. */
void proc_restart_ask(struct proc *p, struct mono now);
/* A child has ended: when none is left, the next binary is executed. */
void proc_restart_go(struct proc *p, struct mono now);
/* In the new binary, before anything else: whether there is a good note.  It, and `r`
 * behind it, are in use up to proc_restart_adopt(). */
port_must_check bool proc_restart_read(struct proc *p, struct handover *h,
				       struct rd *r);
/* What the note says of that child, NULL: nothing, or there is no note. */
const struct handover_child *proc_restart_child(const struct proc *p, const char *name);
/* Goes on where the binary before has ended. */
void proc_restart_adopt(struct proc *p, struct rd *r, struct mono now);

#endif
