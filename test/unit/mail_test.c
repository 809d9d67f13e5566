/* SPDX-License-Identifier: MIT */
/* mail_test.c -- the queue and its mails against a server on the loopback interface; waiting is
 * done by handing timers a later time. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core_pools.h"
#include "mail.h"
#include "mail_text.h"

#define S	(1000000 * (int64_t)1)

static struct loop loop;
static struct conf_core core;
static struct mono now;
static struct timer limit;

/* The server: one reply for each line, in clear. */
static struct loop_fd listening, server;
static char heard[1 << 16];
static size_t heard_n;
static unsigned connections, mails;
static const char *refuse_rcpt;		/* its reply instead of 250 */
static const char *refuse_whom;		/* to this one alone */
static const char *refuse_mail;		/* its reply to the content */
static bool in_data, silent;

static void
reply(const char *s)
{
	assert_int_equal(send(server.fd, s, strlen(s), MSG_NOSIGNAL), strlen(s));
}

static void
serve_line(const char *line)
{
	if (in_data) {
		if (strcmp(line, ".\r\n") != 0)
			return;
		in_data = false;
		mails += refuse_mail == NULL;
		reply(refuse_mail ? refuse_mail : "250 queued\r\n");
	} else if (strncmp(line, "RCPT", 4) == 0) {
		const bool whom = !refuse_whom || strstr(line, refuse_whom);

		reply(refuse_rcpt && whom ? refuse_rcpt : "250 ok\r\n");
	} else if (strncmp(line, "DATA", 4) == 0) {
		in_data = true;
		reply("354 go\r\n");
	} else if (strncmp(line, "QUIT", 4) != 0) {
		reply("250 ok\r\n");
	}
}

static void
on_server(struct loop_fd *f, uint32_t events, struct mono at)
{
	static char line[2048];
	static size_t n;
	char c;

	(void)events, (void)at;
	for (ssize_t got; (got = recv(f->fd, &c, 1, MSG_DONTWAIT)) >= 0; ) {
		if (got == 0) {
			loop_del(&loop, f);
			close(f->fd);
			f->fd = -1;
			in_data = false;
			n = 0;
			loop_stop(&loop);
			return;
		}
		heard[heard_n++] = c;
		line[n++] = c;
		if (c != '\n')
			continue;
		line[n] = '\0';
		n = 0;
		serve_line(line);
	}
}

static void
on_listener(struct loop_fd *f, uint32_t events, struct mono at)
{
	(void)events, (void)at;
	server = (struct loop_fd){ .fd = accept(f->fd, NULL, NULL), .ready = on_server };
	assert_int_equal(loop_add(&loop, &server, EPOLLIN), 0);
	connections++;
	if (!silent)
		reply("220 hello\r\n");
}

static void
out_of_time(struct timer *t, struct mono at)
{
	(void)t, (void)at;
	loop_stop(&loop);
}

/* Until the server has been left, or for a while. */
static void
run(int ms)
{
	timer_arm(&loop.timers, &limit, mono_add(loop_clock(), ms * (int64_t)1000));
	loop_run(&loop);
	timer_stop(&loop.timers, &limit);
}

/* Time goes on. */
static void
wait_us(int64_t us)
{
	now = mono_add(now, us);
	timer_run(&loop.timers, now);
}

static uint32_t
put_text(const char *s, size_t n)
{
	const uint32_t at = core.mail.ntext;

	memcpy(core.mail.text + at, s, n);
	core.mail.ntext += (uint32_t)n;
	return at;
}

