/* SPDX-License-Identifier: MIT */
/* director_table.c -- what the kernel's table should hold, and what is told to it at once. */
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "check_log.h"
#include "checkpoint.h"
#include "director.h"
#include "strfmt.h"

#define SAY_AGAIN_US	(600 * (int64_t)MONO_US_PER_S)

/* ---- structs of one kind into another -------------------------------------------- */

void
director_table_virtual(const struct check_conf *conf, unsigned i, struct ipvs_msg_service *out)
{
	const struct check_conf_virtual *const v = &conf->virtual[i];
	const struct check_conf_service *const s = &conf->service[v->service];

	memset(out, 0, sizeof *out);
	out->addr = v->addr;
	out->fwmark = v->fwmark;
	out->port = v->port;
	out->protocol = v->protocol;
	memcpy(out->scheduler, s->scheduler, sizeof out->scheduler);
	memcpy(out->engine, s->engine, sizeof out->engine);
	out->flags = s->flags;
	out->persistence_s = s->persistence_s;
	out->netmask = s->netmask;
	/* A group may have both families; each has a netmask of its own. */
	if (v->addr.family == AF_INET6 && out->netmask > 128)
		out->netmask = 128;
	else if (v->addr.family == AF_INET && out->netmask <= 128)
		out->netmask = UINT32_MAX;
}

void
director_table_dest(const struct service_dest *dest, const struct check_conf_virtual *v,
		    struct ipvs_msg_dest *out)
{
	const struct check_conf_dest *const conf = dest->conf;

	memset(out, 0, sizeof *out);
	out->addr = conf->addr;
	out->port = conf->port ? conf->port : v->port;
	/* Only NAT changes ports; the kernel wants the service's own elsewhere. */
	if (conf->forward != CHECK_CONF_NAT && v->fwmark == 0)
		out->port = v->port;
	out->forward = conf->forward;
	out->weight = dest->place.weight;
	out->uthreshold = conf->uthreshold;
	out->lthreshold = conf->lthreshold;
	out->tunnel = conf->tunnel;
	out->tunnel_port = conf->tunnel_port;
	out->tunnel_flags = conf->tunnel_flags;
}

/* ---- what ipvs.h asks ------------------------------------------------------------ */

/* A service that is not wanted now, and a server that has no place, is a gap: family 0. */
static bool
want_service(void *ctx, unsigned i, struct ipvs_msg_service *out)
{
	const struct director *const d = ctx;

	if (!d->conf || i >= d->conf->nvirtuals)
		return false;

	const struct service *const s = d->service[d->conf->virtual[i].service];

	if (s && s->active)
		director_table_virtual(d->conf, i, out);
	else
		memset(out, 0, sizeof *out);
	return true;
}

/* Servers in the order of the list, the sorry server last. */
static const struct service_dest *
nth(const struct service *s, unsigned n)
{
	if (n < s->conf->dests.n)
		return &s->dests[n];
	return n == s->conf->dests.n ? s->sorry : NULL;
}

static bool
want_dest(void *ctx, unsigned i, unsigned j, struct ipvs_msg_dest *out)
{
	const struct director *const d = ctx;
	const struct check_conf_virtual *const v = &d->conf->virtual[i];
	const struct service_dest *const dest = nth(d->service[v->service], j);

	if (!dest)
		return false;
	if (dest->place.there)
		director_table_dest(dest, v, out);
	else
		memset(out, 0, sizeof *out);
	return true;
}

static bool
ours(void *ctx, const struct ipvs_msg_service *key)
{
	(void)ctx;
	return check_kept_find_virtual(&key->addr, key->protocol, key->port, key->fwmark);
}

/* ---- what the kernel refuses ----------------------------------------------------- */

/* Each audit asks for it again: it is said again after a while. */
static bool
is_news(struct director *d, const char *what, int err)
{
	const uint32_t sum = checkpoint_sum(what, strlen(what)) + (uint32_t)err;
	const struct mono now = d->env->loop.now;

	for (size_t i = 0; i < PORT_ARRAY_SIZE(d->said); i++)
		if (d->said[i].sum == sum && d->said[i].at.us != 0 &&
		    mono_diff_us(now, d->said[i].at) < SAY_AGAIN_US)
			return false;
	d->said[d->nsaid].sum = sum;
	d->said[d->nsaid].at = now;
	d->nsaid = (d->nsaid + 1) % PORT_ARRAY_SIZE(d->said);
	return true;
}

static void
on_refused(struct ipvs *v, const char *what, int err, const char *text)
{
	struct director *const d = container_of(v, struct director, ipvs);
	uint32_t held;

	if (!is_news(d, what, err))
		return;
	if (log_allowed(&d->refused, d->env->loop.now, 5, 10 * (int64_t)MONO_US_PER_S, &held))
		log_put(CHECK_LOG_IPVS, what, strerror(err < 0 ? -err : err), text, held);
}

static void
on_present(struct ipvs *v, bool there)
{
	struct director *const d = container_of(v, struct director, ipvs);

	if (there) {
		if (d->ipvs_said)
			log_put(CHECK_LOG_IPVS_HERE);
		director_table_switches(d);
	} else {
		log_put(CHECK_LOG_IPVS_GONE);
		memset(d->lacks, 0, sizeof d->lacks);
	}
	d->ipvs_said = !there;
}

