/* SPDX-License-Identifier: MIT */
/* check_report.c -- the tables of the check child. */
#include "check_report.h"

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

#define STR(n, g, w)	{ .name = n, .kind = REPORT_STR, .get = g, .what = w }
#define BOOL(n, g, w)	{ .name = n, .kind = REPORT_BOOL, .get = g, .what = w }
#define SECS(n, g, w)	{ .name = n, .kind = REPORT_SECONDS, .get = g, .what = w }
#define UINT(n, g, w)	{ .name = n, .kind = REPORT_UINT, .get = g, .what = w }
#define LIST(n, l, w)	{ .name = n, .kind = REPORT_LIST, .list = l, .what = w }
#define COUNT(n, g, w)	{ .name = n, .kind = REPORT_UINT, .metric = REPORT_COUNTER, .get = g, \
			  .what = w }
#define GAUGE(n, k, g, w) { .name = n, .kind = k, .metric = REPORT_GAUGE, .get = g, .what = w }
#define COLUMN(n, g, h, w)						\
	{ .name = n, .kind = REPORT_STR, .get = g, .heading = h, .column = w, \
	  .columns_only = true }

static void
put_addr(struct report_value *v, const struct net_addr *addr, uint16_t port)
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

static int64_t
since_us(int64_t wall)
{
	const int64_t us = wall_us() - wall;

	return wall && us > 0 ? us : 0;
}

/* ---- a check of a server --------------------------------------------------------- */

/* Row `i` of the checks under a struct service_dest. */
static const void *
row_probe(const void *parent, unsigned i)
{
	const struct check_conf_dest *const conf = ((const struct service_dest *)parent)->conf;

	for (unsigned k = 0; k < conf->checks.n; k++) {
		const struct probe *const p =
			director->probe[director->conf->ref[conf->checks.first + k]];

		if (p && !i--)
			return p;
	}
	return NULL;
}

#define PROBE(name, what)						\
	static void							\
	get_probe_##name(const void *row, struct report_value *v)	\
	{								\
		const struct probe *p = row;				\
		what;							\
	}

PROBE(checker, v->s = checker_word(p->conf))
PROBE(address, put_addr(v, &p->conf->addr, p->conf->port))
PROBE(up, v->i = p->health.up)
PROBE(known, v->i = p->last.any)
PROBE(passed_last, v->i = p->last.passed)
PROBE(reason, v->s = !p->last.any || p->last.passed ? NULL : checker_reason[p->last.reason].name)
PROBE(layer, v->s = !p->last.any || p->last.passed ? NULL : checker_reason[p->last.reason].layer)
PROBE(detail, v->s = p->last.detail[0] ? p->last.detail : NULL)
PROBE(latency, v->i = p->last.latency_us)
PROBE(streak, v->u = p->health.streak)
PROBE(rise, v->u = p->conf->rise)
PROBE(fall, v->u = p->conf->fall)
PROBE(interval, v->i = p->conf->interval_us)
PROBE(timeout, v->i = p->conf->timeout_us)
PROBE(since, v->i = since_us(p->since_wall_us))
PROBE(passed, v->u = p->passed)
PROBE(failed, v->u = p->failed)
PROBE(changes, v->u = p->changes)
PROBE(suspended, v->i = p->suspended)
PROBE(running, v->i = p->try != NULL)
PROBE(verify, v->s = !p->conf->tls_used ? NULL : p->conf->tls.verify == TLS_CONF_NONE ? "none" :
      p->conf->tls.verify == TLS_CONF_PIN ? "pin" : "chain")
PROBE(cert, v->i = p->cert_end_s ? p->cert_end_s * MONO_US_PER_S - wall_us() : 0)

static const void *
row_reason(const void *parent, unsigned i)
{
	const struct probe *const p = parent;

	for (unsigned r = 1; r < CHECKER_REASON__N; r++)
		if (p->why[r] && !i--)
			return &p->why[r];
	return NULL;
}

/* Which reason a counter is of: its place in the array of some probe. */
static unsigned
reason_of(const void *row)
{
	const uint32_t *const n = row;

	for (unsigned i = 0; i < director->conf->nchecks; i++) {
		const struct probe *const p = director->probe[i];

		if (p && n >= p->why && n < p->why + CHECKER_REASON__N)
			return (unsigned)(n - p->why);
	}
	return CHECKER_NONE;
}

