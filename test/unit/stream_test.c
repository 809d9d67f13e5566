/* SPDX-License-Identifier: MIT */
/* stream_test.c -- connections over the loopback interface, the other side by plain calls. */
#define _GNU_SOURCE
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "netns.h"
#include "stream.h"

#define MS	1000

static struct loop loop;
static struct stream stream;
static struct timer limit;
static uint8_t tx[1 << 16];
static int listener = -1, peer = -1;
static struct sock_to to;

/* What the owner heard. */
static struct {
	unsigned opens, inputs, ends;
	enum stream_end end;
	int err;
	size_t bytes, largest;		/* of all input; of one wake-up */
	uint64_t wakeup;
	size_t in_wakeup;
	char text[4096];
} heard;

/* What it does: in open, in input, in end. */
static const char *say_on_open;
static bool close_on_open, close_on_input, reopen_on_end, stop_on_input;

static void
on_open(struct stream *s, struct mono now)
{
	heard.opens++;
	if (say_on_open)
		assert_true(stream_send(s, say_on_open, strlen(say_on_open), now));
	if (close_on_open)
		stream_close(s, false);
	loop_stop(&loop);
}

static void
on_input(struct stream *s, const uint8_t *p, size_t n, struct mono now)
{
	(void)now;
	heard.inputs++;
	if (heard.bytes + n < sizeof heard.text)
		memcpy(heard.text + heard.bytes, p, n);
	heard.bytes += n;
	heard.in_wakeup = heard.wakeup == loop.wakeups ? heard.in_wakeup + n : n;
	heard.wakeup = loop.wakeups;
	if (heard.in_wakeup > heard.largest)
		heard.largest = heard.in_wakeup;
	if (close_on_input)
		stream_close(s, true);
	if (stop_on_input)
		loop_stop(&loop);
}

static void
on_end(struct stream *s, enum stream_end end, int err, struct mono now)
{
	heard.ends++;
	heard.end = end;
	heard.err = err;
	if (reopen_on_end) {
		reopen_on_end = false;
		assert_int_equal(stream_open(s, &to, NULL, now), 0);
		return;
	}
	loop_stop(&loop);
}

static const struct stream_ops ops = { .open = on_open, .input = on_input, .end = on_end };

static void
out_of_time(struct timer *t, struct mono now)
{
	(void)t, (void)now;
	loop_stop(&loop);
}

/* Until the owner stops it, or for `ms`. */
static void
run(int ms)
{
	timer_arm(&loop.timers, &limit, mono_add(loop_clock(), ms * (int64_t)MS));
	loop_run(&loop);
	timer_stop(&loop.timers, &limit);
}

static uint16_t
listen_at(int family)
{
	struct sockaddr_in6 a = { .sin6_family = (sa_family_t)family };
	socklen_t len = family == AF_INET6 ? sizeof a : sizeof(struct sockaddr_in);

	memset(&to, 0, sizeof to);
	to.bind_if = "";
	to.addr.family = (uint8_t)family;
	if (family == AF_INET6) {
		a.sin6_addr = in6addr_loopback;
		to.addr.a[15] = 1;
	} else {
		((struct sockaddr_in *)&a)->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		memcpy(to.addr.a, (uint8_t[]){ 127, 0, 0, 1 }, 4);
	}
	listener = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (listener < 0 || bind(listener, (struct sockaddr *)&a, len) ||
	    listen(listener, 8) || getsockname(listener, (struct sockaddr *)&a, &len))
		return 0;
	return to.port = ntohs(a.sin6_port);	/* at the same place in both */
}

static int
set_up(void **state)
{
	(void)state;
	memset(&heard, 0, sizeof heard);
	say_on_open = NULL;
	close_on_open = close_on_input = reopen_on_end = stop_on_input = false;
	assert_int_equal(loop_open(&loop), 0);
	timer_init(&limit, out_of_time);
	stream_init(&stream, &loop, &ops, tx, sizeof tx);
	assert_true(listen_at(AF_INET));
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	stream_close(&stream, true);
	if (peer >= 0)
		close(peer);
	if (listener >= 0)
		close(listener);
	peer = listener = -1;
	loop_close(&loop);
	return 0;
}

static void
connect_both(void)
{
	assert_int_equal(stream_open(&stream, &to, NULL, loop_clock()), 0);
	assert_int_equal(heard.opens, 0);	/* never from within */
	run(2000);
	assert_int_equal(heard.opens, 1);
	peer = accept(listener, NULL, NULL);
	assert_true(peer >= 0);
}

static void
bytes_travel_in_both_directions(void **state)
{
	char got[16] = "";

	(void)state;
	say_on_open = "hello";
	connect_both();
	assert_int_equal(recv(peer, got, sizeof got, 0), 5);
	assert_string_equal(got, "hello");
	assert_int_equal(send(peer, "world", 5, 0), 5);
	stop_on_input = true;
	run(2000);
	assert_int_equal(heard.bytes, 5);
	assert_memory_equal(heard.text, "world", 5);
	assert_int_equal(heard.ends, 0);
}

