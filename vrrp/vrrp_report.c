/* SPDX-License-Identifier: MIT */
/* vrrp_report.c -- the tables of the VRRP child.  Keys are those of keepalived's
 * JSON wherever it has one, so that its readers need no change. */
#include "vrrp_report.h"

#include <string.h>
#include <sys/socket.h>

#include "vrrp_pools.h"
#include "wall.h"

static const struct routers *world;

port_at_start void
vrrp_report_world(const struct routers *w)
{
	world = w;
}

/* A getter named get_NAME whose row is a struct router called `r`. */
#define GET(name, what)								\
	static void								\
	get_##name(const void *row, struct report_value *v)			\
	{									\
		const struct router *r = row;					\
		what;								\
	}

#define CONF	(r->in.conf)

static void
put_text(struct report_value *v, const char *s)
{
	v->s = s;
}

int64_t
vrrp_report_ago_us(struct mono t)
{
	return mono_diff_us(world->loop->now, t);
}

/* ---- data ---- */

GET(name, put_text(v, CONF->name))
GET(interface, put_text(v, CONF->interface))
GET(no_track, v->i = CONF->dont_track_primary)
GET(vrid, v->u = CONF->vrid)
GET(version, v->u = CONF->version)
GET(base_prio, v->u = CONF->priority)
GET(prio, v->u = r->in.prio)
GET(vipset, v->i = r->vips.n && r->vips.nthere == r->vips.n)
GET(adver_int, v->i = CONF->advert_us)
GET(master_int, v->i = r->in.active_us)
GET(down_int, v->i = instance_down_us(&r->in))
GET(skew, v->i = instance_skew_us(&r->in))
GET(accept, v->i = CONF->accept)
GET(nopreempt, v->i = !CONF->preempt)
GET(preempt_delay, v->i = CONF->preempt_delay_us)
GET(last_transition, v->i = r->in.since_wall_us;
    if (v->i)
	    v->s = wall_text_ms(v->i, v->text))
GET(garp_delay, v->i = CONF->garp_master_delay_us)
GET(garp_refresh, v->i = CONF->garp_master_refresh_us)
GET(garp_rep, v->u = CONF->garp_master_repeat)
GET(garp_refresh_rep, v->u = CONF->garp_master_refresh_repeat)
GET(garp_lower_delay, v->i = CONF->garp_lower_prio_delay_us)
GET(garp_lower_rep, v->u = CONF->garp_lower_prio_repeat)
GET(unicast, v->i = CONF->peers.n > 0)
GET(plain_sum, v->i = CONF->v3_checksum_as_v2)
GET(source, put_text(v, net_addr_text(&r->in.source, v->text)))
GET(family, put_text(v, CONF->family == AF_INET6 ? "inet6" : "inet"))
GET(auth_type, put_text(v, CONF->auth == VRRP_CONF_AUTH_PASS ? "PASS" : NULL))
GET(auth_data, put_text(v, CONF->auth == VRRP_CONF_AUTH_PASS ? "********" : NULL))
GET(wantstate, v->u = CONF->initial_master ? FSM_MASTER : FSM_BACKUP)
GET(state, v->u = r->in.state; v->s = fsm_state_name[r->in.state])
GET(since, v->i = vrrp_report_ago_us(r->in.since))

/* The router we obey: ourselves while MASTER, else whom we heard last. */
GET(master_prio, v->u = r->in.state == FSM_MASTER ? r->in.prio :
    r->in.any_heard ? r->in.heard[r->in.last_heard].prio : 0)

static void
get_why(const void *row, struct report_value *v)
{
	const struct router *r = row;
	const struct history_record *rec = history_at(&r->in.history, 0);
	const struct timer *hold = &r->all->hold;
	char left[WALL_TEXT];

	if (hold->armed && r->in.state == FSM_INIT) {
		strfmt_to(v->text, sizeof v->text, "start-up delay: %s to go",
			  wall_duration(mono_diff_us(hold->at, r->all->loop->now), left));
		v->s = v->text;
		return;
	}
	if (!rec)
		return;
	history_why(rec, v->text);
	v->s = v->text;
}

_Static_assert(sizeof(((struct report_value *)0)->text) >= HISTORY_TEXT,
	       "a sentence of the flight recorder fits a report value");

