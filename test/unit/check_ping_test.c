/* SPDX-License-Identifier: MIT */
/* check_ping_test.c -- so many echo requests that are answered in time. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "checker_run.h"

extern const struct checker check_ping;

#define MS	1000
#define BYTES	16

static struct checker_run_test t;
static uint8_t asked[CHECK_CONF_PINGS + 1][8 + 64];	/* requests, by number */

static int
setup(void **state)
{
	(void)state;
	checker_run_init(&t, &check_ping);
	t.check.u.ping = (struct check_conf_ping){
		.count = 5, .need = 3, .gap_us = 200 * MS, .bytes = BYTES };
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	checker_run_end(&t);
	return 0;
}

/* A request has just been said: keeps it, after a look at it. */
static void
keep(unsigned number)
{
	const size_t n = 8u + t.check.u.ping.bytes;
	const bool ip6 = t.check.addr.family == 10;

	assert_int_equal(t.sent, n);
	assert_int_equal(t.tx[0], ip6 ? 128 : 8);
	assert_int_equal(t.tx[1], 0);
	assert_int_equal(net_get16(t.tx + 4), 0x5678);
	assert_int_equal(net_get16(t.tx + 6), number);
	if (ip6)
		assert_int_equal(net_get16(t.tx + 2), 0);
	else
		assert_int_equal(net_sum_fold(net_sum_add(0, t.tx, n)), 0);
	memcpy(asked[number], t.tx, n);
}

static void
begin(void)
{
	assert_int_equal(checker_run_open(&t), CHECKER_MORE);
	keep(0);
}

static enum checker_step
reply(unsigned number, int64_t at_us)
{
	uint8_t p[sizeof asked[0]];

	memcpy(p, asked[number], sizeof p);
	p[0] = t.check.addr.family == 10 ? 129 : 0;
	t.run.elapsed_us = at_us;
	return checker_run_input(&t, p, 8u + t.check.u.ping.bytes);
}

static void
next(unsigned number)
{
	assert_int_equal(checker_run_tick(&t), CHECKER_MORE);
	keep(number);
}

static void
enough_replies_are_a_pass(void **state)
{
	(void)state;
	begin();
	assert_int_equal(reply(0, 10 * MS), CHECKER_MORE);
	next(1);
	assert_int_equal(t.run.elapsed_us, 200 * MS);
	assert_int_equal(reply(1, 212 * MS), CHECKER_MORE);
	next(2);
	assert_int_equal(t.run.elapsed_us, 400 * MS);
	assert_int_equal(reply(2, 415 * MS), CHECKER_UP);
	assert_string_equal(t.run.detail, "3 of 3 replies, 12.3 ms");
}

static void
loss_is_borne_until_too_many_are_lost(void **state)
{
	(void)state;
	begin();
	for (unsigned i = 1; i < 5; i++)
		next(i);
	assert_int_equal(reply(4, 801 * MS), CHECKER_MORE);
	assert_int_equal(reply(1, 802 * MS), CHECKER_MORE);
	assert_int_equal(reply(3, 803 * MS), CHECKER_UP);
	begin();
	for (unsigned i = 1; i < 5; i++)
		next(i);
	assert_int_equal(reply(4, 801 * MS), CHECKER_MORE);
	assert_int_equal(reply(1, 802 * MS), CHECKER_MORE);
	assert_int_equal(checker_run_tick(&t), CHECKER_DOWN);
	assert_true(t.run.elapsed_us < t.check.timeout_us);
	assert_true(t.run.elapsed_us > t.check.timeout_us - 10 * MS);
	assert_int_equal(t.run.reason, CHECKER_LOSS);
	assert_string_equal(t.run.detail, "2 of 5 replies");
}

