/* SPDX-License-Identifier: MIT */
/* ipc_fuzz.c -- any packets at all between parent and child, through the checked receive.
 *
 * Byte 0 chooses which end listens (bit 0: the parent).  Then come packets: a byte of the
 * length, a byte of how many descriptors ride along (the highest bit: 256 bytes more), and so
 * many bytes.  A handler runs only for what the table of its direction allows, a descriptor
 * reaches COMMIT alone, and none is left open.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ipc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define CHECK(x) do { if (!(x)) abort(); } while (0)
#define MOST_FDS	7		/* more than the receiver has room for */

/* The packet under way, as the sender knows it. */
static struct {
	uint8_t bytes[4 + 512];
	size_t len;
	unsigned fds;
	unsigned handled, refused;
} sent;
static bool gone;

static void
handled(const struct ipc *ipc, bool up, uint16_t type, const void *m, size_t size)
{
	uint16_t head[2];

	memcpy(head, sent.bytes, sizeof head);
	CHECK(ipc->ops->parent == up);
	CHECK(head[0] == (up ? 0x100 | type : type) && head[1] == size);
	CHECK(sent.len == 4 + size && memcmp(m, sent.bytes + 4, size) == 0);
	sent.handled++;
}

#define DOWN(n, type, what)						\
static void								\
on_##n(struct ipc *ipc, const type *m, int fd, struct mono now)	\
{									\
	(void)now;							\
	handled(ipc, false, IPC_DOWN_##n, m, sizeof *m);		\
	CHECK((fd >= 0) == (IPC_DOWN_##n == IPC_DOWN_COMMIT));		\
	CHECK(sent.fds == (fd >= 0));					\
	if (fd >= 0)							\
		CHECK(close(fd) == 0);					\
}
IPC_DOWN(DOWN)

#define UP(n, type, what)						\
static void								\
on_##n(struct ipc *ipc, const type *m, int fd, struct mono now)	\
{									\
	(void)now;							\
	handled(ipc, true, IPC_UP_##n, m, sizeof *m);			\
	CHECK(fd == IPC_NO_FD && sent.fds == 0);			\
}
IPC_UP(UP)

static void
on_refused(struct ipc *ipc, const char *why, struct mono now)
{
	(void)ipc;
	(void)now;
	CHECK(why[0] != '\0');
	sent.refused++;
}

static void
on_gone(struct ipc *ipc, struct mono now)
{
	(void)now;
	CHECK(ipc->io.fd < 0);
	gone = true;
}

#define OPS(parent_)							\
{									\
	.parent = parent_, IPC_DOWN(ROW) IPC_UP(ROW)			\
	.refused = on_refused, .gone = on_gone,				\
}
#define ROW(n, type, what) .n = on_##n,
static const struct ipc_ops ops[2] = { OPS(false), OPS(true) };

static bool
put(int fd)
{
	union {
		char bytes[CMSG_SPACE(MOST_FDS * sizeof(int))];
		struct cmsghdr align;
	} control;
	struct iovec iov = { sent.bytes, sent.len };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };

	if (sent.fds) {
		memset(&control, 0, sizeof control);
		msg.msg_control = control.bytes;
		msg.msg_controllen = CMSG_SPACE(sent.fds * sizeof(int));
		struct cmsghdr *const c = CMSG_FIRSTHDR(&msg);

		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sent.fds * sizeof(int));
		for (unsigned i = 0; i < sent.fds; i++)
			memcpy(CMSG_DATA(c) + i * sizeof fd, &fd, sizeof fd);
	}
	return sendmsg(fd, &msg, MSG_DONTWAIT) >= 0;
}

/* Each packet is either handled or refused, never both, never more than once. */
static void
exchange(struct ipc *ipc, int fd, const uint8_t *p, const uint8_t *end)
{
	while (end - p >= 2) {
		sent.len = p[0] + (p[1] & 0x80 ? 256u : 0);
		sent.fds = p[1] & 7;
		sent.handled = sent.refused = 0;
		p += 2;
		memset(sent.bytes, 0, sizeof sent.bytes);
		const size_t n = (size_t)(end - p) < sent.len ? (size_t)(end - p) : sent.len;

		memcpy(sent.bytes, p, n);
		p += n;
		if (!put(fd))
			continue;
		ipc_drain(ipc, (struct mono){ .us = 1 });
		CHECK(!gone && sent.handled + sent.refused == 1);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct loop loop;
	static bool opened;
	struct ipc ipc;
	int fd, far;

	if (size < 1)
		return 0;
	if (!opened)
		CHECK(loop_open(&loop) == 0);
	opened = true;
	gone = false;
	CHECK(ipc_pair(&fd, &far) == 0);
	CHECK(ipc_open(&ipc, &loop, fd, &ops[data[0] & 1], NULL) == 0);
	exchange(&ipc, far, data + 1, data + size);
	close(far);
	ipc_drain(&ipc, (struct mono){ .us = 2 });
	CHECK(gone);
	const int lowest = dup(0);		/* a descriptor left open moves it */

	CHECK(lowest >= 0 && lowest <= (fd < far ? fd : far));
	close(lowest);
	return 0;
}
