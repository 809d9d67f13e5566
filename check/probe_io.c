/* SPDX-License-Identifier: MIT */
/* probe_io.c -- how the bytes of a try travel: TCP, UDP, ICMP, a script, a file. */
#define _GNU_SOURCE
#include <errno.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/icmp.h>

#include "file.h"
#include "probe.h"
#include "sock.h"
#include "wall.h"

#define DATAGRAM_MAX	4096
#define BURST		16		/* datagrams of one wake-up */
#define IP4_HEADER	20

/* What was just read, and nobody keeps. */
static uint8_t rx[DATAGRAM_MAX + 64];

static const struct checker *
checker_of(const struct probe_try *t)
{
	return checker_table[t->probe->conf->checker];
}

static struct sock_to
target(const struct check_conf_check *conf)
{
	return (struct sock_to){
		.addr = conf->addr, .port = conf->port, .bind_addr = conf->bind_addr,
		.bind_port = conf->bind_port, .bind_if = conf->bind_if,
		.fwmark = conf->fwmark,
	};
}

/* The reason that a socket's errno stands for. */
static enum checker_reason
reason_of(enum stream_end end)
{
	switch (end) {
	case STREAM_EOF:
		return CHECKER_CLOSED;
	case STREAM_REFUSED:
		return CHECKER_REFUSED;
	case STREAM_UNREACHABLE:
		return CHECKER_UNREACHABLE;
	case STREAM_RESET:
		return CHECKER_RESET;
	case STREAM_TLS:
		return CHECKER_TLS;
	case STREAM_LOCAL:
	case STREAM_END__N:
		break;
	}
	return CHECKER_LOCAL;
}

static void
fail_errno(struct probe_try *t, int err, struct mono now)
{
	t->ours = err == EMFILE || err == ENFILE || err == ENOBUFS || err == ENOMEM;
	probe_fail(t, reason_of(stream_end_of(err)), strerror(err), now);
}

static enum checker_step
hear(struct probe_try *t, const uint8_t *p, size_t n, struct mono now)
{
	if (!t->heard)
		probe_tell_bytes(t->probe, "gets", p, n, now);
	t->heard = true;
	probe_call(t, now);
	return checker_of(t)->input(&t->run, p, n);
}

/* ---- TCP ------------------------------------------------------------------------- */

static void
on_open(struct stream *s, struct mono now)
{
	struct probe_try *const t = container_of(s, struct probe_try, stream);
	struct tls_peer peer;

	t->ready = true;
	if (s->tls)
		probe_tls_ready(t, now);
	if (s->tls && t->probe->ticket) {
		tls_peer(t->tls, &peer);
		probe_tell(t->probe, now, "TLS %u.%u, suite %04x%s%s%s",
			   (peer.version >> 8) - 2u, (peer.version & 255) - 1u, peer.suite,
			   peer.alpn[0] ? ", " : "", peer.alpn,
			   peer.again ? ", the session of the last page" : "");
	} else {
		probe_tell(t->probe, now, "connected");
	}
	probe_call(t, now);
	probe_step(t, checker_of(t)->open(&t->run), now);
}

static void
on_input(struct stream *s, const uint8_t *p, size_t n, struct mono now)
{
	struct probe_try *const t = container_of(s, struct probe_try, stream);

	probe_step(t, hear(t, p, n, now), now);
}

static void
on_end(struct stream *s, enum stream_end end, int err, struct mono now)
{
	struct probe_try *const t = container_of(s, struct probe_try, stream);

	/* Some servers break when a session is taken up that they themselves have named: that
	 * is no failure until a whole handshake fails, too. */
	if (t->again && !t->ready && (end == STREAM_TLS || end == STREAM_RESET)) {
		t->whole = true;
		probe_tls_forget(t->probe);
		probe_io_open(t, now);
		return;
	}
	if (end == STREAM_EOF && checker_of(t)->eof) {
		probe_call(t, now);

		const enum checker_step step = checker_of(t)->eof(&t->run);

		if (step != CHECKER_MORE) {
			probe_step(t, step, now);
			return;
		}
	}
	if (end == STREAM_TLS)
		probe_fail(t, CHECKER_TLS, tls_verdict_text(tls_verdict(t->tls)), now);
	else
		probe_fail(t, reason_of(end), err ? strerror(err) : "", now);
}

