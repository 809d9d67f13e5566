/* SPDX-License-Identifier: MIT */
/* handover.h -- the note that a parent leaves to the binary it is replaced by, across
 * execve(2), in a memory file (proc_restart.c).
 *
 * Pure: structs in, bytes out, and back.  The two sides may be of different builds, so the note
 * depends on no pool's limit and no struct's size: children are named, words are counted, and
 * what one side knows more than the other is skipped or zero.  Descriptors are numbers that stay
 * open.
 */
#ifndef HANDOVER_H
#define HANDOVER_H

#include "cursor.h"
#include "spawn.h"

#define HANDOVER_GRAMMAR	2u	/* of the note's own grammar */
#define HANDOVER_NAME		16	/* a child's, with NUL */

/* Why a note can't be read, in the order in which it is looked at. */
#define HANDOVER_VERDICTS(X)						\
	X(OK,	    "")							\
	X(SHORT,    "it is cut short")					\
	X(MAGIC,    "it is no such note")				\
	X(VERSION,  "it is of another version")				\
	X(CHILDREN, "it names more children than an image can have")	\
	X(TEXT,	    "a name in it is not whole")			\
	X(SCRIPT,   "a script in it does not fit this build")

#define HANDOVER_VERDICT(n, what)	HANDOVER_##n,
enum handover_verdict {
	HANDOVER_VERDICTS(HANDOVER_VERDICT)
	HANDOVER__N
};
#undef HANDOVER_VERDICT

struct handover_child {
	char name[HANDOVER_NAME];
	int32_t checkpoint_fd;		/* -1: none */
	int32_t held;			/* child->hold(); 0: nothing */
	uint32_t life;
	struct ipc_parent count;
};

struct handover {
	char path[CONF_PATH];		/* the binary's, absolute */
	uint32_t generation;		/* that was in force */
	int32_t pid_fd;			/* holds the run folder's lock */
	int32_t image_fd;		/* the next image, made by the next binary */
	uint32_t again;			/* a reload was asked for meanwhile */
	uint32_t nchildren;
	struct handover_child child[CONF_PARTS];
	uint32_t nscripts;		/* follow one by one */
};

/* Bytes that any note of this build fits in. */
size_t handover_cap(void);

void handover_put(struct wr *w, const struct handover *h);
/* Of a slot what outlives the process: not its links. */
void handover_put_script(struct wr *w, const struct spawn_slot *s);

port_must_check enum handover_verdict handover_get(struct rd *r, struct handover *h);
/* Fills pid, timed_out, part, life, run, deadline.at, script and job; `part` counts as in
 * handover.child[]; that the words are whole is for spawn_adopt() to see.  After
 * HANDOVER_SCRIPT the next one can be read. */
port_must_check enum handover_verdict handover_get_script(struct rd *r,
							  struct spawn_slot *s);

/* A new memory file (close-on-exec) with room for any note, mapped: it or -errno. */
port_must_check int handover_make(struct wr *w);
/* Maps the file of a note; false: it is none. */
port_must_check bool handover_open(struct rd *r, int fd);
/* Unmaps either, by where it began and ends. */
void handover_close(const void *begin, const void *end);

/* The sentence of the list. */
const char *handover_why(enum handover_verdict v);

#endif
