/* SPDX-License-Identifier: MIT */
/* The control server over a real socket, with a toy child: good requests, and every kind
 * of bad client. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "control_client.h"
#include "core_pools.h"
#include "report_lint.h"

/* ---- a toy child ------------------------------------------------------------ */

static const char *const names[] = { "lan", "dmz", "guest" };
static unsigned nnames = 3;
static unsigned shouts;
static char last_arg[64];

static const void *
name_row(const void *parent, unsigned i)
{
	(void)parent;
	return i < nnames ? names[i % 3] : NULL;
}

static void
get_name(const void *row, struct report_value *v)
{
	v->s = row;
}

static const struct report_field fields[] = {
	{ .name = "iname", .kind = REPORT_STR, .get = get_name, .column = 10,
	  .heading = "INSTANCE" },
	{ .name = "info", .kind = REPORT_STR, .get = get_name, .metric = REPORT_GAUGE,
	  .what = "is there" },
	{ .name = NULL }
};
static const struct report_table toy_table = {
	.name = "toy", .row = name_row, .fields = fields,
	.label = "instance", .label_value = get_name,
};
static const struct report_table *const toy_tables[] = { &toy_table, NULL };

static void
shout(struct child_env *env, struct control_client *c, const char *const *arg,
	struct mono now)
{
	(void)env;
	(void)now;
	shouts++;
	snprintf(last_arg, sizeof last_arg, "%s", arg[0]);
	control_ok(c, "shouted at %s", arg[0]);
}

static void
tell(struct child_env *env, struct control_client *c, const char *const *arg,
	struct mono now)
{
	(void)env;
	(void)now;
	(void)arg;
	control_table(c, &toy_table, NULL);
}

static const struct child_verb toy_verbs[] = {
	{ "shout", "INSTANCE", "shouts at it", true, shout },
	{ "tell", "INSTANCE", "tells of it", false, tell },
	{ NULL, NULL, NULL, false, NULL }
};

static const char *
object(struct child_env *env, unsigned i)
{
	(void)env;
	return i < 3 ? names[i] : NULL;
}

static const struct child toy = {
	.name = "toy", .tables = toy_tables, .verbs = toy_verbs, .object = object,
};

/* ---- the server in this process ------------------------------------------------ */

static struct child_env env;
static char dir[] = "/tmp/control-test-XXXXXX";
static char path[64];
static int parent_fd;
static const struct ipc_ops no_ops;

static void
stop_loop(struct timer *t, struct mono now)
{
	(void)t;
	(void)now;
	loop_stop(&env.loop);
}

static void
pump_ms(int ms)
{
	struct timer t;
	timer_init(&t, stop_loop);
	timer_arm(&env.loop.timers, &t, mono_add(loop_clock(), ms * 1000));
	loop_run(&env.loop);
}

/* Lets the timers believe that so much time has passed. */
static void
later(int64_t s)
{
	timer_run(&env.loop.timers, mono_add(loop_clock(), s * MONO_US_PER_S));
}

static int
setup(void **state)
{
	(void)state;
	int child_fd;
	memset(&env, 0, sizeof env);
	env.child = &toy;
	env.run_dir = dir;
	nnames = 3;
	shouts = 0;
	assert_int_equal(loop_open(&env.loop), 0);
	env.started = loop_clock();
	assert_int_equal(ipc_pair(&parent_fd, &child_fd), 0);
	assert_int_equal(ipc_open(&env.ipc, &env.loop, child_fd, &no_ops, NULL), 0);
	assert_int_equal(control_open(&env), 0);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	control_close();
	for (uint32_t i = 0; i < control_client_pool_end(); i++)
		assert_null(control_client_pool_at(i));
	ipc_close(&env.ipc);
	close(parent_fd);
	assert_int_equal(env.loop.timers.armed, 0);
	loop_close(&env.loop);
	/* The name is the parent's to remove. */
	assert_int_equal(access(path, F_OK), 0);
	return 0;
}

