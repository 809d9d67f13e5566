/* SPDX-License-Identifier: MIT */
/* kept.c -- virtual routers written down and taken up. */
#include "kept.h"

#include <string.h>

#include "checkpoint.h"
#include "interval.h"

/* No clock gets there, and two such times can be subtracted. */
#define LATEST_US	((int64_t)1 << 60)

static struct kept *kept;
static bool claimed[CONFIG_VRRP_INSTANCES];

void
kept_open(struct kept *slots)
{
	kept = slots;
	memset(claimed, 0, sizeof claimed);
}

static struct kept_key
key_of(const struct vrrp_conf_instance *conf)
{
	struct kept_key key = {
		.vrid = conf->vrid, .family = conf->family,
		.version = conf->version,
	};

	memcpy(key.interface, conf->interface, sizeof key.interface);
	return key;
}

/* An empty one, rather than one that may be claimed yet. */
static struct kept_slot *
unclaimed(void)
{
	struct kept_slot *other = NULL;

	for (unsigned i = 0; i < CONFIG_VRRP_INSTANCES; i++) {
		struct kept_slot *s = &kept->slot[i];

		if (!claimed[i] && !s->key.vrid)
			return s;
		if (!claimed[i] && !other)
			other = s;
	}
	return other;
}

/* The one of this key that nobody has claimed. */
static struct kept_slot *
find(const struct kept_key *key)
{
	for (unsigned i = 0; i < CONFIG_VRRP_INSTANCES; i++) {
		struct kept_slot *s = &kept->slot[i];

		if (!claimed[i] && s->key_sum == checkpoint_sum(key, sizeof *key) &&
		    !memcmp(&s->key, key, sizeof *key))
			return s;
	}
	return NULL;
}

struct kept_slot *
kept_claim(const struct vrrp_conf_instance *conf, bool own_only)
{
	const struct kept_key key = key_of(conf);
	struct kept_slot *s = find(&key);
	const bool own = s != NULL;

	if (!own && !own_only)
		s = unclaimed();
	if (!s)
		return NULL;
	claimed[s - kept->slot] = true;
	if (own)
		return s;
	memset(s, 0, sizeof *s);
	s->key = key;
	s->key_sum = checkpoint_sum(&key, sizeof key);
	return s;
}

void
kept_free(struct kept_slot *s)
{
	claimed[s - kept->slot] = false;
	memset(s, 0, sizeof *s);
}

unsigned
kept_sweep(void)
{
	unsigned n = 0;

	for (unsigned i = 0; i < CONFIG_VRRP_INSTANCES; i++) {
		struct kept_slot *s = &kept->slot[i];

		if (claimed[i] || !s->key.vrid)
			continue;
		memset(s, 0, sizeof *s);
		n++;
	}
	return n;
}

void
kept_rename(struct kept_slot *s, const struct vrrp_conf_instance *conf)
{
	s->key = key_of(conf);
	s->key_sum = checkpoint_sum(&s->key, sizeof s->key);
}

static uint32_t
sum_of(const struct kept_state *k)
{
	return checkpoint_sum(&k->seq, sizeof *k - offsetof(struct kept_state, seq));
}

static bool
is_time(int64_t us)
{
	return us >= 0 && us < LATEST_US;
}

/* Whether this build can have written it: a right sum alone does not keep a number that
 * is used as an index, or for a time, in its range. */
static bool
valid_state(const struct kept_state *k)
{
	if (k->sum != sum_of(k) || k->state >= FSM_STATE__N ||
	    k->last_heard >= INSTANCE_HEARD || k->active_us <= 0 ||
	    k->active_us > INTERVAL_MAX_S * (int64_t)MONO_US_PER_S ||
	    !is_time(k->sent_us) || !is_time(k->since_us) ||
	    !is_time(k->since_wall_us))
		return false;
	for (unsigned i = 0; i < INSTANCE_HEARD; i++)
		if (!is_time(k->heard[i].at.us))
			return false;
	for (unsigned v = 0; v < ADV__N; v++)
		if (k->stats.drop[v].verdict != v)
			return false;
	for (unsigned i = 0; i < ADV_NOTE__N; i++)
		if (k->stats.note[i].verdict != i)
			return false;
	return true;
}

static bool
valid_record(const struct history_record *r)
{
	uint8_t preempted;

	memcpy(&preempted, &r->preempted, sizeof preempted);
	return is_time(r->at.us) && r->silent_us >= -1 && r->silent_us < LATEST_US &&
	       r->from < FSM_STATE__N && r->to < FSM_STATE__N &&
	       r->event < FSM_EV__N && r->fault < HISTORY_FAULT__N && preempted <= 1 &&
	       memchr(r->detail, '\0', sizeof r->detail) != NULL;
}

