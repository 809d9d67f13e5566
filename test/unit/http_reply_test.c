/* SPDX-License-Identifier: MIT */
/* http_reply_test.c -- replies at every split, cut at every byte, and those that are none. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "http_reply.h"

/* What a reply came to. */
struct outcome {
	enum http_reply_verdict verdict;
	unsigned heads;
	uint16_t code;
	char reason[HTTP_REPLY_REASON];
	size_t n;
	char body[256];
};

static enum http_reply_verdict
feed(struct http_reply *r, struct outcome *o, const char *p, size_t n)
{
	/* So that a byte read beyond is seen by a sanitizer. */
	uint8_t *const copy = malloc(n ? n : 1);
	size_t at = 0, used;

	memcpy(copy, p, n);
	for (;;) {
		o->verdict = http_reply_take(r, copy + at, n - at, &used);
		at += used;
		assert_true(at <= n);
		if (o->verdict == HTTP_REPLY_HEAD) {
			o->heads++;
			o->code = r->code;
			memcpy(o->reason, r->reason, sizeof o->reason);
		} else if (o->verdict == HTTP_REPLY_BODY) {
			assert_true(r->body_n > 0 && r->body >= copy);
			assert_true(r->body + r->body_n == copy + at);
			assert_true(o->n + r->body_n <= sizeof o->body);
			memcpy(o->body + o->n, r->body, r->body_n);
			o->n += r->body_n;
			assert_int_equal(r->got, o->n);
		} else {
			break;
		}
	}
	free(copy);
	return o->verdict;
}

static void
same(const struct outcome *a, const struct outcome *b)
{
	assert_int_equal(a->verdict, b->verdict);
	assert_int_equal(a->heads, b->heads);
	assert_int_equal(a->code, b->code);
	assert_string_equal(a->reason, b->reason);
	assert_int_equal(a->n, b->n);
	assert_memory_equal(a->body, b->body, a->n);
}

static struct outcome
whole(const char *p, size_t n, bool head)
{
	struct outcome o = { .heads = 0 };
	struct http_reply r = { .no_body = head };

	(void)feed(&r, &o, p, n);
	o.verdict = http_reply_end(&r);
	return o;
}

/* One piece, every pair of pieces, and byte by byte come to the same. */
static struct outcome
split(const char *p, size_t n, bool head)
{
	const struct outcome want = whole(p, n, head);

	for (size_t cut = 0; cut <= n; cut++) {
		struct outcome o = { .heads = 0 };
		struct http_reply r = { .no_body = head };

		(void)feed(&r, &o, p, cut);
		(void)feed(&r, &o, p + cut, n - cut);
		o.verdict = http_reply_end(&r);
		same(&want, &o);
	}

	struct outcome o = { .heads = 0 };
	struct http_reply r = { .no_body = head };

	for (size_t i = 0; i < n; i++)
		(void)feed(&r, &o, p + i, 1);
	o.verdict = http_reply_end(&r);
	same(&want, &o);
	return want;
}

