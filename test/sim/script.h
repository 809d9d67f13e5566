/* SPDX-License-Identifier: MIT */
/* script.h -- what is done to a simulated network, and when: a list of actions that a seed
 * gives, that can be written to a file, cut down and played again. */
#ifndef SCRIPT_H
#define SCRIPT_H

#include "sim.h"

#define SCRIPT_ALL	255		/* every router, every virtual router */

/*	name, what it takes (enum script_arg), what it does */
#define SCRIPT_KINDS(X)								\
	X(loss,	   AB | VALUE | LASTS,	"permille of packets from a to b are lost")	\
	X(delay,   AB | VALUE | LASTS,	"packets from a to b take up to so many us more")	\
	X(dup,	   AB | VALUE | LASTS,	"permille of packets from a to b come twice")	\
	X(cut,	   AB | LASTS,		"no packet from a reaches b")			\
	X(split,   VALUE | LASTS,	"routers (bits) hear only each other")		\
	X(crash,   A | LASTS,		"loses power, starts again")			\
	X(kill,	   A | LASTS,		"the process dies, the addresses stay")		\
	X(respawn, A | LASTS,		"the process dies, and is back before anybody can miss it") \
	X(stop,	   A | LASTS,		"is stopped and started again")			\
	X(hang,	   A | LASTS,		"the process does not run, packets queue up")	\
	X(slow,	   A | VALUE | LASTS,	"every wake-up is up to so many us late")	\
	X(drift,   A | VALUE,		"the clock is so many ppm fast from now on")	\
	X(link,	   A | LASTS,		"the link is down")				\
	X(track,   A | V | LASTS,	"a tracked object fails")			\
	X(weight,  A | V | VALUE | LASTS, "tracking adds so much to the priority")	\
	X(sendfail, A | LASTS,		"the kernel takes no packet")			\
	X(reload,  A,			"reload of the same file")			\
	X(prio,	   A | V | VALUE,	"reload: another priority")			\
	X(preempt, A | V | VALUE,	"reload: preemption on or off")			\
	X(pdelay,  A | V | VALUE,	"reload: another preempt delay, us")		\
	X(interval, A | V | VALUE | LASTS, "reload, one after the other: another interval, us") \
	X(naddr,   A | V | VALUE | LASTS, "reload, one after the other: so many addresses") \
	X(version, V | VALUE | LASTS,	"reload, one after the other: another version")	\
	X(member,  A | V | LASTS,	"reload: takes no part, and then again")	\
	X(operate, A | V,		"upkeepctl switchover")				\
	X(forge,   V | VALUE | B | LASTS, "forged packets, one every 20 << b us")

enum script_kind {
#define X(name, args, sentence) SCRIPT_##name,
	SCRIPT_KINDS(X)
#undef X
	SCRIPT__N
};

#define SCRIPT_BIT(kind) (1u << SCRIPT_##kind)

struct action {
	int64_t at;			/* from the start, us */
	int64_t us;			/* how long */
	int64_t value;
	uint8_t kind;			/* enum script_kind */
	uint8_t a, b;			/* routers */
	uint8_t v;
};

struct script {
	struct action *a;
	unsigned n, cap;
	int64_t end;
};

/* A kind of network and of trouble. */
struct scenario {
	const char *name;
	uint32_t kinds;			/* bits of script_kind */
	uint32_t forge;			/* bits of forge_kind */
	uint8_t nodes_min, nodes_max, vrs_max;
	uint8_t preempt;		/* percent of routers */
	bool owner, unicast;		/* some */
	uint8_t family;			/* 4, 6; 0: either */
	uint8_t version;		/* 2, 3; 0: either */
	int32_t adv_min_ms, adv_max_ms;
	int32_t ppm;			/* clocks: up to */
	uint8_t episodes;
	bool flood;			/* forged packets are more than can be read */
};

extern const struct scenario scenarios[];
extern const unsigned scenario_count;

/* The network and the script that a seed gives. */
void scenario_world(const struct scenario *s, struct world *w);
void scenario_script(const struct scenario *s, struct world *w,
		     struct script *script);

void script_add(struct script *s, const struct action *a);
void script_sort(struct script *s);
void script_start(const struct script *s, struct world *w);
void script_print(const struct script *s, FILE *out, const char *before);
bool script_read(struct script *s, FILE *in, uint64_t *seed, char name[64]);

/* One run of it all.  `trace` may be NULL. */
struct round {
	const struct scenario *s;
	uint64_t seed;
	enum sim_fail fail;
	int64_t fail_at;
	char text[200];
	struct sim_stats stats;
};
void round_run(struct round *r, const struct script *script,
	       struct trace *trace, FILE *history);

/* Cuts `script` down while the round fails in the same way. */
void shrink(struct round *r, struct script *script);

#endif
