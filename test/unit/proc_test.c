/* SPDX-License-Identifier: MIT */
/* proc_test.c -- the lives and deaths of the parent and its children. */
#include "toy.h"

static bool
is_there(const char *name)
{
	char path[128];
	struct stat st;

	toy_path(path, name);
	return lstat(path, &st) == 0;
}

static void
sigterm_ends_all_in_order(void **state)
{
	(void)state;
	toy_up("value 1\n");
	assert_true(is_there("pid"));
	assert_int_equal(atoi(toy_read("pid")), toy.pid);
	toy_await("trace", "start", 2);
	assert_int_equal(toy_down(SIGTERM), 0);
	assert_int_equal(toy_count("trace", "toy stop"), 1);
	assert_int_equal(toy_count("trace", "idle stop"), 1);
	assert_int_equal(toy_count("trace", "start"), 2);
	assert_false(is_there("pid"));
	assert_false(is_there("toy.dog"));
	assert_false(is_there("idle.dog"));
}

static void
interrupt_of_the_whole_group_is_one_orderly_end(void **state)
{
	(void)state;
	toy_up("value 1\n");
	const pid_t pid = toy.pid;

	kill(-pid, SIGINT);
	toy.pid = 0;
	assert_int_equal(toy_wait(pid), 0);
	assert_int_equal(toy_count("trace", "toy stop"), 1);
	assert_int_equal(toy_count("trace", "idle stop"), 1);
	assert_int_equal(toy_count("trace", "start"), 2);
}

static void
terminating_the_whole_group_restarts_nobody(void **state)
{
	(void)state;
	toy_up("value 1\n");
	const pid_t pid = toy.pid;

	kill(-pid, SIGTERM);
	toy.pid = 0;
	assert_int_equal(toy_wait(pid), 0);
	assert_int_equal(toy_count("trace", "toy stop"), 1);
	assert_int_equal(toy_count("trace", "start"), 2);
}

static void
processes_have_their_names(void **state)
{
	char path[64], comm[32] = "";

	(void)state;
	toy_up("value 1\n");
	snprintf(path, sizeof path, "/proc/%d/comm", (int)toy_pid("idle", 1));
	FILE *f = fopen(path, "r");

	assert_non_null(f);
	assert_non_null(fgets(comm, sizeof comm, f));
	fclose(f);
	assert_string_equal(comm, "upkeepd: idle\n");
	assert_int_equal(toy_down(SIGTERM), 0);
}

static void
killed_child_is_started_again_at_once(void **state)
{
	(void)state;
	toy_up("value 7\n");
	kill(toy_pid("toy", 1), SIGKILL);
	toy_pid("toy", 2);
	toy_await("trace", "toy apply 1 after 0 value 7", 2);
	assert_int_equal(toy_count("log", "signal=9 restart_ms=0"), 1);
	assert_int_equal(toy_count("trace", "idle start"), 1);
	assert_int_equal(toy_count("trace", "toy stop"), 0);
	assert_int_equal(toy_down(SIGTERM), 0);
}

static void
terminated_child_ends_in_order_and_is_started_again(void **state)
{
	(void)state;
	toy_up("value 1\n");
	kill(toy_pid("idle", 1), SIGTERM);
	toy_pid("idle", 2);
	assert_int_equal(toy_count("trace", "idle stop"), 1);
	assert_int_equal(toy_count("log", "status=0 restart_ms=0"), 1);
	assert_int_equal(toy_down(SIGTERM), 0);
}

/* Deaths of the toy, each early unless the machine sleeps, until this delay; how many. */
static unsigned
die_until(const char *delay)
{
	unsigned n = 0;

	while (toy_count("log", delay) == 0) {
		toy_pid("toy", ++n);
		toy_await("trace", "toy apply", n);
		toy_tell("toy", "die 3");
		toy_await("log", "child=toy exited", n);
		assert_true(n < 100);
	}
	return n;
}

static void
early_deaths_are_backed_off_from(void **state)
{
	(void)state;
	toy_up("value 1\n");
	const unsigned n = die_until("status=3 restart_ms=500");

	toy_pid("toy", n + 1);
	assert_true(toy_count("log", "status=3 restart_ms=0") >= 4);
	assert_true(toy_count("log", "status=3 restart_ms=250") >= 1);
	assert_int_equal(toy_down(SIGTERM), 0);
}

