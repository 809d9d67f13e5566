/* SPDX-License-Identifier: MIT */
/* fsm_test.c -- every cell of the state table against a second expectation.
 *
 * The lines below were written from RFC 9568 6.4 and the rules of the house, as
 * text, and know nothing of how fsm.c is put together.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "fsm.h"

struct cell {
	const char *state, *event, *actions, *next;
};

static const struct cell reaction[] = {
	/* 6.4.1 Initialize */
	{ "INIT", "STARTUP", "PREEMPT_RESET RESET_INTERVAL ARM_DOWN", "BACKUP" },
	{ "INIT", "STARTUP_OWNER",
	  "STOP_TIMERS SEND_ADV ADDRESSES_ADD ANNOUNCE ARM_ADV PREEMPT_RESET", "MASTER" },
	{ "INIT", "FAULT_LINK", "", "FAULT" },
	{ "INIT", "FAULT_TRACK", "", "FAULT" },
	{ "INIT", "ADOPT", "SEND_ADV ADDRESSES_ADD ARM_ADV PREEMPT_RESET", "MASTER" },
	/* 6.4.2 Backup */
	{ "BACKUP", "SHUTDOWN", "STOP_TIMERS", "INIT" },
	{ "BACKUP", "DOWN_TIMER",
	  "STOP_TIMERS SEND_ADV ADDRESSES_ADD ANNOUNCE ARM_ADV PREEMPT_RESET", "MASTER" },
	{ "BACKUP", "ADV_ZERO", "ARM_SKEW", "BACKUP" },
	{ "BACKUP", "ADV_BETTER", "DELAY_STOP LEARN_INTERVAL ARM_DOWN", "BACKUP" },
	{ "BACKUP", "ADV_EQUAL", "DELAY_STOP LEARN_INTERVAL ARM_DOWN", "BACKUP" },
	{ "BACKUP", "ADV_LOWER_KEEP", "LEARN_INTERVAL ARM_DOWN", "BACKUP" },
	{ "BACKUP", "ADV_LOWER_FIRST", "DELAY_START LEARN_INTERVAL ARM_DOWN", "BACKUP" },
	{ "BACKUP", "ADV_LOWER_WAIT", "LEARN_INTERVAL ARM_DOWN", "BACKUP" },
	{ "BACKUP", "PREEMPT_DELAY", "DELAY_PASSED", "BACKUP" },
	{ "BACKUP", "FAULT_LINK", "STOP_TIMERS", "FAULT" },
	{ "BACKUP", "FAULT_TRACK", "STOP_TIMERS", "FAULT" },
	{ "BACKUP", "PRIORITY", "SHIFT_DOWN", "BACKUP" },
	{ "BACKUP", "CONTENT", "SHIFT_DOWN", "BACKUP" },
	{ "BACKUP", "TAKE_OVER",
	  "STOP_TIMERS SEND_ADV ADDRESSES_ADD ANNOUNCE ARM_ADV PREEMPT_RESET", "MASTER" },
	{ "BACKUP", "SYNC_MASTER",
	  "STOP_TIMERS SEND_ADV ADDRESSES_ADD ANNOUNCE ARM_ADV PREEMPT_RESET", "MASTER" },
	/* 6.4.3 Active */
	{ "MASTER", "SHUTDOWN",
	  "STOP_TIMERS SEND_ADV_ZERO ANNOUNCE_STOP ADDRESSES_DEL", "INIT" },
	{ "MASTER", "ADV_TIMER", "SEND_ADV NEXT_ADV", "MASTER" },
	{ "MASTER", "ADV_ZERO", "ANSWER_ARM", "MASTER" },
	{ "MASTER", "ADV_BETTER",
	  "STOP_TIMERS ANNOUNCE_STOP ADDRESSES_DEL LEARN_INTERVAL ARM_DOWN", "BACKUP" },
	{ "MASTER", "ADV_EQUAL", "ANSWER REANNOUNCE", "MASTER" },
	{ "MASTER", "ADV_LOWER", "ANSWER REANNOUNCE", "MASTER" },
	{ "MASTER", "ADV_LOWER_KEEP", "ANSWER REANNOUNCE", "MASTER" },
	{ "MASTER", "ADV_LOWER_FIRST", "ANSWER REANNOUNCE", "MASTER" },
	{ "MASTER", "ADV_LOWER_WAIT", "ANSWER REANNOUNCE", "MASTER" },
	{ "MASTER", "FAULT_LINK", "STOP_TIMERS ANNOUNCE_STOP ADDRESSES_DEL", "FAULT" },
	{ "MASTER", "FAULT_TRACK",
	  "STOP_TIMERS SEND_ADV_ZERO ANNOUNCE_STOP ADDRESSES_DEL", "FAULT" },
	{ "MASTER", "CONTENT", "SEND_ADV ARM_ADV", "MASTER" },
	{ "MASTER", "GIVE_WAY",
	  "STOP_TIMERS SEND_ADV_ZERO ANNOUNCE_STOP ADDRESSES_DEL RESET_INTERVAL "
	  "PREEMPT_HOLD ARM_DOWN", "BACKUP" },
	{ "MASTER", "SYNC_BACKUP",
	  "STOP_TIMERS SEND_ADV_ZERO ANNOUNCE_STOP ADDRESSES_DEL RESET_INTERVAL "
	  "ARM_DOWN", "BACKUP" },
	/* local: out of service */
	{ "FAULT", "STARTUP", "PREEMPT_RESET RESET_INTERVAL ARM_DOWN", "BACKUP" },
	{ "FAULT", "STARTUP_OWNER",
	  "STOP_TIMERS SEND_ADV ADDRESSES_ADD ANNOUNCE ARM_ADV PREEMPT_RESET", "MASTER" },
	{ "FAULT", "SHUTDOWN", "", "INIT" },
};

