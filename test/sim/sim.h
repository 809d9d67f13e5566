/* SPDX-License-Identifier: MIT */
/* sim.h -- routers on a simulated network under simulated time.
 *
 * The objects of the daemon (instance, fsm, adv, history, timer) run unchanged; what is made up
 * is around them: the clock of each router, its loop, its socket's queue, the wire.
 *
 *	world	time, the queue of what is to come, one step
 *	wire	packets under way, and what befalls them
 *	forge	packets that no router sent
 *	node	a router: clock, loop, socket, process and its life
 *	oracle	RFC 9568 6.4 told a second time, beside each instance: no takeover early or
 *		late, no refused packet that moves a timer, no counter lost
 *	judge	what must hold of all routers together: one MASTER, never none, never two
 *	script	the actions injected, drawn from the seed or read from a file
 *	trace	what happened, readable
 *	shrink	the shortest script that still fails
 *
 * Two times: `now` of the world, in true microseconds, an int64_t; and the
 * routers' own, struct mono, whose clocks run fast or slow.
 */
#ifndef SIM_H
#define SIM_H

#include <stdio.h>

#include "instance.h"
#include "kept.h"
#include "rng.h"

#define SIM_NODES	12
#define SIM_VRS		6
#define SIM_NADDR	4		/* virtual addresses of one virtual router */
#define SIM_PACKET	160		/* octets of the largest packet */
#define SIM_QUEUE	288		/* packets that fit a socket's buffer */
#define SIM_NEVER	INT64_MAX

struct world;
struct node;

/* ---- configuration ---- */

/* A virtual router as the whole network knows it. */
struct sim_vr {
	uint8_t vrid;
	uint8_t family;
	bool unicast;
	bool password;			/* version 2 */
};

/* What one router's configuration says of it; a reload puts it into force. */
struct sim_wish {
	int64_t advert_us;
	int64_t delay_us;		/* preempt delay */
	uint8_t version;
	uint8_t prio;
	uint8_t naddr;
	bool preempt;
	bool sum_plain;
	bool member;			/* the router takes part at all */
};

/* ---- packets ---- */

struct sim_packet {
	struct adv_meta meta;
	int64_t advert_us;		/* of the sender's configuration */
	uint32_t refs;
	uint16_t len;
	int8_t vr;			/* index, -1: none in particular */
	int8_t from;			/* node, -1: forged */
	uint8_t version, naddr;		/* of the sender's configuration */
	bool refuse;			/* nobody may accept it */
	uint8_t data[SIM_PACKET];	/* IPv4: from the IP header on */
};

struct sim_queue {
	struct sim_slot {
		struct sim_packet *p;
		int64_t at;		/* arrival */
	} slot[SIM_QUEUE];
	unsigned head, n;
};

/* ---- a router ---- */

/* What RFC 9568 6.4 says that an instance is to do, in the router's own time. */
struct sim_oracle {
	enum fsm_state state;
	enum fsm_state was;		/* in an earlier life, until it is taken up */
	struct mono base;		/* the down timer runs from here */
	struct mono delay_from;
	struct mono last_sent;
	struct mono last_taken;		/* by the kernel */
	struct mono window;		/* answers are counted from here */
	int64_t learned_us;		/* Active_Adver_Interval */
	uint32_t answers;
	uint8_t prio;
	struct mono overdue_from;	/* a wake-up found the down timer due */
	bool overdue;
	bool skew;			/* the down timer runs for Skew_Time */
	bool held, delaying, passed, heard;
	bool in_packet;			/* a packet is being handled */
	uint8_t last_prio;		/* in its last advert */
	uint64_t said;			/* adverts and held answers before the packet */
};

struct sim_host {
	struct instance in;
	struct node *node;
	uint8_t v;			/* index in world.vr */
	struct sim_wish wish;		/* the file */
	struct sim_wish conf;		/* in force */
	bool open;			/* the instance lives */
	bool dirty;
	bool addresses;			/* on the interface */
	bool announcing;
	bool track_bad;
	int16_t weight;			/* what tracking adds to the priority */
	bool ready_was;			/* the conditions last told */
	bool died;			/* killed while open: `in` is what it was then */
	bool ready_dead;		/* the conditions when it was killed */
	uint8_t prio_dead;
	bool resumed;			/* takes up what an earlier life left */
	bool unclean;			/* addresses of an earlier life may lie there */
	uint64_t port_sends;
	uint64_t counted_before;	/* packets, by earlier lives */
	struct kept *kept;		/* memory that outlives the process */
	struct kept_slot *slot;
	struct sim_oracle o;
};