static int
dial(void)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	snprintf(at.sun_path, sizeof at.sun_path, "%s", path);
	const int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_true(fd >= 0);
	if (connect(fd, (struct sockaddr *)&at, sizeof at) < 0) {
		close(fd);
		return -1;
	}
	assert_int_equal(fcntl(fd, F_SETFL, O_NONBLOCK), 0);
	return fd;
}

static void
say(int fd, const char *p, size_t n)
{
	assert_int_equal(send(fd, p, n, MSG_NOSIGNAL), n);
}

static char answer[1 << 20];

#define HEAR_QUIET	30		/* passes in a row without a byte */

/* What has come so far; *ended: and there is no more. */
static const char *
hear(int fd, bool *ended)
{
	size_t n = 0;
	int quiet = 0;
	*ended = false;
	/* A late wake-up serves the timer that ends it and no descriptor, so that on a busy
	 * machine a pass may do nothing. */
	while (quiet < HEAR_QUIET) {
		const ssize_t got = recv(fd, answer + n, sizeof answer - 1 - n, 0);
		if (got == 0) {
			*ended = true;
			break;
		}
		quiet = got > 0 ? 0 : quiet + 1;
		n += got > 0 ? (size_t)got : 0;
		pump_ms(1);
	}
	answer[n] = '\0';
	return answer;
}

static const char *
ask(const char *request)
{
	bool ended;
	const int fd = dial();
	assert_true(fd >= 0);
	say(fd, request, strlen(request));
	pump_ms(2);
	hear(fd, &ended);
	if (!ended)
		fail_msg("no end of the answer to \"%s\"", request);
	close(fd);
	return answer;
}

static bool
begins(const char *s, const char *with)
{
	return !strncmp(s, with, strlen(with));
}

/* ---- good requests ---------------------------------------------------------------- */

static void
socket_is_for_its_owner_only(void **state)
{
	(void)state;
	struct stat st;
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
}

static void
status_tells_own_tables_then_the_process(void **state)
{
	(void)state;
	const char *s = ask("status\n");
	assert_true(begins(s, "0\ninstance lan:\n  iname: lan\n"));
	assert_non_null(strstr(s, "\nchild toy:\n"));
	assert_null(strstr(s, "accepted"));	/* JSON and metrics tell it */
	s = ask("status own\n");
	assert_null(strstr(s, "child toy"));
	s = ask("status process\n");
	assert_true(begins(s, "0\nchild toy:\n"));
}

static void
status_json_is_valid(void **state)
{
	(void)state;
	const char *s = ask("status json\n");
	assert_true(begins(s, "0\n{\"toy\":[{\"iname\":\"lan\""));
	assert_non_null(strstr(s, "\"processes\":[{\"child\":\"toy\",\"process\":{\"pid\":"));
	assert_non_null(strstr(s, "{\"below_us\":\"+Inf\",\"wakeups\":"));
	assert_true(lint_json(s + 2));
	s = ask("memory json\n");
	assert_true(lint_json(s + 2));
	assert_non_null(strstr(s, "\"symbol\":\"CONFIG_CONTROL_CLIENTS\""));
}

static void
metrics_are_valid(void **state)
{
	(void)state;
	const char *s = ask("metrics\n");
	assert_true(begins(s, "0\n# HELP upkeep_toy_info is there\n"));
	assert_non_null(strstr(s, "\nupkeep_loop_wakeups_total{child=\"toy\"} "));
	assert_non_null(strstr(s, "\nupkeep_pool_used{child=\"toy\",pool=\"control_client\"} 1\n"));
	const char *bad = lint_metrics(s + 2);
	if (bad)
		fail_msg("%.120s", bad);
}

static void
long_answers_need_no_memory(void **state)
{
	(void)state;
	nnames = 20000;
	const char *s = ask("status json own\n");
	assert_true(strlen(s) > 500000);
	assert_true(lint_json(s + 2));
}