static void
get_reason_name(const void *row, struct report_value *v)
{
	v->s = checker_reason[reason_of(row)].counter;
}

static void
get_reason_text(const void *row, struct report_value *v)
{
	v->s = checker_reason[reason_of(row)].text;
}

static void
get_reason_n(const void *row, struct report_value *v)
{
	v->u = *(const uint32_t *)row;
}

static const struct report_field reason_fields[] = {
	{ .name = "reason", .kind = REPORT_STR, .get = get_reason_name,
	  .what = "why it failed", .json_only = true },
	{ .name = "count", .kind = REPORT_UINT, .get = get_reason_n, .metric = REPORT_COUNTER,
	  .metric_name = "check_failures", .what = "tries that failed for this reason" },
	STR("meaning", get_reason_text, "the reason as a sentence"),
	{ .name = NULL }
};

static const struct report_table reasons_table = {
	.name = "failures", .row = row_reason, .fields = reason_fields,
	.what = "tries that failed, by reason",
	.label = "reason", .label_value = get_reason_name,
};

static const struct report_field probe_fields[] = {
	STR("check", get_probe_checker, "which one"),
	STR("address", get_probe_address, "what is tried"),
	GAUGE("up", REPORT_BOOL, get_probe_up, "its verdict"),
	BOOL("tried", get_probe_known, "whether a try has ended since the start"),
	BOOL("last_passed", get_probe_passed_last, "whether the last try passed"),
	STR("reason", get_probe_reason, "why the last try failed"),
	STR("layer", get_probe_layer, "where: L3, L4, L6, L7; L0 is this router itself"),
	STR("detail", get_probe_detail, "what was seen"),
	GAUGE("latency", REPORT_SECONDS, get_probe_latency, "time of the last try"),
	UINT("streak", get_probe_streak, "tries in a row that disagree with the verdict"),
	UINT("rise", get_probe_rise, "that many successes make it up"),
	UINT("fall", get_probe_fall, "that many failures make it down"),
	SECS("interval", get_probe_interval, "from one try to the next"),
	SECS("timeout", get_probe_timeout, "of one try as a whole"),
	SECS("since", get_probe_since, "time since the verdict changed"),
	COUNT("passed", get_probe_passed, "tries that passed"),
	COUNT("failed", get_probe_failed, "tries that failed"),
	COUNT("changes", get_probe_changes, "changes of the verdict"),
	BOOL("suspended", get_probe_suspended, "not tried: the service's address is elsewhere"),
	BOOL("running", get_probe_running, "a try is under way"),
	STR("tls_verify", get_probe_verify, "what of the server's TLS is verified"),
	GAUGE("certificate_left", REPORT_SECONDS, get_probe_cert,
	      "time until the server's certificate ends; 0: unknown"),
	LIST("failures", &reasons_table, "tries that failed, by reason"),
	{ .name = NULL }
};

/* What tells two checks of one server apart. */
static void
get_probe_label(const void *row, struct report_value *v)
{
	const struct probe *const p = row;
	const struct check_conf *const conf = director->conf;
	const bool http = p->conf->checker == CHECK_CONF_HTTP_GET ||
			  p->conf->checker == CHECK_CONF_SSL_GET;
	char text[NET_ADDR_TEXT];

	strfmt_to(v->text, sizeof v->text, "%s %s:%u%s", checker_word(p->conf),
		  net_addr_text(&p->conf->addr, text), p->conf->port, !http ? "" :
		  check_conf_text(conf, conf->url[p->conf->u.http.urls.first].path));
	v->s = v->text;
}

static const struct report_table probes_table = {
	.name = "checks", .what = "how the server is tried",
	.row = row_probe, .fields = probe_fields,
	.label = "check", .label_value = get_probe_label,
};

/* ---- a server of a service ------------------------------------------------------- */

#define DEST(name, what)						\
	static void							\
	get_dest_##name(const void *row, struct report_value *v)	\
	{								\
		const struct service_dest *d = row;			\
		what;							\
	}

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
		const struct probe *const p = row_probe(d, i);

		if (!p)
			return found;
		if (!found || (found->last.passed && !p->last.passed))
			found = p;
	}
}

static void
put_why(const struct service_dest *d, struct report_value *v)
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

