/* SPDX-License-Identifier: MIT */
/* check_schema_server.c -- the real servers of a service, with how they are tried. */
#include <string.h>
#include <sys/socket.h>

#include "check_schema.h"
#include "strfmt.h"
#include "suggest.h"

#define UNSET	CHECK_SCHEMA_UNSET

/* ---- names of servers ------------------------------------------------------------ */

#define BUCKETS	256

/* Servers by their names; one compilation at a time. */
static struct {
	uint16_t bucket[BUCKETS];	/* references: index + 1 */
	uint16_t next[CONFIG_CHECK_SERVERS];
} names;

/* Those of the present service by address and port. */
static struct {
	uint16_t bucket[BUCKETS];	/* references: index into dest[] + 1 */
	uint16_t next[CONFIG_CHECK_DESTS];
} places;

void
check_schema_server_begin(void)
{
	memset(names.bucket, 0, sizeof names.bucket);
}

static uint16_t *
bucket_of(const char *name)
{
	return &names.bucket[compile_doc_bucket(name) % BUCKETS];
}

static int
find_name(const struct check_conf *part, const char *name)
{
	for (uint16_t i = *bucket_of(name); i != 0; i = names.next[i - 1])
		if (strcmp(part->server[i - 1].name, name) == 0)
			return i - 1;
	return -1;
}

const char *
check_schema_server_text(const struct net_addr *addr, uint16_t port, char out[CHECK_CONF_NAME])
{
	char text[NET_ADDR_TEXT];

	strfmt_to(out, CHECK_CONF_NAME, addr->family == AF_INET6 ? "[%s]:%u" : "%s:%u",
		  net_addr_text(addr, text), port);
	return out;
}

int
check_schema_server_name(struct compile *c, struct uci_pos at, struct check_conf *part,
			 const char *name, const struct net_addr *addr, uint16_t port)
{
	int i = find_name(part, name);

	if (i >= 0)
		return i;
	if (part->nservers == CONFIG_CHECK_SERVERS) {
		compile_full(c, at, CONFIG_CHECK_SERVERS, "real servers",
			     "CONFIG_CHECK_SERVERS");
		return -1;
	}

	struct check_conf_server *const srv = &part->server[part->nservers];
	uint16_t *const bucket = bucket_of(name);

	strfmt_copy(srv->name, sizeof srv->name, name, strlen(name));
	srv->addr = *addr;
	srv->port = port;
	names.next[part->nservers] = *bucket;
	*bucket = ++part->nservers;
	return part->nservers - 1;
}

struct check_conf_dest *
check_schema_server_put(struct compile *c, struct uci_pos at, struct check_conf *part)
{
	if (part->ndests < CONFIG_CHECK_DESTS)
		return &part->dest[part->ndests++];
	compile_full(c, at, CONFIG_CHECK_DESTS, "real servers of all virtual servers",
		     "CONFIG_CHECK_DESTS");
	return NULL;
}

/* ---- checks of a server ---------------------------------------------------------- */

/* Where complaints about a server go, and what it stands under. */
struct place {
	const struct compile_section *s;	/* its section, NULL: written in the list */
	struct uci_pos at;
	struct check_conf *part;
	const struct check_schema_service *svc;	/* NULL: looked at by itself */
	const struct compile_section *svc_section;
};

static void
put_check(struct compile *c, const struct place *pl, int index, struct check_conf_dest *d)
{
	struct check_conf *const part = pl->part;

	if (index < 0)
		return;
	for (unsigned i = 0; i < d->checks.n; i++)
		if (part->ref[d->checks.first + i] == index)
			return;		/* said twice */
	if (part->nrefs == PORT_ARRAY_SIZE(part->ref)) {
		compile_full(c, pl->at, PORT_ARRAY_SIZE(part->ref), "checks of real servers",
			     "CONFIG_CHECK_DESTS");
		return;
	}
	part->ref[part->nrefs++] = (uint16_t)index;
	d->checks.n++;
}

