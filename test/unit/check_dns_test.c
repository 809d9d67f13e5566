/* SPDX-License-Identifier: MIT */
/* check_dns_test.c -- what a name server may answer, over UDP and TCP. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "checker_run.h"
#include "dns.h"

extern const struct checker check_dns;

static struct checker_run_test t;
static uint8_t msg[2048];
static struct wr w;

static void
put_name(const char *text)
{
	struct dns_name n;

	assert_true(dns_name_from_text(&n, text, strlen(text)));
	wr_put(&w, n.w, n.n);
}

static void
asks(const char *name, uint16_t type, const char *answer)
{
	struct dns_name n;

	checker_run_end(&t);
	checker_run_init(&t, &check_dns);
	assert_true(dns_name_from_text(&n, name, strlen(name)));
	t.check.u.dns.name = checker_run_bytes(n.w, n.n);
	t.check.u.dns.type = type;
	if (answer)
		t.check.u.dns.answer = checker_run_text(answer);
}

/* A reply to a question of `type` for www.example.org, with `answers` to come. */
static void
reply(unsigned flags, unsigned answers, uint16_t type)
{
	w = wr_over(msg, sizeof msg);
	wr_u16(&w, 0x5678);
	wr_u16(&w, (uint16_t)(DNS_QR | DNS_RD | flags));
	wr_u16(&w, 1);
	wr_u16(&w, (uint16_t)answers);
	wr_u32(&w, 0);
	put_name("WWW.example.org");
	wr_u16(&w, type);
	wr_u16(&w, DNS_IN);
}

static void
record(const char *owner, uint16_t type, const void *p, size_t n)
{
	if (owner)
		put_name(owner);
	else
		wr_u16(&w, 0xc00c);
	wr_u16(&w, type);
	wr_u16(&w, DNS_IN);
	wr_u32(&w, 300);
	wr_u16(&w, (uint16_t)n);
	wr_put(&w, p, n);
}
#define RECORD(owner, type, p)	record(owner, DNS_##type, p, sizeof(p) - 1)

static enum checker_step
udp(void)
{
	assert_int_equal(checker_run_open(&t), CHECKER_MORE);
	return checker_run_input(&t, msg, wr_len(&w));
}

static void
down(enum checker_reason reason, const char *detail)
{
	assert_int_equal(udp(), CHECKER_DOWN);
	assert_int_equal(t.run.reason, reason);
	assert_string_equal(t.run.detail, detail);
}

static void
query_is_repeated_and_then_without_edns(void **state)
{
	(void)state;
	asks("www.example.org", DNS_A, NULL);
	t.check.timeout_us = 3000000;
	assert_int_equal(checker_run_open(&t), CHECKER_MORE);
	assert_int_equal(t.sent, 12 + 17 + 4 + 11);
	assert_int_equal(net_get16(t.tx), 0x5678);
	assert_int_equal(checker_run_tick(&t), CHECKER_MORE);
	assert_int_equal(t.run.elapsed_us, 1000000);
	assert_int_equal(t.sent, 12 + 17 + 4);
	assert_int_equal(checker_run_tick(&t), CHECKER_MORE);
	assert_int_equal(t.run.elapsed_us, 2000000);
	assert_int_equal(t.sent, 12 + 17 + 4);
	assert_int_equal(t.run.wake_us, 0);
}

static void
record_of_the_type_is_an_answer(void **state)
{
	(void)state;
	asks("www.example.org", DNS_A, NULL);
	reply(0, 1, DNS_A);
	RECORD(NULL, A, "\xc0\0\2\1");
	assert_int_equal(udp(), CHECKER_UP);
	assert_string_equal(t.run.detail, "192.0.2.1");
	asks("www.example.org", DNS_ANY, NULL);
	reply(0, 1, DNS_ANY);
	RECORD(NULL, HINFO, "\1a\1b");
	assert_int_equal(udp(), CHECKER_UP);
}

static void
noerror_without_one_is_down(void **state)
{
	(void)state;
	asks("www.example.org", DNS_A, NULL);
	reply(0, 0, DNS_A);
	down(CHECKER_EMPTY, "no record");
	reply(0, 2, DNS_A);
	RECORD(NULL, TXT, "\1a");
	RECORD("other.example.org", A, "\xc0\0\2\1");
	down(CHECKER_EMPTY, "no record");
	asks("www.example.org", DNS_ANY, NULL);
	reply(0, 0, DNS_ANY);
	down(CHECKER_EMPTY, "no record");
}

