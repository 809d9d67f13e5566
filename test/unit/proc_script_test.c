/* SPDX-License-Identifier: MIT */
/* proc_script_test.c -- scripts: who runs, when, as whom, for how long. */
#include "toy.h"

/* A shell script in the run folder, and what it is called there. */
static void
write_script(const char *name, const char *body)
{
	char text[512];

	snprintf(text, sizeof text, "#!/bin/sh\n%s\n", body);
	toy_write(name, text, 0755);
}

/* A daemon whose scripts 1, 2, 3 are s1, s2, s3 with this time limit. */
static void
up_with_scripts(unsigned limit_ms, const char *more)
{
	char conf[1024];

	snprintf(conf, sizeof conf,
		 "%s\nscript %u %u %s/s1 one\nscript %u %u %s/s2\nscript %u %u %s/s3\n",
		 more, geteuid(), limit_ms, toy.dir, geteuid(), limit_ms, toy.dir,
		 geteuid(), limit_ms, toy.dir);
	toy_up(conf);
}

static void
script_gets_words_environment_and_nothing_else(void **state)
{
	char want[256];

	(void)state;
	write_script("s1", "cd \"${0%/*}\"; { echo \"$@\"; env | grep -v -e ^_= -e ^OLDPWD -e ^PWD -e ^SHLVL |"
		     " sort; umask; cat; ls /proc/$$/fd; ps -o pgid= -p $$ | grep -qw $$ && echo leads; } >out");
	up_with_scripts(10000, "value 42");
	toy_tell("toy", "run 1 5 2 9");
	toy_await("trace", "toy exited script 1 object 5 event 2 value 9 status 0", 1);
	snprintf(want, sizeof want, "one event2 value9\nHOME=/\n"
		 "PATH=/usr/sbin:/usr/bin:/sbin:/bin\nTOY_VALUE=42\n0022\n");
	if (strncmp(toy_read("out"), want, strlen(want)) != 0)
		toy_fail("the script saw: %s", toy_read("out"));
	/* Standard descriptors, and the shell's own for the script (10 or 255). */
	assert_int_equal(toy_count("out", "\n3\n"), 0);
	assert_int_equal(toy_count("out", "\n4\n"), 0);
	assert_int_equal(toy_count("out", "leads"), 1);
	assert_int_equal(toy_down(SIGTERM), 0);
}

static void
script_runs_as_its_user_without_other_groups(void **state)
{
	char conf[256];

	(void)state;
	if (geteuid() != 0)
		skip();
	write_script("s1", "{ id -u; id -g; id -G; } >\"${0%/*}/out\"");
	toy_write("out", "", 0666);
	snprintf(conf, sizeof conf, "script 65534 10000 %s/s1\n", toy.dir);
	/* The daemon's own groups must not come along. */
	assert_int_equal(setgroups(1, &(gid_t){ 4711 }), 0);
	toy_up(conf);
	assert_int_equal(setgroups(0, NULL), 0);
	toy_tell("toy", "run 1 0 0 0");
	toy_await("trace", "value 0 status 0", 1);
	assert_string_equal(toy_read("out"), "65534\n65534\n65534\n");
	assert_int_equal(toy_down(SIGTERM), 0);
}

static void
scripts_of_one_object_run_one_after_the_other(void **state)
{
	(void)state;
	write_script("s1", "cd \"${0%/*}\"; echo begin1 >>out; sleep 0.5; echo end1 >>out");
	write_script("s2", "cd \"${0%/*}\"; echo begin2 >>out; sleep 0.1; echo end2 >>out");
	write_script("s3", "cd \"${0%/*}\"; echo begin3 >>out");
	up_with_scripts(10000, "");
	/* Two of one event, and one of another object that need not wait. */
	toy_tell("toy", "run 1 7 1 0\nrun 2 7 1 0\nrun 3 8 1 0");
	toy_await("trace", "status 0", 3);
	const char *out = toy_read("out");

	assert_true(strstr(out, "end1\nbegin2\nend2") != NULL);
	assert_true(strstr(out, "begin3") < strstr(out, "end1"));
	assert_int_equal(toy_down(SIGTERM), 0);
}

static void
newest_event_wins_while_an_older_one_runs(void **state)
{
	(void)state;
	write_script("s1", "echo $* >>\"${0%/*}/out\"; sleep 0.5");
	write_script("s2", "echo two $* >>\"${0%/*}/out\"");
	up_with_scripts(10000, "");
	toy_tell("toy", "run 1 7 1 0\nrun 2 7 1 0\nrun 1 7 2 0\nrun 2 7 2 0\n"
		 "run 1 7 3 0\nrun 2 7 3 0");
	toy_await("trace", "toy exited", 6);
	assert_string_equal(toy_read("out"), "one event1 value0\none event3 value0\n"
			    "two event3 value0\n");
	/* Each RUN has its answer. */
	assert_int_equal(toy_count("trace", "event 1 value 0 status -1"), 1);
	assert_int_equal(toy_count("trace", "event 2 value 0 status -1"), 2);
	assert_int_equal(toy_count("trace", "status 0"), 3);
	assert_int_equal(toy_down(SIGTERM), 0);
}

