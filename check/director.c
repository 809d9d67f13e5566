/* SPDX-License-Identifier: MIT */
/* director.c -- probes, topology and the kernel's table put together. */
#include "director.h"

#include <errno.h>
#include <string.h>

#include "check_log.h"
#include "check_pools.h"
#include "check_report.h"
#include "control.h"
#include "file.h"
#include "strfmt.h"
#include "wall.h"

#define DAY_S		86400
#define CERTIFICATE_DAYS 14		/* before its end a warning is given */

/* The one of this process; callbacks that have none of their own find it here. */
static struct director *self;

static const struct check_conf_server *
server_of(const struct service_dest *dest)
{
	return &self->conf->server[dest->conf->server];
}

struct service_dest *
director_dest(struct director *d, unsigned i)
{
	return &d->dest[d->bank][i];
}

bool
director_has(const struct director *d, unsigned server, unsigned check)
{
	for (unsigned r = d->user.first[check]; r != 0; r = d->user.next[r - 1])
		if (d->conf->dest[d->user.dest[r - 1]].server == server)
			return true;
	return false;
}

/* ---- what topology decides ------------------------------------------------------- */

static void
on_place(struct service_dest *dest, struct mono now)
{
	director_table_place(self, dest, now);
}

/* Why a server is down: the first of its checks that says so. */
static const char *
why(const struct service_dest *dest, char out[2 * CHECKER_DETAIL])
{
	const struct check_conf_dest *const conf = dest->conf;

	for (unsigned i = 0; i < conf->checks.n; i++) {
		const struct probe *const p =
			self->probe[self->conf->ref[conf->checks.first + i]];

		if (!p || p->health.up || !p->last.any)
			continue;
		strfmt_to(out, 2 * CHECKER_DETAIL, "%s%s%s%s",
			  checker_reason[p->last.reason].text,
			  p->last.detail[0] ? " (" : "", p->last.detail,
			  p->last.detail[0] ? ")" : "");
		return out;
	}
	return dest->up ? "its checks pass" : "no check has passed yet";
}

static void
on_dest(struct service_dest *dest, struct mono now)
{
	char text[2 * CHECKER_DETAIL];

	(void)now;
	dest->since_wall_us = wall_us();
	const char *const because = why(dest, text);

	log_put(CHECK_LOG_SERVER, server_of(dest)->name, dest->service->conf->name,
		dest->up ? "up" : "down", because);
	control_event(&check_report_server_event, dest);
	director_notify_dest(self, dest, because);
}

static void
on_quorum(struct service *s, struct mono now)
{
	(void)now;
	log_put(CHECK_LOG_QUORUM, s->conf->name, s->quorum ? "gained" : "lost", s->nup,
		s->up_weight, s->conf->quorum);
	control_event(&check_report_quorum_event, s);
	director_keep_service(self, (unsigned)(s->conf - self->conf->service));
	director_notify_quorum(self, s);
}

static void
on_panic(struct service *s, struct mono now)
{
	(void)now;
	log_put(CHECK_LOG_PANIC, s->conf->name, s->panic ? "all servers are used" : "it is over",
		s->nup, s->nready);
	control_event(&check_report_panic_event, s);
}

const struct service_ops director_service_ops = {
	.place = on_place, .dest = on_dest, .quorum = on_quorum, .panic = on_panic,
};

/* ---- what probes find ------------------------------------------------------------ */

bool
director_passes(const struct director *d, const struct check_conf_dest *conf)
{
	for (unsigned i = 0; i < conf->checks.n; i++) {
		const struct probe *const p = d->probe[d->conf->ref[conf->checks.first + i]];

		if (p && !p->health.up)
			return false;
	}
	return true;
}

/* The weight that its checks ask for, -1: none does. */
int32_t
director_asked(const struct director *d, const struct check_conf_dest *conf)
{
	int64_t weight = -1, add = 0;

	for (unsigned i = 0; i < conf->checks.n; i++) {
		const struct probe *const p = d->probe[d->conf->ref[conf->checks.first + i]];

		if (!p)
			continue;
		if (p->weight >= 0 && p->conf->checker == CHECK_CONF_MISC_CHECK &&
		    p->conf->u.misc.dynamic)
			weight = p->weight;
		add += p->add;
	}
	if (add != 0)
		weight = (weight >= 0 ? weight : conf->weight) + add;
	else if (weight < 0)
		return -1;
	return weight < 0 ? 0 : weight > UINT16_MAX ? UINT16_MAX : (int32_t)weight;
}

