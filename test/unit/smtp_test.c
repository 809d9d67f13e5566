/* SPDX-License-Identifier: MIT */
/* smtp_test.c -- dialogues with a server that is a table, at every split. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "smtp.h"

/* What the server says, and what must have been said before ("" : anything new is an error). */
struct turn {
	const char *heard;
	const char *says;
};

static struct smtp smtp;
static struct smtp_conf conf;
static uint8_t buffer[SMTP_ROOM(8192)];
static struct wr out;
static const char *mail;

static int
set_up(void **state)
{
	(void)state;
	conf = (struct smtp_conf){
		.helo = "left.example", .from = "upkeep@left.example",
		.to = "root@example", .to_n = sizeof "root@example", .user = "", .password = "",
	};
	mail = "Subject: x\n\nhello\n";
	return 0;
}

/* Feeds one reply in pieces of `split`; the text that was said is cleared before. */
static enum smtp_step
feed(const char *says, size_t split)
{
	enum smtp_step step = SMTP_MORE;
	const size_t n = strlen(says);

	out = wr_over(buffer, sizeof buffer);
	for (size_t at = 0; at < n && step == SMTP_MORE; at += split)
		step = smtp_input(&smtp, (const uint8_t *)says + at,
				  split < n - at ? split : n - at, &out);
	return step;
}

static void
said(const char *want)
{
	buffer[wr_len(&out)] = '\0';
	assert_string_equal((char *)buffer, want);
}

/* Plays it at every split up to 40; the last step must be `end`. */
static void
play(const struct turn *turn, bool secure, enum smtp_step end, enum smtp_reason reason)
{
	for (size_t split = 1; split <= 40; split++) {
		enum smtp_step step = SMTP_MORE;

		smtp_begin(&smtp, &conf, mail, strlen(mail), secure);
		out = wr_over(buffer, sizeof buffer);
		for (const struct turn *t = turn; t->says; t++) {
			assert_int_equal(step, SMTP_MORE);
			said(t->heard);
			step = feed(t->says, split);
			if (step == SMTP_SECURE && t[1].says) {
				said("");
				out = wr_over(buffer, sizeof buffer);
				smtp_secured(&smtp, &out);
				step = SMTP_MORE;
			}
		}
		assert_int_equal(step, end);
		assert_int_equal(smtp.reason, reason);
	}
}

#define END	{ NULL, NULL }
#define HELLO	{ "", "220 here\r\n" }
#define FROM	"MAIL FROM:<upkeep@left.example>\r\n"
#define TO	"RCPT TO:<root@example>\r\n"

static void
a_mail_is_handed_over(void **state)
{
	static const struct turn turn[] = {
		HELLO, { "EHLO left.example\r\n", "250-here\r\n250-PIPELINING\r\n250 8BITMIME\r\n" },
		{ FROM, "250 ok\r\n" }, { TO, "250 ok\r\n" }, { "DATA\r\n", "354 go\r\n" },
		{ "Subject: x\r\n\r\nhello\r\n.\r\n", "250 queued\r\n" }, END,
	};

	(void)state;
	play(turn, false, SMTP_SENT, SMTP_REASON_NONE);
	said("QUIT\r\n");
}

static void
a_server_of_old_hears_helo(void **state)
{
	static const struct turn turn[] = {
		HELLO, { "EHLO left.example\r\n", "502 what?\r\n" },
		{ "HELO left.example\r\n", "250 here\r\n" }, { FROM, "250 ok\r\n" },
		{ TO, "251 forwarded\r\n" }, { "DATA\r\n", "354 go\r\n" },
		{ "Subject: x\r\n\r\nhello\r\n.\r\n", "250 queued\r\n" }, END,
	};
	static const struct turn neither[] = {
		HELLO, { "EHLO left.example\r\n", "500 what?\r\n" },
		{ "HELO left.example\r\n", "550 go away\r\n" }, END,
	};
	static const struct turn later[] = {
		HELLO, { "EHLO left.example\r\n", "421 busy\r\n" }, END,
	};

	(void)state;
	play(turn, false, SMTP_SENT, SMTP_REASON_NONE);
	play(neither, false, SMTP_NEVER, SMTP_REASON_HELLO);
	play(later, false, SMTP_LATER, SMTP_REASON_HELLO);
}

