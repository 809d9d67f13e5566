/* SPDX-License-Identifier: MIT */
/* check_smtp_test.c -- a mail server that greets, or does not. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "checker_run.h"

extern const struct checker check_smtp;

#define L	CHECKER_RUN_LINE
#define N(a)	PORT_ARRAY_SIZE(a)

static struct checker_run_test t;

static int
setup(void **state)
{
	(void)state;
	checker_run_init(&t, &check_smtp);
	t.check.u.smtp.helo = checker_run_text("lb.example");
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	checker_run_end(&t);
	return 0;
}

static const struct checker_run_line good[] = {
	L("", ""),
	L("220-mail.example ESMTP\r\n220 no spam\r\n", "EHLO lb.example\r\n"),
	L("250-mail.example\r\n250-SIZE 1000\r\n250 STARTTLS\r\n", "QUIT\r\n"),
	L("221 2.0.0 bye\r\n", NULL),
};

static void
greeting_ehlo_and_quit_with_every_split(void **state)
{
	(void)state;
	checker_run_splits(&t, good, N(good), CHECKER_UP, CHECKER_NONE);
}

/* What is not whole is no pass, until EHLO was accepted. */
static void
cut_at_every_byte_before_that_is_down(void **state)
{
	(void)state;
	checker_run_cuts(&t, good, 2);
	assert_int_equal(t.run.reason, CHECKER_CLOSED);
	checker_run_cuts(&t, good, 3);
	assert_int_equal(t.run.reason, CHECKER_CLOSED);
	assert_string_equal(t.run.detail, "after EHLO");
}

static void
helo_when_ehlo_is_refused(void **state)
{
	static const struct checker_run_line lines[] = {
		L("220 old\r\n", "EHLO lb.example\r\n"),
		L("502 what\r\n", "HELO lb.example\r\n"),
		L("250 hello\r\n", "QUIT\r\n"),
		L("221\r\n", NULL),
	};

	(void)state;
	checker_run_splits(&t, lines, N(lines), CHECKER_UP, CHECKER_NONE);
	checker_run_cuts(&t, lines, 3);
}

static const struct checker_run_line secure[] = {
	L("", ""),
	L("220 mail.example ESMTP\r\n", "EHLO lb.example\r\n"),
	L("250-mail.example\r\n250-starttls\r\n250 SIZE 1000\r\n", "STARTTLS\r\n"),
	L("220 2.0.0 go on\r\n", ""),
	L("", "EHLO lb.example\r\n"),
	L("250-mail.example\r\n250 SIZE 1000\r\n", "QUIT\r\n"),
	L("221 2.0.0 bye\r\n", NULL),
};

static void
starttls_greets_again_under_tls_with_every_split(void **state)
{
	(void)state;
	t.check.tls_used = t.check.tls_later = true;
	checker_run_splits(&t, secure, N(secure), CHECKER_UP, CHECKER_NONE);
	checker_run_splits(&t, secure, 4, CHECKER_SECURE, CHECKER_NONE);
	for (unsigned n = 2; n <= 4; n++) {
		if (n < 4)
			checker_run_cuts(&t, secure, n);
		else
			assert_int_equal(checker_run_talk(&t, secure, n - 1, 0, 99),
					 CHECKER_MORE);
	}
	assert_int_equal(checker_run_eof(&t), CHECKER_DOWN);
	assert_string_equal(t.run.detail, "after STARTTLS");
	checker_run_cuts(&t, secure, 6);
	assert_string_equal(t.run.detail, "after EHLO");
}

/* It might be anybody's (RFC 3207 5). */
static void
what_stands_behind_its_reply_in_clear_is_dropped(void **state)
{
	static const char both[] = "220 go\r\n250 hello\r\n221 bye\r\n";

	(void)state;
	t.check.tls_used = t.check.tls_later = true;
	(void)checker_run_talk(&t, secure, 3, 0, 99);
	checker_run_room(&t);
	assert_int_equal(checker_run_input(&t, both, sizeof both - 1), CHECKER_SECURE);
	assert_int_equal(checker_run_secured(&t), CHECKER_MORE);
	assert_int_equal(checker_run_input(&t, "502 no\r\n", 8), CHECKER_MORE);
	assert_memory_equal(t.tx + t.sent - 17, "HELO lb.example\r\n", 17);
}

static void
a_server_without_starttls_is_down_for_that(void **state)
{
	static const struct checker_run_line none[] = {
		good[1], L("250-mail\r\n250-STARTTLSX\r\n250 SIZE 1000\r\n", ""),
	};
	static const struct checker_run_line old[] = {
		good[1], L("502 what\r\n", "HELO lb.example\r\n"), L("250 STARTTLS\r\n", ""),
	};
	static const struct checker_run_line no[] = {
		good[1], L("250 STARTTLS\r\n", "STARTTLS\r\n"), L("454 not now\r\n", ""),
	};

	(void)state;
	t.check.tls_used = t.check.tls_later = true;
	checker_run_splits(&t, none, N(none), CHECKER_DOWN, CHECKER_TLS);
	assert_string_equal(t.run.detail, "the server offers no STARTTLS");
	checker_run_splits(&t, old, N(old), CHECKER_DOWN, CHECKER_TLS);
	assert_string_equal(t.run.detail, "the server offers no STARTTLS");
	checker_run_splits(&t, no, N(no), CHECKER_DOWN, CHECKER_TLS);
	assert_string_equal(t.run.detail, "STARTTLS: 454 not now");
}

