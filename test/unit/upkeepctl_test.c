/* SPDX-License-Identifier: MIT */
/* The client against two toy children, each a process with the real control server:
 * what is joined is well-formed, what fails says so in one line. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "child.h"
#include "compile.h"
#include "control.h"
#include "report_lint.h"
#include "schema.h"
#include "upkeepctl.h"

/* ---- two toy children: `left` has routers, `right` only exists ------------------ */

static const char *const names[] = { "lan", "dmz" };

static const void *
name_row(const void *parent, unsigned i)
{
	(void)parent;
	return i < 2 ? names[i] : NULL;
}

static void
get_name(const void *row, struct report_value *v)
{
	v->s = row;
}

static const struct report_field fields[] = {
	{ .name = "iname", .kind = REPORT_STR, .get = get_name, .column = 10,
	  .heading = "INSTANCE", .metric = REPORT_GAUGE, .what = "is there" },
	{ .name = NULL }
};
static const struct report_table toy_table = {
	.name = "toy", .row = name_row, .fields = fields,
	.label = "instance", .label_value = get_name,
};
static const struct report_table *const left_tables[] = { &toy_table, NULL };

static void
announce(struct child_env *env, struct control_client *c, const char *const *arg,
	struct mono now)
{
	(void)env;
	(void)now;
	control_event(&toy_table, names[0]);
	control_ok(c, "announced %s", arg[0]);
}

static void
drain(struct child_env *env, struct control_client *c, const char *const *arg,
	struct mono now)
{
	(void)now;
	if (!strcmp(env->child->name, "left"))
		control_fail(c, "%s is not here", arg[0]);
	else
		control_ok(c, "drained %s", arg[0]);
}

static const struct child_verb left_verbs[] = {
	{ "announce", "INSTANCE", "sends gratuitous ARP now", true, announce },
	{ "drain", "SERVER", "takes it out", true, drain },
	{ NULL, NULL, NULL, false, NULL }
};
static const struct child_verb right_verbs[] = {
	{ "drain", "SERVER", "takes it out", true, drain },
	{ NULL, NULL, NULL, false, NULL }
};

static const char *
object(struct child_env *env, unsigned i)
{
	(void)env;
	return i < 2 ? names[i] : NULL;
}

static const struct child left = {
	.name = "left", .tables = left_tables, .verbs = left_verbs, .object = object,
};
static const struct child right = {
	.name = "right", .verbs = right_verbs, .object = object,
};
const struct child *const child_table[] = { &left, &right, NULL };
const unsigned child_count = 2;

/* What works without a daemon is tested elsewhere; here: that it is asked. */
int
compile_check_main(int fd_out, const char *file)
{
	dprintf(fd_out, "checks %s\n", file);
	return 1;
}

int
schema_keys_main(int fd_out, const char *format)
{
	dprintf(fd_out, "keys as \"%s\"\n", format);
	return 0;
}

/* ---- the children's processes ------------------------------------------------------ */

static char dir[] = "/tmp/upkeepctl-test-XXXXXX";
static pid_t server[2];
static struct child_env env;
static uint32_t reload_errors;

static void
on_reload(struct ipc *ipc, const struct ipc_reload *m, int fd, struct mono now)
{
	(void)ipc;
	(void)m;
	(void)fd;
	(void)now;
	struct ipc_reloaded r = { .generation = 4, .errors = reload_errors };
	if (reload_errors)
		strcpy(r.first, "/etc/config/upkeep:3:9: error: unknown option");
	control_reloaded(&r);
}

/* What the parent makes of a restart: a reason, the end of this child and perhaps another. */
static const char *restart_why;

static void
on_restart(struct ipc *ipc, const struct ipc_restart *m, int fd, struct mono now)
{
	(void)ipc;
	(void)m;
	(void)fd;
	(void)now;
	struct ipc_restarted r = { .why = "" };
	if (!restart_why)
		_exit(0);
	strcpy(r.why, restart_why);
	control_restarted(&r);
}

