/* SPDX-License-Identifier: MIT */
/* check_report.c -- the tables of the check child. */
#include "check_report_inside.h"

#include <netinet/in.h>
#include <string.h>

#include "strfmt.h"
#include "wall.h"

static struct director *director;

port_at_start void
check_report_director(struct director *d)
{
	director = d;
}

struct director *
check_report_self(void)
{
	return director;
}

void
check_report_addr(struct report_value *v, const struct net_addr *addr, uint16_t port)
{
	char text[NET_ADDR_TEXT];

	net_addr_text(addr, text);
	strfmt_to(v->text, sizeof v->text, net_is_ip6(addr->family) ? "[%s]:%u" : "%s:%u", text,
		  port);
	v->s = v->text;
}

static const char *
forward_name(uint8_t forward)
{
	return forward == CHECK_CONF_TUN ? "TUN" : forward == CHECK_CONF_DR ? "DR" : "NAT";
}

int64_t
check_report_since(int64_t wall)
{
	const int64_t us = wall_us() - wall;

	return wall && us > 0 ? us : 0;
}

/* ---- a server of a service ------------------------------------------------------- */

static const struct director_server *
server_of(const struct service_dest *d)
{
	return &director->server[d->conf->server];
}

static bool
is_sorry(const struct service_dest *d)
{
	return d->service->sorry == d;
}

/* One word for the operator. */
static const char *
word_of(const struct service_dest *d)
{
	if (is_sorry(d))
		return d->place.there && d->place.weight ? "SORRY" : "spare";
	if (d->admin == SERVICE_DOWN)
		return "down!";
	if (!d->up)
		return "DOWN";
	if (d->admin == SERVICE_DRAIN || d->maintenance)
		return "drain";
	return "up";
}

/* The last probe whose try says why. */
static const struct probe *
telling(const struct service_dest *d)
{
	const struct probe *found = NULL;

	for (unsigned i = 0; ; i++) {
		const struct probe *const p = check_report_probe(d, i);

		if (!p)
			return found;
		if (!found || (found->last.passed && !p->last.passed))
			found = p;
	}
}

void
check_report_why(const struct service_dest *d, struct report_value *v)
{
	const struct probe *const p = telling(d);

	if (!p || !p->last.any || p->last.passed)
		return;
	strfmt_to(v->text, sizeof v->text, "%s%s%s%s", checker_reason[p->last.reason].text,
		  p->last.detail[0] ? " (" : "", p->last.detail, p->last.detail[0] ? ")" : "");
	v->s = v->text;
}

static void
put_ms(const struct service_dest *d, struct report_value *v)
{
	const struct probe *const p = telling(d);

	v->s = "-";
	if (!p || !p->last.any)
		return;
	strfmt_to(v->text, sizeof v->text, "%lld.%01u", (long long)(p->last.latency_us / 1000),
		  (unsigned)(p->last.latency_us / 100 % 10));
	v->s = v->text;
}

static void
put_number(struct report_value *v, uint64_t n)
{
	strfmt_to(v->text, sizeof v->text, "%llu", (unsigned long long)n);
	v->s = v->text;
}

DEST_SHARED(name, v->s = server_of(d)->conf->name)
DEST_SHARED(address, check_report_addr(v, &d->conf->addr, d->conf->port))
DEST_SHARED(up, v->i = d->up)
DEST(state, v->s = word_of(d))
DEST(admin, v->s = d->admin == SERVICE_READY ? "ready" :
     d->admin == SERVICE_DRAIN ? "drain" : "down")