static void
aliases_are_followed_in_any_order(void **state)
{
	(void)state;
	asks("www.example.org", DNS_A, NULL);
	reply(0, 3, DNS_A);
	RECORD("b.x", A, "\xc0\0\2\1");
	RECORD("a.x", CNAME, "\1B\1x\0");
	RECORD(NULL, CNAME, "\1a\1X\0");
	assert_int_equal(udp(), CHECKER_UP);
	reply(0, 1, DNS_A);
	RECORD(NULL, CNAME, "\1a\1x\0");
	down(CHECKER_EMPTY, "a CNAME that leads nowhere");
	asks("www.example.org", DNS_CNAME, "a.x");
	reply(0, 1, DNS_CNAME);
	RECORD(NULL, CNAME, "\1A\1x\0");
	assert_int_equal(udp(), CHECKER_UP);
}

static void
circle_of_aliases_ends(void **state)
{
	(void)state;
	asks("www.example.org", DNS_A, NULL);
	reply(0, 2, DNS_A);
	RECORD(NULL, CNAME, "\1a\1x\0");
	RECORD("a.x", CNAME, "\xc0\x0c");
	down(CHECKER_EMPTY, "more than 16 CNAMEs");
}

static void
expected_answer_is_one_of_those(void **state)
{
	static const struct { uint16_t type; const char *want, *data; size_t n; bool up; } row[] = {
		{ DNS_A, "192.0.2.2", "\xc0\0\2\2", 4, true },
		{ DNS_A, "192.0.2.22", "\xc0\0\2\2", 4, false },
		{ DNS_AAAA, "2001:DB8:0::1", "\x20\1\xd\xb8\0\0\0\0\0\0\0\0\0\0\0\1", 16, true },
		{ DNS_MX, "10 Mail.example.org", "\0\xa\4mail\xc0\x10", 9, true },
		{ DNS_MX, "10 mail.example.org.", "\0\xa\4mail\xc0\x10", 9, true },
		{ DNS_MX, "20 mail.example.org", "\0\xa\4mail\xc0\x10", 9, false },
		{ DNS_TXT, "v=spf1 -all", "\7v=spf1 \4-all", 13, true },
		{ DNS_TXT, "v=spf1 -all.", "\7v=spf1 \4-all", 13, false },
		{ DNS_TXT, "V=spf1 -all", "\7v=spf1 \4-all", 13, false },
		{ DNS_NS, "@", "\1`\0", 3, false },
		{ DNS_NS, "ns", "\2nS\0", 4, true },
	};

	(void)state;
	for (size_t i = 0; i < PORT_ARRAY_SIZE(row); i++) {
		asks("www.example.org", row[i].type, row[i].want);
		reply(0, 1, row[i].type);
		record(NULL, row[i].type, row[i].data, row[i].n);
		if (udp() != (row[i].up ? CHECKER_UP : CHECKER_DOWN))
			fail_msg("%s: %s", row[i].want, t.run.detail);
		if (!row[i].up)
			assert_int_equal(t.run.reason, CHECKER_CONTENT);
	}
	asks("www.example.org", DNS_A, "192.0.2.3");
	reply(0, 3, DNS_A);
	RECORD(NULL, A, "\xc0\0\2\1");
	RECORD(NULL, A, "\xc0\0\2\3");
	RECORD(NULL, A, "\xc0\0\2\2");
	assert_int_equal(udp(), CHECKER_UP);
	assert_string_equal(t.run.detail, "192.0.2.3");
	asks("www.example.org", DNS_A, "192.0.2.4");
	down(CHECKER_CONTENT, "192.0.2.1");
}

static void
codes_are_told_by_name(void **state)
{
	(void)state;
	asks("www.example.org", DNS_A, NULL);
	reply(DNS_NXDOMAIN, 0, DNS_A);
	down(CHECKER_STATUS, "NXDOMAIN");
	reply(DNS_REFUSED, 0, DNS_A);
	msg[5] = 0;				/* no question */
	w.p = w.begin + DNS_HEADER;
	down(CHECKER_STATUS, "REFUSED");
	reply(15, 0, DNS_A);
	down(CHECKER_STATUS, "rcode 15");
}

