/* SPDX-License-Identifier: MIT */
/* mail_schema_test.c -- the mail options of section globals, as the compiler reads them. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <sys/socket.h>
#include <unistd.h>

#include "compile_text.h"
#include "tls_fixtures.h"

static const struct schema_section none[] = { { .type = NULL } };
static const struct schema other = { .name = "other", .sections = none };
static char part[8];
static const struct mail_conf *const m = &core.mail;

#define G	"config globals g\no enabled 0\no router_id left\n"

static void
compile(const char *text)
{
	compile_bytes(text, strlen(text), &other, part, sizeof part);
}

static void
complains(const char *text, const char *want)
{
	compile(text);
	if (nsaid != 1 || strncmp(said[0], want, strlen(want)) != 0)
		fail_msg("%u: %s\nwant: %s", nsaid, nsaid ? said[0] : "", want);
	if (strstr(want, "error"))
		assert_true(result.errors > 0);
	(void)check_said;
}

static const char *
at(uint32_t offset)
{
	return (const char *)m->text + offset;
}

static void
the_least_that_sends_mail(void **state)
{
	(void)state;
	compile(G "o smtp_server 192.0.2.25\nl notification_email root@example\n");
	assert_int_equal(nsaid, 0);
	assert_true(m->wanted);
	assert_int_equal(m->port, 25);
	assert_int_equal(m->tls_mode, MAIL_CONF_CLEAR);
	assert_true(m->timeout_us == 30 * (int64_t)1000000);
	assert_string_equal(at(m->helo), "left");
	assert_string_equal(at(m->from), "upkeep@left");
	assert_string_equal(at(m->user), "");
	assert_int_equal(m->to.n, sizeof "root@example");
	assert_memory_equal(at(m->to.at), "root@example", m->to.n);
}

static void
nothing_of_it_is_no_mail(void **state)
{
	(void)state;
	compile(G);
	assert_int_equal(nsaid, 0);
	assert_false(m->wanted);
	complains(G "o smtp_server 192.0.2.25\n",
		  "4:15: warning: no mail is sent without notification_email");
	complains(G "l notification_email a@b\n",
		  "4:22: warning: no mail is sent without smtp_server");
}

static void
a_server_is_an_address_with_or_without_a_port(void **state)
{
	static const struct { const char *text; uint8_t family, last; uint16_t port; } row[] = {
		{ "192.0.2.25", AF_INET, 25, 25 }, { "192.0.2.25:26", AF_INET, 25, 26 },
		{ "'192.0.2.25 587'", AF_INET, 25, 587 }, { "2001:db8::25", AF_INET6, 0x25, 25 },
		{ "[2001:db8::25]", AF_INET6, 0x25, 25 },
		{ "[2001:db8::25]:587", AF_INET6, 0x25, 587 },
		{ "'2001:db8::25 587'", AF_INET6, 0x25, 587 },
	};
	static const char *const bad[] = {
		"192.0.2.25:", "192.0.2.25:0", "192.0.2.25:65536", "192.0.2.25:x",
		"192.0.2", "[2001:db8::25", "[2001:db8::25]587", "[]", ":25", "192.0.2.25:25:25",
	};
	char text[256];

	(void)state;
	for (unsigned i = 0; i < sizeof row / sizeof row[0]; i++) {
		snprintf(text, sizeof text, G "l notification_email a@b\no smtp_server %s\n",
			 row[i].text);
		compile(text);
		assert_int_equal(nsaid, 0);
		assert_int_equal(m->server.family, row[i].family);
		assert_int_equal(m->server.a[row[i].family == AF_INET ? 3 : 15], row[i].last);
		assert_int_equal(m->port, row[i].port);
	}
	for (unsigned i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		snprintf(text, sizeof text, G "l notification_email a@b\no smtp_server %s\n",
			 bad[i]);
		compile(text);
		if (nsaid != 1 || !strstr(said[0], "is no address"))
			fail_msg("%s: %u %s", bad[i], nsaid, said[0]);
	}
}

/* keepalived looks it up: its file must not be refused for that. */
static void
a_servers_name_is_a_warning_and_no_mail(void **state)
{
	(void)state;
	complains(G "l notification_email a@b\no smtp_server 'mail.example 25'\n",
		  "5:15: warning: 'mail.example 25' is a name, and names are not looked up");
	assert_int_equal(result.errors, 0);
	assert_false(m->wanted);
}

