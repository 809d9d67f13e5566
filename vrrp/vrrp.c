/* SPDX-License-Identifier: MIT */
/* vrrp.c -- the VRRP child: one constant of functions and tables (child.h). */
#include <errno.h>
#include <linux/capability.h>
#include <string.h>

#include "control.h"
#include "leftover.h"
#include "mail.h"
#include "notify.h"
#include "seccomp.h"
#include "strfmt.h"
#include "vrrp.h"
#include "vrrp_log.h"
#include "vrrp_pools.h"
#include "vrrp_report.h"
#include "vrrp_schema.h"
#include "wall.h"

/* All that this process has; nobody else names it. */
static struct routers world;

/* Other children may follow an instance (ipc.h, STATE). */
static void
tell_one(struct child_env *env, const struct router *r)
{
	struct ipc_state m = { .state = r->in.state == FSM_MASTER };

	strfmt_copy(m.name, sizeof m.name, r->in.conf->name, strlen(r->in.conf->name));
	/* When it is lost, the parent is hung or gone, and that is seen. */
	(void)ipc_send_STATE(&env->ipc, &m, IPC_NO_FD);
}

/* The same to people, when the instance asks for it. */
static void
mail_one(const struct router *r, const struct history_record *rec, const char *why,
	 struct mono now)
{
	const struct vrrp_conf_instance *c = r->in.conf;
	char subject[CONF_NAME + 16], line[HISTORY_TEXT + 160];

	if (!c->smtp_alert)
		return;
	strfmt_to(subject, sizeof subject, "%s: %s", c->name, fsm_state_name[rec->to]);
	strfmt_to(line, sizeof line, "%s on %s: %s, was %s, priority %u: %s", c->name,
		  c->interface, fsm_state_name[rec->to], fsm_state_name[rec->from],
		  rec->prio, why);
	mail_put(subject, line, now);
}

/* The one place that tells of a transition. */
static void
on_changed(struct router *r, const struct history_record *rec, struct mono now)
{
	char why[HISTORY_TEXT];
	const struct vrrp_report_event ev = { .router = r, .rec = rec };
	/* To the world nothing changes when it takes up what it was. */
	const bool resumed = r->in.resume != FSM_INIT && r->in.resume == r->in.state;

	if (!resumed)
		r->in.since_wall_us = wall_us();
	history_why(rec, why);
	log_put(VRRP_LOG_STATE, r->in.conf->name, r->in.conf->interface,
		fsm_state_name[rec->from], fsm_state_name[rec->to],
		rec->prio, why);
	control_event(&vrrp_report_transition, &ev);
	tell_one(child_self(), r);
	if (resumed)
		return;
	notify_changed(child_self(), r, rec);
	mail_one(r, rec, why, now);
}

static struct kept *
kept_of(const struct child_env *env)
{
	return (struct kept *)(void *)env->checkpoint->content;
}

static int
start(struct child_env *env, struct mono now)
{
	(void)now;
	int err = env->checkpoint ? router_world_open(&world, &env->loop, env->held) :
				    -ENOMEM;

	if (err) {
		log_put(VRRP_LOG_START, "netlink and packet sockets",
			strerror(-err));
		return err;
	}
	world.changed = on_changed;
	kept_open(kept_of(env));
	address_keep(&world.addresses, kept_of(env)->tuned);
	socket_keep(&kept_of(env)->strays);
	vrrp_report_world(&world);
	return 0;
}

static void
privilege(const void *part, struct privilege *out)
{
	const struct vrrp_conf *conf = part;

	out->caps = PRIVILEGE_CAP(CAP_NET_ADMIN) | PRIVILEGE_CAP(CAP_NET_RAW);
	out->families = SECCOMP_NETWORK;
	for (unsigned i = 0; i < conf->ninstances; i++)
		if (conf->instance[i].smtp_alert)
			out->families |= SECCOMP_CLIENT;
	out->lock_memory = conf->no_swap;
	out->rt_priority = conf->rt_priority;
	out->rttime_us = conf->rttime_us;
}

static struct router *
find(const struct vrrp_conf_instance *conf)
{
	for (uint32_t i = 0; i < router_pool_end(); i++) {
		struct router *r = router_pool_at(i);

		if (r && router_is(r, conf))
			return r;
	}
	return NULL;
}

