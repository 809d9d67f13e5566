/* SPDX-License-Identifier: MIT */
/* service.c -- see service.h. */
#include "port.h"
#include "service.h"

/* ---- one server ------------------------------------------------------------------ */

/* The operator lets it. */
static bool
wanted(const struct service_dest *d)
{
	return d->admin == SERVICE_READY && !d->maintenance;
}

static bool
carries(const struct service_dest *d)
{
	return d->up && wanted(d);
}

/* Slow start aside. */
static uint16_t
whole_weight(const struct service_dest *d)
{
	int32_t w = d->set >= 0 ? d->set : d->asked >= 0 ? d->asked : d->conf->weight;

	return (uint16_t)(w < UINT16_MAX ? w : UINT16_MAX);
}

static int64_t
step_us(const struct service *s)
{
	int64_t us = s->conf->slow_start_us / SERVICE_STEPS;

	return us > 0 ? us : 1;
}

/* How many steps of its slow start are behind it; SERVICE_STEPS: all. */
static uint32_t
steps_done(const struct service_dest *d, struct mono now)
{
	int64_t n;

	if (mono_is_never(d->slow_begun) || !carries(d) || d->service->conf->slow_start_us <= 0)
		return SERVICE_STEPS;
	n = mono_diff_us(now, d->slow_begun) / step_us(d->service);
	return n < 0 ? 0 : n < SERVICE_STEPS ? (uint32_t)n : SERVICE_STEPS;
}

static uint16_t
weight_now(const struct service_dest *d, struct mono now)
{
	uint32_t whole = whole_weight(d);

	if (whole == 0)
		return 0;
	return (uint16_t)(1 + (whole - 1) * steps_done(d, now) / SERVICE_STEPS);
}

/* It carries again, or no longer.  Who was in use, in panic, goes on as it is. */
static void
carried(struct service_dest *d, bool before, struct mono now)
{
	if (carries(d) == before)
		return;
	d->slow_begun = MONO_NEVER;
	if (!before && d->service->settled && d->place.weight == 0)
		d->slow_begun = now;
}

/* ---- the whole ------------------------------------------------------------------- */

static bool
sorry_able(const struct service *s)
{
	return s->sorry != NULL && carries(s->sorry) && whole_weight(s->sorry) > 0;
}

/* What one server adds to the sums of its service; the sorry server nothing. */
struct share {
	uint32_t weight;
	uint16_t up, ready;
};

static struct share
share_of(const struct service_dest *d)
{
	if (d == d->service->sorry)
		return (struct share){ .weight = 0 };
	return (struct share){
		.weight = carries(d) ? whole_weight(d) : 0,
		.up = carries(d), .ready = wanted(d),
	};
}

static void
add(struct service *s, struct share now, struct share before)
{
	s->up_weight += now.weight - before.weight;
	s->nup = (uint16_t)(s->nup + now.up - before.up);
	s->nready = (uint16_t)(s->nready + now.ready - before.ready);
}

static void
count(struct service *s)
{
	s->up_weight = 0;
	s->nup = s->nready = 0;
	for (unsigned i = 0; i < s->conf->dests.n; i++)
		add(s, share_of(&s->dests[i]), (struct share){ .weight = 0 });
}

/* Whether quorum is held, seen from how it was; as keepalived counts it. */
static bool
quorum_held(const struct service *s)
{
	uint64_t quorum = s->conf->quorum, hysteresis = s->conf->hysteresis;

	if (s->up_weight == 0)
		return false;
	if (s->quorum)
		return s->up_weight + hysteresis >= quorum;
	return s->up_weight >= quorum + hysteresis;
}

static struct service_place
gone(bool inhibit)
{
	return (struct service_place){ .there = inhibit };
}

static struct service_place
place_sorry(const struct service *s, bool stands_in)
{
	if (stands_in)
		return (struct service_place){ true, whole_weight(s->sorry) };
	return gone(s->conf->sorry_inhibit);
}

static struct service_place
place_of(const struct service_dest *d, bool stands_in, struct mono now)
{
	const struct service *s = d->service;

	if (!s->active)
		return gone(false);
	if (d == s->sorry)
		return place_sorry(s, stands_in);
	if (d->up && d->admin != SERVICE_DOWN && !wanted(d))
		return (struct service_place){ .there = true };
	if (!wanted(d) || stands_in || !(d->up || s->panic))
		return gone(d->conf->inhibit);
	return (struct service_place){ true, weight_now(d, now) };
}