/* In another image its index may be another object's. */
static void
what_waits_from_before_a_reload_is_not_made_old_by_what_comes_after(void **state)
{
	(void)state;
	write_script("s1", "echo $* >>\"${0%/*}/out\"; sleep 1");
	write_script("s2", "echo two $* >>\"${0%/*}/out\"");
	write_script("s3", "echo three $* >>\"${0%/*}/out\"");
	up_with_scripts(10000, "");
	toy_tell("toy", "run 1 7 1 0\nrun 2 7 2 0");
	toy_await("out", "one event1", 1);
	toy_tell("toy", "reload");
	toy_await("trace", "toy reloaded 2 errors 0 first \n", 1);
	toy_tell("toy", "run 3 7 1 0");
	toy_await("trace", "toy exited", 3);
	assert_string_equal(toy_read("out"), "one event1 value0\ntwo event2 value0\n"
			    "three event1 value0\n");
	assert_int_equal(toy_down(SIGTERM), 0);
}

static void
same_script_and_event_waits_once_with_the_newest_value(void **state)
{
	(void)state;
	write_script("s1", "echo $* >>\"${0%/*}/out\"; sleep 0.3");
	up_with_scripts(10000, "");
	toy_tell("toy", "run 1 7 1 1\nrun 1 7 1 2\nrun 1 7 1 3");
	toy_await("trace", "toy exited", 3);
	assert_string_equal(toy_read("out"), "one event1 value1\none event1 value3\n");
	assert_int_equal(toy_count("trace", "value 2 status -1"), 1);
	assert_int_equal(toy_down(SIGTERM), 0);
}

static void
time_limit_kills_the_whole_group(void **state)
{
	(void)state;
	/* A child of the script that does not listen to SIGTERM. */
	write_script("s1", "cd \"${0%/*}\"; sh -c 'trap \"\" TERM; echo $$ >out;"
		     " while :; do sleep 1; done' & wait");
	up_with_scripts(300, "");
	toy_tell("toy", "run 1 7 1 1");
	toy_await("trace", "status 1015", 1);
	toy_await("out", "\n", 1);
	toy_await_gone((pid_t)atoi(toy_read("out")));
	assert_int_equal(toy_count("log", "exceeds its time"), 1);
	assert_int_equal(toy_down(SIGTERM), 0);
}

static void
script_that_ignores_sigterm_is_killed(void **state)
{
	(void)state;
	write_script("s1", "trap '' TERM; while :; do sleep 0.1; done");
	write_script("s2", "echo then >\"${0%/*}/out\"");
	up_with_scripts(300, "");
	toy_tell("toy", "run 1 7 1 1\nrun 2 7 1 1");
	toy_await("trace", "status 1009", 1);
	toy_await("trace", "script 2 object 7 event 1 value 1 status 0", 1);
	assert_string_equal(toy_read("out"), "then\n");
	assert_int_equal(toy_down(SIGTERM), 0);
}

static void
what_can_not_run_is_answered_and_logged(void **state)
{
	(void)state;
	write_script("s1", "exit 5");
	toy_write("s2", "no program", 0644);
	up_with_scripts(10000, "");
	toy_tell("toy", "run 1 1 1 1\nrun 2 2 1 1\nrun 0 3 1 1\nrun 4 4 1 1\n"
		 "run 65535 5 1 1\nrun 1 6 1 666\nrun 1 7 1 777");
	toy_await("trace", "toy exited", 7);
	assert_int_equal(toy_count("trace", "object 1 event 1 value 1 status 5"), 1);
	assert_int_equal(toy_count("trace", "object 2 event 1 value 1 status 127"), 1);
	assert_int_equal(toy_count("trace", "status -1"), 5);
	assert_int_equal(toy_count("log", "asked for a script that"), 4);
	assert_int_equal(toy_count("log", "its words exceed"), 1);
	/* A child without a `script` function runs none. */
	toy_tell("idle", "run 1 1 1 1");
	toy_await("log", "child=idle asked for a script", 1);
	assert_int_equal(toy_down(SIGTERM), 0);
}

static void
full_queue_names_the_symbol_and_recovers(void **state)
{
	char line[64];

	(void)state;
	write_script("s1", "while [ ! -e \"${0%/*}/out\" ]; do sleep 0.1; done");
	up_with_scripts(20000, "");
	for (unsigned i = 0; i < CONFIG_SPAWN_QUEUE + 3; i++) {
		snprintf(line, sizeof line, "run 1 %u 1 1", i);
		toy_tell("toy", line);
	}
	toy_await("trace", "status -1", 3);
	assert_int_equal(toy_count("log", "raise CONFIG_SPAWN_QUEUE"), 3);
	toy_write("out", "go", 0644);
	toy_await("trace", "status 0", CONFIG_SPAWN_QUEUE);
	toy_tell("toy", "run 1 3 1 1");
	toy_await("trace", "status 0", CONFIG_SPAWN_QUEUE + 1);
	assert_int_equal(toy_down(SIGTERM), 0);
}