DEST(name, v->s = server_of(d)->conf->name)
DEST(service, v->s = d->service->conf->name)
DEST(address, put_addr(v, &d->conf->addr, d->conf->port))
DEST(up, v->i = d->up)
DEST(state, v->s = word_of(d))
DEST(admin, v->s = d->admin == SERVICE_READY ? "ready" :
     d->admin == SERVICE_DRAIN ? "drain" : "down")
DEST(maintenance, v->i = d->maintenance)
DEST(there, v->i = d->place.there)
DEST(weight, v->u = d->place.there ? d->place.weight : 0)
DEST(conf_weight, v->u = d->conf->weight)
DEST(forward, v->s = forward_name(d->conf->forward))
DEST(sorry, v->i = is_sorry(d))
DEST(since, v->i = since_us(d->since_wall_us))
DEST(since_short, v->s = wall_duration(since_us(d->since_wall_us), v->text))
DEST(ups, v->u = d->ups)
DEST(downs, v->u = d->downs)
DEST(why, put_why(d, v))
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
	STR("name", get_dest_name, "name of the real server"),
	STR("address", get_dest_address, "its address and port"),
	STR("state", get_dest_state, "up, DOWN, drain, down!: by the operator"),
	GAUGE("up", REPORT_BOOL, get_dest_up, "whether its checks pass"),
	STR("admin", get_dest_admin, "what the operator has said"),
	BOOL("maintenance", get_dest_maintenance, "its maintenance file is there"),
	BOOL("in_table", get_dest_there, "it is in the kernel's table"),
	GAUGE("weight", REPORT_UINT, get_dest_weight, "its weight there"),
	UINT("configured_weight", get_dest_conf_weight, "the configuration's"),
	STR("lb_kind", get_dest_forward, "how packets reach it"),
	BOOL("sorry_server", get_dest_sorry, "used while there is no quorum"),
	SECS("since", get_dest_since, "time since it went up or down"),
	COUNT("ups", get_dest_ups, "times that it went up"),
	COUNT("downs", get_dest_downs, "times that it went down"),
	STR("why", get_dest_why, "why its last check failed"),
	GAUGE("active_connections", REPORT_UINT, get_dest_active, "by the kernel"),
	GAUGE("inactive_connections", REPORT_UINT, get_dest_inactive, "by the kernel"),
	COUNT("connections", get_dest_connections, "by the kernel"),
	COUNT("in_packets", get_dest_in_packets, "by the kernel"),
	COUNT("out_packets", get_dest_out_packets, "by the kernel"),
	COUNT("in_bytes", get_dest_in_bytes, "by the kernel"),
	COUNT("out_bytes", get_dest_out_bytes, "by the kernel"),
	LIST("checks", &probes_table, "how it is tried"),
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
	.label = "server", .label_value = get_dest_address,
};

/* ---- a service ------------------------------------------------------------------- */

#define SERVICE(name, what)						\
	static void							\
	get_service_##name(const void *row, struct report_value *v)	\
	{								\
		const struct service *s = row;				\
		what;							\
	}

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
		put_addr(v, &x->addr, x->port);
	}
}

static const char *
protocol_name(uint8_t protocol)
{
	return protocol == IPPROTO_TCP ? "TCP" : protocol == IPPROTO_UDP ? "UDP" :
	       protocol == IPPROTO_SCTP ? "SCTP" : "any";
}

SERVICE(name, v->s = s->conf->name)
SERVICE(address, put_virtual(first_virtual(s), v))
SERVICE(virtuals, v->u = s->conf->virtuals.n)
SERVICE(protocol, v->s = protocol_name(first_virtual(s)->protocol))
SERVICE(scheduler, v->s = s->conf->scheduler)
SERVICE(active, v->i = s->active)
SERVICE(follow, v->s = s->conf->follow[0] ? s->conf->follow : NULL)
SERVICE(has_quorum, v->i = s->quorum)
SERVICE(quorum, v->u = s->conf->quorum)
SERVICE(hysteresis, v->u = s->conf->hysteresis)
SERVICE(panic, v->i = s->panic)
SERVICE(up_weight, v->u = s->up_weight)
SERVICE(nup, v->u = s->nup)
SERVICE(losses, v->u = s->losses)
SERVICE(persistence, v->u = s->conf->persistence_s)

