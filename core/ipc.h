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
	uint32_t reason;		/* signal number, 0: the next binary is another one */
};

struct ipc_reloaded {
	uint32_t generation;		/* in force now */
	uint32_t errors;		/* 0: the new one is in force */
	uint32_t warnings;
	char first[160];		/* the first complaint, "" without one */
};

struct ipc_taken {
	uint32_t client;		/* as in RELOAD and RESTART */
};

struct ipc_restarted {			/* only when it was not: who asked is ended else */
	char why[160];
};

struct ipc_exited {
	uint32_t generation;
	uint16_t script;		/* reference, as in RUN */
	uint16_t object;
	uint16_t event;			/* as in RUN */
	uint16_t value;
	int32_t status;			/* as waitpid(2) says; SPAWN_NOT_RUN (-1) */
};

/* Of this child, over all its lives. */
struct ipc_parent {
	uint32_t starts;
	uint32_t hangs;			/* ends that the watchdog has forced */
	uint32_t refused;		/* bad messages from it */
	uint32_t scripts;		/* that ran and have ended */
	uint32_t failures;		/* of these, with a status other than 0 */
	uint32_t timeouts;		/* of these, ended because of their time limit */
	uint32_t skipped;		/* superseded, or could not run */
	uint32_t conf_errors;		/* of the last reload; 0: it is in force */
	uint32_t restarts;		/* times that the daemon's binary was replaced */
};

struct ipc_ready {
	uint32_t generation;		/* is applied */
};

struct ipc_run {
	uint32_t generation;		/* of the image the indexes belong to */
	uint16_t script;		/* reference into conf_core.script */
	/* Whose event: the child's own number of the object.  Scripts of one object run
	 * one after the other, and a newer event drops what an older one left waiting. */
	uint16_t object;
	uint16_t event;			/* the child's own number: state entered */
	uint16_t value;			/* the child's own: priority, weight */
};

/* What one child must know of another's object: a VRRP instance is MASTER. */
struct ipc_state {
	char name[CONF_NAME];		/* of the object; its kind goes with the child */
	uint16_t child;			/* whose it is: index, by the parent's word */
	uint16_t state;			/* 1: it holds what it stands for (MASTER), 0: not */
};

struct ipc_tell {
	uint32_t life;			/* of the child that has begun */
};

struct ipc_sysctl {
	uint16_t which;			/* index into the child's own list (child.h) */
	uint16_t value;			/* 0 or 1 */
};

struct ipc_reload {
	uint32_t client;		/* control client that waits, or 0 */
};

struct ipc_restart {
	uint32_t client;		/* control client that waits, or 0 */
};

/*	  name	    payload		  meaning */
#define IPC_DOWN(M)							\
	M(COMMIT,   struct ipc_commit,   "image N is ready: diff and apply")	\
	M(STOP,	    struct ipc_stop,     "end in order")		\
	M(TAKEN,    struct ipc_taken,    "a reload or restart is under way")	\
	M(RELOADED, struct ipc_reloaded, "what came of a reload")	\
	M(RESTARTED, struct ipc_restarted, "why the binary was not restarted") \
	M(EXITED,   struct ipc_exited,   "a script that you asked for has ended") \
	M(PARENT,   struct ipc_parent,   "what the parent has counted about you") \
	M(TOLD,	    struct ipc_state,    "an object of another child is in this state") \
	M(TELL,	    struct ipc_tell,     "another child has begun: tell it the states of yours")

#define IPC_UP(M)							\
	M(READY,    struct ipc_ready,    "image N is in force here")	\
	M(RUN,	    struct ipc_run,      "run script S of image N")	\
	M(RELOAD,   struct ipc_reload,   "an operator asks for a reload")	\
	M(RESTART,  struct ipc_restart,  "an operator asks for the binary to be restarted") \
	M(STATE,    struct ipc_state,    "an object of mine is in this state, for other children") \
	M(SYSCTL,   struct ipc_sysctl,   "set this switch of the kernel, one of my list")

/* Types on the wire: IPC_DOWN_COMMIT, ..., IPC_UP_READY, ... */
#define IPC_DOWN_TYPE(n, type, what)	IPC_DOWN_##n,
enum ipc_down {
	IPC_DOWN(IPC_DOWN_TYPE)
	IPC_DOWN__N
};

#define IPC_UP_TYPE(n, type, what)	IPC_UP_##n,
enum ipc_up {
	IPC_UP(IPC_UP_TYPE)
	IPC_UP__N
};

#define IPC_BYTES	256		/* largest payload */
#define IPC_NO_FD	(-1)

struct ipc;

/* What one end does with what it receives; a row that is NULL is ignored.  `fd` is
 * the message's descriptor or IPC_NO_FD, from then on the handler's own. */
#define IPC_HANDLER(n, type, what) \
	void (*n)(struct ipc *ipc, const type *m, int fd, struct mono now);
struct ipc_ops {
	bool parent;			/* this end sends DOWN and receives UP */
	IPC_DOWN(IPC_HANDLER)
	IPC_UP(IPC_HANDLER)
	/* A message was refused before any handler ran: `why` says which rule. */
	void (*refused)(struct ipc *ipc, const char *why, struct mono now);
	/* The other end is closed; this one is too by now. */
	void (*gone)(struct ipc *ipc, struct mono now);
};

/* One end of the pair; ipc.c gives open, send and the checked receive. */
struct ipc {
	struct loop_fd io;		/* fd < 0: closed */
	struct loop *loop;
	const struct ipc_ops *ops;	/* what this end does with each message */
	void *owner;
	uint64_t sent, received, refused, dropped;
};

/* Both ends, non-blocking and close-on-exec; 0 or -errno. */
port_must_check int ipc_pair(int *parent_fd, int *child_fd);

/* Takes `fd` over and serves it in `l`; 0 or -errno (then `fd` is closed). */
port_must_check int ipc_open(struct ipc *ipc, struct loop *l, int fd,
			     const struct ipc_ops *ops, void *owner);
/* Closes once; a closed end drops what is sent. */
void ipc_close(struct ipc *ipc);

/* Serves all that has arrived, up to the end of the other side. */
void ipc_drain(struct ipc *ipc, struct mono now);

/* ipc_send_COMMIT(ipc, &m, fd), ...: never blocks.  0, or -errno and counted as
 * dropped: -EAGAIN the other end does not read, -EPIPE it is gone.  `fd`, or
 * IPC_NO_FD, stays the caller's; only COMMIT carries one. */
#define IPC_SEND(n, type, what) \
	int ipc_send_##n(struct ipc *ipc, const type *m, int fd);
IPC_DOWN(IPC_SEND)
IPC_UP(IPC_SEND)

/* "COMMIT", "RUN"; "?" for a number that is not in the table. */
const char *ipc_down_name(enum ipc_down type);
const char *ipc_up_name(enum ipc_up type);

#endif
