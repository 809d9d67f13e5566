/* SPDX-License-Identifier: MIT */
/* probe.c -- when a check is tried, and what comes of it. */
#include "probe.h"

#include <string.h>

#include "check_pools.h"
#include "spawn.h"
#include "strfmt.h"
#include "wall.h"

_Static_assert(CONFIG_CHECK_STATE % 8 == 0, "a try's state is followed by its buffers");

/* Later than that a timer is when our process had no time, as when it was stopped: what a server
 * has said meanwhile is not read yet, for timers run before descriptors. */
#define SLEPT_US	50000

#define LOOK_AGAIN_US	100000		/* at the latest, while one waits for its turn */

/* Scripts of checks at a time: some slots, and some of the parent's places, are left for checks of
 * other kinds and for scripts that tell of something, however long these hang. */
#define SOME(n)		((n) - (n) / 4)
#define SCRIPTS		(SOME(CONFIG_SPAWN_QUEUE) < SOME(CONFIG_CHECK_RUNNING) ? \
			 SOME(CONFIG_SPAWN_QUEUE) : SOME(CONFIG_CHECK_RUNNING))

static struct loop *
loop_of(const struct probe *p)
{
	return p->all->loop;
}

static const struct checker *
checker_of(const struct probe *p)
{
	return checker_table[p->conf->checker];
}

/* Marsaglia's xorshift: for ids and phases, where nobody gains by guessing one. */
static uint32_t
draw(struct probes *all)
{
	uint32_t x = all->seed;

	x ^= x << 13;
	x ^= x >> 17;
	x ^= x << 5;
	all->seed = x;
	return x;
}

/* ---- the queue for a slot -------------------------------------------------------- */

static void begin(struct probe *p, struct probe_try *t, struct tls *tls, struct mono now);

static bool
has_script(const struct probe *p)
{
	return checker_of(p)->link == CHECKER_SCRIPT;
}

/* It needs more than a slot, so that one of another kind may go before it. */
static bool
is_choosy(const struct probe *p)
{
	return p->conf->tls_used || has_script(p);
}

static void
enqueue(struct probe *p)
{
	struct probes *const all = p->all;

	p->queued = true;
	p->next = NULL;
	if (all->last)
		all->last->next = p;
	else
		all->first = p;
	all->last = p;
	all->plain += !is_choosy(p);
}

static void
dequeue(struct probe *p)
{
	struct probes *const all = p->all;
	struct probe *before = NULL;

	if (!p->queued)
		return;
	for (struct probe *x = all->first; x != p; x = x->next)
		before = x;
	if (before)
		before->next = p->next;
	else
		all->first = p->next;
	if (all->last == p)
		all->last = before;
	p->queued = false;
	all->plain -= !is_choosy(p);
}

/* Whether what it needs is there; then it is this probe's. */
static bool
take(struct probe *p, struct probe_try **t, struct tls **tls)
{
	*tls = NULL;
	if (has_script(p) && p->all->running == SCRIPTS)
		return false;
	if (p->conf->tls_used) {
		*tls = tls_get();
		if (!*tls)
			return false;
	}
	*t = pool_get(try);
	if (*t) {
		p->all->running += has_script(p);
		return true;
	}
	if (*tls)
		tls_put(*tls);
	return false;
}

/* Something has become free: whoever waits gets it. */
static void
serve_soon(struct probes *all, struct mono now)
{
	if (all->first)
		timer_arm(&all->loop->timers, &all->serve, now);
}

/* The TLS session of a mail comes back without a word. */
static void
look_again(struct probes *all, struct mono now)
{
	if (all->first && !all->serve.armed)
		timer_arm(&all->loop->timers, &all->serve, mono_add(now, LOOK_AGAIN_US));
}

static void
serve(struct probes *all, struct mono now)
{
	struct probe *next;

	for (struct probe *p = all->first; p; p = next) {
		struct probe_try *t;
		struct tls *tls;

		next = p->next;
		if (!take(p, &t, &tls)) {
			if (!is_choosy(p))
				return;
			continue;
		}
		dequeue(p);
		begin(p, t, tls, now);
	}
	look_again(all, now);
}

