/* SPDX-License-Identifier: MIT */
/* instance.c -- performs what fsm_table[] says. */
#include "instance.h"

#include <string.h>
#include <sys/socket.h>

#include "instance_wire.h"
#include "interval.h"

/* Losing adverts, and those of priority 0, answered in one interval of our own; a flood of
 * them must not make us flood (RFC 9568 6.4.3 wants one, its security section a limit). */
#define ANSWERS_PER_INTERVAL	4

const struct vrrp_conf_vip *
instance_vips(const struct instance *in, unsigned *n)
{
	*n = in->conf->vips.n;
	return &in->all->vip[in->conf->vips.first];
}

const struct vrrp_conf_peer *
instance_peers(const struct instance *in, unsigned *n)
{
	*n = in->conf->peers.n;
	return &in->all->peer[in->conf->peers.first];
}

bool
instance_is_owner(const struct instance *in)
{
	return in->conf->priority == ADV_PRIO_OWNER;
}

int64_t
instance_skew_us(const struct instance *in)
{
	return interval_skew_us(in->conf->version, in->prio, in->active_us);
}

int64_t
instance_down_us(const struct instance *in)
{
	return interval_down_us(in->conf->version, in->prio, in->active_us,
				in->conf->down_timer_adverts);
}

static enum fsm_preempt
configured_preempt(const struct instance *in)
{
	if (in->held || !in->conf->preempt)
		return FSM_PREEMPT_OFF;
	return in->conf->preempt_delay_us ? FSM_PREEMPT_DELAY : FSM_PREEMPT_ON;
}

/* What is not sent must not put off the next advert. */
static void
answer(struct instance *in, bool arm, struct mono now)
{
	uint32_t held;

	if (!log_allowed(&in->answers, now, ANSWERS_PER_INTERVAL,
			 in->conf->advert_us, &held)) {
		in->stats.answer_held++;
		return;
	}
	instance_wire_send(in, in->prio, now);
	if (arm)
		timer_arm(in->timers, &in->adv_timer,
			  mono_add(now, in->conf->advert_us));
}

static struct mono
down_due(const struct instance *in)
{
	return mono_add(in->down_from, in->skewed ? instance_skew_us(in) :
						    instance_down_us(in));
}

static void
arm_down(struct instance *in, bool skewed, struct mono now)
{
	in->down_from = now;
	in->skewed = skewed;
	in->graced = false;
	timer_arm(in->timers, &in->down_timer, down_due(in));
}

/* The running down timer keeps the moment it runs from, and what it runs for. */
static void
shift_down(struct instance *in, struct mono now)
{
	struct mono at = down_due(in);

	if (!in->down_timer.armed)
		return;
	if (in->graced && !mono_before(now, at))
		at = mono_add(now, 1);
	timer_arm(in->timers, &in->down_timer, at);
}

/* From the moment the last one was due, so that the rhythm does not drift;
 * from now when we slept through more than one. */
static void
next_advert(struct instance *in, struct mono now)
{
	int64_t us = in->conf->advert_us;
	int64_t late = mono_diff_us(now, in->adv_timer.at);

	if (late > us / 2)
		in->stats.late_adverts++;
	struct mono at = late < us ? mono_add(in->adv_timer.at, us) :
				     mono_add(now, us);

	timer_arm(in->timers, &in->adv_timer, at);
}

static void
act_timers(struct instance *in, enum fsm_action act, struct mono now)
{
	if (act == FSM_ACT_ARM_ADV) {
		timer_arm(in->timers, &in->adv_timer,
			  mono_add(now, in->conf->advert_us));
	} else if (act == FSM_ACT_ARM_DOWN) {
		arm_down(in, false, now);
	} else if (act == FSM_ACT_ARM_SKEW) {
		arm_down(in, true, now);
	} else {
		timer_stop(in->timers, &in->adv_timer);
		timer_stop(in->timers, &in->down_timer);
		timer_stop(in->timers, &in->delay_timer);
	}
}

static void
act_preempt(struct instance *in, enum fsm_action act, struct mono now)
{
	if (act == FSM_ACT_DELAY_START) {
		in->preempt = FSM_PREEMPT_DELAYING;
		timer_arm(in->timers, &in->delay_timer,
			  mono_add(now, in->conf->preempt_delay_us));
		return;
	}
	timer_stop(in->timers, &in->delay_timer);
	if (act == FSM_ACT_DELAY_PASSED) {
		in->preempt = FSM_PREEMPT_ON;
		return;
	}
	if (act == FSM_ACT_PREEMPT_HOLD)
		in->held = true;
	if (act == FSM_ACT_PREEMPT_RESET)
		in->held = false;
	in->preempt = configured_preempt(in);
}