/* A section `check`. */
static void
from_section(struct compile *c, const struct compile_value *v, const struct place *pl,
	     const struct check_schema_probe *of_server, struct check_conf_dest *d)
{
	const char *const name = compile_doc_str(c, v);
	const struct compile_section *const s = compile_doc_lookup(c, "check", name);
	struct check_schema_check obj;
	char shown[COMPILE_SHOWN];

	if (s == NULL) {
		if (compile_known_lost(c, "check"))
			return;

		const char *const near = compile_doc_nearest(c, "check", name);

		if (near == NULL) {
			(void)check_schema_probe_word(c, v);
			return;
		}
		compile_error(c, v->at, "there is no check '%s'; did you mean '%s'?",
			      compile_value_shown(name, v->len, shown), near);
		return;
	}

	const struct compile_value *const word = compile_doc_first(c, s, "check");
	const int checker = word ? check_schema_probe_word(c, word) : -1;

	if (checker < 0)
		return;			/* a complaint was made */
	c->quiet++;
	compile_doc_build(c, s, check_schema_kind("check"), &obj);
	c->quiet--;
	obj.probe.server = pl->s;
	obj.probe.of_server = of_server;
	put_check(c, pl, check_schema_probe(c, s, s->at, checker, pl->part, &obj.probe, pl->svc,
					    pl->svc_section, &d->addr, d->port), d);
}

static void
read_checks(struct compile *c, const struct place *pl, const struct check_schema_probe *probe,
	    struct check_conf_dest *d)
{
	const struct compile_value *v = compile_doc_first(c, pl->s, "check");

	d->checks = (struct check_conf_range){ .first = pl->part->nrefs };
	for (; v != NULL; v = compile_doc_next(c, v)) {
		const char *const name = compile_doc_str(c, v);

		if (!check_schema_probe_is_word(name, v->len) ||
		    compile_doc_lookup(c, "check", name) != NULL) {
			from_section(c, v, pl, probe, d);
			continue;
		}

		struct check_schema_probe p = *probe;
		const int checker = check_schema_probe_word(c, v);

		put_check(c, pl, check_schema_probe(c, pl->s, pl->at, checker, pl->part, &p,
						    pl->svc, pl->svc_section, &d->addr,
						    d->port), d);
	}
}

/* ---- one server ------------------------------------------------------------------ */

/* Whether the server itself says it. */
static bool
given(const struct compile *c, const struct place *pl, const char *option)
{
	return pl->s != pl->svc_section && compile_doc_first(c, pl->s, option) != NULL;
}

/* What a server's section says into `d`, whose address and port are set. */
static void
fill(struct compile *c, const struct place *pl, const struct check_schema_server *srv,
     struct check_conf_dest *d)
{
	const struct check_schema_service *const svc = pl->svc;

	d->weight = (uint16_t)(srv->weight != UNSET ? srv->weight : svc ? svc->weight : 1);
	d->uthreshold = srv->uthreshold;
	d->lthreshold = srv->lthreshold;
	d->inhibit = svc && !given(c, pl, "inhibit_on_failure") ? svc->inhibit : srv->inhibit;
	d->alpha = svc && !given(c, pl, "alpha") ? svc->alpha : srv->probe.conf.alpha;
	d->smtp_alert = svc && !given(c, pl, "smtp_alert") ? svc->smtp_alert :
			srv->smtp_alert;
	d->notify_up = srv->notify_up;
	d->notify_down = srv->notify_down;
	if (d->lthreshold > d->uthreshold)
		compile_error(c, compile_doc_where(c, pl->s, "lthreshold"), "lthreshold %s "
			      "uthreshold", d->uthreshold > 0 ? "is above" : "needs an");
}

/* Whether the sync daemon will run; its section may come later. */
static bool
syncs(const struct compile *c)
{
	for (uint32_t i = 0; i < c->nsections; i++)
		if (compile_doc_first(c, &c->section[i], "lvs_sync_daemon") != NULL ||
		    compile_doc_first(c, &c->section[i], "lvs_sync_daemon_interface") != NULL)
			return true;
	return false;
}

