/* SPDX-License-Identifier: MIT */
/* proc_conf_test.c -- a reload is a transaction. */
#include "toy.h"

#include <sys/mman.h>

#include "reload.h"

static void
bad_configuration_at_the_start_ends_the_daemon(void **state)
{
	(void)state;
	toy_write("conf", "value 1\nbad\n", 0644);
	assert_int_equal(toy_wait(toy_daemon()), 1);
	assert_int_equal(toy_count("log", "/conf:1:1: error: this is bad"), 1);
	assert_int_equal(toy_count("log", "configuration refused"), 1);
	assert_int_equal(toy_count("trace", "start"), 0);
	assert_string_equal(toy_read("pid"), "");
}

static void
missing_file_at_the_start_ends_the_daemon(void **state)
{
	(void)state;
	assert_int_equal(toy_wait(toy_daemon()), 1);
	assert_int_equal(toy_count("log", "configuration refused"), 1);
}

static void
crash_of_the_compiler_at_the_start_ends_the_daemon(void **state)
{
	(void)state;
	toy_write("conf", "crash\n", 0644);
	assert_int_equal(toy_wait(toy_daemon()), 1);
	assert_int_equal(toy_count("log", "compiler died"), 1);
}

static void
good_reload_reaches_every_child_and_the_one_that_asked(void **state)
{
	(void)state;
	toy_up("value 1\n");
	toy_write("conf", "value 2\n", 0644);
	toy_tell("idle", "reload");
	toy_await("trace", "idle reloaded 2 errors 0 first \n", 1);
	/* The verdict comes after everybody has the new one in force. */
	assert_int_equal(toy_count("trace", "toy apply 2 after 1 value 2"), 1);
	assert_int_equal(toy_count("trace", "idle apply 2 after 1 value 2"), 1);
	assert_int_equal(toy_count("trace", "toy reloaded"), 0);
	assert_int_equal(toy_count("trace", "start"), 2);
	assert_int_equal(toy_down(SIGTERM), 0);
}

static void
hangup_reloads(void **state)
{
	(void)state;
	toy_up("value 1\n");
	toy_write("conf", "value 5\n", 0644);
	/* As a user would: to all processes; the children ignore it. */
	kill(-toy.pid, SIGHUP);
	toy_await("trace", "apply 2 after 1 value 5", 2);
	assert_int_equal(toy_count("trace", "start"), 2);
	assert_int_equal(toy_down(SIGTERM), 0);
}

static void
bad_reload_changes_nothing_and_says_why(void **state)
{
	(void)state;
	toy_up("value 1\n");
	toy_write("conf", "value 2\nbad\n", 0644);
	toy_tell("toy", "reload");
	toy_await("trace", "toy reloaded 1 errors 1 first ", 1);
	assert_int_equal(toy_count("trace", "/conf:1:1: error: this is bad"), 1);
	assert_int_equal(toy_count("trace", "apply"), 2);
	/* And the next good one is generation 2. */
	toy_write("conf", "value 3\n", 0644);
	toy_tell("toy", "reload");
	toy_await("trace", "apply 2 after 1 value 3", 2);
	assert_int_equal(toy_down(SIGTERM), 0);
}

static void
crash_of_the_compiler_is_a_failed_reload(void **state)
{
	(void)state;
	toy_up("value 1\n");
	toy_write("conf", "value 2\ncrash\n", 0644);
	toy_tell("toy", "reload");
	toy_await("trace", "toy reloaded 1 errors 1 first ", 1);
	assert_int_equal(toy_count("log", "compiler died"), 1);
	assert_int_equal(toy_count("trace", "apply"), 2);
	assert_int_equal(toy_count("trace", "start"), 2);
	assert_int_equal(toy_down(SIGTERM), 0);
}

static void
reloads_that_overlap_become_one_more(void **state)
{
	(void)state;
	toy_up("value 1\n");
	toy_write("conf", "slow 600\nvalue 2\n", 0644);
	toy_tell("toy", "reload");
	toy_await("trace", "did reload", 1);
	toy_nap(200);
	toy_write("conf", "value 3\n", 0644);
	toy_tell("idle", "reload");
	kill(toy.pid, SIGHUP);
	toy_tell("toy", "reload");
	toy_await("trace", "idle reloaded 3 errors 0", 1);
	toy_await("trace", "toy reloaded 3 errors 0", 1);
	assert_int_equal(toy_count("trace", "toy reloaded 2 errors 0"), 1);
	assert_int_equal(toy_count("trace", "apply 2 after 1 value 2"), 2);
	assert_int_equal(toy_count("trace", "apply 3 after 2 value 3"), 2);
	toy_nap(200);
	assert_int_equal(toy_count("trace", "apply"), 6);
	assert_int_equal(toy_down(SIGTERM), 0);
}

static void
end_while_a_compiler_runs(void **state)
{
	(void)state;
	toy_up("value 1\n");
	toy_write("conf", "slow 10000\n", 0644);
	toy_tell("toy", "reload");
	toy_await("trace", "did reload", 1);
	toy_nap(100);
	assert_int_equal(toy_down(SIGTERM), 0);
	assert_int_equal(toy_count("trace", "apply"), 2);
}

static void
disabled_stays_up_with_nothing_and_can_be_enabled(void **state)
{
	(void)state;
	toy_up("off\nvalue 9\n");
	assert_int_equal(toy_count("trace", "apply 1 after 0 value 0"), 2);
	assert_int_equal(toy_count("log", "option enabled is off"), 1);
	toy_write("conf", "value 9\n", 0644);
	kill(toy.pid, SIGHUP);
	toy_await("trace", "apply 2 after 1 value 9", 2);
	toy_write("conf", "off\nvalue 9\n", 0644);
	kill(toy.pid, SIGHUP);
	toy_await("trace", "apply 3 after 2 value 0", 2);
	assert_int_equal(toy_down(SIGTERM), 0);
}

