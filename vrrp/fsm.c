/* SPDX-License-Identifier: MIT */
/* fsm.c -- the VRRP state machine as a table.
 *
 * Hold RFC 9568 6.4 beside it: the rows of each state stand in the order of its
 * section, those that no RFC knows after them.
 */
#include "fsm.h"

const char *const fsm_state_name[FSM_STATE__N] = {
#define X(name, number) [FSM_##name] = #name,
	FSM_STATES(X)
#undef X
};

const char *const fsm_event_name[FSM_EV__N] = {
#define X(name, sentence) [FSM_EV_##name] = #name,
	FSM_EVENTS(X)
#undef X
};

const char *const fsm_event_sentence[FSM_EV__N] = {
#define X(name, sentence) [FSM_EV_##name] = sentence,
	FSM_EVENTS(X)
#undef X
};

const char *const fsm_action_name[FSM_ACT__N] = {
#define X(name, sentence) [FSM_ACT_##name] = #name,
	FSM_ACTIONS(X)
#undef X
};

/* The length of the list comes from the list. */
#define COUNT(...)	(sizeof((const uint8_t[]){ __VA_ARGS__ }))
#define DO(...)		.nact = COUNT(__VA_ARGS__), .act = { __VA_ARGS__ }
#define GO(state)	.next = FSM_##state
#define IGNORE(why, state) { .rfc = why, .next = FSM_##state, .ignored = true }

/* Short names for the rows. */
#define SEND_ADV	FSM_ACT_SEND_ADV
#define SEND_ADV_ZERO	FSM_ACT_SEND_ADV_ZERO
#define ANSWER		FSM_ACT_ANSWER
#define ANSWER_ARM	FSM_ACT_ANSWER_ARM
#define ADDRESSES_ADD	FSM_ACT_ADDRESSES_ADD
#define ADDRESSES_DEL	FSM_ACT_ADDRESSES_DEL
#define ANNOUNCE	FSM_ACT_ANNOUNCE
#define REANNOUNCE	FSM_ACT_REANNOUNCE
#define ANNOUNCE_STOP	FSM_ACT_ANNOUNCE_STOP
#define ARM_ADV		FSM_ACT_ARM_ADV
#define NEXT_ADV	FSM_ACT_NEXT_ADV
#define ARM_DOWN	FSM_ACT_ARM_DOWN
#define ARM_SKEW	FSM_ACT_ARM_SKEW
#define SHIFT_DOWN	FSM_ACT_SHIFT_DOWN
#define STOP_TIMERS	FSM_ACT_STOP_TIMERS
#define LEARN_INTERVAL	FSM_ACT_LEARN_INTERVAL
#define RESET_INTERVAL	FSM_ACT_RESET_INTERVAL
#define DELAY_START	FSM_ACT_DELAY_START
#define DELAY_PASSED	FSM_ACT_DELAY_PASSED
#define DELAY_STOP	FSM_ACT_DELAY_STOP
#define PREEMPT_HOLD	FSM_ACT_PREEMPT_HOLD
#define PREEMPT_RESET	FSM_ACT_PREEMPT_RESET

/* To become MASTER, however it comes about: the advert goes first, because it
 * silences the other routers; the addresses must be on before they are
 * announced. */
#define BECOME_MASTER	STOP_TIMERS, SEND_ADV, ADDRESSES_ADD, ANNOUNCE, ARM_ADV, \
			PREEMPT_RESET

/* To stop being MASTER of one's own will: priority 0 goes before the addresses
 * do, so that the next router is on its way while we clean up. */
#define LEAVE_MASTER	STOP_TIMERS, SEND_ADV_ZERO, ANNOUNCE_STOP, ADDRESSES_DEL

