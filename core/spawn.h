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

#include <sys/types.h>

#include "conf.h"
#include "ipc.h"
#include "log.h"
#include "loop.h"

#define SPAWN_TEXT	256		/* bytes of extra words of one job */

/* What to run, filled from the image by the child's `script` function. */
struct spawn_job {
	uint16_t script;		/* reference: index + 1 */
	uint16_t bytes;			/* used in text */
	uint8_t nargs;			/* extra arguments, first in text */
	uint8_t nenv;			/* NAME=VALUE words, after them */
	bool quiet;			/* its failure is no news: whoever asked tells of it */
	bool cut;			/* a word did not fit: not run */
	int64_t timeout_us;		/* 0: as its script says */
	char text[SPAWN_TEXT];		/* words, each ended by NUL */
};

/* Appends one argument (before any environment word), or one NAME=VALUE. */
void spawn_arg(struct spawn_job *job, const char *word);
void spawn_env(struct spawn_job *job, const char *name, const char *value);

/* In place of a wait status: the script was not run (superseded, queue full, refused). */
#define SPAWN_NOT_RUN	(-1)
/* Exit codes of one that was not run after all; shells have the same. */
#define SPAWN_DENIED	126		/* the user could not be taken on */
#define SPAWN_MISSING	127		/* the program could not be started */

struct spawn_queue;

/* One script that runs or waits; private to spawn.c but for its size. */
struct spawn_slot {
	struct spawn_slot *next;	/* asked for after this one */
	struct spawn_queue *queue;
	pid_t pid;			/* leader of its process group; 0: waits */
	bool timed_out;			/* SIGTERM was sent to the group */
	uint16_t part;			/* index of the child that asked */
	uint32_t life;			/* and which of its lives */
	struct ipc_run run;
	struct timer deadline;
	struct conf_script script;
	struct spawn_job job;
};

/* What became of one RUN; each gets exactly one. */
struct spawn_end {
	uint16_t part;
	uint32_t life;
	struct ipc_run run;
	int32_t status;			/* of waitpid(2), or SPAWN_NOT_RUN */
	bool timed_out;			/* its time limit ended it */
};

/* All scripts of the parent, in the order in which they were asked for. */
struct spawn_queue {
	struct loop *loop;
	void (*done)(struct spawn_queue *q, const struct spawn_end *end,
		     struct mono now);
	struct spawn_slot *first;
	unsigned busy;			/* running and waiting */
	struct log_limit full;
};

void spawn_open(struct spawn_queue *q, struct loop *l,
		void (*done)(struct spawn_queue *, const struct spawn_end *,
			     struct mono));

/* Whether the words of an image's script are whole, the first a path. */
port_must_check bool spawn_script_valid(const struct conf_script *script);

/* Asks for `script` (valid) with the words of `job` on behalf of object `run->object`
 * of child `part`.  What waits for that object with another event is dropped, what waits
 * with this event and script is replaced.  Both are copied. */
void spawn_run(struct spawn_queue *q, uint16_t part, uint32_t life,
	       const struct ipc_run *run, const struct conf_script *script,
	       const struct spawn_job *job, struct mono now);

/* Takes over what an earlier binary of this process has left: `from` is copied, its deadline
 * goes on, and what waits runs when it may.  false: the words are not whole, or the queue is
 * full. */
port_must_check bool spawn_adopt(struct spawn_queue *q, const struct spawn_slot *from,
				 struct mono now);

/* Process `pid` has ended and was not yet waited for.  true: it was a script, is
 * reaped, and what waited for it runs. */
bool spawn_ended(struct spawn_queue *q, pid_t pid, struct mono now);

/* Drops what waits and kills what runs, which whoever reaps the process's orphans
 * then waits for; returns how many there were. */
unsigned spawn_give_up(struct spawn_queue *q, struct mono now);

#endif