static int
set_up(void **state)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof a;

	(void)state;
	memset(heard, 0, sizeof heard);
	heard_n = 0;
	connections = mails = 0;
	refuse_rcpt = refuse_whom = refuse_mail = NULL;
	silent = in_data = false;
	server.fd = -1;
	assert_int_equal(loop_open(&loop), 0);
	timer_init(&limit, out_of_time);
	listening = (struct loop_fd){ .fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0),
				      .ready = on_listener };
	assert_int_equal(bind(listening.fd, (struct sockaddr *)&a, len), 0);
	assert_int_equal(listen(listening.fd, 4), 0);
	assert_int_equal(getsockname(listening.fd, (struct sockaddr *)&a, &len), 0);
	assert_int_equal(loop_add(&loop, &listening, EPOLLIN), 0);
	memset(&core, 0, sizeof core);
	strcpy(core.router_id, "left");
	core.mail.wanted = true;
	core.mail.server = (struct net_addr){ AF_INET, { 127, 0, 0, 1 } };
	core.mail.port = ntohs(a.sin_port);
	core.mail.timeout_us = 30 * S;
	core.mail.ntext = 1;
	core.mail.helo = put_text("left.example", sizeof "left.example");
	core.mail.from = put_text("upkeep@left.example", sizeof "upkeep@left.example");
	core.mail.to = (struct tls_conf_bytes){ put_text("a@x\0b@x", 8), 8 };
	now = loop_clock();
	mail_apply(&loop, &core, now);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	mail_stop();
	if (server.fd >= 0) {
		loop_del(&loop, &server);
		close(server.fd);
	}
	loop_del(&loop, &listening);
	close(listening.fd);
	loop_close(&loop);
	return 0;
}

static bool
has(const char *s)
{
	return strstr(heard, s) != NULL;
}

static void
one_line_is_one_mail(void **state)
{
	struct mail_stat before, after;

	(void)state;
	mail_stat(&before);
	mail_put("wan: MASTER", "wan BACKUP -> MASTER", now);
	run(20);
	assert_int_equal(connections, 0);	/* another may join it */
	wait_us(MAIL_JOIN_US);
	run(3000);
	assert_int_equal(mails, 1);
	assert_true(has("EHLO left.example\r\n"));
	assert_true(has("MAIL FROM:<upkeep@left.example>\r\nRCPT TO:<a@x>\r\nRCPT TO:<b@x>\r\n"));
	assert_true(has("\r\nSubject: [left] wan: MASTER\r\n"));
	assert_true(has("\r\nTo: <a@x>,\r\n <b@x>\r\n"));
	assert_true(has("Z wan BACKUP -> MASTER\r\n.\r\nQUIT\r\n"));
	mail_stat(&after);
	assert_int_equal(after.sent, before.sent + 1);
	assert_int_equal(after.waiting, 0);
}

static void
a_burst_is_one_mail_too(void **state)
{
	char line[64];

	(void)state;
	for (unsigned i = 0; i < 500; i++) {
		snprintf(line, sizeof line, "change number %u", i);
		mail_put("one: MASTER", line, now);
	}
	wait_us(MAIL_JOIN_US);
	run(3000);
	assert_int_equal(mails, 1);
	assert_true(has("Subject: [left] one: MASTER (and 499 more)\r\n"));
	assert_true(has("change number 0\r\n"));
	assert_false(has("change number 499\r\n"));
	assert_true(has(" more, which found no room\r\n"));
	assert_int_equal(core_pools_count > 0, 1);
}

static void
what_is_refused_for_now_is_tried_again_and_given_up_in_the_end(void **state)
{
	struct mail_stat before, after;

	(void)state;
	mail_stat(&before);
	refuse_rcpt = "450 later\r\n";
	mail_put("x", "y", now);
	wait_us(MAIL_JOIN_US);
	for (unsigned i = 0; i < 2 * MAIL_TRIES; i++) {
		run(1000);
		wait_us(MAIL_MOST_US);
		if (i == MAIL_TRIES - 2) {
			mail_stat(&after);
			assert_int_equal(after.lost, before.lost);
		}
	}
	mail_stat(&after);
	assert_int_equal(connections, MAIL_TRIES);
	assert_int_equal(after.failed, before.failed + MAIL_TRIES);
	assert_int_equal(after.lost, before.lost + 1);
	assert_int_equal(after.waiting, 0);
}

static void
who_is_refused_for_now_hears_of_it_later_and_nobody_twice(void **state)
{
	struct mail_stat before, after;

	(void)state;
	mail_stat(&before);
	refuse_rcpt = "450 later\r\n";
	refuse_whom = "<b@x>";
	mail_put("x", "y", now);
	wait_us(MAIL_JOIN_US);
	run(1000);
	assert_int_equal(mails, 1);
	mail_stat(&after);
	assert_int_equal(after.waiting, 1);
	refuse_rcpt = NULL;
	memset(heard, 0, sizeof heard);
	heard_n = 0;
	wait_us(MAIL_FIRST_US);
	run(1000);
	assert_int_equal(mails, 2);
	assert_true(has("RCPT TO:<b@x>\r\nDATA\r\n"));
	assert_false(has("RCPT TO:<a@x>"));
	mail_stat(&after);
	assert_int_equal(after.waiting, 0);
	assert_int_equal(after.lost, before.lost);
}

