/* SPDX-License-Identifier: MIT */
/* instance.h -- a virtual router: (vrid, family, interface), its state, timers and
 * counters, and the one function that moves it (RFC 9568 6).
 *
 * It performs the actions that fsm_table[] lists and reaches the world through
 * the functions of an instance_port, so that the same code runs on sockets and in a
 * simulation.  It opens nothing, reads no clock and formats no log.
 */
#ifndef INSTANCE_H
#define INSTANCE_H

#include "adv.h"
#include "fsm.h"
#include "history.h"
#include "log.h"
#include "timer.h"
#include "vrrp_conf.h"

struct instance;

enum instance_announce {
	INSTANCE_ANNOUNCE_BEGIN,	/* all addresses, burst and second burst */
	INSTANCE_ANNOUNCE_AGAIN,	/* once more: somebody else claimed to be MASTER */
	INSTANCE_ANNOUNCE_STOP,
};

struct instance_port {
	/* One message to one destination, from in->source; 0 or -errno. */
	int (*send)(struct instance *in, const struct net_addr *dst,
		    const void *msg, size_t len);
	/* Whether packets lie unread in the socket it hears by. */
	bool (*waiting)(struct instance *in);
	/* Puts the virtual addresses on or takes them off; counts its own failures. */
	void (*addresses)(struct instance *in, bool on, struct mono now);
	void (*announce)(struct instance *in, enum instance_announce what,
			 struct mono now);
	/* The state has changed, in->state is the new one: log, notify, tell. */
	void (*changed)(struct instance *in, const struct history_record *rec,
			struct mono now);
	/* Whatever happened is over, state and counters are what they are: write them
	 * down.  NULL: nobody keeps them. */
	void (*settled)(struct instance *in, struct mono now);
	/* The same, but nothing is new since then save advert_rcvd and when the one that is
	 * heard was last heard.  NULL: settled() is called for that, too. */
	void (*heard)(struct instance *in, struct mono now);
	/* An accepted packet had something to log (bits of enum adv_note), or a refused one. */
	void (*noted)(struct instance *in, enum adv_verdict verdict, unsigned notes,
		      const struct adv *adv, const struct adv_meta *meta,
		      struct mono now);
};

/* Routers heard of lately, for status; the oldest makes room. */
#define INSTANCE_HEARD	4

struct instance_heard {
	struct net_addr addr;
	struct mono at;
	uint8_t prio;
};

/* Counters beyond those of the verdicts; the name is the JSON key, keepalived's
 * where it has one. */
#define INSTANCE_COUNTERS(X)							\
	X(advert_rcvd,	  "adverts accepted")					\
	X(advert_sent,	  "adverts sent, each peer of a round counted")		\
	X(become_master,  "times it became MASTER")				\
	X(release_master, "times it gave MASTER up")				\
	X(pri_zero_rcvd,  "adverts of priority 0 accepted")			\
	X(pri_zero_sent,  "adverts of priority 0 sent")			\
	X(send_err,	  "adverts the kernel did not take")			\
	X(answer_held,	  "answers to losing adverts held back by the rate limit") \
	X(ignored,	  "events that change nothing in the state they met")	\
	X(late_adverts,	  "adverts sent more than half an interval late")	\
	X(down_grace,	  "down timers that first let packets in that lay unread")	\
	X(restored,	  "addresses put back after somebody removed them")	\
	X(announced,	  "gratuitous ARPs and neighbour advertisements sent")

struct instance_stats {
#define X(name, sentence) uint64_t name;
	INSTANCE_COUNTERS(X)
#undef X
	struct instance_drop {
		uint32_t n;
		uint8_t verdict;	/* its own index, so that a row knows itself */
	} drop[ADV__N];			/* refused, by reason */
	struct instance_drop note[ADV_NOTE__N];	/* accepted, with something to log */
};

struct instance {
	const struct vrrp_conf *all;	/* the image in force */
	const struct vrrp_conf_instance *conf;
	const struct instance_port *port;
	struct timers *timers;

