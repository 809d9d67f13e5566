/* SPDX-License-Identifier: MIT */
/* netlink_fuzz.c -- any answers and events at all from the kernel, and every way of not getting
 * them, to batches, dumps and the table of links.
 * wrap: recvmsg sendto recv
 *
 * The input is what the kernel says, and in between what we ask next.  A datagram is a byte
 * of kind (enum says), one of length (in words of 4) and so many words; SAYS_MINE makes
 * sequence numbers and lengths right, so that what lies behind them is reached.  Each request is
 * answered exactly once, and the table's own counts stay right.
 */
#include <errno.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "core_pools.h"
#include "link.h"
#include "log.h"
#include "netlink.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
ssize_t __wrap_recvmsg(int fd, struct msghdr *m, int flags);
ssize_t __wrap_sendto(int fd, const void *p, size_t n, int flags,
		      const struct sockaddr *to, socklen_t len);
ssize_t __wrap_recv(int fd, void *p, size_t n, int flags);

#define CHECK(x) do { if (!(x)) abort(); } while (0)

enum says {
	SAYS_MINE,			/* a datagram, put right */
	SAYS_RAW,
	SAYS_LONGER,			/* than the buffer */
	SAYS_FOREIGN,			/* from another process */
	SAYS_NOTHING,
	SAYS_OVERRUN,
	SAYS_INTR,
	SAYS_BROKEN,
};

enum asks {
	ASKS_BATCH,
	ASKS_DUMP,
	ASKS_ONE,
	ASKS_EVENTS,
	ASKS_RESYNC,
	ASKS_WATCH,
	ASKS_UNWATCH,
	ASKS_TIMERS,
};

static struct netlink nl;
static struct links links;
static struct loop loop;
static const uint8_t *in, *end;
static uint32_t asked;			/* sequence number of the last thing sent */
static unsigned sent;			/* messages in it */

/* ---- the kernel ---- */

/* So that each message is one, and an answer to what was asked. */
static void
put_right(uint8_t *p, size_t len)
{
	for (unsigned i = 0; len >= sizeof(struct nlmsghdr); i++) {
		struct nlmsghdr h;

		memcpy(&h, p, sizeof h);
		h.nlmsg_len = (uint32_t)NLMSG_ALIGN(h.nlmsg_len % 128);
		if (h.nlmsg_len < sizeof h || h.nlmsg_len > len)
			h.nlmsg_len = (uint32_t)len;
		h.nlmsg_seq = asked - (sent ? h.nlmsg_seq % sent : 0);
		h.nlmsg_pid = nl.port;
		memcpy(p, &h, sizeof h);
		p += h.nlmsg_len;
		len -= h.nlmsg_len;
	}
}

static ssize_t
say(struct msghdr *m, enum says kind)
{
	struct sockaddr_nl *const from = m->msg_name;
	const struct iovec *const to = m->msg_iov;
	size_t len = in < end ? 4u * *in++ : 0;

	if (len > (size_t)(end - in))
		len = (size_t)(end - in);
	CHECK(len <= to->iov_len && m->msg_namelen == sizeof *from);
	/* What lies behind the end of a datagram is nobody's. */
	memset(to->iov_base, 0xa5, to->iov_len);
	memcpy(to->iov_base, in, len);
	in += len;
	if (kind == SAYS_MINE)
		put_right(to->iov_base, len);
	*from = (struct sockaddr_nl){ .nl_family = AF_NETLINK,
		.nl_pid = kind == SAYS_FOREIGN ? 1 : 0 };
	m->msg_flags = kind == SAYS_LONGER ? MSG_TRUNC : 0;
	return (ssize_t)len;
}

ssize_t
__wrap_recvmsg(int fd, struct msghdr *m, int flags)
{
	const enum says kind = in < end ? (enum says)(*in++ & 7) : SAYS_NOTHING;

	CHECK(flags == 0 && (fd == nl.fd || fd == links.mon.io.fd));
	switch (kind) {
	case SAYS_MINE:
	case SAYS_RAW:
	case SAYS_LONGER:
	case SAYS_FOREIGN:
		return say(m, kind);
	case SAYS_NOTHING:
		errno = EAGAIN;
		break;
	case SAYS_OVERRUN:
		errno = ENOBUFS;
		break;
	case SAYS_INTR:
		errno = EINTR;
		break;
	case SAYS_BROKEN:
		errno = EIO;
		break;
	}
	return -1;
}

/* Every message that we send is whole. */
ssize_t
__wrap_sendto(int fd, const void *p, size_t n, int flags, const struct sockaddr *to,
	      socklen_t len)
{
	struct nlmsg_walk w;
	const struct nlmsghdr *h;

	(void)flags;
	(void)to;
	CHECK(fd == nl.fd && len == sizeof(struct sockaddr_nl));
	if (in < end && *in++ == 0xff) {
		errno = ENOBUFS;
		return -1;
	}
	sent = 0;
	for (nlmsg_walk(&w, p, n); (h = nlmsg_next(&w)); sent++)
		asked = h->nlmsg_seq;
	CHECK(!w.bad && sent > 0);
	return (ssize_t)n;
}

/* Whether events wait. */
ssize_t
__wrap_recv(int fd, void *p, size_t n, int flags)
{
	(void)p;
	CHECK(fd == links.mon.io.fd && n == 1 && flags & MSG_PEEK);
	errno = EAGAIN;
	return in < end && *in & 1 ? 1 : -1;
}

/* ---- what we ask ---- */

static unsigned answered[NETLINK_BATCH + 8];