static void
an_address_that_could_end_a_command_is_refused(void **state)
{
	static const char *const bad[] = { "root", "@b", "a@", "'a b@c'", "a@b>", "<a@b>",
					   "a\xc3\xa4@b" };
	char text[256];

	(void)state;
	for (unsigned i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		snprintf(text, sizeof text, G "o smtp_server 192.0.2.1\nl notification_email x@y\n"
			 "l notification_email %s\n", bad[i]);
		complains(text, "6:");
		assert_non_null(strstr(said[0], "is no mail address"));
	}
	complains(G "o smtp_server 192.0.2.1\nl notification_email a@b\n"
		  "o notification_email_from 'a@b\tc'\n", "6:");
	complains("config globals g\no enabled 0\no smtp_server 192.0.2.1\n"
		  "l notification_email a@b\no router_id 'a b'\n",
		  "1:1: error: 'a b' is no host name: give smtp_helo_name");
}

static void
several_recipients_stand_behind_each_other(void **state)
{
	(void)state;
	compile(G "o smtp_server 192.0.2.25\nl notification_email a@b\nl notification_email c@d\n");
	assert_int_equal(nsaid, 0);
	assert_int_equal(m->to.n, 8);
	assert_memory_equal(at(m->to.at), "a@b\0c@d", 8);
}

static void
tls_needs_somebody_to_trust(void **state)
{
	char path[] = "/tmp/mail_schema.XXXXXX", text[512];
	const int fd = mkstemp(path);

	(void)state;
	assert_int_equal(dprintf(fd, "%s", FIXTURE_CA), strlen(FIXTURE_CA));
	complains(G "o smtp_server 192.0.2.1\nl notification_email a@b\no smtp_tls starttls\n",
		  "6:12: error: nothing to verify the mail server by");
	snprintf(text, sizeof text, G "o smtp_server 192.0.2.1\nl notification_email a@b\n"
		 "o smtp_tls tls\no smtp_ca %s\n", path);
	compile(text);
	assert_int_equal(nsaid, 0);
	assert_int_equal(m->port, 465);
	assert_int_equal(m->tls.verify, TLS_CONF_CHAIN);
	assert_true(m->tls.name_is_address);
	assert_string_equal(at(m->tls.name.at), "192.0.2.1");
	assert_true(m->tls.anchors.n > 100);
	compile(G "o smtp_server 192.0.2.1\nl notification_email a@b\no smtp_tls starttls\n"
		"o smtp_tls_name mail.example\no smtp_tls_pin " FIXTURE_PIN "\n");
	assert_int_equal(nsaid, 0);
	assert_int_equal(m->tls.verify, TLS_CONF_PIN);
	assert_false(m->tls.name_is_address);
	complains(G "o smtp_server 192.0.2.1\nl notification_email a@b\no smtp_tls tls\n"
		  "o smtp_ca /nowhere\n", "7:11: error: /nowhere can't be read");
	complains(G "o smtp_server 192.0.2.1\nl notification_email a@b\no smtp_tls tls\n"
		  "o smtp_tls_pin sha256//x\n", "7:16: error: a pin is");
	close(fd);
	unlink(path);
}

static void
a_password_needs_tls(void **state)
{
	(void)state;
	complains(G "o smtp_server 192.0.2.1\nl notification_email a@b\no smtp_user me\n",
		  "6:13: error: a password is only sent under TLS");
	compile(G "o smtp_server 192.0.2.1\nl notification_email a@b\no smtp_user me\n"
		"o smtp_password secret\no smtp_tls tls\no smtp_tls_verify 0\n");
	assert_int_equal(nsaid, 0);
	assert_string_equal(at(m->user), "me");
	assert_string_equal(at(m->password), "secret");
	assert_int_equal(m->tls.verify, TLS_CONF_NONE);
}

static void
what_does_not_fit_names_its_symbol(void **state)
{
	static char text[65536];
	size_t n = (size_t)snprintf(text, sizeof text, G "o smtp_server 192.0.2.1\n");

	(void)state;
	for (unsigned i = 0; i < CONFIG_MAIL_TEXT / 100; i++)
		n += (size_t)snprintf(text + n, sizeof text - n,
				      "l notification_email '%0120u@example'\n", i);
	compile(text);
	assert_true(result.errors > 0);
	assert_non_null(strstr(said[0], "CONFIG_MAIL_TEXT"));
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_least_that_sends_mail),
		cmocka_unit_test(nothing_of_it_is_no_mail),
		cmocka_unit_test(a_server_is_an_address_with_or_without_a_port),
		cmocka_unit_test(a_servers_name_is_a_warning_and_no_mail),
		cmocka_unit_test(an_address_that_could_end_a_command_is_refused),
		cmocka_unit_test(several_recipients_stand_behind_each_other),
		cmocka_unit_test(tls_needs_somebody_to_trust),
		cmocka_unit_test(a_password_needs_tls),
		cmocka_unit_test(what_does_not_fit_names_its_symbol),
	};

	return cmocka_run_group_tests_name("mail_schema", tests, 0, 0);
}