static void
close_router(struct router *r, struct mono now)
{
	control_forget(r);
	router_close(r, now);
}

/* Those that the next configuration does not name end first, so that an address of theirs can
 * go to another virtual router before it is taken away. */
static unsigned
close_unnamed(const struct vrrp_conf *next, struct mono now)
{
	unsigned removed = 0;

	for (uint32_t i = 0; i < router_pool_end(); i++) {
		struct router *r = router_pool_at(i);

		if (r)
			r->named = false;
	}
	for (unsigned i = 0; i < next->ninstances; i++) {
		struct router *r = find(&next->instance[i]);

		if (r)
			r->named = true;
	}
	for (uint32_t i = 0; i < router_pool_end(); i++) {
		struct router *r = router_pool_at(i);

		if (!r || r->named)
			continue;
		close_router(r, now);
		removed++;
	}
	return removed;
}

/* vrrp_startup_delay is the daemon's: a life that begins in it waits for the rest. */
static void
hold_back(const struct child_env *env, int64_t us, struct mono now)
{
	struct kept *const k = kept_of(env);

	if (env->earlier != CHECKPOINT_TAKEN)
		k->hold_us = mono_add(now, us).us;
	const int64_t rest_us = k->hold_us - now.us;

	if (rest_us > 0)
		router_hold(&world, rest_us < us ? rest_us : us, now);
}

static void
apply(struct child_env *env, const struct conf_image *prev,
      const struct conf_image *next, struct mono now)
{
	const struct vrrp_conf *conf = child_conf(env);
	mail_apply(&env->loop, &next->core, now);
	unsigned removed = close_unnamed(conf, now), added = 0;

	if (!prev)
		hold_back(env, conf->startup_delay_us, now);
	for (unsigned i = 0; i < conf->ninstances; i++) {
		const struct vrrp_conf_instance *in = &conf->instance[i];
		struct router *r = find(in);

		if (r)
			router_conf(r, conf, in, now);
		else
			added += router_open(&world, conf, in, now) != NULL;
	}
	address_sweep(&world.addresses, now);
	unsigned strange = prev ? 0 : kept_sweep();

	if (!prev)
		leftover_forget(&world, &kept_of(env)->vips, conf, now);
	kept_vips_write(&kept_of(env)->vips, conf);
	if (strange)
		log_put(VRRP_LOG_KEPT, strange);
	log_put(VRRP_LOG_APPLY, next->generation, conf->ninstances, added,
		removed);
}

/* Priority 0 of all goes out before the first address is taken away. */
static void
stop(struct child_env *env, struct mono now)
{
	(void)env;
	mail_stop();
	for (uint32_t i = 0; i < router_pool_end(); i++) {
		struct router *r = router_pool_at(i);

		if (r)
			close_router(r, now);
	}
	address_sweep(&world.addresses, now);
	address_sweep(&world.addresses, now);	/* what the kernel refused: no timer will */
	router_world_close(&world);
}

static void
tell(struct child_env *env, struct mono now)
{
	(void)now;
	for (uint32_t i = 0; i < router_pool_end(); i++) {
		const struct router *r = router_pool_at(i);

		if (r)
			tell_one(env, r);
	}
}

/* In a process of its own, while the child is dead: takes its addresses away. */
static void
withdraw(struct child_env *env, int64_t us)
{
	if (!env->checkpoint || loop_open(&env->loop) ||
	    router_world_open(&world, &env->loop, 0))
		return;
	kept_open(kept_of(env));
	address_keep(&world.addresses, kept_of(env)->tuned);
	leftover_withdraw(&world, child_conf(env), us);
}

/* ---- verbs ---- */

static struct router *
named(struct control_client *c, const char *name)
{
	struct router *r = router_by_name(name);

	if (!r && !*name)
		control_fail(c, "which instance? (`?` lists them)");
	else if (!r)
		control_fail(c, "no instance '%s' (`?` lists them)", name);
	return r;
}

/* The MASTER that a BACKUP hears would take it back at once. */
static bool
beaten(const struct instance *in, struct mono now)
{
	const struct instance_heard *h = &in->heard[in->last_heard];

	if (!in->any_heard || mono_diff_us(now, h->at) > instance_down_us(in))
		return false;
	return fsm_classify(in->prio, &in->source, in->preempt, h->prio,
			    &h->addr) == FSM_EV_ADV_BETTER;
}