static void
act(struct instance *in, enum fsm_action action, int64_t packet_us,
    struct mono now)
{
	switch (action) {
	case FSM_ACT_SEND_ADV:
		instance_wire_send(in, in->prio, now);
		return;
	case FSM_ACT_SEND_ADV_ZERO:
		instance_wire_send(in, ADV_PRIO_LEAVING, now);
		return;
	case FSM_ACT_ANSWER:
	case FSM_ACT_ANSWER_ARM:
		answer(in, action == FSM_ACT_ANSWER_ARM, now);
		return;
	case FSM_ACT_ADDRESSES_ADD:
		in->port->addresses(in, true, now);
		return;
	case FSM_ACT_ADDRESSES_DEL:
		in->port->addresses(in, false, now);
		return;
	case FSM_ACT_ANNOUNCE:
		in->port->announce(in, INSTANCE_ANNOUNCE_BEGIN, now);
		return;
	case FSM_ACT_REANNOUNCE:
		in->port->announce(in, INSTANCE_ANNOUNCE_AGAIN, now);
		return;
	case FSM_ACT_ANNOUNCE_STOP:
		in->port->announce(in, INSTANCE_ANNOUNCE_STOP, now);
		return;
	case FSM_ACT_NEXT_ADV:
		next_advert(in, now);
		return;
	case FSM_ACT_SHIFT_DOWN:
		shift_down(in, now);
		return;
	case FSM_ACT_LEARN_INTERVAL:
		if (packet_us)
			in->active_us = packet_us;
		return;
	case FSM_ACT_RESET_INTERVAL:
		in->active_us = in->conf->advert_us;
		return;
	case FSM_ACT_ARM_ADV:
	case FSM_ACT_ARM_DOWN:
	case FSM_ACT_ARM_SKEW:
	case FSM_ACT_STOP_TIMERS:
		act_timers(in, action, now);
		return;
	case FSM_ACT_DELAY_START:
	case FSM_ACT_DELAY_PASSED:
	case FSM_ACT_DELAY_STOP:
	case FSM_ACT_PREEMPT_HOLD:
	case FSM_ACT_PREEMPT_RESET:
		act_preempt(in, action, now);
		return;
	case FSM_ACT__N:
		break;
	}
	assert(!"an action of the table");
}

static void
record_change(struct instance *in, enum fsm_state from, enum fsm_event ev,
	      struct mono now)
{
	struct history_record rec = {
		.at = now,
		.silent_us = -1,
		.from = (uint8_t)from,
		.to = (uint8_t)in->state,
		.event = (uint8_t)ev,
		.prio = in->prio,
	};

	if (in->any_heard) {
		const struct instance_heard *h = &in->heard[in->last_heard];

		rec.peer = h->addr;
		rec.peer_prio = h->prio;
		rec.silent_us = mono_diff_us(now, h->at);
		rec.preempted = h->prio && h->prio < in->prio &&
				rec.silent_us < instance_down_us(in);
	}
	rec.fault = (uint8_t)in->fault_why;
	strfmt_copy(rec.detail, sizeof rec.detail, in->fault,
		    strlen(in->fault));
	/* Taking up what it was is no transition to the world. */
	if (in->resume != in->state || in->state == FSM_INIT) {
		in->since = now;
		in->stats.become_master += in->state == FSM_MASTER;
		in->stats.release_master += in->resume == FSM_MASTER;
	}
	if (from == FSM_MASTER)
		in->stats.release_master++;
	history_add(&in->history, &rec);
	in->port->changed(in, history_at(&in->history, 0), now);
}

static void
settled(struct instance *in, struct mono now)
{
	if (in->port->settled)
		in->port->settled(in, now);
}

/* The one place that writes `state`. */
static void
run_row(struct instance *in, enum fsm_event ev, int64_t packet_us,
	struct mono now)
{
	enum fsm_state from = in->state;
	const struct fsm_row *row = &fsm_table[from][ev];

	if (row->ignored)
		in->stats.ignored++;
	for (unsigned i = 0; i < row->nact; i++)
		act(in, (enum fsm_action)row->act[i], packet_us, now);
	in->state = (enum fsm_state)row->next;
	if (in->state != from) {
		record_change(in, from, ev, now);
		in->resume = FSM_INIT;
	}
}

void
instance_event(struct instance *in, enum fsm_event ev, struct mono now)
{
	run_row(in, ev, 0, now);
	settled(in, now);
}

