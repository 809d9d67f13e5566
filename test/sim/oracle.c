/* SPDX-License-Identifier: MIT */
/* oracle.c -- RFC 9568 6.4 told a second time, as sentences and not as a table, and in the
 * router's own time to the microsecond.  It believes the instance in one thing
 * only: whether a packet was accepted (node.c judges that). */
#include <string.h>
#include <sys/socket.h>

#include "sim.h"

#define ANSWERS_MAX	8		/* in any interval, to each peer */

int64_t
oracle_skew_us(const struct sim_wish *c, uint8_t prio, int64_t learned_us)
{
	return (256 - prio) * (c->version == 2 ? MONO_US_PER_S : learned_us) / 256;
}

int64_t
oracle_down_us(const struct sim_wish *c, uint8_t prio, int64_t learned_us)
{
	return 3 * learned_us + oracle_skew_us(c, prio, learned_us);
}

/* Will it take over from a lower MASTER, now or after its delay? */
bool
oracle_preempts(const struct sim_host *h)
{
	return h->o.prio == ADV_PRIO_OWNER || (h->conf.preempt && !h->o.held);
}

static struct mono
deadline(const struct sim_host *h)
{
	const struct sim_oracle *o = &h->o;

	return mono_add(o->base, o->skew ?
			oracle_skew_us(&h->conf, o->prio, o->learned_us) :
			oracle_down_us(&h->conf, o->prio, o->learned_us));
}

static void
follow(struct sim_oracle *o, struct mono now, bool skew)
{
	o->state = FSM_BACKUP;
	o->base = now;
	o->skew = skew;
	o->overdue = false;
}

static void
lead(struct sim_oracle *o)
{
	o->state = FSM_MASTER;
	o->held = o->delaying = o->passed = false;
}

/* A process starts; `resumed`: it knows what an earlier one was. */
void
oracle_start(struct sim_host *h, bool resumed, struct mono now)
{
	const struct sim_oracle was = h->o;
	struct sim_oracle *o = &h->o;

	*o = (struct sim_oracle){
		.state = FSM_INIT,
		.prio = h->conf.prio,
		.learned_us = h->conf.advert_us,
		.base = now,
	};
	if (!resumed)
		return;
	o->heard = was.heard;
	o->last_sent = was.last_sent;
	o->last_taken = was.last_taken;
	o->last_prio = was.last_prio;
	o->was = was.state == FSM_INIT ? was.was : was.state;
	o->held = was.held;
	o->learned_us = was.learned_us;
}

/* Goes on as what it was, when nobody can have missed it. */
static void
start_up(struct sim_host *h, struct mono now)
{
	struct sim_oracle *o = &h->o;
	enum fsm_state was = o->was;

	o->was = FSM_INIT;
	o->delaying = o->passed = false;
	if (was != FSM_BACKUP)
		o->held = false;
	if (was != FSM_BACKUP || h->conf.version == 2 || !o->heard)
		o->learned_us = h->conf.advert_us;
	if (h->conf.prio == ADV_PRIO_OWNER || (was == FSM_MASTER &&
	    mono_diff_us(now, o->last_taken) < 3 * h->conf.advert_us))
		lead(o);
	else
		follow(o, now, false);
}

void
oracle_conditions(struct sim_host *h, const struct instance_conditions *c,
		  struct mono now)
{
	struct sim_oracle *o = &h->o;
	bool ready = c->link && c->tracked, was = h->ready_was;

	h->ready_was = ready;
	if (!ready) {
		o->state = FSM_FAULT;
		o->was = FSM_INIT;
		return;
	}
	o->prio = c->prio;
	if (!was)
		start_up(h, now);
}

/* instance_reconf(): a BACKUP of version 3 that has heard somebody goes on with that one's
 * interval; whoever's interval changes waits anew. */
void
oracle_reconf(struct sim_host *h, const struct sim_wish *next, struct mono now)
{
	struct sim_oracle *o = &h->o;

	if (next->preempt != h->conf.preempt || next->delay_us != h->conf.delay_us)
		o->delaying = o->passed = false;
	if (next->advert_us == h->conf.advert_us)
		return;
	if (o->state != FSM_BACKUP || next->version == 2 || !o->heard)
		o->learned_us = next->advert_us;
	if (o->state == FSM_BACKUP)
		follow(o, now, o->skew);
}

void
oracle_gave_way(struct sim_host *h, struct mono now)
{
	h->o.learned_us = h->conf.advert_us;
	h->o.delaying = h->o.passed = false;
	h->o.held = true;
	follow(&h->o, now, false);
}

