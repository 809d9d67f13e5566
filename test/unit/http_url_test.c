/* SPDX-License-Identifier: MIT */
/* http_url_test.c -- URLs taken apart, and what is none. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "http_url.h"

static const struct {
	const char *text, *host, *name, *path;
	uint16_t port;
	uint8_t family;			/* 0, 2, 10 */
	bool tls;
} good[] = {
	{ "http://192.0.2.1", "192.0.2.1", "192.0.2.1", "/", 80, 2, false },
	{ "HTTP://192.0.2.1:8080/a?b", "192.0.2.1:8080", "192.0.2.1", "/a?b", 8080, 2, false },
	{ "https://www.example.org/", "www.example.org", "www.example.org", "/", 443, 0, true },
	{ "https://[2001:db8::1]:8443/x", "[2001:db8::1]:8443", "2001:db8::1", "/x", 8443, 10,
	  true },
	{ "http://[::1]", "[::1]", "::1", "/", 80, 10, false },
};

static const struct {
	const char *text, *why;
} bad[] = {
	{ "", "begins with" }, { "ftp://x/", "begins with" }, { "http:/x", "begins with" },
	{ "http://", "no host" }, { "http:///x", "no host" }, { "http://:80/", "no host" },
	{ "http://x:0/", "port" }, { "http://x:65536/", "port" }, { "http://x:/", "port" },
	{ "http://x:8a/", "port" }, { "http://u:p@x/", "user" }, { "http://x?q", "path" },
	{ "http://x/a#b", "path" }, { "http://x/a b", "white space" },
	{ "http://[::1", "brackets" }, { "http://[192.0.2.1]/", "brackets" },
	{ "http://[::1]x/", "brackets" }, { "http://[]/", "brackets" },
};

static void
urls_are_taken_apart(void **state)
{
	struct http_url u;

	(void)state;
	for (size_t i = 0; i < PORT_ARRAY_SIZE(good); i++) {
		assert_null(http_url_parse(&u, good[i].text));
		assert_string_equal(u.host, good[i].host);
		assert_string_equal(u.name, good[i].name);
		assert_string_equal(u.path, good[i].path);
		assert_int_equal(u.port, good[i].port);
		assert_int_equal(u.addr.family, good[i].family);
		assert_int_equal(u.tls, good[i].tls);
	}
}

static void
what_is_no_url_is_refused_with_a_sentence(void **state)
{
	char text[400] = "http://";
	struct http_url u;

	(void)state;
	for (size_t i = 0; i < PORT_ARRAY_SIZE(bad); i++) {
		const char *const why = http_url_parse(&u, bad[i].text);

		if (!why || !strstr(why, bad[i].why))
			fail_msg("%s: %s", bad[i].text, why ? why : "taken");
	}
	memset(text + 7, 'x', 300);
	assert_string_equal(http_url_parse(&u, text), "its host is too long");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(urls_are_taken_apart),
		cmocka_unit_test(what_is_no_url_is_refused_with_a_sentence),
	};

	return cmocka_run_group_tests_name("http_url", tests, NULL, NULL);
}