static void
ipv6_is_the_same(void **state)
{
	(void)state;
	close(listener);
	if (!listen_at(AF_INET6))
		skip();
	connect_both();
}

static void
a_port_where_nobody_listens_is_refused(void **state)
{
	(void)state;
	if (netns_emulated())
		skip();			/* SO_ERROR is then the other kernel's number */
	close(listener);
	listener = -1;
	const int rc = stream_open(&stream, &to, NULL, loop_clock());

	if (rc) {
		assert_int_equal(stream_end_of(-rc), STREAM_REFUSED);
		return;
	}
	run(2000);
	assert_int_equal(heard.opens, 0);
	assert_int_equal(heard.ends, 1);
	assert_int_equal(heard.end, STREAM_REFUSED);
	assert_int_equal(heard.err, ECONNREFUSED);
	assert_true(stream.io.fd < 0);
}

static void
a_reset_is_told_as_one(void **state)
{
	const struct linger none = { 1, 0 };

	(void)state;
	connect_both();
	setsockopt(peer, SOL_SOCKET, SO_LINGER, &none, sizeof none);
	close(peer);
	peer = -1;
	run(2000);
	assert_int_equal(heard.ends, 1);
	assert_int_equal(heard.end, STREAM_RESET);
	assert_true(stream.io.fd < 0);
	assert_false(stream_send(&stream, "x", 1, loop_clock()));
}

static void
a_reset_that_a_send_meets_is_told_once_and_later(void **state)
{
	const struct linger none = { 1, 0 };

	(void)state;
	connect_both();
	setsockopt(peer, SOL_SOCKET, SO_LINGER, &none, sizeof none);
	close(peer);
	peer = -1;
	assert_true(stream_send(&stream, "x", 1, loop_clock()));
	assert_true(stream_send(&stream, "y", 1, loop_clock()));
	assert_int_equal(heard.ends, 0);
	run(2000);
	assert_int_equal(heard.ends, 1);
	assert_int_equal(heard.end, STREAM_RESET);
}

static void
what_came_before_the_end_is_heard_before_it(void **state)
{
	(void)state;
	connect_both();
	assert_int_equal(send(peer, "last words", 10, 0), 10);
	close(peer);
	peer = -1;
	run(2000);
	assert_int_equal(heard.bytes, 10);
	assert_int_equal(heard.end, STREAM_EOF);
	assert_int_equal(heard.err, 0);
}

static void
after_their_end_ours_still_sends(void **state)
{
	char got[8] = "";

	(void)state;
	connect_both();
	shutdown(peer, SHUT_WR);
	run(2000);
	assert_int_equal(heard.end, STREAM_EOF);
	assert_true(stream_send(&stream, "still", 5, loop_clock()));
	assert_int_equal(recv(peer, got, sizeof got, 0), 5);
	/* And nothing spins meanwhile. */
	const uint64_t wakeups = loop.wakeups;

	run(50);
	assert_true(loop.wakeups - wakeups <= 2);
	assert_int_equal(heard.ends, 1);
}

static void
our_half_ends_behind_all_that_was_sent(void **state)
{
	char got[8] = "";

	(void)state;
	connect_both();
	assert_true(stream_send(&stream, "all", 3, loop_clock()));
	stream_finish(&stream);
	assert_false(stream_send(&stream, "more", 4, loop_clock()));
	assert_int_equal(recv(peer, got, sizeof got, MSG_WAITALL), 3);
	assert_int_equal(recv(peer, got, sizeof got, 0), 0);
	assert_int_equal(send(peer, "answer", 6, 0), 6);
	stop_on_input = true;
	run(2000);
	assert_int_equal(heard.bytes, 6);
}