static bool
valid_history(const struct kept_slot *s)
{
	if (s->history_sum != checkpoint_sum(&s->history, sizeof s->history))
		return false;
	if (s->history.n > INT32_MAX)	/* counting on would wrap to none */
		return false;
	for (unsigned i = 0; i < CONFIG_VRRP_RECORDS; i++)
		if (!valid_record(&s->history.rec[i]))
			return false;
	return true;
}

/* The newer of the copies that are valid; NULL: neither is. */
static const struct kept_state *
newest(const struct kept_slot *s)
{
	const struct kept_state *best = NULL;

	for (unsigned i = 0; i < PORT_ARRAY_SIZE(s->copy); i++) {
		const struct kept_state *k = &s->copy[i];

		if (!valid_state(k))
			continue;
		if (!best || (int32_t)(k->seq - best->seq) > 0)
			best = k;
	}
	return best;
}

/* Of the copy written last. */
static uint32_t
last_seq(const struct kept_slot *s)
{
	const uint32_t a = s->copy[0].seq, b = s->copy[1].seq;

	return (int32_t)(b - a) > 0 ? b : a;
}

static uint32_t
pulse_sum(const struct kept_pulse *p)
{
	return checkpoint_sum(&p->of, sizeof *p - offsetof(struct kept_pulse, of));
}

void
kept_heard(struct kept_slot *s, const struct instance *in)
{
	struct kept_pulse *p = &s->pulse[in->stats.advert_rcvd & 1];

	p->sum = 0;
	p->of = last_seq(s);
	p->heard_us = in->heard[in->last_heard].at.us;
	p->advert_rcvd = in->stats.advert_rcvd;
	p->sum = pulse_sum(p);
}

/* What came after the copy that was taken up. */
static void
load_pulses(const struct kept_slot *s, uint32_t seq, struct instance *in)
{
	for (unsigned i = 0; i < PORT_ARRAY_SIZE(s->pulse); i++) {
		const struct kept_pulse *p = &s->pulse[i];

		if (p->sum != pulse_sum(p) || p->of != seq || !is_time(p->heard_us) ||
		    p->advert_rcvd <= in->stats.advert_rcvd)
			continue;
		in->stats.advert_rcvd = p->advert_rcvd;
		in->heard[in->last_heard].at.us = p->heard_us;
	}
}

void
kept_save(struct kept_slot *s, const struct instance *in, struct mono now)
{
	const uint32_t seq = last_seq(s) + 1;
	struct kept_state *k = &s->copy[seq & 1];

	k->sum = 0;
	k->seq = seq;
	k->state = (uint8_t)in->state;
	k->held = in->held;
	k->any_heard = in->any_heard;
	k->last_heard = in->last_heard;
	k->pad = 0;
	k->saved_us = now.us;
	k->sent_us = in->sent_at.us;
	k->active_us = in->active_us;
	k->since_us = in->since.us;
	k->since_wall_us = in->since_wall_us;
	memcpy(k->heard, in->heard, sizeof k->heard);
	memcpy(&k->stats, &in->stats, sizeof k->stats);
	k->sum = sum_of(k);
	if (s->history.n == in->history.n)
		return;
	s->history_sum = 0;
	memcpy(&s->history, &in->history, sizeof s->history);
	s->history_sum = checkpoint_sum(&s->history, sizeof s->history);
}

enum fsm_state
kept_load(const struct kept_slot *s, struct instance *in, int64_t *sent_us)
{
	const struct kept_state *k = newest(s);

	*sent_us = 0;
	if (!k)
		return FSM_INIT;
	in->held = k->held;
	in->any_heard = k->any_heard;
	in->last_heard = k->last_heard;
	in->active_us = k->active_us;
	in->since.us = k->since_us;
	in->since_wall_us = k->since_wall_us;
	memcpy(in->heard, k->heard, sizeof in->heard);
	memcpy(&in->stats, &k->stats, sizeof in->stats);
	load_pulses(s, k->seq, in);
	if (valid_history(s))
		memcpy(&in->history, &s->history, sizeof in->history);
	*sent_us = k->sent_us;
	return (enum fsm_state)k->state;
}

const char *
kept_damaged(const struct kept_slot *s)
{
	const bool written = s->copy[0].sum || s->copy[1].sum;

	if (written && !newest(s))
		return "state and statistics";
	/* 0: not yet written, or the process was killed meanwhile. */
	return s->history_sum && !valid_history(s) ? "flight recorder" : NULL;
}

bool
kept_was_master(const struct vrrp_conf_instance *conf, struct mono *sent)
{
	const struct kept_key key = key_of(conf);
	const struct kept_slot *s = find(&key);
	const struct kept_state *k = s ? newest(s) : NULL;

	if (k)
		sent->us = k->sent_us;
	return k && k->state == FSM_MASTER;
}
