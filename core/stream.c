/* SPDX-License-Identifier: MIT */
/* stream.c -- non-blocking TCP, and the pump between it and TLS.
 *
 * Two directions: push() moves what waits to the socket and calls nothing back, so the
 * owner may send at any time; what calls back happens at a wake-up only, and looks after each call
 * whether the stream is still the one that it was.
 */
#define _GNU_SOURCE
#include "stream.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Reads from one connection before the loop may serve another. */
#define TURN		8

/* Lives of all streams so far: none is like another, also where a struct is begun anew, or its
 * memory has become somebody else's, within one of its own callbacks. */
static uint32_t lives;

/* What was just read; the owner has it before the next read of any stream. */
static uint8_t rx[4096];

static const char *const end_text[STREAM_END__N] = {
#define X(name, text) [STREAM_##name] = text,
	STREAM_ENDS(X)
#undef X
};

const char *
stream_end_text(enum stream_end end)
{
	return end_text[end];
}

enum stream_end
stream_end_of(int err)
{
	switch (err) {
	case 0:
		return STREAM_EOF;
	case ECONNREFUSED:
		return STREAM_REFUSED;
	case ECONNRESET:
	case ECONNABORTED:
	case EPIPE:
		return STREAM_RESET;
	case EHOSTUNREACH:
	case ENETUNREACH:
	case EHOSTDOWN:
	case ENETDOWN:
	case ENONET:
	case ENOPROTOOPT:		/* how the kernel hands on some ICMP errors */
	case EOPNOTSUPP:
	case EPROTO:
	case EACCES:
	case ETIMEDOUT:			/* no answer to any SYN, or to what was sent */
		return STREAM_UNREACHABLE;
	default:
		return STREAM_LOCAL;
	}
}

void
stream_init(struct stream *s, struct loop *l, const struct stream_ops *ops, void *tx, size_t cap)
{
	*s = (struct stream){
		.io = { .fd = -1 }, .loop = l, .ops = ops, .tx = tx, .cap = (uint32_t)cap,
		.life = ++lives,
	};
}

/* ---- opening ----------------------------------------------------------------------- */

static void on_ready(struct loop_fd *f, uint32_t events, struct mono now);

/* The records of one flight are sent one by one: none may wait for the ACK of the last.  What is
 * plain is sent in one piece and then answered. */
