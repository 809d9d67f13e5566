/* SPDX-License-Identifier: MIT */
/* world.h -- one director, its servers, and an array in place of the kernel's table, under simulated
 * time.  health.c and service.c are the daemon's; the owner in between is a few lines here. */
#ifndef WORLD_H
#define WORLD_H

#include "health.h"
#include "rng.h"
#include "service.h"

#define WORLD_SERVICES	(CONFIG_CHECK_SERVICES < 8 ? CONFIG_CHECK_SERVICES : 8)
#define WORLD_SERVERS	(CONFIG_CHECK_CHECKS / 2 < 40 ? CONFIG_CHECK_CHECKS / 2 : 40)
#define WORLD_CHECKS	(2 * WORLD_SERVERS)	/* two of each server, shared by all services */
#define WORLD_SORRY	WORLD_SERVERS		/* its column of the table */
#define WORLD_ACTIONS	400			/* of one round */

/* One thing that is checked, and whether it really works. */
struct world_check {
	struct world *w;
	struct health h;
	struct timer t;
	bool alive;
	bool trying, lived;		/* a try runs; it lived when that began */
	struct mono begun;		/* of the last try */
	unsigned against;		/* results in a row that disagree with the verdict */
	struct mono calm;		/* neither its life nor its configuration changed since */
};

/* What the oracle knows of a dest, or a service, without asking service.c. */
struct world_place {
	bool there;
	uint16_t weight;		/* in the table */
};

struct world_seen {
	bool there;			/* is one of the service's */
	bool up;			/* as last told */
	bool carried;
	bool slow;			/* ... and began with nothing in the table */
	struct mono since;		/* of carried */
	uint16_t was;			/* weight in the table at the last look */
};

struct world_service {
	struct service s;
	struct service_dest dests[WORLD_SERVERS], sorry;
	uint8_t id[WORLD_SERVERS];	/* which server each dest is */
	struct world_place table[WORLD_SERVERS + 1];
	struct world_seen seen[WORLD_SERVERS];
	bool quorum, told_quorum;	/* the oracle's, the told */
	bool told_panic;
	unsigned full, was_full;	/* entries with a weight, now and at the last look */
	bool emptied;			/* there was none at a time since */
	bool active;
};

struct world {
	uint64_t seed;
	struct mono now;
	struct timers timers;
	struct check_conf conf[2];	/* the running one and the next */
	unsigned running;
	int64_t slow_us;		/* of all its services */
	unsigned loss;			/* permille of tries that fail for nothing */
	struct world_check check[WORLD_CHECKS];
	struct world_service service[WORLD_SERVICES];
	unsigned nservices;
	bool maintenance[WORLD_SERVERS];
	uint8_t admin[WORLD_SERVERS];
	uint64_t tries, places, verdicts, quorums, reloads;
	char fail[160];			/* "": all is well */
};

/* A world of that seed, with everything settled. */
void world_init(struct world *w, uint64_t seed);

/* Does action `i` of the seed, whichever others were done. */
void world_act(struct world *w, unsigned i);

/* Runs what is due until then. */
void world_until(struct world *w, struct mono then);

/* Draws a configuration into `c`; `id` says which servers each service has. */
void world_conf(struct world *w, struct check_conf *c, struct rng *r,
		uint8_t id[WORLD_SERVICES][WORLD_SERVERS]);

static inline const struct check_conf *
world_running(const struct world *w)
{
	return &w->conf[w->running];
}

/* The first failure stays. */
void world_fail(struct world *w, const char *what, unsigned service, unsigned server);

/* What must hold of a service after each call into service.c; ... and when its servers have
 * heard all that their checks say. */
void oracle_step(struct world *w, struct world_service *ws);
void oracle_service(struct world *w, struct world_service *ws);

/* ... while the table changes: `p` is what it is told now. */
void oracle_place(struct world *w, struct world_service *ws, unsigned id,
		  struct world_place p);

/* Whether all checks of a dest pass. */
bool world_passes(const struct world *w, const struct check_conf_dest *d);

/* ... of a verdict, which was `before`. */
void oracle_result(struct world *w, unsigned check, bool before, bool passed);

/* ... of a check after each try, and at the end. */
void oracle_check(struct world *w, unsigned check);

#endif