/* The identifier of the `i`th mail that was heard. */
static void
identifier(unsigned i, char out[128])
{
	const char *p = heard;

	do
		p = strstr(p + 1, "\r\nMessage-ID: ");
	while (p && i-- > 0);
	assert_non_null(p);
	(void)snprintf(out, 128, "%.*s", (int)strcspn(p + 2, "\r"), p + 2);
}

static void
a_mail_keeps_its_identifier_and_shares_it_with_none(void **state)
{
	char first[128], again[128], other[128];

	(void)state;
	refuse_mail = "451 later\r\n";
	mail_put("x", "y", now);
	wait_us(MAIL_JOIN_US);
	run(1000);
	refuse_mail = NULL;
	wait_us(MAIL_FIRST_US);
	run(1000);
	assert_int_equal(mails, 1);
	mail_put("x", "y", now);
	wait_us(MAIL_JOIN_US);
	run(1000);
	assert_int_equal(mails, 2);
	identifier(0, first);
	identifier(1, again);
	identifier(2, other);
	assert_string_equal(first, again);
	assert_string_not_equal(first, other);
}

static void
tries_are_further_and_further_apart(void **state)
{
	(void)state;
	refuse_rcpt = "450 later\r\n";
	mail_put("x", "y", now);
	wait_us(MAIL_JOIN_US);
	run(1000);
	assert_int_equal(connections, 1);
	/* The loop's clock and ours differ by what we have skipped. */
	wait_us(MAIL_FIRST_US - MAIL_JOIN_US - 2 * S);
	run(50);
	assert_int_equal(connections, 1);
	wait_us(MAIL_JOIN_US + 3 * S);
	run(1000);
	assert_int_equal(connections, 2);
}

static void
what_is_refused_for_good_is_lost_at_once(void **state)
{
	struct mail_stat before, after;

	(void)state;
	mail_stat(&before);
	refuse_rcpt = "550 nobody\r\n";
	mail_put("x", "y", now);
	wait_us(MAIL_JOIN_US);
	run(1000);
	mail_stat(&after);
	assert_int_equal(after.lost, before.lost + 1);
	assert_int_equal(after.waiting, 0);
}

static void
a_silent_server_is_left_in_time(void **state)
{
	struct mail_stat before, after;

	(void)state;
	mail_stat(&before);
	silent = true;
	mail_put("x", "y", now);
	wait_us(MAIL_JOIN_US);
	run(100);
	assert_int_equal(connections, 1);
	wait_us(core.mail.timeout_us);
	mail_stat(&after);
	assert_int_equal(after.failed, before.failed + 1);
	assert_int_equal(after.waiting, 1);
}

static void
a_full_queue_loses_the_newest_and_counts_it(void **state)
{
	struct mail_stat before, after;

	(void)state;
	mail_stat(&before);
	refuse_rcpt = "450 later\r\n";
	for (unsigned i = 0; i < CONFIG_MAIL_QUEUE; i++) {
		mail_put("x", "y", now);
		wait_us(MAIL_JOIN_US);		/* so the next makes another */
		run(1000);
	}
	mail_stat(&after);
	assert_int_equal(after.waiting, CONFIG_MAIL_QUEUE);
	mail_put("x", "y", now);
	mail_put("x", "y", now);
	mail_stat(&after);
	assert_int_equal(after.waiting, CONFIG_MAIL_QUEUE);
	assert_int_equal(after.lost, before.lost + 2);
}

static void
a_reload_in_the_middle_sends_it_once(void **state)
{
	static struct conf_core next;

	(void)state;
	silent = true;
	mail_put("x", "y", now);
	wait_us(MAIL_JOIN_US);
	run(50);
	assert_int_equal(connections, 1);
	memcpy(&next, &core, sizeof next);
	memset(&core, 0xee, sizeof core);	/* unmapped */
	silent = false;
	mail_apply(&loop, &next, now);
	run(500);			/* the old connection ends */
	wait_us(0);
	run(1000);
	assert_int_equal(connections, 2);
	assert_int_equal(mails, 1);
	memcpy(&core, &next, sizeof core);
	mail_apply(&loop, &core, now);
}

