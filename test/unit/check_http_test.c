/* SPDX-License-Identifier: MIT */
/* check_http_test.c -- pages as a check sees them, at every split and cut at every byte. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "checker_run.h"
#include "hexdump.h"
#include "pattern.h"

extern const struct checker check_http;

static struct check_conf_url *
url(void)
{
	return &checker_run_conf.url[0];
}

static void
begin(struct checker_run_test *t)
{
	checker_run_init(t, &check_http);
	t->check.u.http.urls.n = 1;
	url()->path = checker_run_text("/health");
}

static void
status(uint16_t a, uint16_t b, uint16_t c, uint16_t d)
{
	const uint16_t pairs[] = { a, b, c, d };

	url()->status = checker_run_bytes(pairs, sizeof pairs);
}

static void
pattern(const char *text, bool absent)
{
	uint8_t code[PATTERN_MAX];
	struct pattern_error e;
	const size_t n = pattern_compile(text, strlen(text), false, code, &e);

	assert_true(n > 0);
	url()->pattern = checker_run_bytes(code, n);
	url()->pattern_absent = absent;
}

static void
digest(const char *hex)
{
	size_t n;

	assert_true(hexdump_parse(url()->digest, sizeof url()->digest, &n, hex, strlen(hex)));
	url()->digest_bytes = (uint8_t)n;
}

/* Every split ends so; where `cuts`, no beginning of the reply is enough. */
static void
judge(struct checker_run_test *t, const char *says, enum checker_step step,
      enum checker_reason reason, bool cuts)
{
	const struct checker_run_line line = { says, strlen(says), NULL };

	checker_run_splits(t, &line, 1, step, reason);
	if (cuts)
		checker_run_cuts(t, &line, 1);
}

static void
sends(struct checker_run_test *t, const char *want)
{
	assert_int_equal(checker_run_open(t), CHECKER_MORE);
	assert_int_equal(t->sent, strlen(want));
	assert_memory_equal(t->tx, want, t->sent);
}

/* ---- the request -------------------------------------------------------------------- */

static void
the_request_asks_for_the_page(void **state)
{
	struct checker_run_test t;

	(void)state;
	begin(&t);
	sends(&t, "GET /health HTTP/1.1\r\nHost: 192.0.2.1\r\nUser-Agent: upkeep\r\n"
		  "Connection: close\r\n\r\n");
	t.check.port = 443;
	t.check.tls_used = true;
	t.check.u.http.http10 = true;
	sends(&t, "GET /health HTTP/1.0\r\nHost: 192.0.2.1\r\nUser-Agent: upkeep\r\n"
		  "Connection: close\r\n\r\n");
	t.check.port = 8080;
	t.check.addr = (struct net_addr){ 10 /* AF_INET6 */,
		{ 0x20, 1, 0xd, 0xb8, [15] = 1 } };
	t.check.u.http.method = checker_run_text("POST");
	t.check.u.http.headers = checker_run_text("X-A: b\r\nuser-AGENT: c\r\n");
	sends(&t, "POST /health HTTP/1.0\r\nHost: [2001:db8::1]:8080\r\nConnection: close\r\n"
		  "Content-Length: 0\r\nX-A: b\r\nuser-AGENT: c\r\n\r\n");
	t.check.u.http.headers = (struct check_conf_bytes){ 0, 0 };
	t.check.u.http.host = checker_run_text("www.example.org");
	t.check.u.http.method = checker_run_text("HEAD");
	sends(&t, "HEAD /health HTTP/1.0\r\nHost: www.example.org\r\nUser-Agent: upkeep\r\n"
		  "Connection: close\r\n\r\n");
	url()->host = checker_run_text("a.example.org:81");
	sends(&t, "HEAD /health HTTP/1.0\r\nHost: a.example.org:81\r\nUser-Agent: upkeep\r\n"
		  "Connection: close\r\n\r\n");
	checker_run_end(&t);
}

static void
a_request_that_does_not_fit_is_our_fault(void **state)
{
	char path[CONFIG_CHECK_SEND];
	struct checker_run_test t;

	(void)state;
	begin(&t);
	memset(path, 'x', sizeof path);
	path[0] = '/';
	url()->path = checker_run_bytes(path, sizeof path);
	assert_int_equal(checker_run_open(&t), CHECKER_DOWN);
	assert_int_equal(t.run.reason, CHECKER_LOCAL);
	checker_run_end(&t);
}

/* ---- the status ------------------------------------------------------------------------ */

