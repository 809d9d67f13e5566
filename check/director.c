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

#define FILES_US	MONO_US_PER_S	/* between two looks for maintenance files */

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
director_has(const struct director *d, const struct check_conf_dest *dest, unsigned check)
{
	for (unsigned i = 0; i < dest->checks.n; i++)
		if (d->conf->ref[dest->checks.first + i] == check)
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
	log_put(CHECK_LOG_SERVER, server_of(dest)->name, dest->service->conf->name,
		dest->up ? "up" : "down", why(dest, text));
	control_event(&check_report_server_event, dest);
	director_notify_dest(self, dest);
}

static void
on_quorum(struct service *s, struct mono now)
{
	(void)now;
	log_put(CHECK_LOG_QUORUM, s->conf->name, s->quorum ? "gained" : "lost", s->nup,
		s->up_weight, s->conf->quorum);
	control_event(&check_report_quorum_event, s);
	director_notify_quorum(self, s);
}

static const struct service_ops service_ops = {
	.place = on_place, .dest = on_dest, .quorum = on_quorum,
};

/* ---- what probes find ------------------------------------------------------------ */

static bool
passes(const struct director *d, const struct check_conf_dest *conf)
{
	for (unsigned i = 0; i < conf->checks.n; i++) {
		const struct probe *const p = d->probe[d->conf->ref[conf->checks.first + i]];

		if (p && !p->health.up)
			return false;
	}
	return true;
}