static void
overview_begins_with_the_process(void **state)
{
	(void)state;
	const char *s = ask("overview\n");
	assert_true(begins(s, "0\ntoy: up "));
	assert_non_null(strstr(s, "\nINSTANCE\nlan\ndmz\nguest\n"));
}

static void
memory_names_the_symbol(void **state)
{
	(void)state;
	const char *s = ask("memory\n");
	assert_true(begins(s, "0\nPOOL "));
	assert_non_null(strstr(s, "\n  CONFIG_CONTROL_CLIENTS: a client of the control"));
}

static void
verbs_may_be_abbreviated_while_unique(void **state)
{
	(void)state;
	assert_string_equal(ask("sh lan\n"), "0\nshouted at lan\n");
	assert_true(begins(ask("me\n"), "2 \"me\" is ambiguous: metrics, memory\n"));
	assert_true(begins(ask("m\n"), "2 \"m\" is ambiguous: metrics, monitor, ...\n"));
}

static void
unknown_verb_names_the_nearest(void **state)
{
	(void)state;
	assert_string_equal(ask("statsu\n"),
			    "2 unknown verb \"statsu\"; did you mean \"status\"?\n");
	assert_string_equal(ask("frobnicate\n"),
			    "2 unknown verb \"frobnicate\"; \"?\" lists them\n");
	assert_int_equal(control_self()->unknown, 2);
}

static void
object_is_checked_before_the_verb_runs(void **state)
{
	(void)state;
	assert_string_equal(ask("shout lna\n"),
			    "1 no INSTANCE \"lna\"; did you mean \"lan\"?\n");
	assert_string_equal(ask("shout gue\n"),
			    "1 no INSTANCE \"gue\"; did you mean \"guest\"?\n");
	assert_string_equal(ask("shout\n"),
			    "1 shout needs INSTANCE; \"shout ?\" lists what there is\n");
	assert_string_equal(ask("shout lan dmz\n"), "1 shout takes INSTANCE, not \"dmz\"\n");
	assert_string_equal(ask("status now\n"), "1 status takes [json], not \"now\"\n");
	assert_int_equal(shouts, 0);
	assert_string_equal(ask("  shout\t dmz \r\n"), "0\nshouted at dmz\n");
	assert_int_equal(shouts, 1);
}

static void
question_mark_lists_at_every_word(void **state)
{
	(void)state;
	const char *s = ask("?\n");
	assert_non_null(strstr(s, "status [json]"));
	assert_non_null(strstr(s, "shout INSTANCE           shouts at it\n"));
	s = ask("shout ?\n");
	assert_string_equal(s, "0\nshout INSTANCE\n  shouts at it\n"
			    "IT CAN TAKE\nlan\ndmz\nguest\n");
	assert_string_equal(ask("shout lan ?\n"), "0\nshout INSTANCE\n  shouts at it\n");
	assert_true(begins(ask("help\n"), "0\nVERB"));
	assert_true(begins(ask("help status\n"), "0\nstatus [json]\n"));
	assert_true(begins(ask("status ?\n"), "0\nstatus [json]\n"));
	assert_int_equal(shouts, 0);
}

static void
own_verb_answers_in_json_when_asked(void **state)
{
	(void)state;
	assert_string_equal(ask("tell lan\n"), "0\nINSTANCE\nlan\ndmz\nguest\n");
	const char *s = ask("tell lan json\n");
	assert_true(begins(s, "0\n{\"toy\":[{"));
	assert_true(lint_json(s + 2));
}

/* ---- reload ------------------------------------------------------------------------ */

static void
reload_waits_for_the_parent(void **state)
{
	(void)state;
	bool ended;
	char message[IPC_BYTES];
	const int fd = dial();
	say(fd, "reload\n", 7);
	pump_ms(2);
	assert_true(recv(parent_fd, message, sizeof message, MSG_DONTWAIT) > 0);
	assert_string_equal(hear(fd, &ended), "");
	assert_false(ended);
	struct ipc_reloaded m = { .generation = 3, .errors = 2 };
	strcpy(m.first, "/etc/config/upkeep:3:9: no such option");
	control_reloaded(&m);
	assert_string_equal(hear(fd, &ended),
		"1 /etc/config/upkeep:3:9: no such option\n"
		"2 errors; generation 3 stays in force\n");
	assert_true(ended);
	close(fd);
	control_reloaded(&m);		/* nobody waits: nothing happens */
}

