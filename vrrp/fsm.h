/* SPDX-License-Identifier: MIT */
/* fsm.h -- the VRRP state machine as a table (RFC 9568 6.4, RFC 3768 6.4).
 *
 * Pure data: (state, event) -> (actions in order, next state), every cell
 * filled and named by the clause it implements; "local ..." where no RFC speaks.
 * Rows have no guards: a packet is first classified by fsm_classify().  The
 * instance performs the actions in order and then writes the next state; on a
 * change of state, and only then, it logs and notifies, so no row says so.  A
 * row with `ignored` set is counted; it never touches a timer.
 *
 * Both versions share the table: version 2 drops packets of another interval,
 * so that what FSM_ACT_LEARN_INTERVAL learns there is what it knew.
 */
#ifndef FSM_H
#define FSM_H

#include "net.h"
#include "port.h"

/*	name	number in keepalived's JSON and in ours */
#define FSM_STATES(X)								\
	X(INIT,	  0)								\
	X(BACKUP, 1)								\
	X(MASTER, 2)								\
	X(FAULT,  3)

enum fsm_state {
#define X(name, number) FSM_##name = number,
	FSM_STATES(X)
#undef X
	FSM_STATE__N
};

/*	name, what happened, as `why` says it */
#define FSM_EVENTS(X)								\
	/* RFC; STARTUP also ends FSM_FAULT */					\
	X(STARTUP,	"link, address and tracked objects are good")		\
	X(STARTUP_OWNER, "link and address are good, and we own the addresses") \
	X(SHUTDOWN,	"this virtual router ends")				\
	X(DOWN_TIMER,	"no advert for the down interval")			\
	X(ADV_TIMER,	"the next advert is due")				\
	X(ADV_ZERO,	"another router leaves, its priority is 0")		\
	X(ADV_BETTER,	"advert of a higher priority, or equal and of the higher address") \
	X(ADV_EQUAL,	"advert of our priority from a lower address")		\
	X(ADV_LOWER,	"advert of a lower priority, we preempt")		\
	X(ADV_LOWER_KEEP, "advert of a lower priority, we do not preempt")	\
	/* local */								\
	X(ADV_LOWER_FIRST, "advert of a lower priority, the preempt delay begins") \
	X(ADV_LOWER_WAIT, "advert of a lower priority, the preempt delay runs")	\
	X(PREEMPT_DELAY, "the preempt delay has passed")			\
	X(FAULT_LINK,	"the interface or its address is gone, nothing can be sent") \
	X(FAULT_TRACK,	"a tracked object failed")				\
	X(PRIORITY,	"the effective priority changed")			\
	X(CONTENT,	"a reload changed what the advert says")		\
	X(ADOPT,	"restarted while it was MASTER, and still is")		\
	X(GIVE_WAY,	"the operator had it give way")				\
	X(TAKE_OVER,	"the operator had it take over")			\
	X(SYNC_BACKUP,	"another member of its group lost")			\
	X(SYNC_MASTER,	"another member of its group took over")

enum fsm_event {
#define X(name, sentence) FSM_EV_##name,
	FSM_EVENTS(X)
#undef X
	FSM_EV__N
};

/*	name, what the instance does */
#define FSM_ACTIONS(X)								\
	X(SEND_ADV,	  "send an advert")					\
	X(SEND_ADV_ZERO,  "send an advert of priority 0")			\
	X(ANSWER,	  "send an advert, unless the rate limit says no")	\
	X(ANSWER_ARM,	  "the same; when sent, Adver_Timer := now + own interval") \
	X(ADDRESSES_ADD,  "put the virtual addresses on (those that lack)")	\
	X(ADDRESSES_DEL,  "take the virtual addresses off")			\
	X(ANNOUNCE,	  "begin the gratuitous ARP or NA bursts")		\
	X(REANNOUNCE,	  "announce once more, unless the rate limit says no")	\
	X(ANNOUNCE_STOP,  "end the bursts")					\
	X(ARM_ADV,	  "Adver_Timer := now + own interval")			\
	X(NEXT_ADV,	  "Adver_Timer := when it was due + own interval")	\
	X(ARM_DOWN,	  "Active_Down_Timer := now + down interval")		\
	X(ARM_SKEW,	  "Active_Down_Timer := now + Skew_Time")		\
	X(SHIFT_DOWN,	  "move a running Active_Down_Timer by what its interval changed") \
	X(STOP_TIMERS,	  "stop advert, down and preempt delay timers")		\
	X(LEARN_INTERVAL, "Active_Adver_Interval := the packet's")		\
	X(RESET_INTERVAL, "Active_Adver_Interval := our own")			\
	X(DELAY_START,	  "start the preempt delay: then FSM_PREEMPT_DELAYING")	\
	X(DELAY_PASSED,	  "preempt: FSM_PREEMPT_ON until the next DELAY_STOP")	\
	X(DELAY_STOP,	  "stop the preempt delay: a next one starts anew")	\
	X(PREEMPT_HOLD,	  "FSM_PREEMPT_OFF until PREEMPT_RESET")		\
	X(PREEMPT_RESET,  "preempt as configured, no delay running, no hold")

enum fsm_action {
#define X(name, sentence) FSM_ACT_##name,
	FSM_ACTIONS(X)
#undef X
	FSM_ACT__N
};

#define FSM_ACTIONS_MAX	7		/* in one row */

struct fsm_row {
	const char *rfc;		/* clause, or "local ..." */
	uint8_t next;			/* enum fsm_state */
	uint8_t nact;
	uint8_t act[FSM_ACTIONS_MAX];	/* enum fsm_action, in order */
	bool ignored;			/* the intended non-reaction */
};

extern const struct fsm_row fsm_table[FSM_STATE__N][FSM_EV__N];

/* The lists as text. */
extern const char *const fsm_state_name[FSM_STATE__N];		/* "MASTER" */
extern const char *const fsm_event_name[FSM_EV__N];		/* "DOWN_TIMER" */
extern const char *const fsm_event_sentence[FSM_EV__N];
extern const char *const fsm_action_name[FSM_ACT__N];

/* How a BACKUP treats a router of lower priority at this moment. */
enum fsm_preempt {
	FSM_PREEMPT_OFF,		/* nopreempt, or held by GIVE_WAY */
	FSM_PREEMPT_ON,			/* no delay configured, or it has passed */
	FSM_PREEMPT_DELAY,		/* a delay is configured and not running */
	FSM_PREEMPT_DELAYING,		/* it runs */
	FSM_PREEMPT__N
};

/* What an accepted advert means to a router of effective priority `own_prio`
 * (1..255) and source address `own`: one of FSM_EV_ADV_*.  An owner (255)
 * preempts whatever `preempt` says.  Addresses compare unsigned in network
 * order (RFC 9568 6.4.3).  The state does not matter, the table has it. */
port_must_check enum fsm_event
fsm_classify(uint8_t own_prio, const struct net_addr *own, enum fsm_preempt preempt,
	     uint8_t prio, const struct net_addr *sender);

#endif
