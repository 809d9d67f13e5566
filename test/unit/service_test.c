/* SPDX-License-Identifier: MIT */
/* service_test.c -- what is said of servers, and what the table then holds, in which order. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "service.h"

#define S	((int64_t)MONO_US_PER_S)
#define MOST	8

/* Servers a, b, c ... and the sorry server S; what is told is written down:
 * "a5" has weight 5, "a-" is gone, "a+" went up, "a!" went down, "Q+", "Q!", "P+", "P!". */
static struct check_conf all;
static struct timers timers;
static struct service s;
static struct service_dest dest[MOST + 1], other[MOST + 1];
static char told[256];
static struct mono now;

static char
name_of(const struct service_dest *d)
{
	return d == d->service->sorry ? 'S' : (char)('a' + (d - d->service->dests));
}

static void
tell(char who, const char *what)
{
	size_t n = strlen(told);

	snprintf(told + n, sizeof told - n, "%s%c%s", n ? " " : "", who, what);
}

static void
place(struct service_dest *d, struct mono at)
{
	char text[8] = "-";

	(void)at;
	if (d->place.there)
		snprintf(text, sizeof text, "%u", d->place.weight);
	else
		assert_int_equal(d->place.weight, 0);
	tell(name_of(d), text);
}

static void
went(struct service_dest *d, struct mono at)
{
	(void)at;
	tell(name_of(d), d->up ? "+" : "!");
}

static void
quorum(struct service *of, struct mono at)
{
	(void)at;
	tell('Q', of->quorum ? "+" : "!");
}

static void
panic(struct service *of, struct mono at)
{
	(void)at;
	tell('P', of->panic ? "+" : "!");
}

static const struct service_ops ops = { place, went, quorum, panic };

static void
assert_told(const char *want)
{
	assert_string_equal(told, want);
	told[0] = 0;
}

/* `n` servers of weight 1, quorum 1; the test changes `all` and calls begin(). */
static struct check_conf_service *
with(unsigned n, bool sorry)
{
	struct check_conf_service *c = &all.service[0];

	memset(&all, 0, sizeof all);
	memset(dest, 0, sizeof dest);
	memset(other, 0, sizeof other);
	memset(&timers, 0, sizeof timers);
	told[0] = 0;
	now.us = 1000 * S;
	c->dests.first = 3;
	c->dests.n = (uint16_t)n;
	c->sorry = sorry ? 3 + MOST + 1 : 0;
	c->quorum = 1;
	for (unsigned i = 0; i <= MOST; i++)
		all.dest[3 + i].weight = 1;
	return c;
}

static void
begin(void)
{
	service_init(&s, &all.service[0], &all, &ops, &timers, dest,
		     all.service[0].sorry ? &dest[MOST] : NULL, now);
	s.active = true;
	service_settle(&s, now);
}

static void
begin_quietly(void)
{
	begin();
	told[0] = 0;
}

static void
later(int64_t us)
{
	now = mono_add(now, us);
	timer_run(&timers, now);
}

static void
up(unsigned i)
{
	service_verdict(&dest[i], true, now);
}

static void
down(unsigned i)
{
	service_verdict(&dest[i], false, now);
}

static void
first_settle_tells_places_only(void **state)
{
	(void)state;
	with(3, true);
	all.dest[3 + 1].weight = 0;
	begin();
	assert_told("a1 b0 c1");
	assert_true(s.quorum);
	service_settle(&s, now);
	assert_told("");
}

static void
verdicts_before_the_first_settle_are_only_noted(void **state)
{
	(void)state;
	with(2, true)->slow_start_us = 10 * S;
	service_init(&s, &all.service[0], &all, &ops, &timers, dest, &dest[MOST], now);
	service_set_active(&s, true, now);
	down(0);
	down(1);
	up(1);
	service_set_admin(&dest[1], SERVICE_DRAIN, now);
	assert_told("");
	service_settle(&s, now);
	assert_told("b0 S1");
	assert_false(s.quorum);
	assert_int_equal(s.losses, 0);
	assert_int_equal(dest[0].downs, 0);
}

static void
alpha_of_a_dest_or_of_one_of_its_checks_starts_down(void **state)
{
	(void)state;
	with(3, false);
	all.dest[3].alpha = true;
	all.dest[4].checks = (struct check_conf_range){ 5, 2 };
	all.ref[6] = 9;
	all.check[9].alpha = true;
	begin();
	assert_told("c1");
	up(1);
	assert_told("b1 b+");
}