static void
parent_that_does_not_take_the_request_is_told_of_soon(void **state)
{
	static const char *const verbs[] = { "reload\n", "restart\n" };
	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		bool ended;
		const int fd = dial();
		say(fd, verbs[i], strlen(verbs[i]));
		pump_ms(2);
		later(2);
		hear(fd, &ended);
		assert_false(ended);
		later(4);
		const char *s = hear(fd, &ended);
		assert_true(begins(s, "1 the parent, process "));
		assert_non_null(strstr(s, "does not take the request: is it stopped?"));
		assert_true(ended);
		close(fd);
	}
}

static void
restart_waits_for_its_own_answer(void **state)
{
	(void)state;
	bool ended;
	char message[IPC_BYTES];
	const int fd = dial(), other = dial();
	say(fd, "restart\n", 8);
	say(other, "reload\n", 7);
	pump_ms(2);
	assert_true(recv(parent_fd, message, sizeof message, MSG_DONTWAIT) > 0);
	control_taken(loop_clock());
	control_reloaded(&(struct ipc_reloaded){ .generation = 3 });
	assert_string_equal(hear(other, &ended), "0\ngeneration 3 is in force\n");
	assert_true(ended);
	assert_string_equal(hear(fd, &ended), "");
	assert_false(ended);
	struct ipc_restarted m = { .why = "/usr/sbin/upkeepd: it is not executable" };
	control_restarted(&m);
	assert_string_equal(hear(fd, &ended), "1 not restarted, nothing has changed: "
			    "/usr/sbin/upkeepd: it is not executable\n");
	assert_true(ended);
	close(fd);
	close(other);
	control_restarted(&m);		/* nobody waits: nothing happens */
}

static void
version_tells_how_often_the_binary_was_replaced(void **state)
{
	(void)state;
	assert_string_equal(ask("version\n"), "0\nupkeepd " UPKEEP_VERSION ", restarted 0 times\n");
	env.parent.restarts = 1;
	assert_string_equal(ask("version\n"), "0\nupkeepd " UPKEEP_VERSION ", restarted 1 time\n");
	assert_true(begins(ask("version now\n"), "1 version takes no argument"));
}

static void
reload_without_a_word_ends_by_itself(void **state)
{
	(void)state;
	bool ended;
	const int fd = dial();
	say(fd, "reload\n", 7);
	pump_ms(2);
	control_taken(loop_clock());
	later(59);
	hear(fd, &ended);
	assert_false(ended);
	later(61);
	assert_true(begins(hear(fd, &ended), "1 no word of the reload"));
	assert_true(ended);
	close(fd);
}

/* ---- bad clients --------------------------------------------------------------------- */

static void
garbage_is_counted_and_closed(void **state)
{
	(void)state;
	static const struct { const char *p; size_t n; } bad[] = {
		{ "\0\0\0\0", 4 }, { "status\0\n", 8 }, { "sta\x01tus\n", 8 },
		{ "\x1b[A\n", 4 }, { "\x7f\n", 2 },
	};
	for (size_t i = 0; i < 5; i++) {
		bool ended;
		const int fd = dial();
		say(fd, bad[i].p, bad[i].n);
		pump_ms(2);
		assert_true(begins(hear(fd, &ended), "1 not a request"));
		assert_true(ended);
		close(fd);
		assert_int_equal(control_self()->garbage, i + 1);
	}
	assert_string_equal(ask("\n"), "1 an empty request; \"?\" lists the verbs\n");
	assert_string_equal(ask("a b c d e f g\n"), "1 more than 6 words\n");
	assert_true(begins(ask("\xff\xfe\n"), "2 unknown verb"));
}