static void
one_recipient_of_several_is_enough(void **state)
{
	static const struct turn some[] = {
		HELLO, { "EHLO left.example\r\n", "250 here\r\n" }, { FROM, "250 ok\r\n" },
		{ "RCPT TO:<a@x>\r\n", "550 no\r\n" }, { "RCPT TO:<b@x>\r\n", "250 ok\r\n" },
		{ "RCPT TO:<c@x>\r\n", "450 later\r\n" }, { "DATA\r\n", "354 go\r\n" },
		{ "Subject: x\r\n\r\nhello\r\n.\r\n", "250 ok\r\n" }, END,
	};
	static const struct turn none[] = {
		HELLO, { "EHLO left.example\r\n", "250 here\r\n" }, { FROM, "250 ok\r\n" },
		{ "RCPT TO:<a@x>\r\n", "550 no\r\n" }, { "RCPT TO:<b@x>\r\n", "550 no\r\n" },
		{ "RCPT TO:<c@x>\r\n", "550 no\r\n" }, END,
	};

	/* The first can come later, whatever the last is told. */
	static const struct turn later[] = {
		HELLO, { "EHLO left.example\r\n", "250 here\r\n" }, { FROM, "250 ok\r\n" },
		{ "RCPT TO:<a@x>\r\n", "450 later\r\n" }, { "RCPT TO:<b@x>\r\n", "550 no\r\n" },
		{ "RCPT TO:<c@x>\r\n", "550 no\r\n" }, END,
	};
	static const struct turn rest[] = {
		HELLO, { "EHLO left.example\r\n", "250 here\r\n" }, { FROM, "250 ok\r\n" },
		{ "RCPT TO:<b@x>\r\n", "250 ok\r\n" }, { "DATA\r\n", "354 go\r\n" },
		{ "Subject: x\r\n\r\nhello\r\n.\r\n", "250 ok\r\n" }, END,
	};

	(void)state;
	conf.to = "a@x\0b@x\0c@x";
	conf.to_n = 12;
	play(some, false, SMTP_SENT, SMTP_REASON_NONE);
	assert_int_equal(smtp.taken, 1);
	assert_int_equal(smtp.refused, 2);
	assert_int_equal(smtp.later, SMTP_BIT(2));
	play(none, false, SMTP_NEVER, SMTP_REASON_RECIPIENT);
	play(later, false, SMTP_LATER, SMTP_REASON_RECIPIENT);
	conf.skip = SMTP_BIT(0) | SMTP_BIT(2);
	play(rest, false, SMTP_SENT, SMTP_REASON_NONE);
	assert_int_equal(smtp.later, 0);
}

static void
each_refusal_has_its_reason(void **state)
{
	static const char *const before[] = { "220 x\r\n", "250 x\r\n", "250 x\r\n", "250 x\r\n",
					      "354 x\r\n", "250 x\r\n" };
	static const enum smtp_reason why[] = {
		SMTP_REASON_GREETING, SMTP_REASON_HELLO, SMTP_REASON_SENDER,
		SMTP_REASON_RECIPIENT, SMTP_REASON_CONTENT, SMTP_REASON_CONTENT,
	};
	static const struct { const char *says; enum smtp_step step; } bad[] = {
		{ "451 not now\r\n", SMTP_LATER }, { "554 no\r\n", SMTP_NEVER },
		{ "354 go\r\n", SMTP_NEVER }, { "hello\r\n", SMTP_LATER },
	};

	(void)state;
	for (unsigned at = 0; at < 6; at++)
		for (unsigned i = 0; i < 4; i++) {
			enum smtp_step step = SMTP_MORE;

			if ((at == 4 && i == 2) || (at == 1 && bad[i].says[0] == '5'))
				continue;	/* that is what it shall say; HELO is tried */
			smtp_begin(&smtp, &conf, mail, strlen(mail), false);
			for (unsigned t = 0; t < at; t++)
				step = feed(before[t], 100);
			assert_int_equal(step, SMTP_MORE);
			step = feed(bad[i].says, 100);
			assert_int_equal(step, bad[i].step);
			assert_int_equal(smtp.reason, i == 3 ? SMTP_REASON_REPLY : why[at]);
			said("QUIT\r\n");
		}
}