static void
server_that_knows_no_edns_is_asked_without(void **state)
{
	(void)state;
	asks("www.example.org", DNS_A, NULL);
	reply(DNS_FORMERR, 0, DNS_A);
	assert_int_equal(udp(), CHECKER_MORE);
	assert_int_equal(t.sent, 12 + 17 + 4);
	assert_int_equal(checker_run_input(&t, msg, wr_len(&w)), CHECKER_DOWN);
	assert_string_equal(t.run.detail, "FORMERR");
}

/* Spoils byte `at` of a good reply: it is nobody's. */
static void
ignored(size_t at, uint8_t xor)
{
	asks("www.example.org", DNS_A, NULL);
	reply(0, 1, DNS_A);
	RECORD(NULL, A, "\xc0\0\2\1");
	msg[at] ^= xor;
	assert_int_equal(udp(), CHECKER_MORE);
	assert_int_equal(t.sent, 0);
	msg[at] ^= xor;
	assert_int_equal(checker_run_input(&t, msg, wr_len(&w)), CHECKER_UP);
}

static void
foreign_datagrams_change_nothing(void **state)
{
	(void)state;
	ignored(0, 1);				/* id */
	ignored(1, 0x80);
	ignored(2, 0x80);			/* a query */
	ignored(2, 0x28);			/* opcode */
	ignored(4, 1);				/* questions */
	ignored(5, 2);
	ignored(5, 1);
	ignored(13, 1);				/* name */
	ignored(28, 1);				/* its end */
	ignored(30, 4);				/* type */
	ignored(32, 2);				/* class */
	for (size_t n = 0; n < DNS_HEADER + 21; n++) {
		asks("www.example.org", DNS_A, NULL);
		reply(0, 1, DNS_A);
		assert_int_equal(checker_run_open(&t), CHECKER_MORE);
		assert_int_equal(checker_run_input(&t, msg, n), CHECKER_MORE);
	}
}

static void
answers_cut_at_every_byte_are_down(void **state)
{
	(void)state;
	asks("www.example.org", DNS_MX, NULL);
	reply(0, 1, DNS_MX);
	RECORD(NULL, MX, "\0\xa\4mail\xc0\x10");
	for (size_t n = DNS_HEADER + 21; n < wr_len(&w); n++) {
		assert_int_equal(checker_run_open(&t), CHECKER_MORE);
		assert_int_equal(checker_run_input(&t, msg, n), CHECKER_DOWN);
		assert_int_equal(t.run.reason, CHECKER_PROTOCOL);
	}
	assert_int_equal(udp(), CHECKER_UP);
}

static void
pointers_in_circles_are_down(void **state)
{
	(void)state;
	asks("www.example.org", DNS_MX, NULL);
	reply(0, 1, DNS_MX);
	record(NULL, DNS_MX, "\0\xa\xc0\x2f", 4);		/* to itself */
	down(CHECKER_PROTOCOL, "a compression pointer that does not point backwards, or too man");
}

/* A reply over UDP that was cut, then the same over TCP with a length before it. */
static size_t
to_tcp(void)
{
	static uint8_t whole[sizeof msg];
	const size_t n = wr_len(&w);

	memcpy(whole, msg, n);
	whole[2] |= DNS_TC >> 8;
	assert_int_equal(checker_run_open(&t), CHECKER_MORE);
	assert_int_equal(checker_run_input(&t, whole, DNS_HEADER + 21), CHECKER_NEXT);
	assert_int_equal(t.run.link, CHECKER_STREAM);
	assert_int_equal(t.run.wake_us, 0);
	assert_int_equal(checker_run_next(&t), CHECKER_MORE);
	assert_int_equal(t.sent, 2 + 12 + 17 + 4);
	assert_int_equal(net_get16(t.tx), t.sent - 2);
	assert_int_equal(net_get16(t.tx + 2), 0x5678);
	memcpy(whole, msg, n);
	memmove(msg + 2, msg, n);
	net_put16(msg, (uint16_t)n);
	return n + 2;
}

static void
mx_reply(void)
{
	asks("www.example.org", DNS_MX, "20 m2.example.org");
	reply(0, 2, DNS_MX);
	RECORD(NULL, MX, "\0\xa\2m1\xc0\x10");
	RECORD(NULL, MX, "\0\x14\2m2\xc0\x10");
}