void
oracle_took_over(struct sim_host *h, struct mono now)
{
	(void)now;
	lead(&h->o);
}

/* An accepted advert in Backup (6.4.2); the preempt delay is local. */
static void
backup_hears(struct sim_host *h, uint8_t prio, int64_t interval_us,
	     struct mono now)
{
	struct sim_oracle *o = &h->o;

	if (!prio) {
		follow(o, now, true);
		return;
	}
	if (prio >= o->prio) {
		o->delaying = o->passed = false;
	} else if (oracle_preempts(h)) {
		if (o->prio == ADV_PRIO_OWNER || !h->conf.delay_us || o->passed)
			return;
		if (!o->delaying)
			o->delay_from = now;
		o->delaying = true;
	}
	o->learned_us = interval_us;
	follow(o, now, false);
}

void
oracle_packet(struct sim_host *h, const struct sim_packet *p,
	      const struct adv *adv, const struct adv_meta *meta,
	      struct mono now)
{
	struct sim_oracle *o = &h->o;
	const struct net_addr *self = meta->src.family == AF_INET ?
				      &h->node->addr4 : &h->node->addr6;
	int64_t us = (int64_t)adv->interval *
		     (adv->version == 2 ? MONO_US_PER_S : MONO_US_PER_CS);

	o->heard = true;
	if (p->from < 0)
		TRACE(h->node->w, h->node, "vr%u hears prio %u, forged", h->v,
		      adv->prio);
	else
		TRACE(h->node->w, h->node, "vr%u hears prio %u from r%d", h->v,
		      adv->prio, p->from);
	if (o->state == FSM_BACKUP) {
		backup_hears(h, adv->prio, us, now);
	} else if (o->state == FSM_MASTER) {
		if (adv->prio > o->prio || (adv->prio == o->prio &&
					    net_addr_cmp(&meta->src, self) > 0)) {
			o->learned_us = us;
			follow(o, now, false);
		} else if (h->port_sends + h->in.stats.answer_held == o->said) {
			world_fail(h->node->w, SIM_MUTE, h, "prio %u", adv->prio);
		}
	}
}

void
oracle_sent(struct sim_host *h, uint8_t prio, struct mono now)
{
	struct sim_oracle *o = &h->o;
	unsigned peers = h->node->w->vr[h->v].unicast ? h->node->w->nnodes - 1 : 1;

	o->last_sent = now;
	o->last_prio = prio;
	if (prio && prio != o->prio)
		world_fail(h->node->w, SIM_STATE, h, "says priority %u, has %u",
			   prio, o->prio);
	if (!o->in_packet)
		return;
	if (mono_diff_us(now, o->window) >= h->conf.advert_us) {
		o->window = now;
		o->answers = 0;
	}
	if (++o->answers > ANSWERS_MAX * peers)
		world_fail(h->node->w, SIM_FLOOD, h, "%u answers in one interval",
			   o->answers / peers);
}

/* Is the last word that waits unread one of a MASTER that it is to respect? */
static bool
unread_master(const struct sim_host *h)
{
	const struct node *n = h->node;
	const struct sim_vr *vr = &n->w->vr[h->v];
	const struct sim_queue *q = &n->q[vr->family == AF_INET6];
	bool unread = false;

	for (unsigned i = 0; i < q->n; i++) {
		const struct sim_packet *p = q->slot[(q->head + i) % SIM_QUEUE].p;
		uint8_t prio = p->data[vr->family == AF_INET6 ? 2 : 22];

		if (p->from < 0 || p->vr != h->v ||
		    p->version != h->conf.version ||
		    p->advert_us != h->conf.advert_us ||
		    p->naddr != h->conf.naddr)
			continue;
		unread = prio && (prio >= h->o.prio || !oracle_preempts(h));
	}
	return unread;
}

/* Whoever has packets to read when its down timer is due does that first, for an
 * interval at most. */
static bool
reads_on(struct sim_host *h, struct mono now)
{
	struct sim_oracle *o = &h->o;

	if (!o->overdue)
		o->overdue_from = now;
	o->overdue = true;
	return mono_diff_us(now, o->overdue_from) < o->learned_us;
}

/* It has become MASTER by its down timer. */
static void
fired(struct sim_host *h, struct mono now)
{
	struct world *w = h->node->w;
	int64_t late = mono_diff_us(now, deadline(h));

	if (h->o.state != FSM_BACKUP)
		return;			/* oracle_after() says so */
	if (late < 0)
		world_fail(w, SIM_EARLY, h, "by %lld us", (long long)-late);
	else if (reads_on(h, now) && unread_master(h))
		world_fail(w, SIM_DEAF, h, "%lld us late", (long long)late);
	lead(&h->o);
}