static void
starttls_forgets_all_that_was_learnt(void **state)
{
	static const struct turn turn[] = {
		HELLO, { "EHLO left.example\r\n", "250-here\r\n250-AUTH PLAIN\r\n250 STARTTLS\r\n" },
		{ "STARTTLS\r\n", "220 go\r\n250 slipped in\r\n" },
		{ "EHLO left.example\r\n", "250-here\r\n250 AUTH LOGIN\r\n" },
		{ "AUTH LOGIN\r\n", "334 VXNlcm5hbWU6\r\n" }, { "bWU=\r\n", "334 UGFzc3dvcmQ6\r\n" },
		{ "c2VjcmV0\r\n", "235 welcome\r\n" }, { FROM, "250 ok\r\n" }, { TO, "250 ok\r\n" },
		{ "DATA\r\n", "354 go\r\n" },
		{ "Subject: x\r\n\r\nhello\r\n.\r\n", "250 ok\r\n" }, END,
	};

	(void)state;
	conf.starttls = true;
	conf.user = "me";
	conf.password = "secret";
	play(turn, false, SMTP_SENT, SMTP_REASON_NONE);
}

static void
without_starttls_nothing_is_told(void **state)
{
	static const struct turn none[] = {
		HELLO, { "EHLO left.example\r\n", "250-here\r\n250 STARTTLSX\r\n" }, END,
	};
	static const struct turn refused[] = {
		HELLO, { "EHLO left.example\r\n", "250-here\r\n250 STARTTLS\r\n" },
		{ "STARTTLS\r\n", "454 no certificate\r\n" }, END,
	};

	(void)state;
	conf.starttls = true;
	play(none, false, SMTP_NEVER, SMTP_REASON_NO_TLS);
	said("QUIT\r\n");
	play(refused, false, SMTP_LATER, SMTP_REASON_NO_TLS);
}

static void
a_password_goes_under_tls_only(void **state)
{
	static const struct turn clear[] = {
		HELLO, { "EHLO left.example\r\n", "250-here\r\n250 AUTH PLAIN LOGIN\r\n" }, END,
	};
	static const struct turn plain[] = {
		HELLO, { "EHLO left.example\r\n", "250-here\r\n250 auth login plain\r\n" },
		{ "AUTH PLAIN AG1lAHNlY3JldA==\r\n", "535 no\r\n" }, END,
	};
	static const struct turn login[] = {
		HELLO, { "EHLO left.example\r\n", "250-here\r\n250 AUTH LOGIN\r\n" },
		{ "AUTH LOGIN\r\n", "504 no\r\n" }, END,
	};
	static const struct turn stranger[] = {
		HELLO, { "EHLO left.example\r\n", "250-here\r\n250 AUTH LOGIN\r\n" },
		{ "AUTH LOGIN\r\n", "334 VXNlcm5hbWU6\r\n" }, { "bWU=\r\n", "535 no\r\n" }, END,
	};
	static const struct turn other[] = {
		HELLO, { "EHLO left.example\r\n", "250-here\r\n250 AUTH CRAM-MD5 XPLAIN\r\n" }, END,
	};

	(void)state;
	conf.user = "me";
	conf.password = "secret";
	play(clear, false, SMTP_NEVER, SMTP_REASON_NO_AUTH);
	said("QUIT\r\n");
	play(plain, true, SMTP_NEVER, SMTP_REASON_AUTH);
	play(login, true, SMTP_NEVER, SMTP_REASON_AUTH);
	play(stranger, true, SMTP_NEVER, SMTP_REASON_AUTH);
	play(other, true, SMTP_NEVER, SMTP_REASON_NO_AUTH);
	/* What comes behind the end says nothing. */
	assert_int_equal(feed("250 ok\r\n", 40), SMTP_MORE);
}