static void
take_over(struct control_client *c, struct instance *in, struct mono now)
{
	const struct instance_heard *h = &in->heard[in->last_heard];
	char text[NET_ADDR_TEXT];

	if (beaten(in, now)) {
		control_fail(c, "%s: the MASTER %s has priority %u, ours is %u: it "
			     "would take it back; run switchover there",
			     in->conf->name, net_addr_text(&h->addr, text),
			     h->prio, in->prio);
		return;
	}
	instance_event(in, FSM_EV_TAKE_OVER, now);
	control_ok(c, "%s: was BACKUP, is MASTER now", in->conf->name);
}

static void
give_way(struct control_client *c, struct instance *in, struct mono now)
{
	if (instance_is_owner(in)) {
		control_fail(c, "%s owns its addresses (priority 255) and would "
			     "preempt at once", in->conf->name);
		return;
	}
	instance_event(in, FSM_EV_GIVE_WAY, now);
	control_ok(c, "%s: was MASTER, gives way until the other one fails",
		   in->conf->name);
}

static void
verb_switchover(struct child_env *env, struct control_client *c,
		const char *const *arg, struct mono now)
{
	struct router *r = named(c, arg[0]);

	(void)env;
	if (!r)
		return;
	if (r->in.state == FSM_MASTER)
		give_way(c, &r->in, now);
	else if (r->in.state == FSM_BACKUP)
		take_over(c, &r->in, now);
	else
		control_fail(c, "%s is in %s: nothing to switch",
			     r->in.conf->name, fsm_state_name[r->in.state]);
}

static void
verb_announce(struct child_env *env, struct control_client *c,
		const char *const *arg, struct mono now)
{
	struct router *r = named(c, arg[0]);

	(void)env;
	if (!r)
		return;
	if (r->in.state != FSM_MASTER) {
		control_fail(c, "%s is in %s: only a MASTER announces",
			     r->in.conf->name, fsm_state_name[r->in.state]);
		return;
	}
	announce_now(&r->announce, now);
	control_ok(c, "%s: announced %u %s", r->in.conf->name, r->vips.nthere,
		   r->vips.nthere == 1 ? "address" : "addresses");
}

static void
verb_why(struct child_env *env, struct control_client *c,
		const char *const *arg, struct mono now)
{
	struct router *r = named(c, arg[0]);

	(void)env;
	(void)now;
	if (r)
		control_table(c, &vrrp_report_why, r);
}

static const struct child_verb verbs[] = {
	{ "switchover", "INSTANCE", "a MASTER gives way, a BACKUP takes over",
	  true, verb_switchover },
	{ "announce", "INSTANCE", "send gratuitous ARP or unsolicited NA now",
	  true, verb_announce },
	{ "why", "INSTANCE", "the last transitions, with cause and time",
	  false, verb_why },
	{ .name = NULL },
};

/* What the flight recorders have of this life, oldest first. */
static void
again(struct child_env *env, struct control_client *c)
{
	for (uint32_t i = 0; i < router_pool_end(); i++) {
		const struct router *r = router_pool_at(i);
		const struct history_record *rec;
		unsigned n = 0;

		while (r && (rec = history_at(&r->in.history, n)) &&
		       !mono_before(rec->at, env->started))
			n++;
		while (n > 0) {
			const struct vrrp_report_event ev = {
				.router = r, .rec = history_at(&r->in.history, --n),
			};

			control_event_again(c, &vrrp_report_transition, &ev, ev.rec->at);
		}
	}
}

static const char *
object(struct child_env *env, unsigned i)
{
	const struct router *r = router_at(i);

	(void)env;
	return r ? r->in.conf->name : NULL;
}

const struct child vrrp_child = {
	.name = "vrrp",
	.conf_bytes = sizeof(struct vrrp_conf),
	.schema = &vrrp_schema,
	.tables = vrrp_report_tables,
	.verbs = verbs,
	.checkpoint_bytes = sizeof(struct kept),
	.checkpoint_layout = KEPT_LAYOUT,
	.hold = announce_socket,
	.withdraw = withdraw,
	.pools = vrrp_pools,
	.npools = &vrrp_pools_count,
	.privilege = privilege,
	.start = start,
	.apply = apply,
	.stop = stop,
	.script = notify_script,
	.tell = tell,
	.again = again,
	.object = object,
};