/* In the middle of a transition: a MASTER has said that it is one, or, if it
 * leaves of its own will and can, that it leaves. */
void
oracle_changed(struct sim_host *h, const struct history_record *rec)
{
	bool leaves = rec->from == FSM_MASTER && rec->event != FSM_EV_ADV_BETTER &&
		      rec->event != FSM_EV_FAULT_LINK;

	if (rec->event == FSM_EV_DOWN_TIMER)
		fired(h, rec->at);
	if ((rec->from == FSM_MASTER || rec->to == FSM_MASTER) &&
	    (h->o.last_prio == 0) != leaves)
		world_fail(h->node->w, SIM_NO_FAREWELL, h, "%s, and said %u last",
			   fsm_event_name[rec->event], h->o.last_prio);
	if (rec->to == FSM_MASTER && (h->o.last_sent.us != rec->at.us ||
				      !h->addresses || !h->announcing))
		world_fail(h->node->w, SIM_SILENT, h, "says nothing at first");
}

/* After the timers of a wake-up have run; `waiting`: packets lay unread. */
void
oracle_timers(struct sim_host *h, bool waiting, struct mono now)
{
	struct sim_oracle *o = &h->o;

	if (o->state != FSM_BACKUP)
		return;
	if (o->delaying &&
	    mono_diff_us(now, o->delay_from) >= h->conf.delay_us) {
		o->delaying = false;
		o->passed = true;
	}
	int64_t late = mono_diff_us(now, deadline(h));

	if (late < 0)
		o->overdue = false;
	else if (!reads_on(h, now) || !waiting)
		world_fail(h->node->w, SIM_LATE, h, "by %lld us",
			   (long long)late);
}

/* At the end of a wake-up. */
void
oracle_after(struct sim_host *h, struct mono now)
{
	const struct sim_oracle *o = &h->o;
	struct world *w = h->node->w;
	bool master = h->in.state == FSM_MASTER;
	struct mono next = timer_next(&h->node->ts);

	if (h->in.state != o->state)
		world_fail(w, SIM_STATE, h, "is %s, not %s",
			   fsm_state_name[h->in.state], fsm_state_name[o->state]);
	if (h->addresses != master || (h->announcing && !master))
		world_fail(w, SIM_ADDRESSES, h, "%s",
			   fsm_state_name[h->in.state]);
	if (o->state == FSM_BACKUP && mono_before(deadline(h), next) &&
	    next.us > now.us + 1)
		world_fail(w, SIM_LATE, h, "no timer will wake it");
	if (!master)
		return;
	if (mono_diff_us(now, o->last_sent) >= h->conf.advert_us)
		world_fail(w, SIM_SILENT, h, "for %lld us",
			   (long long)mono_diff_us(now, o->last_sent));
	if (mono_diff_us(next, o->last_sent) > h->conf.advert_us)
		world_fail(w, SIM_SILENT, h, "no timer will wake it");
}

uint64_t
oracle_counted(const struct instance *in)
{
	uint64_t n = in->stats.advert_rcvd;

	for (unsigned v = 0; v < ADV__N; v++)
		n += in->stats.drop[v].n;
	return n;
}

/* What was read is what was counted: accepted, refused by reason, or of nobody. */
void
oracle_counters(struct node *n)
{
	uint64_t sum = n->stray + n->ended;

	if (!n->running)
		return;
	for (unsigned v = 0; v < n->w->nvrs; v++) {
		struct sim_host *h = &n->h[v];
		const struct instance_stats *s = &h->in.stats;

		if (!h->open)
			continue;
		sum += oracle_counted(&h->in) - h->counted_before;
		if (s->drop[ADV_OK].n ||
		    s->advert_sent + s->send_err != h->port_sends ||
		    s->become_master < s->release_master ||
		    s->become_master - s->release_master !=
		    (h->in.state == FSM_MASTER || h->in.resume == FSM_MASTER))
			world_fail(n->w, SIM_COUNTER, h,
				   "sent %llu of %llu, became %llu, released %llu",
				   (unsigned long long)s->advert_sent,
				   (unsigned long long)h->port_sends,
				   (unsigned long long)s->become_master,
				   (unsigned long long)s->release_master);
	}
	if (sum != n->read)
		world_fail(n->w, SIM_COUNTER, NULL, "r%u read %llu, counted %llu",
			   n->id, (unsigned long long)n->read,
			   (unsigned long long)sum);
}
