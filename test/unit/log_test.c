/* SPDX-License-Identifier: MIT */
/* log_test.c -- the form of a line on both ways out, and what is held back. */
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
#include <sys/un.h>
#include <unistd.h>

#include "log.h"

#define EVENT_UP	101, LOG_NOTICE, "vr=%s prio=%u"
#define EVENT_BAD	102, LOG_ERR, "why=%s"
#define EVENT_NOISE	103, LOG_DEBUG, "n=%d"

static char dir[32];
static char path[64];
static char got[4096];

static int
make_dir(void **state)
{
	(void)state;
	strcpy(dir, "/tmp/log_test.XXXXXX");
	if (mkdtemp(dir) == NULL)
		return -1;
	snprintf(path, sizeof path, "%s/log", dir);
	log_socket(path);
	return 0;
}

static int
drop_dir(void **state)
{
	(void)state;
	unlink(path);
	return rmdir(dir);
}

static int
listen_at_path(void)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };

	unlink(path);
	memcpy(sun.sun_path, path, sizeof path);
	const int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&sun, sizeof sun), 0);
	return fd;
}

static const char *
datagram(int fd)
{
	const ssize_t n = recv(fd, got, sizeof got - 1, 0);

	got[n < 0 ? 0 : n] = '\0';
	return got;
}

static int saved_stderr;
static int pipe_in;

static void
catch_stderr(void)
{
	int p[2];

	assert_int_equal(pipe2(p, O_NONBLOCK), 0);
	saved_stderr = dup(2);
	dup2(p[1], 2);
	close(p[1]);
	pipe_in = p[0];
}

static const char *
release_stderr(void)
{
	const ssize_t n = read(pipe_in, got, sizeof got - 1);

	got[n < 0 ? 0 : n] = '\0';
	dup2(saved_stderr, 2);
	close(saved_stderr);
	close(pipe_in);
	return got;
}

/* '9' in the pattern is any digit, the rest stands for itself. */
static bool
looks_like(const char *s, const char *pattern)
{
	for (; *pattern != '\0'; s++, pattern++) {
		const bool digit = *s >= '0' && *s <= '9';

		if (*pattern == '9' ? !digit : *s != *pattern)
			return false;
	}
	return *s == '\0';
}

static void
stderr_line_has_time_tag_level_number_text(void **state)
{
	(void)state;
	log_open("upkeepd: vrrp", LOG_INFO, LOG_TO_STDERR);
	catch_stderr();
	log_put(EVENT_UP, "lan", 150u);
	const char *const s = release_stderr();
	if (!looks_like(s, "9999-99-99T99:99:99.999999Z upkeepd.vrrp: "
			   "notice [999] vr=lan prio=999\n"))
		fail_msg("%s", s);
	assert_non_null(strstr(s, "[101] vr=lan prio=150\n"));
}

static void
syslog_datagram_is_rfc3164(void **state)
{
	const int fd = listen_at_path();
	char want[64];

	(void)state;
	log_open("upkeepd: vrrp", LOG_INFO, LOG_TO_SYSLOG);
	const uint64_t lost = log_lost();
	log_put(EVENT_UP, "lan", 150u);
	const char *const s = datagram(fd);
	assert_memory_equal(s, "<29>", 4);	/* daemon.notice */
	assert_non_null(strstr("JanFebMarAprMayJunJulAugSepOctNovDec",
			       (char[]){ s[4], s[5], s[6], '\0' }));
	assert_true(s[8] == ' ' || (s[8] >= '1' && s[8] <= '3'));
	char rest[128];
	snprintf(rest, sizeof rest, "%s", s + 9);
	assert_true(rest[0] >= '0' && rest[0] <= '9');
	snprintf(want, sizeof want, " upkeepd.vrrp[%d]: [101] vr=lan prio=150",
		 (int)getpid());
	assert_string_equal(rest + 10, want);
	rest[10] = '\0';
	assert_true(looks_like(rest, "9 99:99:99"));
	log_put(EVENT_BAD, "x");
	assert_memory_equal(datagram(fd), "<27>", 4);	/* daemon.err */
	assert_true(log_lost() == lost);
	close(fd);
}

static void
level_above_the_set_one_is_dropped(void **state)
{
	(void)state;
	log_open("upkeepd", LOG_INFO, LOG_TO_STDERR);
	catch_stderr();
	log_put(EVENT_NOISE, 1);
	assert_string_equal(release_stderr(), "");
	log_open("upkeepd", LOG_DEBUG, LOG_TO_STDERR);
	catch_stderr();
	log_put(EVENT_NOISE, 1);
	assert_non_null(strstr(release_stderr(), " upkeepd: debug [103] n=1"));
}

static void
no_logger_is_counted_and_found_when_it_comes(void **state)
{
	(void)state;
	unlink(path);
	log_open("upkeepd", LOG_INFO, LOG_TO_SYSLOG);
	const uint64_t lost = log_lost();
	log_put(EVENT_BAD, "nobody listens");
	assert_true(log_lost() == lost + 1);
	const int fd = listen_at_path();
	log_put(EVENT_BAD, "first");
	assert_non_null(strstr(datagram(fd), "why=first"));
	close(fd);
}