/* The guard of a real-time priority lets it spin for a while each time. */
static void
child_that_spins_backs_off_however_long_it_lived(void **state)
{
	char line[16];

	(void)state;
	snprintf(line, sizeof line, "raise %d", SIGXCPU);
	toy_up("value 1\n");
	for (unsigned n = 1; n <= 5; n++) {
		toy_pid("toy", n);
		toy_await("trace", "toy apply", n);
		toy_nap(150);
		toy_tell("toy", line);
		toy_await("log", "ran too long at real-time priority", n);
	}
	assert_int_equal(toy_count("log", "restart_ms=0"), 4);
	assert_int_equal(toy_count("log", "restart_ms=250"), 1);
	assert_int_equal(toy_down(SIGTERM), 0);
}

static void
end_while_a_restart_is_pending(void **state)
{
	(void)state;
	toy_up("value 1\n");
	const unsigned n = die_until("status=3 restart_ms=1000");

	assert_int_equal(toy_down(SIGTERM), 0);
	assert_int_equal(toy_count("trace", "toy start"), n);
}

static void
stopped_child_is_seen_within_two_intervals(void **state)
{
	(void)state;
	toy_up("hello 1000\n");
	toy_nap(3000);
	assert_int_equal(toy_count("log", "hangs"), 0);

	const int64_t before = toy_ms();

	kill(toy_pid("toy", 1), SIGSTOP);
	toy_await("log", "child=toy hangs", 1);
	toy_pid("toy", 2);
	/* A quarter of an interval more than the rule, for the machine. */
	assert_in_range(toy_ms() - before, 400, 2250);
	assert_int_equal(toy_count("log", "why=\"no answer\""), 1);
	assert_int_equal(toy_count("log", "signal=9 restart_ms=0"), 1);
	assert_int_equal(toy_count("trace", "idle start"), 1);
	assert_int_equal(toy_down(SIGTERM), 0);
}

static void
child_that_hangs_in_a_handler_is_killed(void **state)
{
	(void)state;
	toy_up("hello 200\n");
	toy_nap(1000);
	toy_tell("toy", "spin");
	toy_pid("toy", 2);
	assert_int_equal(toy_count("log", "child=toy hangs"), 1);
	assert_int_equal(toy_count("log", "did not end in time"), 1);
	assert_int_equal(toy_down(SIGTERM), 0);
}

static void
interval_of_100_ms_holds(void **state)
{
	(void)state;
	toy_up("hello 100\n");
	toy_nap(2000);
	assert_int_equal(toy_count("log", "hangs"), 0);
	kill(toy_pid("idle", 1), SIGSTOP);
	toy_pid("idle", 2);
	assert_int_equal(toy_down(SIGTERM), 0);
}