static const struct {
	const char *text;
	enum http_reply_verdict verdict;
	uint16_t code;
	const char *reason;
	const char *body;
	bool head;
} replies[] = {
	{ "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", HTTP_REPLY_DONE, 200, "OK",
	  "hello", false },
	{ "HTTP/1.0 200 OK\r\n\r\nuntil the end", HTTP_REPLY_DONE, 200, "OK",
	  "until the end", false },
	{ "HTTP/1.1 200 OK\ncontent-LENGTH:\t5 \n\nhello", HTTP_REPLY_DONE, 200, "OK", "hello",
	  false },
	{ "HTTP/1.1 200\r\n\r\n", HTTP_REPLY_DONE, 200, "", "", false },
	{ "HTTP/1.1 200 \r\nX:\r\n\r\n", HTTP_REPLY_DONE, 200, "", "", false },
	{ "HTTP/1.1 404 Not  \001Found\r\nX : y\r\n\r\n", HTTP_REPLY_DONE, 404,
	  "Not  ?Found", "", false },
	{ "HTTP/1.1 200 a reason that is longer than what is kept of it\r\n\r\n",
	  HTTP_REPLY_DONE, 200, "a reason that is longer than what is ke", "", false },
	{ "HTTP/1.1 100 Continue\r\nX: 1\r\nContent-Length: 9\r\n\r\nHTTP/1.1 103 Hints\r\n"
	  "Transfer-Encoding: chunked\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi",
	  HTTP_REPLY_DONE, 200, "OK", "hi", false },
	{ "HTTP/1.1 101 Switching Protocols\r\n\r\nxyz", HTTP_REPLY_DONE, 101,
	  "Switching Protocols", "", false },
	{ "HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\nhello", HTTP_REPLY_DONE, 204,
	  "No Content", "", false },
	{ "HTTP/1.1 304 Not Modified\r\nTransfer-Encoding: chunked\r\n\r\n", HTTP_REPLY_DONE,
	  304, "Not Modified", "", false },
	{ "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", HTTP_REPLY_DONE, 200, "OK", "", true },
	{ "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\nmore", HTTP_REPLY_DONE, 200, "OK", "",
	  false },
	{ "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nhi",
	  HTTP_REPLY_DONE, 200, "OK", "hi", false },
	{ "HTTP/1.1 200 OK\r\nContent-Length: 2 ,\t2\r\n\r\nhi", HTTP_REPLY_DONE, 200, "OK",
	  "hi", false },
	{ "HTTP/1.1 200 OK\r\nContent-Length:\r\n   2\r\n\r\nhi", HTTP_REPLY_DONE, 200, "OK",
	  "hi", false },
	{ "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n"
	  "5;a=\"b\"\r\nhello\r\n00A \r\n 123456789\r\n0\r\nTrailer: 1\r\n\r\nleft over",
	  HTTP_REPLY_DONE, 200, "OK", "hello 123456789", false },
	{ "HTTP/1.1 200 OK\nTransfer-Encoding: identity, CHUNKED\n\n2\nhi\n0\n\n",
	  HTTP_REPLY_DONE, 200, "OK", "hi", false },

	{ "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nhello", HTTP_REPLY_CUT, 200, "OK", "hello",
	  false },
	{ "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n",
	  HTTP_REPLY_CUT, 200, "OK", "hello", false },
	{ "HTTP/1.1 100 Continue\r\n\r\n", HTTP_REPLY_CUT, 0, "", "", false },
	{ "", HTTP_REPLY_CUT, 0, "", "", false },
	{ "SSH-2.0-OpenSSH_9.2\r\n", HTTP_REPLY_ALIEN, 0, "", "", false },
	{ "HTTP/2.0 200 OK\r\n\r\n", HTTP_REPLY_ALIEN, 0, "", "", false },
	{ "HTTP/1.1 20x OK\r\n\r\n", HTTP_REPLY_ALIEN, 0, "", "", false },
	{ "HTTP/1.1 2000 OK\r\n\r\n", HTTP_REPLY_ALIEN, 0, "", "", false },
	{ "HTTP/1.1 099 OK\r\n\r\n", HTTP_REPLY_ALIEN, 0, "", "", false },
	{ "\r\nHTTP/1.1 200 OK\r\n\r\n", HTTP_REPLY_ALIEN, 0, "", "", false },
	{ "HTTP/1.1 200 OK\r\nno field\r\n\r\n", HTTP_REPLY_FIELD, 0, "", "", false },
	{ "HTTP/1.1 200 OK\r\n folded: onto nothing?\r\nx\r\n\r\n", HTTP_REPLY_FIELD, 0, "", "",
	  false },
	{ "HTTP/1.1 200 OK\r\n: empty\r\n\r\n", HTTP_REPLY_FIELD, 0, "", "", false },
	{ "HTTP/1.1 200 OK\r\na b: c\r\n\r\n", HTTP_REPLY_FIELD, 0, "", "", false },
	{ "HTTP/1.1 200 OK\r\n\rX: c\r\n\r\n", HTTP_REPLY_FIELD, 0, "", "", false },
	{ "HTTP/1.1 200 OK\r\nContent-Length: 5x\r\n\r\n", HTTP_REPLY_LENGTH, 0, "", "", false },
	{ "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", HTTP_REPLY_LENGTH, 0, "", "", false },
	{ "HTTP/1.1 200 OK\r\nContent-Length:\r\n\r\n", HTTP_REPLY_LENGTH, 0, "", "", false },
	{ "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n",
	  HTTP_REPLY_LENGTH, 0, "", "", false },
	{ "HTTP/1.1 200 OK\r\nContent-Length: 18446744073709551618\r\n\r\n", HTTP_REPLY_LENGTH,
	  0, "", "", false },
	{ "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", HTTP_REPLY_CODING, 0,
	  "", "", false },
	{ "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
	  HTTP_REPLY_CODING, 0, "", "", false },
	{ "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\r\n", HTTP_REPLY_CHUNK, 200,
	  "OK", "", false },
	{ "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5g\r\n", HTTP_REPLY_CHUNK, 200,
	  "OK", "", false },
	{ "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi!\r\n", HTTP_REPLY_CHUNK,
	  200, "OK", "hi", false },
	{ "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10000000000000000\r\nx",
	  HTTP_REPLY_CHUNK, 200, "OK", "", false },
	{ "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n7fffffffffffffff\r\nx",
	  HTTP_REPLY_CUT, 200, "OK", "x", false },
};

