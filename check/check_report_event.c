/* SPDX-License-Identifier: MIT */
/* check_report_event.c -- a part of check_report.c: the events of the check child. */
#include "check_report_inside.h"

#include "wall.h"

DEST(service, v->s = d->service->conf->name)
DEST(name, v->s = check_report_self()->conf->server[d->conf->server].name)
DEST(address, check_report_addr(v, &d->conf->addr, d->conf->port))
DEST(up, v->i = d->up)
DEST(why, check_report_why(d, v))

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

SERVICE(name, v->s = s->conf->name)
SERVICE(held, v->i = s->quorum)
SERVICE(up_weight, v->u = s->up_weight)
SERVICE(quorum, v->u = s->conf->quorum)

static const struct report_field quorum_event_fields[] = {
	STR("service", get_service_name, "name of the virtual server"),
	BOOL("held", get_service_held, "whether the quorum is held"),
	UINT("up_weight", get_service_up_weight, "of the servers that carry"),
	UINT("quorum", get_service_quorum, "weight that makes it up"),
	{ .name = NULL }
};

const struct report_table check_report_quorum_event = {
	.name = "quorum", .what = "a virtual server gained or lost its quorum",
	.fields = quorum_event_fields,
};

PROBE(checker, v->s = checker_word(p->conf))
PROBE(address, check_report_addr(v, &p->conf->addr, p->conf->port))
PROBE(cert, v->i = p->cert_end_s ? p->cert_end_s * MONO_US_PER_S - wall_us() : 0)

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
