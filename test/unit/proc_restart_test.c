/* SPDX-License-Identifier: MIT */
/* proc_restart_test.c -- another binary takes over: this very test is the other binary.
 *
 * RUN_DIR/mode says what is different about it.
 */
#define TOY_KEEPS	64
#define TOY_CONST
#include "toy.h"

#define PROBED		42

static char self[CONF_PATH];

/* A restart as a whole needs a kernel that can execute this file (qemu-user alone can't). */
static bool
can_execute(void)
{
	int status = 0;
	const pid_t pid = fork();

	if (pid == 0) {
		char *const argv[] = { self, (char *)(uintptr_t)"--probe", NULL };
		char *const envp[] = { NULL };

		execve(self, argv, envp);
		_exit(1);
	}
	waitpid(pid, &status, 0);
	return WIFEXITED(status) && WEXITSTATUS(status) == PROBED;
}

static void
up(const char *conf)
{
	if (!can_execute())
		skip();
	snprintf(toy.binary, sizeof toy.binary, "%s", self);
	toy_up(conf);
}

static void
down(void)
{
	assert_int_equal(toy_down(SIGTERM), 0);
}

static void
keep(void)
{
	toy_tell("toy", "keep");
	toy_await("trace", "did keep", 1);
}

static void
restart(void)
{
	toy_tell("toy", "restart");
}

/* Another binary of that mode. */
static void
restart_as(const char *mode)
{
	toy_write("mode", mode, 0644);
	restart();
}

/* Both children are new and have the image of that generation. */
static void
restarted(unsigned generation)
{
	char what[32];

	snprintf(what, sizeof what, "apply %u after 0", generation);
	restart();
	toy_await("trace", what, 2);
}

/* The restart is refused, for this reason. */
static void
not_restarted(const char *why)
{
	toy_await("trace", "toy not restarted: ", 1);
	if (!toy_count("trace", why))
		toy_fail("it was not refused because of %s", why);
}

/* After a refused one: nothing was ended, nothing started. */
static void
expect_nothing_changed(void)
{
	assert_int_equal(toy_count("trace", " start "), 2);
	assert_int_equal(toy_count("trace", " stop"), 0);
	assert_int_equal(toy_count("log", "goes on after"), 0);
	toy_tell("idle", "reload");
	toy_await("trace", "idle apply 2 after 1", 1);
	down();
}

static void
process_lock_and_checkpoint_stay_children_are_new(void **state)
{
	(void)state;
	up("value 1\n");
	toy_tell("toy", "keep\nkeep");
	toy_await("trace", "did keep", 2);
	const pid_t old = toy_pid("toy", 1);

	restarted(2);
	assert_true(toy_pid("toy", 2) != old);
	assert_int_equal(toy_count("trace", "toy keeps 0, fresh"), 1);
	assert_int_equal(toy_count("trace", "toy keeps 2, taken"), 1);
	assert_int_equal(toy_count("trace", " stop"), 0);
	assert_int_equal(atoi(toy_read("pid")), toy.pid);
	assert_int_equal(toy_count("log", "restarts=1"), 1);
	restarted(3);
	assert_int_equal(toy_count("log", "restarts=2"), 1);
	toy_tell("toy", "count");
	toy_await("trace", "toy starts 3 hangs 0", 1);
	/* The lock is held by the new binary, too. */
	const pid_t second = toy_daemon();

	assert_int_equal(toy_wait(second), 1);
	down();
	assert_int_equal(toy_count("trace", "toy stop"), 1);
}

static void
new_configuration_comes_with_the_new_binary(void **state)
{
	(void)state;
	up("value 1\n");
	toy_write("conf", "value 2\n", 0644);
	restart();
	toy_await("trace", "toy apply 2 after 0 value 2", 1);
	toy_tell("idle", "reload");
	toy_await("trace", "toy apply 3 after 2 value 2", 1);
	down();
}

static void
refused_configuration_changes_nothing(void **state)
{
	(void)state;
	up("value 1\n");
	toy_write("conf", "bad\n", 0644);
	restart();
	not_restarted("conf:1:1: error: this is bad");
	toy_write("conf", "value 1\n", 0644);
	expect_nothing_changed();
}

/* Another binary in the place of the first. */
static void
refused(const char *text, mode_t mode, const char *why)
{
	up("value 1\n");
	down();
	unlink(toy_read("trace"));
	toy_write("trace", "", 0666);
	toy_path(toy.binary, "other");
	if (text)
		toy_write("other", text, mode);
	toy.pid = toy_daemon();
	toy_await("trace", " apply 1 ", 2);
	restart();
	not_restarted(why);
	expect_nothing_changed();
}