struct node {
	struct world *w;
	unsigned id;
	/* its clock: own = own_base + (true - true_base), times 1 + ppm / 10^6 */
	int64_t true_base, own_base;
	int32_t ppm;
	struct net_addr addr4, addr6;
	uint32_t side;			/* of a partition */
	unsigned cut;			/* power cuts and kills that last */
	unsigned link_cut;
	unsigned hangs;
	int64_t latency_us;		/* longest wait for the processor */
	unsigned sendfail;
	bool running;			/* the process */
	bool link_seen;			/* what it was told of its link */
	bool quiet;			/* it respawns, nobody is to notice */
	uint32_t life;			/* counts processes */
	int64_t wake_at, busy_until;
	struct timers ts;
	struct timer look;
	struct vrrp_conf *conf;
	struct sim_queue q[2];		/* IPv4, IPv6 */
	uint64_t read, stray, lost;	/* packets read, of no instance, of a full queue */
	uint64_t ended;			/* counted by instances that are closed */
	struct sim_host h[SIM_VRS];
};

/* ---- the whole ---- */

enum sim_fail {
	SIM_OK,
	SIM_GAP,
	SIM_TWO,
	SIM_NOT_ONE,
	SIM_NOT_BEST,
	SIM_RESTLESS,
	SIM_ADDRESSES,
	SIM_COUNTER,
	SIM_REFUSED_MOVED,
	SIM_REFUSED_GOOD,
	SIM_ACCEPTED_BAD,
	SIM_EARLY,
	SIM_LATE,
	SIM_DEAF,
	SIM_STATE,
	SIM_SILENT,
	SIM_FLOOD,
	SIM_MUTE,
	SIM_NO_FAREWELL,
	SIM_FORGOTTEN,
	SIM_STORM,
	SIM__N
};

extern const char *const sim_fail_text[SIM__N];

struct sim_judge {
	int64_t calm_since;
	int64_t advert_max_us;		/* of all that may still be believed */
	int64_t deadline;		/* the calm must have changed by then */
	enum sim_fail why;		/* or else this */
	unsigned busy;			/* disturbances that last */
	bool settled;
	int64_t gap_since[SIM_NODES];
	int64_t two_since[SIM_NODES];
};

struct sim_link {
	uint16_t loss;			/* permille */
	uint16_t dup;
	uint16_t cut;
	int32_t delay_us;		/* up to so much more */
	int64_t last;			/* arrival of the last packet, FIFO */
};

struct sim_event {
	int64_t at;
	uint64_t seq;
	void (*run)(struct world *w, struct sim_event *e);
	void *arg;
	struct sim_packet *p;
	uint32_t a, b;
	int64_t value;
};

struct sim_stats {
	int64_t us;			/* simulated */
	uint64_t steps, delivered, sent, transitions, actions, rounds;
	int64_t gap_max_us;
};

struct trace;

struct world {
	int64_t now, end;
	uint64_t seed;
	unsigned nnodes, nvrs;
	int64_t wire_us, jitter_us;	/* of an undisturbed wire */
	int64_t latency_us;
	int64_t packet_us;		/* processor time of a packet */
	int32_t ppm_max;
	struct node node[SIM_NODES];
	struct sim_vr vr[SIM_VRS];
	struct sim_link link[SIM_NODES][SIM_NODES];
	struct sim_judge judge[SIM_VRS];
	struct sim_packet *kept[SIM_VRS][16];	/* for replays */
	unsigned nkept[SIM_VRS];
	struct sim_event *heap;
	size_t nheap, heap_cap;
	uint64_t seq;
	struct sim_packet *pool;	/* chained free ones */
	enum sim_fail fail;
	int64_t fail_at;
	char fail_text[200];
	struct trace *trace;		/* NULL: off */
	struct sim_stats stats;
};

/* world.c */
void world_init(struct world *w, uint64_t seed);
void world_free(struct world *w);
struct sim_event *world_later(struct world *w, int64_t at,
			      void (*run)(struct world *, struct sim_event *));
void world_run(struct world *w);	/* until end, or a failure */
void world_fail(struct world *w, enum sim_fail why, const struct sim_host *h,
		const char *fmt, ...) port_format(4, 5);
