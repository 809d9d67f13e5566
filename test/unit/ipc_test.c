/* SPDX-License-Identifier: MIT */
/* ipc_test.c -- what passes between a parent and a child, and what does not. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "ipc.h"

#define WIRE_UP	0x100

static struct {
	struct loop loop;
	struct ipc parent, child;
	char got[1024];			/* names of what was handled, one word each */
	union {
		unsigned char bytes[IPC_BYTES];
		struct ipc_run run;
		struct ipc_commit commit;
		struct ipc_reloaded reloaded;
	} last;
	int fd;
	unsigned gone;
	const char *why;
	bool close_in_handler;
} t;

static void
note(struct ipc *ipc, const char *name, const void *m, size_t n, int fd)
{
	strcat(t.got, name);
	strcat(t.got, " ");
	memcpy(t.last.bytes, m, n);
	t.fd = fd;
	if (t.close_in_handler)
		ipc_close(ipc);
}

#define NOTE(n, type, what)						\
	static void							\
	on_##n(struct ipc *ipc, const type *m, int fd, struct mono now)	\
	{								\
		(void)now;						\
		note(ipc, #n, m, sizeof *m, fd);			\
	}
IPC_DOWN(NOTE)
IPC_UP(NOTE)

static void
on_refused(struct ipc *ipc, const char *why, struct mono now)
{
	(void)ipc;
	(void)now;
	t.why = why;
}

static void
on_gone(struct ipc *ipc, struct mono now)
{
	(void)now;
	assert_true(ipc->io.fd < 0);
	t.gone++;
}

#define SET(n, type, what)	.n = on_##n,
static const struct ipc_ops parent_ops = {
	.parent = true, IPC_DOWN(SET) IPC_UP(SET)
	.refused = on_refused, .gone = on_gone,
};
static const struct ipc_ops child_ops = {
	.parent = false, IPC_DOWN(SET) IPC_UP(SET)
	.refused = on_refused, .gone = on_gone,
};
static const struct ipc_ops deaf_ops = { .parent = false };

static void
drain(void)
{
	ipc_drain(&t.parent, loop_clock());
	ipc_drain(&t.child, loop_clock());
}

static int
setup(void **state)
{
	int a, b;

	(void)state;
	memset(&t, 0, sizeof t);
	t.fd = -2;
	if (loop_open(&t.loop) || ipc_pair(&a, &b))
		return -1;
	return ipc_open(&t.parent, &t.loop, a, &parent_ops, &t) ||
	       ipc_open(&t.child, &t.loop, b, &child_ops, &t) ? -1 : 0;
}

static int
teardown(void **state)
{
	(void)state;
	ipc_close(&t.parent);
	ipc_close(&t.child);
	loop_close(&t.loop);
	return 0;
}

/* As many descriptors as this process has open. */
static unsigned
open_fds(void)
{
	unsigned n = 0;

	for (int fd = 0; fd < 1024; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

#define SEND_DOWN(n, type, what) do {					\
		type m;							\
		int fd = IPC_DOWN_##n == IPC_DOWN_COMMIT ? 1 : IPC_NO_FD;	\
									\
		memset(&m, 0x5a, sizeof m);				\
		t.got[0] = '\0';					\
		assert_int_equal(ipc_send_##n(&t.parent, &m, fd), 0);	\
		drain();						\
		assert_string_equal(t.got, #n " ");			\
		assert_memory_equal(t.last.bytes, &m, sizeof m);		\
		assert_string_equal(ipc_down_name(IPC_DOWN_##n), #n);	\
		if (fd != IPC_NO_FD)					\
			close(t.fd);					\
	} while (0);
#define SEND_UP(n, type, what) do {					\
		type m;							\
									\
		memset(&m, 0x5a, sizeof m);				\
		t.got[0] = '\0';					\
		assert_int_equal(ipc_send_##n(&t.child, &m, IPC_NO_FD), 0); \
		drain();						\
		assert_string_equal(t.got, #n " ");			\
		assert_memory_equal(t.last.bytes, &m, sizeof m);		\
		assert_string_equal(ipc_up_name(IPC_UP_##n), #n);	\
	} while (0);

static void
every_row_arrives_as_it_was_sent(void **state)
{
	(void)state;
	IPC_DOWN(SEND_DOWN)
	IPC_UP(SEND_UP)
	assert_int_equal(t.parent.sent, IPC_DOWN__N);
	assert_int_equal(t.child.received, IPC_DOWN__N);
	assert_int_equal(t.child.sent, IPC_UP__N);
	assert_int_equal(t.parent.received, IPC_UP__N);
	assert_int_equal(t.parent.refused + t.child.refused, 0);
	assert_string_equal(ipc_up_name(IPC_UP__N), "?");
	assert_string_equal(ipc_down_name(IPC_DOWN__N), "?");
}

static void
descriptor_travels_down_and_closes_on_exec(void **state)
{
	int p[2];
	char c = 0;

	(void)state;
	assert_int_equal(pipe(p), 0);
	assert_int_equal(ipc_send_COMMIT(&t.parent, &(struct ipc_commit){ 7, 8 }, p[0]), 0);
	close(p[0]);
	drain();
	assert_string_equal(t.got, "COMMIT ");
	assert_int_equal(t.last.commit.generation, 7);
	assert_true(t.fd > 2);
	assert_true(fcntl(t.fd, F_GETFD) & FD_CLOEXEC);
	assert_int_equal(write(p[1], "x", 1), 1);
	assert_int_equal(read(t.fd, &c, 1), 1);
	assert_int_equal(c, 'x');
	close(t.fd);
	close(p[1]);
}

static void
raw(struct ipc *from, unsigned type, unsigned bytes, size_t len, unsigned nfds)
{
	struct { uint16_t type, bytes; char payload[600]; } p = {
		(uint16_t)type, (uint16_t)bytes, "" };
	union {
		char b[CMSG_SPACE(8 * sizeof(int))];
		struct cmsghdr align;
	} space;
	struct iovec iov = { &p, len };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1 };

	memset(&space, 0, sizeof space);
	if (nfds > 0) {
		m.msg_control = space.b;
		m.msg_controllen = CMSG_SPACE(nfds * sizeof(int));
		struct cmsghdr *c = CMSG_FIRSTHDR(&m);

		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(nfds * sizeof(int));
		memset(CMSG_DATA(c), 0, nfds * sizeof(int));	/* fd 0 */
	}
	t.got[0] = '\0';
	t.why = NULL;
	assert_int_equal(sendmsg(from->io.fd, &m, 0), len);
	drain();
}

#define REFUSED(reason)							\
	do {								\
		assert_non_null(t.why);					\
		assert_string_equal(t.why, reason);			\
		assert_string_equal(t.got, "");				\
	} while (0)

static void
every_wrong_size_of_every_row_is_refused(void **state)
{
	static const unsigned down[] = {
#define SIZE(n, type, what)	sizeof(type),
		IPC_DOWN(SIZE)
	};
	static const unsigned up[] = { IPC_UP(SIZE) };

	(void)state;
	for (unsigned type = 0; type < IPC_UP__N; type++)
		for (unsigned n = 0; n < 400; n++) {
			if (n == up[type])
				continue;
			raw(&t.child, WIRE_UP | type, n, 4 + n, 0);
			REFUSED("size");
			raw(&t.child, WIRE_UP | type, up[type], 4 + n, 0);
			REFUSED("size");
		}
	for (unsigned type = 0; type < IPC_DOWN__N; type++)
		for (unsigned n = 0; n < 400; n++) {
			if (n == down[type])
				continue;
			raw(&t.parent, type, n, 4 + n, type == IPC_DOWN_COMMIT);
			REFUSED("size");
		}
	for (size_t n = 0; n < 4; n++) {
		raw(&t.child, 0, 0, n, 0);
		REFUSED("size");
	}
	assert_int_equal(t.gone, 0);
	assert_true(t.parent.refused > 2000);
	assert_int_equal(t.parent.received, 0);
}

static void
every_unknown_type_and_the_wrong_direction_are_refused(void **state)
{
	(void)state;
	for (unsigned type = 0; type < 65536; type++) {
		if ((type & ~WIRE_UP) < IPC_UP__N && (type & WIRE_UP))
			continue;
		raw(&t.child, type, 0, 4, 0);
		REFUSED(type & WIRE_UP ? "type" : "direction");
	}
	raw(&t.child, IPC_DOWN_STOP, sizeof(struct ipc_stop),
	    4 + sizeof(struct ipc_stop), 0);
	REFUSED("direction");
	raw(&t.parent, WIRE_UP | IPC_UP_RUN, sizeof(struct ipc_run),
	    4 + sizeof(struct ipc_run), 0);
	REFUSED("direction");
	raw(&t.parent, IPC_DOWN__N, 0, 4, 0);
	REFUSED("type");
}

static void
descriptors_where_none_belong_are_closed_and_refused(void **state)
{
	const unsigned before = open_fds();

	(void)state;
	for (unsigned n = 1; n <= 8; n++) {
		/* More than fit are dropped by the kernel (but not by an emulator). */
		if (n == 5)
			assert_int_equal(open_fds(), before);
		raw(&t.child, WIRE_UP | IPC_UP_READY, sizeof(struct ipc_ready),
		    4 + sizeof(struct ipc_ready), n);
		REFUSED("descriptor");
		raw(&t.parent, IPC_DOWN_STOP, sizeof(struct ipc_stop),
		    4 + sizeof(struct ipc_stop), n);
		REFUSED("descriptor");
		/* An unknown type too. */
		raw(&t.child, WIRE_UP | IPC_UP__N, 0, 4, n);
		assert_string_equal(t.got, "");
	}
	const unsigned between = open_fds();

	for (unsigned n = 0; n <= 4; n++) {
		if (n == 1)
			continue;
		raw(&t.parent, IPC_DOWN_COMMIT, sizeof(struct ipc_commit),
		    4 + sizeof(struct ipc_commit), n);
		REFUSED("descriptor");
	}
	assert_int_equal(open_fds(), between);
}

static void
descriptor_that_nobody_handles_is_closed(void **state)
{
	const unsigned before = open_fds();

	(void)state;
	t.child.ops = &deaf_ops;
	assert_int_equal(ipc_send_COMMIT(&t.parent, &(struct ipc_commit){ 1, 2 }, 1), 0);
	drain();
	assert_int_equal(t.child.received, 1);
	assert_int_equal(open_fds(), before);
}

static void
full_end_is_an_error_and_counted(void **state)
{
	const struct ipc_ready m = { 1 };
	unsigned n = 0;
	int rc;

	(void)state;
	while ((rc = ipc_send_READY(&t.child, &m, IPC_NO_FD)) == 0 && n < 100000)
		n++;
	assert_int_equal(rc, -EAGAIN);
	assert_int_equal(t.child.dropped, 1);
	assert_int_equal(t.child.sent, n);
	drain();
	assert_int_equal(t.parent.received, n);
	assert_int_equal(ipc_send_READY(&t.child, &m, IPC_NO_FD), 0);
}

static void
last_words_are_heard_before_the_end(void **state)
{
	(void)state;
	/* Mail that the child leaves unread must not hide what it said. */
	assert_int_equal(ipc_send_STOP(&t.parent, &(struct ipc_stop){ 15 }, IPC_NO_FD), 0);
	assert_int_equal(ipc_send_RUN(&t.child, &(struct ipc_run){ 1, 2, 3, 4, 5 }, IPC_NO_FD), 0);
	assert_int_equal(ipc_send_RUN(&t.child, &(struct ipc_run){ 1, 2, 3, 4, 6 }, IPC_NO_FD), 0);
	ipc_close(&t.child);
	ipc_drain(&t.parent, loop_clock());
	assert_string_equal(t.got, "RUN RUN ");
	assert_int_equal(t.last.run.value, 6);
	assert_int_equal(t.gone, 1);
	ipc_drain(&t.parent, loop_clock());
	assert_int_equal(t.gone, 1);
	assert_int_equal(ipc_send_STOP(&t.parent, &(struct ipc_stop){ 15 }, IPC_NO_FD), -EPIPE);
	assert_int_equal(t.parent.dropped, 1);
}

static void
end_may_be_closed_by_its_handler(void **state)
{
	(void)state;
	t.close_in_handler = true;
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(ipc_send_READY(&t.child, &(struct ipc_ready){ i }, IPC_NO_FD), 0);
	ipc_drain(&t.parent, loop_clock());
	assert_string_equal(t.got, "READY ");
	assert_int_equal(t.gone, 0);
}

static void
loop_serves_it(void **state)
{
	(void)state;
	assert_int_equal(ipc_send_RELOAD(&t.child, &(struct ipc_reload){ 1 }, IPC_NO_FD), 0);
	t.parent.io.ready(&t.parent.io, EPOLLIN, loop_clock());
	assert_string_equal(t.got, "RELOAD ");
}

static void
on_alarm(int signal)
{
	(void)signal;
}

static void
a_signal_makes_no_end_of_an_empty_packet(void **state)
{
	const struct itimerval often = { { 0, 20 }, { 0, 20 } }, never = { { 0, 0 }, { 0, 0 } };
	const struct sigaction with = { .sa_handler = on_alarm }, without = { .sa_handler = SIG_DFL };

	(void)state;
	assert_int_equal(sigaction(SIGALRM, &with, NULL), 0);
	assert_int_equal(setitimer(ITIMER_REAL, &often, NULL), 0);
	for (int i = 0; i < 50000 && t.gone == 0; i++) {
		(void)send(t.child.io.fd, "", 0, MSG_DONTWAIT);
		ipc_drain(&t.parent, loop_clock());
	}
	assert_int_equal(setitimer(ITIMER_REAL, &never, NULL), 0);
	assert_int_equal(sigaction(SIGALRM, &without, NULL), 0);
	assert_int_equal(t.gone, 0);
	assert_true(t.parent.refused > 0);
}

#define TEST(f)	cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(every_row_arrives_as_it_was_sent),
		TEST(descriptor_travels_down_and_closes_on_exec),
		TEST(every_wrong_size_of_every_row_is_refused),
		TEST(every_unknown_type_and_the_wrong_direction_are_refused),
		TEST(descriptors_where_none_belong_are_closed_and_refused),
		TEST(descriptor_that_nobody_handles_is_closed),
		TEST(full_end_is_an_error_and_counted),
		TEST(last_words_are_heard_before_the_end),
		TEST(end_may_be_closed_by_its_handler),
		TEST(loop_serves_it),
		TEST(a_signal_makes_no_end_of_an_empty_packet),
	};

	return cmocka_run_group_tests_name("ipc", tests, NULL, NULL);
}