static void
on_serve(struct timer *t, struct mono now)
{
	serve(container_of(t, struct probes, serve), now);
}

static void
want_now(struct probe *p, struct mono now)
{
	struct probes *const all = p->all;
	struct probe_try *t;
	struct tls *tls;

	if (p->try || p->queued)
		return;
	timer_stop(&loop_of(p)->timers, &p->timer);
	/* Whoever waits already is first. */
	if ((!all->first || (all->plain == 0 && !is_choosy(p))) && take(p, &t, &tls)) {
		begin(p, t, tls, now);
		return;
	}
	all->waits++;
	probe_tell(p, now, "waits for its turn");
	enqueue(p);
	look_again(all, now);
}

static void
on_timer(struct timer *t, struct mono now)
{
	want_now(container_of(t, struct probe, timer), now);
}

/* ---- the end of a try ------------------------------------------------------------ */

static void
release(struct probe_try *t)
{
	struct probe *const p = t->probe;
	struct loop *const l = loop_of(p);

	probe_io_close(t, !t->passed);
	timer_stop(&l->timers, &t->deadline);
	timer_stop(&l->timers, &t->wake);
	if (t->tls)
		tls_put(t->tls);
	p->all->running -= has_script(p);
	pool_put(try, t);
	p->try = NULL;
}

static void
plan(struct probe *p, struct mono now)
{
	if (p->suspended)
		return;
	p->due = mono_add(now, health_next_us(&p->health, p->conf, now));
	timer_arm(&loop_of(p)->timers, &p->timer, p->due);
}

static void
note(struct probe *p, const struct probe_try *t, bool passed, struct mono now)
{
	struct probe_result *const last = &p->last;

	last->any = true;
	last->passed = passed;
	last->ours = t->ours;
	last->reason = passed ? CHECKER_NONE : (uint8_t)t->run.reason;
	last->tls = t->tls ? (uint8_t)tls_verdict(t->tls) : TLS_OK;
	memcpy(last->detail, t->run.detail, sizeof last->detail);
	last->latency_us = mono_diff_us(now, t->begun);
	last->at = now;
	last->at_wall_us = wall_us();

	/* One that failed asks for nothing new, nor does a script with status 0. */
	const int32_t weight = passed && t->run.weight >= 0 ? t->run.weight : p->weight;
	const int32_t add = passed ? t->run.add : p->add;

	p->asks = weight != p->weight || add != p->add;
	p->weight = weight;
	p->add = add;
	if (passed)
		p->passed++;
	else
		p->failed++, p->all->failures++;
	p->why[last->reason] += !passed;
	if (t->tls) {
		struct tls_peer peer;

		tls_peer(t->tls, &peer);
		if (peer.not_after_s)
			p->cert_end_s = peer.not_after_s;
	}
}

static void
finish(struct probe_try *t, bool passed, struct mono now)
{
	struct probe *const p = t->probe;
	struct probes *const all = p->all;

	note(p, t, passed, now);
	if (!passed)
		probe_tls_forget(p);

	const bool changed = !p->last.ours && health_result(&p->health, p->conf, passed);
	const uint32_t ticket = p->ticket;

	probe_tell_end(p, changed, now);
	p->ticket = 0;
	t->passed = passed;
	release(t);
	if (changed) {
		p->changes++;
		p->since_wall_us = wall_us();
	}
	p->health.tried = true;
	plan(p, now);
	serve_soon(all, now);
	all->ops->done(p, changed, now);
	if (ticket)
		all->ops->explained(p, ticket, now);
}

void
probe_fail(struct probe_try *t, enum checker_reason reason, const char *detail,
	   struct mono now)
{
	t->run.reason = reason;
	strfmt_copy(t->run.detail, sizeof t->run.detail, detail, strlen(detail));
	finish(t, false, now);
}

