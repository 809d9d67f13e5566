/* SPDX-License-Identifier: MIT */
/* director_conf.c -- the next configuration in the place of the last: what was known of checks,
 * servers and services goes on under it.
 */
#include <errno.h>
#include <string.h>

#include "check_log.h"
#include "check_pools.h"
#include "control.h"
#include "director.h"
#include "wall.h"

/* ---- another configuration ------------------------------------------------------- */

/* What the last image had, while the next is put in its place. */
static struct {
	const struct check_conf *conf;
	struct probe *probe[CONFIG_CHECK_CHECKS];
	struct service *service[CONFIG_CHECK_SERVICES];
	struct director_server server[CONFIG_CHECK_SERVERS];
	bool master[CONFIG_CHECK_SERVICES];
	bool lacks[CONFIG_CHECK_SERVICES];
	uint8_t bank;
	/* Where the next search begins: right behind what the last one found, as most of a
	 * configuration stays in its order. */
	unsigned check_at, server_at, dest_at;
} old;

static unsigned
after(unsigned i, unsigned n)
{
	return i + 1 < n ? i + 1 : 0;
}

/* The dest of the last image at that address, of the service of that name, or of any (NULL). */
static const struct service_dest *
old_dest(const struct director *d, const char *service, const struct check_conf_dest *is)
{
	const unsigned n = old.conf ? old.conf->ndests : 0;
	unsigned i = old.dest_at;

	for (unsigned k = 0; k < n; k++, i = after(i, n)) {
		const struct check_conf_dest *const was = &old.conf->dest[i];

		if (was->port != is->port || net_addr_cmp(&was->addr, &is->addr) != 0)
			continue;
		if (!service || strcmp(old.conf->service[was->service].name, service) == 0) {
			old.dest_at = after(i, n);
			return &d->dest[old.bank][i];
		}
	}
	return NULL;
}

/* Who has which check, from the last reference to the first: so they are in order. */
static void
index_checks(struct director *d)
{
	const struct check_conf *const conf = d->conf;

	memset(d->user.first, 0, sizeof d->user.first);
	for (unsigned i = conf->ndests; i-- > 0; )
		for (unsigned k = conf->dest[i].checks.n; k-- > 0; ) {
			const unsigned r = conf->dest[i].checks.first + k;
			uint16_t *const first = &d->user.first[conf->ref[r]];

			d->user.dest[r] = (uint16_t)i;
			d->user.next[r] = *first;
			*first = (uint16_t)(r + 1);
		}
}