static void
on_adv_timer(struct timer *t, struct mono now)
{
	instance_event(container_of(t, struct instance, adv_timer),
		       FSM_EV_ADV_TIMER, now);
}

/* The MASTER's advert may lie among packets that we have not read: we slept, or
 * there are many.  A flood of them must not keep us from taking over, though. */
static bool
reads_first(struct instance *in, struct mono now)
{
	if (!in->port->waiting(in))
		return false;
	if (in->graced)
		return mono_diff_us(now, in->graced_at) < in->active_us;
	in->graced = true;
	in->graced_at = now;
	in->stats.down_grace++;
	return true;
}

static void
on_down_timer(struct timer *t, struct mono now)
{
	struct instance *in = container_of(t, struct instance, down_timer);

	if (reads_first(in, now)) {
		timer_arm(in->timers, t, mono_add(now, 1));
		return;
	}
	instance_event(in, FSM_EV_DOWN_TIMER, now);
}

static void
on_delay_timer(struct timer *t, struct mono now)
{
	instance_event(container_of(t, struct instance, delay_timer),
		       FSM_EV_PREEMPT_DELAY, now);
}

void
instance_init(struct instance *in, const struct vrrp_conf *all,
	      const struct vrrp_conf_instance *conf,
	      const struct instance_port *port, struct timers *timers,
	      struct mono now)
{
	*in = (struct instance){
		.all = all,
		.conf = conf,
		.port = port,
		.timers = timers,
		.state = FSM_INIT,
		.prio = conf->priority,
		.active_us = conf->advert_us,
		.since = now,
	};
	for (unsigned v = 0; v < ADV__N; v++)
		in->stats.drop[v].verdict = (uint8_t)v;
	for (unsigned i = 0; i < ADV_NOTE__N; i++)
		in->stats.note[i].verdict = (uint8_t)i;
	in->preempt = configured_preempt(in);
	timer_init(&in->adv_timer, on_adv_timer);
	timer_init(&in->down_timer, on_down_timer);
	timer_init(&in->delay_timer, on_delay_timer);
}

/* A MASTER whose own interval shrinks must not wait out the old one.  A BACKUP of version 3 goes
 * by the MASTER's interval, not its own; one of version 2 waits anew, since
 * the MASTER may get its new interval a moment later. */
static void
reconf_interval(struct instance *in, int64_t old_us, struct mono now)
{
	int64_t us = in->conf->advert_us;

	if (us == old_us)
		return;
	if (in->state != FSM_BACKUP || in->conf->version == 2 || !in->any_heard)
		in->active_us = us;
	if (in->adv_timer.armed && us < old_us &&
	    mono_before(mono_add(now, us), in->adv_timer.at))
		timer_arm(in->timers, &in->adv_timer, mono_add(now, us));
	if (in->down_timer.armed)
		arm_down(in, in->skewed, now);
}

void
instance_reconf(struct instance *in, const struct vrrp_conf *all,
		const struct vrrp_conf_instance *conf, struct mono now)
{
	int64_t old_us = in->conf->advert_us;
	bool preempt_changed = in->conf->preempt != conf->preempt ||
		in->conf->preempt_delay_us != conf->preempt_delay_us;

	in->all = all;
	in->conf = conf;
	if (preempt_changed) {
		timer_stop(in->timers, &in->delay_timer);
		in->preempt = configured_preempt(in);
	}
	reconf_interval(in, old_us, now);
}

void
instance_content(struct instance *in, struct mono now)
{
	instance_event(in, FSM_EV_CONTENT, now);
}

void
instance_resume(struct instance *in, enum fsm_state state, struct mono sent_at)
{
	in->resume = state;
	in->sent_at = sent_at;
}

bool
instance_may_adopt(const struct instance *in, struct mono now)
{
	return in->resume == FSM_MASTER &&
	       mono_diff_us(now, in->sent_at) < in->conf->advert_us *
						in->conf->down_timer_adverts;
}

/* A BACKUP of an earlier life keeps what it learnt and what an operator told it; startup
 * forgets both.  Version 2 learns nothing: this life's file may say another interval. */
static void
resume_backup(struct instance *in, struct mono now)
{
	const bool held = in->held;
	const int64_t active_us = in->conf->version == 2 || !in->any_heard ?
				  in->conf->advert_us : in->active_us;

	instance_event(in, FSM_EV_STARTUP, now);
	in->held = held;
	in->preempt = configured_preempt(in);
	in->active_us = active_us;
	shift_down(in, now);
	settled(in, now);		/* what startup wrote down is wrong */
}

