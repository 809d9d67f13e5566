/* SPDX-License-Identifier: MIT */
/* ipc.c -- one packet a message: a head of type and size, then the payload.
 *
 * The types of the two directions do not overlap on the wire, so that a message
 * sent the wrong way is seen as such and not as another one.
 */
#define _GNU_SOURCE
#include "ipc.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define IPC_WIRE_UP	0x0100u		/* added to the types that go up */
#define IPC_BATCH	16		/* messages per wake-up */
#define IPC_MAX_FDS	4		/* room to see (and close) too many */

struct ipc_head {
	uint16_t type;
	uint16_t bytes;			/* of the payload */
};

struct ipc_packet {
	struct ipc_head head;
	uint8_t payload[IPC_BYTES];
};

/* What the tables say of one message. */
struct ipc_row {
	const char *name;
	uint16_t bytes;
	bool carries_fd;
};

#define IPC_DOWN_ROW(n, type, what) \
	[IPC_DOWN_##n] = { #n, sizeof(type), IPC_DOWN_##n == IPC_DOWN_COMMIT },
#define IPC_UP_ROW(n, type, what) \
	[IPC_UP_##n] = { #n, sizeof(type), false },
static const struct ipc_row down_row[IPC_DOWN__N] = { IPC_DOWN(IPC_DOWN_ROW) };
static const struct ipc_row up_row[IPC_UP__N] = { IPC_UP(IPC_UP_ROW) };

#define IPC_FITS(n, type, what) \
	_Static_assert(sizeof(type) <= IPC_BYTES, #n " exceeds IPC_BYTES");
IPC_DOWN(IPC_FITS)
IPC_UP(IPC_FITS)

const char *
ipc_down_name(enum ipc_down type)
{
	return (unsigned)type < IPC_DOWN__N ? down_row[type].name : "?";
}

const char *
ipc_up_name(enum ipc_up type)
{
	return (unsigned)type < IPC_UP__N ? up_row[type].name : "?";
}

int
ipc_pair(int *parent_fd, int *child_fd)
{
	int sv[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC,
		       0, sv))
		return -errno;
	*parent_fd = sv[0];
	*child_fd = sv[1];
	return 0;
}

static void on_ready(struct loop_fd *f, uint32_t events, struct mono now);

int
ipc_open(struct ipc *ipc, struct loop *l, int fd, const struct ipc_ops *ops,
	 void *owner)
{
	*ipc = (struct ipc){
		.io = { .fd = fd, .ready = on_ready },
		.loop = l,
		.ops = ops,
		.owner = owner,
	};
	int rc = loop_add(l, &ipc->io, EPOLLIN);

	if (rc) {
		close(fd);
		ipc->io.fd = -1;
	}
	return rc;
}

void
ipc_close(struct ipc *ipc)
{
	if (ipc->io.fd < 0)
		return;
	loop_del(ipc->loop, &ipc->io);
	close(ipc->io.fd);
	ipc->io.fd = -1;
}

/* Room for the descriptors of one message, aligned as the kernel wants it. */
union ipc_control {
	char bytes[CMSG_SPACE(IPC_MAX_FDS * sizeof(int))];
	struct cmsghdr align;
};

static void
put_fd(struct msghdr *msg, union ipc_control *control, int fd)
{
	memset(control, 0, sizeof *control);
	msg->msg_control = control->bytes;
	msg->msg_controllen = CMSG_SPACE(sizeof fd);

	struct cmsghdr *c = CMSG_FIRSTHDR(msg);

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof fd);
	memcpy(CMSG_DATA(c), &fd, sizeof fd);
}

static int
send_packet(struct ipc *ipc, uint16_t type, const void *m, uint16_t bytes, int fd)
{
	struct ipc_packet p = { .head = { .type = type, .bytes = bytes } };
	struct iovec iov = { &p, sizeof p.head + bytes };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	union ipc_control control;

	if (ipc->io.fd < 0) {
		ipc->dropped++;
		return -EPIPE;
	}
	memcpy(p.payload, m, bytes);
	if (fd != IPC_NO_FD)
		put_fd(&msg, &control, fd);
	ssize_t n;

	do {
		n = sendmsg(ipc->io.fd, &msg, MSG_DONTWAIT | MSG_NOSIGNAL);
	} while (n < 0 && errno == EINTR);
	if (n < 0) {
		ipc->dropped++;
		return -errno;
	}
	ipc->sent++;
	return 0;
}

#define IPC_SEND_DOWN(n, type, what)					\
	int								\
	ipc_send_##n(struct ipc *ipc, const type *m, int fd)		\
	{								\
		assert(ipc->ops->parent);				\
		assert(down_row[IPC_DOWN_##n].carries_fd == (fd != IPC_NO_FD)); \
		return send_packet(ipc, IPC_DOWN_##n, m, sizeof *m, fd);	\
	}
IPC_DOWN(IPC_SEND_DOWN)

#define IPC_SEND_UP(n, type, what)					\
	int								\
	ipc_send_##n(struct ipc *ipc, const type *m, int fd)		\
	{								\
		assert(!ipc->ops->parent);				\
		assert(fd == IPC_NO_FD);				\
		return send_packet(ipc, IPC_WIRE_UP | IPC_UP_##n, m,	\
				   sizeof *m, fd);			\
	}
IPC_UP(IPC_SEND_UP)

#define IPC_CALL_DOWN(n, type, what)					\
	case IPC_DOWN_##n: {						\
		type m;							\
									\
		memcpy(&m, payload, sizeof m);				\
		if (ipc->ops->n)					\
			ipc->ops->n(ipc, &m, fd, now);			\
		else if (fd != IPC_NO_FD)				\
			close(fd);					\
		break;							\
	}

static void
call_down(struct ipc *ipc, enum ipc_down type, const uint8_t *payload, int fd,
	  struct mono now)
{
	switch (type) {
	IPC_DOWN(IPC_CALL_DOWN)
	case IPC_DOWN__N:
		break;
	}
}

#define IPC_CALL_UP(n, type, what)					\
	case IPC_UP_##n: {						\
		type m;							\
									\
		memcpy(&m, payload, sizeof m);				\
		if (ipc->ops->n)					\
			ipc->ops->n(ipc, &m, IPC_NO_FD, now);		\
		break;							\
	}

static void
call_up(struct ipc *ipc, enum ipc_up type, const uint8_t *payload,
	struct mono now)
{
	switch (type) {
	IPC_UP(IPC_CALL_UP)
	case IPC_UP__N:
		break;
	}
}

/* Why a packet is refused, NULL when it may reach its handler. */
static const char *
verdict(const struct ipc *ipc, const struct ipc_packet *p, size_t len,
	unsigned nfds)
{
	const bool up = ipc->ops->parent;

	if (len < sizeof p->head || len > sizeof *p)
		return "size";
	if (((p->head.type & IPC_WIRE_UP) != 0) != up)
		return "direction";
	const unsigned type = p->head.type & ~IPC_WIRE_UP;

	if (type >= (up ? (unsigned)IPC_UP__N : (unsigned)IPC_DOWN__N))
		return "type";
	const struct ipc_row *row = up ? &up_row[type] : &down_row[type];

	if (p->head.bytes != row->bytes ||
	    len != sizeof p->head + row->bytes)
		return "size";
	if (nfds != (row->carries_fd ? 1 : 0))
		return "descriptor";
	return NULL;
}

/* Takes the descriptors out of `msg`; returns how many came. */
static unsigned
take_fds(struct msghdr *msg, int fds[IPC_MAX_FDS])
{
	unsigned n = 0;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c;
	     c = CMSG_NXTHDR(msg, c)) {
		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		const size_t bytes = c->cmsg_len - CMSG_LEN(0);

		for (size_t i = 0; i + sizeof(int) <= bytes; i += sizeof(int))
			if (n < IPC_MAX_FDS)
				memcpy(&fds[n++], CMSG_DATA(c) + i, sizeof(int));
	}
	return n;
}

static void
accept_packet(struct ipc *ipc, const struct ipc_packet *p, size_t len,
	      struct msghdr *msg, struct mono now)
{
	int fds[IPC_MAX_FDS] = { IPC_NO_FD, IPC_NO_FD, IPC_NO_FD, IPC_NO_FD };
	unsigned nfds = take_fds(msg, fds);
	const char *why = (msg->msg_flags & MSG_TRUNC) ? "size"
		: (msg->msg_flags & MSG_CTRUNC) ? "descriptor"
		: verdict(ipc, p, len, nfds);

	if (why) {
		while (nfds > 0)
			close(fds[--nfds]);
		ipc->refused++;
		if (ipc->ops->refused)
			ipc->ops->refused(ipc, why, now);
		return;
	}
	ipc->received++;
	const unsigned type = p->head.type & ~IPC_WIRE_UP;

	if (ipc->ops->parent)
		call_up(ipc, (enum ipc_up)type, p->payload, now);
	else
		call_down(ipc, (enum ipc_down)type, p->payload, fds[0], now);
}

/* An empty packet reads like the end of the other side; this tells them apart. */
static bool
is_hung_up(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	int n;

	do
		n = poll(&p, 1, 0);
	while (n < 0 && errno == EINTR);
	return n < 0 || (p.revents & POLLHUP);
}

/* One message: false when nothing is left, or the end is closed. */
static bool
receive(struct ipc *ipc, struct mono now)
{
	struct ipc_packet p;
	struct iovec iov = { &p, sizeof p };
	union ipc_control control;
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control.bytes,
		.msg_controllen = sizeof control.bytes,
	};

	if (ipc->io.fd < 0)
		return false;
	const ssize_t n = recvmsg(ipc->io.fd, &msg,
				  MSG_DONTWAIT | MSG_CMSG_CLOEXEC);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return false;
	if (n < 0 && errno == ECONNRESET)
		return true;		/* it left mail unread; ours still waits */
	if (n < 0 || (n == 0 && is_hung_up(ipc->io.fd))) {
		ipc_close(ipc);
		if (ipc->ops->gone)
			ipc->ops->gone(ipc, now);
		return false;
	}
	accept_packet(ipc, &p, (size_t)n, &msg, now);
	return true;
}

static void
on_ready(struct loop_fd *f, uint32_t events, struct mono now)
{
	struct ipc *ipc = container_of(f, struct ipc, io);

	(void)events;
	for (unsigned i = 0; i < IPC_BATCH; i++)
		if (!receive(ipc, now))
			return;
}

void
ipc_drain(struct ipc *ipc, struct mono now)
{
	while (receive(ipc, now))
		;
}