DEST(maintenance, v->i = d->maintenance)
DEST(there, v->i = d->place.there)
DEST(weight, v->u = d->place.there ? d->place.weight : 0)
DEST(conf_weight, v->u = d->conf->weight)
DEST(forward, v->s = forward_name(d->conf->forward))
DEST(sorry, v->i = is_sorry(d))
DEST(since, v->i = check_report_since(d->since_wall_us))
DEST(since_short, v->s = wall_duration(check_report_since(d->since_wall_us), v->text))
DEST(ups, v->u = d->ups)
DEST(downs, v->u = d->downs)
DEST_SHARED(why, check_report_why(d, v))
DEST(ms, put_ms(d, v))
DEST(weight_word, put_number(v, d->place.there ? d->place.weight : 0))

#define KERNEL(name, member)						\
	static void							\
	get_dest_##name(const void *row, struct report_value *v)	\
	{								\
		v->u = director_count(director, row)->member;		\
	}

KERNEL(active, active)
KERNEL(inactive, inactive)
KERNEL(connections, connections)
KERNEL(in_bytes, in_bytes)
KERNEL(out_bytes, out_bytes)
KERNEL(in_packets, in_packets)
KERNEL(out_packets, out_packets)

static const struct report_field dest_fields[] = {
	STR("name", check_report_dest_name, "name of the real server"),
	STR("address", check_report_dest_address, "its address and port"),
	STR("state", get_dest_state, "up, DOWN, drain, down!: by the operator"),
	GAUGE("up", REPORT_BOOL, check_report_dest_up, "whether its checks pass"),
	STR("admin", get_dest_admin, "what the operator has said"),
	BOOL("maintenance", get_dest_maintenance, "its maintenance file is there"),
	BOOL("in_table", get_dest_there, "it has its place in the kernel's table"),
	GAUGE("weight", REPORT_UINT, get_dest_weight, "its weight there"),
	UINT("configured_weight", get_dest_conf_weight, "the configuration's"),
	STR("lb_kind", get_dest_forward, "how packets reach it"),
	BOOL("sorry_server", get_dest_sorry, "used while there is no quorum"),
	GAUGE("since", REPORT_SECONDS, get_dest_since, "time since it went up or down"),
	COUNT("ups", get_dest_ups, "times that it went up"),
	COUNT("downs", get_dest_downs, "times that it went down"),
	STR("why", check_report_dest_why, "why its last check failed"),
	GAUGE("active_connections", REPORT_UINT, get_dest_active, "by the kernel"),
	GAUGE("inactive_connections", REPORT_UINT, get_dest_inactive, "by the kernel"),
	COUNT("connections", get_dest_connections, "by the kernel"),
	COUNT("in_packets", get_dest_in_packets, "by the kernel"),
	COUNT("out_packets", get_dest_out_packets, "by the kernel"),
	COUNT("in_bytes", get_dest_in_bytes, "by the kernel"),
	COUNT("out_bytes", get_dest_out_bytes, "by the kernel"),
	LIST("checks", &check_report_probes, "how it is tried"),
	{ .name = NULL }
};

/* Servers of a struct service in the order of its list, the sorry server last. */
static const void *
row_dest(const void *parent, unsigned i)
{
	const struct service *const s = parent;

	if (i < s->conf->dests.n)
		return &s->dests[i];
	return i == s->conf->dests.n ? s->sorry : NULL;
}

static const struct report_table dests_table = {
	.name = "real_servers", .what = "the service's real servers",
	.row = row_dest, .fields = dest_fields,
	.label = "server", .label_value = check_report_dest_address,
};

/* ---- a service ------------------------------------------------------------------- */

static const struct check_conf_virtual *
first_virtual(const struct service *s)
{
	return &director->conf->virtual[s->conf->virtuals.first];
}

static void
put_virtual(const struct check_conf_virtual *x, struct report_value *v)
{
	if (x->fwmark != 0) {
		strfmt_to(v->text, sizeof v->text, "fwmark %u", x->fwmark);
		v->s = v->text;
	} else {
		check_report_addr(v, &x->addr, x->port);
	}
}

static const char *
protocol_name(uint8_t protocol)
{
	return protocol == IPPROTO_TCP ? "TCP" : protocol == IPPROTO_UDP ? "UDP" :
	       protocol == IPPROTO_SCTP ? "SCTP" : "any";
}