static bool
gains(struct service_place is, struct service_place want)
{
	return want.weight > is.weight || (want.there && !is.there);
}

static bool
same(struct service_place a, struct service_place b)
{
	return a.there == b.there && a.weight == b.weight;
}

/* Those that gain, or those that lose. */
static void
place_some(struct service *s, bool gaining, bool stands_in, struct mono now)
{
	for (unsigned i = 0; i <= s->conf->dests.n; i++) {
		struct service_dest *d = i < s->conf->dests.n ? &s->dests[i] : s->sorry;
		struct service_place want;

		if (d == NULL)
			continue;
		want = place_of(d, stands_in, now);
		if (same(d->place, want) || gains(d->place, want) != gaining)
			continue;
		d->place = want;
		s->ops->place(d, now);
	}
}

/* Slow starts that are over end; the timer is for the next step of the others. */
static void
arm_step(struct service *s, struct mono now)
{
	struct mono next = MONO_NEVER;

	for (unsigned i = 0; i < s->conf->dests.n; i++) {
		struct service_dest *d = &s->dests[i];
		uint32_t n = steps_done(d, now);
		struct mono at;

		if (n >= SERVICE_STEPS) {
			d->slow_begun = MONO_NEVER;
			continue;
		}
		at = mono_add(d->slow_begun, (n + 1) * step_us(s));
		if (mono_before(at, next))
			next = at;
	}
	if (mono_is_never(next))
		timer_stop(s->timers, &s->step);
	else
		timer_arm(s->timers, &s->step, next);
}

/* Who went up or down since it was told last; the first time nobody hears of it. */
static void
tell_dest(struct service *s, struct service_dest *d, struct mono now)
{
	if (d->up == d->told)
		return;
	d->told = d->up;
	if (!s->settled)
		return;
	d->ups += d->up;
	d->downs += !d->up;
	s->ops->dest(d, now);
}

static void
tell_dests(struct service *s, struct mono now)
{
	for (unsigned i = 0; i < s->conf->dests.n; i++)
		tell_dest(s, &s->dests[i], now);
	if (s->sorry != NULL)
		tell_dest(s, s->sorry, now);
}

/* From the sums; true: it concerns every server. */
static bool
decide(struct service *s)
{
	const bool panic = s->panic, stands_in = s->stands_in;

	s->quorum = quorum_held(s);
	s->stands_in = !s->quorum && sorry_able(s);
	s->panic = s->nup * UINT32_C(100) < s->nready * (uint32_t)s->conf->panic &&
		   !s->stands_in;
	return s->panic != panic || s->stands_in != stands_in;
}

static void
tell_quorum(struct service *s, bool before, struct mono now)
{
	if (s->quorum == before)
		return;
	s->since = now;
	if (s->settled) {
		s->losses += before;
		s->ops->quorum(s, now);
	}
}

static void
tell_panic(struct service *s, struct mono now)
{
	if (s->panic == s->told_panic)
		return;
	s->told_panic = s->panic;
	if (s->settled)
		s->ops->panic(s, now);
}

/* Every server anew. */
static void
settle_all(struct service *s, bool before, struct mono now)
{
	place_some(s, true, s->stands_in, now);
	place_some(s, false, s->stands_in, now);
	arm_step(s, now);
	tell_dests(s, now);
	tell_quorum(s, before, now);
	tell_panic(s, now);
	s->settled = true;
	s->noting = false;
}

static void
settle(struct service *s, struct mono now)
{
	const bool before = s->quorum;

	count(s);
	(void)decide(s);
	settle_all(s, before, now);
}

static void
step(struct timer *t, struct mono now)
{
	settle(container_of(t, struct service, step), now);
}

/* Something about `d` was said, which had added `was`.  Of thousands of servers the others are
 * looked at only when it may concern them. */
