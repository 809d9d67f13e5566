/* SPDX-License-Identifier: MIT */
/* check_schema_test.c -- virtual servers: what a good file gives, what is refused and where. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "check_schema.h"
#include "compile_text.h"

static struct check_conf conf;

static void
expect_lines(const char *text, const char *const *want, size_t n)
{
	compile_bytes(text, strlen(text), &check_schema, &conf, sizeof conf);
	check_said(want, (unsigned)n);
}

#define expect(text, ...)						\
	expect_lines((text), (const char *const[]){ __VA_ARGS__ },	\
		     sizeof((const char *const[]){ __VA_ARGS__ }) / sizeof(char *))

static void
good(const char *text)
{
	expect_lines(text, NULL, 0);
}

/* A service without a name, as LuCI's form writes it; options may follow. */
#define SVC(addr, port)		"config virtual_server\no ipaddr " addr "\no port " port "\n"
#define SRV(words)		"l real_server '" words "'\n"
#define LONG6			"2001:db8:abcd:1234:5054:ff:fe12:345"

static void
services_without_names_differ_by_protocol_and_family(void **state)
{
	(void)state;
	good(SVC("192.0.2.1", "53") SRV("10.0.0.1 53")
	     SVC("192.0.2.1", "53") "o protocol UDP\n" SRV("10.0.0.1 53")
	     SVC("192.0.2.1", "53") "o protocol SCTP\n" SRV("10.0.0.1 53")
	     "config virtual_server\no fwmark 1\n" SRV("10.0.0.1 53")
	     "config virtual_server\no fwmark 1\no ip_family inet6\n" SRV("2001:db8::1 53"));
	assert_string_equal(conf.service[0].name, "192.0.2.1:53");
	assert_string_equal(conf.service[1].name, "192.0.2.1:53/UDP");
	assert_string_equal(conf.service[2].name, "192.0.2.1:53/SCTP");
	assert_string_equal(conf.service[3].name, "fwmark:1");
	assert_string_equal(conf.service[4].name, "fwmark:1/inet6");
	/* One machine, whatever is asked of it. */
	assert_int_equal(conf.dest[0].server, conf.dest[1].server);
}

static void
the_longest_address_is_a_whole_name(void **state)
{
	(void)state;
	good(SVC(LONG6 "1", "65535") "o protocol SCTP\n" SRV(LONG6 "3 65535") SRV(LONG6 "4 65535")
	     "o sorry_server_ip " LONG6 "5\n"
	     SVC(LONG6 "2", "65535") "o protocol SCTP\n" SRV(LONG6 "3 65535"));
	assert_string_equal(conf.service[0].name, "[" LONG6 "1]:65535/SCTP");
	assert_string_equal(conf.service[1].name, "[" LONG6 "2]:65535/SCTP");
	assert_int_equal(conf.nservers, 3);
	assert_string_equal(conf.server[0].name, "[" LONG6 "3]:65535");
	assert_string_equal(conf.server[1].name, "[" LONG6 "4]:65535");
	assert_string_equal(conf.server[2].name, "[" LONG6 "5]:65535");
}

static void
a_given_name_has_31_characters(void **state)
{
	(void)state;
	good(SVC("192.0.2.1", "80") "o name a234567890123456789012345678901\n" SRV("10.0.0.1 80"));
	expect(SVC("192.0.2.1", "80") "o name a2345678901234567890123456789012\n"
	       SRV("10.0.0.1 80"),
	       "4:8: error: 'a2345678901234567890123456789012' is too long; name takes a name "
	       "of 1 to 31 characters");
}

/* More servers than scripts. */
static void
one_script_may_check_any_number_of_servers(void **state)
{
	const unsigned n = CONFIG_SCRIPTS + 8;
	char text[8192];
	int at;

	(void)state;
	at = snprintf(text, sizeof text, SVC("192.0.2.1", "80") "o delay_loop 5\n");
	for (unsigned i = 0; i < n; i++)
		at += snprintf(text + at, sizeof text - (size_t)at, "l real_server s%u\n", i);
	for (unsigned i = 0; i < n; i++)
		at += snprintf(text + at, sizeof text - (size_t)at, "config real_server s%u\n"
			       "o ipaddr 10.0.0.%u\nl check m\n", i, i + 1);
	at += snprintf(text + at, sizeof text - (size_t)at,
		       "config check m\no check MISC_CHECK\no misc_path /bin/true\n");
	assert_true((size_t)at < sizeof text);
	good(text);
	assert_int_equal(conf.nchecks, n);
	assert_int_equal(core.nscripts, 1);
	for (unsigned i = 0; i < n; i++)
		assert_int_equal(conf.dest[i].checks.n, 1);
}