static void
restarted_logger_is_found_again(void **state)
{
	const int first = listen_at_path();

	(void)state;
	log_open("upkeepd", LOG_INFO, LOG_TO_SYSLOG);
	log_put(EVENT_BAD, "one");
	assert_non_null(strstr(datagram(first), "why=one"));
	close(first);
	const int second = listen_at_path();
	const uint64_t lost = log_lost();
	log_put(EVENT_BAD, "two");
	assert_non_null(strstr(datagram(second), "why=two"));
	assert_true(log_lost() == lost);
	close(second);
}

static void
logger_that_never_reads_does_not_block(void **state)
{
	const int fd = listen_at_path();

	(void)state;
	log_open("upkeepd", LOG_INFO, LOG_TO_SYSLOG);
	const uint64_t lost = log_lost();
	for (int i = 0; i < 5000; i++)
		log_put(EVENT_BAD, "flood");
	assert_true(log_lost() > lost);
	close(fd);
}

static void
full_stderr_pipe_does_not_block(void **state)
{
	int p[2];

	(void)state;
	log_open("upkeepd", LOG_INFO, LOG_TO_STDERR);
	assert_int_equal(pipe(p), 0);		/* blocking on purpose */
	saved_stderr = dup(2);
	dup2(p[1], 2);
	close(p[1]);
	const uint64_t lost = log_lost();
	for (int i = 0; i < 5000; i++)
		log_put(EVENT_BAD, "flood");
	dup2(saved_stderr, 2);
	close(saved_stderr);
	close(p[0]);
	assert_true(log_lost() > lost);
}

static void
control_characters_cannot_forge_a_line(void **state)
{
	(void)state;
	log_open("upkeepd", LOG_INFO, LOG_TO_STDERR);
	catch_stderr();
	log_put(EVENT_BAD, "a\nb\x1b[2Jc\x7f\xc3\xa4\x9b\xc2\x9b");
	assert_non_null(strstr(release_stderr(),
			       "why=a?b?[2Jc?\xc3\xa4???\n"));
}

static void
long_text_is_cut_and_still_ends_its_line(void **state)
{
	char text[2 * CONFIG_LOG_LINE];

	(void)state;
	memset(text, 'x', sizeof text - 1);
	text[sizeof text - 1] = '\0';
	log_open("a-tag-of-more-than-thirty-two-characters", LOG_INFO,
		 LOG_TO_STDERR);
	catch_stderr();
	log_put(EVENT_BAD, text);
	const char *const s = release_stderr();
	const size_t n = strlen(s);
	assert_true(n > CONFIG_LOG_LINE && n < CONFIG_LOG_LINE + 100);
	assert_int_equal(s[n - 1], '\n');
	assert_ptr_equal(strchr(s, '\n'), s + n - 1);
	assert_non_null(strstr(s, "a-tag-of-more-than-thirty-two-c: error"));
	/* The longest head there can be takes from the text, not the newline. */
	catch_stderr();
	log_put(4000000000u, LOG_WARN, "%s", text);
	const char *const cut = release_stderr();
	assert_string_equal(cut + strlen(cut) - 2, "x\n");
}

static void
errno_survives(void **state)
{
	(void)state;
	unlink(path);
	log_open("upkeepd", LOG_INFO, LOG_TO_SYSLOG);
	errno = EBUSY;
	log_put(EVENT_BAD, "x");
	assert_int_equal(errno, EBUSY);
}

static void
limit_lets_a_burst_through_and_counts_the_rest(void **state)
{
	struct log_limit lim = { 0 };
	uint32_t held = 99;

	(void)state;
	/* The boot's first microsecond is an instant like any other. */
	for (int64_t start = 0; start < 50000000; start += 10000000) {
		const struct mono t = { .us = start };

		for (int i = 0; i < 3; i++) {
			assert_true(log_allowed(&lim, t, 3, 1000000, &held));
			assert_int_equal(held, i == 0 && start > 0 ? 7 : 0);
		}
		for (int i = 0; i < 7; i++)
			assert_false(log_allowed(&lim, mono_add(t, 999999), 3,
						 1000000, &held));
	}
	assert_true(log_allowed(&lim, (struct mono){ 40000000 + 1000000 }, 3,
				1000000, &held));
	assert_int_equal(held, 7);
}

static void
window_of_a_limit_starts_with_its_first_message(void **state)
{
	struct log_limit lim = { 0 };
	uint32_t held;

	(void)state;
	assert_true(log_allowed(&lim, (struct mono){ 500000 }, 1, 1000000,
				&held));
	assert_false(log_allowed(&lim, (struct mono){ 1499999 }, 1, 1000000,
				 &held));
	assert_true(log_allowed(&lim, (struct mono){ 1500000 }, 1, 1000000,
				&held));
	assert_int_equal(held, 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stderr_line_has_time_tag_level_number_text),
		cmocka_unit_test(syslog_datagram_is_rfc3164),
		cmocka_unit_test(level_above_the_set_one_is_dropped),
		cmocka_unit_test(no_logger_is_counted_and_found_when_it_comes),
		cmocka_unit_test(restarted_logger_is_found_again),
		cmocka_unit_test(logger_that_never_reads_does_not_block),
		cmocka_unit_test(full_stderr_pipe_does_not_block),
		cmocka_unit_test(control_characters_cannot_forge_a_line),
		cmocka_unit_test(long_text_is_cut_and_still_ends_its_line),
		cmocka_unit_test(errno_survives),
		cmocka_unit_test(limit_lets_a_burst_through_and_counts_the_rest),
		cmocka_unit_test(window_of_a_limit_starts_with_its_first_message),
	};

	return cmocka_run_group_tests_name("log", tests, make_dir, drop_dir);
}