	enum fsm_state state;		/* written by instance_event() only */
	enum fsm_preempt preempt;
	bool held;			/* GIVE_WAY: no preemption until reset */
	bool ready;			/* conditions let it run */
	uint8_t prio;			/* effective priority */
	int64_t active_us;		/* Active_Adver_Interval */
	struct mono down_from;		/* the down timer runs from here: */
	bool skewed;			/* for Skew_Time, or else the down interval */
	struct timer adv_timer;
	struct timer down_timer;
	struct timer delay_timer;	/* preempt delay */
	struct net_addr source;		/* our address on the interface; family 0: none */
	uint32_t ifindex;		/* of the interface now; 0: absent */

	struct mono sent_at;		/* the last advert that went out; 0: none */
	enum fsm_state resume;		/* of an earlier life, until taken up; INIT: none */
	struct mono since;		/* of the last transition */
	int64_t since_wall_us;		/* the same, since 1970, as `changed` saw it */
	struct log_limit answers;
	struct instance_heard heard[INSTANCE_HEARD];
	uint8_t last_heard;		/* index of whom we heard last */
	bool any_heard;
	bool graced;			/* the due down timer lets packets in first */
	struct mono graced_at;		/* since then */
	char fault[NET_IFNAME];		/* interface of the last fault */
	enum history_fault fault_why;
	struct instance_stats stats;
	struct history history;
};

/* A fresh virtual router in INIT.  `conf` lies in `all`, which outlives it
 * or is replaced by instance_reconf(). */
void instance_init(struct instance *in, const struct vrrp_conf *all,
		   const struct vrrp_conf_instance *conf,
		   const struct instance_port *port, struct timers *timers,
		   struct mono now);

/* A fresh virtual router takes up an earlier life: its counters, history and whom it heard
 * are those already, and it was in `state`, having sent its last advert at `sent_at`.  It
 * goes on as MASTER when no peer can have missed it (three intervals), else as BACKUP. */
void instance_resume(struct instance *in, enum fsm_state state, struct mono sent_at);

/* Whether it was MASTER in an earlier life and may still be. */
bool instance_may_adopt(const struct instance *in, struct mono now);

/* Puts another configuration into force: the interval and preemption.  What its conditions
 * say of priority and source comes by instance_conditions() afterwards. */
void instance_reconf(struct instance *in, const struct vrrp_conf *all,
		     const struct vrrp_conf_instance *conf, struct mono now);

/* The advert that the present configuration makes has other content now. */
void instance_content(struct instance *in, struct mono now);

/* What the world says: whether it can send and receive (`link`, with a source
 * address), whether every tracked object of weight 0 is good (`tracked`),
 * and the effective priority.  Faults and recovery follow from it. */
struct instance_conditions {
	struct net_addr source;
	uint32_t ifindex;
	bool link;
	bool tracked;
	bool hold;			/* start-up delay: neither fault nor startup */
	uint8_t prio;
	const char *fault;		/* interface at fault, for the record */
	enum history_fault why;		/* what is wrong with it */
};
void instance_conditions(struct instance *in, const struct instance_conditions *c,
			 struct mono now);

/* One event of the table. */
void instance_event(struct instance *in, enum fsm_event ev, struct mono now);

/* A message that adv_decode() accepted and that names this virtual router. */
void instance_packet(struct instance *in, const struct adv *adv,
		     const struct adv_meta *meta, struct mono now);

/* A packet that was refused before this; counted here, nothing else happens. */
void instance_refused(struct instance *in, enum adv_verdict verdict,
		      const struct adv *adv, const struct adv_meta *meta,
		      struct mono now);

/* Skew_Time and the down interval as they are now, in microseconds. */
int64_t instance_skew_us(const struct instance *in);
int64_t instance_down_us(const struct instance *in);

/* Its virtual addresses: `n` rows, the advertised ones first. */
const struct vrrp_conf_vip *instance_vips(const struct instance *in, unsigned *n);
const struct vrrp_conf_peer *instance_peers(const struct instance *in, unsigned *n);

bool instance_is_owner(const struct instance *in);

#endif
