/* SPDX-License-Identifier: MIT */
/* notify.c -- a transition becomes up to two scripts. */
#include "notify.h"

#include <string.h>

#include "vrrp_log.h"

/* An object's queue in the parent lets the newest wait alone, so the
 * script of one state and the general one have a queue each. */
#define OBJECT(index, general)	((uint16_t)((index) * 2 + (general)))
#define OBJECT_INDEX(object)	((object) / 2)
#define OBJECT_GENERAL(object)	((object) % 2)

static const char *const event_name[NOTIFY__N] = {
#define X(name) #name,
	NOTIFY_EVENTS(X)
#undef X
};

static enum notify_event
event_of(const struct history_record *rec)
{
	switch ((enum fsm_state)rec->to) {
	case FSM_MASTER:
		return NOTIFY_MASTER;
	case FSM_BACKUP:
		return NOTIFY_BACKUP;
	case FSM_FAULT:
		return NOTIFY_FAULT;
	case FSM_INIT:
	case FSM_STATE__N:
		break;
	}
	return NOTIFY_STOP;
}

static uint16_t
script_of(const struct vrrp_conf_instance *conf, enum notify_event ev)
{
	switch (ev) {
	case NOTIFY_MASTER:
		return conf->notify_master;
	case NOTIFY_BACKUP:
		return conf->notify_backup;
	case NOTIFY_FAULT:
		return conf->notify_fault;
	case NOTIFY_STOP:
		return conf->notify_stop;
	case NOTIFY__N:
		break;
	}
	return CONF_NO_SCRIPT;
}

static void
ask(struct child_env *env, const struct router *r, uint16_t script,
    enum notify_event ev, unsigned general)
{
	if (script == CONF_NO_SCRIPT)
		return;
	struct ipc_run run = {
		.generation = env->image->generation,
		.script = script,
		.object = OBJECT(r->in.conf - r->in.all->instance, general),
		.event = (uint16_t)ev,
		.value = r->in.prio,
	};
	int err = ipc_send_RUN(&env->ipc, &run, IPC_NO_FD);

	if (err)
		log_put(VRRP_LOG_NOTIFY, r->in.conf->name, event_name[ev],
			strerror(-err));
}

void
notify_changed(struct child_env *env, const struct router *r,
	       const struct history_record *rec)
{
	enum notify_event ev = event_of(rec);

	ask(env, r, script_of(r->in.conf, ev), ev, 0);
	ask(env, r, r->in.conf->notify, ev, 1);
}

bool
notify_script(const struct conf_image *img, unsigned part,
	      const struct ipc_run *run, struct spawn_job *out)
{
	const struct vrrp_conf *conf = conf_part(img, part);
	unsigned index = OBJECT_INDEX(run->object);

	if (!conf || index >= conf->ninstances || run->event >= NOTIFY__N)
		return false;
	const struct vrrp_conf_instance *in = &conf->instance[index];
	bool general = OBJECT_GENERAL(run->object);
	uint16_t script = general ? in->notify :
			  script_of(in, (enum notify_event)run->event);

	/* A child runs what its configuration says for that event, no other. */
	if (script == CONF_NO_SCRIPT || script != run->script)
		return false;
	char action[16], value[8];

	out->script = script;
	if (general) {
		strfmt_to(value, sizeof value, "%u", run->value & 0xffu);
		spawn_arg(out, "INSTANCE");
		spawn_arg(out, in->name);
		spawn_arg(out, event_name[run->event]);
		spawn_arg(out, value);
	}
	strfmt_to(action, sizeof action, "NOTIFY_%s", event_name[run->event]);
	spawn_env(out, "ACTION", action);
	spawn_env(out, "TYPE", "INSTANCE");
	spawn_env(out, "NAME", in->name);
	return true;
}
