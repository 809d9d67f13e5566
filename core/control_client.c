/* SPDX-License-Identifier: MIT */
/* control_client.c -- reading one line and writing an answer as fast as the peer
 * takes it, never faster, and never for longer than a few buffers at a time.
 */
#include "control_client.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core_pools.h"

/* Buffers written to one client before the loop may serve something else. */
#define TURN		4

static struct loop *
loop_self(void)
{
	return &control_self()->env->loop;
}

void
control_client_close(struct control_client *c)
{
	struct loop *l = loop_self();
	timer_stop(&l->timers, &c->timer);
	loop_del(l, &c->io);
	close(c->io.fd);
	pool_put(control_client, c);
}

unsigned
control_client_count(enum control_stage stage)
{
	unsigned n = 0;
	for (uint32_t i = 0; i < control_client_pool_end(); i++) {
		const struct control_client *c = control_client_pool_at(i);
		n += c && c->stage == stage;
	}
	return n;
}

bool
control_client_put(struct control_client *c, const char *p, size_t n)
{
	if (c->head && c->tail + n > sizeof c->out) {
		memmove(c->out, c->out + c->head, (size_t)(c->tail - c->head));
		c->tail = (uint16_t)(c->tail - c->head);
		c->head = 0;
	}
	if (c->tail + n > sizeof c->out)
		return false;
	memcpy(c->out + c->tail, p, n);
	c->tail = (uint16_t)(c->tail + n);
	return true;
}

void
control_client_answer(struct control_client *c)
{
	c->stage = CONTROL_ANSWERING;
	timer_stop(&loop_self()->timers, &c->timer);
}

/* More of the body into the empty buffer; false: there is no more. */
static bool
refill(struct control_client *c)
{
	if (!c->body)
		return false;
	const size_t n = report_render(&c->cursor, c->out, sizeof c->out);
	c->head = 0;
	c->tail = (uint16_t)n;
	c->body = n > 0;
	return c->body;
}

/* What is left to write waits for the peer, but not for ever. */
static void
await(struct control_client *c, bool progress, struct mono now)
{
	struct loop *l = loop_self();
	const bool pending = c->head < c->tail || c->stage == CONTROL_ANSWERING;
	const uint32_t in = c->stage == CONTROL_ANSWERING || c->half ? 0 : EPOLLIN;
	loop_mod(l, &c->io, in | (pending ? EPOLLOUT : 0));
	if (c->stage == CONTROL_READING || c->stage == CONTROL_WAITING)
		return;			/* their own deadline runs */
	if (!pending)
		timer_stop(&l->timers, &c->timer);
	else if (progress || !c->timer.armed)
		timer_arm(&l->timers, &c->timer,
			  mono_add(now, c->stage == CONTROL_MONITOR ?
				   CONTROL_MONITOR_US : CONTROL_WRITE_US));
}

/* A close with unread input would look like a reset to the peer. */
static void
close_gently(struct control_client *c)
{
	char rest[CONTROL_LINE];
	for (int i = 0; i < TURN; i++)
		if (recv(c->io.fd, rest, sizeof rest, MSG_DONTWAIT) <= 0)
			break;
	control_client_close(c);
}

void
control_client_flush(struct control_client *c, struct mono now)
{
	bool progress = false;
	for (int turn = 0; turn < TURN; ) {
		if (c->head == c->tail) {
			c->head = c->tail = 0;
			if (c->stage == CONTROL_MONITOR)
				control_event_settle(c);
			else if (!refill(c) && c->stage == CONTROL_ANSWERING) {
				close_gently(c);
				return;
			}
			if (c->head == c->tail)
				break;
		}
		const ssize_t n = send(c->io.fd, c->out + c->head,
				       (size_t)(c->tail - c->head),
				       MSG_DONTWAIT | MSG_NOSIGNAL);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && (errno == EAGAIN || errno == ENOBUFS))
			break;
		if (n < 0) {
			control_client_close(c);
			return;
		}
		c->head = (uint16_t)(c->head + n);
		progress = true;
		turn++;
	}
	await(c, progress, now);
}

