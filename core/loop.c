/* SPDX-License-Identifier: MIT */
/* loop.c -- epoll and one deadline.
 *
 * The deadline is a timerfd's, not that of epoll_wait: the kernel takes the liberty of a
 * thousandth of any time that it waits in a poll (select_estimate_accuracy() in its
 * fs/select.c), 3.6 ms before a takeover at 1 s adverts; a timerfd is exact.
 */
#include "loop.h"

#include <errno.h>
#include <string.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

struct mono
loop_clock(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (struct mono){
		.us = (int64_t)ts.tv_sec * MONO_US_PER_S + ts.tv_nsec / 1000,
	};
}

int
loop_open(struct loop *l)
{
	*l = (struct loop){ .timerfd = -1, .served = -1, .rings = MONO_NEVER };
	l->epfd = epoll_create1(EPOLL_CLOEXEC);
	if (l->epfd < 0)
		return -errno;
	l->now = loop_clock();
	l->timerfd = timerfd_create(CLOCK_MONOTONIC,
				    TFD_NONBLOCK | TFD_CLOEXEC);
	if (l->timerfd < 0)
		return -errno;
	struct epoll_event ev = { .events = EPOLLIN, .data.ptr = NULL };

	return epoll_ctl(l->epfd, EPOLL_CTL_ADD, l->timerfd, &ev) ? -errno : 0;
}

void
loop_close(struct loop *l)
{
	if (l->timerfd >= 0)
		close(l->timerfd);
	if (l->epfd >= 0)
		close(l->epfd);
	l->timerfd = l->epfd = -1;
}

int
loop_add(struct loop *l, struct loop_fd *f, uint32_t events)
{
	struct epoll_event ev = { .events = events, .data.ptr = f };

	f->events = events;
	return epoll_ctl(l->epfd, EPOLL_CTL_ADD, f->fd, &ev) ? -errno : 0;
}

void
loop_mod(struct loop *l, struct loop_fd *f, uint32_t events)
{
	if (events == f->events)
		return;
	struct epoll_event ev = { .events = events, .data.ptr = f };

	f->events = events;
	int err = epoll_ctl(l->epfd, EPOLL_CTL_MOD, f->fd, &ev);

	assert(!err);			/* it was added and is open */
}

/* What was read for it already is not served. */
static void
forget(struct loop *l, const struct loop_fd *f)
{
	for (int i = l->served + 1; i < l->nbatch; i++) {
		if (l->batch[i].data.ptr == f)
			l->batch[i].events = 0;
	}
}

void
loop_del(struct loop *l, struct loop_fd *f)
{
	struct epoll_event ev = { .events = 0 };

	epoll_ctl(l->epfd, EPOLL_CTL_DEL, f->fd, &ev);
	forget(l, f);
}

void
loop_close_fd(struct loop *l, struct loop_fd *f)
{
	forget(l, f);
	close(f->fd);
	f->fd = -1;
}

/* Sets the timerfd for the next deadline.  One that rings early is left alone: a BACKUP
 * puts its deadline off with every advert, and a wake-up for nothing now and then
 * is cheaper than a call each time.  Setting it also silences one that rang. */
static void
set_timerfd(struct loop *l)
{
	struct mono next = timer_next(&l->timers);
	struct itimerspec at = { 0 };

	if (mono_before(l->now, l->rings) && !mono_before(next, l->rings))
		return;
	if (!mono_is_never(next)) {
		at.it_value.tv_sec = (time_t)(next.us / MONO_US_PER_S);
		at.it_value.tv_nsec = (long)(next.us % MONO_US_PER_S * 1000);
		at.it_value.tv_nsec |= 1;	/* all zero would stop it */
	}
	int err = timerfd_settime(l->timerfd, TFD_TIMER_ABSTIME, &at, NULL);

	assert(!err);			/* the descriptor and the time are good */
	l->rings = next;
}

/* Waits for a descriptor or the next deadline; l->nbatch events are then read. */
static void
wait_for_events(struct loop *l)
{
	set_timerfd(l);
	l->nbatch = epoll_wait(l->epfd, l->batch, LOOP_BATCH, -1);
	if (l->nbatch < 0) {
		assert(errno == EINTR);
		l->nbatch = 0;
	}
}

/* How late the earliest deadline is served, once a wake-up. */
static void
note_lateness(struct loop *l)
{
	struct mono next = timer_next(&l->timers);
	int64_t late = mono_diff_us(l->now, next);

	if (mono_is_never(next) || late < 0)
		return;
	unsigned i = 0;

	while (i < LOOP_LATE - 1 && late >= (int64_t)1 << i)
		i++;
	l->late[i]++;
	if (late > l->late_max_us)
		l->late_max_us = late;
}

static void
dispatch(struct loop *l)
{
	for (l->served = 0; l->served < l->nbatch; l->served++) {
		const struct epoll_event *ev = &l->batch[l->served];

		if (!ev->events)	/* deleted by an earlier handler */
			continue;
		struct loop_fd *f = ev->data.ptr;

		if (f)			/* NULL: the timerfd, set anew before the next wait */
			f->ready(f, ev->events, l->now);
		if (l->stop)
			break;
	}
	l->served = -1;
	l->nbatch = 0;
}

void
loop_run(struct loop *l)
{
	l->stop = false;
	while (!l->stop) {
		wait_for_events(l);
		l->now = loop_clock();
		l->wakeups++;
		if (l->beats)
			*l->beats = (uint32_t)l->wakeups;
		note_lateness(l);
		timer_run(&l->timers, l->now);
		if (!l->stop)
			dispatch(l);
	}
}

void
loop_stop(struct loop *l)
{
	l->stop = true;
}