static const struct stream_ops stream_ops = {
	.open = on_open, .input = on_input, .end = on_end,
};

/* false: it can't, and the try has ended. */
static bool
begin_tls(struct probe_try *t, struct mono now)
{
	const struct tls_kept *const kept = probe_tls_kept(t->probe, now);

	t->again = kept != NULL;
	if (tls_start_again(t->tls, &t->probe->conf->tls, t->run.conf->text,
			    wall_us() / MONO_US_PER_S, kept))
		return true;
	probe_fail(t, CHECKER_TLS, tls_verdict_text(tls_verdict(t->tls)), now);
	return false;
}

void
probe_io_secure(struct probe_try *t, struct mono now)
{
	if (begin_tls(t, now))
		stream_tls(&t->stream, t->tls, now);
}

static void
open_stream(struct probe_try *t, struct mono now)
{
	const struct check_conf_check *const conf = t->probe->conf;
	const struct sock_to to = target(conf);

	const bool tls = t->tls && !conf->tls_later;

	stream_init(&t->stream, t->probe->all->loop, &stream_ops, t->tx, sizeof t->tx);
	if (tls && !begin_tls(t, now))
		return;

	const int rc = stream_open(&t->stream, &to, tls ? t->tls : NULL, now);

	if (rc)
		fail_errno(t, -rc, now);
}

/* ---- UDP and ICMP ---------------------------------------------------------------- */

/* What of a raw ICMP packet is the message; false: nothing. */
static bool
strip(const struct probe_try *t, const uint8_t **p, size_t *n)
{
	if (t->run.link != CHECKER_ECHO || net_is_ip6(t->probe->conf->addr.family))
		return true;
	if (*n < IP4_HEADER)
		return false;

	const size_t header = (size_t)((*p)[0] & 15) * 4;

	if (header < IP4_HEADER || header > *n)
		return false;
	*p += header;
	*n -= header;
	return true;
}

/* Errors that ICMP has brought, each with what of a message it quotes. */
static void
hear_errors(struct probe_try *t, struct mono now)
{
	const struct probe *const p = t->probe;

	for (unsigned i = 0; i < BURST && p->try == t; i++) {
		int err = 0;
		socklen_t len = sizeof err;

		/* One that a send was told of first is still in the queue. */
		if (getsockopt(t->io.fd, SOL_SOCKET, SO_ERROR, &err, &len) || err == 0)
			err = EHOSTUNREACH;

		const ssize_t got = recv(t->io.fd, rx, sizeof rx, MSG_ERRQUEUE | MSG_DONTWAIT);

		if (got < 0)
			return;
		probe_call(t, now);
		probe_step(t, checker_of(t)->lost(&t->run, strerror(err), rx, (size_t)got), now);
	}
}

static void
on_datagram(struct loop_fd *f, uint32_t events, struct mono now)
{
	struct probe_try *const t = container_of(f, struct probe_try, io);
	struct probe *const p = t->probe;

	if (events & EPOLLERR && checker_of(t)->lost)
		hear_errors(t, now);
	for (unsigned i = 0; i < BURST && p->try == t; i++) {
		const ssize_t got = recv(f->fd, rx, sizeof rx, MSG_DONTWAIT);
		const uint8_t *at = rx;
		size_t n = (size_t)got;

		if (got < 0) {
			if (errno != EAGAIN && errno != EINTR)
				fail_errno(t, errno, now);
			return;
		}
		if (!strip(t, &at, &n) || n > DATAGRAM_MAX)
			continue;
		const uint16_t opened = t->run.opened;

		probe_step(t, hear(t, at, n, now), now);
		if (p->try == t && t->run.opened != opened)
			return;		/* another socket by now */
	}
}

/* Only echo replies are of interest, and errors about our requests, and only they wake us. */
static void
filter(int fd, uint8_t family)
{
	const int on = 1;

	if (net_is_ip6(family)) {
		(void)setsockopt(fd, IPPROTO_IPV6, IPV6_RECVERR, &on, sizeof on);
		struct icmp6_filter f;

		ICMP6_FILTER_SETBLOCKALL(&f);
		ICMP6_FILTER_SETPASS(ICMP6_ECHO_REPLY, &f);
		(void)setsockopt(fd, IPPROTO_ICMPV6, ICMP6_FILTER, &f, sizeof f);
		return;
	}
	(void)setsockopt(fd, IPPROTO_IP, IP_RECVERR, &on, sizeof on);

	const struct icmp_filter f = { .data = ~(1u << ICMP_ECHOREPLY) };

	(void)setsockopt(fd, SOL_RAW, ICMP_FILTER, &f, sizeof f);
}

