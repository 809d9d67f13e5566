/* SPDX-License-Identifier: MIT */
/* vrrp_report_why.c -- transitions as rows: the flight recorder and the event stream. */
#include "vrrp_report.h"
#include "wall.h"

#define STR(n, g, w)	{ .name = n, .kind = REPORT_STR, .get = g, .what = w }
#define UINT(n, g, w)	{ .name = n, .kind = REPORT_UINT, .get = g, .what = w }

/* ---- the flight recorder ---- */

static const void *
row_record(const void *parent, unsigned i)
{
	const struct router *r = parent;

	return history_at(&r->in.history, i);
}

#define GET_RECORD(name, what)							\
	static void								\
	get_rec_##name(const void *row, struct report_value *v)			\
	{									\
		const struct history_record *rec = row;				\
		what;								\
	}

GET_RECORD(at, v->s = wall_text_ms(wall_us() - vrrp_report_ago_us(rec->at), v->text))
GET_RECORD(ago, v->s = wall_duration(vrrp_report_ago_us(rec->at), v->text))
GET_RECORD(from, v->s = fsm_state_name[rec->from])
GET_RECORD(to, v->s = fsm_state_name[rec->to])
GET_RECORD(event, v->s = fsm_event_name[rec->event])
GET_RECORD(clause, v->s = fsm_table[rec->from][rec->event].rfc)
GET_RECORD(why, history_why(rec, v->text); v->s = v->text)
GET_RECORD(prio, v->u = rec->prio)
GET_RECORD(seq, v->u = rec->seq)

static const struct report_field why_fields[] = {
	UINT("number", get_rec_seq, "counts the transitions from 1"),
	{ .name = "at", .kind = REPORT_STR, .get = get_rec_at, .column = 24,
	  .heading = "AT", .what = "when, UTC" },
	{ .name = "from", .kind = REPORT_STR, .get = get_rec_from, .column = 6,
	  .heading = "FROM", .what = "the state it left" },
	{ .name = "to", .kind = REPORT_STR, .get = get_rec_to, .column = 6,
	  .heading = "TO", .what = "the state it entered" },
	UINT("priority", get_rec_prio, "own effective priority then"),
	{ .name = "ago", .kind = REPORT_STR, .get = get_rec_ago, .column = 6,
	  .heading = "AGO", .what = "how long ago" },
	{ .name = "why", .kind = REPORT_STR, .get = get_rec_why,
	  .column = REPORT_BELOW, .heading = "why:", .what = "the cause" },
	STR("event", get_rec_event, "the event of the state machine"),
	STR("clause", get_rec_clause, "the rule of the standard"),
	{ .name = NULL }
};

const struct report_table vrrp_report_why = {
	.name = "why", .what = "the last transitions, newest first",
	.row = row_record, .fields = why_fields,
};

/* ---- the event stream ---- */

#define GET_EVENT(name, what)							\
	static void								\
	get_ev_##name(const void *row, struct report_value *v)			\
	{									\
		const struct vrrp_report_event *ev = row;			\
		what;								\
	}

GET_EVENT(instance, v->s = ev->router->in.conf->name)
GET_EVENT(interface, v->s = ev->router->in.conf->interface)
GET_EVENT(from, v->s = fsm_state_name[ev->rec->from])
GET_EVENT(to, v->s = fsm_state_name[ev->rec->to])
GET_EVENT(prio, v->u = ev->rec->prio)
GET_EVENT(vrid, v->u = ev->router->in.conf->vrid)
GET_EVENT(why, history_why(ev->rec, v->text); v->s = v->text)

static const struct report_field transition_fields[] = {
	STR("instance", get_ev_instance, "name of the instance"),
	STR("interface", get_ev_interface, "its interface"),
	UINT("vrid", get_ev_vrid, "its VRID"),
	STR("from", get_ev_from, "the state it left"),
	STR("to", get_ev_to, "the state it entered"),
	UINT("priority", get_ev_prio, "own effective priority"),
	STR("why", get_ev_why, "the cause"),
	{ .name = NULL }
};

const struct report_table vrrp_report_transition = {
	.name = "transition", .what = "a virtual router changed its state",
	.fields = transition_fields,
};