static void
line_that_never_ends_is_refused(void **state)
{
	(void)state;
	static char flood[100000];
	memset(flood, 'x', sizeof flood);
	bool ended;
	const int fd = dial();
	say(fd, flood, sizeof flood);
	pump_ms(5);
	assert_true(begins(hear(fd, &ended), "1 not a request: one line of at most 256"));
	close(fd);
	assert_int_equal(control_self()->garbage, 1);
	/* The longest that is one. */
	memcpy(flood, "shout ", 6);
	flood[255] = '\n';
	flood[256] = '\0';
	assert_true(begins(ask(flood), "1 no INSTANCE \"xxxx"));
}

/* Any words in any order, and any bytes: an answer, or the end; the server lives. */
static void
random_requests_harm_nobody(void **state)
{
	(void)state;
	static const char *const word[] = {
		"status", "json", "own", "process", "?", "help", "me", "shout", "tell",
		"lan", "metrics", "memory", "overview", "\t", "", "xyzzy", "\xc3\xa4",
	};
	srand(7);
	for (int i = 0; i < 1500; i++) {
		char line[400];
		size_t n = 0;
		for (int k = rand() % 6; k >= 0; k--) {
			if (rand() % 8)
				n += (size_t)snprintf(line + n, 40, "%s ", word[rand() % 17]);
			for (int b = rand() % 40 - 36; b > 0; b--)
				line[n++] = (char)rand();
		}
		line[n++] = '\n';
		bool ended;
		const int fd = dial();
		say(fd, line, n);
		pump_ms(1);
		const char *s = hear(fd, &ended);
		if (!ended || !strchr("012", s[0]))
			fail_msg("round %d: \"%.*s\" got \"%.80s\"", i, (int)n, line, s);
		if (s[0] == '0' && s[2] == '{')
			assert_true(lint_json(s + 2));
		close(fd);
	}
	pump_ms(5);
}

static void
half_a_line_is_never_run(void **state)
{
	(void)state;
	bool ended;
	const int fd = dial();
	say(fd, "shout lan", 9);
	pump_ms(2);
	shutdown(fd, SHUT_WR);
	pump_ms(2);
	assert_string_equal(hear(fd, &ended), "1 the request does not end in a newline\n");
	assert_true(ended);
	close(fd);
	assert_int_equal(shouts, 0);
}

static void
line_may_come_byte_by_byte(void **state)
{
	(void)state;
	bool ended;
	const int fd = dial();
	for (const char *p = "shout guest\n"; *p; p++) {
		say(fd, p, 1);
		pump_ms(1);
	}
	assert_string_equal(hear(fd, &ended), "0\nshouted at guest\n");
	close(fd);
}

static void
client_that_says_nothing_is_closed(void **state)
{
	(void)state;
	bool ended;
	const int fd = dial();
	pump_ms(2);
	later(9);
	hear(fd, &ended);
	assert_false(ended);
	later(11);
	assert_true(begins(hear(fd, &ended), "1 no request within 10 seconds"));
	assert_true(ended);
	close(fd);
	assert_int_equal(control_self()->slow_writers, 1);
}

static void
client_that_never_reads_is_closed(void **state)
{
	(void)state;
	nnames = 100000;
	const int fd = dial();
	say(fd, "status json\n", 12);
	pump_ms(50);
	assert_int_equal(control_client_count(CONTROL_ANSWERING), 1);
	/* It sleeps: nothing happens while nobody reads. */
	const uint64_t wakeups = env.loop.wakeups;
	pump_ms(50);
	assert_true(env.loop.wakeups - wakeups < 5);
	later(29);
	assert_int_equal(control_client_count(CONTROL_ANSWERING), 1);
	later(31);
	assert_int_equal(control_client_count(CONTROL_ANSWERING), 0);
	assert_int_equal(control_self()->slow_readers, 1);
	close(fd);
}

