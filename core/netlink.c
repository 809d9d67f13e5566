/* SPDX-License-Identifier: MIT */
/* netlink.c -- batches, answers, dumps and the monitor. */
#include "netlink.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Datagrams that a command socket throws away at most before it asks anew. */
#define DRAIN	1024

#define SOCK_FLAGS	(SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK)

/* Options that every kernel since 5.10 has; a refusal only costs comfort. */
static void
tune(int fd, bool strict)
{
	const int on = 1;
	(void)setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof on);
	(void)setsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof on);
	if (strict)
		(void)setsockopt(fd, SOL_NETLINK, NETLINK_GET_STRICT_CHK, &on,
				 sizeof on);
}

/* A bound socket, or -errno. */
static int
sock(int protocol, bool strict, uint32_t *port)
{
	struct sockaddr_nl sa = { .nl_family = AF_NETLINK };
	socklen_t len = sizeof sa;

	int fd = socket(AF_NETLINK, SOCK_FLAGS, protocol);
	if (fd < 0)
		return -errno;
	tune(fd, strict);
	if (bind(fd, (struct sockaddr *)&sa, sizeof sa) < 0 ||
	    getsockname(fd, (struct sockaddr *)&sa, &len) < 0) {
		int error = -errno;
		close(fd);
		return error;
	}
	*port = sa.nl_pid;
	return fd;
}

/* One datagram from the kernel: its length, 0 for one to pass over, -errno.
 * -EMSGSIZE: it was longer than `cap`. */
static ssize_t
receive(int fd, void *buf, size_t cap, struct netlink_stats *st)
{
	struct sockaddr_nl from = { .nl_pid = 0 };
	struct iovec iov = { .iov_base = buf, .iov_len = cap };
	struct msghdr m = {
		.msg_name = &from, .msg_namelen = sizeof from,
		.msg_iov = &iov, .msg_iovlen = 1,
	};
	ssize_t n;

	do
		n = recvmsg(fd, &m, 0);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	if (m.msg_namelen != sizeof from || from.nl_pid != 0) {
		st->foreign++;
		return 0;
	}
	if (m.msg_flags & MSG_TRUNC) {
		st->malformed++;
		return -EMSGSIZE;
	}
	return n;
}

int
netlink_open(struct netlink *nl, int protocol)
{
	memset(nl, 0, offsetof(struct netlink, tx));
	nl->fd = sock(protocol, true, &nl->port);
	return nl->fd < 0 ? nl->fd : 0;
}

void
netlink_close(struct netlink *nl)
{
	if (nl->fd >= 0)
		close(nl->fd);
	nl->fd = -1;
}

/* The header of the request under construction. */
static struct nlmsghdr *
begun(struct netlink *nl)
{
	return (void *)(nl->tx + nl->used);
}

struct nlmsghdr *
netlink_begin(struct netlink *nl, uint16_t type, uint16_t flags)
{
	assert(!nl->out && !nl->building);
	if (nl->count == NETLINK_BATCH || sizeof nl->tx - nl->used < NLMSG_MAX)
		netlink_flush(nl);
	nlmsg_init(begun(nl), type, flags | NLM_F_REQUEST | NLM_F_ACK, ++nl->seq);
	nl->building = true;
	return begun(nl);
}

void
netlink_commit(struct netlink *nl, struct netlink_call *call, uint32_t cookie)
{
	const struct nlmsghdr *h = begun(nl);

	assert(nl->building && !nl->out);
	nl->building = false;
	if (!nlmsg_fits(h)) {
		nl->seq--;
		nl->stats.errors++;
		if (call)
			call->done(call, cookie, -EMSGSIZE, "");
		return;
	}
	nl->ask[nl->count].call = call;
	nl->ask[nl->count].cookie = cookie;
	if (nl->count == 0)
		nl->first = h->nlmsg_seq;
	nl->ask[nl->count].done = false;
	nl->count++;
	nl->used += NLMSG_ALIGN(h->nlmsg_len);
}

/* Hands `len` bytes at `p` to the kernel, which works them off before this
 * returns; 0 or -errno. */
static int
transmit(struct netlink *nl, const void *p, size_t len)
{
	const struct sockaddr_nl to = { .nl_family = AF_NETLINK };
	ssize_t n;

	nl->stats.batches++;
	do
		n = sendto(nl->fd, p, len, 0, (const struct sockaddr *)&to, sizeof to);
	while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : 0;
}

static void
answer(struct netlink *nl, uint32_t i, int error, const char *text)
{
	nl->ask[i].done = true;
	if (error)
		nl->stats.errors++;
	if (nl->ask[i].call)
		nl->ask[i].call->done(nl->ask[i].call, nl->ask[i].cookie, error,
				      text);
}

