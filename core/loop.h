/* SPDX-License-Identifier: MIT */
/* loop.h -- descriptors and timers in one scheduler.
 *
 * Reads the clock once per wake-up and hands it down.  Due timers run before
 * descriptors.  It defends itself: it counts storms of zero-delay timers and
 * keeps a histogram of how late timers fired.  One loop a process.
 */
#ifndef LOOP_H
#define LOOP_H

#include <sys/epoll.h>

#include "port.h"
#include "timer.h"

#define LOOP_BATCH	16		/* descriptors served per wake-up */
#define LOOP_LATE	20		/* buckets: late by < 2^i us */

/* Embedded in its owner, who keeps it until loop_del(). */
struct loop_fd {
	int fd;
	uint32_t events;		/* EPOLLIN, EPOLLOUT as last asked for */
	void (*ready)(struct loop_fd *f, uint32_t events, struct mono now);
};

struct loop {
	int epfd;
	int timerfd;
	struct mono rings;		/* when the timerfd will, MONO_NEVER */
	bool stop;
	int served;			/* index in `batch` while dispatching */
	int nbatch;
	struct epoll_event batch[LOOP_BATCH];
	struct timers timers;
	struct mono now;		/* of the present wake-up */
	uint64_t wakeups;
	volatile uint32_t *beats;	/* counts them, too, for another process; or NULL */
	uint32_t late[LOOP_LATE];	/* how late timers fired, log2 us */
	int64_t late_max_us;
};

/* 0, or -errno. */
port_must_check int loop_open(struct loop *l);
void loop_close(struct loop *l);

/* Adds, changes or removes a descriptor; level triggered.  loop_del() before
 * close(2); a removed descriptor gets no event, not even one already read. */
port_must_check int loop_add(struct loop *l, struct loop_fd *f, uint32_t events);
void loop_mod(struct loop *l, struct loop_fd *f, uint32_t events);
void loop_del(struct loop *l, struct loop_fd *f);
/* loop_del() and close(2) of a descriptor that was never duplicated nor inherited: to close it
 * is then enough.  f->fd is -1 afterwards. */
void loop_close_fd(struct loop *l, struct loop_fd *f);

/* Runs until loop_stop(). */
void loop_run(struct loop *l);
void loop_stop(struct loop *l);

/* The clock.  Only the loop and a process's main read it. */
struct mono loop_clock(void);

#endif