/* The content as it goes out for these lines. */
static const char *
content_of(const char *lines)
{
	mail = lines;
	smtp_begin(&smtp, &conf, mail, strlen(mail), false);
	static const char *const says[] = { "220 x\r\n", "250 x\r\n", "250 x\r\n", "250 x\r\n",
					    "354 x\r\n" };

	for (unsigned i = 0; i < 5; i++)
		assert_int_equal(feed(says[i], 100), SMTP_MORE);
	buffer[wr_len(&out)] = '\0';
	return (const char *)buffer;
}

static void
content_is_transparent(void **state)
{
	static char many[2100], want[2200];

	(void)state;
	assert_string_equal(content_of(".\n..\n.a\na.\n"), "..\r\n...\r\n..a\r\na.\r\n.\r\n");
	assert_string_equal(content_of("no end"), "no end\r\n.\r\n");
	assert_string_equal(content_of(""), ".\r\n");
	assert_string_equal(content_of("\n\n"), "\r\n\r\n.\r\n");
	assert_string_equal(content_of("a\rb\xc3\xa4\001\n"), "a?b???\r\n.\r\n");
	/* A line is never longer than 998. */
	memset(many, 'a', 2000);
	const char *got = content_of(many);

	for (size_t n; *got != '\0'; got += n + 2) {
		n = (size_t)(strchr(got, '\r') - got);
		assert_true(n <= 998);
		assert_int_equal(got[n + 1], '\n');
	}
	memset(many, '.', 2000);
	got = content_of(many);
	(void)want;
	for (size_t n; strcmp(got, ".\r\n") != 0; got += n + 2) {
		n = (size_t)(strchr(got, '\r') - got);
		assert_true(n <= 998 && n >= 2);
		assert_true(got[0] == '.' && got[1] == '.');
	}
}

static void
what_is_too_long_is_not_sent(void **state)
{
	static const char *const says[] = { "220 x\r\n", "250 x\r\n", "250 x\r\n", "250 x\r\n" };

	(void)state;
	smtp_begin(&smtp, &conf, mail, strlen(mail), false);
	for (unsigned i = 0; i < 4; i++)
		assert_int_equal(feed(says[i], 100), SMTP_MORE);
	out = wr_over(buffer, 8);
	assert_int_equal(smtp_input(&smtp, (const uint8_t *)"354 x\r\n", 7, &out), SMTP_NEVER);
	assert_int_equal(smtp.reason, SMTP_REASON_LONG);
	for (unsigned i = 0; i < SMTP_REASON__N; i++)
		assert_true(strlen(smtp_reason_text((enum smtp_reason)i)) > 3);
}

#define TEST(f)	cmocka_unit_test_setup(f, set_up)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(a_mail_is_handed_over),
		TEST(a_server_of_old_hears_helo),
		TEST(one_recipient_of_several_is_enough),
		TEST(each_refusal_has_its_reason),
		TEST(starttls_forgets_all_that_was_learnt),
		TEST(without_starttls_nothing_is_told),
		TEST(a_password_goes_under_tls_only),
		TEST(content_is_transparent),
		TEST(what_is_too_long_is_not_sent),
	};

	return cmocka_run_group_tests_name("smtp", tests, 0, 0);
}