/* Once: a server gets the time that we have slept, at most another timeout. */
static bool
put_off(struct probe_try *t, struct mono now)
{
	const int64_t late_us = mono_diff_us(now, t->deadline.at);
	const int64_t most_us = t->probe->conf->timeout_us;

	if (late_us <= SLEPT_US || t->late)
		return false;
	t->late = true;
	timer_arm(&loop_of(t->probe)->timers, &t->deadline,
		  mono_add(now, late_us < most_us ? late_us : most_us));
	return true;
}

static void
on_deadline(struct timer *timer, struct mono now)
{
	struct probe_try *const t = container_of(timer, struct probe_try, deadline);
	enum checker_reason reason = CHECKER_TIMEOUT;

	if (put_off(t, now))
		return;
	if (t->script)
		reason = CHECKER_SCRIPT_TIME;
	else if (t->run.link == CHECKER_STREAM && !t->stream.connected)
		reason = CHECKER_CONNECT;
	else if (t->run.link == CHECKER_STREAM && t->tls && !t->ready)
		reason = CHECKER_TLS_TIME;
	/* A checker may know better than "no answer": three of five came. */
	if (reason == CHECKER_TIMEOUT && t->run.wake_us > 0 && checker_of(t->probe)->tick) {
		timer_arm(&loop_of(t->probe)->timers, &t->deadline, now);
		probe_call(t, now);
		t->run.wake_us = 0;
		probe_step(t, checker_of(t->probe)->tick(&t->run), now);
		return;
	}
	if (reason != CHECKER_TIMEOUT)	/* else it may say what came instead */
		t->run.detail[0] = '\0';
	t->run.reason = reason;
	finish(t, false, now);
}

/* ---- the course of a try --------------------------------------------------------- */

void
probe_call(struct probe_try *t, struct mono now)
{
	t->run.elapsed_us = mono_diff_us(now, t->begun);
	t->run.out = wr_over(t->out, sizeof t->out);
	t->run.empty = false;
}

static void
on_wake(struct timer *timer, struct mono now)
{
	struct probe_try *const t = container_of(timer, struct probe_try, wake);
	const struct checker *const k = checker_of(t->probe);

	if (mono_diff_us(now, timer->at) > SLEPT_US) {
		timer_arm(&loop_of(t->probe)->timers, timer, mono_add(now, 1));
		return;
	}
	probe_call(t, now);
	t->run.wake_us = 0;
	if (k->tick)
		probe_step(t, k->tick(&t->run), now);
}

void
probe_step(struct probe_try *t, enum checker_step step, struct mono now)
{
	struct timers *const timers = &loop_of(t->probe)->timers;

	if (step == CHECKER_MORE || step == CHECKER_NEXT || step == CHECKER_UP) {
		if (t->run.out.bad) {
			probe_fail(t, CHECKER_LOCAL, "raise CONFIG_CHECK_SEND", now);
			return;
		}
		if ((wr_len(&t->run.out) > 0 || t->run.empty) && !probe_io_send(t, now))
			return;		/* that was a verdict */
	}
	switch (step) {
	case CHECKER_MORE:
		if (t->run.wake_us > 0)
			timer_arm(timers, &t->wake, mono_add(t->begun, t->run.wake_us));
		else
			timer_stop(timers, &t->wake);
		return;
	case CHECKER_UP:
		finish(t, true, now);
		return;
	case CHECKER_DOWN:
		finish(t, false, now);
		return;
	case CHECKER_NEXT:
		timer_stop(timers, &t->wake);
		probe_io_close(t, false);
		t->run.opened++;
		t->ready = false;
		probe_io_open(t, now);
		return;
	case CHECKER_SECURE:
		t->ready = false;
		probe_io_secure(t, now);
		return;
	}
}

static void
begin(struct probe *p, struct probe_try *t, struct tls *tls, struct mono now)
{
	struct probes *const all = p->all;
	const int64_t late = mono_diff_us(now, p->due);

	if (late > all->late_max_us)
		all->late_max_us = late;
	all->tries++;
	t->probe = p;
	t->tls = tls;
	t->begun = now;
	t->io.fd = -1;
	timer_init(&t->deadline, on_deadline);
	timer_init(&t->wake, on_wake);
	t->run = (struct checker_run){
		.conf = all->conf, .check = p->conf, .state = t->state, .id = draw(all),
		.link = checker_of(p)->link, .weight = -1,
	};
	p->try = t;
	timer_arm(&all->loop->timers, &t->deadline, mono_add(now, p->conf->timeout_us));
	probe_tell_begin(p, now);
	probe_io_open(t, now);
}