static void
what_does_not_fit_is_not_sent_at_all(void **state)
{
	static uint8_t block[30000], sink[1 << 16];
	const int small = 4096;
	size_t sent = 0, got = 0;

	(void)state;
	setsockopt(listener, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
	connect_both();
	for (unsigned i = 0; i < sizeof block; i++)
		block[i] = (uint8_t)(i % 251);
	for (unsigned i = 0; i < 1000 && stream_send(&stream, block, sizeof block, loop_clock()); i++)
		sent += sizeof block;
	assert_true(sent > 0 && stream.used > stream.begun);	/* the peer does not read */
	while (got < sent) {
		const ssize_t n = recv(peer, sink, sizeof sink, MSG_DONTWAIT);

		if (n < 0) {
			assert_int_equal(errno, EAGAIN);
			run(5);
			continue;
		}
		for (ssize_t i = 0; i < n; i++, got++)
			assert_int_equal(sink[i], got % sizeof block % 251);
	}
	assert_int_equal(stream.begun, stream.used);
	assert_false(stream.io.events & EPOLLOUT);
}

static void
one_wakeup_reads_a_bounded_part(void **state)
{
	static uint8_t block[1 << 20];
	size_t sent = 0;

	(void)state;
	connect_both();
	for (ssize_t n; (n = send(peer, block, sizeof block, MSG_DONTWAIT)) > 0; )
		sent += (size_t)n;
	run(500);
	assert_true(heard.bytes >= 65536);
	assert_true(heard.largest <= 65536);
}

static void
a_callback_may_close(void **state)
{
	(void)state;
	connect_both();
	close_on_input = true;
	assert_int_equal(send(peer, "x", 1, 0), 1);
	run(100);
	assert_int_equal(heard.inputs, 1);
	assert_int_equal(heard.ends, 0);
	assert_true(stream.io.fd < 0);
	char c;

	assert_int_equal(recv(peer, &c, 1, 0), -1);	/* RST, no FIN */
	assert_int_equal(errno, ECONNRESET);
}

static void
open_may_close_what_it_has_just_filled(void **state)
{
	char got[8] = "";

	(void)state;
	say_on_open = "bye";
	close_on_open = true;
	assert_int_equal(stream_open(&stream, &to, NULL, loop_clock()), 0);
	run(2000);
	peer = accept(listener, NULL, NULL);
	assert_int_equal(recv(peer, got, sizeof got, MSG_WAITALL), 3);
	assert_int_equal(heard.ends, 0);
}

static void
the_end_may_open_anew(void **state)
{
	(void)state;
	connect_both();
	close(peer);
	reopen_on_end = true;
	/* EOF leaves it open: it is closed first. */
	stream_close(&stream, false);
	assert_int_equal(stream_open(&stream, &to, NULL, loop_clock()), 0);
	run(2000);
	assert_int_equal(heard.opens, 2);
	peer = accept(listener, NULL, NULL);
	assert_true(peer >= 0);
	const struct linger none = { 1, 0 };

	setsockopt(peer, SOL_SOCKET, SO_LINGER, &none, sizeof none);
	close(peer);
	run(2000);
	assert_int_equal(heard.ends, 1);
	assert_int_equal(heard.opens, 3);
	peer = accept(listener, NULL, NULL);
	assert_true(peer >= 0);
}

static void
it_comes_from_where_it_was_told_to(void **state)
{
	struct sockaddr_in from;
	socklen_t len = sizeof from;

	(void)state;
	to.bind_addr = (struct net_addr){ AF_INET, { 127, 0, 0, 5 } };
	for (unsigned i = 0; i < 2; i++) {	/* twice at once: the port is given by the kernel */
		assert_int_equal(stream_open(&stream, &to, NULL, loop_clock()), 0);
		peer = accept(listener, (struct sockaddr *)&from, &len);
		assert_int_equal(ntohl(from.sin_addr.s_addr), 0x7f000005);
		to.bind_port = ntohs(from.sin_port);	/* then a fixed one, just used */
		stream_close(&stream, true);
		close(peer);
	}
	assert_int_equal(ntohs(from.sin_port), to.bind_port);
	peer = -1;
}

static void
a_foreign_address_is_our_own_failure(void **state)
{
	(void)state;
	to.bind_addr = (struct net_addr){ AF_INET, { 192, 0, 2, 1 } };
	const int rc = stream_open(&stream, &to, NULL, loop_clock());

	assert_int_equal(rc, -EADDRNOTAVAIL);
	assert_int_equal(stream_end_of(-rc), STREAM_LOCAL);
	assert_true(stream.io.fd < 0);
}

static void
each_errno_has_an_end_and_each_end_a_text(void **state)
{
	static const struct { int err; enum stream_end end; } row[] = {
		{ 0, STREAM_EOF }, { ECONNREFUSED, STREAM_REFUSED }, { ECONNRESET, STREAM_RESET },
		{ EPIPE, STREAM_RESET }, { EHOSTUNREACH, STREAM_UNREACHABLE },
		{ ENETUNREACH, STREAM_UNREACHABLE }, { ETIMEDOUT, STREAM_UNREACHABLE },
		{ EMFILE, STREAM_LOCAL }, { EADDRINUSE, STREAM_LOCAL }, { EPERM, STREAM_LOCAL },
	};

	(void)state;
	for (unsigned i = 0; i < sizeof row / sizeof row[0]; i++)
		assert_int_equal(stream_end_of(row[i].err), row[i].end);
	for (unsigned i = 0; i < STREAM_END__N; i++)
		assert_true(strlen(stream_end_text((enum stream_end)i)) > 5);
}

#define TEST(f)	cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(bytes_travel_in_both_directions),
		TEST(ipv6_is_the_same),
		TEST(a_port_where_nobody_listens_is_refused),
		TEST(a_reset_is_told_as_one),
		TEST(a_reset_that_a_send_meets_is_told_once_and_later),
		TEST(what_came_before_the_end_is_heard_before_it),
		TEST(after_their_end_ours_still_sends),
		TEST(our_half_ends_behind_all_that_was_sent),
		TEST(what_does_not_fit_is_not_sent_at_all),
		TEST(one_wakeup_reads_a_bounded_part),
		TEST(a_callback_may_close),
		TEST(open_may_close_what_it_has_just_filled),
		TEST(the_end_may_open_anew),
		TEST(it_comes_from_where_it_was_told_to),
		TEST(a_foreign_address_is_our_own_failure),
		cmocka_unit_test(each_errno_has_an_end_and_each_end_a_text),
	};

	return cmocka_run_group_tests_name("stream", tests, 0, 0);
}
