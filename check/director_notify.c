/* SPDX-License-Identifier: MIT */
/* director_notify.c -- servers, quorums and MISC_CHECK as scripts of the parent. */
#include <string.h>

#include "check_log.h"
#include "control.h"
#include "director.h"
#include "mail.h"
#include "spawn.h"
#include "strfmt.h"

/* The object of a RUN: one queue in the parent for each. */
enum kind {
	KIND_DEST,			/* index of dest[] */
	KIND_SERVICE,			/* of service[] */
	KIND_PROBE,			/* of check[] */
	KIND__N
};
#define KIND_BITS	14		/* of an index */
_Static_assert(CONFIG_CHECK_DESTS <= 1 << KIND_BITS && CONFIG_CHECK_SERVICES <= 1 << KIND_BITS &&
	       CONFIG_CHECK_CHECKS <= 1 << KIND_BITS, "an object holds an index");
#define OBJECT(kind, index)	((uint16_t)((kind) << KIND_BITS | (index)))
#define OBJECT_KIND(object)	((object) >> KIND_BITS)
#define OBJECT_INDEX(object)	((object) & ((1u << KIND_BITS) - 1))

enum event {
	EVENT_DOWN,
	EVENT_UP,
	EVENT_CHECK,
};

static void
ask(struct director *d, uint16_t script, enum kind kind, unsigned index, enum event ev,
    const char *name)
{
	static const char *const of[KIND__N] = { "server", "service", "check" };
	const struct ipc_run run = {
		.generation = d->env->image->generation,
		.script = script,
		.object = OBJECT(kind, index),
		.event = (uint16_t)ev,
	};

	if (script == CONF_NO_SCRIPT)
		return;

	const int err = ipc_send_RUN(&d->env->ipc, &run, IPC_NO_FD);

	if (err)
		log_put(CHECK_LOG_NOTIFY, of[kind], name, ev == EVENT_UP ? "UP" : "DOWN",
			strerror(-err));
}

/* The same to people: "web1 of www: DOWN", and why. */
static void
mail_dest(const struct director *d, const struct service_dest *dest, const char *why)
{
	const struct check_conf_dest *const conf = dest->conf;
	const char *const name = d->conf->server[conf->server].name;
	const char *const of = d->conf->service[conf->service].name;
	const char *const is = dest->up ? "UP" : "DOWN";
	char subject[2 * CHECK_CONF_NAME + 16];
	char line[2 * CHECK_CONF_NAME + NET_ADDR_TEXT + 64 + 2 * CHECKER_DETAIL];
	char addr[NET_ADDR_TEXT];

	if (!conf->smtp_alert)
		return;
	strfmt_to(subject, sizeof subject, "%s of %s: %s", name, of, is);
	strfmt_to(line, sizeof line, "real server %s (%s port %u) of %s is %s: %s", name,
		  net_addr_text(&conf->addr, addr), conf->port, of, is, why);
	mail_put(subject, line, d->env->loop.now);
}

static void
mail_quorum(const struct director *d, const struct service *s)
{
	const char *const is = s->quorum ? "quorum gained" : "quorum lost";
	char subject[CHECK_CONF_NAME + 32], line[CHECK_CONF_NAME + 96];

	if (!s->conf->smtp_alert)
		return;
	strfmt_to(subject, sizeof subject, "%s: %s", s->conf->name, is);
	strfmt_to(line, sizeof line, "virtual server %s: %s, weight %u of %u", s->conf->name, is,
		  (unsigned)s->up_weight, (unsigned)s->conf->quorum);
	mail_put(subject, line, d->env->loop.now);
}

void
director_notify_dest(struct director *d, const struct service_dest *dest, const char *why)
{
	const struct check_conf_dest *const conf = dest->conf;

	mail_dest(d, dest, why);
	ask(d, dest->up ? conf->notify_up : conf->notify_down, KIND_DEST,
	    (unsigned)(conf - d->conf->dest), dest->up ? EVENT_UP : EVENT_DOWN,
	    d->conf->server[conf->server].name);
}

void
director_notify_quorum(struct director *d, const struct service *s)
{
	mail_quorum(d, s);
	ask(d, s->quorum ? s->conf->quorum_up : s->conf->quorum_down, KIND_SERVICE,
	    (unsigned)(s->conf - d->conf->service), s->quorum ? EVENT_UP : EVENT_DOWN,
	    s->conf->name);
}