static void
client_that_goes_away_frees_its_slot(void **state)
{
	(void)state;
	nnames = 100000;
	static const char *const requests[] = { "", "sta", "status json\n", "monitor\n", "reload\n" };
	for (size_t i = 0; i < 5; i++) {
		const int fd = dial();
		say(fd, requests[i], strlen(requests[i]));
		pump_ms(10);
		close(fd);
		pump_ms(10);
		for (uint32_t k = 0; k < control_client_pool_end(); k++)
			assert_null(control_client_pool_at(k));
	}
}

static void
full_table_says_busy(void **state)
{
	(void)state;
	int fd[CONFIG_CONTROL_CLIENTS];
	bool ended;
	for (int i = 0; i < CONFIG_CONTROL_CLIENTS; i++) {
		fd[i] = dial();
		pump_ms(1);
	}
	assert_true(begins(ask(""), "1 busy: "));
	assert_int_equal(control_self()->refused, 1);
	say(fd[0], "shout lan\n", 10);
	pump_ms(2);
	assert_string_equal(hear(fd[0], &ended), "0\nshouted at lan\n");
	assert_true(begins(ask("overview\n"), "0\n"));
	for (int i = 0; i < CONFIG_CONTROL_CLIENTS; i++)
		close(fd[i]);
	pump_ms(5);
}

static void
thousand_connects_leave_nothing_behind(void **state)
{
	(void)state;
	for (int i = 0; i < 1000; i++) {
		const int fd = dial();
		assert_true(fd >= 0);
		if (i % 3 == 0)
			say(fd, "status json\n", 12);
		else if (i % 3 == 1)
			say(fd, "\xffgarbage", 8);
		if (i % 7 == 0)
			pump_ms(1);
		close(fd);
		if (i % 10 == 9)
			pump_ms(1);
	}
	pump_ms(50);
	assert_true(begins(ask("overview\n"), "0\n"));
	assert_int_equal(control_self()->accepted + control_self()->refused, 1001);
}

/* ---- events ------------------------------------------------------------------------- */

static int
monitor(const char *request)
{
	bool ended;
	const int fd = dial();
	say(fd, request, strlen(request));
	pump_ms(2);
	assert_string_equal(hear(fd, &ended), "0\n");
	assert_false(ended);
	return fd;
}

static void
monitors_get_each_event_in_their_format(void **state)
{
	(void)state;
	bool ended;
	control_event(&toy_table, names[0]);	/* nobody listens */
	const int text = monitor("monitor\n"), json = monitor("monitor json\n");
	control_event(&toy_table, names[0]);
	const char *s = hear(text, &ended);
	assert_false(ended);
	assert_string_equal(s + 24, " toy iname=lan info=lan\n");
	assert_int_equal(s[23], 'Z');
	s = hear(json, &ended);
	assert_true(lint_json(s));
	assert_non_null(strstr(s, "Z\",\"event\":\"toy\",\"iname\":\"lan\""));
	/* Only half closed: it still listens. */
	shutdown(text, SHUT_WR);
	pump_ms(5);
	control_event(&toy_table, names[1]);
	assert_non_null(strstr(hear(text, &ended), "iname=dmz"));
	const uint64_t wakeups = env.loop.wakeups;
	pump_ms(30);
	assert_true(env.loop.wakeups - wakeups < 5);
	close(text);
	close(json);
	pump_ms(5);
	assert_int_equal(control_client_count(CONTROL_MONITOR), 0);
}