static void
missing_binary_changes_nothing(void **state)
{
	(void)state;
	refused(NULL, 0, "other: No such file");
}

static void
binary_without_the_right_to_execute_changes_nothing(void **state)
{
	(void)state;
	refused("x", 0644, "other: it is not executable");
}

static void
binary_that_anybody_can_write_changes_nothing(void **state)
{
	(void)state;
	refused("x", 0777, "other: anybody can write to it");
}

static void
what_is_no_program_changes_nothing(void **state)
{
	(void)state;
	refused("not a program", 0755, "Exec format error");
}

static void
trial(const char *mode, const char *why)
{
	up("value 1\n");
	restart_as(mode);
	not_restarted(why);
	expect_nothing_changed();
}

static void
binary_that_says_nothing_changes_nothing(void **state)
{
	(void)state;
	trial("silent", "ended with status 0 and no word");
}

static void
binary_that_crashes_in_its_trial_changes_nothing(void **state)
{
	(void)state;
	trial("crash", "ended by signal 9");
}

static void
older_binary_that_knows_no_trial_changes_nothing(void **state)
{
	(void)state;
	trial("older", "unknown option");
}

/* In the moment between its trial and its execution: nothing else can fail there. */
static void
binary_that_can_not_be_executed_after_its_trial_starts_the_children_again(void **state)
{
	char to[128], command[300];

	(void)state;
	if (!can_execute())
		skip();
	toy_path(to, "other");
	snprintf(command, sizeof command, "cp %s %s", self, to);
	assert_int_equal(system(command), 0);
	snprintf(toy.binary, sizeof toy.binary, "%s", to);
	toy_up("value 1\n");
	keep();
	restart_as("lost");
	toy_await("trace", "toy keeps 1, taken", 1);
	toy_await("trace", "apply 1 after 0", 4);
	assert_int_equal(toy_count("log", "can't be executed, all goes on as before"), 1);
	toy_tell("idle", "reload");
	toy_await("trace", "toy apply 2 after 1", 1);
	down();
}

static void
checkpoint_of_another_layout_is_dropped_after_an_orderly_end(void **state)
{
	(void)state;
	up("value 1\n");
	keep();
	restart_as("layout");
	toy_await("trace", "toy keeps 0, strange", 1);
	toy_await("trace", " stop", 2);
	toy_await("log", "in order, as what they keep does not fit", 1);
	toy_await("log", "what an earlier life left does not fit and is dropped", 1);
	down();
}

static void
checkpoint_of_another_size_is_dropped_and_said_so(void **state)
{
	(void)state;
	up("value 1\n");
	restart_as("size");
	toy_await("trace", "toy keeps 0, fresh", 2);
	toy_await("log", "what an earlier life left does not fit and is dropped", 1);
	down();
}

static void
scripts_go_on_and_those_that_wait_run(void **state)
{
	char conf[512];

	(void)state;
	toy_write("s1", "#!/bin/sh\ncd \"${0%/*}\"; echo begin1 >>out; sleep 1; echo end1 >>out\n", 0755);
	toy_write("s2", "#!/bin/sh\ncd \"${0%/*}\"; echo run2 $1 >>out\n", 0755);
	snprintf(conf, sizeof conf, "script %u 20000 %s/s1\nscript %u 20000 %s/s2\n",
		 geteuid(), toy.dir, geteuid(), toy.dir);
	up(conf);
	toy_tell("toy", "run 1 7 1 0\nrun 2 7 1 0");
	toy_await("out", "begin1", 1);
	restarted(2);
	toy_await("out", "run2 event1", 1);
	assert_string_equal(toy_read("out"), "begin1\nend1\nrun2 event1\n");
	/* The new children have not asked for them. */
	assert_int_equal(toy_count("trace", "exited"), 0);
	down();
}

static void
time_limit_of_a_script_goes_on(void **state)
{
	char conf[512];

	(void)state;
	toy_write("s1", "#!/bin/sh\necho begin >\"${0%/*}/out\"; exec sleep 30\n", 0755);
	snprintf(conf, sizeof conf, "script %u 1000 %s/s1\n", geteuid(), toy.dir);
	up(conf);
	toy_tell("toy", "run 1 7 1 0");
	toy_await("out", "begin", 1);
	restarted(2);
	toy_await("log", "exceeds its time and is ended", 1);
	toy_await("log", "signal=15", 1);
	down();
}

static void
reload_that_is_asked_for_in_a_trial_comes_after_it(void **state)
{
	(void)state;
	up("value 1\nslow 300\n");
	restart();
	toy_await("trace", "did restart", 1);
	toy_nap(100);
	toy_write("conf", "value 5\n", 0644);
	toy_tell("idle", "reload");
	toy_await("trace", "toy apply 2 after 0 value 1", 1);
	toy_await("trace", "toy apply 3 after 2 value 5", 1);
	down();
}