static void
what_comes_back_is_down_at_once_when_too_few_are_left(void **state)
{
	(void)state;
	for (t.check.addr.family = 2; t.check.addr.family <= 10; t.check.addr.family += 8) {
		/* 28 bytes of the packet that was lost are all that RFC 792 asks for. */
		for (size_t n = 8; n <= 8 + BYTES; n++) {
			t.check.u.ping.count = t.check.u.ping.need = 1;
			begin();
			assert_int_equal(checker_run_lost(&t, "no host", asked[0], n),
					 CHECKER_DOWN);
			assert_int_equal(t.run.reason, CHECKER_UNREACHABLE);
			assert_string_equal(t.run.detail, "0 of 1 replies, no host");
		}
		t.check.u.ping.count = 5;
		t.check.u.ping.need = 4;
		begin();
		assert_int_equal(checker_run_lost(&t, "no host", asked[0], 8), CHECKER_MORE);
		assert_int_equal(t.run.wake_us, 200 * MS);
		assert_int_equal(checker_run_lost(&t, "no host", asked[0], 8), CHECKER_MORE);
		assert_int_equal(reply(0, MS), CHECKER_MORE);
		next(1);
		assert_int_equal(reply(1, 201 * MS), CHECKER_MORE);
		assert_int_equal(checker_run_lost(&t, "no host", asked[1], 8), CHECKER_MORE);
		next(2);
		assert_int_equal(checker_run_lost(&t, "no net", asked[2], 8), CHECKER_DOWN);
		assert_string_equal(t.run.detail, "1 of 3 replies, no net");
	}
}

static void
what_comes_back_is_a_lost_request(void **state)
{
	(void)state;
	t.check.u.ping.count = 3;
	t.check.u.ping.need = 2;
	begin();
	assert_int_equal(checker_run_lost(&t, "no host", asked[0], 8 + BYTES), CHECKER_MORE);
	next(1);
	next(2);
	assert_int_equal(reply(1, 401 * MS), CHECKER_MORE);
	assert_int_equal(reply(2, 402 * MS), CHECKER_UP);
	begin();
	assert_int_equal(checker_run_lost(&t, "no host", asked[0], 8 + BYTES), CHECKER_MORE);
	next(1);
	next(2);
	assert_int_equal(checker_run_tick(&t), CHECKER_DOWN);
	assert_int_equal(t.run.reason, CHECKER_UNREACHABLE);
	assert_string_equal(t.run.detail, "0 of 3 replies, no host");
}

static void
a_foreign_request_that_comes_back_changes_nothing(void **state)
{
	uint8_t p[8 + BYTES];

	(void)state;
	t.check.u.ping.count = t.check.u.ping.need = 1;
	begin();
	for (size_t bit = 0; bit < 8 * sizeof p; bit++) {
		if (bit / 8 == 2 || bit / 8 == 3)
			continue;
		/* With a payload the ident does not count, as in a reply. */
		for (size_t n = bit / 8 == 4 || bit / 8 == 5 ? 8 : bit / 8 + 1;
		     n <= (bit / 8 < 8 ? 8 : sizeof p); n++) {
			memcpy(p, asked[0], sizeof p);
			p[bit / 8] = (uint8_t)(p[bit / 8] ^ 1u << bit % 8);
			assert_int_equal(checker_run_lost(&t, "x", p, n < 8 ? 7 : n), CHECKER_MORE);
		}
	}
	assert_int_equal(checker_run_lost(&t, "x", asked[0], 8), CHECKER_DOWN);
}

static void
one_reply_counts_once(void **state)
{
	(void)state;
	begin();
	for (unsigned i = 0; i < 10; i++)
		assert_int_equal(reply(0, 10 * MS), CHECKER_MORE);
	assert_int_equal(t.run.wake_us, 200 * MS);
}

static void
slow_replies_are_down(void **state)
{
	(void)state;
	t.check.u.ping.latency_us = 20 * MS;
	t.check.u.ping.need = t.check.u.ping.count = 2;
	begin();
	assert_int_equal(reply(0, 10 * MS), CHECKER_MORE);
	next(1);
	assert_int_equal(reply(1, 231 * MS), CHECKER_DOWN);
	assert_int_equal(t.run.reason, CHECKER_LATENCY);
	assert_string_equal(t.run.detail, "2 of 2 replies, 20.5 ms");
	begin();
	assert_int_equal(reply(0, 10 * MS), CHECKER_MORE);
	next(1);
	assert_int_equal(reply(1, 230 * MS), CHECKER_UP);
}

static void
foreign_messages_change_nothing(void **state)
{
	uint8_t p[8 + BYTES];

	(void)state;
	t.check.u.ping.need = 1;
	begin();
	/* Each bit but those of the checksum, which the kernel has looked at, and of the ident. */
	for (size_t bit = 0; bit < 8 * sizeof p; bit++) {
		if (bit / 8 >= 2 && bit / 8 < 6)
			continue;
		memcpy(p, asked[0], sizeof p);
		p[0] = 0;
		p[bit / 8] = (uint8_t)(p[bit / 8] ^ 1u << bit % 8);
		assert_int_equal(checker_run_input(&t, p, sizeof p), CHECKER_MORE);
		assert_int_equal(t.sent, 0);
		assert_int_equal(t.run.wake_us, 200 * MS);
	}
	for (size_t n = 0; n < sizeof p; n++)
		assert_int_equal(checker_run_input(&t, asked[0], n), CHECKER_MORE);
	/* Our own request, as loopback shows it. */
	assert_int_equal(checker_run_input(&t, asked[0], sizeof p), CHECKER_MORE);
	assert_int_equal(reply(0, 10 * MS), CHECKER_UP);
}

