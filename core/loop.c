/* SPDX-License-Identifier: MIT */
/* loop.c -- epoll and one deadline.
 *
 * The wait is epoll_pwait2, which takes nanoseconds; a kernel before 5.11 gets
 * a timerfd instead, so that adverts of 10 ms do not suffer the millisecond of
 * epoll_wait.
 */
#define _GNU_SOURCE
#include "loop.h"

#include <errno.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

/* The system call takes 64-bit times on every architecture (linux/time_types.h),
 * whatever the C library's time_t is; its number is the same everywhere but for MIPS. */
struct loop_timespec {
	int64_t s;
	int64_t ns;
};

struct mono
loop_clock(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (struct mono){
		.us = (int64_t)ts.tv_sec * MONO_US_PER_S + ts.tv_nsec / 1000,
	};
}

static void
on_timerfd(struct loop *l)
{
	uint64_t n;

	if (read(l->timerfd, &n, sizeof n) < 0)
		return;			/* it was set again meanwhile */
}

static int
open_timerfd(struct loop *l)
{
	l->timerfd = timerfd_create(CLOCK_MONOTONIC,
				    TFD_NONBLOCK | TFD_CLOEXEC);
	if (l->timerfd < 0)
		return -errno;
	struct epoll_event ev = { .events = EPOLLIN, .data.ptr = NULL };

	return epoll_ctl(l->epfd, EPOLL_CTL_ADD, l->timerfd, &ev) ? -errno : 0;
}

static int
pwait2(const struct loop *l, struct epoll_event *ev, int n,
       const struct loop_timespec *wait)
{
	return (int)syscall(SYS_epoll_pwait2, l->epfd, ev, n, wait, NULL, 0);
}

int
loop_open(struct loop *l)
{
	*l = (struct loop){ .timerfd = -1, .served = -1 };
	l->epfd = epoll_create1(EPOLL_CLOEXEC);
	if (l->epfd < 0)
		return -errno;
	struct loop_timespec zero = { 0 };

	l->now = loop_clock();
	if (pwait2(l, l->batch, LOOP_BATCH, &zero) >= 0 || errno == EINTR)
		return 0;
	return open_timerfd(l);
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

void
loop_del(struct loop *l, struct loop_fd *f)
{
	struct epoll_event ev = { .events = 0 };

	epoll_ctl(l->epfd, EPOLL_CTL_DEL, f->fd, &ev);
	for (int i = l->served + 1; i < l->nbatch; i++) {
		if (l->batch[i].data.ptr == f)
			l->batch[i].events = 0;
	}
}

/* Waits for a descriptor or the next deadline; l->nbatch events are then read. */
static void
wait_for_events(struct loop *l)
{
	struct mono next = timer_next(&l->timers);
	int64_t us = mono_is_never(next) ? -1 : mono_diff_us(next, loop_clock());

	if (us < 0 && !mono_is_never(next))
		us = 0;
	if (l->timerfd < 0) {
		struct loop_timespec wait = {
			.s = us / MONO_US_PER_S,
			.ns = us % MONO_US_PER_S * 1000,
		};
		l->nbatch = pwait2(l, l->batch, LOOP_BATCH,
				   us < 0 ? NULL : &wait);
	} else {
		struct itimerspec its = { 0 };

		if (us > 0) {
			its.it_value.tv_sec = (time_t)(us / MONO_US_PER_S);
			its.it_value.tv_nsec = (long)(us % MONO_US_PER_S * 1000);
		}
		timerfd_settime(l->timerfd, 0, &its, NULL);
		l->nbatch = epoll_wait(l->epfd, l->batch, LOOP_BATCH,
				       us ? -1 : 0);
	}
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

		if (f)
			f->ready(f, ev->events, l->now);
		else
			on_timerfd(l);
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