static void
end_in_a_trial_is_the_end(void **state)
{
	(void)state;
	up("value 1\nslow 5000\n");
	toy_write("conf", "value 1\nslow 20000\n", 0644);
	restart();
	toy_await("trace", "did restart", 1);
	down();
	assert_int_equal(toy_count("trace", " stop"), 2);
}

static void
restart_in_a_reload_comes_after_it(void **state)
{
	(void)state;
	up("value 1\nslow 300\n");
	toy_tell("toy", "reload\nrestart");
	toy_await("trace", "toy apply 2 after 1", 1);
	toy_await("trace", "toy apply 3 after 0", 1);
	toy_await("trace", "idle apply 3 after 0", 1);
	toy_write("conf", "bad\n", 0644);
	toy_tell("toy", "reload\nrestart");
	toy_await("trace", "toy not restarted: ", 1);
	toy_write("conf", "value 4\n", 0644);
	restarted(4);
	down();
}

static void
unreadable_note_is_said_and_the_daemon_starts_anew(void **state)
{
	(void)state;
	toy_write("mode", "note", 0644);
	up("value 1\n");
	restart();
	toy_await("log", "what the binary before has left can't be used", 1);
	toy_await("trace", "apply 1 after 0", 4);
	down();
}

/* ---- as the other binary ---- */

static bool
mode_is(const char *mode)
{
	return strcmp(toy_read("mode"), mode) == 0;
}

static void
change_child(void)
{
	if (mode_is("layout"))
		toy_child.checkpoint_layout++;
	if (mode_is("size"))
		toy_child.checkpoint_bytes += 8;
}

static int
as_trial(const struct proc_options *opt)
{
	if (mode_is("silent"))
		return 0;
	if (mode_is("crash"))
		raise(SIGKILL);
	if (mode_is("older")) {
		fprintf(stderr, "upkeepd: unknown option: --handover\n");
		return 2;
	}
	const int rc = restart_try(opt, opt->note_fd);

	if (mode_is("lost")) {
		char other[128];

		toy_path(other, "other");
		chmod(other, 0644);
	}
	return rc;
}

/* As restart.c writes the words: -f FILE -R DIR --handover FD ... [--trial]. */
static int
as_upkeepd(int argc, char **argv)
{
	struct proc_options opt = { argv[2], toy.dir, LOG_DEBUG, LOG_TO_STDERR, self,
				    atoi(argv[6]) };

	snprintf(toy.dir, sizeof toy.dir, "%s", argv[4]);
	change_child();
	if (strcmp(argv[argc - 1], "--trial") == 0)
		return as_trial(&opt);
	if (mode_is("note"))
		opt.note_fd = open("/dev/zero", O_RDONLY);
	log_open("upkeepd", opt.log_level, opt.log_to);
	return proc_run(&opt);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TOY_TEST(process_lock_and_checkpoint_stay_children_are_new),
		TOY_TEST(new_configuration_comes_with_the_new_binary),
		TOY_TEST(refused_configuration_changes_nothing),
		TOY_TEST(missing_binary_changes_nothing),
		TOY_TEST(binary_without_the_right_to_execute_changes_nothing),
		TOY_TEST(binary_that_anybody_can_write_changes_nothing),
		TOY_TEST(what_is_no_program_changes_nothing),
		TOY_TEST(binary_that_says_nothing_changes_nothing),
		TOY_TEST(binary_that_crashes_in_its_trial_changes_nothing),
		TOY_TEST(older_binary_that_knows_no_trial_changes_nothing),
		TOY_TEST(binary_that_can_not_be_executed_after_its_trial_starts_the_children_again),
		TOY_TEST(checkpoint_of_another_layout_is_dropped_after_an_orderly_end),
		TOY_TEST(checkpoint_of_another_size_is_dropped_and_said_so),
		TOY_TEST(scripts_go_on_and_those_that_wait_run),
		TOY_TEST(time_limit_of_a_script_goes_on),
		TOY_TEST(reload_that_is_asked_for_in_a_trial_comes_after_it),
		TOY_TEST(end_in_a_trial_is_the_end),
		TOY_TEST(restart_in_a_reload_comes_after_it),
		TOY_TEST(unreadable_note_is_said_and_the_daemon_starts_anew),
	};

	if (argc > 1 && strcmp(argv[1], "--probe") == 0)
		return PROBED;
	restart_path(self, sizeof self);
	if (argc > 6 && strcmp(argv[1], "-f") == 0)
		return as_upkeepd(argc, argv);
	return cmocka_run_group_tests_name("proc_restart", tests, NULL, NULL);
}