/* Its payload can be foretold by whoever has seen one. */
static void
reply_before_its_request_changes_nothing(void **state)
{
	(void)state;
	t.check.u.ping.need = 1;
	for (unsigned number = 1; number < 300; number += 13) {
		begin();
		memcpy(asked[1], asked[0], sizeof asked[1]);
		net_put16(asked[1] + 6, (uint16_t)number);
		for (size_t i = 8; i < 8 + BYTES; i += 8)
			net_put32(asked[1] + i + 4, number);
		assert_int_equal(reply(1, MS), CHECKER_MORE);
	}
}

/* A ping socket writes its own; the payload tells. */
static void
ident_counts_only_without_payload(void **state)
{
	(void)state;
	t.check.u.ping.need = 1;
	begin();
	asked[0][4] ^= 1;
	assert_int_equal(reply(0, MS), CHECKER_UP);
	t.check.u.ping.bytes = 7;
	begin();
	asked[0][4] ^= 1;
	assert_int_equal(reply(0, MS), CHECKER_MORE);
	asked[0][4] ^= 1;
	assert_int_equal(reply(0, MS), CHECKER_UP);
	t.check.u.ping.bytes = 0;
	begin();
	assert_int_equal(reply(0, MS), CHECKER_UP);
}

static void
icmp6_has_other_types_and_no_checksum_of_ours(void **state)
{
	(void)state;
	t.check.u.ping.need = 1;
	t.check.addr.family = 10;		/* AF_INET6 */
	begin();
	asked[0][2] ^= 1;
	assert_int_equal(checker_run_input(&t, asked[0], 8 + BYTES), CHECKER_MORE);
	assert_int_equal(reply(0, MS), CHECKER_UP);
}

static void
odd_numbers_are_made_fit(void **state)
{
	(void)state;
	t.check.u.ping.count = t.check.u.ping.need = 0;
	begin();
	assert_int_equal(reply(0, MS), CHECKER_UP);
	t.check.u.ping.count = t.check.u.ping.need = 1000;
	t.check.u.ping.gap_us = 0;
	begin();
	for (unsigned i = 1; i < CHECK_CONF_PINGS; i++)
		next(i);
	for (unsigned i = 0; i < CHECK_CONF_PINGS - 1; i++)
		assert_int_equal(reply(i, 50 * MS), CHECKER_MORE);
	assert_int_equal(reply(CHECK_CONF_PINGS - 1, 50 * MS), CHECKER_UP);
	t.check.u.ping.bytes = CONFIG_CHECK_SEND - 7;
	t.may_be_bad = true;
	assert_int_equal(checker_run_open(&t), CHECKER_DOWN);
	assert_int_equal(t.run.reason, CHECKER_LOCAL);
}

/* Requests that no longer fit before the deadline are not sent. */
static void
gaps_longer_than_the_time_end_in_loss(void **state)
{
	(void)state;
	t.check.u.ping.gap_us = 3000 * MS;
	begin();
	next(1);
	assert_int_equal(checker_run_tick(&t), CHECKER_DOWN);
	assert_string_equal(t.run.detail, "0 of 2 replies");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f)	cmocka_unit_test_setup_teardown(f, setup, teardown)
		T(enough_replies_are_a_pass),
		T(loss_is_borne_until_too_many_are_lost),
		T(what_comes_back_is_down_at_once_when_too_few_are_left),
		T(what_comes_back_is_a_lost_request),
		T(a_foreign_request_that_comes_back_changes_nothing),
		T(one_reply_counts_once),
		T(slow_replies_are_down),
		T(foreign_messages_change_nothing),
		T(reply_before_its_request_changes_nothing),
		T(ident_counts_only_without_payload),
		T(icmp6_has_other_types_and_no_checksum_of_ours),
		T(odd_numbers_are_made_fit),
		T(gaps_longer_than_the_time_end_in_loss),
	};

	return cmocka_run_group_tests_name("check_ping", tests, NULL, NULL);
}