static void
get_heard(const void *row, struct report_value *v)
{
	const struct router *r = row;

	if (r->in.any_heard)
		v->s = net_addr_text(&r->in.heard[r->in.last_heard].addr,
				     v->text);
}

static void
get_addresses(const void *row, struct report_value *v)
{
	const struct router *r = row;
	const struct address *a = r->vips.first;
	char text[NET_ADDR_TEXT];

	if (!a)
		return;
	struct strfmt s;

	strfmt_init(&s, v->text, sizeof v->text);
	strfmt_put(&s, "%s/%u", net_addr_text(&a->vip.addr, text),
		   a->vip.prefixlen);
	if (r->vips.n > 1)
		strfmt_put(&s, " +%u", r->vips.n - 1u);
	if (r->in.state == FSM_MASTER && r->vips.nthere < r->vips.n)
		strfmt_put(&s, " %u UNSET", (unsigned)(r->vips.n - r->vips.nthere));
	v->s = v->text;
}

static void
get_since_short(const void *row, struct report_value *v)
{
	const struct router *r = row;

	v->s = wall_duration(vrrp_report_ago_us(r->in.since), v->text);
}

/* ---- lists under an instance ---- */

static const void *
vip_row(const void *parent, unsigned i, bool advertised)
{
	const struct router *r = parent;

	for (const struct address *a = r->vips.first; a; a = a->next) {
		if (a->vip.advertised == advertised && !i--)
			return a;
	}
	return NULL;
}

static const void *
row_vip(const void *parent, unsigned i)
{
	return vip_row(parent, i, true);
}

static const void *
row_evip(const void *parent, unsigned i)
{
	return vip_row(parent, i, false);
}

static void
get_vip(const void *row, struct report_value *v)
{
	const struct address *a = row;
	char text[NET_ADDR_TEXT];

	strfmt_to(v->text, sizeof v->text, "%s/%u dev %s%s%s%s",
		  net_addr_text(&a->vip.addr, text), a->vip.prefixlen,
		  a->vip.dev, a->vip.label[0] ? " label " : "", a->vip.label,
		  a->there ? " set" : "");
	v->s = v->text;
}

static const struct report_field vip_fields[] = {
	{ .name = "address", .kind = REPORT_STR, .get = get_vip,
	  .what = "address, prefix, interface, label, and whether it is set" },
	{ .name = NULL }
};

static const struct report_table vips_table = {
	.name = "vips", .row = row_vip, .fields = vip_fields, .scalars = true,
	.what = "virtual addresses that are advertised",
};

static const struct report_table evips_table = {
	.name = "evips", .row = row_evip, .fields = vip_fields, .scalars = true,
	.what = "virtual addresses that are not advertised",
};

static const void *
row_track(const void *parent, unsigned i)
{
	const struct router *r = parent;

	if (i >= CONF->tracks.n)
		return NULL;
	return &r->in.all->track[CONF->tracks.first + i];
}

static void
get_track(const void *row, struct report_value *v)
{
	const struct vrrp_conf_track *t = row;
	const struct link *l = link_by_name(&world->links, t->dev);

	strfmt_to(v->text, sizeof v->text, "%s weight %d%s %s", t->dev,
		  t->weight, t->reverse ? " reverse" : "",
		  l && l->usable ? "up" : "down");
	v->s = v->text;
}

static const struct report_field track_fields[] = {
	{ .name = "interface", .kind = REPORT_STR, .get = get_track,
	  .what = "interface, weight, up or down" },
	{ .name = NULL }
};

static const struct report_table track_table = {
	.name = "track_ifp", .row = row_track, .fields = track_fields,
	.scalars = true, .what = "tracked interfaces",
};

static const void *
row_heard(const void *parent, unsigned i)
{
	const struct router *r = parent;

	if (i >= INSTANCE_HEARD || !r->in.heard[i].addr.family)
		return NULL;
	return &r->in.heard[i];
}

static void
get_heard_addr(const void *row, struct report_value *v)
{
	const struct instance_heard *h = row;

	v->s = net_addr_text(&h->addr, v->text);
}

static void
get_heard_prio(const void *row, struct report_value *v)
{
	v->u = ((const struct instance_heard *)row)->prio;
}

static void
get_heard_ago(const void *row, struct report_value *v)
{
	v->i = vrrp_report_ago_us(((const struct instance_heard *)row)->at);
}

