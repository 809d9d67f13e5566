/* SPDX-License-Identifier: MIT */
/* smtp_reply_test.c -- replies of a mail server, of any split. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "smtp_reply.h"

/* One call for `n` bytes of `text`; all of them must be used. */
static enum smtp_reply_verdict
take(struct smtp_reply *r, const char *text, size_t n)
{
	size_t used = 77;
	const enum smtp_reply_verdict v = smtp_reply_take(r, (const uint8_t *)text, n, &used);

	assert_int_equal(used, n);
	return v;
}

static void
one_line_is_a_whole_reply(void **state)
{
	struct smtp_reply r = { 0 };

	(void)state;
	assert_int_equal(take(&r, "220 mail.example ready\r\n", 24), SMTP_REPLY_DONE);
	assert_int_equal(r.code, 220);
	assert_int_equal(r.lines, 1);
	assert_string_equal(r.text, "mail.example ready");
	assert_int_equal(take(&r, "250\r\n", 5), SMTP_REPLY_DONE);
	assert_int_equal(r.code, 250);
	assert_string_equal(r.text, "");
	assert_int_equal(take(&r, "250 \n", 5), SMTP_REPLY_DONE);
	assert_string_equal(r.text, "");
}

static void
every_split_reads_the_same(void **state)
{
	static const char text[] = "250-one\r\n250-\r\n250 SIZE 1000\r\n221 bye\r\n";
	static const char *const want[] = { "one", "", "SIZE 1000", "bye" };

	(void)state;
	for (size_t piece = 1; piece < sizeof text; piece++) {
		struct smtp_reply r = { 0 };
		unsigned lines = 0, done = 0;

		for (size_t i = 0; i < sizeof text - 1; ) {
			const size_t end = i / piece * piece + piece;
			const size_t n = (end < sizeof text ? end : sizeof text - 1) - i;
			size_t used;
			const enum smtp_reply_verdict v =
				smtp_reply_take(&r, (const uint8_t *)text + i, n, &used);

			assert_true(used > 0 && used <= n);
			i += used;
			if (v == SMTP_REPLY_MORE)
				continue;
			lines++;
			done += v == SMTP_REPLY_DONE;
			assert_int_equal(v, lines < 3 ? SMTP_REPLY_LINE : SMTP_REPLY_DONE);
			assert_int_equal(r.lines, lines < 4 ? lines : 1);
			assert_int_equal(r.code, lines < 4 ? 250 : 221);
			assert_string_equal(r.text, want[lines - 1]);
		}
		assert_int_equal(lines, 4);
		assert_int_equal(done, 2);
	}
}

static void
no_prefix_is_whole(void **state)
{
	static const char text[] = "220-a\r\n220 b\r\n";

	(void)state;
	for (size_t n = 0; n < sizeof text - 2; n++) {
		struct smtp_reply r = { 0 };
		size_t used = 0;

		for (size_t i = 0; i < n; i += used)
			assert_int_not_equal(smtp_reply_take(&r, (const uint8_t *)text + i,
							     n - i, &used), SMTP_REPLY_DONE);
	}
}

static void
what_has_no_code_is_refused_for_good(void **state)
{
	static const char *const bad[] = {
		"", "\r", "2", "22", "22 0", "abc", "120 x", "620 x", "2x0", "20x", "220x",
		"220=x", "SSH-2.0-x", " 220",
	};

	(void)state;
	for (size_t i = 0; i < PORT_ARRAY_SIZE(bad); i++) {
		struct smtp_reply r = { 0 };
		size_t used;

		(void)take(&r, bad[i], strlen(bad[i]));
		if (take(&r, "\r\n", 2) != SMTP_REPLY_CODE)
			fail_msg("%s", bad[i]);
		assert_int_equal(smtp_reply_take(&r, (const uint8_t *)"220 x\r\n", 7, &used),
				 SMTP_REPLY_CODE);
		assert_int_equal(used, 0);
	}
}

static void
lines_of_a_reply_have_one_code(void **state)
{
	struct smtp_reply r = { 0 };

	(void)state;
	assert_int_equal(take(&r, "250-a\r\n", 7), SMTP_REPLY_LINE);
	assert_int_equal(take(&r, "251 b\r\n", 7), SMTP_REPLY_MIXED);
}

static void
line_has_at_most_512_bytes(void **state)
{
	char line[600];
	struct smtp_reply r = { 0 };

	(void)state;
	memset(line, 'x', sizeof line);
	memcpy(line, "220 ", 4);
	memcpy(line + 510, "\r\n", 2);
	assert_int_equal(take(&r, line, 512), SMTP_REPLY_DONE);
	assert_int_equal(strlen(r.text), SMTP_REPLY_TEXT - 1 - 4);
	memcpy(line + 510, "x\r\n", 3);
	assert_int_equal(take(&r, line, 513), SMTP_REPLY_LONG);
}

static void
reply_has_at_most_so_many_lines(void **state)
{
	struct smtp_reply r = { 0 };

	(void)state;
	for (unsigned i = 0; i < SMTP_REPLY_LINES; i++)
		assert_int_equal(take(&r, "250-x\r\n", 7), SMTP_REPLY_LINE);
	assert_int_equal(take(&r, "250 x\r\n", 7), SMTP_REPLY_LONG);
}

static void
what_does_not_print_is_masked(void **state)
{
	struct smtp_reply r = { 0 };

	(void)state;
	assert_int_equal(take(&r, "220 a\0\x1b\xc3z\r\n", 11), SMTP_REPLY_DONE);
	assert_string_equal(r.text, "a???z");
}

static void
extensions_are_found_by_their_word(void **state)
{
	struct smtp_reply r = { 0 };
	const char *args;

	(void)state;
	assert_int_equal(take(&r, "250-StartTLS\r\n", 14), SMTP_REPLY_LINE);
	assert_true(smtp_reply_has(&r, "STARTTLS", &args));
	assert_string_equal(args, "");
	assert_false(smtp_reply_has(&r, "START", &args));
	assert_false(smtp_reply_has(&r, "STARTTLSX", &args));
	assert_int_equal(take(&r, "250 AUTH PLAIN LOGIN\r\n", 22), SMTP_REPLY_DONE);
	assert_true(smtp_reply_has(&r, "auth", &args));
	assert_string_equal(args, "PLAIN LOGIN");
	assert_false(smtp_reply_has(&r, "SIZE", &args));
}

static void
every_verdict_has_a_sentence(void **state)
{
	(void)state;
	for (unsigned v = 0; v < SMTP_REPLY_VERDICT__N; v++)
		assert_true(strlen(smtp_reply_verdict_text((enum smtp_reply_verdict)v)) > 5);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_line_is_a_whole_reply),
		cmocka_unit_test(every_split_reads_the_same),
		cmocka_unit_test(no_prefix_is_whole),
		cmocka_unit_test(what_has_no_code_is_refused_for_good),
		cmocka_unit_test(lines_of_a_reply_have_one_code),
		cmocka_unit_test(line_has_at_most_512_bytes),
		cmocka_unit_test(reply_has_at_most_so_many_lines),
		cmocka_unit_test(what_does_not_print_is_masked),
		cmocka_unit_test(extensions_are_found_by_their_word),
		cmocka_unit_test(every_verdict_has_a_sentence),
	};

	return cmocka_run_group_tests_name("smtp_reply", tests, NULL, NULL);
}