/* The cells that must do nothing, by name as well. */
static const struct { const char *state, *events; } silence[] = {
	{ "INIT", "SHUTDOWN DOWN_TIMER ADV_TIMER ADV_ZERO ADV_BETTER ADV_EQUAL ADV_LOWER "
		  "ADV_LOWER_KEEP ADV_LOWER_FIRST ADV_LOWER_WAIT PREEMPT_DELAY PRIORITY "
		  "CONTENT GIVE_WAY TAKE_OVER SYNC_BACKUP SYNC_MASTER" },
	{ "BACKUP", "STARTUP STARTUP_OWNER ADV_TIMER ADV_LOWER ADOPT GIVE_WAY SYNC_BACKUP" },
	{ "MASTER", "STARTUP STARTUP_OWNER DOWN_TIMER PREEMPT_DELAY PRIORITY ADOPT TAKE_OVER "
		    "SYNC_MASTER" },
	{ "FAULT", "DOWN_TIMER ADV_TIMER ADV_ZERO ADV_BETTER ADV_EQUAL ADV_LOWER "
		   "ADV_LOWER_KEEP ADV_LOWER_FIRST ADV_LOWER_WAIT PREEMPT_DELAY FAULT_LINK "
		   "FAULT_TRACK PRIORITY CONTENT ADOPT GIVE_WAY TAKE_OVER SYNC_BACKUP "
		   "SYNC_MASTER" },
};

static const char *
actions_of(const struct fsm_row *row)
{
	static char text[200];

	text[0] = '\0';
	for (unsigned i = 0; i < row->nact; i++) {
		if (i > 0)
			strcat(text, " ");
		strcat(text, fsm_action_name[row->act[i]]);
	}
	return text;
}

/* Is `word` one of the words of `text`? */
static bool
has_word(const char *text, const char *word)
{
	const size_t n = strlen(word);

	for (const char *p = text; (p = strstr(p, word)); p += n)
		if ((p == text || p[-1] == ' ') && (p[n] == ' ' || p[n] == '\0'))
			return true;
	return false;
}

static const struct cell *
find_reaction(const char *state, const char *event)
{
	for (size_t i = 0; i < PORT_ARRAY_SIZE(reaction); i++)
		if (strcmp(reaction[i].state, state) == 0 &&
		    strcmp(reaction[i].event, event) == 0)
			return &reaction[i];
	return NULL;
}