static void
serve(const struct child *child)
{
	static struct ipc parent;
	static const struct ipc_ops child_ops, parent_ops = {
		.parent = true, .RELOAD = on_reload, .RESTART = on_restart,
	};
	int a, b;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	env.child = child;
	env.run_dir = dir;
	if (loop_open(&env.loop) || ipc_pair(&a, &b) ||
	    ipc_open(&parent, &env.loop, a, &parent_ops, NULL) ||
	    ipc_open(&env.ipc, &env.loop, b, &child_ops, NULL))
		_exit(1);
	env.started = loop_clock();
	if (control_open(&env))
		_exit(1);
	loop_run(&env.loop);
	_exit(0);
}

static void
start(unsigned i)
{
	server[i] = fork();
	assert_true(server[i] >= 0);
	if (!server[i])
		serve(child_table[i]);
	char path[64];
	snprintf(path, sizeof path, "%s/%s.sock", dir, child_table[i]->name);
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	strcpy(at.sun_path, path);
	for (int n = 0; ; n++) {
		const int fd = socket(AF_UNIX, SOCK_STREAM, 0);
		const int rc = connect(fd, (struct sockaddr *)&at, sizeof at);
		close(fd);
		if (!rc)
			return;
		assert_true(n < 500);
		usleep(10000);
	}
}

static void
end(unsigned i)
{
	if (server[i] > 0) {
		kill(server[i], SIGKILL);
		waitpid(server[i], NULL, 0);
	}
	server[i] = 0;
	char path[64];
	snprintf(path, sizeof path, "%s/%s.sock", dir, child_table[i]->name);
	unlink(path);
}

static int
setup(void **state)
{
	(void)state;
	reload_errors = 0;
	start(0);
	start(1);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	end(0);
	end(1);
	return 0;
}

/* ---- the client in this process ------------------------------------------------------ */

static char out[1 << 18], err[1 << 14];

static void
slurp(FILE *f, char *buf, size_t cap)
{
	rewind(f);
	buf[fread(buf, 1, cap - 1, f)] = '\0';
	fclose(f);
}

