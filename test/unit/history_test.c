/* SPDX-License-Identifier: MIT */
/* history_test.c -- the flight recorder keeps the newest and says why. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>
#include <sys/socket.h>

#include "history.h"

static struct history h;

static struct history_record
record(enum fsm_event ev)
{
	return (struct history_record){
		.peer = { .family = AF_INET, .a = { 10, 0, 0, 2 } },
		.silent_us = 3413600, .from = FSM_BACKUP, .to = FSM_MASTER,
		.event = ev, .peer_prio = 150, .prio = 100,
	};
}

static void
oldest_makes_room(void **state)
{
	(void)state;
	h = (struct history){ 0 };
	assert_null(history_at(&h, 0));
	for (unsigned i = 0; i < 2 * CONFIG_VRRP_RECORDS + 3; i++) {
		struct history_record r = record(FSM_EV_DOWN_TIMER);

		r.at.us = i;
		history_add(&h, &r);
		assert_int_equal(history_at(&h, 0)->at.us, i);
		assert_int_equal(history_at(&h, 0)->seq, i + 1);
	}
	assert_int_equal(history_at(&h, CONFIG_VRRP_RECORDS - 1)->at.us,
			 CONFIG_VRRP_RECORDS + 3);
	assert_null(history_at(&h, CONFIG_VRRP_RECORDS));
}

static void
why(struct history_record r, const char *expected)
{
	char text[HISTORY_TEXT];

	history_why(&r, text);
	assert_string_equal(text, expected);
}

static void
silence_names_whom_and_how_long(void **state)
{
	(void)state;
	struct history_record r = record(FSM_EV_DOWN_TIMER);

	why(r, "no advert from 10.0.0.2 (priority 150) for 3.414 s");
	r.preempted = true;
	why(r, "we preempt 10.0.0.2 (priority 150), ours is 100");
	r.peer_prio = 0;
	why(r, "10.0.0.2 left");
	r.peer.family = 0;
	why(r, "nobody else is heard");
}

static void
packets_name_their_sender(void **state)
{
	(void)state;
	why(record(FSM_EV_ADV_BETTER),
	    "advert from 10.0.0.2 (priority 150), ours is 100");
	why(record(FSM_EV_ADV_LOWER), "we preempt 10.0.0.2 (priority 150)");
}

static void
faults_name_the_interface(void **state)
{
	(void)state;
	struct history_record r = record(FSM_EV_FAULT_LINK);

	strcpy(r.detail, "eth0");
	why(r, "interface eth0 is down, gone or without address");
	r.fault = HISTORY_SOURCE;
	why(r, "interface eth0 has not the configured source address");
}

static void
every_event_has_a_sentence_that_fits(void **state)
{
	(void)state;
	for (unsigned ev = 0; ev < FSM_EV__N; ev++) {
		char text[HISTORY_TEXT];
		struct history_record r = record(ev);

		r.peer = (struct net_addr){ .family = AF_INET6 };
		memset(r.peer.a, 0xaa, sizeof r.peer.a);
		strcpy(r.detail, "fifteen-letters");
		history_why(&r, text);
		assert_true(strlen(text) > 5);
		assert_true(strlen(text) < HISTORY_TEXT - 1);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(oldest_makes_room),
		cmocka_unit_test(silence_names_whom_and_how_long),
		cmocka_unit_test(packets_name_their_sender),
		cmocka_unit_test(faults_name_the_interface),
		cmocka_unit_test(every_event_has_a_sentence_that_fits),
	};

	return cmocka_run_group_tests_name("history", tests, NULL, NULL);
}