static bool
is_silent(const char *state, const char *event)
{
	for (size_t i = 0; i < PORT_ARRAY_SIZE(silence); i++)
		if (strcmp(silence[i].state, state) == 0)
			return has_word(silence[i].events, event);
	return false;
}

static void
every_cell_is_what_was_written_down(void **state)
{
	unsigned reactions = 0, cells = 0;

	(void)state;
	for (unsigned s = 0; s < FSM_STATE__N; s++)
		for (unsigned e = 0; e < FSM_EV__N; e++) {
			const struct fsm_row *row = &fsm_table[s][e];
			const char *sn = fsm_state_name[s], *en = fsm_event_name[e];
			const struct cell *want = find_reaction(sn, en);

			cells++;
			if (!want) {
				if (!is_silent(sn, en))
					fail_msg("%s %s is in no list", sn, en);
				assert_true(row->ignored);
				assert_int_equal(row->nact, 0);
				assert_int_equal(row->next, s);
				continue;
			}
			reactions++;
			assert_false(is_silent(sn, en));
			assert_false(row->ignored);
			if (strcmp(actions_of(row), want->actions) != 0)
				fail_msg("%s %s: %s, not %s", sn, en,
					 actions_of(row), want->actions);
			assert_string_equal(fsm_state_name[row->next], want->next);
		}
	assert_int_equal(cells, 4 * 22);
	assert_int_equal(reactions, PORT_ARRAY_SIZE(reaction));
}

static void
every_cell_names_its_clause(void **state)
{
	(void)state;
	for (unsigned s = 0; s < FSM_STATE__N; s++)
		for (unsigned e = 0; e < FSM_EV__N; e++) {
			const char *rfc = fsm_table[s][e].rfc;

			assert_non_null(rfc);
			if (strncmp(rfc, "local ", 6) == 0)
				continue;
			/* FAULT is Initialize in the RFC's words. */
			const char section = s == FSM_BACKUP ? '2' :
					     s == FSM_MASTER ? '3' : '1';
			assert_memory_equal(rfc, "6.4.", 4);
			assert_int_equal(rfc[4], section);
			assert_int_equal(rfc[5], ' ');
		}
}

static void
states_have_the_numbers_users_know(void **state)
{
	(void)state;
	assert_int_equal(FSM_INIT, 0);
	assert_int_equal(FSM_BACKUP, 1);
	assert_int_equal(FSM_MASTER, 2);
	assert_int_equal(FSM_FAULT, 3);
	assert_string_equal(fsm_state_name[2], "MASTER");
}

/* Position of an action in a row, or -1. */
static int
at(const struct fsm_row *row, enum fsm_action act)
{
	for (int i = 0; i < row->nact; i++)
		if (row->act[i] == act)
			return i;
	return -1;
}

static void
nothing_is_done_twice_in_a_row(void **state)
{
	(void)state;
	for (unsigned s = 0; s < FSM_STATE__N; s++)
		for (unsigned e = 0; e < FSM_EV__N; e++) {
			const struct fsm_row *row = &fsm_table[s][e];

			assert_true(row->nact <= FSM_ACTIONS_MAX);
			for (unsigned i = 0; i < row->nact; i++)
				assert_int_equal(at(row, row->act[i]), i);
		}
}

