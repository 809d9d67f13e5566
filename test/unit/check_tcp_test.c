/* SPDX-License-Identifier: MIT */
/* check_tcp_test.c -- a connection, and dialogues over it. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "checker_run.h"
#include "talk.h"

extern const struct checker check_tcp;

/* In place of the ready-made ones. */
const struct talk_row talk_rows[] = {
	{ "other", "", NULL, (const uint8_t *)"no", NULL, 0, 2, false },
	{ "pong", "", (const uint8_t *)"PING\r\n", (const uint8_t *)"+PONG", NULL, 6, 5, false },
	{ "byte", "", NULL, (const uint8_t *)"xSx", (const uint8_t *)"\0\xe2\xff", 0, 3, false },
	{ .name = NULL },
};

static void
expect(struct checker_run_test *t, const char *bytes, const char *mask, size_t n)
{
	char both[2 * 256];

	memcpy(both, bytes, n);
	memcpy(both + n, mask, n);
	t->check.u.talk.expect = checker_run_bytes(both, 2 * n);
	t->check.u.talk.expect.n = (uint32_t)n;
}

static void
a_connection_alone_is_up(void **state)
{
	struct checker_run_test t;

	(void)state;
	checker_run_init(&t, &check_tcp);
	assert_int_equal(checker_run_open(&t), CHECKER_UP);
	assert_int_equal(t.sent, 0);
	checker_run_end(&t);
}

static void
a_dialogue_is_compared_at_every_split(void **state)
{
	static const struct checker_run_line good[] = { CHECKER_RUN_LINE("", "PING\r\n"),
		CHECKER_RUN_LINE("+PONG\r\n", NULL) };
	static const struct checker_run_line bad[] = { CHECKER_RUN_LINE("+PUNG\r\n", NULL) };
	static const struct checker_run_line cut[] = { CHECKER_RUN_LINE("+PONG", NULL) };
	struct checker_run_test t;

	(void)state;
	checker_run_init(&t, &check_tcp);
	t.check.u.talk.send = checker_run_text("PING\r\n");
	expect(&t, "+PONG", "\xff\xff\xff\xff\xff", 5);
	checker_run_splits(&t, good, 2, CHECKER_UP, CHECKER_NONE);
	checker_run_splits(&t, bad, 1, CHECKER_DOWN, CHECKER_CONTENT);
	checker_run_cuts(&t, cut, 1);
	assert_int_equal(t.run.reason, CHECKER_CLOSED);
	assert_string_equal(t.run.detail, "after \"+PON\"");
	checker_run_end(&t);
}

static void
a_masked_byte_may_be_any(void **state)
{
	static const struct checker_run_line good[] = { CHECKER_RUN_LINE("a?\001c", NULL) };
	static const struct checker_run_line bad[] = { CHECKER_RUN_LINE("a?\001d", NULL) };
	struct checker_run_test t;

	(void)state;
	checker_run_init(&t, &check_tcp);
	expect(&t, "axxc", "\xff\0\0\xff", 4);
	checker_run_splits(&t, good, 1, CHECKER_UP, CHECKER_NONE);
	checker_run_splits(&t, bad, 1, CHECKER_DOWN, CHECKER_CONTENT);
	assert_string_equal(t.run.detail, "it says \"a??d\"");
	checker_run_end(&t);
}

static void
anywhere_may_stand_behind_other_bytes(void **state)
{
	static const struct checker_run_line good[] = { CHECKER_RUN_LINE("220 aaab", NULL) };
	struct checker_run_test t;

	(void)state;
	checker_run_init(&t, &check_tcp);
	expect(&t, "aab", "\xff\xff\xff", 3);
	checker_run_splits(&t, good, 1, CHECKER_DOWN, CHECKER_CONTENT);
	t.check.u.talk.anywhere = true;
	checker_run_splits(&t, good, 1, CHECKER_UP, CHECKER_NONE);
	checker_run_cuts(&t, good, 1);
	assert_int_equal(t.run.reason, CHECKER_CONTENT);
	checker_run_end(&t);
}

static void
something_to_send_alone_wants_any_reply(void **state)
{
	static const struct checker_run_line any[] = { CHECKER_RUN_LINE("", "x"),
		CHECKER_RUN_LINE("?", NULL) };
	struct checker_run_test t;

	(void)state;
	checker_run_init(&t, &check_tcp);
	t.check.u.talk.send = checker_run_text("x");
	checker_run_splits(&t, any, 2, CHECKER_UP, CHECKER_NONE);
	checker_run_cuts(&t, any, 1);
	checker_run_end(&t);
}

static void
a_row_is_spoken_as_it_stands(void **state)
{
	static const struct checker_run_line pong[] = { CHECKER_RUN_LINE("", "PING\r\n"),
		CHECKER_RUN_LINE("+PONG\r\n", NULL) };
	static const struct checker_run_line byte[] = { CHECKER_RUN_LINE("?Nx", NULL) };
	static const struct checker_run_line other[] = { CHECKER_RUN_LINE("?Ex", NULL) };
	struct checker_run_test t;

	(void)state;
	checker_run_init(&t, &check_tcp);
	t.check.u.talk.row = 2;
	checker_run_splits(&t, pong, 2, CHECKER_UP, CHECKER_NONE);
	t.check.u.talk.row = 3;
	checker_run_splits(&t, byte, 1, CHECKER_UP, CHECKER_NONE);
	checker_run_splits(&t, other, 1, CHECKER_DOWN, CHECKER_CONTENT);
	checker_run_end(&t);
}

static void
what_does_not_fit_is_our_fault(void **state)
{
	static char big[CONFIG_CHECK_SEND + 1];
	struct checker_run_test t;

	(void)state;
	checker_run_init(&t, &check_tcp);
	memset(big, 'x', sizeof big);
	t.check.u.talk.send = checker_run_bytes(big, sizeof big);
	assert_int_equal(checker_run_open(&t), CHECKER_DOWN);
	assert_int_equal(t.run.reason, CHECKER_LOCAL);
	t.check.u.talk.send.n = 0;
	t.check.u.talk.expect = checker_run_bytes(big, sizeof big);
	assert_int_equal(checker_run_open(&t), CHECKER_DOWN);
	assert_int_equal(t.run.reason, CHECKER_LOCAL);
	assert_string_equal(t.run.detail, "more than 256 bytes are expected");
	checker_run_end(&t);
}

static void
a_checker_has_its_word(void **state)
{
	const struct check_conf_check tcp = { .checker = CHECK_CONF_TCP_CHECK };
	const struct check_conf_check file = { .checker = CHECK_CONF_FILE_CHECK };

	(void)state;
	assert_string_equal(checker_word(&tcp), "TCP_CHECK");
	assert_string_equal(checker_word(&file), "FILE_CHECK");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_connection_alone_is_up),
		cmocka_unit_test(a_dialogue_is_compared_at_every_split),
		cmocka_unit_test(a_masked_byte_may_be_any),
		cmocka_unit_test(anywhere_may_stand_behind_other_bytes),
		cmocka_unit_test(something_to_send_alone_wants_any_reply),
		cmocka_unit_test(a_row_is_spoken_as_it_stands),
		cmocka_unit_test(what_does_not_fit_is_our_fault),
		cmocka_unit_test(a_checker_has_its_word),
	};

	return cmocka_run_group_tests_name("check_tcp", tests, NULL, NULL);
}