static void
stranger_at_the_watchdog_socket_is_sent_away(void **state)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	struct stat st;
	char c;

	(void)state;
	toy_up("hello 200\n");
	toy_path(sun.sun_path, "toy.dog");
	assert_int_equal(lstat(sun.sun_path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	const int fd = socket(AF_UNIX, SOCK_SEQPACKET, 0);

	assert_int_equal(connect(fd, (struct sockaddr *)&sun, sizeof sun), 0);
	assert_int_equal(recv(fd, &c, 1, 0), 0);
	close(fd);
	toy_nap(1000);
	assert_int_equal(toy_count("log", "hangs"), 0);
	assert_int_equal(toy_count("log", "is not the parent"), 1);
	assert_int_equal(toy_down(SIGTERM), 0);
}

static void
bad_messages_are_refused_and_change_nothing(void **state)
{
	static const char *const raw[] = { "raw garbage", "raw empty", "raw long",
		"raw direction", "raw short", "raw type", "raw descriptor" };

	(void)state;
	toy_up("value 1\n");
	for (unsigned i = 0; i < PORT_ARRAY_SIZE(raw); i++) {
		toy_tell("toy", raw[i]);
		toy_await("trace", raw[i], 1);
	}
	toy_tell("toy", "reload");
	toy_await("trace", "toy reloaded 2 errors 0", 1);
	/* Five lines, then the limit of lines in ten seconds. */
	assert_int_equal(toy_count("log", "child=toy sent a bad message"), 5);
	assert_int_equal(toy_count("log", "why=size"), 3);
	assert_int_equal(toy_count("log", "why=direction"), 1);
	assert_int_equal(toy_count("log", "why=type"), 1);
	assert_int_equal(toy_count("trace", "toy start"), 1);
	assert_int_equal(toy_down(SIGTERM), 0);
}

static void
children_end_in_order_when_the_parent_is_killed(void **state)
{
	(void)state;
	toy_up("value 1\n");
	const pid_t a = toy_pid("toy", 1), b = toy_pid("idle", 1);

	assert_int_equal(toy_down(SIGKILL), 1000 + SIGKILL);
	toy_await("trace", "toy stop", 1);
	toy_await("trace", "idle stop", 1);
	toy_await_gone(a);
	toy_await_gone(b);
	/* And the folder is free for the next. */
	toy.pid = toy_daemon();
	toy_pid("toy", 2);
	toy_pid("idle", 2);
	assert_int_equal(toy_down(SIGTERM), 0);
}

static void
second_daemon_on_the_folder_leaves_the_first_alone(void **state)
{
	(void)state;
	toy_up("value 1\n");
	assert_int_equal(toy_wait(toy_daemon()), 1);
	assert_int_equal(toy_count("log", "another upkeepd runs"), 1);
	assert_int_equal(atoi(toy_read("pid")), toy.pid);
	assert_true(is_there("toy.dog"));
	toy_tell("toy", "reload");
	toy_await("trace", "toy reloaded 2 errors 0", 1);
	assert_int_equal(toy_down(SIGTERM), 0);
	assert_int_equal(toy_count("trace", "start"), 2);
}

static void
child_that_does_not_end_is_killed_in_time(void **state)
{
	(void)state;
	toy_up("value 1\n");
	toy_tell("toy", "deaf");
	toy_await("trace", "did deaf", 1);
	const int64_t before = toy_ms();

	assert_int_equal(toy_down(SIGTERM), 0);
	assert_in_range(toy_ms() - before, 1900, 4900);
	assert_int_equal(toy_count("log", "child=toy did not end in time"), 1);
}

static void
second_signal_hurries(void **state)
{
	(void)state;
	toy_up("value 1\n");
	toy_tell("toy", "deaf");
	toy_await("trace", "did deaf", 1);
	const int64_t before = toy_ms();

	kill(toy.pid, SIGTERM);
	toy_await("trace", "toy stop", 1);
	assert_int_equal(toy_down(SIGTERM), 0);
	assert_in_range(toy_ms() - before, 450, 1800);
}

static void
hanging_orphan_ends_all_the_same(void **state)
{
	(void)state;
	toy_up("value 1\n");
	toy_tell("toy", "deaf");
	toy_await("trace", "did deaf", 1);
	const pid_t a = toy_pid("toy", 1);

	assert_int_equal(toy_down(SIGKILL), 1000 + SIGKILL);
	toy_await("trace", "toy stop", 1);
	toy_await_gone(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TOY_TEST(sigterm_ends_all_in_order),
		TOY_TEST(interrupt_of_the_whole_group_is_one_orderly_end),
		TOY_TEST(terminating_the_whole_group_restarts_nobody),
		TOY_TEST(processes_have_their_names),
		TOY_TEST(killed_child_is_started_again_at_once),
		TOY_TEST(terminated_child_ends_in_order_and_is_started_again),
		TOY_TEST(early_deaths_are_backed_off_from),
		TOY_TEST(child_that_spins_backs_off_however_long_it_lived),
		TOY_TEST(end_while_a_restart_is_pending),
		TOY_TEST(stopped_child_is_seen_within_two_intervals),
		TOY_TEST(child_that_hangs_in_a_handler_is_killed),
		TOY_TEST(interval_of_100_ms_holds),
		TOY_TEST(stranger_at_the_watchdog_socket_is_sent_away),
		TOY_TEST(bad_messages_are_refused_and_change_nothing),
		TOY_TEST(children_end_in_order_when_the_parent_is_killed),
		TOY_TEST(second_daemon_on_the_folder_leaves_the_first_alone),
		TOY_TEST(child_that_does_not_end_is_killed_in_time),
		TOY_TEST(second_signal_hurries),
		TOY_TEST(hanging_orphan_ends_all_the_same),
	};

	return cmocka_run_group_tests_name("proc", tests, NULL, NULL);
}
