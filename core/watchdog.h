/* SPDX-License-Identifier: MIT */
/* watchdog.h -- both sides of the question "are you still there?".
 *
 * The child listens at RUN_DIR/NAME.dog; the parent connects and sends a hello with a
 * sequence number each interval; the child answers through its own loop.  An answer that
 * is not there after half an interval is missed and the hello repeated at once, so that two
 * missed answers show a hang within two intervals.  What is done about it is the parent's.
 *
 * A child that counts the passes of its loop in shared memory need not be asked while they
 * go on: each half interval the parent looks, and asks only who has been idle for that long.
 */
#ifndef WATCHDOG_H
#define WATCHDOG_H

#include <sys/types.h>
#include <sys/un.h>

#include "log.h"
#include "loop.h"

#define WATCHDOG_MISSES	2
/* A child that has never answered yet is given this long, or two intervals. */
#define WATCHDOG_START_US	(5 * (int64_t)MONO_US_PER_S)
#define WATCHDOG_DEFAULT_US	(5 * (int64_t)MONO_US_PER_S)
#define WATCHDOG_LEAST_US	(100 * (int64_t)MONO_US_PER_MS)
#define WATCHDOG_MOST_US	(60 * (int64_t)MONO_US_PER_S)

/* The parent's side of one child. */
struct watchdog {
	struct loop *loop;
	struct loop_fd io;		/* fd < 0: not connected */
	struct timer timer;
	struct sockaddr_un at;
	const volatile uint32_t *beats;	/* passes of the child's loop; NULL: not counted */
	uint32_t seen;			/* what it was at the last look */
	int64_t hello_us;
	struct mono started;
	struct mono sent_at;
	uint32_t seq;			/* of the last hello */
	bool waiting;			/* for its answer */
	bool heard;			/* has ever answered */
	unsigned missed;		/* in a row */
	const char *why;		/* what is wrong with the last hello */
	uint64_t hellos, answers;
	/* Too many are missed; the watchdog has stopped by itself. */
	void (*hang)(struct watchdog *w, const char *why, struct mono now);
};

/* Starts to watch the child that was just started; -ENAMETOOLONG when the
 * socket's path does not fit. */
port_must_check int watchdog_start(struct watchdog *w, struct loop *l,
				   const char *run_dir, const char *name,
				   int64_t hello_us, struct mono now);
void watchdog_stop(struct watchdog *w);		/* also when not started */
/* Another interval, from now on. */
void watchdog_pace(struct watchdog *w, int64_t hello_us, struct mono now);

/* Ends whoever listens at RUN_DIR/NAME.dog, a child whose parent is gone and that does not end by
 * itself.  Its process number; 0: nobody listens. */
pid_t watchdog_end_orphan(const char *run_dir, const char *name);

/* The child's side. */
struct watchdog_ear {
	struct loop *loop;
	struct loop_fd listener;
	struct loop_fd peer;		/* the parent; fd < 0: not connected */
	struct log_limit strangers;	/* who are not the parent */
};

/* Listens at RUN_DIR/NAME.dog (mode 0600), in place of a dead one; 0 or -errno. */
port_must_check int watchdog_listen(struct watchdog_ear *e, struct loop *l,
				    const char *run_dir, const char *name);
void watchdog_deafen(struct watchdog_ear *e);

#endif