static void
on_done(struct netlink_call *c, uint32_t cookie, int error, const char *text)
{
	(void)c;
	CHECK(cookie < PORT_ARRAY_SIZE(answered) && error <= 0);
	CHECK(strlen(text) < NLMSG_TEXT);
	answered[cookie]++;
}

/* More than fit into one send, when `n` is large. */
static void
batch(unsigned n)
{
	static struct netlink_call call = { .done = on_done };
	static const char big[NLMSG_MAX];

	memset(answered, 0, sizeof answered);
	for (unsigned i = 0; i < n; i++) {
		struct nlmsghdr *const h = netlink_begin(&nl, RTM_NEWADDR, 0);

		memset(nlmsg_put_header(h, sizeof(struct ifaddrmsg)), 0,
		       sizeof(struct ifaddrmsg));
		if (i % 7 == 6)
			nlmsg_put(h, IFA_ADDRESS, big, sizeof big);
		netlink_commit(&nl, i % 5 == 4 ? NULL : &call, i);
	}
	netlink_flush(&nl);
	for (unsigned i = 0; i < n; i++)
		CHECK(answered[i] == (i % 5 != 4));
}

static void
on_msg(struct netlink_dump *d, const struct nlmsghdr *h)
{
	(void)d;
	CHECK(h->nlmsg_pid == nl.port && h->nlmsg_type >= NLMSG_MIN_TYPE);
}

static void
one(bool dump)
{
	struct netlink_dump reader = { .msg = on_msg };
	char text[NLMSG_TEXT];
	struct nlmsghdr *const h = netlink_begin(&nl, RTM_GETADDR, 0);

	memset(nlmsg_put_header(h, sizeof(struct ifaddrmsg)), 0, sizeof(struct ifaddrmsg));
	if (dump) {
		CHECK(netlink_dump(&nl, &reader) <= 0);
		return;
	}
	CHECK(netlink_ask(&nl, &reader, text) <= 0);
	CHECK(strlen(text) < sizeof text);
}

/* ---- the table of links ---- */

static const char *const names[] = { "eth0", "lan", "123456789012345", "" };
static unsigned watched[PORT_ARRAY_SIZE(names)];

/* A subscriber that lets go of a link while it is told of it. */
static void
on_changed(struct link_sub *s, struct link *l, unsigned what, struct mono now)
{
	(void)s;
	(void)now;
	CHECK(what != 0);
	for (unsigned i = 0; i < PORT_ARRAY_SIZE(names); i++) {
		if (watched[i] == 2 && !strcmp(l->name, names[i])) {
			watched[i] = 1;
			link_unwatch(&links, l);
		}
	}
}

static void
on_addr(struct link_sub *s, struct link *l, const struct link_addr *a, struct mono now)
{
	(void)s;
	(void)now;
	CHECK(a->link == l && a->prefixlen <= 8 * net_addr_len(&a->addr));
}

static void
check_link(const struct link *l)
{
	unsigned n = 0, fresh = 0;

	for (const struct link_addr *a = l->addrs; a; a = a->next) {
		CHECK(a->link == l);
		n++;
		fresh += a->fresh;
	}
	CHECK(n == l->naddrs && fresh == l->nfresh);
	CHECK(link_by_name(&links, l->name) == l);
	CHECK(l->ifindex == 0 ? !l->usable && n == 0 : link_by_index(&links, l->ifindex) == l);
	CHECK(!l->fresh || links.dirty);
}

static void
check_table(void)
{
	unsigned n = 0, want = 0;

	for (uint32_t i = 0; i < link_pool_end(); i++) {
		const struct link *const l = link_pool_at(i);

		if (l)
			check_link(l);
		n += l != NULL;
	}
	for (unsigned i = 0; i < PORT_ARRAY_SIZE(names); i++)
		want += watched[i] > 0;
	CHECK(n == want && !links.telling);
}

static void
ask(uint8_t what, struct mono now)
{
	const unsigned which = what >> 3 & 3;

	switch ((enum asks)(what & 7)) {
	case ASKS_BATCH:
		batch(1u + (what >> 3));
		break;
	case ASKS_DUMP:
	case ASKS_ONE:
		one((what & 7) == ASKS_DUMP);
		break;
	case ASKS_EVENTS:
		links.mon.io.ready(&links.mon.io, EPOLLIN, now);
		break;
	case ASKS_RESYNC:
		link_resync(&links, now);
		break;
	case ASKS_WATCH:
		if (watched[which] < 2 && link_watch(&links, names[which]))
			watched[which]++;
		break;
	case ASKS_UNWATCH:
		if (watched[which] > 0) {
			watched[which]--;
			link_unwatch(&links, link_by_name(&links, names[which]));
		}
		break;
	case ASKS_TIMERS:
		timer_run(&loop.timers, now);
		break;
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static bool opened;
	struct link_sub sub = { .changed = on_changed, .addr_set = on_addr,
		.addr_gone = on_addr };

	in = end = data;
	if (!opened) {
		log_open("fuzz", LOG_ERR, 0);
		CHECK(loop_open(&loop) == 0);
	}
	opened = true;
	CHECK(netlink_open(&nl, NETLINK_ROUTE) == 0);
	CHECK(link_open(&links, &nl, &loop, 0) == 0);
	link_subscribe(&links, &sub);
	end = data + size;
	memset(watched, 0, sizeof watched);
	for (int64_t us = 1; in < end; us += MONO_US_PER_S) {
		loop.now = (struct mono){ .us = us };
		ask(*in++, loop.now);
		check_table();
	}
	link_close(&links);
	netlink_close(&nl);
	CHECK(timer_next(&loop.timers).us == MONO_NEVER.us);
	for (uint32_t i = 0; i < link_addr_pool_end(); i++)
		CHECK(!link_addr_pool_at(i));
	return 0;
}