static void
log_failure(const struct probe *p)
{
	char text[NET_ADDR_TEXT];

	log_put(CHECK_LOG_FAILED, checker_word(p->conf),
		net_addr_text(&p->conf->addr, text), p->conf->port,
		checker_reason[p->last.reason].name, checker_reason[p->last.reason].text,
		p->last.detail);
}

/* Once for each certificate, while there is time to renew it. */
static void
look_at_certificate(struct probe *p)
{
	const int64_t left_s = p->cert_end_s - wall_us() / MONO_US_PER_S;
	char text[NET_ADDR_TEXT];

	if (p->cert_end_s == 0 || p->cert_end_s == p->cert_warned_s ||
	    left_s > CERTIFICATE_DAYS * DAY_S)
		return;
	p->cert_warned_s = p->cert_end_s;
	log_put(CHECK_LOG_CERT, net_addr_text(&p->conf->addr, text), p->conf->port,
		(int)(left_s / DAY_S));
	control_event(&check_report_certificate_event, p);
}

static void
on_done(struct probe *p, bool changed, struct mono now)
{
	struct director *const d = self;
	uint32_t held;

	if (!p->last.passed && (changed || p->conf->log_all_failures ||
				(p->last.ours && log_allowed(&d->probes.wants, now, 1,
							     10 * MONO_US_PER_S, &held))))
		log_failure(p);
	check_kept_probe(p->index, p);
	look_at_certificate(p);
	if (!changed && !p->asks)
		return;
	for (unsigned r = d->user.first[p->index]; r != 0; r = d->user.next[r - 1]) {
		struct service_dest *const dest = director_dest(d, d->user.dest[r - 1]);

		if (!dest->conf)
			continue;

		const int32_t weight = director_asked(d, dest->conf);

		if (weight != dest->asked)
			service_asked(dest, weight, now);
		if (changed)
			service_verdict(dest, director_passes(d, dest->conf), now);
	}
}

/* ---- an operator is told --------------------------------------------------------- */

static void
explain_next(struct director *d, struct mono now)
{
	const uint32_t ticket = d->explain.ticket;

	while (d->explain.next < d->conf->nchecks) {
		const unsigned i = d->explain.next++;

		if (!d->probe[i] || !director_has(d, d->explain.server, i))
			continue;
		probe_now(d->probe[i], ticket, now);
		return;
	}
	d->explain.ticket = 0;
	(void)control_end(ticket, now);
}

static void
on_explained(struct probe *p, uint32_t ticket, struct mono now)
{
	(void)p;
	if (ticket == self->explain.ticket)
		explain_next(self, now);
	else
		(void)control_end(ticket, now);
}

void
director_explain(struct director *d, unsigned server, uint32_t ticket, struct mono now)
{
	/* Another operator's turn ends with what is under way. */
	d->explain.ticket = ticket;
	d->explain.server = server;
	d->explain.next = 0;
	explain_next(d, now);
}

static const struct probe_ops probe_ops = {
	.done = on_done, .explained = on_explained, .run = director_notify_probe,
};

void
director_exited(struct director *d, const struct ipc_exited *m, struct mono now)
{
	/* Its check may stand at another place by now. */
	for (unsigned i = 0; director_notify_is_probe(m->object) && i < d->conf->nchecks; i++) {
		struct probe *const p = d->probe[i];

		if (!p || !p->try || p->try->script == 0 || p->try->script != m->value)
			continue;
		probe_exited(p, m->status, now);
		return;
	}
}

/* ---- addresses, instances, files ------------------------------------------------- */