static void
resettle(struct service_dest *d, struct share was, struct mono now)
{
	struct service *s = d->service;
	const bool before = s->quorum;
	struct service_place want;

	if (!s->settled || s->noting)
		return;
	add(s, share_of(d), was);
	if (decide(s) || s->conf->slow_start_us > 0) {
		settle_all(s, before, now);
		return;
	}
	d->slow_begun = MONO_NEVER;
	want = place_of(d, s->stands_in, now);
	if (!same(d->place, want)) {
		d->place = want;
		s->ops->place(d, now);
	}
	tell_dest(s, d, now);
	tell_quorum(s, before, now);
}

void
service_settle(struct service *s, struct mono now)
{
	settle(s, now);
}

/* ---- what comes in --------------------------------------------------------------- */

void
service_verdict(struct service_dest *d, bool up, struct mono now)
{
	const struct share was = share_of(d);
	bool before = carries(d);

	if (d->up == up)
		return;
	d->up = up;
	d->since = now;
	carried(d, before, now);
	resettle(d, was, now);
}

static int32_t
weight_or_none(int32_t weight)
{
	return weight < 0 ? -1 : weight < UINT16_MAX ? weight : UINT16_MAX;
}

void
service_asked(struct service_dest *d, int32_t weight, struct mono now)
{
	const struct share was = share_of(d);

	d->asked = weight_or_none(weight);
	resettle(d, was, now);
}

void
service_set_weight(struct service_dest *d, int32_t weight, struct mono now)
{
	const struct share was = share_of(d);

	d->set = weight_or_none(weight);
	resettle(d, was, now);
}

void
service_set_admin(struct service_dest *d, enum service_admin a, struct mono now)
{
	const struct share was = share_of(d);
	bool before = carries(d);

	d->admin = (uint8_t)a;
	carried(d, before, now);
	resettle(d, was, now);
}

void
service_set_maintenance(struct service_dest *d, bool there, struct mono now)
{
	const struct share was = share_of(d);
	bool before = carries(d);

	d->maintenance = there;
	carried(d, before, now);
	resettle(d, was, now);
}

void
service_set_active(struct service *s, bool active, struct mono now)
{
	s->active = active;
	if (s->settled && !s->noting)
		settle(s, now);
}

/* ---- its configuration ----------------------------------------------------------- */

static bool
starts_down(const struct check_conf_dest *conf, const struct check_conf *all)
{
	bool down = conf->alpha;

	for (unsigned i = 0; i < conf->checks.n; i++)
		down = down || all->check[all->ref[conf->checks.first + i]].alpha;
	return down;
}

void
service_dest_init(struct service_dest *d, struct service *s, const struct check_conf_dest *conf,
		  const struct check_conf *all, struct mono now)
{
	*d = (struct service_dest){ .conf = conf, .service = s, .asked = -1, .set = -1 };
	d->up = d->told = !starts_down(conf, all);
	d->since = now;
	d->slow_begun = s->settled ? now : MONO_NEVER;
}

static void
take_dest(struct service *s, struct service_dest *d, const struct check_conf_dest *conf,
	  const struct check_conf *all, struct mono now)
{
	if (d->service == NULL)
		service_dest_init(d, s, conf, all, now);
	d->conf = conf;
}

static void
take_conf(struct service *s, const struct check_conf_service *conf, const struct check_conf *all,
	  struct service_dest *dests, struct service_dest *sorry, struct mono now)
{
	s->conf = conf;
	s->dests = dests;
	s->sorry = sorry;
	for (unsigned i = 0; i < conf->dests.n; i++)
		take_dest(s, &dests[i], &all->dest[conf->dests.first + i], all, now);
	if (sorry != NULL)
		take_dest(s, sorry, &all->dest[conf->sorry - 1], all, now);
}

void
service_init(struct service *s, const struct check_conf_service *conf,
	     const struct check_conf *all, const struct service_ops *ops,
	     struct timers *timers, struct service_dest *dests,
	     struct service_dest *sorry, struct mono now)
{
	*s = (struct service){ .ops = ops, .timers = timers, .quorum = true, .since = now };
	timer_init(&s->step, step);
	take_conf(s, conf, all, dests, sorry, now);
}

void
service_conf(struct service *s, const struct check_conf_service *conf,
	     const struct check_conf *all, struct service_dest *dests,
	     struct service_dest *sorry, struct mono now)
{
	take_conf(s, conf, all, dests, sorry, now);
	s->noting = true;
}

void
service_end(struct service *s)
{
	timer_stop(s->timers, &s->step);
}