static void
the_script_of_a_check_is_looked_at_wherever_it_stands(void **state)
{
	(void)state;
	expect(SVC("192.0.2.1", "80") "l real_server a\n"
	       "config real_server a\no ipaddr 10.0.0.1\no check MISC_CHECK\no misc_path true\n",
	       "8:13: error: 'true' is not an absolute path");
	expect(SVC("192.0.2.1", "80") "l real_server a\n"
	       "config real_server a\no ipaddr 10.0.0.1\no check MISC_CHECK\n",
	       "5:1: error: MISC_CHECK needs option misc_path");
	expect(SVC("192.0.2.1", "80") SRV("10.0.0.1 80 MISC_CHECK"),
	       "1:1: error: MISC_CHECK needs option misc_path");
	/* Nobody refers to it. */
	expect(SVC("192.0.2.1", "80") SRV("10.0.0.1 80")
	       "config check m\no check MISC_CHECK\no misc_path true\n",
	       "7:13: error: 'true' is not an absolute path");
}

static void
a_wrong_port_is_one_complaint(void **state)
{
	(void)state;
	expect(SVC("192.0.2.1", "http") SRV("10.0.0.1 TCP_CHECK"),
	       "3:8: error: 'http' is not a whole number; port takes 0..65535");
	expect(SVC("192.0.2.1", "0") SRV("10.0.0.1 81"),
	       "1:1: error: virtual_server '192.0.2.1:0' has no port");
}

static void
what_no_client_could_ask_for(void **state)
{
	(void)state;
	expect(SVC("224.0.0.5", "80") SRV("10.0.0.1 80"),
	       "2:10: error: 224.0.0.5 is no service's address");
	expect("config virtual_server a\no virtual_server_group g\n" SRV("10.0.0.1 80")
	       "config virtual_server_group g\nl address '192.0.2.1'\n",
	       "1:1: error: virtual_server 'a' has no port");
	expect(SVC("192.0.2.1", "80") "o virtualhost 'a b'\nl real_server r\n"
	       "config real_server r\no ipaddr 10.0.0.1\no check HTTP_GET\n",
	       "4:15: error: virtualhost has white space in it");
}

static void
a_misspelt_section_is_one_complaint(void **state)
{
	(void)state;
	expect(SVC("192.0.2.1", "80") "l real_server a\nl real_server b\n"
	       "config real_sever a\no ipaddr 10.0.0.1\nconfig real_sever b\no ipaddr 10.0.0.2\n",
	       "6:8: error: unknown section type 'real_sever': did you mean 'real_server'?",
	       "8:8: error: unknown section type 'real_sever': did you mean 'real_server'?");
	expect(SVC("192.0.2.1", "80") "l real_server a\nconfig real_server a\no ipaddr 10.0.0.1\n"
	       "l check c\nl check d\nconfig chekc c\no check TCP_CHECK\n"
	       "config check d\no check HTTP_GET\nl url u\n",
	       "9:8: error: unknown section type 'chekc': did you mean 'check'?",
	       "13:7: error: there is no url 'u'");
}

static void
words_of_a_server_in_a_list(void **state)
{
	(void)state;
	good(SVC("192.0.2.1", "80") SRV("10.0.0.1 weight 7 TCP_CHECK 81"));
	assert_int_equal(conf.dest[0].weight, 7);
	assert_int_equal(conf.dest[0].port, 81);
	expect(SVC("192.0.2.1", "80") SRV("10.0.0.1 80 90"),
	       "4:28: error: '90' is unknown here: ADDRESS [PORT] [weight N] [CHECKER], each once");
	expect(SVC("192.0.2.1", "80") SRV("10.0.0.1 80 TCP_CHEK"),
	       "4:28: error: 'TCP_CHEK' is unknown here: did you mean 'TCP_CHECK'?");
	expect(SVC("192.0.2.1", "80") SRV("10.0.0.1 80 wieght 3"),
	       "4:28: error: 'wieght' is unknown here: did you mean 'weight'?");
	expect(SVC("192.0.2.1", "80") SRV("10.0.0.1 weight 3 weight 4"),
	       "4:34: error: 'weight' is unknown here: ADDRESS");
	expect(SVC("192.0.2.1", "80") SRV("10.0.0.1 weight"),
	       "4:15: error: weight needs a value");
	expect(SVC("192.0.2.1", "80") SRV("10.0.0.1 70000"),
	       "4:25: error: '70000' is out of range; port takes 0..65535");
	expect(SVC("192.0.2.1", "80") SRV("10.0.0.1 PING_CHECK TCP_CHECK"),
	       "4:36: error: 'TCP_CHECK' is unknown here: ADDRESS");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_no_client_could_ask_for),
		cmocka_unit_test(a_misspelt_section_is_one_complaint),
		cmocka_unit_test(words_of_a_server_in_a_list),
		cmocka_unit_test(services_without_names_differ_by_protocol_and_family),
		cmocka_unit_test(the_longest_address_is_a_whole_name),
		cmocka_unit_test(a_given_name_has_31_characters),
		cmocka_unit_test(one_script_may_check_any_number_of_servers),
		cmocka_unit_test(the_script_of_a_check_is_looked_at_wherever_it_stands),
		cmocka_unit_test(a_wrong_port_is_one_complaint),
	};

	return cmocka_run_group_tests_name("check_schema", tests, 0, 0);
}