static bool
suspended(struct director *d, const struct check_conf_service *s)
{
	if (!s->ha_suspend || !d->local.open)
		return false;
	for (unsigned i = 0; i < s->virtuals.n; i++) {
		const struct check_conf_virtual *const v = &d->conf->virtual[s->virtuals.first + i];

		if (v->fwmark != 0 || local_has(&d->local, &v->addr))
			return false;
	}
	return true;
}

/* A check goes on while one service wants it. */
static void
look_at_addresses(struct director *d, struct mono now)
{
	static bool sleeps[CONFIG_CHECK_SERVICES];
	static bool wanted[CONFIG_CHECK_CHECKS];
	const struct check_conf *const conf = d->conf;

	memset(wanted, 0, sizeof wanted);
	for (unsigned i = 0; i < conf->nservices; i++)
		sleeps[i] = suspended(d, &conf->service[i]);
	for (unsigned k = 0; k < conf->ndests; k++) {
		const struct check_conf_range r = conf->dest[k].checks;

		for (unsigned i = 0; i < r.n && !sleeps[conf->dest[k].service]; i++)
			wanted[conf->ref[r.first + i]] = true;
	}
	for (unsigned i = 0; i < conf->nchecks; i++)
		if (d->probe[i])
			probe_suspend(d->probe[i], !wanted[i], now);
}

static void
on_addresses(struct local *l, struct mono now)
{
	look_at_addresses(container_of(l, struct director, local), now);
}

void
director_watch_addresses(struct director *d, struct mono now)
{
	bool any = d->local.open;

	for (unsigned i = 0; i < d->conf->nservices; i++)
		any |= d->conf->service[i].ha_suspend;
	if (!any)
		return;
	if (!d->local.open) {
		const int rc = local_open(&d->local, &d->env->loop, on_addresses);

		if (rc)
			log_put(CHECK_LOG_START, "the list of addresses", strerror(-rc));
	}
	look_at_addresses(d, now);
}

void
director_told(struct director *d, const char *instance, bool master, struct mono now)
{
	for (unsigned i = 0; i < d->conf->nservices; i++) {
		const struct check_conf_service *const conf = &d->conf->service[i];
		struct service *const s = d->service[i];

		if (strcmp(conf->follow, instance) != 0 || d->master[i] == master || !s)
			continue;
		d->master[i] = master;
		director_keep_service(d, i);
		/* It comes before its servers, and goes with all of them. */
		if (master)
			director_table_service(d, s, true, now);
		service_set_active(s, master, now);
		if (!master)
			director_table_service(d, s, false, now);
	}
	if (strcmp(d->conf->sync.follow, instance) == 0 && d->sync_master != master) {
		d->sync_master = master;
		check_kept_sync(instance, master);
		director_table_daemon(d, now);
	}
}

static void
each_dest(struct director *d, unsigned server, struct mono now,
	  void (*fn)(struct service_dest *dest, const struct director_server *srv,
		     struct mono now))
{
	for (unsigned i = 0; i < d->conf->ndests; i++) {
		struct service_dest *const dest = director_dest(d, i);

		if (dest->conf && dest->conf->server == server)
			fn(dest, &d->server[server], now);
	}
}

static void
set_maintenance(struct service_dest *dest, const struct director_server *srv, struct mono now)
{
	service_set_maintenance(dest, srv->maintenance, now);
}

/* One that can't be read is there all the same; our own want of descriptors says nothing. */
bool
director_file_there(const struct check_conf *conf, const struct director_server *srv)
{
	const uint32_t path = srv->conf->maintenance;
	char byte;
	size_t n;

	if (path == 0)
		return false;

	const int rc = file_read((const char *)&conf->text[path], &byte, 1, &n);

	if (rc == -EMFILE || rc == -ENFILE || rc == -ENOMEM)
		return srv->maintenance;
	return rc != -ENOENT && rc != -ENOTDIR;
}