static void
failed_is_removed_and_comes_back(void **state)
{
	(void)state;
	with(2, false);
	begin_quietly();
	down(0);
	assert_told("a- a!");
	down(0);
	assert_told("");
	up(0);
	assert_told("a1 a+");
	assert_int_equal(dest[0].ups, 1);
	assert_int_equal(dest[0].downs, 1);
	assert_int_equal(dest[0].since.us, now.us);
}

static void
inhibit_keeps_the_failed_at_weight_0(void **state)
{
	(void)state;
	with(2, false);
	all.dest[3].inhibit = true;
	all.dest[4].inhibit = all.dest[4].alpha = true;
	begin();
	assert_told("a1 b0");
	down(0);
	assert_told("a0 a! Q!");
}

/* Weight 10 each of three, quorum 20, hysteresis 5: lost below 15, regained at 25. */
static void
quorum_is_lost_below_quorum_less_hysteresis_and_regained_above(void **state)
{
	struct check_conf_service *c = with(3, false);

	(void)state;
	c->quorum = 20;
	c->hysteresis = 5;
	for (unsigned i = 0; i < 3; i++)
		all.dest[3 + i].weight = 10;
	begin_quietly();
	down(0);
	assert_told("a- a!");
	service_set_weight(&dest[1], 5, now);	/* 15: held */
	assert_told("b5");
	service_set_weight(&dest[1], 4, now);	/* 14: lost */
	assert_told("b4 Q!");
	service_set_weight(&dest[1], 14, now);	/* 24: not yet */
	assert_told("b14");
	service_set_weight(&dest[1], 15, now);	/* 25: regained */
	assert_told("b15 Q+");
	assert_int_equal(s.losses, 1);
}

static void
quorum_is_lost_without_any_weight_whatever_the_hysteresis(void **state)
{
	struct check_conf_service *c = with(2, false);

	(void)state;
	c->quorum = 1;
	c->hysteresis = 5;
	begin_quietly();
	down(0);
	down(1);
	assert_told("a- a! b- b! Q!");
}

static void
sorry_server_comes_before_the_last_goes_and_goes_after_the_first_is_back(void **state)
{
	struct check_conf_service *c = with(3, true);

	(void)state;
	c->quorum = 2;
	begin_quietly();
	down(0);
	assert_told("a- a!");
	down(1);				/* c alone is no quorum: out, too */
	assert_told("S1 b- c- b! Q!");
	up(1);
	assert_told("b1 c1 S- b+ Q+");
}

static void
inhibited_sorry_server_is_there_with_weight_0(void **state)
{
	(void)state;
	with(1, true)->sorry_inhibit = true;
	begin();
	assert_told("a1 S0");
	down(0);
	assert_told("S1 a- a! Q!");
	up(0);
	assert_told("a1 S0 a+ Q+");
}

static void
sorry_server_that_cannot_stand_in_changes_nothing(void **state)
{
	(void)state;
	with(2, true)->quorum = 2;
	begin_quietly();
	service_verdict(&dest[MOST], false, now);
	assert_told("S!");
	down(0);
	assert_told("a- a! Q!");
	assert_true(dest[1].place.there);
	service_verdict(&dest[MOST], true, now);
	assert_told("S1 b- S+");
	service_set_admin(&dest[MOST], SERVICE_DOWN, now);
	assert_told("b1 S-");
}

static void
lost_quorum_takes_the_inhibited_to_0_and_leaves_the_drained(void **state)
{
	(void)state;
	with(4, true)->quorum = 2;
	all.dest[3].inhibit = true;
	begin_quietly();
	service_set_admin(&dest[1], SERVICE_DRAIN, now);
	down(2);
	assert_told("b0 c- c!");
	down(3);
	assert_told("S1 a0 d- d! Q!");
}

static void
weight_is_the_operators_else_the_checks_else_the_configured(void **state)
{
	(void)state;
	with(1, false);
	begin_quietly();
	service_asked(&dest[0], 7, now);
	assert_told("a7");
	service_set_weight(&dest[0], 9, now);
	assert_told("a9");
	service_asked(&dest[0], 8, now);
	assert_told("");
	service_set_weight(&dest[0], -1, now);
	assert_told("a8");
	service_asked(&dest[0], 70000, now);
	assert_told("a65535");
	service_asked(&dest[0], -1, now);
	assert_told("a1");
	service_asked(&dest[0], 0, now);
	assert_told("a0 Q!");
}