static void
the_status_alone_decides_with_the_header(void **state)
{
	struct checker_run_test t;

	(void)state;
	begin(&t);
	judge(&t, "HTTP/1.1 204 No Content\r\nContent-Length: 999999\r\n\r\n", CHECKER_UP,
	      CHECKER_NONE, true);
	assert_int_equal(t.run.reason, CHECKER_CLOSED);
	judge(&t, "HTTP/1.1 200 OK\r\n\r\n", CHECKER_UP, CHECKER_NONE, false);
	assert_string_equal(t.run.detail, "200 OK");
	judge(&t, "HTTP/1.1 100 Go on\r\n\r\nHTTP/1.1 503 Service\033 Unavailable\r\n\r\n",
	      CHECKER_DOWN, CHECKER_STATUS, true);
	judge(&t, "HTTP/1.1 503 Service\033 Unavailable\r\n\r\n", CHECKER_DOWN, CHECKER_STATUS,
	      false);
	assert_string_equal(t.run.detail, "503 Service? Unavailable");
	checker_run_end(&t);
}

static void
ranges_of_codes_are_inclusive(void **state)
{
	struct checker_run_test t;

	(void)state;
	begin(&t);
	status(200, 204, 401, 401);
	judge(&t, "HTTP/1.1 204 x\r\n\r\n", CHECKER_UP, CHECKER_NONE, false);
	judge(&t, "HTTP/1.1 401 x\r\n\r\n", CHECKER_UP, CHECKER_NONE, false);
	judge(&t, "HTTP/1.1 205 x\r\n\r\n", CHECKER_DOWN, CHECKER_STATUS, false);
	judge(&t, "HTTP/1.1 402 x\r\n\r\n", CHECKER_DOWN, CHECKER_STATUS, false);
	judge(&t, "HTTP/1.1 400 x\r\n\r\n", CHECKER_DOWN, CHECKER_STATUS, false);
	checker_run_end(&t);
}

static void
what_is_no_http_is_a_fault_of_its_own(void **state)
{
	struct checker_run_test t;
	char line[9000] = "HTTP/1.1 200 OK\r\nX: ";

	(void)state;
	begin(&t);
	judge(&t, "220 mail ESMTP\r\n", CHECKER_DOWN, CHECKER_PROTOCOL, false);
	judge(&t, "HTTP/1.1 200 OK\r\nContent-Length: 1, 2\r\n\r\n", CHECKER_DOWN,
	      CHECKER_PROTOCOL, true);
	assert_int_equal(checker_run_open(&t), CHECKER_MORE);
	memset(line + 20, 'x', sizeof line - 20);
	assert_int_equal(checker_run_input(&t, line, sizeof line), CHECKER_DOWN);
	assert_int_equal(t.run.reason, CHECKER_LONG);
	checker_run_end(&t);
}

/* ---- the body ---------------------------------------------------------------------------- */

#define COUNTED		"HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\nhello world"
#define CHUNKED		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhell\r\n" \
			"7;x\r\no world\r\n0\r\n\r\n"
#define HELLO_MD5	"5eb63bbbe01eeed093cb22bb8f5acdc3"
#define HELLO_SHA256	"b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9"

static void
a_digest_is_that_of_the_whole_body(void **state)
{
	static const char *const digests[] = { HELLO_MD5, HELLO_SHA256 };
	struct checker_run_test t;

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		begin(&t);
		digest(digests[i]);
		judge(&t, COUNTED, CHECKER_UP, CHECKER_NONE, true);
		assert_int_equal(t.run.reason, CHECKER_CLOSED);
		assert_string_equal(t.run.detail, "after 10 of 11 bytes of the body");
		judge(&t, CHUNKED, CHECKER_UP, CHECKER_NONE, true);
		judge(&t, "HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\nhello worle",
		      CHECKER_DOWN, CHECKER_DIGEST, true);
		judge(&t, "HTTP/1.1 200 OK\r\n\r\nhello world", CHECKER_MORE, CHECKER_NONE,
		      false);
		assert_int_equal(checker_run_eof(&t), CHECKER_UP);
		judge(&t, "HTTP/1.1 200 OK\r\n\r\nhello worl", CHECKER_MORE, CHECKER_NONE,
		      false);
		assert_int_equal(checker_run_eof(&t), CHECKER_DOWN);
		assert_int_equal(t.run.reason, CHECKER_DIGEST);
		checker_run_end(&t);
	}
	assert_string_equal(t.run.detail, "SHA-256 is 36ec9bdaee807f2ae07f9f43...");
}

static void
a_text_is_enough_as_soon_as_it_is_there(void **state)
{
	struct checker_run_test t;

	(void)state;
	begin(&t);
	url()->text = checker_run_text("o w");
	judge(&t, COUNTED, CHECKER_UP, CHECKER_NONE, false);
	judge(&t, CHUNKED, CHECKER_UP, CHECKER_NONE, false);
	judge(&t, "HTTP/1.1 200 OK\r\n\r\nhello w", CHECKER_UP, CHECKER_NONE, true);
	judge(&t, "HTTP/1.1 200 OK\r\nX: o w\r\nContent-Length: 5\r\n\r\nhello", CHECKER_DOWN,
	      CHECKER_CONTENT, true);
	judge(&t, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\no\r\nx",
	      CHECKER_DOWN, CHECKER_PROTOCOL, true);
	judge(&t, "HTTP/1.1 204 OK\r\n\r\n", CHECKER_DOWN, CHECKER_CONTENT, true);
	checker_run_end(&t);
}