static void
open_datagram(struct probe_try *t, struct mono now)
{
	struct sock_to to = target(t->probe->conf);
	const bool echo = t->run.link == CHECKER_ECHO;
	const bool ip6 = net_is_ip6(to.addr.family);
	int type = SOCK_DGRAM, protocol = IPPROTO_UDP;

	if (echo) {
		type = SOCK_RAW;
		protocol = ip6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP;
		to.port = to.bind_port = 0;
	}

	const int fd = sock_open(&to, type, protocol);

	if (fd < 0) {
		fail_errno(t, -fd, now);
		return;
	}
	if (echo)
		filter(fd, to.addr.family);
	t->io.fd = fd;
	t->io.ready = on_datagram;

	int rc = sock_connect(fd, &to);

	if (!rc)
		rc = loop_add(t->probe->all->loop, &t->io, EPOLLIN);
	if (rc) {
		close(fd);
		t->io.fd = -1;
		fail_errno(t, -rc, now);
		return;
	}
	t->ready = true;
	probe_call(t, now);
	probe_step(t, checker_of(t)->open(&t->run), now);
}

/* ---- a script, a file ------------------------------------------------------------ */

static void
open_script(struct probe_try *t, struct mono now)
{
	/* What an earlier one of this check says late is not taken for this one's word. */
	while ((t->script = ++t->probe->all->scripts) == 0)
		;
	if (t->probe->all->ops->run(t->probe, now))
		return;
	t->ours = true;
	probe_fail(t, CHECKER_LOCAL, "the parent does not take it", now);
}

static void
open_file(struct probe_try *t, struct mono now)
{
	const struct checker *const k = checker_of(t);
	const char *const path = check_conf_text(t->run.conf, t->probe->conf->u.file.path);
	enum checker_step step = CHECKER_MORE;
	size_t n = 0;
	const int rc = file_read(path, rx, DATAGRAM_MAX, &n);

	if (rc) {
		probe_fail(t, CHECKER_FILE, strerror(-rc), now);
		return;
	}
	probe_call(t, now);
	if (n > 0)
		step = k->input(&t->run, rx, n);
	if (step == CHECKER_MORE && k->eof)
		step = k->eof(&t->run);
	probe_step(t, step, now);
}

/* ---- for probe.c ----------------------------------------------------------------- */

void
probe_io_open(struct probe_try *t, struct mono now)
{
	switch (t->run.link) {
	case CHECKER_STREAM:
		open_stream(t, now);
		return;
	case CHECKER_DATAGRAM:
	case CHECKER_ECHO:
		open_datagram(t, now);
		return;
	case CHECKER_SCRIPT:
		open_script(t, now);
		return;
	case CHECKER_READ:
		open_file(t, now);
		return;
	}
}

void
probe_io_close(struct probe_try *t, bool reset)
{
	/* A port of ours alone must be free for what comes next. */
	if (t->stream.loop)
		stream_close(&t->stream, reset || t->probe->conf->bind_port != 0);
	if (t->io.fd >= 0) {
		loop_close_fd(t->probe->all->loop, &t->io);
	}
}

bool
probe_io_send(struct probe_try *t, struct mono now)
{
	const size_t n = wr_len(&t->run.out);

	t->heard = false;
	probe_tell_bytes(t->probe, "sends", checker_of(t)->discreet ? NULL : t->out, n, now);
	if (t->run.link == CHECKER_STREAM) {
		if (stream_send(&t->stream, t->out, n, now))
			return true;
		probe_fail(t, CHECKER_LOCAL, "raise CONFIG_CHECK_SEND", now);
		return false;
	}
	if (t->io.fd < 0 || send(t->io.fd, t->out, n, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0)
		return true;
	/* It may have been about a message before this one: that is in the queue. */
	if (checker_of(t)->lost &&
	    send(t->io.fd, t->out, n, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0)
		return true;
	/* A full queue loses a datagram as a wire would. */
	if (errno == EAGAIN || errno == ENOBUFS)
		return true;
	fail_errno(t, errno, now);
	return false;
}