static void
no_delay(const struct stream *s)
{
	const int on = 1;

	(void)setsockopt(s->io.fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

int
stream_open(struct stream *s, const struct sock_to *to, struct tls *tls, struct mono now)
{
	(void)now;
	assert(s->io.fd < 0);
	const int fd = sock_open(to, SOCK_STREAM, 0);

	if (fd < 0)
		return fd;
	s->io = (struct loop_fd){ .fd = fd, .ready = on_ready };
	s->tls = tls;
	s->begun = s->used = 0;
	s->err = 0;
	s->connected = s->ready = s->finish = s->shut = s->eof = false;
	if (tls)
		no_delay(s);

	int rc = sock_connect(fd, to);

	if (!rc)	/* writable when it is connected, at once or later */
		rc = loop_add(s->loop, &s->io, EPOLLOUT);
	if (rc) {
		s->io.fd = -1;
		close(fd);
	}
	return rc;
}

/* ---- sending: calls nothing back --------------------------------------------------- */

/* How many bytes the socket takes; its failure is kept for the next wake-up. */
static size_t
put(struct stream *s, const uint8_t *p, size_t n)
{
	ssize_t sent = -1;

	if (s->err)
		return 0;
	do {
		sent = send(s->io.fd, p, n, MSG_NOSIGNAL);
	} while (sent < 0 && errno == EINTR);
	if (sent < 0 && errno != EAGAIN)
		s->err = errno;
	return sent < 0 ? 0 : (size_t)sent;
}

static void
push_plain(struct stream *s)
{
	if (s->begun < s->used)
		s->begun += (uint32_t)put(s, s->tx + s->begun, s->used - s->begun);
	if (s->finish && !s->shut && s->begun == s->used) {
		s->shut = true;
		shutdown(s->io.fd, SHUT_WR);
	}
}

/* Returns whether all that TLS has for the wire went. */
static bool
push_records(struct stream *s)
{
	const uint8_t *p = NULL;

	for (size_t n; (n = tls_wire_out(s->tls, &p)) > 0; ) {
		const size_t sent = put(s, p, n);

		tls_wire_sent(s->tls, sent);
		if (sent < n)
			return false;
	}
	return true;
}

static void
push_tls(struct stream *s)
{
	while (push_records(s) && s->ready && s->begun < s->used) {
		const size_t n = tls_write(s->tls, s->tx + s->begun, s->used - s->begun);

		if (n == 0)
			return;		/* what came in must be read first */
		s->begun += (uint32_t)n;
		tls_flush(s->tls);
	}
	if (s->finish && s->ready && !s->shut && s->begun == s->used) {
		s->shut = true;
		tls_close(s->tls);
		(void)push_records(s);
	}
}

static bool
tls_has_output(struct stream *s)
{
	const uint8_t *p = NULL;

	return s->tls && tls_wire_out(s->tls, &p) > 0;
}

/* Asks for what can bring it on, and a wake-up at once when there is something to tell. */
static void
watch(struct stream *s)
{
	const bool tell = s->err || (s->tls && tls_closed(s->tls));
	const bool out = s->tls ? tls_has_output(s) : s->begun < s->used;
	const bool in = !s->eof && (!s->tls || tls_wire_room(s->tls) > 0);

	loop_mod(s->loop, &s->io, (in ? EPOLLIN : 0u) | (out || tell ? EPOLLOUT : 0u));
}

static void
push(struct stream *s)
{
	if (!s->connected)
		return;
	if (s->tls)
		push_tls(s);
	else
		push_plain(s);
	watch(s);
}

bool
stream_send(struct stream *s, const void *p, size_t n, struct mono now)
{
	(void)now;
	if (s->io.fd < 0 || s->finish || n > s->cap - (s->used - s->begun))
		return false;
	if (s->begun > 0 && n > s->cap - s->used) {
		memmove(s->tx, s->tx + s->begun, s->used - s->begun);
		s->used -= s->begun;
		s->begun = 0;
	}
	memcpy(s->tx + s->used, p, n);
	s->used += (uint32_t)n;
	push(s);
	return true;
}

void
stream_finish(struct stream *s)
{
	if (s->io.fd < 0)
		return;
	s->finish = true;
	push(s);
}

/* ---- wake-ups ---------------------------------------------------------------------- */

void
stream_close(struct stream *s, bool reset)
{
	const struct linger none = { .l_onoff = 1, .l_linger = 0 };

	if (s->io.fd < 0)
		return;
	if (reset)
		setsockopt(s->io.fd, SOL_SOCKET, SO_LINGER, &none, sizeof none);
	else if (s->ready && s->tls && !tls_closed(s->tls))
		stream_finish(s);
	loop_close_fd(s->loop, &s->io);
	s->tls = NULL;
	s->connected = s->ready = false;
	s->life = ++lives;
}

static void
fail(struct stream *s, enum stream_end end, int err, struct mono now)
{
	const bool told = s->eof;

	stream_close(s, true);
	if (!told)
		s->ops->end(s, end, err, now);
}

/* The other side has ended its half, and may still hear us. */
static void
note_eof(struct stream *s, struct mono now)
{
	s->eof = true;
	watch(s);
	s->ops->end(s, STREAM_EOF, 0, now);
}

/* Reads up to `room` bytes.  0: nothing now, or it has failed, ended or been closed. */
static size_t
take(struct stream *s, size_t room, struct mono now)
{
	ssize_t n = -1;

	do {
		n = recv(s->io.fd, rx, room, 0);
	} while (n < 0 && errno == EINTR);
	if (n > 0)
		return (size_t)n;
	if (s->err)
		return 0;		/* a send has taken the error, and this looks like an end */
	if (n < 0 && errno != EAGAIN)
		fail(s, stream_end_of(errno), errno, now);
	else if (n == 0 && s->tls)
		tls_wire_end(s->tls);
	else if (n == 0)
		note_eof(s, now);
	return 0;
}

static void
read_plain(struct stream *s, struct mono now)
{
	const uint32_t life = s->life;

	for (unsigned i = 0; i < TURN && !s->eof; i++) {
		const size_t n = take(s, sizeof rx, now);

		if (n == 0)
			return;
		s->ops->input(s, rx, n, now);
		if (s->life != life || s->tls || n < sizeof rx)
			return;
	}
}

/* Tells that the handshake is done and hands on what was decrypted; false: it was closed. */
static bool
deliver(struct stream *s, struct mono now)
{
	const uint32_t life = s->life;
	const uint8_t *p = NULL;

	if (!s->ready && tls_ready(s->tls)) {
		s->ready = true;
		s->ops->open(s, now);
		if (s->life != life)
			return false;
	}
	for (size_t n; (n = tls_read(s->tls, &p)) > 0; ) {
		s->ops->input(s, p, n, now);
		if (s->life != life)
			return false;
		tls_read_done(s->tls, n);
	}
	return true;
}

/* The session has ended, in order or not. */
static void
end_tls(struct stream *s, struct mono now)
{
	const bool whole = tls_verdict(s->tls) == TLS_OK;

	(void)push_records(s);		/* why, or our half of the close */
	stream_close(s, false);
	s->ops->end(s, whole ? STREAM_EOF : STREAM_TLS, 0, now);
}

static void
read_tls(struct stream *s, struct mono now)
{
	const uint32_t life = s->life;

	for (unsigned i = 0; i < TURN; i++) {
		const size_t room = tls_wire_room(s->tls);

		if (room == 0)
			break;
		const size_t n = take(s, room < sizeof rx ? room : sizeof rx, now);

		if (s->life != life)
			return;
		if (n == 0)
			break;
		(void)tls_wire_in(s->tls, rx, n);
		if (!deliver(s, now))
			return;
		push(s);		/* both directions share one buffer */
	}
	/* The last word of a handshake may have been ours (RFC 5246 7.3, figure 2). */
	if (!deliver(s, now))
		return;
	if (tls_closed(s->tls))
		end_tls(s, now);
}

static void
on_connected(struct stream *s, uint32_t events, struct mono now)
{
	const uint32_t life = s->life;
	int err = 0;
	socklen_t len = sizeof err;

	/* A socket with an error says so with its events. */
	if (events & (EPOLLERR | EPOLLHUP) &&
	    getsockopt(s->io.fd, SOL_SOCKET, SO_ERROR, &err, &len))
		err = errno;
	if (err) {
		fail(s, stream_end_of(err), err, now);
		return;
	}
	s->connected = true;
	if (!s->tls) {
		s->ready = true;
		s->ops->open(s, now);
	}
	if (s->life == life)
		push(s);
}

static void
on_ready(struct loop_fd *f, uint32_t events, struct mono now)
{
	struct stream *const s = container_of(f, struct stream, io);
	const uint32_t life = s->life;

	if (!s->connected) {
		on_connected(s, events, now);
		return;
	}
	push(s);
	/* After their end only an error can come. */
	if (s->eof && events & (EPOLLERR | EPOLLHUP)) {
		stream_close(s, false);
		return;
	}
	/* What came before a failure is heard first. */
	if (events & (EPOLLIN | EPOLLERR | EPOLLHUP) && !s->tls)
		read_plain(s, now);
	else if (s->tls)
		read_tls(s, now);
	if (s->life == life && s->err)
		fail(s, stream_end_of(s->err), s->err, now);
	else if (s->life == life)
		push(s);
}

void
stream_tls(struct stream *s, struct tls *tls, struct mono now)
{
	(void)now;
	assert(s->connected && !s->tls);
	/* What nobody has vouched for must not count as an answer to what comes; who goes on with
	 * it speaks no TLS, which is seen. */
	for (unsigned i = 0; i < TURN; i++)
		if (recv(s->io.fd, NULL, 65536, MSG_TRUNC | MSG_DONTWAIT) <= 0)
			break;
	no_delay(s);
	s->tls = tls;
	s->ready = false;
	s->begun = s->used = 0;
	push(s);
}