static void
a_pattern_must_match_or_must_not(void **state)
{
	struct checker_run_test t;

	(void)state;
	begin(&t);
	pattern("h.*w", false);
	judge(&t, CHUNKED, CHECKER_UP, CHECKER_NONE, false);
	pattern("^(hello world|ok)$", false);
	judge(&t, CHUNKED, CHECKER_UP, CHECKER_NONE, true);
	judge(&t, "HTTP/1.1 200 OK\r\n\r\nno", CHECKER_DOWN, CHECKER_CONTENT, false);
	pattern("error|fail", true);
	judge(&t, COUNTED, CHECKER_UP, CHECKER_NONE, true);
	judge(&t, "HTTP/1.1 200 OK\r\n\r\nit failed", CHECKER_DOWN, CHECKER_CONTENT, false);
	checker_run_end(&t);
}

static void
all_that_is_asked_of_a_body_must_hold(void **state)
{
	struct checker_run_test t;

	(void)state;
	begin(&t);
	digest(HELLO_MD5);
	url()->text = checker_run_text("hello");
	pattern("[wx]orld", false);
	judge(&t, CHUNKED, CHECKER_UP, CHECKER_NONE, true);
	url()->text = checker_run_text("hallo");
	judge(&t, CHUNKED, CHECKER_DOWN, CHECKER_CONTENT, true);
	url()->text = checker_run_text("hello");
	pattern("[wx]orld", true);
	judge(&t, CHUNKED, CHECKER_DOWN, CHECKER_CONTENT, true);
	checker_run_end(&t);
}

static void
a_reply_to_head_has_no_body(void **state)
{
	struct checker_run_test t;

	(void)state;
	begin(&t);
	t.check.u.http.method = checker_run_text("HEAD");
	url()->text = checker_run_text("x");
	judge(&t, "HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n", CHECKER_DOWN,
	      CHECKER_CONTENT, true);
	checker_run_end(&t);
}

/* ---- several pages ------------------------------------------------------------------------ */

static void
pages_are_asked_for_in_turn(void **state)
{
	static const char good[] = "HTTP/1.1 200 OK\r\n\r\n", bad[] = "HTTP/1.1 500 No\r\n\r\n";
	struct checker_run_test t;

	(void)state;
	begin(&t);
	t.check.u.http.urls = (struct check_conf_range){ 0, 2 };
	checker_run_conf.url[1].path = checker_run_text("/second");
	assert_int_equal(checker_run_open(&t), CHECKER_MORE);
	assert_int_equal(checker_run_input(&t, good, sizeof good - 1), CHECKER_NEXT);
	assert_int_equal(checker_run_next(&t), CHECKER_MORE);
	assert_memory_equal(t.tx, "GET /second HTTP/1.1\r\n", 22);
	assert_int_equal(checker_run_input(&t, bad, 5), CHECKER_MORE);
	assert_int_equal(checker_run_input(&t, bad + 5, sizeof bad - 6), CHECKER_DOWN);
	assert_int_equal(t.run.reason, CHECKER_STATUS);
	assert_string_equal(t.run.detail, "/second: 500 No");
	assert_int_equal(checker_run_open(&t), CHECKER_MORE);
	assert_int_equal(checker_run_input(&t, good, sizeof good - 1), CHECKER_NEXT);
	assert_int_equal(checker_run_next(&t), CHECKER_MORE);
	assert_int_equal(checker_run_input(&t, good, sizeof good - 1), CHECKER_UP);
	checker_run_end(&t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_request_asks_for_the_page),
		cmocka_unit_test(a_request_that_does_not_fit_is_our_fault),
		cmocka_unit_test(the_status_alone_decides_with_the_header),
		cmocka_unit_test(ranges_of_codes_are_inclusive),
		cmocka_unit_test(what_is_no_http_is_a_fault_of_its_own),
		cmocka_unit_test(a_text_is_enough_as_soon_as_it_is_there),
		cmocka_unit_test(a_pattern_must_match_or_must_not),
		cmocka_unit_test(a_reply_to_head_has_no_body),
		cmocka_unit_test(pages_are_asked_for_in_turn),
	};
	const struct CMUnitTest digests[] = {
		cmocka_unit_test(a_digest_is_that_of_the_whole_body),
		cmocka_unit_test(all_that_is_asked_of_a_body_must_hold),
	};
	const int failed = cmocka_run_group_tests_name("check_http", tests, NULL, NULL);

	if (!IS_ENABLED(CONFIG_TLS))
		return failed;
	return failed + cmocka_run_group_tests_name("check_http, digests", digests, NULL, NULL);
}
