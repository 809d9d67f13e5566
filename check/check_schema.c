/* SPDX-License-Identifier: MIT */
/* check_schema.c -- the rows of health checking's sections. */
#include "check_schema.h"

#define NOT_SERVED(t)	.type = SCHEMA_##t, .service = SCHEMA_IGNORED
#define END		{ .name = NULL }

static const struct schema_row virtual_server_rows[] = {
	{ "enabled", "whether it is in force", NOT_SERVED(BOOL), .def = 1 },
	{ "ipaddr", "the service's address", NOT_SERVED(ADDR) },
	{ "port", "the service's port", NOT_SERVED(INT) },
	{ "fwmark", "the firewall mark that makes the service", NOT_SERVED(INT) },
	{ "delay_loop", "time between checks", NOT_SERVED(SECONDS) },
	{ "lb_kind", "how packets are forwarded: NAT, DR, TUN", NOT_SERVED(TEXT) },
	{ "lb_algo", "the scheduler", NOT_SERVED(TEXT) },
	{ "persistence_timeout", "time that a client stays with its server",
	  NOT_SERVED(INT), .unit = "s" },
	{ "persistence_granularity", "netmask that makes clients one", NOT_SERVED(TEXT) },
	{ "virtualhost", "host name for HTTP checks", NOT_SERVED(TEXT) },
	{ "protocol", "TCP, UDP or SCTP", NOT_SERVED(TEXT) },
	{ "sorry_server_ip", "the server of last resort", NOT_SERVED(ADDR) },
	{ "sorry_server_port", "its port", NOT_SERVED(INT) },
	{ "rise", "successes until a server counts as up", NOT_SERVED(INT) },
	{ "fall", "failures until a server counts as down", NOT_SERVED(INT) },
	{ "real_server", "the servers", NOT_SERVED(REF), .ref = "real_server", .list = true },
	END
};

static const struct schema_row real_server_rows[] = {
	{ "enabled", "whether it is in force", NOT_SERVED(BOOL), .def = 1 },
	{ "name", "what virtual servers call it", NOT_SERVED(NAME) },
	{ "ipaddr", "the server's address", NOT_SERVED(ADDR) },
	{ "port", "the server's port", NOT_SERVED(INT) },
	{ "weight", "its share", NOT_SERVED(INT) },
	{ "check", "PING_CHECK, TCP_CHECK, MISC_CHECK, HTTP_GET or SSL_GET",
	  NOT_SERVED(TEXT) },
	{ "connect_timeout", "time for a connection", NOT_SERVED(SECONDS) },
	{ "connect_port", "port to check instead", NOT_SERVED(INT) },
	{ "misc_path", "the command of MISC_CHECK", NOT_SERVED(SCRIPT) },
	{ "nb_get_retry", "failures until it counts as down", NOT_SERVED(INT) },
	{ "retry", "failures until it counts as down", NOT_SERVED(INT) },
	{ "delay_before_retry", "time until the next try", NOT_SERVED(SECONDS) },
	{ "url", "pages to fetch", NOT_SERVED(REF), .ref = "url", .list = true },
	END
};

static const struct schema_row url_rows[] = {
	{ "name", "what real servers call it", NOT_SERVED(NAME) },
	{ "path", "the page's path", NOT_SERVED(TEXT) },
	{ "digest", "MD5 of the page", NOT_SERVED(TEXT) },
	END
};

#define OTHER(t, r, w)	{ .type = t, .what = w, .rows = r, .service = SCHEMA_IGNORED }

static const struct schema_section sections[] = {
	OTHER("virtual_server", virtual_server_rows, "a service that servers share"),
	OTHER("real_server", real_server_rows, "a server that is checked"),
	OTHER("url", url_rows, "a page that a check fetches"),
	{ .type = NULL },
};

const struct schema check_schema = { .name = "check", .sections = sections };
