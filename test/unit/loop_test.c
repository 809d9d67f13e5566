/* SPDX-License-Identifier: MIT */
/* loop_test.c -- the loop on real descriptors and the real clock: order and
 * exactness, never a bound on how fast this machine is. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "loop.h"

static struct loop loop;
static struct timer timer, second;
static struct loop_fd a, b;
static int pair_a[2], pair_b[2];
static char order[32];
static struct mono fired_at;

static void
note(char c)
{
	size_t n = strlen(order);

	if (n < sizeof order - 1)
		order[n] = c;
}

static void
stop_now(struct timer *t, struct mono now)
{
	(void)t;
	fired_at = now;
	note('T');
	loop_stop(&loop);
}

static void
only_note(struct timer *t, struct mono now)
{
	(void)t;
	(void)now;
	note('t');
}

static void
read_one(struct loop_fd *f, uint32_t events, struct mono now)
{
	char c;

	(void)events;
	(void)now;
	assert_int_equal(read(f->fd, &c, 1), 1);
	note(c);
}

static void
read_and_drop_the_other(struct loop_fd *f, uint32_t events, struct mono now)
{
	read_one(f, events, now);
	loop_del(&loop, f == &a ? &b : &a);
}

static int
setup(void **state)
{
	(void)state;
	memset(order, 0, sizeof order);
	assert_int_equal(loop_open(&loop), 0);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair_a), 0);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair_b), 0);
	a = (struct loop_fd){ .fd = pair_a[0], .ready = read_one };
	b = (struct loop_fd){ .fd = pair_b[0], .ready = read_one };
	timer_init(&timer, stop_now);
	timer_init(&second, only_note);
	assert_int_equal(loop_add(&loop, &a, EPOLLIN), 0);
	assert_int_equal(loop_add(&loop, &b, EPOLLIN), 0);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	loop_close(&loop);
	for (int i = 0; i < 2; i++) {
		close(pair_a[i]);
		close(pair_b[i]);
	}
	return 0;
}

static void
timer_never_fires_before_its_deadline(void **state)
{
	(void)state;
	for (int64_t us = 1; us < 20000; us = us * 3 + 7) {
		struct mono at = mono_add(loop_clock(), us);

		timer_arm(&loop.timers, &timer, at);
		loop_run(&loop);
		assert_false(mono_before(fired_at, at));
		assert_false(mono_before(loop_clock(), at));
	}
}

static void
due_timer_runs_before_a_ready_descriptor(void **state)
{
	(void)state;
	assert_int_equal(write(pair_a[1], "a", 1), 1);
	timer_arm(&loop.timers, &second, loop_clock());
	timer_arm(&loop.timers, &timer, mono_add(loop_clock(), 2000));
	loop_run(&loop);
	assert_string_equal(order, "taT");
}

static void
removed_descriptor_gets_no_event_already_read(void **state)
{
	(void)state;
	a.ready = b.ready = read_and_drop_the_other;
	assert_int_equal(write(pair_a[1], "x", 1), 1);
	assert_int_equal(write(pair_b[1], "x", 1), 1);
	timer_arm(&loop.timers, &timer, mono_add(loop_clock(), 5000));
	loop_run(&loop);
	assert_string_equal(order, "xT");
}

static void
again(struct timer *t, struct mono now)
{
	timer_arm(&loop.timers, t, now);
}

static void
read_and_stop(struct loop_fd *f, uint32_t events, struct mono now)
{
	read_one(f, events, now);
	loop_stop(&loop);
}

static void
storm_of_zero_delay_timers_does_not_starve_descriptors(void **state)
{
	(void)state;
	timer_init(&second, again);
	timer_arm(&loop.timers, &second, loop_clock());
	a.ready = read_and_stop;
	assert_int_equal(write(pair_a[1], "a", 1), 1);
	loop_run(&loop);
	assert_string_equal(order, "a");
	assert_true(loop.timers.storms > 0);
}

static void
lateness_is_counted_by_magnitude(void **state)
{
	(void)state;
	timer_arm(&loop.timers, &timer, mono_add(loop_clock(), -3000));
	loop_run(&loop);
	uint32_t late = 0;

	for (unsigned i = 11; i < LOOP_LATE; i++)	/* 2^11 us and more */
		late += loop.late[i];
	assert_int_equal(late, 1);
	assert_true(loop.late_max_us >= 3000);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(timer_never_fires_before_its_deadline),
		T(due_timer_runs_before_a_ready_descriptor),
		T(removed_descriptor_gets_no_event_already_read),
		T(storm_of_zero_delay_timers_does_not_starve_descriptors),
		T(lateness_is_counted_by_magnitude),
	};

	return cmocka_run_group_tests_name("loop", tests, NULL, NULL);
}