static void
replies_come_to_the_same_at_every_split(void **state)
{
	(void)state;
	for (size_t i = 0; i < PORT_ARRAY_SIZE(replies); i++) {
		const struct outcome o =
			split(replies[i].text, strlen(replies[i].text), replies[i].head);

		if (o.verdict != replies[i].verdict)
			print_error("reply %zu: %s\n", i, http_reply_verdict_text(o.verdict));
		assert_int_equal(o.verdict, replies[i].verdict);
		assert_int_equal(o.code, replies[i].code);
		assert_string_equal(o.reason, replies[i].reason);
		assert_int_equal(o.n, strlen(replies[i].body));
		assert_memory_equal(o.body, replies[i].body, o.n);
	}
}

/* Whatever is missing of a framed reply, it waits for more, and its end is no end. */
static void
a_reply_cut_at_any_byte_is_cut(void **state)
{
	(void)state;
	for (size_t i = 0; i < PORT_ARRAY_SIZE(replies); i++) {
		const char *const text = replies[i].text;
		size_t n = strlen(text);

		if (replies[i].verdict != HTTP_REPLY_DONE)
			continue;
		for (size_t cut = 0; cut < n; cut++) {
			struct outcome o = { .heads = 0 };
			struct http_reply r = { .no_body = replies[i].head };
			const enum http_reply_verdict v = feed(&r, &o, text, cut);

			if (v == HTTP_REPLY_DONE)
				break;
			assert_int_equal(v, HTTP_REPLY_MORE);
			if (o.heads == 0 || r.chunked || r.has_length)
				assert_int_equal(http_reply_end(&r), HTTP_REPLY_CUT);
			else
				assert_int_equal(http_reply_end(&r), HTTP_REPLY_DONE);
		}
	}
}

static void
a_nul_in_a_header_is_a_fault(void **state)
{
	static const char name[] = "HTTP/1.1 200 OK\r\nX\0: 1\r\n\r\n";
	static const char value[] = "HTTP/1.1 200 OK\r\nX: \0\r\n\r\n";
	static const char reason[] = "HTTP/1.1 200 O\0K\r\n\r\n";
	static const char body[] = "HTTP/1.1 200 OK\r\n\r\na\0b";

	(void)state;
	assert_int_equal(split(name, sizeof name - 1, false).verdict, HTTP_REPLY_FIELD);
	assert_int_equal(split(value, sizeof value - 1, false).verdict, HTTP_REPLY_FIELD);
	assert_string_equal(split(reason, sizeof reason - 1, false).reason, "O?K");
	assert_int_equal(split(body, sizeof body - 1, false).n, 3);
}