const struct fsm_row fsm_table[FSM_STATE__N][FSM_EV__N] = {
[FSM_INIT] = {
	[FSM_EV_STARTUP] = { .rfc = "6.4.1 startup",
		DO(PREEMPT_RESET, RESET_INTERVAL, ARM_DOWN), GO(BACKUP) },
	[FSM_EV_STARTUP_OWNER] = { .rfc = "6.4.1 startup, priority 255",
		DO(BECOME_MASTER), GO(MASTER) },
	[FSM_EV_SHUTDOWN] =	   IGNORE("6.4.1 nothing runs", INIT),
	[FSM_EV_DOWN_TIMER] =	   IGNORE("6.4.1 no timer runs", INIT),
	[FSM_EV_ADV_TIMER] =	   IGNORE("6.4.1 no timer runs", INIT),
	[FSM_EV_ADV_ZERO] =	   IGNORE("6.4.1 waits for startup", INIT),
	[FSM_EV_ADV_BETTER] =	   IGNORE("6.4.1 waits for startup", INIT),
	[FSM_EV_ADV_EQUAL] =	   IGNORE("6.4.1 waits for startup", INIT),
	[FSM_EV_ADV_LOWER] =	   IGNORE("6.4.1 waits for startup", INIT),
	[FSM_EV_ADV_LOWER_KEEP] =  IGNORE("6.4.1 waits for startup", INIT),
	[FSM_EV_ADV_LOWER_FIRST] = IGNORE("6.4.1 waits for startup", INIT),
	[FSM_EV_ADV_LOWER_WAIT] =  IGNORE("6.4.1 waits for startup", INIT),
	[FSM_EV_PREEMPT_DELAY] =   IGNORE("local no timer runs", INIT),
	[FSM_EV_FAULT_LINK] = { .rfc = "local cannot start", GO(FAULT) },
	[FSM_EV_FAULT_TRACK] = { .rfc = "local cannot start", GO(FAULT) },
	[FSM_EV_PRIORITY] =	   IGNORE("local startup looks at it", INIT),
	[FSM_EV_CONTENT] =	   IGNORE("local startup looks at it", INIT),
	[FSM_EV_ADOPT] = { .rfc = "local taken up after a restart",
		DO(SEND_ADV, ADDRESSES_ADD, ARM_ADV, PREEMPT_RESET), GO(MASTER) },
	[FSM_EV_GIVE_WAY] =	   IGNORE("local only a MASTER can", INIT),
	[FSM_EV_TAKE_OVER] =	   IGNORE("local only a BACKUP can", INIT),
	[FSM_EV_SYNC_BACKUP] =	   IGNORE("local not MASTER", INIT),
	[FSM_EV_SYNC_MASTER] =	   IGNORE("local only a BACKUP can", INIT),
},
[FSM_BACKUP] = {
	[FSM_EV_STARTUP] =	   IGNORE("6.4.2 has started", BACKUP),
	[FSM_EV_STARTUP_OWNER] =   IGNORE("6.4.2 has started", BACKUP),
	[FSM_EV_SHUTDOWN] = { .rfc = "6.4.2 shutdown", DO(STOP_TIMERS), GO(INIT) },
	[FSM_EV_DOWN_TIMER] = { .rfc = "6.4.2 down timer", DO(BECOME_MASTER), GO(MASTER) },
	[FSM_EV_ADV_TIMER] =	   IGNORE("6.4.2 not armed here", BACKUP),
	[FSM_EV_ADV_ZERO] = { .rfc = "6.4.2 priority 0", DO(ARM_SKEW), GO(BACKUP) },
	[FSM_EV_ADV_BETTER] = { .rfc = "6.4.2 priority >= local",
		DO(DELAY_STOP, LEARN_INTERVAL, ARM_DOWN), GO(BACKUP) },
	[FSM_EV_ADV_EQUAL] = { .rfc = "6.4.2 priority >= local",
		DO(DELAY_STOP, LEARN_INTERVAL, ARM_DOWN), GO(BACKUP) },
	[FSM_EV_ADV_LOWER] =	   IGNORE("6.4.2 else discard", BACKUP),
	[FSM_EV_ADV_LOWER_KEEP] = { .rfc = "6.4.2 no preempt mode",
		DO(LEARN_INTERVAL, ARM_DOWN), GO(BACKUP) },
	[FSM_EV_ADV_LOWER_FIRST] = { .rfc = "local preempt delay begins",
		DO(DELAY_START, LEARN_INTERVAL, ARM_DOWN), GO(BACKUP) },
	[FSM_EV_ADV_LOWER_WAIT] = { .rfc = "local preempt delay runs",
		DO(LEARN_INTERVAL, ARM_DOWN), GO(BACKUP) },
	[FSM_EV_PREEMPT_DELAY] = { .rfc = "local preempt delay has passed",
		DO(DELAY_PASSED), GO(BACKUP) },
	[FSM_EV_FAULT_LINK] = { .rfc = "local fault", DO(STOP_TIMERS), GO(FAULT) },
	[FSM_EV_FAULT_TRACK] = { .rfc = "local fault", DO(STOP_TIMERS), GO(FAULT) },
	[FSM_EV_PRIORITY] = { .rfc = "local another skew", DO(SHIFT_DOWN), GO(BACKUP) },
	[FSM_EV_CONTENT] = { .rfc = "local another interval", DO(SHIFT_DOWN), GO(BACKUP) },
	[FSM_EV_ADOPT] =	   IGNORE("local has started", BACKUP),
	[FSM_EV_GIVE_WAY] =	   IGNORE("local only a MASTER can", BACKUP),
	[FSM_EV_TAKE_OVER] = { .rfc = "local taken over", DO(BECOME_MASTER), GO(MASTER) },
	[FSM_EV_SYNC_BACKUP] =	   IGNORE("local is BACKUP", BACKUP),
	[FSM_EV_SYNC_MASTER] = { .rfc = "local with its group", DO(BECOME_MASTER), GO(MASTER) },
},
[FSM_MASTER] = {
	[FSM_EV_STARTUP] =	   IGNORE("6.4.3 has started", MASTER),
	[FSM_EV_STARTUP_OWNER] =   IGNORE("6.4.3 has started", MASTER),
	[FSM_EV_SHUTDOWN] = { .rfc = "6.4.3 shutdown", DO(LEAVE_MASTER), GO(INIT) },
	[FSM_EV_DOWN_TIMER] =	   IGNORE("6.4.3 not armed here", MASTER),
	[FSM_EV_ADV_TIMER] = { .rfc = "6.4.3 advert timer",
		DO(SEND_ADV, NEXT_ADV), GO(MASTER) },
	[FSM_EV_ADV_ZERO] = { .rfc = "6.4.3 priority 0",
		DO(ANSWER_ARM), GO(MASTER) },
	[FSM_EV_ADV_BETTER] = { .rfc = "6.4.3 priority > local, or equal and address >",
		DO(STOP_TIMERS, ANNOUNCE_STOP, ADDRESSES_DEL, LEARN_INTERVAL, ARM_DOWN),
		GO(BACKUP) },
	[FSM_EV_ADV_EQUAL] = { .rfc = "6.4.3 else discard, and an advert at once",
		DO(ANSWER, REANNOUNCE), GO(MASTER) },
	[FSM_EV_ADV_LOWER] = { .rfc = "6.4.3 else discard, and an advert at once",
		DO(ANSWER, REANNOUNCE), GO(MASTER) },
	[FSM_EV_ADV_LOWER_KEEP] = { .rfc = "6.4.3 else discard, and an advert at once",
		DO(ANSWER, REANNOUNCE), GO(MASTER) },
	[FSM_EV_ADV_LOWER_FIRST] = { .rfc = "6.4.3 else discard, and an advert at once",
		DO(ANSWER, REANNOUNCE), GO(MASTER) },
	[FSM_EV_ADV_LOWER_WAIT] = { .rfc = "6.4.3 else discard, and an advert at once",
		DO(ANSWER, REANNOUNCE), GO(MASTER) },
	[FSM_EV_PREEMPT_DELAY] =   IGNORE("local not armed here", MASTER),
	[FSM_EV_FAULT_LINK] = { .rfc = "local fault, mute",
		DO(STOP_TIMERS, ANNOUNCE_STOP, ADDRESSES_DEL), GO(FAULT) },
	[FSM_EV_FAULT_TRACK] = { .rfc = "local fault, priority 0 first",
		DO(LEAVE_MASTER), GO(FAULT) },
	[FSM_EV_PRIORITY] =	   IGNORE("local the next advert says it", MASTER),
	[FSM_EV_CONTENT] = { .rfc = "local said at once, the interval may be shorter",
		DO(SEND_ADV, ARM_ADV), GO(MASTER) },
	[FSM_EV_ADOPT] =	   IGNORE("local has started", MASTER),
	[FSM_EV_GIVE_WAY] = { .rfc = "local given way",
		DO(LEAVE_MASTER, RESET_INTERVAL, PREEMPT_HOLD, ARM_DOWN), GO(BACKUP) },
	[FSM_EV_TAKE_OVER] =	   IGNORE("local is MASTER", MASTER),
	[FSM_EV_SYNC_BACKUP] = { .rfc = "local with its group",
		DO(LEAVE_MASTER, RESET_INTERVAL, ARM_DOWN), GO(BACKUP) },
	[FSM_EV_SYNC_MASTER] =	   IGNORE("local is MASTER", MASTER),
},
[FSM_FAULT] = {
	[FSM_EV_STARTUP] = { .rfc = "6.4.1 startup",
		DO(PREEMPT_RESET, RESET_INTERVAL, ARM_DOWN), GO(BACKUP) },
	[FSM_EV_STARTUP_OWNER] = { .rfc = "6.4.1 startup, priority 255",
		DO(BECOME_MASTER), GO(MASTER) },
	[FSM_EV_SHUTDOWN] = { .rfc = "local nothing runs", GO(INIT) },
	[FSM_EV_DOWN_TIMER] =	   IGNORE("local no timer runs", FAULT),
	[FSM_EV_ADV_TIMER] =	   IGNORE("local no timer runs", FAULT),
	[FSM_EV_ADV_ZERO] =	   IGNORE("local waits for recovery", FAULT),
	[FSM_EV_ADV_BETTER] =	   IGNORE("local waits for recovery", FAULT),
	[FSM_EV_ADV_EQUAL] =	   IGNORE("local waits for recovery", FAULT),
	[FSM_EV_ADV_LOWER] =	   IGNORE("local waits for recovery", FAULT),
	[FSM_EV_ADV_LOWER_KEEP] =  IGNORE("local waits for recovery", FAULT),
	[FSM_EV_ADV_LOWER_FIRST] = IGNORE("local waits for recovery", FAULT),
	[FSM_EV_ADV_LOWER_WAIT] =  IGNORE("local waits for recovery", FAULT),
	[FSM_EV_PREEMPT_DELAY] =   IGNORE("local no timer runs", FAULT),
	[FSM_EV_FAULT_LINK] =	   IGNORE("local is in FAULT", FAULT),
	[FSM_EV_FAULT_TRACK] =	   IGNORE("local is in FAULT", FAULT),
	[FSM_EV_PRIORITY] =	   IGNORE("local recovery looks at it", FAULT),
	[FSM_EV_CONTENT] =	   IGNORE("local recovery looks at it", FAULT),
	[FSM_EV_ADOPT] =	   IGNORE("local cannot be MASTER", FAULT),
	[FSM_EV_GIVE_WAY] =	   IGNORE("local only a MASTER can", FAULT),
	[FSM_EV_TAKE_OVER] =	   IGNORE("local only a BACKUP can", FAULT),
	[FSM_EV_SYNC_BACKUP] =	   IGNORE("local not MASTER", FAULT),
	[FSM_EV_SYNC_MASTER] =	   IGNORE("local only a BACKUP can", FAULT),
},
};

enum fsm_event
fsm_classify(uint8_t own_prio, const struct net_addr *own, enum fsm_preempt preempt,
	     uint8_t prio, const struct net_addr *sender)
{
	static const uint8_t lower[FSM_PREEMPT__N] = {
		[FSM_PREEMPT_OFF] = FSM_EV_ADV_LOWER_KEEP,
		[FSM_PREEMPT_ON] = FSM_EV_ADV_LOWER,
		[FSM_PREEMPT_DELAY] = FSM_EV_ADV_LOWER_FIRST,
		[FSM_PREEMPT_DELAYING] = FSM_EV_ADV_LOWER_WAIT,
	};

	if (prio == 0)
		return FSM_EV_ADV_ZERO;
	if (prio > own_prio)
		return FSM_EV_ADV_BETTER;
	if (prio == own_prio)
		return net_addr_cmp(sender, own) > 0 ? FSM_EV_ADV_BETTER
						     : FSM_EV_ADV_EQUAL;
	/* RFC 9568 6.1: Preempt_Mode does not bind the owner. */
	if (own_prio == 255)
		return FSM_EV_ADV_LOWER;
	return (enum fsm_event)lower[preempt];
}