static void
check_family(struct compile *c, struct uci_pos at, const struct check_schema_service *svc,
	     const struct check_conf_dest *d)
{
	const bool is6 = d->addr.family == AF_INET6;
	char text[NET_ADDR_TEXT];

	if (!(is6 ? svc->has4 : svc->has6))
		return;
	net_addr_text(&d->addr, text);
	if (d->forward != CHECK_CONF_TUN)
		compile_error(c, at, "%s is not of %s family: only lb_kind 'TUN' can reach it%s",
			      text, svc->has4 && svc->has6 ? "every address's" : "the service's",
			      is6 && svc->fwmark != 0 ? ", or ip_family is 'inet6'" : "");
	else if (syncs(c))
		compile_error(c, at, "%s is not of the service's family, which the kernel does "
			      "not take beside a sync daemon: give no lvs_sync_daemon, or no such "
			      "server", text);
}

/* The port that it has in the kernel's table: only NAT changes ports, but for a mark. */
static uint16_t
port_there(const struct check_conf *part, const struct check_schema_service *svc,
	   const struct check_conf_dest *d)
{
	const bool fixed = d->forward != CHECK_CONF_NAT &&
			   part->virtual[svc->conf.virtuals.first].fwmark == 0;

	return fixed ? svc->port : d->port;
}

/* Whether no other server of the present service is at that place. */
static bool
is_new(const struct check_conf *part, const struct check_schema_service *svc,
       const struct check_conf_dest *d)
{
	const uint16_t self = (uint16_t)(d - part->dest), port = port_there(part, svc, d);
	char text[NET_ADDR_TEXT];
	uint16_t *const bucket = &places.bucket[
		(compile_doc_bucket(net_addr_text(&d->addr, text)) + port) % BUCKETS];

	for (uint16_t i = *bucket; i != 0; i = places.next[i - 1])
		if (port_there(part, svc, &part->dest[i - 1]) == port &&
		    net_addr_cmp(&part->dest[i - 1].addr, &d->addr) == 0)
			return false;
	places.next[self] = *bucket;
	*bucket = (uint16_t)(self + 1);
	return true;
}

void
check_schema_server_fit(struct compile *c, struct uci_pos at, const struct check_conf *part,
			const struct check_schema_service *svc, const struct check_conf_dest *d)
{
	const struct net_addr *const a = &d->addr;
	char text[NET_ADDR_TEXT];

	net_addr_text(a, text);
	check_family(c, at, svc, d);
	if (d->forward != CHECK_CONF_NAT && svc->port != 0 && d->port != 0 &&
	    d->port != svc->port)
		compile_error(c, at, "port %u is not the service's %u: only lb_kind 'NAT' "
			      "changes ports", d->port, svc->port);
	if (net_addr_is_multicast(a) || net_addr_is_unspecified(a) ||
	    (a->family == AF_INET6 && net_addr_is_link_local(a)))
		compile_error(c, at, "%s is no server's address", text);
	if (!is_new(part, svc, d))
		compile_error(c, at, "%s port %u is in this service already", text, d->port);
}

/* Adds a server that its section, or the list itself, describes; NULL: no room. */
static struct check_conf_dest *
add(struct compile *c, const struct place *pl, const struct check_schema_server *srv,
    const char *name, struct check_schema_service *svc, struct check_schema_forward f)
{
	const uint16_t port = srv->port ? srv->port : svc->port;
	const int index = check_schema_server_name(c, pl->at, pl->part, name, &srv->addr, port);
	struct check_conf_dest *const d = index < 0 ? NULL :
		check_schema_server_put(c, pl->at, pl->part);

	if (d == NULL)
		return NULL;
	d->addr = srv->addr;
	d->port = port;
	d->server = (uint16_t)index;
	d->service = pl->part->nservices;
	check_schema_forward_set(d, f);
	fill(c, pl, srv, d);
	svc->conf.dests.n++;
	check_schema_server_fit(c, pl->at, pl->part, svc, d);
	d->checks = (struct check_conf_range){ .first = pl->part->nrefs };
	return d;
}