/* Runs upkeepctl -R DIR WORDS in a child process; its exit status. */
static int
run_in(const char *where, const char *words)
{
	char line[2048], folder[512], *argv[40] = { "upkeepctl", "-R", folder };
	int argc = where ? 3 : 1, status;
	FILE *o = tmpfile(), *e = tmpfile();
	snprintf(folder, sizeof folder, "%s", where ? where : "");
	snprintf(line, sizeof line, "%s", words);
	for (char *w = strtok(line, " "); w; w = strtok(NULL, " "))
		argv[argc++] = w;
	const pid_t pid = fork();
	if (!pid) {
		dup2(fileno(o), 1);
		dup2(fileno(e), 2);
		_exit(upkeepctl_main(argc, argv));
	}
	waitpid(pid, &status, 0);
	slurp(o, out, sizeof out);
	slurp(e, err, sizeof err);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static int
run(const char *words)
{
	return run_in(dir, words);
}

static unsigned
lines(const char *s)
{
	unsigned n = 0;
	for (; *s; s++)
		n += *s == '\n';
	return n;
}

/* ---- tests ------------------------------------------------------------------------------ */

static void
overview_joins_all_children(void **state)
{
	(void)state;
	assert_int_equal(run(""), 0);
	assert_non_null(strstr(out, "left: up 0s, no configuration yet\nINSTANCE\nlan\ndmz\n\n"
			       "right: up "));
	assert_string_equal(err, "");
	assert_null(strchr(out, '\x1b'));
}

static void
status_json_is_one_object(void **state)
{
	(void)state;
	assert_int_equal(run("status json"), 0);
	assert_true(lint_json(out));
	const char *head = "{\"toy\":[{\"iname\":\"lan\"},{\"iname\":\"dmz\"}],"
			   "\"processes\":[{\"child\":\"left\",";
	assert_memory_equal(out, head, strlen(head));
	assert_non_null(strstr(out, "},{\"child\":\"right\",\"process\":{"));
	assert_int_equal(run("memory json"), 0);
	assert_true(lint_json(out));
	assert_non_null(strstr(out, "{\"child\":\"right\",\"pools\":[{"));
}

static void
status_text_has_own_tables_before_processes(void **state)
{
	(void)state;
	assert_int_equal(run("status"), 0);
	const char *a = strstr(out, "instance lan:\n"), *b = strstr(out, "child left:\n"),
		   *c = strstr(out, "\n\nchild right:\n");
	assert_true(a && b && c && a < b && b < c);
}

static void
metrics_are_one_set(void **state)
{
	(void)state;
	assert_int_equal(run("metrics"), 0);
	const char *bad = lint_metrics(out);
	if (bad)
		fail_msg("%.100s", bad);
	assert_non_null(strstr(out, "upkeep_toy_iname{instance=\"lan\",iname=\"lan\"} 1\n"));
	const char *a = strstr(out, "upkeep_ipc_sent_total{child=\"left\"} 0\n");
	assert_non_null(a);
	assert_non_null(strstr(a, "left\"} 0\nupkeep_ipc_sent_total{child=\"right\"} 0\n"));
	assert_non_null(strstr(out, "upkeep_loop_late_total{child=\"right\",below_us=\"+Inf\"}"));
}

static void
one_missing_child_is_said_and_the_other_answers(void **state)
{
	(void)state;
	end(1);
	assert_int_equal(run("status json"), 1);
	assert_true(lint_json(out));
	assert_non_null(strstr(out, "\"child\":\"left\""));
	assert_int_equal(lines(err), 1);
	assert_non_null(strstr(err, "/right.sock"));
	assert_int_equal(run("metrics"), 1);
	assert_null(lint_metrics(out));
	assert_int_equal(run(""), 1);
	assert_non_null(strstr(out, "left: up"));
	/* The first child is gone: the second passes the reload on. */
	start(1);
	end(0);
	assert_int_equal(run("reload"), 0);
	assert_int_equal(run("status json"), 1);
	assert_true(lint_json(out));
}

static void
nobody_there_is_one_line_and_1(void **state)
{
	(void)state;
	static const char *const words[] = {
		"", "status", "status json", "metrics", "memory", "memory json", "reload",
		"monitor", "announce lan", "drain lan",
	};
	for (size_t i = 0; i < 10; i++) {
		assert_int_equal(run_in("/tmp/no-such-folder", words[i]), 1);
		assert_string_equal(out, "");
		assert_int_equal(lines(err), 1);
		assert_non_null(strstr(err, "/tmp/no-such-folder/"));
		assert_non_null(strstr(err, "running"));
	}
	char deep[300];
	memset(deep, 'd', 299);
	deep[299] = '\0';
	assert_int_equal(run_in(deep, "status"), 1);
	assert_non_null(strstr(err, "too long"));
}

static void
hanging_child_is_not_waited_for_for_ever(void **state)
{
	(void)state;
	kill(server[0], SIGSTOP);
	assert_int_equal(run("announce lan"), 1);
	assert_non_null(strstr(err, "does not answer"));
	assert_int_equal(lines(err), 1);
}

static void
verb_goes_to_the_child_that_has_it(void **state)
{
	(void)state;
	assert_int_equal(run("announce lan"), 0);
	assert_string_equal(out, "announced lan\n");
	assert_int_equal(run("ann dmz"), 0);
	assert_int_equal(run("drain dmz"), 0);	/* the first refuses, the second does it */
	assert_string_equal(out, "drained dmz\n");
	assert_int_equal(run("announce lna"), 1);
	assert_string_equal(out, "");
	assert_string_equal(err, "upkeepctl: no INSTANCE \"lna\"; did you mean \"lan\"?\n");
	assert_int_equal(run("announce"), 2);
	assert_string_equal(err, "upkeepctl: announce needs INSTANCE; \"announce ?\" lists what "
			    "there is\n");
}

static void
wrong_words_are_usage(void **state)
{
	(void)state;
	static const char *const words[] = {
		"frobnicate", "statsu", "m", "status now", "status json json", "metrics json",
		"-x", "-R", "keys yaml", "check", "check a b", "overview all",
		"reload now", "announce l\x01n", "help nothing-like-it",
	};
	for (size_t i = 0; i < 15; i++) {
		if (run(words[i]) != 2)
			fail_msg("%s: %s", words[i], err);
		assert_string_equal(out, "");
		assert_int_equal(lines(err), 1);
	}
	assert_int_equal(run("statsu"), 2);
	assert_non_null(strstr(err, "\"status\""));
	char longest[600] = "announce ";
	memset(longest + 9, 'x', 500);
	longest[509] = '\0';
	assert_int_equal(run(longest), 2);
}

static void
question_mark_lists_at_every_word(void **state)
{
	(void)state;
	assert_int_equal(run("?"), 0);
	static const char *const verbs[] = {
		"overview", "status [json]", "metrics", "monitor [json]", "memory [json]",
		"reload", "announce INSTANCE", "drain SERVER", "check FILE",
		"keys [json|man]", "help [VERB]",
	};
	for (size_t i = 0; i < 11; i++)
		assert_non_null(strstr(out, verbs[i]));
	assert_int_equal(run("announce ?"), 0);
	assert_non_null(strstr(out, "sends gratuitous ARP now"));
	assert_non_null(strstr(out, "\nlan\ndmz\n"));
	assert_int_equal(run("announce lan ?"), 0);
	assert_int_equal(run("status ?"), 0);
	assert_non_null(strstr(out, "status [json]"));
	assert_int_equal(run("check ?"), 0);
	assert_non_null(strstr(out, "check FILE"));
	assert_int_equal(run("help announce"), 0);
	assert_non_null(strstr(out, "announce INSTANCE"));
}

static void
help_needs_no_daemon(void **state)
{
	(void)state;
	assert_int_equal(run_in("/nowhere", "announce ?"), 0);
	assert_non_null(strstr(out, "announce INSTANCE"));
	assert_string_equal(err, "");
	assert_int_equal(run_in(NULL, "--help"), 0);
	assert_non_null(strstr(out, "Usage: upkeepctl"));
	for (const char *line = out; *line; line = strchr(line, '\n') + 1)
		assert_true(strchr(line, '\n') - line <= 80);
	assert_int_equal(run_in(NULL, "--version"), 0);
	assert_string_equal(out, "upkeepctl " UPKEEP_VERSION "\n");
	assert_int_equal(run_in(NULL, "check /etc/config/upkeep"), 1);
	assert_string_equal(out, "checks /etc/config/upkeep\n");
	assert_int_equal(run_in(NULL, "keys json"), 0);
	assert_string_equal(out, "keys as \"json\"\n");
	assert_int_equal(run_in(NULL, "k"), 0);
}

static void
reload_tells_what_came_of_it(void **state)
{
	(void)state;
	assert_int_equal(run("reload"), 0);
	assert_string_equal(out, "generation 4 is in force\n");
	teardown(state);
	reload_errors = 2;
	start(0);
	start(1);
	assert_int_equal(run("reload"), 1);
	assert_string_equal(out, "");
	assert_string_equal(err,
		"upkeepctl: /etc/config/upkeep:3:9: error: unknown option\n"
		"2 errors; generation 4 stays in force\n"
		"upkeepctl: \"upkeepctl check /etc/config/upkeep\" tells all that is wrong\n");
}

/* Starts child 0 again when it has ended, with so many restarts counted. */
static pid_t
successor(uint32_t restarts)
{
	const pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid)
		return pid;
	char path[64];
	snprintf(path, sizeof path, "/proc/%d/exe", (int)server[0]);
	while (readlink(path, (char[8]){ 0 }, 8) > 0)
		usleep(1000);
	env.parent.restarts = restarts;
	serve(child_table[0]);
	return 0;
}