static const struct report_field service_fields[] = {
	STR("name", get_service_name, "name of the virtual server"),
	STR("address", get_service_address, "its first address and port, or mark"),
	UINT("addresses", get_service_virtuals, "how many it has"),
	STR("protocol", get_service_protocol, "of the service"),
	STR("lb_algo", get_service_scheduler, "the scheduler"),
	UINT("persistence", get_service_persistence, "seconds that a client stays"),
	GAUGE("in_table", REPORT_BOOL, get_service_active, "it is in the kernel's table"),
	STR("follow", get_service_follow, "the VRRP instance that decides that"),
	GAUGE("quorum_held", REPORT_BOOL, get_service_has_quorum, "there is enough weight"),
	UINT("quorum", get_service_quorum, "weight that makes it up"),
	UINT("hysteresis", get_service_hysteresis, "around the quorum"),
	GAUGE("up_weight", REPORT_UINT, get_service_up_weight, "of the servers that carry"),
	GAUGE("up_servers", REPORT_UINT, get_service_nup, "how many carry"),
	BOOL("panic", get_service_panic, "too few are up: all are used"),
	COUNT("quorum_losses", get_service_losses, "times that the quorum was lost"),
	LIST("real_servers", &dests_table, "its real servers"),
	{ .name = NULL }
};

static const void *
row_service(const void *parent, unsigned i)
{
	(void)parent;
	for (unsigned k = 0; director->conf && k < director->conf->nservices; k++)
		if (director->service[k] && !i--)
			return director->service[k];
	return NULL;
}

static const struct report_table services_table = {
	.name = "virtual_servers", .what = "virtual servers",
	.row = row_service, .fields = service_fields,
	.label = "service", .label_value = get_service_name,
};

/* ---- the overview: one line a server --------------------------------------------- */

static const void *
row_line(const void *parent, unsigned i)
{
	(void)parent;
	for (unsigned k = 0; ; k++) {
		const struct service *const s = row_service(NULL, k);

		if (!s)
			return NULL;

		const unsigned n = s->conf->dests.n + (s->sorry ? 1u : 0u);

		if (i < n)
			return row_dest(s, i);
		i -= n;
	}
}

static void
get_line_service(const void *row, struct report_value *v)
{
	const struct service_dest *const d = row;

	v->s = d == d->service->dests || !d->service->conf->dests.n ? d->service->conf->name : "";
}

static const struct report_field line_fields[] = {
	COLUMN("service", get_line_service, "SERVICE", 20),
	COLUMN("server", get_dest_name, "SERVER", 18),
	COLUMN("state", get_dest_state, "STATE", 6),
	COLUMN("weight", get_dest_weight_word, "WEIGHT", 6),
	COLUMN("since", get_dest_since_short, "SINCE", 6),
	COLUMN("ms", get_dest_ms, "MS", 8),
	COLUMN("why", get_dest_why, "why:", REPORT_BELOW),
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

/* ---- events ---------------------------------------------------------------------- */

static const struct report_field server_event_fields[] = {
	STR("service", get_dest_service, "name of the virtual server"),
	STR("server", get_dest_name, "name of the real server"),
	STR("address", get_dest_address, "its address and port"),
	BOOL("up", get_dest_up, "whether its checks pass"),
	STR("why", get_dest_why, "why its last check failed"),
	{ .name = NULL }
};

const struct report_table check_report_server_event = {
	.name = "server", .what = "a real server went up or down",
	.fields = server_event_fields,
};

static const struct report_field quorum_event_fields[] = {
	STR("service", get_service_name, "name of the virtual server"),
	BOOL("held", get_service_has_quorum, "whether the quorum is held"),
	UINT("up_weight", get_service_up_weight, "of the servers that carry"),
	UINT("quorum", get_service_quorum, "weight that makes it up"),
	{ .name = NULL }
};

const struct report_table check_report_quorum_event = {
	.name = "quorum", .what = "a virtual server gained or lost its quorum",
	.fields = quorum_event_fields,
};

static const struct report_field certificate_event_fields[] = {
	STR("check", get_probe_checker, "which one"),
	STR("address", get_probe_address, "what is tried"),
	SECS("left", get_probe_cert, "time until the server's certificate ends"),
	{ .name = NULL }
};

const struct report_table check_report_certificate_event = {
	.name = "certificate", .what = "a server's certificate ends soon",
	.fields = certificate_event_fields,
};
