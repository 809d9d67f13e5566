/* SPDX-License-Identifier: MIT */
/* check_kept_test.c -- what an earlier life knew of checks and servers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "check_kept.h"

#define N	(CONFIG_CHECK_SERVERS < 20 ? CONFIG_CHECK_SERVERS : 20)

static struct check_kept content;

static const char *
name(unsigned i)
{
	static char text[CONF_NAME];

	(void)snprintf(text, sizeof text, "server%u", i);
	return text;
}

/* As the last life left it: N servers, `i` with the weight 100 + i. */
static int
another_life(void **state)
{
	(void)state;
	memset(&content, 0, sizeof content);
	check_kept_open(&content);
	for (unsigned i = 0; i < N; i++)
		check_kept_server(i, name(i), 0, (int32_t)(100 + i));
	check_kept_open(&content);
	return 0;
}

static void
assert_found(unsigned i)
{
	struct check_kept_server out;

	assert_true(check_kept_find_server(name(i), &out));
	assert_int_equal(out.set, 100 + i);
}

static void
each_is_found_in_any_order(void **state)
{
	(void)state;
	for (unsigned i = 0; i < N; i++)
		assert_found(i);
	for (unsigned i = N; i-- > 0; )
		assert_found(i);
	assert_found(N / 2);
	assert_found(N / 2);
}

static void
who_was_not_there_is_not_found(void **state)
{
	struct check_kept_server out;
	struct check_kept_probe probe;
	struct check_kept_service service;

	(void)state;
	assert_false(check_kept_find_server("other", &out));
	assert_false(check_kept_find_server("", &out));
	assert_false(check_kept_find_probe(0, &probe));
	assert_false(check_kept_find_service("svc", &service));
	assert_false(check_kept_sync_master(""));
	assert_false(check_kept_any_virtual());
	assert_found(0);
}

/* Killed between two stores: that one is lost, those behind it are not. */
static void
a_record_half_written_hides_no_other(void **state)
{
	struct check_kept_server out;

	(void)state;
	content.server[1].sum = 0;
	content.server[3].set++;
	check_kept_open(&content);
	for (unsigned i = 0; i < N; i++)
		if (i == 1 || i == 3)
			assert_false(check_kept_find_server(name(i), &out));
		else
			assert_found(i);
}

static void
damaged_records_are_counted_half_written_ones_not(void **state)
{
	const struct check_conf_virtual v = { .port = 80, .fwmark = 7 };
	const struct net_addr none = { .family = 0 };

	(void)state;
	for (unsigned i = 0; i < 3; i++)
		check_kept_virtual(i, &v);
	check_kept_service(1, "svc", true, true);
	check_kept_open(&content);
	assert_int_equal(check_kept_damaged(), 0);
	content.server[1].sum = 0;
	content.server[3].set++;
	content.virtual[0].sum = 0;
	content.virtual[1].port++;
	content.service[1].name[0] = 'S';
	check_kept_open(&content);
	assert_int_equal(check_kept_damaged(), 3);
	/* And none hides another. */
	assert_true(check_kept_find_virtual(&none, 0, 0, 7));
}

static void
what_a_smaller_image_leaves_is_forgotten(void **state)
{
	struct check_conf *const conf = test_calloc(1, sizeof *conf);
	struct check_kept_server out;

	(void)state;
	conf->nservers = 2;
	check_kept_trim(conf);
	test_free(conf);
	check_kept_open(&content);
	assert_found(1);
	assert_false(check_kept_find_server(name(2), &out));
}

static void
a_service_and_its_address_are_known_again(void **state)
{
	struct check_conf_virtual v = { .port = 80, .protocol = 6 };
	struct check_kept_service service;

	(void)state;
	assert_true(net_addr_parse(&v.addr, "192.0.2.1", 9));
	check_kept_service(0, "svc", true, false);
	check_kept_service(1, "other", false, true);
	check_kept_virtual(0, &v);
	check_kept_open(&content);
	assert_true(check_kept_find_service("svc", &service));
	assert_true(service.master && !service.quorum);
	assert_true(check_kept_find_service("other", &service));
	assert_true(!service.master && service.quorum);
	assert_true(check_kept_any_virtual());
	assert_true(check_kept_find_virtual(&v.addr, 6, 80, 0));
	assert_false(check_kept_find_virtual(&v.addr, 17, 80, 0));
	content.virtual[0].sum ^= 1;
	assert_false(check_kept_find_virtual(&v.addr, 6, 80, 0));
}

static void
the_sync_daemons_instance_is_known_again(void **state)
{
	(void)state;
	check_kept_sync("lan", true);
	check_kept_open(&content);
	assert_true(check_kept_sync_master("lan"));
	assert_false(check_kept_sync_master("wan"));
	content.sync.quorum = 1;
	assert_false(check_kept_sync_master("lan"));
	check_kept_sync("lan", false);
	assert_false(check_kept_sync_master("lan"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(each_is_found_in_any_order, another_life),
		cmocka_unit_test_setup(who_was_not_there_is_not_found, another_life),
		cmocka_unit_test_setup(a_record_half_written_hides_no_other, another_life),
		cmocka_unit_test_setup(damaged_records_are_counted_half_written_ones_not,
				       another_life),
		cmocka_unit_test_setup(what_a_smaller_image_leaves_is_forgotten, another_life),
		cmocka_unit_test_setup(a_service_and_its_address_are_known_again, another_life),
		cmocka_unit_test_setup(the_sync_daemons_instance_is_known_again, another_life),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