static void
drained_stays_at_weight_0_and_adds_nothing_to_quorum(void **state)
{
	(void)state;
	with(2, true);
	begin_quietly();
	service_set_admin(&dest[0], SERVICE_DRAIN, now);
	assert_told("a0");
	assert_int_equal(s.up_weight, 1);
	assert_int_equal(s.nup, 1);
	service_set_maintenance(&dest[1], true, now);
	assert_told("S1 b0 Q!");
	down(1);
	assert_told("b- b!");
	up(1);
	assert_told("b0 b+");
	service_set_maintenance(&dest[1], false, now);
	assert_told("b1 S- Q+");
	service_set_admin(&dest[0], SERVICE_READY, now);
	assert_told("a1");
}

static void
down_by_the_operator_is_as_failed(void **state)
{
	(void)state;
	with(2, false);
	all.dest[4].inhibit = true;
	begin_quietly();
	service_set_admin(&dest[0], SERVICE_DOWN, now);
	assert_told("a-");
	service_set_maintenance(&dest[0], true, now);
	assert_told("");
	service_set_admin(&dest[1], SERVICE_DOWN, now);
	assert_told("b0 Q!");
	down(0);
	assert_told("a!");
}

static void
panic_uses_all_but_those_the_operator_took(void **state)
{
	(void)state;
	with(5, false)->panic = 50;
	begin_quietly();
	service_set_admin(&dest[4], SERVICE_DOWN, now);
	down(0);
	down(1);				/* 2 of 4: not less than 50 % */
	assert_told("e- a- a! b- b!");
	assert_false(s.panic);
	down(2);				/* 1 of 4: all four */
	assert_told("a1 b1 c! P+");
	assert_true(s.panic);
	service_set_admin(&dest[0], SERVICE_DOWN, now);	/* 1 of 3 */
	assert_told("a-");
	service_set_admin(&dest[1], SERVICE_DRAIN, now);	/* 1 of 2 */
	assert_told("b- c- P!");
	assert_false(s.panic);
}

static void
sorry_server_goes_before_panic(void **state)
{
	(void)state;
	with(2, true)->panic = 90;
	begin_quietly();
	down(0);
	assert_told("a! P+");
	assert_true(s.panic);
	down(1);
	assert_told("S1 a- b- b! Q! P!");
	assert_false(s.panic);
}

static void
slow_start_climbs_from_1_to_the_whole(void **state)
{
	unsigned before, changes = 0;

	(void)state;
	with(2, false)->slow_start_us = 100 * S;
	all.dest[3].weight = 201;
	begin();
	assert_told("a201 b1");			/* not at the first settle */
	down(0);
	up(0);
	assert_told("a- a! a1 a+");
	assert_int_equal(s.up_weight, 202);	/* quorum counts the whole */
	before = dest[0].place.weight;
	for (unsigned i = 0; i < 99; i++) {
		later(S);
		assert_true(dest[0].place.weight >= before);
		changes += dest[0].place.weight != before;
		before = dest[0].place.weight;
	}
	assert_int_equal(changes, SERVICE_STEPS - 1);
	assert_int_equal(dest[0].place.weight, 191);
	later(S);
	assert_int_equal(dest[0].place.weight, 201);
	assert_int_equal(timers.armed, 0);
	assert_true(mono_is_never(dest[0].slow_begun));
}

static void
slow_start_ends_with_the_server_and_begins_anew(void **state)
{
	(void)state;
	with(2, false)->slow_start_us = 20 * S;
	all.dest[3].weight = 21;
	begin_quietly();
	service_set_admin(&dest[0], SERVICE_DRAIN, now);
	service_set_admin(&dest[0], SERVICE_READY, now);
	later(5 * S);
	assert_int_equal(dest[0].place.weight, 6);
	down(0);
	assert_int_equal(timers.armed, 0);
	later(5 * S);
	up(0);
	assert_int_equal(dest[0].place.weight, 1);
	service_set_weight(&dest[0], 0, now);
	assert_true(dest[0].place.there);
	assert_int_equal(dest[0].place.weight, 0);
	service_end(&s);
	assert_int_equal(timers.armed, 0);
}