static void
monitor_that_does_not_read_is_told_what_it_lost(void **state)
{
	(void)state;
	bool ended;
	static const char *const requests[] = { "monitor\n", "monitor json\n" };
	for (int k = 0; k < 2; k++) {
		const int fd = monitor(requests[k]);
		const uint64_t before = control_self()->events_lost;
		for (int i = 0; i < 20000; i++)
			control_event(&toy_table, names[0]);
		const uint64_t lost = control_self()->events_lost - before;
		assert_true(lost > 0 && lost < 20000);
		const char *s = hear(fd, &ended);
		pump_ms(5);
		unsigned got = 0;
		unsigned long told = 0;
		for (const char *line = s; *line; line = strchr(line, '\n') + 1) {
			const char *l = strstr(line, k ? "\"event\":\"lost\",\"events\":" :
					       "Z lost events=");
			if (l && l < strchr(line, '\n'))
				assert_int_equal(sscanf(l + (k ? 24 : 14), "%lu", &told), 1);
			else
				got++;
		}
		assert_int_equal(told, lost);
		assert_int_equal(got + told, 20000);
		/* And goes on. */
		control_event(&toy_table, names[1]);
		assert_non_null(strstr(hear(fd, &ended), "dmz"));
		close(fd);
		pump_ms(5);
	}
}

/* Whatever a slow reader takes and when: what it lost stands where it is missing. */
static void
lost_events_are_told_in_their_place(void **state)
{
	(void)state;
	bool ended;
	static char all[1 << 21];
	size_t n = 0;
	unsigned next = 0;
	const int fd = monitor("monitor\n");
	srand(1);
	for (int round = 0; round < 400; round++) {
		for (int i = rand() % 200; i > 0; i--) {
			char name[16];
			snprintf(name, sizeof name, "n%u", next++);
			control_event(&toy_table, name);
		}
		const ssize_t got = recv(fd, all + n, (size_t)(rand() % 3000) + 1, 0);
		n += got > 0 ? (size_t)got : 0;
		if (rand() % 3 == 0)
			pump_ms(1);
	}
	for (const char *s; (s = hear(fd, &ended))[0]; pump_ms(2)) {
		strcpy(all + n, s);
		n += strlen(s);
	}
	all[n] = '\0';
	unsigned expected = 0, gaps = 0;
	for (const char *line = all; *line; line = strchr(line, '\n') + 1) {
		unsigned k;
		if (sscanf(line + 25, "lost events=%u", &k) == 1) {
			expected += k;
			gaps++;
			continue;
		}
		assert_int_equal(sscanf(line + 25, "toy iname=n%u", &k), 1);
		assert_int_equal(k, expected);
		expected++;
	}
	assert_int_equal(expected, next);
	assert_true(gaps > 3);
	close(fd);
	pump_ms(5);
}

static void
monitor_that_never_reads_is_closed_in_the_end(void **state)
{
	(void)state;
	const int fd = monitor("monitor\n");
	for (int i = 0; i < 20000; i++)
		control_event(&toy_table, names[0]);
	later(299);
	assert_int_equal(control_client_count(CONTROL_MONITOR), 1);
	/* Further events are no sign of life. */
	env.loop.now = mono_add(loop_clock(), 200 * MONO_US_PER_S);
	control_event(&toy_table, names[0]);
	later(301);
	assert_int_equal(control_client_count(CONTROL_MONITOR), 0);
	close(fd);
}

/* What this life has told before anybody could listen. */
static void
toy_again(struct child_env *e, struct control_client *c)
{
	(void)e;
	control_event_again(c, &toy_table, names[0], mono_add(loop_clock(), -3600 * (int64_t)MONO_US_PER_S));
	control_event_again(c, &toy_table, names[1], loop_clock());
}

static void
monitor_that_comes_again_hears_what_it_missed_and_nobody_else_does(void **state)
{
	struct child child = toy;
	bool ended;
	(void)state;
	child.again = toy_again;
	env.child = &child;
	const int old = monitor("monitor\n"), fresh = dial(), json = dial();
	say(fresh, "monitor again\n", 14);
	say(json, "monitor json again\n", 19);
	pump_ms(5);
	control_event(&toy_table, names[2]);
	const char *s = hear(old, &ended);
	assert_non_null(strstr(s, names[2]));
	assert_null(strstr(s, names[0]));
	char text[CONTROL_OUT];
	snprintf(text, sizeof text, "%s", hear(fresh, &ended));
	assert_non_null(strstr(text, names[0]));
	assert_true(strstr(text, names[0]) < strstr(text, names[1]));
	assert_true(strstr(text, names[1]) < strstr(text, names[2]));
	assert_true(begins(hear(json, &ended), "0\n{\"time\":\""));
	close(old);
	close(fresh);
	close(json);
	pump_ms(5);
	env.child = &toy;
}