/* The request line grows; a newline, or what can never become a request, ends it. */
static void
read_line(struct control_client *c, struct mono now)
{
	const ssize_t n = recv(c->io.fd, c->line + c->nline,
			       sizeof c->line - c->nline, MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n < 0 || (n == 0 && c->nline == 0)) {
		control_client_close(c);
		return;
	}
	const char *end = memchr(c->line + c->nline, '\n', (size_t)n);
	c->nline = (uint16_t)(c->nline + n);
	if (end) {
		control_request_run(c, (size_t)(end - c->line), now);
	} else if (n == 0) {
		control_self()->garbage++;
		control_fail(c, "the request does not end in a newline");
	} else if (c->nline == sizeof c->line ||
		   memchr(c->line, '\0', c->nline)) {
		control_self()->garbage++;
		control_fail(c, "not a request: one line of at most %u bytes of text",
			     (unsigned)sizeof c->line);
	} else {
		return;
	}
	control_client_flush(c, now);
}

/* A monitor and one that waits have nothing more to say: what they send is
 * thrown away, but not for ever; their end is noticed. */
static void
read_rest(struct control_client *c, struct mono now)
{
	char rest[CONTROL_LINE];
	const ssize_t n = recv(c->io.fd, rest, sizeof rest, MSG_DONTWAIT);
	if (n == 0)
		c->half = true;
	else if (n > 0)
		c->nline = (uint16_t)(c->nline + n);
	if (c->nline > CONTROL_REST) {
		control_self()->garbage++;
		control_client_close(c);
		return;
	}
	if (n < 0 && errno != EAGAIN && errno != EINTR) {
		control_client_close(c);
		return;
	}
	control_client_flush(c, now);
}

static void
ready(struct loop_fd *f, uint32_t events, struct mono now)
{
	struct control_client *c = container_of(f, struct control_client, io);
	/* Both directions are closed, or the peer has: nobody reads an answer. */
	if (events & EPOLLERR || (events & EPOLLHUP && c->stage != CONTROL_READING)) {
		control_client_close(c);
		return;
	}
	if (c->stage == CONTROL_READING)
		read_line(c, now);
	else if (events & EPOLLIN)
		read_rest(c, now);
	else
		control_client_flush(c, now);
}

static void
expired(struct timer *t, struct mono now)
{
	struct control_client *c = container_of(t, struct control_client, timer);
	switch (c->stage) {
	case CONTROL_READING:
		control_self()->slow_writers++;
		control_fail(c, "no request within %d seconds",
			     (int)(CONTROL_READ_US / MONO_US_PER_S));
		control_client_flush(c, now);
		break;
	case CONTROL_WAITING:
		if (c->ticket) {
			(void)control_end(c->ticket, now);
			break;
		}
		if (c->taken)
			control_fail(c, "no word of the %s within %d seconds",
				     c->restart ? "restart" : "reload",
				     (int)(CONTROL_RELOAD_US / MONO_US_PER_S));
		else
			control_fail(c, "the parent, process %d, does not take the request: "
				     "is it stopped?", (int)getppid());
		control_client_flush(c, now);
		break;
	case CONTROL_ANSWERING:
	case CONTROL_MONITOR:
		control_self()->slow_readers++;
		control_client_close(c);
		break;
	}
}

/* Whether `gid` is one of the peer's supplementary groups.  One in more groups than this
 * holds is taken for a member of none. */
static bool
in_groups(int fd, uint32_t gid)
{
	uint32_t group[64];
	socklen_t len = sizeof group;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, group, &len))
		return false;
	for (unsigned i = 0; i < len / sizeof group[0]; i++)
		if (group[i] == gid)
			return true;
	return false;
}

enum control_who
control_client_who(int fd)
{
	const struct child_env *env = control_self()->env;
	const uint32_t gid = env->image ? env->image->core.control_gid : 0;
	struct { int32_t pid; uint32_t uid, gid; } cred;	/* struct ucred */
	socklen_t len = sizeof cred;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &len))
		return CONTROL_STRANGER;
	if (cred.uid == 0 || cred.uid == (uint32_t)geteuid())
		return CONTROL_ACTS;
	if (gid && (cred.gid == gid || in_groups(fd, gid)))
		return CONTROL_LOOKS;
	return CONTROL_STRANGER;
}

bool
control_client_open(int fd, enum control_who who, struct mono now)
{
	struct control_client *c = pool_get(control_client);
	if (!c)
		return false;
	struct loop *l = loop_self();
	c->io.fd = fd;
	c->io.ready = ready;
	c->who = who;
	timer_init(&c->timer, expired);
	if (loop_add(l, &c->io, EPOLLIN) < 0) {
		pool_put(control_client, c);
		return false;
	}
	timer_arm(&l->timers, &c->timer, mono_add(now, CONTROL_READ_US));
	return true;
}