static void
used_in_panic_it_does_not_start_slowly_when_it_is_up(void **state)
{
	struct check_conf_service *c = with(2, false);

	(void)state;
	c->panic = 90;
	c->slow_start_us = 20 * S;
	all.dest[3].weight = 21;
	begin_quietly();
	down(0);
	up(0);
	assert_told("a! P+ a+ P!");
}

static void
not_active_nothing_is_there(void **state)
{
	(void)state;
	with(2, true)->sorry_inhibit = true;
	all.dest[3].inhibit = true;
	begin();
	assert_told("a1 b1 S0");
	service_set_active(&s, false, now);
	assert_told("a- b- S-");
	down(0);
	down(1);
	assert_told("a! b! Q!");
	service_set_active(&s, true, now);
	assert_told("a0 S1");
}

static void
another_configuration_keeps_what_was_and_adds_before_it_takes(void **state)
{
	struct check_conf_service *c = with(2, true);

	(void)state;
	begin_quietly();
	down(0);
	service_set_weight(&dest[1], 4, now);
	assert_told("a- a! b4");
	other[0] = dest[1];
	other[1] = dest[0];
	other[MOST] = dest[MOST];
	c->dests.n = 3;
	c->quorum = 6;
	service_conf(&s, c, &all, other, &other[MOST], now);
	service_settle(&s, now);
	assert_told("S1 a- Q!");	/* 4 and 1 are not 6: the new one stays out as well */
	service_verdict(&other[1], true, now);
	assert_told("a4 b1 c1 S- b+ Q+");
	assert_ptr_equal(other[1].conf, &all.dest[4]);
}

static void
a_server_that_a_reload_brings_starts_slowly(void **state)
{
	struct check_conf_service *c = with(1, false);

	(void)state;
	begin_quietly();
	memcpy(other, dest, sizeof other);
	c->dests.n = 2;
	c->slow_start_us = 20 * S;
	all.dest[4].weight = 41;
	service_conf(&s, c, &all, other, NULL, now);
	service_settle(&s, now);
	assert_told("b1");
	c->slow_start_us = 0;
	later(S);
	service_conf(&s, c, &all, other, NULL, now);
	service_settle(&s, now);
	assert_int_equal(other[1].place.weight, 41);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(first_settle_tells_places_only),
		cmocka_unit_test(verdicts_before_the_first_settle_are_only_noted),
		cmocka_unit_test(alpha_of_a_dest_or_of_one_of_its_checks_starts_down),
		cmocka_unit_test(failed_is_removed_and_comes_back),
		cmocka_unit_test(inhibit_keeps_the_failed_at_weight_0),
		cmocka_unit_test(quorum_is_lost_below_quorum_less_hysteresis_and_regained_above),
		cmocka_unit_test(quorum_is_lost_without_any_weight_whatever_the_hysteresis),
		cmocka_unit_test(sorry_server_comes_before_the_last_goes_and_goes_after_the_first_is_back),
		cmocka_unit_test(inhibited_sorry_server_is_there_with_weight_0),
		cmocka_unit_test(sorry_server_that_cannot_stand_in_changes_nothing),
		cmocka_unit_test(lost_quorum_takes_the_inhibited_to_0_and_leaves_the_drained),
		cmocka_unit_test(weight_is_the_operators_else_the_checks_else_the_configured),
		cmocka_unit_test(drained_stays_at_weight_0_and_adds_nothing_to_quorum),
		cmocka_unit_test(down_by_the_operator_is_as_failed),
		cmocka_unit_test(panic_uses_all_but_those_the_operator_took),
		cmocka_unit_test(sorry_server_goes_before_panic),
		cmocka_unit_test(slow_start_climbs_from_1_to_the_whole),
		cmocka_unit_test(slow_start_ends_with_the_server_and_begins_anew),
		cmocka_unit_test(used_in_panic_it_does_not_start_slowly_when_it_is_up),
		cmocka_unit_test(not_active_nothing_is_there),
		cmocka_unit_test(another_configuration_keeps_what_was_and_adds_before_it_takes),
		cmocka_unit_test(a_server_that_a_reload_brings_starts_slowly),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
