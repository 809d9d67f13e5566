/* SPDX-License-Identifier: MIT */
/* watchdog.c -- see watchdog.h. */
#define _GNU_SOURCE
#include "watchdog.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core_log.h"
#include "strfmt.h"

#define WATCHDOG_MAGIC		0x7570646fu	/* "updo" */
#define WATCHDOG_RETRY_US	(50 * (int64_t)MONO_US_PER_MS)

struct hello {
	uint32_t magic;
	uint32_t seq;
};

static int
socket_path(struct sockaddr_un *at, const char *run_dir, const char *name)
{
	struct strfmt s;

	*at = (struct sockaddr_un){ .sun_family = AF_UNIX };
	strfmt_init(&s, at->sun_path, sizeof at->sun_path);
	strfmt_put(&s, "%s/%s.dog", run_dir, name);
	return s.cut ? -ENAMETOOLONG : 0;
}

/* ---- the parent's side ---- */

static void
disconnect(struct watchdog *w)
{
	if (w->io.fd < 0)
		return;
	loop_del(w->loop, &w->io);
	close(w->io.fd);
	w->io.fd = -1;
}

void
watchdog_stop(struct watchdog *w)
{
	if (!w->loop)
		return;
	timer_stop(&w->loop->timers, &w->timer);
	disconnect(w);
	w->loop = NULL;
}

static void
give_up(struct watchdog *w, struct mono now)
{
	watchdog_stop(w);
	w->hang(w, w->why, now);
}

/* Takes the answer, if it is there; false: the connection is broken. */
static bool
hear(struct watchdog *w)
{
	struct hello h;
	ssize_t n;

	while ((n = recv(w->io.fd, &h, sizeof h, MSG_DONTWAIT)) ==
	       (ssize_t)sizeof h) {
		if (h.magic == WATCHDOG_MAGIC && h.seq == w->seq) {
			w->waiting = false;
			w->heard = true;
			w->missed = 0;
			w->answers++;
			return true;
		}
		/* An answer that came too late. */
	}
	return n < 0 && (errno == EAGAIN || errno == EINTR);
}

static void
on_answer(struct loop_fd *f, uint32_t events, struct mono now)
{
	struct watchdog *w = container_of(f, struct watchdog, io);

	(void)events;
	(void)now;
	/* A broken connection counts as a missed answer when that is due: the
	 * child may just be ending, which SIGCHLD will tell. */
	if (!hear(w))
		disconnect(w);
}

static void
connect_child(struct watchdog *w)
{
	const int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK |
			      SOCK_CLOEXEC, 0);

	if (fd < 0)
		return;
	if (connect(fd, (const struct sockaddr *)&w->at, sizeof w->at)) {
		close(fd);
		return;
	}
	w->io = (struct loop_fd){ .fd = fd, .ready = on_answer };
	if (loop_add(w->loop, &w->io, EPOLLIN)) {
		close(fd);
		w->io.fd = -1;
	}
}

/* Sends a hello; one that can't be sent is a missed answer when that is due. */
static void
greet(struct watchdog *w, struct mono now)
{
	const struct hello h = { WATCHDOG_MAGIC, ++w->seq };

	w->waiting = true;
	w->sent_at = now;
	w->hellos++;
	w->why = "no answer";
	if (w->io.fd < 0)
		connect_child(w);
	if (w->io.fd < 0) {
		w->why = "can't connect";
		return;
	}
	if (send(w->io.fd, &h, sizeof h, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0)
		return;
	if (errno == EAGAIN) {
		w->why = "does not read";
		return;
	}
	w->why = "broken pipe";
	disconnect(w);
}

/* A child on its way up has no socket, or does not serve it yet. */
static bool
has_grace(const struct watchdog *w, struct mono now)
{
	const int64_t grace_us = 2 * w->hello_us > WATCHDOG_START_US
		? 2 * w->hello_us : WATCHDOG_START_US;

	return !w->heard && mono_diff_us(now, w->started) < grace_us;
}

/* Whether the child need not be asked: its loop has run since the last look or, where
 * that is not counted, it was asked less than an interval ago. */
static bool
lives(struct watchdog *w, struct mono now)
{
	const uint32_t beats = w->beats ? *w->beats : 0;
	const bool went_on = beats != w->seen;

	w->seen = beats;
	if (w->beats && w->heard)
		return went_on;
	/* This wake-up may be less late than the one before was. */
	return mono_diff_us(now, w->sent_at) < w->hello_us - w->hello_us / 8;
}

/* Children with the same interval are looked at in the same wake-up. */
static void
look_again(struct watchdog *w, struct mono now)
{
	const int64_t half_us = w->hello_us / 2;
	int64_t wait_us = half_us - now.us % half_us;

	if (wait_us < half_us / 2)	/* no time for an answer */
		wait_us += half_us;
	if (w->waiting && !w->heard && wait_us > WATCHDOG_RETRY_US)
		wait_us = WATCHDOG_RETRY_US;
	timer_arm(&w->loop->timers, &w->timer, mono_add(now, wait_us));
}

static void
on_timer(struct timer *t, struct mono now)
{
	struct watchdog *w = container_of(t, struct watchdog, timer);

	/* Timers run before descriptors: the answer may be there unread, when
	 * it was this process that slept. */
	if (w->waiting && w->io.fd >= 0 && !hear(w))
		disconnect(w);
	const bool alive = lives(w, now);

	if (w->waiting && !has_grace(w, now) && ++w->missed >= WATCHDOG_MISSES) {
		give_up(w, now);
		return;
	}
	if (w->waiting || !alive)
		greet(w, now);
	look_again(w, now);
}

int
watchdog_start(struct watchdog *w, struct loop *l, const char *run_dir,
	       const char *name, int64_t hello_us, struct mono now)
{
	const int rc = socket_path(&w->at, run_dir, name);

	if (rc)
		return rc;
	w->loop = l;
	w->io.fd = -1;
	w->hello_us = hello_us;
	w->started = now;
	w->sent_at = mono_add(now, -hello_us);	/* the first look is a hello */
	w->waiting = false;
	w->heard = false;
	w->missed = 0;
	timer_init(&w->timer, on_timer);
	timer_arm(&l->timers, &w->timer, mono_add(now, WATCHDOG_RETRY_US));
	return 0;
}

void
watchdog_pace(struct watchdog *w, int64_t hello_us, struct mono now)
{
	if (!w->loop || w->hello_us == hello_us)
		return;
	w->hello_us = hello_us;
	if (w->waiting)
		timer_arm(&w->loop->timers, &w->timer, mono_add(now, hello_us / 2));
	else
		look_again(w, now);
}

pid_t
watchdog_end_orphan(const char *run_dir, const char *name)
{
	struct sockaddr_un at;
	struct ucred who = { .pid = 0 };
	socklen_t len = sizeof who;
	const int fd = socket_path(&at, run_dir, name) ? -1 :
		socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return 0;
	/* The credentials are of the process that listens, and while it does, its number is
	 * nobody else's. */
	if (connect(fd, (const struct sockaddr *)&at, sizeof at) ||
	    getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &len) ||
	    who.pid <= 1 || who.pid == getpid() || kill(who.pid, SIGKILL))
		who.pid = 0;
	close(fd);
	return who.pid;
}