static void
on_files(struct timer *t, struct mono now)
{
	struct director *const d = container_of(t, struct director, files);
	bool any = false;

	for (unsigned i = 0; i < d->conf->nservers; i++) {
		struct director_server *const srv = &d->server[i];
		const bool there = director_file_there(d->conf, srv);

		any |= srv->conf->maintenance != 0;
		if (there == srv->maintenance)
			continue;
		srv->maintenance = there;
		log_put(CHECK_LOG_FILE, srv->conf->name,
			(const char *)&d->conf->text[srv->conf->maintenance],
			there ? "is there: drained" : "is gone");
		each_dest(d, i, now, set_maintenance);
	}
	if (any)
		timer_arm(&d->env->loop.timers, &d->files, mono_add(now, DIRECTOR_FILES_US));
}

/* ---- the operator ---------------------------------------------------------------- */

static void
set_admin(struct service_dest *dest, const struct director_server *srv, struct mono now)
{
	service_set_admin(dest, (enum service_admin)srv->admin, now);
}

static void
set_weight(struct service_dest *dest, const struct director_server *srv, struct mono now)
{
	service_set_weight(dest, srv->set, now);
}

void
director_keep_server(const struct director *d, unsigned i)
{
	check_kept_server(i, d->server[i].conf->name, d->server[i].admin, d->server[i].set);
}

void
director_keep_service(const struct director *d, unsigned i)
{
	const struct service *const s = d->service[i];

	if (s)
		check_kept_service(i, s->conf->name, d->master[i], s->quorum);
}

void
director_admin(struct director *d, unsigned i, enum service_admin a, struct mono now)
{
	static const char *const words[] = {
		[SERVICE_READY] = "ready", [SERVICE_DRAIN] = "drained", [SERVICE_DOWN] = "down",
	};

	d->server[i].admin = (uint8_t)a;
	director_keep_server(d, i);
	log_put(CHECK_LOG_ADMIN, d->server[i].conf->name, words[a]);
	each_dest(d, i, now, set_admin);
}

void
director_weight(struct director *d, unsigned i, int32_t weight, struct mono now)
{
	char what[24] = "weight as configured";

	if (d->server[i].set == weight)
		return;
	d->server[i].set = weight;
	director_keep_server(d, i);
	if (weight >= 0)
		strfmt_to(what, sizeof what, "weight %ld", (long)weight);
	log_put(CHECK_LOG_ADMIN, d->server[i].conf->name, what);
	each_dest(d, i, now, set_weight);
}

/* ---- the beginning and the end --------------------------------------------------- */

int
director_open(struct director *d, struct child_env *env, struct mono now)
{
	(void)now;
	self = d;
	d->env = env;
	check_kept_open((struct check_kept *)(void *)env->checkpoint->content);
	const unsigned damaged = check_kept_damaged();

	if (damaged)
		log_put(CHECK_LOG_KEPT, damaged);
	probe_all_open(&d->probes, &env->loop, &probe_ops);
	director_table_open(d);
	timer_init(&d->files, on_files);
	return 0;
}

static void
last_words(struct director *d)
{
	for (unsigned i = 0; i < d->conf->nservices; i++) {
		struct service *const s = d->service[i];

		if (!s || !s->conf->omega)
			continue;
		for (unsigned k = 0; k < s->conf->dests.n; k++)
			if (s->dests[k].up) {
				s->dests[k].up = false;
				director_notify_dest(d, &s->dests[k], "the daemon ends");
			}
		if (s->quorum) {
			s->quorum = false;
			director_notify_quorum(d, s);
		}
	}
}

void
director_stop(struct director *d, struct mono now)
{
	last_words(d);
	for (unsigned i = 0; i < d->conf->nchecks; i++)
		if (d->probe[i])
			probe_close(d->probe[i]);
	timer_stop(&d->env->loop.timers, &d->files);
	for (unsigned i = 0; i < d->conf->nservices; i++) {
		if (!d->service[i])
			continue;
		d->service[i]->active = false;	/* nothing of it is wanted any more */
		service_end(d->service[i]);
	}
	if (d->settled) {
		struct ipvs_msg_daemon none;

		memset(&none, 0, sizeof none);
		ipvs_sync(&d->ipvs, &none, now);
		ipvs_audit(&d->ipvs, now);
		ipvs_close(&d->ipvs);
	}
	for (unsigned i = 0; i < d->conf->nservices; i++)
		if (d->service[i])
			pool_put(service, d->service[i]);
	local_close(&d->local);
}