static const struct report_field heard_fields[] = {
	{ .name = "address", .kind = REPORT_STR, .get = get_heard_addr,
	  .what = "source of its adverts" },
	{ .name = "priority", .kind = REPORT_UINT, .get = get_heard_prio,
	  .what = "in its last advert" },
	{ .name = "ago", .kind = REPORT_SECONDS, .get = get_heard_ago,
	  .what = "seconds since its last advert" },
	{ .name = NULL }
};

static const struct report_table heard_table = {
	.name = "heard", .row = row_heard, .fields = heard_fields,
	.what = "other routers of this virtual router heard of lately",
	.label = "router", .label_value = get_heard_addr,
};

/* Only the reasons that have happened are rows. */
static const void *
row_drop(const void *parent, unsigned i)
{
	const struct router *r = parent;

	for (unsigned v = 0; v < ADV__N; v++) {
		if (r->in.stats.drop[v].n && !i--)
			return &r->in.stats.drop[v];
	}
	return NULL;
}

static void
get_drop_reason(const void *row, struct report_value *v)
{
	const struct instance_drop *d = row;

	v->s = adv_verdict[d->verdict].name;
}

static void
get_drop_what(const void *row, struct report_value *v)
{
	const struct instance_drop *d = row;

	v->s = adv_verdict[d->verdict].sentence;
}

static void
get_drop_clause(const void *row, struct report_value *v)
{
	const struct instance_drop *d = row;

	v->s = adv_verdict[d->verdict].clause;
}

static void
get_drop_n(const void *row, struct report_value *v)
{
	v->u = ((const struct instance_drop *)row)->n;
}

static const struct report_field drop_fields[] = {
	{ .name = "reason", .kind = REPORT_STR, .get = get_drop_reason,
	  .what = "why packets were dropped", .json_only = true },
	{ .name = "count", .kind = REPORT_UINT, .get = get_drop_n,
	  .metric = REPORT_COUNTER, .metric_name = "vrrp_dropped",
	  .what = "packets dropped for this reason" },
	{ .name = "meaning", .kind = REPORT_STR, .get = get_drop_what,
	  .what = "the reason as a sentence" },
	{ .name = "clause", .kind = REPORT_STR, .get = get_drop_clause,
	  .what = "where the rule stands", .json_only = true },
	{ .name = NULL }
};

static const struct report_table drops_table = {
	.name = "dropped", .row = row_drop, .fields = drop_fields,
	.what = "packets that were dropped, by reason",
	.label = "reason", .label_value = get_drop_reason,
};

static const void *
row_note(const void *parent, unsigned i)
{
	const struct router *r = parent;

	for (unsigned n = 0; n < ADV_NOTE__N; n++) {
		if (r->in.stats.note[n].n && !i--)
			return &r->in.stats.note[n];
	}
	return NULL;
}

static void
get_note_reason(const void *row, struct report_value *v)
{
	v->s = adv_note[((const struct instance_drop *)row)->verdict].name;
}

static void
get_note_what(const void *row, struct report_value *v)
{
	v->s = adv_note[((const struct instance_drop *)row)->verdict].sentence;
}

static const struct report_field note_fields[] = {
	{ .name = "reason", .kind = REPORT_STR, .get = get_note_reason,
	  .what = "what was strange", .json_only = true },
	{ .name = "count", .kind = REPORT_UINT, .get = get_drop_n,
	  .metric = REPORT_COUNTER, .metric_name = "vrrp_noted",
	  .what = "packets accepted although this was strange" },
	{ .name = "meaning", .kind = REPORT_STR, .get = get_note_what,
	  .what = "the same as a sentence" },
	{ .name = NULL }
};

static const struct report_table notes_table = {
	.name = "noted", .row = row_note, .fields = note_fields,
	.what = "packets that were accepted although strange, by what it was",
	.label = "reason", .label_value = get_note_reason,
};

/* ---- stats ---- */

/* keepalived's counters each gather one or more of our reasons. */
static uint64_t
sum_drops(const struct router *r, const char *counter)
{
	uint64_t n = 0;

	for (unsigned v = 1; v < ADV__N; v++) {
		if (!strcmp(adv_verdict[v].counter, counter))
			n += r->in.stats.drop[v].n;
	}
	return n;
}