static void
last_script_of_a_child_runs_before_the_daemon_ends(void **state)
{
	(void)state;
	write_script("s2", "sleep 0.3; echo last >\"${0%/*}/out\"");
	up_with_scripts(10000, "value 102");
	assert_int_equal(toy_down(SIGTERM), 0);
	assert_string_equal(toy_read("out"), "last\n");
}

static void
script_that_never_ends_does_not_hold_the_end_up(void **state)
{
	(void)state;
	write_script("s1", "echo $$ >\"${0%/*}/out\"; exec sleep 1000");
	up_with_scripts(1000000, "");
	toy_tell("toy", "run 1 7 1 1");
	toy_await("out", "\n", 1);
	const int64_t before = toy_ms();

	assert_int_equal(toy_down(SIGTERM), 0);
	assert_in_range(toy_ms() - before, 4000, 4990);
	assert_int_equal(toy_count("log", "scripts given up at the end: count=1"), 1);
	toy_await_gone((pid_t)atoi(toy_read("out")));
}

static void
end_of_a_script_is_not_told_to_the_next_life_of_a_child(void **state)
{
	(void)state;
	write_script("s1", "sleep 0.5; echo x >\"${0%/*}/out\"");
	up_with_scripts(10000, "");
	toy_tell("toy", "run 1 7 1 1");
	toy_await("trace", "did run", 1);
	kill(toy_pid("toy", 1), SIGKILL);
	toy_await("trace", "toy apply", 2);
	toy_tell("toy", "run 1 7 2 2");
	toy_await("trace", "event 2 value 2 status 0", 1);
	assert_int_equal(toy_count("trace", "toy exited"), 1);
	assert_int_equal(toy_down(SIGTERM), 0);
}

static void
all_that_a_child_said_before_it_died_is_heard(void **state)
{
	char line[512] = "";

	(void)state;
	write_script("s1", "echo x >>\"${0%/*}/out\"");
	up_with_scripts(10000, "");
	/* More than one wake-up serves, so that the death is seen in between. */
	for (unsigned i = 0; i < 24; i++)
		snprintf(line + strlen(line), sizeof line - strlen(line),
			 "run 1 %u 1 1\n", i);
	strcat(line, "die 0");
	kill(toy.pid, SIGSTOP);
	toy_tell("toy", line);
	toy_await("trace", "did run", 24);
	toy_nap(100);
	kill(toy.pid, SIGCONT);
	toy_await("out", "x", 24);
	toy_pid("toy", 2);
	assert_int_equal(toy_down(SIGTERM), 0);
}

static void
parent_tells_what_it_has_counted(void **state)
{
	(void)state;
	write_script("s1", "exit 0");
	write_script("s2", "exit 1");
	write_script("s3", "exec sleep 100");
	up_with_scripts(500, "hello 400");
	toy_nap(1200);
	toy_tell("toy", "spin");
	toy_await("trace", "toy apply", 2);
	toy_tell("toy", "run 1 1 1 1\nrun 2 2 1 1\nrun 3 3 1 1\nrun 9 4 1 1\nraw type");
	toy_await("trace", "toy exited", 4);
	toy_write("conf", "bad\nbad\n", 0644);
	toy_tell("toy", "reload");
	toy_await("trace", "toy reloaded", 1);
	toy_nap(1500);
	toy_tell("toy", "count");
	toy_tell("idle", "count");
	toy_await("trace", "toy starts 2 hangs 1 refused 1 scripts 3 failures 2"
		  " timeouts 1 skipped 1 errors 2\n", 1);
	toy_await("trace", "idle starts 1 hangs 0 refused 0 scripts 0 failures 0"
		  " timeouts 0 skipped 0 errors 2\n", 1);
	assert_int_equal(toy_down(SIGTERM), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TOY_TEST(script_gets_words_environment_and_nothing_else),
		TOY_TEST(script_runs_as_its_user_without_other_groups),
		TOY_TEST(scripts_of_one_object_run_one_after_the_other),
		TOY_TEST(newest_event_wins_while_an_older_one_runs),
		TOY_TEST(what_waits_from_before_a_reload_is_not_made_old_by_what_comes_after),
		TOY_TEST(same_script_and_event_waits_once_with_the_newest_value),
		TOY_TEST(time_limit_kills_the_whole_group),
		TOY_TEST(script_that_ignores_sigterm_is_killed),
		TOY_TEST(what_can_not_run_is_answered_and_logged),
		TOY_TEST(full_queue_names_the_symbol_and_recovers),
		TOY_TEST(last_script_of_a_child_runs_before_the_daemon_ends),
		TOY_TEST(script_that_never_ends_does_not_hold_the_end_up),
		TOY_TEST(all_that_a_child_said_before_it_died_is_heard),
		TOY_TEST(parent_tells_what_it_has_counted),
		TOY_TEST(end_of_a_script_is_not_told_to_the_next_life_of_a_child),
	};

	return cmocka_run_group_tests_name("proc_script", tests, NULL, NULL);
}
