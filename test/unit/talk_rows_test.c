/* SPDX-License-Identifier: MIT */
/* talk_rows_test.c -- ready-made dialogues against what servers say. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "talk.h"

static const struct talk_row *
row(const char *name)
{
	for (const struct talk_row *r = talk_rows; r->name; r++)
		if (!strcmp(r->name, name))
			return r;
	fail_msg("no row %s", name);
	return NULL;
}

static bool
agrees(const struct talk_row *r, const uint8_t *p)
{
	for (size_t i = 0; i < r->expect_n; i++)
		if ((p[i] ^ r->expect[i]) & (r->mask ? r->mask[i] : 0xff))
			return false;
	return true;
}

static bool
satisfied(const struct talk_row *r, const char *p, size_t n)
{
	for (size_t i = 0; i + r->expect_n <= n; i++) {
		if (agrees(r, (const uint8_t *)p + i))
			return true;
		if (!r->anywhere)
			return false;
	}
	return false;
}

struct sample {
	const char *row, *says;
	size_t n;
	bool good;
};
#define GOOD(row, says)	{ row, says, sizeof(says) - 1, true }
#define BAD(row, says)	{ row, says, sizeof(says) - 1, false }

static const struct sample samples[] = {
	GOOD("mysql", "\x2b\0\0\0\x0a" "8.0.1\0\7\0\0\0abcdefgh\0\xff\xf7\x08\2\0\xff\xc7\x15"
	     "\0\0\0\0\0\0\0\0\0\0\0" "\x1c\0\0\2\xff\x15\4#28000Access denied"),
	GOOD("mysql", "\x2b\0\0\0\x0a" "5.5.5-10.11\0\7\0\0\0abcdefgh\0\xfe\xf7\x2d\2\0\xff\x81"
	     "\x15" "\7\0\0\2\0\0\0\2\0\0\0"),
	BAD("mysql", "\x2b\0\0\0\x0a" "8.0.1\0\7\0\0\0abcdefgh\0\xff\xf7\x08\2\0\xff\xc7\x15"),
	BAD("mysql", "\x17\0\0\1\xff\x10\4Too many connections"),
	BAD("mysql", "\x44\0\0\1\xff\x6a\4Host '192.0.2.1' is not allowed to connect"),
	GOOD("postgresql", "R\0\0\0\x17\0\0\0\x0aSCRAM-SHA-256\0\0"),
	GOOD("postgresql", "R\0\0\0\x0c\0\0\0\5abcd"),
	BAD("postgresql", "E\0\0\0\x50SFATAL\0VFATAL\0C57P03\0Mstarting up\0\0"),
	GOOD("postgresql_ssl", "S"),
	GOOD("postgresql_ssl", "N"),
	BAD("postgresql_ssl", "E\0\0\0\x50SFATAL\0"),
	GOOD("redis", "+PONG\r\n"),
	BAD("redis", "-NOAUTH Authentication required.\r\n"),
	BAD("redis", "-LOADING Redis is loading the dataset in memory\r\n"),
	GOOD("ldap", "\x30\x0c\2\1\1\x61\7\x0a\1\0\4\0\4\0"),
	GOOD("ldap", "\x30\x84\0\0\0\x10\2\1\1\x61\x84\0\0\0\7\x0a\1\0\4\0\4\0"),
	BAD("ldap", "\x30\x0c\2\1\1\x61\7\x0a\1\x30\4\0\4\0"),
	GOOD("memcached", "VERSION 1.6.18\r\n"),
	BAD("memcached", "ERROR\r\n"),
	GOOD("mongodb", "\x40\0\0\0\1\0\0\0\0\0\0\0\xdd\7\0\0\0\0\0\0\0\x2b\0\0\0\x08isWritable"
	     "Primary\0\1\1ok\0\0\0\0\0\0\0\xf0\x3f\0"),
	BAD("mongodb", "\1ok\0\0\0\0\0\0\0\0\0\0"),
	GOOD("imap", "* OK [CAPABILITY IMAP4rev1] ready\r\n"),
	BAD("imap", "* BYE too many connections\r\n"),
	GOOD("pop3", "+OK ready\r\n"),
	BAD("pop3", "-ERR no\r\n"),
	GOOD("ftp", "220-welcome\r\n"),
	BAD("ftp", "421 too many users\r\n"),
	GOOD("nntp", "200 posting ok\r\n"),
	GOOD("nntp", "201 no posting\r\n"),
	BAD("nntp", "400 down\r\n"),
	BAD("nntp", "502 no\r\n"),
	GOOD("lmtp", "220 lmtp\r\n"),
	GOOD("ssh", "SSH-2.0-OpenSSH_9.2p1\r\n"),
	GOOD("ssh", "SSH-1.99-x\r\n"),
	BAD("ssh", "Exceeded MaxStartups\r\n"),
	GOOD("rsync", "@RSYNCD: 31.0 sha512\n"),
	GOOD("amqp", "\1\0\0\0\0\1\xa5\0\x0a\0\x0a\0\x09"),
	BAD("amqp", "AMQP\0\0\x09\1"),
	GOOD("mqtt", "\x20\2\0\0"),
	BAD("mqtt", "\x20\2\0\5"),
	GOOD("kafka", "\0\0\1\x0a\0\0\0\1\0\0\0\0\0\x2b"),
	BAD("kafka", "\0\0\0\x0a\0\0\0\1\0\x23\0\0\0\0"),
	GOOD("zookeeper", "imok"),
	BAD("zookeeper", "ruok is not executed because it is not in the whitelist.\n"),
	GOOD("clamd", "PONG\0"),
	GOOD("spamd", "SPAMD/1.5 0 PONG\r\n"),
	BAD("spamd", "SPAMD/1.0 76 Bad header line\r\n"),
};

static void
good_servers_satisfy_their_row_and_others_do_not(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof samples / sizeof samples[0]; i++) {
		const struct sample *const s = &samples[i];

		if (satisfied(row(s->row), s->says, s->n) != s->good)
			fail_msg("%s: %s", s->row, s->says);
	}
}

static void
every_row_has_a_good_server(void **state)
{
	(void)state;
	for (const struct talk_row *r = talk_rows; r->name; r++) {
		size_t n = 0;

		for (size_t i = 0; i < sizeof samples / sizeof samples[0]; i++)
			n += samples[i].good && !strcmp(samples[i].row, r->name);
		if (n == 0)
			fail_msg("%s", r->name);
	}
}

static void
rows_are_whole_and_have_names_of_their_own(void **state)
{
	(void)state;
	for (const struct talk_row *r = talk_rows; r->name; r++) {
		assert_true(r->expect && r->expect_n > 0 && r->expect_n <= TALK_EXPECT);
		assert_true((r->send != NULL) == (r->send_n > 0));
		assert_true(strlen(r->what) > 5);
		assert_ptr_equal(row(r->name), r);
	}
}

/* Lengths that packets give of themselves. */
static void
packets_are_as_long_as_they_say(void **state)
{
	const struct talk_row *r;

	(void)state;
	r = row("mysql");
	assert_int_equal(r->send[0] + 4, r->send_n);
	r = row("postgresql");
	assert_int_equal(r->send[3], r->send_n);
	r = row("mongodb");
	assert_int_equal(r->send[0], r->send_n);
	assert_int_equal(r->send[21] + 21, r->send_n);
	r = row("ldap");
	assert_int_equal(r->send[1] + 2, r->send_n);
	r = row("mqtt");
	assert_int_equal(r->send[1] + 2, r->send_n);
	r = row("kafka");
	assert_int_equal(r->send[3] + 4, r->send_n);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_servers_satisfy_their_row_and_others_do_not),
		cmocka_unit_test(every_row_has_a_good_server),
		cmocka_unit_test(rows_are_whole_and_have_names_of_their_own),
		cmocka_unit_test(packets_are_as_long_as_they_say),
	};

	return cmocka_run_group_tests_name("talk_rows", tests, NULL, NULL);
}