#define DROP_COUNTERS(X)						\
	X(packet_len_err, "packets dropped for their length")		\
	X(advert_interval_err, "packets dropped for their interval")	\
	X(ip_ttl_err, "packets dropped for their TTL or hop limit")	\
	X(invalid_type_rcvd, "packets dropped for their type")		\
	X(addr_list_err, "packets dropped for their address list")	\
	X(invalid_authtype, "packets with an unknown authentication type") \
	X(authtype_mismatch, "packets with another authentication type")	\
	X(auth_failure, "packets with a wrong password")

#define X(name, what) GET(drops_##name, v->u = sum_drops(r, #name))
DROP_COUNTERS(X)
#undef X
#define X(name, what) GET(stat_##name, v->u = r->in.stats.name)
INSTANCE_COUNTERS(X)
#undef X

static const struct report_field stats_fields[] = {
#define X(name_, what_)							\
	{ .name = #name_, .kind = REPORT_UINT, .metric = REPORT_COUNTER,	\
	  .what = what_, .get = get_stat_##name_ },
	INSTANCE_COUNTERS(X)
#undef X
#define X(name_, what_)							\
	{ .name = #name_, .kind = REPORT_UINT, .metric = REPORT_COUNTER,	\
	  .what = what_, .get = get_drops_##name_ },
	DROP_COUNTERS(X)
#undef X
	{ .name = "dropped", .kind = REPORT_LIST, .list = &drops_table,
	  .what = "packets that were dropped, by reason" },
	{ .name = "noted", .kind = REPORT_LIST, .list = &notes_table,
	  .what = "packets that were accepted although strange" },
	{ .name = NULL }
};

/* ---- an instance ---- */

#define STR(n, g, w)	{ .name = n, .kind = REPORT_STR, .get = g, .what = w }
#define BOOL(n, g, w)	{ .name = n, .kind = REPORT_BOOL, .get = g, .what = w }
#define SECS(n, g, w)	{ .name = n, .kind = REPORT_SECONDS, .get = g, .what = w }
#define UINT(n, g, w)	{ .name = n, .kind = REPORT_UINT, .get = g, .what = w }
#define LIST(n, l, w)	{ .name = n, .kind = REPORT_LIST, .list = l, .what = w }

static const struct report_field data_fields[] = {
	STR("iname", get_name, "name of the instance"),
	{ .name = "state", .kind = REPORT_UINT, .metric = REPORT_GAUGE,
	  .get = get_state, .what = "0 INIT, 1 BACKUP, 2 MASTER, 3 FAULT" },
	STR("why", get_why, "cause of the last transition"),
	{ .name = "last_transition", .kind = REPORT_SECONDS,
	  .metric = REPORT_GAUGE, .get = get_last_transition,
	  .what = "when the state changed last, seconds since 1970" },
	SECS("since", get_since, "seconds in this state"),
	STR("ifp_ifname", get_interface, "interface"),
	UINT("vrid", get_vrid, "virtual router identifier"),
	UINT("version", get_version, "protocol version"),
	STR("family", get_family, "inet or inet6"),
	STR("source", get_source, "address that adverts are sent from"),
	UINT("base_priority", get_base_prio, "configured priority"),
	{ .name = "effective_priority", .kind = REPORT_UINT,
	  .metric = REPORT_GAUGE, .get = get_prio,
	  .what = "priority with what tracking adds or takes" },
	UINT("master_priority", get_master_prio, "priority of the MASTER"),
	BOOL("vipset", get_vipset, "whether all virtual addresses are set"),
	SECS("adver_int", get_adver_int, "own advertisement interval"),
	SECS("master_adver_int", get_master_int,
	     "advertisement interval of the MASTER"),
	SECS("master_down_int", get_down_int,
	     "silence after which it takes over"),
	SECS("skew_time", get_skew, "Skew_Time"),
	BOOL("accept", get_accept, "takes packets to the virtual addresses"),
	BOOL("nopreempt", get_nopreempt, "leaves a MASTER of lower priority"),
	SECS("preempt_delay", get_preempt_delay, "pause before it preempts"),
	UINT("wantstate", get_wantstate, "the configured initial state"),
	BOOL("dont_track_primary", get_no_track, "ignores its interface's faults"),
	BOOL("unicast", get_unicast, "speaks to configured peers"),
	BOOL("v3_checksum_as_v2", get_plain_sum,
	     "sends RFC 9568's checksum, without pseudo-header"),
	SECS("garp_delay", get_garp_delay, "pause before the second burst"),
	UINT("garp_rep", get_garp_rep, "frames of a burst"),
	SECS("garp_refresh", get_garp_refresh, "pause between refreshes"),
	UINT("garp_refresh_rep", get_garp_refresh_rep, "frames of a refresh"),
	SECS("garp_lower_prio_delay", get_garp_lower_delay,
	     "pause before the second burst after a lower-priority advert"),
	UINT("garp_lower_prio_rep", get_garp_lower_rep,
	     "frames of a burst after a lower-priority advert"),
	STR("auth_type", get_auth_type, "authentication type"),
	STR("auth_data", get_auth_data, "never shown"),
	LIST("vips", &vips_table, "virtual addresses that are advertised"),
	LIST("evips", &evips_table, "virtual addresses that are not"),
	LIST("track_ifp", &track_table, "tracked interfaces"),
	LIST("heard", &heard_table, "other routers heard of lately"),
	{ .name = NULL }
};

#define COLUMN(n, g, h, w)						\
	{ .name = n, .kind = REPORT_STR, .get = g, .heading = h, .column = w, \
	  .columns_only = true }

static void
get_state_word(const void *row, struct report_value *v)
{
	v->s = fsm_state_name[((const struct router *)row)->in.state];
}

static void
get_vrid_word(const void *row, struct report_value *v)
{
	const struct router *r = row;

	strfmt_to(v->text, sizeof v->text, "%u", CONF->vrid);
	v->s = v->text;
}

static void
get_prio_word(const void *row, struct report_value *v)
{
	const struct router *r = row;

	strfmt_to(v->text, sizeof v->text, "%u", r->in.prio);
	v->s = v->text;
}

static const struct report_field vrrp_fields[] = {
	{ .name = "data", .kind = REPORT_GROUP, .group = data_fields,
	  .what = "configuration and state" },
	{ .name = "stats", .kind = REPORT_GROUP, .group = stats_fields,
	  .what = "counters since the start" },
	COLUMN("instance", get_name, "INSTANCE", 12),
	COLUMN("interface", get_interface, "IF", 8),
	COLUMN("vrid", get_vrid_word, "VRID", 4),
	COLUMN("state", get_state_word, "STATE", 6),
	COLUMN("since", get_since_short, "SINCE", 6),
	COLUMN("prio", get_prio_word, "PRIO", 4),
	COLUMN("heard", get_heard, "HEARD", 15),
	COLUMN("addresses", get_addresses, "ADDRESSES", REPORT_REST),
	COLUMN("why", get_why, "why:", REPORT_BELOW),
	{ .name = NULL }
};

static const void *
row_router(const void *parent, unsigned i)
{
	(void)parent;
	return router_at(i);
}

static const struct report_table vrrp_table = {
	.name = "vrrp", .what = "virtual routers",
	.row = row_router, .fields = vrrp_fields,
	.label = "instance", .label_value = get_name,
};

/* ---- packets of nobody, and the kernel's side ---- */

static const void *
row_stray(const void *parent, unsigned i)
{
	const struct socket_strays *s = socket_strays();

	(void)parent;
	for (unsigned v = 0; v < ADV__N; v++) {
		if (s->drop[v].n && !i--)
			return &s->drop[v];
	}
	return NULL;
}

static const struct report_field stray_fields[] = {
	{ .name = "reason", .kind = REPORT_STR, .get = get_drop_reason,
	  .what = "why packets were dropped", .json_only = true },
	{ .name = "count", .kind = REPORT_UINT, .get = get_drop_n,
	  .metric = REPORT_COUNTER, .metric_name = "vrrp_stray",
	  .what = "packets of no virtual router here, dropped for this reason" },
	{ .name = "meaning", .kind = REPORT_STR, .get = get_drop_what,
	  .what = "the reason as a sentence" },
	{ .name = NULL }
};

static const struct report_table strays_table = {
	.name = "strays", .what = "packets that belong to no virtual router here",
	.row = row_stray, .fields = stray_fields,
	.label = "reason", .label_value = get_drop_reason,
};

port_at_start_const const struct report_table *const vrrp_report_tables[] = {
	&vrrp_table, &strays_table, NULL,
};