static void
start_up(struct instance *in, struct mono now)
{
	if (instance_may_adopt(in, now))
		instance_event(in, FSM_EV_ADOPT, now);
	else if (instance_is_owner(in))
		instance_event(in, FSM_EV_STARTUP_OWNER, now);
	else if (in->resume == FSM_BACKUP)
		resume_backup(in, now);
	else
		instance_event(in, FSM_EV_STARTUP, now);
}

void
instance_conditions(struct instance *in, const struct instance_conditions *c,
		    struct mono now)
{
	bool ready = c->link && c->tracked;

	if (c->hold)
		return;
	in->source = c->source.family ? c->source : in->source;
	in->ifindex = c->ifindex;
	if (!ready) {
		in->ready = false;
		in->fault_why = c->why;
		strfmt_copy(in->fault, sizeof in->fault, c->fault,
			    strlen(c->fault));
		if (in->state == FSM_FAULT)
			return;
		instance_event(in, c->link ? FSM_EV_FAULT_TRACK :
					     FSM_EV_FAULT_LINK, now);
		return;
	}
	in->fault[0] = 0;
	if (c->prio != in->prio) {
		in->prio = c->prio;
		if (in->ready)
			instance_event(in, FSM_EV_PRIORITY, now);
	}
	if (in->ready)
		return;
	in->ready = true;
	start_up(in, now);
}

/* False: it was the one that is heard anyway, and says the same. */
static bool
note_heard(struct instance *in, const struct adv *adv,
	   const struct adv_meta *meta, struct mono now)
{
	struct instance_heard *last = &in->heard[in->last_heard];

	if (in->any_heard && last->prio == adv->prio &&
	    !net_addr_cmp(&last->addr, &meta->src)) {
		last->at = now;
		return false;
	}
	unsigned oldest = 0;

	for (unsigned i = 0; i < INSTANCE_HEARD; i++) {
		struct instance_heard *h = &in->heard[i];

		if (!net_addr_cmp(&h->addr, &meta->src)) {
			oldest = i;
			break;
		}
		if (mono_before(h->at, in->heard[oldest].at))
			oldest = i;
	}
	in->heard[oldest] = (struct instance_heard){
		.addr = meta->src, .at = now, .prio = adv->prio,
	};
	in->last_heard = (uint8_t)oldest;
	in->any_heard = true;
	return true;
}

/* What a BACKUP that hears its MASTER has learnt from a packet: mostly nothing but that
 * it is still there. */
static bool
is_news(const struct instance *in, enum fsm_event ev, unsigned notes, int64_t packet_us)
{
	const struct fsm_row *row = &fsm_table[in->state][ev];

	return in->state != FSM_BACKUP || row->next != FSM_BACKUP || row->ignored ||
	       ev == FSM_EV_ADV_ZERO || notes ||
	       (packet_us && packet_us != in->active_us) || !in->port->heard;
}

void
instance_refused(struct instance *in, enum adv_verdict verdict,
		 const struct adv *adv, const struct adv_meta *meta,
		 struct mono now)
{
	in->stats.drop[verdict].n++;
	in->port->noted(in, verdict, 0, adv, meta, now);
	settled(in, now);
}

void
instance_packet(struct instance *in, const struct adv *adv,
		const struct adv_meta *meta, struct mono now)
{
	uint8_t packed[ADV_SIZE_MAX];
	struct adv_expect expect;
	unsigned notes = 0;

	instance_wire_expect(in, meta, packed, &expect);
	enum adv_verdict verdict = adv_check(adv, meta, &expect, &notes);

	if (verdict != ADV_OK) {
		instance_refused(in, verdict, adv, meta, now);
		return;
	}
	in->stats.advert_rcvd++;
	if (!adv->prio)
		in->stats.pri_zero_rcvd++;
	for (unsigned i = 0; i < ADV_NOTE__N; i++)
		in->stats.note[i].n += notes >> i & 1;
	if (notes)
		in->port->noted(in, ADV_OK, notes, adv, meta, now);
	const enum fsm_event ev = fsm_classify(in->prio, &in->source, in->preempt,
					       adv->prio, &meta->src);
	const int64_t packet_us = adv_interval_us(adv);
	const bool other = note_heard(in, adv, meta, now);
	const bool news = other || is_news(in, ev, notes, packet_us);

	run_row(in, ev, packet_us, now);
	if (news)
		settled(in, now);
	else
		in->port->heard(in, now);
}