static void
interval_of_the_watchdog_changes_with_a_reload(void **state)
{
	(void)state;
	toy_up("hello 60000\n");
	toy_write("conf", "hello 200\n", 0644);
	toy_nap(1000);			/* the first hello was answered */
	kill(toy.pid, SIGHUP);
	toy_await("trace", "apply 2", 2);
	const int64_t before = toy_ms();

	kill(toy_pid("toy", 1), SIGSTOP);
	toy_pid("toy", 2);
	assert_in_range(toy_ms() - before, 0, 15000);
	assert_int_equal(toy_down(SIGTERM), 0);
}

static void
child_that_dies_in_a_reload_comes_back_with_the_new_one(void **state)
{
	(void)state;
	toy_up("hello 2000\nvalue 1\n");
	toy_nap(700);
	/* It can't apply the image, so the reload is not over before it is back. */
	kill(toy_pid("toy", 1), SIGSTOP);
	toy_write("conf", "hello 2000\nvalue 2\n", 0644);
	toy_tell("idle", "reload");
	toy_await("trace", "idle apply 2", 1);
	toy_nap(100);
	assert_int_equal(toy_count("trace", "idle reloaded"), 0);
	toy_await("trace", "toy apply 2 after 0 value 2", 1);
	toy_await("trace", "idle reloaded 2 errors 0", 1);
	assert_int_equal(toy_count("trace", "idle start"), 1);
	assert_int_equal(toy_down(SIGTERM), 0);
}

/* ---- the compiler process by itself ---- */

static struct {
	struct loop loop;
	struct reload reload;
	struct loop_fd alarm;
	struct reload_result result;
	unsigned done;
} alone;

static void
on_forget(struct reload *r)
{
	(void)r;
}

static void
on_done(struct reload *r, const struct reload_result *res, struct mono now)
{
	(void)r;
	(void)now;
	alone.result = *res;
	alone.done++;
	loop_stop(&alone.loop);
}

static void
look(struct timer *t, struct mono now)
{
	siginfo_t si = { 0 };

	if (waitid(P_ALL, 0, &si, WEXITED | WNOHANG | WNOWAIT) == 0 && si.si_pid > 0)
		assert_true(reload_ended(&alone.reload, si.si_pid, now));
	timer_arm(&alone.loop.timers, t, mono_add(now, 5000));
}

static void
compile_alone(const char *conf, int64_t limit_us)
{
	static char path[128];
	static struct timer timer;

	toy_write("conf", conf, 0644);
	toy_path(path, "conf");
	memset(&alone, 0, sizeof alone);
	assert_int_equal(loop_open(&alone.loop), 0);
	alone.reload.forget = on_forget;
	alone.reload.done = on_done;
	reload_open(&alone.reload, &alone.loop, path);
	alone.reload.limit_us = limit_us;
	timer_init(&timer, look);
	timer_arm(&alone.loop.timers, &timer, loop_clock());
	reload_start(&alone.reload, 17, loop_clock());
	loop_run(&alone.loop);
	loop_close(&alone.loop);
	assert_int_equal(alone.done, 1);
}

static void
image_is_sealed(void **state)
{
	(void)state;
	compile_alone("value 4\n", RELOAD_LIMIT_US);
	assert_non_null(alone.result.image);
	assert_int_equal(alone.result.verdict.errors, 0);
	assert_int_equal(alone.result.image->generation, 17);
	const int fd = alone.result.fd;

	assert_true(write(fd, "x", 1) < 0);
	assert_int_equal(errno, EPERM);
	assert_true(ftruncate(fd, 0) < 0);
	assert_true(mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) ==
		    MAP_FAILED);
	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	reload_release(alone.result.image, fd);
}

static void
compiler_that_takes_too_long_is_killed(void **state)
{
	(void)state;
	const int64_t before = toy_ms();

	compile_alone("slow 15000\n", 100000);
	assert_in_range(toy_ms() - before, 90, 10000);
	assert_null(alone.result.image);
	assert_int_equal(alone.result.fd, -1);
	assert_int_equal(alone.result.verdict.errors, 1);
	assert_string_equal(alone.result.verdict.first,
			    "the configuration compiler died");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TOY_TEST(bad_configuration_at_the_start_ends_the_daemon),
		TOY_TEST(missing_file_at_the_start_ends_the_daemon),
		TOY_TEST(crash_of_the_compiler_at_the_start_ends_the_daemon),
		TOY_TEST(good_reload_reaches_every_child_and_the_one_that_asked),
		TOY_TEST(hangup_reloads),
		TOY_TEST(bad_reload_changes_nothing_and_says_why),
		TOY_TEST(crash_of_the_compiler_is_a_failed_reload),
		TOY_TEST(reloads_that_overlap_become_one_more),
		TOY_TEST(end_while_a_compiler_runs),
		TOY_TEST(disabled_stays_up_with_nothing_and_can_be_enabled),
		TOY_TEST(interval_of_the_watchdog_changes_with_a_reload),
		TOY_TEST(child_that_dies_in_a_reload_comes_back_with_the_new_one),
		TOY_TEST(image_is_sealed),
		TOY_TEST(compiler_that_takes_too_long_is_killed),
	};

	return cmocka_run_group_tests_name("proc_conf", tests, NULL, NULL);
}