/* Hands out the acknowledgements of one datagram; returns how many. */
static uint32_t
acks(struct netlink *nl, size_t len)
{
	struct nlmsg_walk w;
	const struct nlmsghdr *h;
	char text[NLMSG_TEXT];
	uint32_t n = 0;

	nlmsg_walk(&w, nl->rx, len);
	while ((h = nlmsg_next(&w))) {
		/* Unsigned: a seq before the batch's first is far above. */
		uint32_t i = h->nlmsg_seq - nl->first;
		if (i >= nl->count || nl->ask[i].done || h->nlmsg_pid != nl->port) {
			nl->stats.stale++;
			continue;
		}
		if (h->nlmsg_type != NLMSG_ERROR)
			continue;
		int error = nlmsg_error(h, text);
		answer(nl, i, error, text);
		n++;
	}
	nl->stats.malformed += w.bad;
	return n;
}

/* Reads until every request of the batch has its answer, or none is left. */
static void
collect(struct netlink *nl)
{
	uint32_t missing = nl->count;

	while (missing > 0) {
		ssize_t n = receive(nl->fd, nl->rx, sizeof nl->rx, &nl->stats);
		if (n > 0)
			missing -= acks(nl, (size_t)n);
		else if (n == -ENOBUFS)
			nl->stats.overruns++;
		else if (n < 0 && n != -EMSGSIZE)
			break;
	}
	for (uint32_t i = 0; missing > 0 && i < nl->count; i++) {
		if (nl->ask[i].done)
			continue;
		nl->stats.lost++;
		missing--;
		answer(nl, i, -ENOBUFS, "");
	}
}

void
netlink_flush(struct netlink *nl)
{
	assert(!nl->out && !nl->building);
	if (nl->count == 0)
		return;
	nl->out = true;
	nl->stats.requests += nl->count;
	int error = transmit(nl, nl->tx, nl->used);
	if (error == 0)
		collect(nl);
	for (uint32_t i = 0; error && i < nl->count; i++)
		answer(nl, i, error, "");
	nl->count = 0;
	nl->used = 0;
	nl->out = false;
}

/* Moves the begun request to the front, alone; NULL: it did not fit. */
static struct nlmsghdr *
alone(struct netlink *nl)
{
	const struct nlmsghdr *h = begun(nl);

	assert(nl->building && !nl->out);
	nl->building = false;
	if (!nlmsg_fits(h)) {
		nl->seq--;
		nl->stats.errors++;
		return NULL;
	}
	if (nl->count > 0) {
		netlink_flush(nl);
		memmove(nl->tx, h, h->nlmsg_len);
	}
	return (void *)nl->tx;
}

/* How a reading of answers to one request went on. */
struct reading {
	struct netlink_dump *d;
	char *text;
	uint32_t seq;
	bool done;
	bool interrupted;
	int error;
};

/* One datagram of answers. */
static void
digest(struct netlink *nl, struct reading *r, size_t len)
{
	struct nlmsg_walk w;
	const struct nlmsghdr *h;

	nlmsg_walk(&w, nl->rx, len);
	while (!r->done && (h = nlmsg_next(&w))) {
		if (h->nlmsg_seq != r->seq || h->nlmsg_pid != nl->port) {
			nl->stats.stale++;
			continue;
		}
		if (h->nlmsg_flags & NLM_F_DUMP_INTR)
			r->interrupted = true;
		if (h->nlmsg_type == NLMSG_DONE || h->nlmsg_type == NLMSG_ERROR) {
			r->error = nlmsg_error(h, r->text);
			r->done = true;
		} else if (h->nlmsg_type >= NLMSG_MIN_TYPE && r->d) {
			r->d->msg(r->d, h);
		}
	}
	if (w.bad) {
		nl->stats.malformed++;
		r->error = -EBADMSG;
		r->done = true;
	}
}

/* Reads the answers to request `h`, which has just been sent, to their end. */
static void
read_answers(struct netlink *nl, struct reading *r)
{
	while (!r->done) {
		ssize_t n = receive(nl->fd, nl->rx, sizeof nl->rx, &nl->stats);
		if (n >= 0) {
			digest(nl, r, (size_t)n);
			continue;
		}
		nl->stats.overruns += n == -ENOBUFS;
		nl->stats.lost += n == -EAGAIN;
		r->error = n == -EAGAIN ? -ENOBUFS : (int)n;
		r->done = true;
	}
}

int
netlink_ask(struct netlink *nl, struct netlink_dump *reply, char text[NLMSG_TEXT])
{
	char unread[NLMSG_TEXT];
	struct reading r = { .d = reply, .text = text ? text : unread };
	const struct nlmsghdr *h = alone(nl);

	r.text[0] = '\0';
	if (!h)
		return -EMSGSIZE;
	nl->out = true;
	nl->stats.requests++;
	r.seq = h->nlmsg_seq;
	if (reply && reply->begin)
		reply->begin(reply);
	r.error = transmit(nl, h, h->nlmsg_len);
	if (r.error == 0)
		read_answers(nl, &r);
	nl->stats.errors += r.error != 0;
	nl->out = false;
	return r.error;
}