static void
restart_tells_what_runs_then(void **state)
{
	(void)state;
	const pid_t next = successor(3);
	assert_int_equal(run("restart"), 0);
	assert_string_equal(out, "upkeepd " UPKEEP_VERSION ", restarted 3 times\n");
	kill(next, SIGKILL);
	waitpid(next, NULL, 0);
}

static void
restart_that_only_ended_a_child_is_no_restart(void **state)
{
	(void)state;
	const pid_t next = successor(0);
	assert_int_equal(run("restart"), 1);
	assert_string_equal(err, "upkeepctl: not restarted: the log says why\n");
	kill(next, SIGKILL);
	waitpid(next, NULL, 0);
}

static void
restart_that_is_refused_says_why(void **state)
{
	teardown(state);
	restart_why = "/usr/sbin/upkeepd: it is not executable";
	start(0);
	start(1);
	assert_int_equal(run("restart"), 1);
	assert_string_equal(err, "upkeepctl: not restarted, nothing has changed: "
			    "/usr/sbin/upkeepd: it is not executable\n");
	restart_why = NULL;
	teardown(state);
	assert_int_equal(run("restart"), 1);
	assert_non_null(strstr(err, "nobody answers"));
	assert_int_equal(run("restart now"), 2);
	assert_int_equal(run("version"), 1);
	start(0);
	assert_int_equal(run("version"), 0);
	assert_string_equal(out, "upkeepd " UPKEEP_VERSION ", restarted 0 times\n");
}