static void
from_server(struct compile *c, const struct place *pl, struct check_schema_service *svc,
	    struct check_schema_forward forward)
{
	struct check_schema_server srv;

	c->quiet++;
	compile_doc_build(c, pl->s, check_schema_kind("real_server"), &srv);
	c->quiet--;
	if (!srv.enabled || srv.addr.family == 0)
		return;			/* that is wanted, or a complaint was made */

	struct check_conf_dest *const d =
		add(c, pl, &srv, compile_doc_name(c, pl->s), svc,
		    check_schema_forward(c, pl->s, "lb_kind", forward));

	if (d == NULL)
		return;

	uint32_t *const file = &pl->part->server[d->server].maintenance;

	if (*file == 0)
		*file = check_schema_text_option(c, pl->part, pl->s, "maintenance_file").at;
	read_checks(c, pl, &srv.probe, d);
}

static void
no_word(struct compile *c, const struct compile_value *v, const struct compile_words *w)
{
	char shown[COMPILE_SHOWN];
	struct suggest near;

	suggest_begin(&near, compile_value_shown(w->word, w->len, shown));
	suggest_offer(&near, "weight");
	check_schema_probe_offer(&near);
	if (near.best != NULL && strcmp(near.best, shown) == 0)
		near.best = NULL;	/* the second one */
	compile_error(c, compile_doc_inside(v, w->off), "'%s' is unknown here%s%s%s", shown,
		      near.best ? ": did you mean '" : ": ADDRESS [PORT] [weight N] [CHECKER], "
		      "each once", near.best ? near.best : "", near.best ? "'?" : "");
}

/* ADDRESS [PORT] [weight N] [CHECKER]: into `srv`; *checker stays as it is without one. */
static bool
read_words(struct compile *c, const struct compile_value *v, struct check_schema_server *srv,
	   int *checker)
{
	struct compile_words w;
	const char *option = "ipaddr";

	compile_doc_build(c, NULL, check_schema_kind("real_server"), srv);
	compile_value_words(&w, compile_doc_str(c, v), v->len);
	for (; compile_value_word(&w); option = NULL) {
		if (check_schema_probe_is_word(w.word, w.len) && *checker < 0) {
			struct compile_value word = *v;

			word.text = v->text + (uint32_t)w.off;
			word.len = (uint16_t)w.len;
			*checker = check_schema_probe_word(c, &word);
			continue;
		}
		if (compile_value_is(&w, "weight") && srv->weight == UNSET) {
			option = "weight";
			if (!compile_value_word(&w)) {
				compile_error(c, v->at, "weight needs a value");
				return false;
			}
		} else if (option == NULL && srv->port == 0 && w.word[0] >= '0' &&
			   w.word[0] <= '9') {
			option = "port";
		} else if (option == NULL) {
			no_word(c, v, &w);
			return false;
		}
		if (!compile_value_set(c, check_schema_row("real_server", option), w.word, w.len,
				       compile_doc_inside(v, w.off), srv))
			return false;
	}
	return true;
}

static void
from_words(struct compile *c, const struct place *pl, const struct compile_value *v,
	   struct check_schema_service *svc, struct check_schema_forward forward)
{
	struct check_schema_server srv;
	char name[CHECK_CONF_NAME];
	int checker = -1;

	if (!read_words(c, v, &srv, &checker))
		return;
	check_schema_server_text(&srv.addr, srv.port ? srv.port : svc->port, name);

	struct check_conf_dest *const d = add(c, pl, &srv, name, svc, forward);

	if (d != NULL && checker >= 0)
		put_check(c, pl, check_schema_probe(c, pl->s, pl->at, checker, pl->part,
						    &srv.probe, svc, pl->svc_section, &d->addr,
						    d->port), d);
}

