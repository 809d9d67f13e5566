/* SPDX-License-Identifier: MIT */
/* ipc.h -- the messages between the parent and a child: two tables, and the
 * transport over one SOCK_SEQPACKET pair a child.
 *
 * The UP table is a child's whole privilege: what it can't say, it can't cause.
 * A message of an unknown type, the wrong direction or the wrong size is refused before
 * any handler runs.  Payloads are of fixed size and hold no pointers; descriptors travel
 * only downwards.
 */
#ifndef IPC_H
#define IPC_H

#include "conf.h"
#include "loop.h"

struct ipc_commit {			/* its descriptor is the image, read-only */
	uint32_t generation;
	uint32_t bytes;
};

struct ipc_stop {
	uint32_t reason;		/* signal number, 0: restart of the binary */
};

struct ipc_reloaded {
	uint32_t generation;		/* in force now */
	uint32_t errors;		/* 0: the new one is in force */
	uint32_t warnings;
	char first[160];		/* the first complaint, "" without one */
};

struct ipc_exited {
	uint32_t generation;
	uint16_t script;		/* reference, as in RUN */
	uint16_t object;
	int32_t status;			/* as waitpid(2) says */
};

struct ipc_ready {
	uint32_t generation;		/* is applied */
};

struct ipc_run {
	uint32_t generation;		/* of the image the indexes belong to */
	uint16_t script;		/* reference into conf_core.script */
	uint16_t object;		/* whose event: index in the child's part */
	uint16_t event;			/* the child's own number: state entered */
	uint16_t value;			/* the child's own: priority, weight */
};

struct ipc_reload {
	uint32_t client;		/* control client that waits, or 0 */
};

/*	  name	    payload		  meaning */
#define IPC_DOWN(M)							\
	M(COMMIT,   struct ipc_commit,   "image N is ready: diff and apply")	\
	M(STOP,	    struct ipc_stop,     "end in order")		\
	M(RELOADED, struct ipc_reloaded, "what came of a reload")	\
	M(EXITED,   struct ipc_exited,   "a script that you asked for has ended")

#define IPC_UP(M)							\
	M(READY,    struct ipc_ready,    "image N is in force here")	\
	M(RUN,	    struct ipc_run,      "run script S of image N")	\
	M(RELOAD,   struct ipc_reload,   "an operator asks for a reload")

/* One end of the pair; ipc.c gives open, send and the checked receive. */
struct ipc {
	struct loop_fd io;
	const struct ipc_ops *ops;	/* what this end does with each message */
	void *owner;
	uint64_t sent, received, refused, dropped;
};

#endif