/* What a check without a verdict of its own stands for: what its server was, else up. */
static bool
first_verdict(const struct director *d, unsigned i)
{
	const struct check_conf *const conf = d->conf;

	for (unsigned r = old.conf ? d->user.first[i] : 0; r != 0; r = d->user.next[r - 1]) {
		const struct service_dest *const was =
			old_dest(d, NULL, &conf->dest[d->user.dest[r - 1]]);

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
	const unsigned n = old.conf ? old.conf->nchecks : 0;
	unsigned at = old.check_at;

	for (unsigned k = 0; k < n; k++, at = after(at, n)) {
		struct probe *const p = old.probe[at];

		if (!p || p->conf->key != conf->key)
			continue;
		old.probe[at] = NULL;
		old.check_at = after(at, n);
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
	p->weight = kept.weight;
	p->add = kept.add;
	p->changes = kept.changes;
	memcpy(p->why, kept.why, sizeof p->why);
	return p;
}

/* Whether the next image has this check, looked for from *at on. */
static bool
named(const struct check_conf *conf, uint64_t key, unsigned *at)
{
	for (unsigned k = 0; k < conf->nchecks; k++) {
		const unsigned i = *at;

		*at = after(i, conf->nchecks);
		if (conf->check[i].key == key)
			return true;
	}
	return false;
}

static void
take_probes(struct director *d, struct mono now)
{
	unsigned at = 0;

	/* A probe of the last image that no check of this one is goes first: its slot is needed. */
	for (unsigned k = 0; old.conf && k < old.conf->nchecks; k++) {
		if (old.probe[k] && !named(d->conf, old.probe[k]->conf->key, &at)) {
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

/* What the operator has said of the server of that name. */
static void
take_words(struct director_server *srv)
{
	const unsigned n = old.conf ? old.conf->nservers : 0;
	unsigned i = old.server_at;

	for (unsigned k = 0; k < n; k++, i = after(i, n)) {
		if (strcmp(old.conf->server[i].name, srv->conf->name) != 0)
			continue;
		srv->admin = old.server[i].admin;
		srv->set = old.server[i].set;
		srv->maintenance = old.server[i].maintenance;
		old.server_at = after(i, n);
		return;
	}
}

static void
take_servers(struct director *d)
{
	for (unsigned i = 0; i < d->conf->nservers; i++) {
		struct director_server *const srv = &d->server[i];
		const struct check_conf_server *const conf = &d->conf->server[i];
		struct check_kept_server kept;

		*srv = (struct director_server){ .conf = conf, .set = -1 };
		take_words(srv);
		if (!d->settled && check_kept_find_server(conf->name, &kept)) {
			srv->admin = kept.admin;
			srv->set = kept.set;
		}
		srv->maintenance = director_file_there(d->conf, srv);
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

/* Whether the next image has a service of that name, looked for from *at on. */
static bool
is_served(const struct check_conf *conf, const char *name, unsigned *at)
{
	for (unsigned k = 0; k < conf->nservices; k++) {
		const unsigned i = *at;

		*at = after(i, conf->nservices);
		if (strcmp(conf->service[i].name, name) == 0)
			return true;
	}
	return false;
}

/* A service of the last image that this one has not goes first: its slot is needed. */
static void
drop_services(const struct director *d)
{
	unsigned at = 0;

	for (unsigned k = 0; old.conf && k < old.conf->nservices; k++) {
		struct service *const s = old.service[k];

		if (!s || is_served(d->conf, s->conf->name, &at))
			continue;
		control_forget(s);
		service_end(s);
		pool_put(service, s);
		old.service[k] = NULL;
	}
}

/* One that begins to follow an instance, or another one, stays as it is until that is told. */
static struct service *
old_service(const struct check_conf_service *conf, bool *master, bool *lacks)
{
	for (unsigned k = 0; old.conf && k < old.conf->nservices; k++) {
		struct service *const s = old.service[k];

		if (!s || strcmp(s->conf->name, conf->name) != 0)
			continue;
		old.service[k] = NULL;
		*master = strcmp(s->conf->follow, conf->follow) == 0 ? old.master[k] : s->active;
		*lacks = old.lacks[k] && strcmp(s->conf->scheduler, conf->scheduler) == 0;
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
	struct check_kept_service kept;
	bool master = false, lacks = false;
	struct service *s = old_service(conf, &master, &lacks);
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
		service_init(s, conf, d->conf, &director_service_ops, &d->env->loop.timers,
			     dests, sorry, now);
		if (!d->settled && check_kept_find_service(conf->name, &kept)) {
			master = kept.master;
			s->quorum = kept.quorum;
		}
	}
	d->service[i] = s;
	d->master[i] = master;
	d->lacks[i] = lacks;
}

/* That of its checks whose verdict has changed last; NULL: it has none. */
static const struct probe *
last_change(const struct director *d, const struct check_conf_dest *conf)
{
	const struct probe *last = NULL;

	for (unsigned i = 0; i < conf->checks.n; i++) {
		const struct probe *const p = d->probe[d->conf->ref[conf->checks.first + i]];

		if (p && (!last || p->since_wall_us > last->since_wall_us))
			last = p;
	}
	return last;
}

/* Since when it is what it is.  A slow start that an earlier life began goes on. */
static void
inform_since(const struct director *d, struct service_dest *dest, struct mono now)
{
	const struct probe *const p = last_change(d, dest->conf);
	const int64_t ago_us = p ? wall_us() - p->since_wall_us : 0;

	if (dest->since_wall_us)
		return;
	dest->since_wall_us = wall_us() - ago_us;
	if (!d->settled && dest->up && p && p->changes > 0 && ago_us >= 0 &&
	    ago_us < dest->service->conf->slow_start_us)
		dest->slow_begun = mono_add(now, -ago_us);
}

static void
inform_dest(const struct director *d, struct service_dest *dest, struct mono now)
{
	const struct director_server *const srv = &d->server[dest->conf->server];

	service_set_admin(dest, (enum service_admin)srv->admin, now);
	service_set_weight(dest, srv->set, now);
	service_set_maintenance(dest, srv->maintenance, now);
	service_asked(dest, director_asked(d, dest->conf), now);
	service_verdict(dest, director_passes(d, dest->conf), now);
	inform_since(d, dest, now);
}

/* All that is known of a service's servers, before it decides. */
static void
inform(struct director *d, struct service *s, unsigned i, struct mono now)
{
	const struct check_conf_service *const conf = &d->conf->service[i];

	for (unsigned k = 0; k < conf->dests.n; k++)
		inform_dest(d, &s->dests[k], now);
	if (s->sorry)
		inform_dest(d, s->sorry, now);
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
		director_keep_server(d, i);
	for (unsigned i = 0; i < d->conf->nservices; i++)
		director_keep_service(d, i);
	for (unsigned i = 0; i < d->conf->nvirtuals; i++)
		check_kept_virtual(i, &d->conf->virtual[i]);
	check_kept_sync(d->conf->sync.follow, d->sync_master);
	check_kept_trim(d->conf);
}

static void
set_aside(struct director *d)
{
	old.conf = d->conf;
	old.check_at = old.server_at = old.dest_at = 0;
	memcpy(old.probe, d->probe, sizeof old.probe);
	memcpy(old.service, d->service, sizeof old.service);
	memcpy(old.server, d->server, sizeof old.server);
	memcpy(old.master, d->master, sizeof old.master);
	memcpy(old.lacks, d->lacks, sizeof old.lacks);
	old.bank = d->bank;
	d->bank = !d->bank;
	memset(d->service, 0, sizeof d->service);
	memset(d->lacks, 0, sizeof d->lacks);
	memset(d->probe, 0, sizeof d->probe);
}

/* The table is compared as a whole afterwards: nothing goes to the kernel piece by piece. */
static void
compare(struct director *d, struct mono now)
{
	int rc = 0;

	d->ipvs.audit_us = d->conf->audit_us;
	if (d->settled)
		ipvs_audit(&d->ipvs, now);
	else if (d->conf->nservices > 0 || d->conf->sync.wanted || check_kept_any_virtual())
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
	probe_all_drop(&d->probes, now);
	if (d->explain.ticket)
		(void)control_end(d->explain.ticket, now);
	d->explain.ticket = 0;
	set_aside(d);
	d->conf = conf;
	d->probes.conf = conf;
	d->quiet = true;
	index_checks(d);
	take_servers(d);
	take_probes(d, now);
	drop_services(d);
	for (unsigned i = 0; i < conf->nservices; i++)
		take_service(d, i, now);
	for (unsigned i = 0; i < conf->nservices; i++)
		if (d->service[i])
			inform(d, d->service[i], i, now);
	d->quiet = false;
	if (!d->settled)
		d->sync_master = check_kept_sync_master(conf->sync.follow);
	d->sync_master = conf->sync.follow[0] != '\0' && d->sync_master;
	compare(d, now);
	keep_all(d);
	director_watch_addresses(d, now);
	timer_arm(&d->env->loop.timers, &d->files, mono_add(now, DIRECTOR_FILES_US));
	old.conf = NULL;
}
