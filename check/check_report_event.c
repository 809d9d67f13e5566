/* SPDX-License-Identifier: MIT */
/* check_report_event.c -- a part of check_report.c: the events of the check child. */
#include "check_report_inside.h"

DEST(service, v->s = d->service->conf->name)

static const struct report_field server_event_fields[] = {
	STR("service", get_dest_service, "name of the virtual server"),
	STR("server", check_report_dest_name, "name of the real server"),
	STR("address", check_report_dest_address, "its address and port"),
	BOOL("up", check_report_dest_up, "whether its checks pass"),
	STR("why", check_report_dest_why, "why its last check failed"),
	{ .name = NULL }
};

const struct report_table check_report_server_event = {
	.name = "server", .what = "a real server went up or down",
	.fields = server_event_fields,
};

static const struct report_field quorum_event_fields[] = {
	STR("service", check_report_service_name, "name of the virtual server"),
	BOOL("held", check_report_service_held, "whether the quorum is held"),
	UINT("up_weight", check_report_service_up_weight, "of the servers that carry"),
	UINT("quorum", check_report_service_quorum, "weight that makes it up"),
	{ .name = NULL }
};

const struct report_table check_report_quorum_event = {
	.name = "quorum", .what = "a virtual server gained or lost its quorum",
	.fields = quorum_event_fields,
};

static const struct report_field panic_event_fields[] = {
	STR("service", check_report_service_name, "name of the virtual server"),
	BOOL("panic", check_report_service_panic, "whether all of its servers are used"),
	UINT("up_servers", check_report_service_nup, "how many carry"),
	{ .name = NULL }
};

const struct report_table check_report_panic_event = {
	.name = "panic", .what = "too few servers of a virtual server are up, or enough again",
	.fields = panic_event_fields,
};

static const struct report_field certificate_event_fields[] = {
	STR("check", check_report_probe_checker, "which one"),
	STR("address", check_report_probe_address, "what is tried"),
	SECS("left", check_report_probe_cert, "time until the server's certificate ends"),
	{ .name = NULL }
};

const struct report_table check_report_certificate_event = {
	.name = "certificate", .what = "a server's certificate ends soon",
	.fields = certificate_event_fields,
};