static void
nothing_is_kept_when_no_mail_is_wanted(void **state)
{
	struct mail_stat st;

	(void)state;
	core.mail.wanted = false;
	mail_apply(&loop, &core, now);
	mail_put("x", "y", now);
	mail_stat(&st);
	assert_false(st.wanted);
	assert_int_equal(st.waiting, 0);
}

static void
a_date_is_rfc5322s(void **state)
{
	static const struct { int64_t s; const char *text; } row[] = {
		{ 0, "Date: Thu, 1 Jan 1970 00:00:00 +0000\n" },
		{ 951782400, "Date: Tue, 29 Feb 2000 00:00:00 +0000\n" },
		{ 951868800, "Date: Wed, 1 Mar 2000 00:00:00 +0000\n" },
		{ 1798761599, "Date: Thu, 31 Dec 2026 23:59:59 +0000\n" },
		{ INT64_C(4107542400), "Date: Mon, 1 Mar 2100 00:00:00 +0000\n" },
	};
	char text[1024];

	(void)state;
	for (unsigned i = 0; i < sizeof row / sizeof row[0]; i++) {
		const struct mail_text m = {
			.from = "f@x", .to = "t@x", .to_n = 4, .host = "h", .router = "r",
			.subject = "s", .lines = "", .wall_us = row[i].s * S,
		};

		mail_text(&m, text, sizeof text);
		assert_memory_equal(text, row[i].text, strlen(row[i].text));
	}
}

static void
no_text_begins_another_header(void **state)
{
	char text[1024];
	const struct mail_text m = {
		.from = "f@x", .to = "t@x", .to_n = 4, .host = "h\nX: 1", .router = "r\r\nY: 2",
		.subject = "s\nBcc: z@x", .lines = "",
	};

	(void)state;
	text[mail_text(&m, text, sizeof text)] = '\0';
	assert_null(strstr(text, "\nX:"));
	assert_null(strstr(text, "\nY:"));
	assert_null(strstr(text, "\nBcc:"));
}

/* Two children may begin a mail in the same second; and many recipients leave room for what it is
 * about. */
static void
a_text_is_whole_however_many_hear_of_it(void **state)
{
	static char to[300 * 12], text[4096];
	struct mail_text m = {
		.from = "f@x", .to = to, .host = "h", .router = "r", .subject = "s",
		.lines = "what it is about\n", .lines_n = 17,
	};

	(void)state;
	for (unsigned i = 0; i < 300; i++)
		m.to_n += (size_t)snprintf(to + m.to_n, 12, "user%03u@xyz", i) + 1;
	text[mail_text(&m, text, sizeof text - 1)] = '\0';
	assert_non_null(strstr(text, "\n\nwhat it is about\n"));
	assert_non_null(strstr(text, "\nTo: undisclosed-recipients:;\n"));
	m.to_n = (size_t)12 * 50;
	text[mail_text(&m, text, sizeof text - 1)] = '\0';
	assert_non_null(strstr(text, ",\n <user049@xyz>\n"));
}

#define TEST(f)	cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(one_line_is_one_mail),
		TEST(a_burst_is_one_mail_too),
		TEST(what_is_refused_for_now_is_tried_again_and_given_up_in_the_end),
		TEST(who_is_refused_for_now_hears_of_it_later_and_nobody_twice),
		TEST(a_mail_keeps_its_identifier_and_shares_it_with_none),
		TEST(tries_are_further_and_further_apart),
		TEST(what_is_refused_for_good_is_lost_at_once),
		TEST(a_silent_server_is_left_in_time),
		TEST(a_full_queue_loses_the_newest_and_counts_it),
		TEST(a_reload_in_the_middle_sends_it_once),
		TEST(nothing_is_kept_when_no_mail_is_wanted),
		cmocka_unit_test(a_date_is_rfc5322s),
		cmocka_unit_test(no_text_begins_another_header),
		cmocka_unit_test(a_text_is_whole_however_many_hear_of_it),
	};

	return cmocka_run_group_tests_name("mail", tests, 0, 0);
}