/* Waits until the monitor's output holds `text`. */
static void
wait_for(const char *file, const char *text)
{
	for (int i = 0; i < 1000; i++) {
		FILE *f = fopen(file, "r");
		slurp(f, out, sizeof out);
		if (strstr(out, text))
			return;
		usleep(10000);
	}
	fail_msg("no \"%s\" in: %s", text, out);
}

static void
monitor_prints_lines_at_once_and_survives_a_restart(void **state)
{
	(void)state;
	char file[80];
	snprintf(file, sizeof file, "%s/events", dir);
	close(open(file, O_CREAT | O_TRUNC, 0600));
	const pid_t pid = fork();
	if (!pid) {
		char *argv[] = { "upkeepctl", "-R", dir, "monitor", "json" };
		dup2(open(file, O_WRONLY | O_APPEND), 1);
		dup2(open("/dev/null", O_WRONLY), 2);
		_exit(upkeepctl_main(5, argv));
	}
	usleep(200000);
	assert_int_equal(run("announce lan"), 0);
	wait_for(file, "\"event\":\"toy\",\"iname\":\"lan\"}\n");
	assert_true(lint_json(out));
	end(0);
	start(0);
	usleep(1000000);
	assert_int_equal(truncate(file, 0), 0);
	assert_int_equal(run("announce lan"), 0);
	wait_for(file, "\"iname\":\"lan\"}\n");
	end(0);
	end(1);
	int status;
	waitpid(pid, &status, 0);	/* it gives up when nobody comes back */
	assert_int_equal(WEXITSTATUS(status), 1);
	unlink(file);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(overview_joins_all_children),
		T(status_json_is_one_object),
		T(status_text_has_own_tables_before_processes),
		T(metrics_are_one_set),
		T(one_missing_child_is_said_and_the_other_answers),
		T(nobody_there_is_one_line_and_1),
		T(hanging_child_is_not_waited_for_for_ever),
		T(verb_goes_to_the_child_that_has_it),
		T(wrong_words_are_usage),
		T(question_mark_lists_at_every_word),
		T(help_needs_no_daemon),
		T(reload_tells_what_came_of_it),
		T(restart_tells_what_runs_then),
		T(restart_that_only_ended_a_child_is_no_restart),
		T(restart_that_is_refused_says_why),
		T(monitor_prints_lines_at_once_and_survives_a_restart),
	};
	if (!mkdtemp(dir))
		return 1;
	const int failed = cmocka_run_group_tests_name("upkeepctl", tests, 0, 0);
	rmdir(dir);
	return failed;
}