SERVICE_SHARED(name, v->s = s->conf->name)
SERVICE(address, put_virtual(first_virtual(s), v))
SERVICE(virtuals, v->u = s->conf->virtuals.n)
SERVICE(protocol, v->s = protocol_name(first_virtual(s)->protocol))
SERVICE(scheduler, v->s = s->conf->scheduler)
SERVICE(active, v->i = s->active && !director_table_lacks(director, s))
SERVICE(lacks, v->i = director_table_lacks(director, s))
SERVICE(follow, v->s = s->conf->follow[0] ? s->conf->follow : NULL)
SERVICE_SHARED(held, v->i = s->quorum)
SERVICE_SHARED(quorum, v->u = s->conf->quorum)
SERVICE(hysteresis, v->u = s->conf->hysteresis)
SERVICE_SHARED(panic, v->i = s->panic)
SERVICE_SHARED(up_weight, v->u = s->up_weight)
SERVICE_SHARED(nup, v->u = s->nup)
SERVICE(losses, v->u = s->losses)
SERVICE(persistence, v->u = s->conf->persistence_s)

static const struct report_field service_fields[] = {
	STR("name", check_report_service_name, "name of the virtual server"),
	STR("address", get_service_address, "its first address and port, or mark"),
	UINT("addresses", get_service_virtuals, "how many it has"),
	STR("protocol", get_service_protocol, "of the service"),
	STR("lb_algo", get_service_scheduler, "the scheduler"),
	GAUGE("scheduler_missing", REPORT_BOOL, get_service_lacks,
	      "the kernel has not got it: the module ip_vs_LB_ALGO is to be loaded"),
	UINT("persistence", get_service_persistence, "seconds that a client stays"),
	GAUGE("in_table", REPORT_BOOL, get_service_active,
	      "it has its place in the kernel's table"),
	STR("follow", get_service_follow, "the VRRP instance that decides that"),
	GAUGE("quorum_held", REPORT_BOOL, check_report_service_held, "there is enough weight"),
	UINT("quorum", check_report_service_quorum, "weight that makes it up"),
	UINT("hysteresis", get_service_hysteresis, "around the quorum"),
	GAUGE("up_weight", REPORT_UINT, check_report_service_up_weight,
	      "of the servers that carry"),
	GAUGE("up_servers", REPORT_UINT, check_report_service_nup, "how many carry"),
	GAUGE("panic", REPORT_BOOL, check_report_service_panic, "too few are up: all are used"),
	COUNT("quorum_losses", get_service_losses, "times that the quorum was lost"),
	LIST("real_servers", &dests_table, "its real servers"),
	{ .name = NULL }
};

/* The first service from place *k on; *k is then the place behind it. */
static const struct service *
next_service(unsigned *k)
{
	while (director->conf && *k < director->conf->nservices) {
		const struct service *const s = director->service[(*k)++];

		if (s)
			return s;
	}
	return NULL;
}

static const void *
row_service(const void *parent, unsigned i)
{
	const struct service *s;
	unsigned k = 0;

	(void)parent;
	while ((s = next_service(&k)) && i--)
		;
	return s;
}

static const struct report_table services_table = {
	.name = "virtual_servers", .what = "virtual servers",
	.row = row_service, .fields = service_fields,
	.label = "service", .label_value = check_report_service_name,
};

/* ---- the overview: one line a server --------------------------------------------- */

#define LINE_SERVICE	20		/* columns */
#define LINE_SERVER	18

static const void *
row_line(const void *parent, unsigned i)
{
	const struct service *s;
	unsigned k = 0;

	(void)parent;
	while ((s = next_service(&k))) {
		const unsigned n = s->conf->dests.n + (s->sorry ? 1u : 0u);

		if (i < n)
			return row_dest(s, i);
		i -= n;
	}
	return NULL;
}