/* What must hold of any row that changes state, whichever it is. */
static void
addresses_follow_the_state(void **state)
{
	(void)state;
	for (unsigned s = 0; s < FSM_STATE__N; s++)
		for (unsigned e = 0; e < FSM_EV__N; e++) {
			const struct fsm_row *row = &fsm_table[s][e];
			const bool enters = s != FSM_MASTER && row->next == FSM_MASTER;
			const bool leaves = s == FSM_MASTER && row->next != FSM_MASTER;

			assert_int_equal(at(row, FSM_ACT_ADDRESSES_ADD) >= 0, enters);
			assert_int_equal(at(row, FSM_ACT_ADDRESSES_DEL) >= 0, leaves);
			if (enters) {
				assert_true(at(row, FSM_ACT_SEND_ADV) >= 0);
				assert_true(at(row, FSM_ACT_SEND_ADV) <
					    at(row, FSM_ACT_ADDRESSES_ADD));
				assert_true(at(row, FSM_ACT_ARM_ADV) >= 0);
				assert_true(e == FSM_EV_ADOPT ||
					    at(row, FSM_ACT_ADDRESSES_ADD) <
					    at(row, FSM_ACT_ANNOUNCE));
			}
			if (leaves) {
				assert_int_equal(at(row, FSM_ACT_STOP_TIMERS), 0);
				assert_true(at(row, FSM_ACT_ANNOUNCE_STOP) >= 0);
				assert_true(at(row, FSM_ACT_SEND_ADV_ZERO) <
					    at(row, FSM_ACT_ADDRESSES_DEL));
			}
			if (s != FSM_BACKUP && row->next == FSM_BACKUP)
				assert_int_equal(at(row, FSM_ACT_ARM_DOWN), row->nact - 1);
			if (row->next == FSM_INIT || row->next == FSM_FAULT) {
				assert_true(at(row, FSM_ACT_ARM_ADV) < 0);
				assert_true(at(row, FSM_ACT_ARM_DOWN) < 0);
				assert_true(at(row, FSM_ACT_ARM_SKEW) < 0);
			}
		}
}

static void
a_losing_advert_never_touches_the_advert_timer(void **state)
{
	static const enum fsm_event losing[] = {
		FSM_EV_ADV_EQUAL, FSM_EV_ADV_LOWER, FSM_EV_ADV_LOWER_KEEP,
		FSM_EV_ADV_LOWER_FIRST, FSM_EV_ADV_LOWER_WAIT,
	};

	(void)state;
	for (size_t i = 0; i < PORT_ARRAY_SIZE(losing); i++) {
		const struct fsm_row *row = &fsm_table[FSM_MASTER][losing[i]];

		assert_int_equal(row->next, FSM_MASTER);
		assert_true(at(row, FSM_ACT_ARM_ADV) < 0);
		assert_true(at(row, FSM_ACT_NEXT_ADV) < 0);
		assert_true(at(row, FSM_ACT_STOP_TIMERS) < 0);
		assert_true(at(row, FSM_ACT_ANSWER) == 0);
	}
}

static struct net_addr
ip(const char *text)
{
	struct net_addr a;

	assert_true(net_addr_parse(&a, text, strlen(text)));
	return a;
}

static enum fsm_event
classify(uint8_t own_prio, const char *own, enum fsm_preempt preempt, uint8_t prio,
	 const char *sender)
{
	const struct net_addr a = ip(own), b = ip(sender);

	return fsm_classify(own_prio, &a, preempt, prio, &b);
}

static void
priority_decides_before_the_address(void **state)
{
	(void)state;
	for (unsigned p = 0; p < FSM_PREEMPT__N; p++) {
		assert_int_equal(classify(100, "10.0.0.9", p, 101, "10.0.0.1"),
				 FSM_EV_ADV_BETTER);
		assert_int_equal(classify(100, "10.0.0.9", p, 0, "10.0.0.1"),
				 FSM_EV_ADV_ZERO);
		assert_int_equal(classify(255, "10.0.0.9", p, 0, "10.0.0.10"),
				 FSM_EV_ADV_ZERO);
	}
}