/* Whose service of the kernel that is, -1: nobody's. */
static int
owner_of(const struct director *d, const struct ipvs_msg_service *key)
{
	for (unsigned i = 0; i < d->conf->nvirtuals; i++) {
		const struct check_conf_virtual *const v = &d->conf->virtual[i];

		if (v->fwmark == key->fwmark && v->protocol == key->protocol &&
		    v->port == key->port && net_addr_cmp(&v->addr, &key->addr) == 0)
			return v->service;
	}
	return -1;
}

/* Said once of a service, not of each address and at each try. */
static void
on_scheduler(struct ipvs *v, const struct ipvs_msg_service *s, bool there)
{
	struct director *const d = container_of(v, struct director, ipvs);
	const bool any = memchr(d->lacks, true, sizeof d->lacks) != NULL;
	const int i = there && !any ? -1 : owner_of(d, s);

	if (i < 0 || d->lacks[i] == !there)
		return;
	d->lacks[i] = !there;
	if (there)
		log_put(CHECK_LOG_LACKED, d->conf->service[i].name, s->scheduler);
	else
		log_put(CHECK_LOG_LACKS, d->conf->service[i].name, s->scheduler, s->scheduler,
			s->engine[0] ? " and ip_vs_pe_" : "", s->engine);
}

bool
director_table_lacks(const struct director *d, const struct service *s)
{
	return d->lacks[s->conf - d->conf->service];
}

static void
on_flush(struct timer *t, struct mono now)
{
	struct director *const d = container_of(t, struct director, flush);

	ipvs_flush(&d->ipvs, now);
}

void
director_table_open(struct director *d)
{
	d->want = (struct ipvs_want){
		.service = want_service, .dest = want_dest, .ours = ours, .ctx = d,
	};
	d->ipvs.want = &d->want;
	d->ipvs.refused = on_refused;
	d->ipvs.present = on_present;
	d->ipvs.scheduler = on_scheduler;
	timer_init(&d->flush, on_flush);
}

/* ---- one change ------------------------------------------------------------------ */

static void
soon(struct director *d, struct mono now)
{
	if (!d->flush.armed)
		timer_arm(&d->env->loop.timers, &d->flush, now);
}

void
director_table_place(struct director *d, struct service_dest *dest, struct mono now)
{
	const struct service *const s = dest->service;
	const struct check_conf_range r = s->conf->virtuals;

	if (!s->active || d->quiet)
		return;
	for (unsigned i = r.first; i < (unsigned)r.first + r.n; i++) {
		struct ipvs_msg_service svc;
		struct ipvs_msg_dest m;

		director_table_virtual(d->conf, i, &svc);
		director_table_dest(dest, &d->conf->virtual[i], &m);
		if (dest->place.there)
			ipvs_dest_put(&d->ipvs, &svc, &m, now);
		else
			ipvs_dest_del(&d->ipvs, &svc, &m, now);
	}
	soon(d, now);
}

void
director_table_service(struct director *d, const struct service *s, bool there,
		       struct mono now)
{
	const struct check_conf_range r = s->conf->virtuals;

	for (unsigned i = r.first; i < (unsigned)r.first + r.n; i++) {
		struct ipvs_msg_service svc;

		director_table_virtual(d->conf, i, &svc);
		if (there)
			ipvs_service_put(&d->ipvs, &svc, now);
		else
			ipvs_service_del(&d->ipvs, &svc, now);
	}
	soon(d, now);
}

/* ---- the rest of IPVS ------------------------------------------------------------ */

void
director_table_daemon(struct director *d, struct mono now)
{
	const struct check_conf_sync *const sync = &d->conf->sync;
	struct ipvs_msg_daemon m;

	memset(&m, 0, sizeof m);
	if (sync->wanted) {
		if (sync->follow[0] == '\0')
			m.state = IPVS_MSG_MASTER | IPVS_MSG_BACKUP;
		else
			m.state = d->sync_master ? IPVS_MSG_MASTER : IPVS_MSG_BACKUP;
		memcpy(m.interface, sync->interface, sizeof m.interface);
		m.id = sync->id;
		m.maxlen = sync->maxlen;
		m.group = sync->group;
		m.port = sync->port;
		m.ttl = sync->ttl;
	}
	ipvs_sync(&d->ipvs, &m, now);
	ipvs_timeouts(&d->ipvs, d->conf->timeout_tcp_s, d->conf->timeout_tcpfin_s,
		      d->conf->timeout_udp_s, now);
}

/* Without them a flow stays with a server that is gone: a UDP one for good while packets
 * come, a persistent client until its time is over. */
void
director_table_switches(struct director *d)
{
	struct ipc_sysctl nodest = { .which = 0, .value = 1 };
	struct ipc_sysctl quiescent = { .which = 1, .value = 1 };
	bool datagrams = false, templates = false;

	for (unsigned i = 0; i < d->conf->nvirtuals; i++) {
		const struct check_conf_virtual *const v = &d->conf->virtual[i];

		datagrams |= v->protocol != IPPROTO_TCP;
		templates |= d->conf->service[v->service].persistence_s > 0;
	}
	if (datagrams)
		(void)ipc_send_SYSCTL(&d->env->ipc, &nodest, IPC_NO_FD);
	if (templates)
		(void)ipc_send_SYSCTL(&d->env->ipc, &quiescent, IPC_NO_FD);
}