static void
cut_reply_is_asked_for_over_tcp_with_every_split(void **state)
{
	size_t n = 2;

	(void)state;
	for (size_t piece = 1; piece < n; piece++) {
		mx_reply();
		n = to_tcp();
		assert_int_equal(checker_run_pieces(&t, msg, n, 0, piece), CHECKER_UP);
		mx_reply();
		n = to_tcp();
		assert_int_equal(checker_run_pieces(&t, msg, n, piece, n), CHECKER_UP);
	}
}

static void
tcp_cut_at_every_byte_is_closed(void **state)
{
	size_t n = 2;

	(void)state;
	for (size_t end = 0; end < n; end++) {
		mx_reply();
		n = to_tcp();
		assert_int_equal(checker_run_pieces(&t, msg, end, 0, n), CHECKER_MORE);
		assert_int_equal(checker_run_eof(&t), CHECKER_DOWN);
		assert_int_equal(t.run.reason, CHECKER_CLOSED);
	}
}

static void
what_is_no_reply_over_tcp_is_down(void **state)
{
	(void)state;
	mx_reply();
	const size_t n = to_tcp();

	msg[2] ^= 1;
	assert_int_equal(checker_run_pieces(&t, msg, n, 0, n), CHECKER_DOWN);
	assert_int_equal(t.run.reason, CHECKER_PROTOCOL);
	mx_reply();
	(void)to_tcp();
	assert_int_equal(checker_run_input(&t, "\0\0", 2), CHECKER_DOWN);
	assert_int_equal(t.run.reason, CHECKER_PROTOCOL);
}

/* As much as fits is judged, unless the order of records would decide. */
static void
long_reply_over_tcp_is_judged_by_its_beginning(void **state)
{
	static char filler[CONFIG_CHECK_STATE];
	static const struct { const char *want; bool there, up; } row[] = {
		{ NULL, true, true }, { NULL, false, false }, { "a", true, false },
	};

	(void)state;
	for (size_t i = 0; i < PORT_ARRAY_SIZE(row); i++) {
		asks("www.example.org", DNS_TXT, row[i].want);
		reply(0, 2, DNS_TXT);
		if (row[i].there)
			RECORD(NULL, TXT, "\1a");
		record(NULL, 10, filler, sizeof filler);
		const size_t n = to_tcp();

		assert_int_equal(checker_run_pieces(&t, msg, n, 0, 100),
				 row[i].up ? CHECKER_UP : CHECKER_DOWN);
		assert_int_equal(t.run.reason, row[i].up ? CHECKER_NONE : CHECKER_LONG);
	}
}

static void
query_that_does_not_fit_is_ours(void **state)
{
	static uint8_t big[CONFIG_CHECK_SEND];

	(void)state;
	asks("www.example.org", DNS_A, NULL);
	t.check.u.dns.name = checker_run_bytes(big, sizeof big);
	t.may_be_bad = true;
	assert_int_equal(checker_run_open(&t), CHECKER_DOWN);
	assert_int_equal(t.run.reason, CHECKER_LOCAL);
}

static int
teardown(void **state)
{
	(void)state;
	checker_run_end(&t);
	t.may_be_bad = false;
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f)	cmocka_unit_test_teardown(f, teardown)
		T(query_is_repeated_and_then_without_edns),
		T(record_of_the_type_is_an_answer),
		T(noerror_without_one_is_down),
		T(aliases_are_followed_in_any_order),
		T(circle_of_aliases_ends),
		T(expected_answer_is_one_of_those),
		T(codes_are_told_by_name),
		T(server_that_knows_no_edns_is_asked_without),
		T(foreign_datagrams_change_nothing),
		T(answers_cut_at_every_byte_are_down),
		T(pointers_in_circles_are_down),
		T(cut_reply_is_asked_for_over_tcp_with_every_split),
		T(tcp_cut_at_every_byte_is_closed),
		T(what_is_no_reply_over_tcp_is_down),
		T(long_reply_over_tcp_is_judged_by_its_beginning),
		T(query_that_does_not_fit_is_ours),
	};

	return cmocka_run_group_tests_name("check_dns", tests, NULL, NULL);
}