bool
director_notify_probe(struct probe *p, struct mono now)
{
	struct child_env *const env = child_self();
	const struct ipc_run run = {
		.generation = env->image->generation,
		.script = p->conf->u.misc.script,
		.object = OBJECT(KIND_PROBE, p->index),
		.event = EVENT_CHECK,
		.value = p->try->script,
	};

	(void)now;
	return ipc_send_RUN(&env->ipc, &run, IPC_NO_FD) == 0;
}

bool
director_notify_is_probe(uint16_t object)
{
	return OBJECT_KIND(object) == KIND_PROBE;
}

/* ---- in the parent --------------------------------------------------------------- */

static void
put_address(struct spawn_job *out, const char *name, const struct net_addr *addr,
	    const char *port_name, uint16_t port)
{
	char text[NET_ADDR_TEXT];

	spawn_env(out, name, net_addr_text(addr, text));
	strfmt_to(text, sizeof text, "%u", port);
	spawn_env(out, port_name, text);
}

_Static_assert(sizeof "ACTION=NOTIFY_DOWN" + sizeof "TYPE=REAL_SERVER" + sizeof "NAME=" +
	       sizeof "SERVICE=" + 2 * CHECK_CONF_NAME + sizeof "ADDRESS=" + NET_ADDR_TEXT +
	       sizeof "PORT=65535" <= SPAWN_TEXT, "a script that is cut does not run");

static uint16_t
script_dest(const struct check_conf *conf, unsigned i, bool up, struct spawn_job *out)
{
	if (i >= conf->ndests)
		return CONF_NO_SCRIPT;

	const struct check_conf_dest *const d = &conf->dest[i];

	spawn_env(out, "TYPE", "REAL_SERVER");
	spawn_env(out, "NAME", conf->server[d->server].name);
	spawn_env(out, "SERVICE", conf->service[d->service].name);
	put_address(out, "ADDRESS", &d->addr, "PORT", d->port);
	return up ? d->notify_up : d->notify_down;
}

static uint16_t
script_service(const struct check_conf *conf, unsigned i, bool up, struct spawn_job *out)
{
	if (i >= conf->nservices)
		return CONF_NO_SCRIPT;
	spawn_env(out, "TYPE", "VIRTUAL_SERVER");
	spawn_env(out, "NAME", conf->service[i].name);
	return up ? conf->service[i].quorum_up : conf->service[i].quorum_down;
}

static uint16_t
script_probe(const struct check_conf *conf, unsigned i, struct spawn_job *out)
{
	if (i >= conf->nchecks || conf->check[i].checker != CHECK_CONF_MISC_CHECK)
		return CONF_NO_SCRIPT;
	out->quiet = true;
	out->timeout_us = conf->check[i].timeout_us;
	spawn_env(out, "TYPE", "CHECK");
	put_address(out, "ADDRESS", &conf->check[i].addr, "PORT", conf->check[i].port);
	return conf->check[i].u.misc.script;
}

bool
director_notify_script(const struct conf_image *img, unsigned part, const struct ipc_run *run,
		       struct spawn_job *out)
{
	const struct check_conf *const conf = conf_part(img, part);
	const unsigned i = OBJECT_INDEX(run->object);
	const bool up = run->event == EVENT_UP;
	uint16_t script = CONF_NO_SCRIPT;

	if (!conf || run->event > EVENT_CHECK)
		return false;
	if (OBJECT_KIND(run->object) == KIND_DEST)
		script = script_dest(conf, i, up, out);
	else if (OBJECT_KIND(run->object) == KIND_SERVICE)
		script = script_service(conf, i, up, out);
	else if (OBJECT_KIND(run->object) == KIND_PROBE)
		script = script_probe(conf, i, out);
	if (OBJECT_KIND(run->object) != KIND_PROBE)
		spawn_env(out, "ACTION", up ? "NOTIFY_UP" : "NOTIFY_DOWN");
	out->script = script;
	/* A child runs what its configuration says for that event, no other. */
	return script != CONF_NO_SCRIPT && script == run->script;
}