/* The weight that its checks ask for, -1: none does. */
static int32_t
asked(const struct director *d, const struct check_conf_dest *conf)
{
	int64_t weight = -1, add = 0;

	for (unsigned i = 0; i < conf->checks.n; i++) {
		const struct probe *const p = d->probe[d->conf->ref[conf->checks.first + i]];

		if (!p)
			continue;
		if (p->weight >= 0)
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

static void
on_done(struct probe *p, bool changed, struct mono now)
{
	struct director *const d = self;

	if (!p->last.passed && (changed || p->conf->log_all_failures))
		log_failure(p);
	check_kept_probe(p->index, p);
	for (unsigned i = 0; i < d->conf->ndests; i++) {
		struct service_dest *const dest = director_dest(d, i);

		if (!dest->conf || !director_has(d, dest->conf, p->index))
			continue;

		const int32_t weight = asked(d, dest->conf);

		if (weight != dest->asked)
			service_asked(dest, weight, now);
		if (changed)
			service_verdict(dest, passes(d, dest->conf), now);
	}
}

/* ---- an operator is told --------------------------------------------------------- */

static bool
is_of(const struct director *d, unsigned check, unsigned server)
{
	for (unsigned k = 0; k < d->conf->ndests; k++)
		if (d->conf->dest[k].server == server && director_has(d, &d->conf->dest[k], check))
			return true;
	return false;
}

static void
explain_next(struct director *d, struct mono now)
{
	const uint32_t ticket = d->explain.ticket;

	while (d->explain.next < d->conf->nchecks) {
		const unsigned i = d->explain.next++;

		if (!d->probe[i] || !is_of(d, i, d->explain.server))
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
	const int i = director_notify_probe_of(m->object);

	if (i < 0 || m->generation != d->env->image->generation || i >= d->conf->nchecks)
		return;
	if (d->probe[i])
		probe_exited(d->probe[i], m->status, now);
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
	const struct check_conf *const conf = d->conf;

	for (unsigned i = 0; i < conf->nservices; i++)
		sleeps[i] = suspended(d, &conf->service[i]);
	for (unsigned i = 0; i < conf->nchecks; i++) {
		bool wanted = false;

		for (unsigned k = 0; k < conf->ndests && !wanted; k++)
			wanted = !sleeps[conf->dest[k].service] &&
				 director_has(d, &conf->dest[k], i);
		if (d->probe[i])
			probe_suspend(d->probe[i], !wanted, now);
	}
}

static void
on_addresses(struct local *l, struct mono now)
{
	look_at_addresses(container_of(l, struct director, local), now);
}

static void
watch_addresses(struct director *d, struct mono now)
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
		check_kept_service(i, conf->name, master);
		/* It comes before its servers, and goes with all of them. */
		if (master)
			director_table_service(d, s, true, now);
		service_set_active(s, master, now);
		if (!master)
			director_table_service(d, s, false, now);
	}
	if (strcmp(d->conf->sync.follow, instance) == 0 && d->sync_master != master) {
		d->sync_master = master;
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

static bool
look_at_file(const struct check_conf *conf, const struct check_conf_server *srv)
{
	char byte;
	size_t n;

	if (srv->maintenance == 0)
		return false;

	const int rc = file_read((const char *)&conf->text[srv->maintenance], &byte, 1, &n);

	return rc != -ENOENT && rc != -ENOTDIR;
}

static void
on_files(struct timer *t, struct mono now)
{
	struct director *const d = container_of(t, struct director, files);
	bool any = false;

	for (unsigned i = 0; i < d->conf->nservers; i++) {
		struct director_server *const srv = &d->server[i];
		const bool there = look_at_file(d->conf, srv->conf);

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
		timer_arm(&d->env->loop.timers, &d->files, mono_add(now, FILES_US));
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

static void
keep_server(const struct director *d, unsigned i)
{
	check_kept_server(i, d->server[i].conf->name, d->server[i].admin, d->server[i].set);
}

void
director_admin(struct director *d, unsigned i, enum service_admin a, struct mono now)
{
	static const char *const words[] = {
		[SERVICE_READY] = "ready", [SERVICE_DRAIN] = "drained", [SERVICE_DOWN] = "down",
	};

	d->server[i].admin = (uint8_t)a;
	keep_server(d, i);
	log_put(CHECK_LOG_ADMIN, d->server[i].conf->name, words[a]);
	each_dest(d, i, now, set_admin);
}

void
director_weight(struct director *d, unsigned i, int32_t weight, struct mono now)
{
	d->server[i].set = weight;
	keep_server(d, i);
	log_put(CHECK_LOG_ADMIN, d->server[i].conf->name, weight < 0 ? "weight as configured" :
		"weight set");
	each_dest(d, i, now, set_weight);
}

/* ---- another configuration ------------------------------------------------------- */

/* What the last image had, while the next is put in its place. */
static struct {
	const struct check_conf *conf;
	struct probe *probe[CONFIG_CHECK_CHECKS];
	struct service *service[CONFIG_CHECK_SERVICES];
	struct director_server server[CONFIG_CHECK_SERVERS];
	bool master[CONFIG_CHECK_SERVICES];
	uint8_t bank;
} old;

/* The dest of the last image at that address, of the service of that name, or of any (NULL). */
static const struct service_dest *
old_dest(const struct director *d, const char *service, const struct check_conf_dest *is)
{
	for (unsigned i = 0; old.conf && i < old.conf->ndests; i++) {
		const struct check_conf_dest *const was = &old.conf->dest[i];

		if (was->port != is->port || net_addr_cmp(&was->addr, &is->addr) != 0)
			continue;
		if (!service || strcmp(old.conf->service[was->service].name, service) == 0)
			return &d->dest[old.bank][i];
	}
	return NULL;
}

/* What a check without a verdict of its own stands for: what its server was, else up. */
static bool
first_verdict(const struct director *d, unsigned i)
{
	const struct check_conf *const conf = d->conf;

	for (unsigned k = 0; old.conf && k < conf->ndests; k++) {
		if (!director_has(d, &conf->dest[k], i))
			continue;

		const struct service_dest *const was = old_dest(d, NULL, &conf->dest[k]);

		if (was)
			return was->up;
	}
	return !conf->check[i].alpha;
}

static struct probe *
take_probe(struct director *d, unsigned i, struct mono now)
{
	const struct check_conf_check *const conf = &d->conf->check[i];
	struct check_kept_probe kept;

	for (unsigned k = 0; old.conf && k < old.conf->nchecks; k++) {
		struct probe *const p = old.probe[k];

		if (!p || p->conf->key != conf->key)
			continue;
		old.probe[k] = NULL;
		probe_conf(p, conf, (uint16_t)i, now);
		return p;
	}

	const bool known = !d->settled && check_kept_find_probe(conf->key, &kept);
	struct probe *const p = probe_open(&d->probes, conf, (uint16_t)i,
					   known ? kept.up : first_verdict(d, i), now);

	if (!p)
		log_put(CHECK_LOG_POOL, checker_word(conf),
			"CONFIG_CHECK_CHECKS");
	if (!p || !known)
		return p;
	p->passed = kept.passed;
	p->failed = kept.failed;
	p->since_wall_us = kept.since_wall_us;
	p->changes = kept.changes;
	memcpy(p->why, kept.why, sizeof p->why);
	return p;
}

static void
take_probes(struct director *d, struct mono now)
{
	/* A probe of the last image that no check of this one is goes first: its slot is needed. */
	for (unsigned k = 0; old.conf && k < old.conf->nchecks; k++) {
		bool named = false;

		for (unsigned i = 0; i < d->conf->nchecks && !named; i++)
			named = old.probe[k] && d->conf->check[i].key == old.probe[k]->conf->key;
		if (old.probe[k] && !named) {
			probe_close(old.probe[k]);
			old.probe[k] = NULL;
		}
	}
	for (unsigned i = 0; i < d->conf->nchecks; i++)
		d->probe[i] = take_probe(d, i, now);
	for (unsigned k = 0; old.conf && k < old.conf->nchecks; k++)
		if (old.probe[k])
			probe_close(old.probe[k]);	/* one of several that were equal */
}

static void
take_servers(struct director *d)
{
	for (unsigned i = 0; i < d->conf->nservers; i++) {
		struct director_server *const srv = &d->server[i];
		const struct check_conf_server *const conf = &d->conf->server[i];
		struct check_kept_server kept;

		*srv = (struct director_server){ .conf = conf, .set = -1 };
		for (unsigned k = 0; old.conf && k < old.conf->nservers; k++)
			if (strcmp(old.conf->server[k].name, conf->name) == 0) {
				srv->admin = old.server[k].admin;
				srv->set = old.server[k].set;
			}
		if (!d->settled && check_kept_find_server(conf->name, &kept)) {
			srv->admin = kept.admin;
			srv->set = kept.set;
		}
		srv->maintenance = look_at_file(d->conf, conf);
	}
}

/* What a dest was, and what is known of it without its service. */
static void
take_dest(struct director *d, unsigned i, bool fresh)
{
	struct service_dest *const dest = director_dest(d, i);
	const struct check_conf_dest *const conf = &d->conf->dest[i];
	const struct service_dest *const was =
		old_dest(d, d->conf->service[conf->service].name, conf);

	if (was && !fresh)
		*dest = *was;
	else
		memset(dest, 0, sizeof *dest);
	dest->conf = conf;
}

static struct service *
old_service(const char *name, bool *master)
{
	for (unsigned k = 0; old.conf && k < old.conf->nservices; k++)
		if (old.service[k] && strcmp(old.conf->service[k].name, name) == 0) {
			struct service *const s = old.service[k];

			old.service[k] = NULL;
			*master = old.master[k];
			return s;
		}
	return NULL;
}

static void
take_service(struct director *d, unsigned i, struct mono now)
{
	const struct check_conf_service *const conf = &d->conf->service[i];
	struct service_dest *const dests = director_dest(d, conf->dests.first);
	struct service_dest *const sorry = conf->sorry ? director_dest(d, conf->sorry - 1u) : NULL;
	bool master = false;
	struct service *s = old_service(conf->name, &master);
	const bool fresh = s == NULL;

	for (unsigned k = 0; k < conf->dests.n; k++)
		take_dest(d, conf->dests.first + k, fresh);
	if (sorry)
		take_dest(d, conf->sorry - 1u, fresh);
	if (!fresh) {
		service_conf(s, conf, d->conf, dests, sorry, now);
	} else {
		s = pool_get(service);
		if (!s) {
			log_put(CHECK_LOG_POOL, conf->name, "CONFIG_CHECK_SERVICES");
			return;
		}
		service_init(s, conf, d->conf, &service_ops, &d->env->loop.timers, dests, sorry,
			     now);
		if (!d->settled && !check_kept_find_service(conf->name, &master))
			master = false;
	}
	d->service[i] = s;
	d->master[i] = master;
}

/* All that is known of a service's servers, before it decides. */
static void
inform(struct director *d, struct service *s, unsigned i, struct mono now)
{
	const struct check_conf_service *const conf = &d->conf->service[i];

	for (unsigned k = 0; k < conf->dests.n; k++) {
		struct service_dest *const dest = &s->dests[k];
		const struct director_server *const srv = &d->server[dest->conf->server];

		service_set_admin(dest, (enum service_admin)srv->admin, now);
		service_set_weight(dest, srv->set, now);
		service_set_maintenance(dest, srv->maintenance, now);
		service_asked(dest, asked(d, dest->conf), now);
		if (!dest->since_wall_us)
			dest->since_wall_us = wall_us();
		service_verdict(dest, passes(d, dest->conf), now);
	}
	service_set_active(s, conf->follow[0] == '\0' || d->master[i], now);
	service_settle(s, now);
}

static void
keep_all(const struct director *d)
{
	for (unsigned i = 0; i < d->conf->nchecks; i++)
		if (d->probe[i])
			check_kept_probe(i, d->probe[i]);
	for (unsigned i = 0; i < d->conf->nservers; i++)
		keep_server(d, i);
	for (unsigned i = 0; i < d->conf->nservices; i++)
		check_kept_service(i, d->conf->service[i].name, d->master[i]);
	for (unsigned i = 0; i < d->conf->nvirtuals; i++)
		check_kept_virtual(i, &d->conf->virtual[i]);
	check_kept_trim(d->conf);
}

static void
set_aside(struct director *d)
{
	old.conf = d->conf;
	memcpy(old.probe, d->probe, sizeof old.probe);
	memcpy(old.service, d->service, sizeof old.service);
	memcpy(old.server, d->server, sizeof old.server);
	memcpy(old.master, d->master, sizeof old.master);
	old.bank = d->bank;
	d->bank = !d->bank;
	memset(d->service, 0, sizeof d->service);
	memset(d->probe, 0, sizeof d->probe);
}

/* The table is compared as a whole afterwards: nothing goes to the kernel piece by piece. */
static void
compare(struct director *d, struct mono now)
{
	int rc = 0;

	d->cursor.valid = false;
	d->ipvs.audit_us = d->conf->audit_us;
	if (d->settled)
		ipvs_audit(&d->ipvs, now);
	else if (d->conf->nservices > 0 || d->conf->sync.wanted)
		rc = ipvs_open(&d->ipvs, &d->env->loop.timers, now);
	else
		return;
	if (rc)
		log_put(CHECK_LOG_START, "generic netlink", strerror(-rc));
	else
		d->settled = true;
	director_table_daemon(d, now);
	if (d->ipvs.family)
		director_table_switches(d);
}

void
director_conf(struct director *d, const struct check_conf *conf, struct mono now)
{
	probes_drop(&d->probes, now);
	if (d->explain.ticket)
		(void)control_end(d->explain.ticket, now);
	d->explain.ticket = 0;
	set_aside(d);
	d->conf = conf;
	d->probes.conf = conf;
	d->quiet = true;
	take_servers(d);
	take_probes(d, now);
	for (unsigned i = 0; i < conf->nservices; i++)
		take_service(d, i, now);
	for (unsigned i = 0; i < conf->nservices; i++)
		if (d->service[i])
			inform(d, d->service[i], i, now);
	for (unsigned k = 0; old.conf && k < old.conf->nservices; k++)
		if (old.service[k]) {
			control_forget(old.service[k]);
			service_end(old.service[k]);
			pool_put(service, old.service[k]);
		}
	d->quiet = false;
	d->sync_master = d->conf->sync.follow[0] != '\0' && d->sync_master;
	compare(d, now);
	keep_all(d);
	watch_addresses(d, now);
	timer_arm(&d->env->loop.timers, &d->files, mono_add(now, FILES_US));
	old.conf = NULL;
}

/* ---- the beginning and the end --------------------------------------------------- */

int
director_open(struct director *d, struct child_env *env, struct mono now)
{
	(void)now;
	self = d;
	d->env = env;
	check_kept_open((struct check_kept *)(void *)env->checkpoint->content);
	probes_open(&d->probes, &env->loop, &probe_ops);
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
				director_notify_dest(d, &s->dests[k]);
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
		d->cursor.valid = false;
		ipvs_sync(&d->ipvs, &none, now);
		ipvs_audit(&d->ipvs, now);
		ipvs_close(&d->ipvs);
	}
	for (unsigned i = 0; i < d->conf->nservices; i++)
		if (d->service[i])
			pool_put(service, d->service[i]);
	local_close(&d->local);
}
