/* SPDX-License-Identifier: MIT */
/* check_udp_test.c -- a datagram that is answered, or not refused. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "checker_run.h"

extern const struct checker check_udp;

static struct checker_run_test t;

static int
setup(void **state)
{
	(void)state;
	checker_run_init(&t, &check_udp);
	t.check.u.talk.send = checker_run_text("ping");
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	checker_run_end(&t);
	return 0;
}

static enum checker_step
reply(const char *p, size_t n)
{
	assert_int_equal(checker_run_open(&t), CHECKER_MORE);
	assert_int_equal(t.sent, t.check.u.talk.send.n);
	assert_memory_equal(t.tx, "ping", t.sent);
	return checker_run_input(&t, p, n);
}

static void
without_a_reply_silence_is_a_pass(void **state)
{
	(void)state;
	assert_int_equal(checker_run_open(&t), CHECKER_MORE);
	assert_int_equal(checker_run_tick(&t), CHECKER_UP);
	assert_int_equal(t.run.elapsed_us, 1000000);
	t.check.timeout_us = 600000;
	assert_int_equal(checker_run_open(&t), CHECKER_MORE);
	assert_int_equal(checker_run_tick(&t), CHECKER_UP);
	assert_int_equal(t.run.elapsed_us, 200000);
	assert_int_equal(reply("whatever", 8), CHECKER_UP);
}

static void
empty_payload_is_an_empty_datagram(void **state)
{
	(void)state;
	assert_int_equal(checker_run_open(&t), CHECKER_MORE);
	assert_false(t.run.empty);
	t.check.u.talk.send = (struct check_conf_bytes){ 0, 0 };
	assert_int_equal(checker_run_open(&t), CHECKER_MORE);
	assert_int_equal(t.sent, 0);
	assert_true(t.run.empty);
}

static void
any_reply_will_do_when_none_is_named(void **state)
{
	(void)state;
	t.check.u.talk.reply = true;
	assert_int_equal(reply("", 0), CHECKER_UP);
	assert_int_equal(reply("x", 1), CHECKER_UP);
	assert_int_equal(checker_run_open(&t), CHECKER_MORE);
	assert_int_equal(t.run.wake_us, 0);		/* its absence is a timeout */
}

static void
reply_has_a_length(void **state)
{
	(void)state;
	t.check.u.talk.reply = true;
	t.check.u.talk.min_bytes = 2;
	t.check.u.talk.max_bytes = 3;
	assert_int_equal(reply("1", 1), CHECKER_DOWN);
	assert_int_equal(t.run.reason, CHECKER_CONTENT);
	assert_int_equal(reply("12", 2), CHECKER_UP);
	assert_int_equal(reply("123", 3), CHECKER_UP);
	assert_int_equal(reply("1234", 4), CHECKER_DOWN);
	assert_int_equal(t.run.reason, CHECKER_LONG);
	assert_string_equal(t.run.detail, "4 bytes");
}

static void
mask_looks_away(void **state)
{
	(void)state;
	t.check.u.talk.expect = checker_run_bytes("\x12\x34\x00\xab\xff\xf0\x00\xff", 8);
	t.check.u.talk.expect.n = 4;
	assert_int_equal(reply("\x12\x34\x56\xab", 4), CHECKER_UP);
	assert_int_equal(reply("\x12\x3f\x99\xab" "more", 8), CHECKER_UP);
	assert_int_equal(reply("\x12\x44\x56\xab", 4), CHECKER_DOWN);
	assert_int_equal(t.run.reason, CHECKER_CONTENT);
	assert_int_equal(reply("\x13\x34\x56\xab", 4), CHECKER_DOWN);
	assert_int_equal(reply("\x12\x34\x56\xaa", 4), CHECKER_DOWN);
	for (size_t n = 0; n < 4; n++)
		assert_int_equal(reply("\x12\x34\x56\xab", n), CHECKER_DOWN);
}

static void
payload_that_does_not_fit_is_ours(void **state)
{
	static char big[CONFIG_CHECK_SEND + 1];

	(void)state;
	t.check.u.talk.send = checker_run_bytes(big, sizeof big - 1);
	assert_int_equal(checker_run_open(&t), CHECKER_MORE);
	t.check.u.talk.send = checker_run_bytes(big, sizeof big);
	t.may_be_bad = true;
	assert_int_equal(checker_run_open(&t), CHECKER_DOWN);
	assert_int_equal(t.run.reason, CHECKER_LOCAL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f)	cmocka_unit_test_setup_teardown(f, setup, teardown)
		T(without_a_reply_silence_is_a_pass),
		T(empty_payload_is_an_empty_datagram),
		T(any_reply_will_do_when_none_is_named),
		T(reply_has_a_length),
		T(mask_looks_away),
		T(payload_that_does_not_fit_is_ours),
	};

	return cmocka_run_group_tests_name("check_udp", tests, NULL, NULL);
}
