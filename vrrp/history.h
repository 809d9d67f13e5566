/* SPDX-License-Identifier: MIT */
/* history.h -- the flight recorder of a virtual router: its last transitions,
 * each with its cause and its time.  What `upkeepctl why` tells.
 *
 * Pure: a ring in the instance, no log, no clock.
 */
#ifndef HISTORY_H
#define HISTORY_H

#include "fsm.h"
#include "mono.h"
#include "strfmt.h"

#define HISTORY_TEXT	96		/* longest sentence, with NUL */

/* Why it can't run; the sentence names the interface in front of it. */
#define HISTORY_FAULTS(X)						\
	X(UNKNOWN, "is down, gone or without address")			\
	X(GONE,	   "is not there")					\
	X(DOWN,	   "is down or without carrier")			\
	X(ADDRESS, "has no address to speak from")			\
	X(SOURCE,  "has not the configured source address")		\
	X(SOCKET,  "can't be listened on")				\
	X(TRACKED, "is tracked, and down or gone")

enum history_fault {
#define X(name, sentence) HISTORY_##name,
	HISTORY_FAULTS(X)
#undef X
	HISTORY_FAULT__N
};

struct history_record {
	struct mono at;
	struct net_addr peer;		/* whose packet, or whom we last heard; 0: none */
	int64_t silent_us;		/* since that packet; -1: not known */
	uint32_t seq;			/* 1 for the first of this instance */
	uint8_t from, to;		/* enum fsm_state */
	uint8_t event;			/* enum fsm_event */
	uint8_t peer_prio;		/* in that packet */
	uint8_t prio;			/* our own effective priority */
	uint8_t fault;			/* enum history_fault, of `detail` */
	bool preempted;			/* DOWN_TIMER: that router was not silent, but lower */
	char detail[NET_IFNAME];	/* the interface that failed, "" without one */
};

struct history {
	uint32_t n;			/* recorded since start */
	struct history_record rec[CONFIG_VRRP_RECORDS];
};

void history_add(struct history *h, const struct history_record *rec);

/* The i-th newest record, 0 being the last transition; NULL past the oldest. */
const struct history_record *history_at(const struct history *h, unsigned i);

/* The cause as one sentence: "no advert from 10.0.0.2 (priority 150) for 3.414 s". */
void history_why(const struct history_record *rec, char out[HISTORY_TEXT]);

#endif