/* ---- the child's side ---- */

static void
hang_up(struct watchdog_ear *e)
{
	if (e->peer.fd < 0)
		return;
	loop_del(e->loop, &e->peer);
	close(e->peer.fd);
	e->peer.fd = -1;
}

static void
on_hello(struct loop_fd *f, uint32_t events, struct mono now)
{
	struct watchdog_ear *e = container_of(f, struct watchdog_ear, peer);
	struct hello h;
	const ssize_t n = recv(f->fd, &h, sizeof h, MSG_DONTWAIT);

	(void)events;
	(void)now;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n != (ssize_t)sizeof h || h.magic != WATCHDOG_MAGIC ||
	    send(f->fd, &h, sizeof h, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
		hang_up(e);
}

static bool
is_parent(struct watchdog_ear *e, int fd, struct mono now)
{
	struct ucred who;
	socklen_t len = sizeof who;
	uint32_t held;

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &len))
		return false;
	if (who.pid == getppid())
		return true;
	if (log_allowed(&e->strangers, now, 1, 10 * MONO_US_PER_S, &held))
		log_put(CORE_LOG_STRANGER, (int)who.pid);
	return false;
}

static void
on_connect(struct loop_fd *f, uint32_t events, struct mono now)
{
	struct watchdog_ear *e = container_of(f, struct watchdog_ear, listener);
	const int fd = accept4(f->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

	(void)events;
	if (fd < 0)
		return;
	if (!is_parent(e, fd, now)) {
		close(fd);
		return;
	}
	hang_up(e);			/* the parent connected anew */
	e->peer = (struct loop_fd){ .fd = fd, .ready = on_hello };
	if (loop_add(e->loop, &e->peer, EPOLLIN)) {
		close(fd);
		e->peer.fd = -1;
	}
}

/* 0 or -errno; the socket is mode 0600 from its first moment. */
static int
bind_and_listen(int fd, const struct sockaddr_un *at)
{
	int rc = 0;

	unlink(at->sun_path);
	const mode_t mask = umask(S_IXUSR | S_IRWXG | S_IRWXO);

	if (bind(fd, (const struct sockaddr *)at, sizeof *at) || listen(fd, 2))
		rc = -errno;
	umask(mask);
	return rc;
}

int
watchdog_listen(struct watchdog_ear *e, struct loop *l, const char *run_dir,
		const char *name)
{
	struct sockaddr_un at;
	int rc = socket_path(&at, run_dir, name);

	*e = (struct watchdog_ear){ .loop = l, .peer = { .fd = -1 } };
	e->listener.ready = on_connect;
	e->listener.fd = rc ? -1 : socket(AF_UNIX, SOCK_SEQPACKET |
					  SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (rc)
		return rc;
	if (e->listener.fd < 0)
		return -errno;
	rc = bind_and_listen(e->listener.fd, &at);
	if (!rc)
		rc = loop_add(l, &e->listener, EPOLLIN);
	if (rc) {
		close(e->listener.fd);
		e->listener.fd = -1;
	}
	return rc;
}

void
watchdog_deafen(struct watchdog_ear *e)
{
	hang_up(e);
	if (e->listener.fd < 0)
		return;
	loop_del(e->loop, &e->listener);
	close(e->listener.fd);
	e->listener.fd = -1;
}