void
check_schema_servers(struct compile *c, const struct compile_section *s,
		     struct check_conf *part, struct check_schema_service *svc,
		     struct check_schema_forward forward)
{
	const struct compile_value *v = compile_doc_first(c, s, "real_server");
	/* Where a list says a server itself, its options are the service's. */
	struct place pl = { .s = s, .part = part, .svc = svc, .svc_section = s };
	char shown[COMPILE_SHOWN];

	memset(places.bucket, 0, sizeof places.bucket);
	svc->conf.dests = (struct check_conf_range){ .first = part->ndests };
	for (; v != NULL; v = compile_doc_next(c, v)) {
		const char *const name = compile_doc_str(c, v);
		const struct compile_section *const srv =
			compile_doc_lookup(c, "real_server", name);
		struct compile_words w;
		struct net_addr addr;

		pl.at = v->at;
		pl.s = srv ? srv : s;
		compile_value_words(&w, name, v->len);
		(void)compile_value_word(&w);
		if (srv != NULL) {
			from_server(c, &pl, svc, forward);
		} else if (net_addr_parse(&addr, w.word, w.len)) {
			from_words(c, &pl, v, svc, forward);
		} else if (!compile_known_lost(c, "real_server")) {
			const char *const near = compile_doc_nearest(c, "real_server", name);

			compile_error(c, v->at, "there is no real_server '%s'%s%s%s",
				      compile_value_shown(name, v->len, shown),
				      near ? "; did you mean '" : ", and it is no address",
				      near ? near : "", near ? "'?" : "");
		}
	}
}

void
check_schema_server_make(struct compile *c, const struct compile_section *s, void *part,
			 void *obj)
{
	const struct check_schema_server *const srv = obj;

	(void)part;
	if (srv->addr.family == 0 || !srv->enabled)
		return;
	(void)check_schema_forward(c, s, "lb_kind",
				   (struct check_schema_forward){ .forward = CHECK_CONF_NAT });
}

/* What a service would have made of it is complained of, and then taken back. */
static void
look_alone(struct compile *c, const struct compile_section *s, struct check_conf *part)
{
	const uint16_t nrefs = part->nrefs, nchecks = part->nchecks, nurls = part->nurls;
	const uint32_t ntext = part->ntext;
	const struct place pl = { .s = s, .at = s->at, .part = part };
	struct check_schema_server srv;
	struct check_conf_dest d = { 0 };

	c->quiet++;
	compile_doc_build(c, s, check_schema_kind("real_server"), &srv);
	c->quiet--;
	if (srv.addr.family == 0)
		return;			/* a complaint was made */
	d.addr = srv.addr;
	d.port = srv.port ? srv.port : 1;	/* that of some service */
	fill(c, &pl, &srv, &d);
	read_checks(c, &pl, &srv.probe, &d);
	memset(part->text + ntext, 0, part->ntext - ntext);	/* a key may be in it */
	check_schema_text_begin(part);
	check_schema_probe_begin();
	check_schema_tls_begin();
	part->nrefs = nrefs;
	part->nchecks = nchecks;
	part->nurls = nurls;
	part->ntext = ntext;
}

void
check_schema_server_finish(struct compile *c, void *part)
{
	struct check_conf *const conf = part;

	for (uint32_t i = 0; i < c->nsections; i++) {
		const struct compile_section *const s = &c->section[i];
		const char *const name = compile_doc_name(c, s);
		const struct compile_value *const off = compile_doc_first(c, s, "enabled");
		bool on = true;

		if (strcmp(s->kind->type, "real_server") != 0 || find_name(conf, name) >= 0)
			continue;
		if (off != NULL && schema_bool(&on, compile_doc_str(c, off), off->len) && !on)
			continue;
		look_alone(c, s, conf);
		if (c->result.errors == 0)
			compile_warn(c, s->at, "real_server '%s' is in no virtual_server: it is "
				     "not tried", name);
	}
}