/* Ends a dump that was given up half way: the kernel runs one at a time. */
static void
drain(struct netlink *nl)
{
	for (unsigned i = 0; i < DRAIN; i++)
		if (receive(nl->fd, nl->rx, sizeof nl->rx, &nl->stats) == -EAGAIN)
			return;
}

int
netlink_dump(struct netlink *nl, struct netlink_dump *d)
{
	char text[NLMSG_TEXT];
	struct nlmsghdr *h = alone(nl);
	int error = -EMSGSIZE;

	if (!h)
		return error;
	h->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	nl->out = true;
	for (unsigned i = 0; i < NETLINK_TRIES; i++) {
		struct reading r = { .d = d, .text = text };
		h->nlmsg_seq = r.seq = ++nl->seq;
		nl->stats.dumps++;
		if (d->begin)
			d->begin(d);
		error = transmit(nl, h, h->nlmsg_len);
		if (error == 0) {
			read_answers(nl, &r);
			error = r.error;
		}
		if (error == 0 && !r.interrupted)
			break;
		nl->stats.interrupted += r.interrupted;
		nl->stats.busy += error == -EBUSY;
		if (error != 0 && error != -EBUSY && error != -ENOBUFS &&
		    error != -EINTR)
			break;
		drain(nl);
		error = error ? error : -EINTR;
	}
	nl->stats.errors += error != 0;
	nl->out = false;
	return error;
}

/* The events of one datagram. */
static void
deliver(struct netlink_monitor *m, size_t len, struct mono now)
{
	struct nlmsg_walk w;
	const struct nlmsghdr *h;

	nlmsg_walk(&w, m->rx, len);
	while ((h = nlmsg_next(&w))) {
		if (h->nlmsg_type == NLMSG_OVERRUN) {
			m->stats.overruns++;
			m->lossy = true;
		} else if (h->nlmsg_type >= NLMSG_MIN_TYPE) {
			m->stats.events++;
			m->event(m, h, now);
		}
	}
	if (w.bad) {
		m->stats.malformed++;
		m->lossy = true;
	}
}

/* The kernel drops events, and says so once, until the queue has been emptied: only
 * then is a comparison with a dump worth anything. */
static void
monitor_ready(struct loop_fd *f, uint32_t events, struct mono now)
{
	struct netlink_monitor *m = container_of(f, struct netlink_monitor, io);

	(void)events;
	ssize_t n = 0;
	for (unsigned i = 0; i < NETLINK_BURST && n != -EAGAIN; i++) {
		n = receive(f->fd, m->rx, sizeof m->rx, &m->stats);
		if (n >= 0)
			deliver(m, (size_t)n, now);
		else if (n != -EAGAIN)
			m->lossy = true;
		m->stats.overruns += n == -ENOBUFS;
	}
	if (n != -EAGAIN)
		return;
	if (m->lossy) {
		m->lossy = false;
		m->overrun(m, now);
	} else if (m->drained) {
		m->drained(m, now);
	}
}

bool
netlink_monitor_behind(const struct netlink_monitor *m)
{
	char c;
	return recv(m->io.fd, &c, sizeof c, MSG_PEEK | MSG_TRUNC) >= 0;
}

int
netlink_monitor_open(struct netlink_monitor *m, int protocol,
		     const uint32_t *groups, unsigned n, int rcvbuf)
{
	uint32_t port;

	m->lossy = false;
	memset(&m->stats, 0, sizeof m->stats);
	m->io.ready = monitor_ready;
	m->io.fd = sock(protocol, false, &port);
	if (m->io.fd < 0)
		return m->io.fd;
	/* Beyond rmem_max only with CAP_NET_ADMIN; less is worse, not wrong. */
	if (rcvbuf > 0 &&
	    setsockopt(m->io.fd, SOL_SOCKET, SO_RCVBUFFORCE, &rcvbuf,
		       sizeof rcvbuf) < 0)
		(void)setsockopt(m->io.fd, SOL_SOCKET, SO_RCVBUF, &rcvbuf,
				 sizeof rcvbuf);
	for (unsigned i = 0; i < n; i++) {
		if (setsockopt(m->io.fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP,
			       &groups[i], sizeof groups[i]) < 0) {
			int error = -errno;
			netlink_monitor_close(m);
			return error;
		}
	}
	return 0;
}

void
netlink_monitor_close(struct netlink_monitor *m)
{
	if (m->io.fd >= 0)
		close(m->io.fd);
	m->io.fd = -1;
}