static void
farewell_is_not_insisted_on(void **state)
{
	(void)state;
	assert_int_equal(checker_run_talk(&t, good, 3, 0, 99), CHECKER_MORE);
	assert_int_equal(checker_run_eof(&t), CHECKER_UP);
	assert_int_equal(checker_run_talk(&t, good, 3, 0, 99), CHECKER_MORE);
	assert_int_equal(checker_run_tick(&t), CHECKER_UP);
	assert_int_equal(t.run.elapsed_us, 1000000);
	assert_int_equal(checker_run_talk(&t, good, 3, 0, 99), CHECKER_MORE);
	assert_int_equal(checker_run_input(&t, "nonsense\n", 9), CHECKER_UP);
	t.check.timeout_us = 300000;
	assert_int_equal(checker_run_talk(&t, good, 3, 0, 99), CHECKER_MORE);
	assert_int_equal(t.run.wake_us, 100000);
}

static void
refusals_are_told_with_their_line(void **state)
{
	static const struct checker_run_line busy[] = { L("421-a\r\n421 too busy\r\n", "") };
	static const struct checker_run_line no[] = { L("554 go away\r\n", "") };
	static const struct checker_run_line ehlo[] = { good[1], L("451 later\r\n", "") };
	static const struct checker_run_line helo[] = {
		good[1], L("500 what\r\n", "HELO lb.example\r\n"), L("501 who\r\n", ""),
	};

	(void)state;
	checker_run_splits(&t, busy, 1, CHECKER_DOWN, CHECKER_STATUS);
	assert_string_equal(t.run.detail, "421 too busy");
	checker_run_splits(&t, no, 1, CHECKER_DOWN, CHECKER_STATUS);
	checker_run_splits(&t, ehlo, 2, CHECKER_DOWN, CHECKER_STATUS);
	assert_string_equal(t.run.detail, "451 later");
	checker_run_splits(&t, helo, 3, CHECKER_DOWN, CHECKER_STATUS);
	assert_string_equal(t.run.detail, "501 who");
}

static void
what_is_no_mail_server_is_told(void **state)
{
	static const struct checker_run_line ssh[] = { L("SSH-2.0-OpenSSH\r\n", "") };
	static const struct checker_run_line mixed[] = { L("220-a\r\n250 b\r\n", "") };
	char line[600];

	(void)state;
	checker_run_splits(&t, ssh, 1, CHECKER_DOWN, CHECKER_PROTOCOL);
	checker_run_splits(&t, mixed, 1, CHECKER_DOWN, CHECKER_PROTOCOL);
	memset(line, '2', sizeof line);
	(void)checker_run_open(&t);
	assert_int_equal(checker_run_pieces(&t, line, sizeof line, 0, 7), CHECKER_DOWN);
	assert_int_equal(t.run.reason, CHECKER_LONG);
}

static void
name_is_that_of_the_check_else_its_address(void **state)
{
	static const char hello[] = "220 a\r\n";

	(void)state;
	t.check.u.smtp.helo = (struct check_conf_bytes){ 0, 0 };
	(void)checker_run_open(&t);
	(void)checker_run_input(&t, hello, sizeof hello - 1);
	assert_memory_equal(t.tx, "EHLO localhost\r\n", t.sent);
	assert_true(net_addr_parse(&t.check.bind_addr, "192.0.2.9", 9));
	(void)checker_run_open(&t);
	(void)checker_run_input(&t, hello, sizeof hello - 1);
	assert_memory_equal(t.tx, "EHLO [192.0.2.9]\r\n", t.sent);
	assert_true(net_addr_parse(&t.check.bind_addr, "2001:db8::9", 11));
	(void)checker_run_open(&t);
	(void)checker_run_input(&t, hello, sizeof hello - 1);
	assert_memory_equal(t.tx, "EHLO [IPv6:2001:db8::9]\r\n", t.sent);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f)	cmocka_unit_test_setup_teardown(f, setup, teardown)
		T(greeting_ehlo_and_quit_with_every_split),
		T(cut_at_every_byte_before_that_is_down),
		T(helo_when_ehlo_is_refused),
		T(starttls_greets_again_under_tls_with_every_split),
		T(what_stands_behind_its_reply_in_clear_is_dropped),
		T(a_server_without_starttls_is_down_for_that),
		T(farewell_is_not_insisted_on),
		T(refusals_are_told_with_their_line),
		T(what_is_no_mail_server_is_told),
		T(name_is_that_of_the_check_else_its_address),
	};

	return cmocka_run_group_tests_name("check_smtp", tests, NULL, NULL);
}
