/* SPDX-License-Identifier: MIT */
/* service.h -- a virtual server's topology: what its checks say of real servers in, what the
 * kernel's table should hold out.
 *
 * Pure but for its timers: no kernel, no socket, no log, time is an argument, so that the
 * simulation runs it as it is.  It decides weights, quorum, the sorry server, slow start,
 * panic, drain; whoever owns the kernel's table is told of each change and carries it out.
 *
 * A server carries when its checks pass, the operator says READY and no maintenance file is
 * there.  Its weight is what the operator has set, else what a check has asked for, else the
 * configured one.  Drained: weight 0 while its checks pass.  Failed or DOWN: gone, or with
 * inhibit_on_failure weight 0.
 *
 * Quorum is about the sum of the whole weights (slow start aside) of those that carry: held
 * until there is none or it is below quorum - hysteresis, regained at quorum + hysteresis.  A
 * service begins as if it had held it.  While it is lost, a sorry server that carries with a
 * weight stands in and the others go as if they had failed, save the drained: their old
 * connections go on.  A sorry server that can't stand in changes nothing.
 *
 * Panic: less than so many percent of those that are READY and without maintenance file are
 * up; then all of these are used as if up.  A sorry server that stands in goes before it.
 *
 * What comes in or gains weight is told before what loses it or goes, so that the kernel's
 * table is not empty between.  Places first, then servers, then the quorum, then panic.
 */
#ifndef SERVICE_H
#define SERVICE_H

#include "check_conf.h"
#include "timer.h"

/* What the operator has said of a real server, by its name, for all services that have it. */
enum service_admin {
	SERVICE_READY,			/* as its checks say */
	SERVICE_DRAIN,			/* weight 0: old connections go on, none begin */
	SERVICE_DOWN,			/* as if its checks had failed */
};

/* How a real server stands in the kernel's table. */
struct service_place {
	bool there;
	uint16_t weight;
};

/* A real server of a service; the sorry server is one, too. */
struct service_dest {
	const struct check_conf_dest *conf;
	struct service *service;
	struct service_place place;	/* what the kernel should hold now */
	bool up;			/* by its checks */
	bool told;			/* what its owner was told of that */
	bool maintenance;		/* its file is there: drained */
	uint8_t admin;			/* enum service_admin */
	int32_t asked;			/* weight that a check has asked for, -1: none */
	int32_t set;			/* weight that the operator has set, -1: none */
	struct mono since;		/* of `up` */
	int64_t since_wall_us;		/* the owner's, for status */
	struct mono slow_begun;		/* slow start, MONO_NEVER: none */
	uint32_t ups, downs;		/* transitions */
};

/* What its owner hears, each at once and in order; none may be NULL, none may call back in
 * here. */
struct service_ops {
	/* dest->place has changed. */
	void (*place)(struct service_dest *d, struct mono now);
	/* The dest went up or down; quorum was gained or lost: scripts, mail, events. */
	void (*dest)(struct service_dest *d, struct mono now);
	void (*quorum)(struct service *s, struct mono now);
	/* All are used, the dead as well, or no longer. */
	void (*panic)(struct service *s, struct mono now);
};

struct service {
	const struct check_conf_service *conf;
	const struct service_ops *ops;
	struct timers *timers;
	struct service_dest *dests;	/* conf->dests.n of them, the owner's array */
	struct service_dest *sorry;	/* NULL: none */
	bool settled;			/* the first service_settle() is behind it */
	bool noting;			/* after service_conf() until service_settle() */
	bool active;			/* in the kernel at all: not while `follow` is no MASTER */
	bool quorum;			/* there is enough weight */
	bool panic;			/* too few are up: all are used */
	bool told_panic;		/* what its owner was told of that */
	uint32_t up_weight;		/* sum of those that carry */
	uint16_t nup;			/* how many carry */
	uint16_t nready;		/* how many the operator lets */
	bool stands_in;			/* the sorry server is used */
	struct timer step;		/* the next step of a slow start */
	struct mono since;		/* of `quorum` */
	uint32_t losses;		/* of quorum */
};

/* Steps of a slow start, at most. */
#define SERVICE_STEPS	20

/* A new service: `dests` (conf->dests.n, zeroed, conf and server state not yet known) and `sorry`
 * (NULL without) are the owner's and live as long.  A dest is up unless it, or one of its
 * checks, is `alpha`.  Not active.  Nothing is told; what is known from before (verdicts, the
 * operator, s->quorum) is put in now, by the calls below or into the fields; then
 * service_settle(). */
void service_init(struct service *s, const struct check_conf_service *conf,
		  const struct check_conf *all, const struct service_ops *ops,
		  struct timers *timers, struct service_dest *dests,
		  struct service_dest *sorry, struct mono now);

/* Decides everything anew and tells what changed; the first time nothing is told of but
 * places, and nobody starts slowly.  Until then the calls below only note what they say. */
void service_settle(struct service *s, struct mono now);

/* One dest's checks: up when all of them pass. */
void service_verdict(struct service_dest *d, bool up, struct mono now);
/* -1: no longer; more than 65535 is 65535.  So is service_set_weight(). */
void service_asked(struct service_dest *d, int32_t weight, struct mono now);

/* The operator. */
void service_set_admin(struct service_dest *d, enum service_admin a, struct mono now);
void service_set_weight(struct service_dest *d, int32_t weight, struct mono now);
void service_set_maintenance(struct service_dest *d, bool there, struct mono now);

/* Whether it is in the kernel's table at all. */
void service_set_active(struct service *s, bool active, struct mono now);

/* What a dest that a reload brings begins as; service_conf() does it for those zeroed. */
void service_dest_init(struct service_dest *d, struct service *s,
		       const struct check_conf_dest *conf, const struct check_conf *all,
		       struct mono now);

/* Another configuration of the same service: dests carry over what they were (the owner has
 * filled the new array from the old one by (addr, port); those zeroed are new).  Until
 * service_settle() the calls above only note what they say; then all of it is told, once.
 * A dest that is no more, and what else of a dest or service has changed, is the owner's to
 * carry out, afterwards. */
void service_conf(struct service *s, const struct check_conf_service *conf,
		  const struct check_conf *all, struct service_dest *dests,
		  struct service_dest *sorry, struct mono now);

/* Stops its timer; nothing is told. */
void service_end(struct service *s);

#endif