/* Chance at this moment and place: what happened elsewhere does not change it. */
struct rng world_chance(const struct world *w, unsigned place);
struct net_addr world_vip(const struct world *w, unsigned v, unsigned i);

/* wire.c */
struct sim_packet *wire_packet(struct world *w);
void wire_release(struct world *w, struct sim_packet *p);
void wire_wrap(struct sim_packet *p, const void *msg, size_t len);
void wire_send(struct node *from, struct sim_packet *p);
void wire_inject(struct world *w, struct sim_packet *p, unsigned to);
bool wire_reach(const struct world *w, unsigned a, unsigned b);

/* forge.c: a refused one when `kind` is below FORGE_REFUSED, else one that is good. */
enum forge_kind {
	FORGE_RANDOM, FORGE_FLIP, FORGE_VRID, FORGE_TTL, FORGE_VERSION, FORGE_TYPE,
	FORGE_SHORT, FORGE_INTERVAL, FORGE_COUNT, FORGE_AUTH, FORGE_IP, FORGE_CAST,
	FORGE_LOOP,
	FORGE_REFUSED,
	FORGE_LOW = FORGE_REFUSED, FORGE_REPLAY, FORGE_BETTER, FORGE_ZERO,
	FORGE__N
};
extern const char *const forge_name[FORGE__N];
void forge_send(struct world *w, unsigned v, enum forge_kind kind);	/* to all */

/* node.c */
struct mono node_clock(const struct node *n);
int64_t node_true(const struct node *n, struct mono own);	/* when its clock says so */
int64_t node_true_us(const struct node *n, int64_t own_us);	/* a duration */
void node_drift(struct node *n, int32_t ppm);
void node_wake(struct node *n);
void node_schedule(struct node *n);
void node_arrive(struct node *n, struct sim_packet *p);

/* life.c: what happens to a process */
void life_boot(struct node *n);
void life_end(struct node *n, bool power);	/* power: nothing is left of it */
void life_respawn(struct node *n);		/* it dies, and life_boot() comes soon */
void life_stop(struct node *n);			/* gracefully */
void life_link(struct node *n, bool up);
void life_reload(struct node *n);
void life_touch(struct node *n, unsigned v);
void life_switch(struct node *n, unsigned v);

/* oracle.c */
void oracle_start(struct sim_host *h, bool resumed, struct mono now);
uint64_t oracle_counted(const struct instance *in);
void oracle_conditions(struct sim_host *h, const struct instance_conditions *c,
		       struct mono now);
void oracle_reconf(struct sim_host *h, const struct sim_wish *next,
		   struct mono now);
void oracle_gave_way(struct sim_host *h, struct mono now);
void oracle_took_over(struct sim_host *h, struct mono now);
void oracle_changed(struct sim_host *h, const struct history_record *rec);
void oracle_packet(struct sim_host *h, const struct sim_packet *p,
		   const struct adv *adv, const struct adv_meta *meta,
		   struct mono now);
void oracle_sent(struct sim_host *h, uint8_t prio, struct mono now);
void oracle_timers(struct sim_host *h, bool waiting, struct mono now);
void oracle_after(struct sim_host *h, struct mono now);
void oracle_counters(struct node *n);
int64_t oracle_down_us(const struct sim_wish *c, uint8_t prio, int64_t learned_us);
int64_t oracle_skew_us(const struct sim_wish *c, uint8_t prio, int64_t learned_us);
bool oracle_preempts(const struct sim_host *h);

/* judge.c: v < 0 means every virtual router */
void judge_impulse(struct world *w, int v);	/* something was done to it now */
void judge_busy(struct world *w, int v, int change);
void judge_changed(struct sim_host *h, const struct history_record *rec);
void judge_wish(struct world *w, unsigned v);	/* an interval is in force, or was */
void judge_until(struct world *w, int64_t at);	/* nothing happens before */
int64_t judge_bound(const struct world *w, unsigned v);	/* calm to settled */

/* trace.c */
struct trace *trace_open(void);
void trace_close(struct trace *t);
void trace_put(struct world *w, const struct node *n, const char *fmt, ...)
	port_format(3, 4);
void trace_print(const struct trace *t, FILE *out);
#define TRACE(w, ...) \
	do { if ((w)->trace) trace_put((w), __VA_ARGS__); } while (0)
char *trace_time(int64_t us, char out[24]);

#endif