static void
monitor_that_talks_without_end_is_closed(void **state)
{
	(void)state;
	const int fd = monitor("monitor\n");
	char noise[512] = { 0 };
	bool ended;
	(void)hear(fd, &ended);
	say(fd, "status\n", 7);		/* out of habit: no harm */
	(void)hear(fd, &ended);
	assert_false(ended);
	for (int i = 0; i < 20; i++) {
		(void)send(fd, noise, sizeof noise, MSG_NOSIGNAL);
		pump_ms(2);
	}
	const ssize_t n = recv(fd, noise, sizeof noise, 0);
	assert_true(n == 0 || (n < 0 && errno == ECONNRESET));
	assert_int_equal(control_self()->garbage, 1);
	close(fd);
}

static void
quiet_monitor_stays(void **state)
{
	(void)state;
	const int fd = monitor("monitor\n");
	later(100000);
	assert_int_equal(control_client_count(CONTROL_MONITOR), 1);
	close(fd);
	pump_ms(5);
}

/* ---- the socket ------------------------------------------------------------------------ */

static void
run_folder_too_long_is_an_error(void **state)
{
	(void)state;
	control_close();
	char deep[200];
	memset(deep, 'd', sizeof deep);
	deep[199] = '\0';
	env.run_dir = deep;
	assert_int_equal(control_open(&env), -ENAMETOOLONG);
	env.run_dir = "/nonexistent";
	assert_int_equal(control_open(&env), -ENOENT);
	env.run_dir = dir;
	/* A dead one is replaced. */
	const int fd = open(path, O_CREAT | O_WRONLY, 0600);
	close(fd);
	assert_int_equal(control_open(&env), 0);
	assert_true(begins(ask("overview\n"), "0\n"));
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(socket_is_for_its_owner_only),
		T(status_tells_own_tables_then_the_process),
		T(status_json_is_valid),
		T(metrics_are_valid),
		T(long_answers_need_no_memory),
		T(overview_begins_with_the_process),
		T(memory_names_the_symbol),
		T(verbs_may_be_abbreviated_while_unique),
		T(unknown_verb_names_the_nearest),
		T(object_is_checked_before_the_verb_runs),
		T(question_mark_lists_at_every_word),
		T(own_verb_answers_in_json_when_asked),
		T(reload_waits_for_the_parent),
		T(parent_that_does_not_take_the_request_is_told_of_soon),
		T(restart_waits_for_its_own_answer),
		T(version_tells_how_often_the_binary_was_replaced),
		T(reload_without_a_word_ends_by_itself),
		T(garbage_is_counted_and_closed),
		T(line_that_never_ends_is_refused),
		T(random_requests_harm_nobody),
		T(half_a_line_is_never_run),
		T(line_may_come_byte_by_byte),
		T(client_that_says_nothing_is_closed),
		T(client_that_never_reads_is_closed),
		T(client_that_goes_away_frees_its_slot),
		T(full_table_says_busy),
		T(thousand_connects_leave_nothing_behind),
		T(monitors_get_each_event_in_their_format),
		T(monitor_that_does_not_read_is_told_what_it_lost),
		T(lost_events_are_told_in_their_place),
		T(monitor_that_never_reads_is_closed_in_the_end),
		T(monitor_that_comes_again_hears_what_it_missed_and_nobody_else_does),
		T(monitor_that_talks_without_end_is_closed),
		T(quiet_monitor_stays),
		T(run_folder_too_long_is_an_error),
	};
	if (!mkdtemp(dir))
		return 1;
	snprintf(path, sizeof path, "%s/toy.sock", dir);
	const int failed = cmocka_run_group_tests_name("control", tests, 0, 0);
	unlink(path);
	rmdir(dir);
	return failed;
}