static void
a_tie_goes_to_the_greater_unsigned_address(void **state)
{
	static const struct { const char *own, *sender; enum fsm_event event; } t[] = {
		{ "10.0.0.1",	 "200.0.0.1",	 FSM_EV_ADV_BETTER },
		{ "200.0.0.1",	 "10.0.0.1",	 FSM_EV_ADV_EQUAL },
		{ "127.255.255.255", "128.0.0.0", FSM_EV_ADV_BETTER },
		{ "192.0.2.10",	 "192.0.2.9",	 FSM_EV_ADV_EQUAL },
		{ "192.0.2.10",	 "192.0.2.11",	 FSM_EV_ADV_BETTER },
		{ "192.0.2.255", "192.0.3.0",	 FSM_EV_ADV_BETTER },
		{ "192.0.2.10",	 "192.0.2.10",	 FSM_EV_ADV_EQUAL },
		{ "fe80::1",	 "fe80::2",	 FSM_EV_ADV_BETTER },
		{ "fe80::2",	 "fe80::1",	 FSM_EV_ADV_EQUAL },
		{ "fe80::7fff:ffff:ffff:ffff", "fe80::8000:0:0:0", FSM_EV_ADV_BETTER },
		{ "fe80::ff",	 "fe80::100",	 FSM_EV_ADV_BETTER },
		{ "fe80::1:0:0:0", "fe80::ffff:ffff", FSM_EV_ADV_EQUAL },
	};

	(void)state;
	for (size_t i = 0; i < PORT_ARRAY_SIZE(t); i++)
		for (unsigned p = 0; p < FSM_PREEMPT__N; p++)
			for (unsigned prio = 1; prio <= 255; prio += 127)
				assert_int_equal(classify((uint8_t)prio, t[i].own, p,
						 (uint8_t)prio, t[i].sender), t[i].event);
}

static void
a_lower_priority_means_what_preempt_says(void **state)
{
	(void)state;
	assert_int_equal(classify(100, "10.0.0.1", FSM_PREEMPT_ON, 99, "10.0.0.2"),
			 FSM_EV_ADV_LOWER);
	assert_int_equal(classify(100, "10.0.0.1", FSM_PREEMPT_OFF, 99, "10.0.0.2"),
			 FSM_EV_ADV_LOWER_KEEP);
	assert_int_equal(classify(100, "10.0.0.1", FSM_PREEMPT_DELAY, 99, "10.0.0.2"),
			 FSM_EV_ADV_LOWER_FIRST);
	assert_int_equal(classify(100, "10.0.0.1", FSM_PREEMPT_DELAYING, 1, "10.0.0.2"),
			 FSM_EV_ADV_LOWER_WAIT);
}

static void
the_owner_preempts_whatever_is_configured(void **state)
{
	(void)state;
	for (unsigned p = 0; p < FSM_PREEMPT__N; p++)
		assert_int_equal(classify(255, "10.0.0.1", p, 254, "10.0.0.2"),
				 FSM_EV_ADV_LOWER);
}

/* Every pair of priorities lands in the class that arithmetic says. */
static void
every_pair_of_priorities_is_classified(void **state)
{
	const struct net_addr own = ip("192.0.2.5"), other = ip("192.0.2.6");

	(void)state;
	for (unsigned own_prio = 1; own_prio <= 255; own_prio++)
		for (unsigned prio = 0; prio <= 255; prio++) {
			const enum fsm_event want =
				prio == 0 ? FSM_EV_ADV_ZERO :
				prio < own_prio ? FSM_EV_ADV_LOWER : FSM_EV_ADV_BETTER;

			assert_int_equal(fsm_classify((uint8_t)own_prio, &own,
					 FSM_PREEMPT_ON, (uint8_t)prio, &other), want);
		}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_cell_is_what_was_written_down),
		cmocka_unit_test(every_cell_names_its_clause),
		cmocka_unit_test(states_have_the_numbers_users_know),
		cmocka_unit_test(nothing_is_done_twice_in_a_row),
		cmocka_unit_test(addresses_follow_the_state),
		cmocka_unit_test(a_losing_advert_never_touches_the_advert_timer),
		cmocka_unit_test(priority_decides_before_the_address),
		cmocka_unit_test(a_tie_goes_to_the_greater_unsigned_address),
		cmocka_unit_test(a_lower_priority_means_what_preempt_says),
		cmocka_unit_test(the_owner_preempts_whatever_is_configured),
		cmocka_unit_test(every_pair_of_priorities_is_classified),
	};

	return cmocka_run_group_tests_name("fsm", tests, 0, 0);
}