void
probe_exited(struct probe *p, int status, struct mono now)
{
	struct probe_try *const t = p->try;
	const struct checker *const k = checker_of(p);

	assert(t && t->script && k->ended);
	probe_call(t, now);
	t->ours = status == SPAWN_NOT_RUN;
	probe_step(t, k->ended(&t->run, status), now);
}

/* ---- the life of a probe --------------------------------------------------------- */

void
probe_all_open(struct probes *all, struct loop *loop, const struct probe_ops *ops)
{
	*all = (struct probes){ .loop = loop, .ops = ops };
	timer_init(&all->serve, on_serve);
	all->seed = (uint32_t)wall_us() | 1;
}

struct probe *
probe_open(struct probes *all, const struct check_conf_check *conf, uint16_t index, bool up,
	   struct mono now)
{
	struct probe *const p = pool_get(probe);

	if (!p)
		return NULL;
	assert(checker_table[conf->checker]->state_size <= CONFIG_CHECK_STATE);
	p->conf = conf;
	p->all = all;
	p->index = index;
	p->weight = -1;
	p->since_wall_us = wall_us();
	timer_init(&p->timer, on_timer);
	health_init(&p->health, conf, index, now);
	p->health.up = up;
	plan(p, now);
	return p;
}

/* What is under way is dropped, and begins anew at once; but not a script. */
static void
drop(struct probe *p, struct mono now)
{
	if (!p->try || p->try->script)
		return;
	release(p->try);
	serve_soon(p->all, now);
	p->due = now;
	if (!p->suspended)
		timer_arm(&loop_of(p)->timers, &p->timer, now);
}

void
probe_all_drop(struct probes *all, struct mono now)
{
	(void)all;
	for (uint32_t i = 0; i < probe_pool_end(); i++) {
		struct probe *const p = probe_pool_at(i);

		if (p)
			drop(p, now);
	}
}

void
probe_conf(struct probe *p, const struct check_conf_check *conf, uint16_t index,
	   struct mono now)
{
	const bool sooner = conf->interval_us < p->conf->interval_us;

	drop(p, now);
	probe_tls_forget(p);		/* its authority's file may be another, too */
	p->shy = (struct mono){ 0 };
	p->conf = conf;
	p->index = index;
	if (p->try) {
		p->try->run.conf = p->all->conf;
		p->try->run.check = conf;
	}
	if (sooner && p->timer.armed && mono_diff_us(p->due, now) > conf->interval_us)
		plan(p, now);
}

void
probe_close(struct probe *p)
{
	if (p->try)
		release(p->try);
	dequeue(p);
	timer_stop(&loop_of(p)->timers, &p->timer);
	probe_tls_forget(p);
	pool_put(probe, p);
}

void
probe_now(struct probe *p, uint32_t ticket, struct mono now)
{
	const uint32_t before = p->ticket;

	if (ticket)
		p->ticket = ticket;
	if (before && before != p->ticket)
		p->all->ops->explained(p, before, now);
	/* Who asks wants to know it from the ground up. */
	probe_tls_forget(p);
	if (p->try && p->try->again) {
		release(p->try);
		serve_soon(p->all, now);
	}
	if (p->try || p->queued) {
		probe_tell(p, now, "is under way already");
		return;
	}
	p->due = now;
	want_now(p, now);
}

void
probe_suspend(struct probe *p, bool on, struct mono now)
{
	if (p->suspended == on)
		return;
	p->suspended = on;
	if (on) {
		if (p->try)
			release(p->try);
		serve_soon(p->all, now);
		dequeue(p);
		timer_stop(&loop_of(p)->timers, &p->timer);
		return;
	}
	plan(p, now);
}