/* A long IPv6 address is told by its end. */
static void
put_end(struct report_value *v, const char *name, size_t width)
{
	const size_t n = strlen(name);

	v->s = name;
	if (name[0] != '[' || n <= width)
		return;
	strfmt_to(v->text, sizeof v->text, "~%s", name + n - (width - 1));
	v->s = v->text;
}

static void
get_line_server(const void *row, struct report_value *v)
{
	put_end(v, server_of(row)->conf->name, LINE_SERVER);
}

static void
get_line_service(const void *row, struct report_value *v)
{
	const struct service_dest *const d = row;

	if (d == d->service->dests || !d->service->conf->dests.n)
		put_end(v, d->service->conf->name, LINE_SERVICE);
	else
		v->s = "";
}

/* What keeps the whole service out of the table is said at its first server. */
static void
get_line_why(const void *row, struct report_value *v)
{
	const struct service_dest *const d = row;
	const struct service *const s = d->service;

	if (d != s->dests || !director_table_lacks(director, s)) {
		check_report_why(d, v);
		if (!v->s && d == s->dests && !director->ipvs.family)
			v->s = "service not in the table: the kernel has no IPVS";
		return;
	}
	strfmt_to(v->text, sizeof v->text, "service not in the table: the kernel lacks "
		  "ip_vs_%s", s->conf->scheduler);
	v->s = v->text;
}

static const struct report_field line_fields[] = {
	COLUMN("service", get_line_service, "SERVICE", LINE_SERVICE),
	COLUMN("server", get_line_server, "SERVER", LINE_SERVER),
	COLUMN("state", get_dest_state, "STATE", 6),
	COLUMN("weight", get_dest_weight_word, "WEIGHT", 6),
	COLUMN("since", get_dest_since_short, "SINCE", 6),
	COLUMN("ms", get_dest_ms, "MS", 8),
	COLUMN("why", get_line_why, "why:", REPORT_BELOW),
	{ .name = NULL }
};

static const struct report_table lines_table = {
	.name = "servers", .what = "real servers, a line each",
	.row = row_line, .fields = line_fields, .columns_only = true,
};

/* ---- the child as a whole -------------------------------------------------------- */

#define WHOLE(name, what)						\
	static void							\
	get_whole_##name(const void *row, struct report_value *v)	\
	{								\
		const struct director *d = row;				\
		what;							\
	}

WHOLE(tries, v->u = d->probes.tries)
WHOLE(failures, v->u = d->probes.failures)
WHOLE(waits, v->u = d->probes.waits)
WHOLE(late, v->i = d->probes.late_max_us)
WHOLE(ipvs, v->i = d->ipvs.family != 0)
#define X(name, text) WHOLE(ipvs_##name, v->u = d->ipvs.stats.name)
IPVS_COUNTERS(X)
#undef X

static const struct report_field whole_fields[] = {
	COUNT("tries", get_whole_tries, "checks begun"),
	COUNT("failures", get_whole_failures, "checks that failed"),
	COUNT("waits", get_whole_waits, "checks that had to wait for a slot"),
	GAUGE("late_max", REPORT_SECONDS, get_whole_late, "most that a check began late"),
	GAUGE("ipvs", REPORT_BOOL, get_whole_ipvs, "the kernel has IPVS"),
#define X(name_, text)	COUNT("ipvs_" #name_, get_whole_ipvs_##name_, text),
	IPVS_COUNTERS(X)
#undef X
	{ .name = NULL }
};

static const void *
row_whole(const void *parent, unsigned i)
{
	(void)parent;
	return i == 0 ? director : NULL;
}

static const struct report_table whole_table = {
	.name = "checking", .what = "the check child as a whole",
	.row = row_whole, .fields = whole_fields, .single = true,
};

port_at_start_const const struct report_table *const check_report_tables[] = {
	&services_table, &lines_table, &whole_table, NULL,
};