/* Repeats a piece behind a beginning until there is a verdict; returns how many bytes. */
static size_t
endless(const char *begin, const char *piece, enum http_reply_verdict want)
{
	struct outcome o = { .heads = 0 };
	struct http_reply r = { .no_body = false };
	size_t n = strlen(begin);
	enum http_reply_verdict v = feed(&r, &o, begin, n);

	for (; v == HTTP_REPLY_MORE && n < 1000000; n += strlen(piece))
		v = feed(&r, &o, piece, strlen(piece));
	assert_int_equal(v, want);
	return n;
}

static void
nothing_endless_is_read_for_ever(void **state)
{
	(void)state;
	assert_in_range(endless("HTTP/1.1 200 ", "x", HTTP_REPLY_LONG), 8192, 8300);
	assert_in_range(endless("HTTP/1.1 200 OK\r\n", "x", HTTP_REPLY_LONG), 8192, 8300);
	assert_in_range(endless("HTTP/1.1 200 OK\r\nX: ", "x", HTTP_REPLY_LONG), 8192, 8300);
	assert_in_range(endless("HTTP/1.1 200 OK\r\nX: ", "x\r\n ", HTTP_REPLY_LONG), 65536,
			65600);
	assert_in_range(endless("HTTP/1.1 200 OK\r\n", "X: y\r\n", HTTP_REPLY_LONG), 65536,
			65600);
	assert_in_range(endless("", "HTTP/1.1 100 Continue\r\n\r\n", HTTP_REPLY_LONG), 65536,
			65600);
	assert_in_range(endless("HTTP/1.1 200 OK\r\nContent-Length: ", "0", HTTP_REPLY_LONG), 60,
			100);
	assert_in_range(endless("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "0",
				HTTP_REPLY_LONG), 8192, 8300);
	assert_in_range(endless("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;", "x",
				HTTP_REPLY_LONG), 8192, 8300);
	assert_in_range(endless("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n",
				"X: y\r\n", HTTP_REPLY_LONG), 65000, 65600);
}

static void
a_giant_body_is_passed_through_without_being_kept(void **state)
{
	static const char head[] = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
				   "7ffffffffffffff\r\n";
	static uint8_t piece[65536];
	struct http_reply r = { .no_body = false };
	const uint8_t *p = (const uint8_t *)head;
	size_t n = sizeof head - 1, used;

	(void)state;
	assert_int_equal(http_reply_take(&r, p, n, &used), HTTP_REPLY_HEAD);
	assert_int_equal(http_reply_take(&r, p + used, n - used, &used), HTTP_REPLY_MORE);
	for (unsigned i = 0; i < 1000; i++) {
		assert_int_equal(http_reply_take(&r, piece, sizeof piece, &used),
				 HTTP_REPLY_BODY);
		assert_int_equal(used, sizeof piece);
	}
	assert_int_equal(r.got, 65536000);
}

static void
the_first_fault_stays(void **state)
{
	static const uint8_t good[] = "HTTP/1.1 200 OK\r\n\r\n";
	struct http_reply r = { .no_body = false };
	size_t used;

	(void)state;
	assert_int_equal(http_reply_take(&r, (const uint8_t *)"X", 1, &used), HTTP_REPLY_ALIEN);
	assert_int_equal(http_reply_take(&r, good, sizeof good - 1, &used), HTTP_REPLY_ALIEN);
	assert_int_equal(used, 0);
	assert_int_equal(http_reply_end(&r), HTTP_REPLY_ALIEN);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(replies_come_to_the_same_at_every_split),
		cmocka_unit_test(a_reply_cut_at_any_byte_is_cut),
		cmocka_unit_test(a_nul_in_a_header_is_a_fault),
		cmocka_unit_test(nothing_endless_is_read_for_ever),
		cmocka_unit_test(a_giant_body_is_passed_through_without_being_kept),
		cmocka_unit_test(the_first_fault_stays),
	};

	return cmocka_run_group_tests_name("http_reply", tests, NULL, NULL);
}
