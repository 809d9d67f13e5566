/* SPDX-License-Identifier: MIT */
/* watchdog_test.c -- who is asked and who need not be, by a clock of the test's own. */
#define _GNU_SOURCE
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "watchdog.h"

#define HELLO_US	(1000 * (int64_t)MONO_US_PER_MS)
#define HALF_US		(HELLO_US / 2)

static struct loop loop;
static struct watchdog dog;
static struct mono now;
static volatile uint32_t beats;
static char dir[] = "/tmp/watchdog-XXXXXX";
static struct sockaddr_un at;
static int listener, peer;		/* the child's side */
static const char *hung;		/* what the watchdog found */
static struct mono hung_at;

static void
on_hang(struct watchdog *w, const char *why, struct mono when)
{
	assert_ptr_equal(w, &dog);
	hung = why;
	hung_at = when;
}

static int
set_up(void **state)
{
	(void)state;
	strcpy(dir + strlen(dir) - 6, "XXXXXX");
	assert_non_null(mkdtemp(dir));
	at = (struct sockaddr_un){ .sun_family = AF_UNIX };
	snprintf(at.sun_path, sizeof at.sun_path, "%s/toy.dog", dir);
	listener = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0);
	assert_int_equal(bind(listener, (struct sockaddr *)&at, sizeof at), 0);
	assert_int_equal(listen(listener, 4), 0);
	peer = -1;
	hung = NULL;
	beats = 7;
	now = (struct mono){ 1000000000 };
	assert_int_equal(loop_open(&loop), 0);
	dog = (struct watchdog){ .beats = &beats, .hang = on_hang };
	assert_int_equal(watchdog_start(&dog, &loop, dir, "toy", HELLO_US, now), 0);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	watchdog_stop(&dog);
	loop_close(&loop);
	if (peer >= 0)
		close(peer);
	close(listener);
	unlink(at.sun_path);
	rmdir(dir);
	return 0;
}

/* Sends each hello that has come back as it is. */
static void
answer(void)
{
	char hello[64];
	ssize_t n;

	if (peer < 0)
		peer = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
	while (peer >= 0 && (n = recv(peer, hello, sizeof hello, 0)) > 0)
		assert_int_equal(send(peer, hello, (size_t)n, MSG_NOSIGNAL), n);
}

/* Time goes on, for a child that `runs` or is idle, and answers or does not. */
static void
pass(int64_t us, bool runs, bool answers)
{
	const struct mono end = mono_add(now, us);

	while (dog.loop && timer_next(&loop.timers).us <= end.us) {
		now = timer_next(&loop.timers);
		beats += runs;
		(void)timer_run(&loop.timers, now);
		if (answers)
			answer();
	}
	now = end;
}

/* Has been up for a while and has answered. */
static void
get_to_know(void)
{
	pass(10 * HELLO_US, false, true);
	assert_true(dog.heard);
	assert_null(hung);
}

static void
who_runs_is_not_asked(void **state)
{
	(void)state;
	get_to_know();
	pass(HELLO_US, true, true);
	const uint64_t before = dog.hellos;

	pass(100 * HELLO_US, true, false);
	assert_int_equal(dog.hellos, before);
	assert_null(hung);
}

static void
who_is_idle_is_asked_each_half_interval(void **state)
{
	(void)state;
	get_to_know();
	const uint64_t before = dog.hellos, answered = dog.answers;

	pass(100 * HELLO_US, false, true);
	assert_in_range(dog.hellos - before, 199, 201);
	assert_in_range(dog.answers - answered, 198, 201);
	assert_null(hung);
}

static void
who_stops_running_is_found_within_two_intervals(void **state)
{
	(void)state;
	get_to_know();
	pass(10 * HELLO_US, true, true);
	const struct mono last = now;

	pass(10 * HELLO_US, false, false);
	assert_non_null(hung);
	assert_string_equal(hung, "no answer");
	assert_true(mono_diff_us(hung_at, last) <= 2 * HELLO_US);
	assert_true(mono_diff_us(hung_at, last) >= HELLO_US);
}

/* A loop that turns while its answers are lost is no proof of life. */
static void
who_was_asked_must_answer(void **state)
{
	(void)state;
	get_to_know();
	pass(10 * HELLO_US, true, true);
	pass(HALF_US, false, false);
	assert_true(dog.waiting);
	pass(2 * HELLO_US, true, false);
	assert_non_null(hung);
}

static void
who_has_never_answered_is_asked_though_it_runs(void **state)
{
	(void)state;
	pass(WATCHDOG_START_US / 2, true, false);
	assert_true(dog.hellos > 0);
	assert_null(hung);
	pass(WATCHDOG_START_US, true, false);
	assert_non_null(hung);
}

/* So that one that hangs soon is found as any other. */
static void
a_child_is_asked_soon_after_its_start(void **state)
{
	(void)state;
	pass(HELLO_US / 10, true, true);
	assert_int_equal(dog.hellos, 1);
	pass(HALF_US, true, false);
	assert_true(dog.heard);
	const struct mono last = now;

	pass(10 * HELLO_US, false, false);
	assert_non_null(hung);
	assert_true(mono_diff_us(hung_at, last) <= 2 * HELLO_US);
}

static void
an_orphan_that_listens_is_ended(void **state)
{
	int status, ready[2];
	char c;

	(void)state;
	close(listener);
	assert_int_equal(watchdog_end_orphan(dir, "toy"), 0);	/* nobody listens */
	assert_int_equal(watchdog_end_orphan(dir, "other"), 0);
	assert_int_equal(pipe(ready), 0);
	const pid_t pid = fork();

	if (pid == 0) {
		struct watchdog_ear ear;
		struct loop l;

		alarm(30);
		if (loop_open(&l) || watchdog_listen(&ear, &l, dir, "toy"))
			_exit(1);
		c = 1;
		(void)!write(ready[1], &c, 1);
		for (;;)
			pause();
	}
	assert_int_equal(read(ready[0], &c, 1), 1);
	assert_int_equal(watchdog_end_orphan(dir, "toy"), pid);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	assert_int_equal(watchdog_end_orphan(dir, "toy"), 0);
	close(ready[0]);
	close(ready[1]);
	listener = -1;
}

static void
without_a_count_each_interval_has_a_hello(void **state)
{
	(void)state;
	dog.beats = NULL;
	get_to_know();
	const uint64_t before = dog.hellos;

	pass(100 * HELLO_US, true, true);
	assert_in_range(dog.hellos - before, 99, 101);
	assert_null(hung);
}

#define TEST(f)	cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(who_runs_is_not_asked),
		TEST(who_is_idle_is_asked_each_half_interval),
		TEST(who_stops_running_is_found_within_two_intervals),
		TEST(who_was_asked_must_answer),
		TEST(who_has_never_answered_is_asked_though_it_runs),
		TEST(a_child_is_asked_soon_after_its_start),
		TEST(an_orphan_that_listens_is_ended),
		TEST(without_a_count_each_interval_has_a_hello),
	};

	return cmocka_run_group_tests_name("watchdog", tests, NULL, NULL);
}
