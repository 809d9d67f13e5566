/* SPDX-License-Identifier: MIT */
/* check_schema.c -- the rows of health checking's sections. */
#include "check_schema.h"

#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "dns.h"
#include "ipvs_msg.h"
#include "mail_schema.h"
#include "mono.h"
#include "strfmt.h"

#define S(n)		((int64_t)(n) * MONO_US_PER_S)
#define MS(n)		((int64_t)(n) * MONO_US_PER_MS)
#define HOUR		S(3600)
#define UNSET		CHECK_SCHEMA_UNSET
#define END		{ .name = NULL }
#define NAME_ROW(st, m)	{ "name", "what refers to this section calls it so", \
			  SCHEMA_NAME_AT(st, m), .deftext = "the section's UCI name" }
/* Read by code: of any length up to `n`. */
#define TEXT_OF(n)	.type = SCHEMA_TEXT, .max = (n)
#define TEXTS_OF(n)	.type = SCHEMA_TEXT, .max = (n), .list = true

/* ---- words ----------------------------------------------------------------------- */

const struct schema_word check_schema_scheduler[] = {
#define SCHEDULER_WORD(name, what)	{ #name, CHECK_SCHEMA_##name, NULL },
	IPVS_MSG_SCHEDULERS(SCHEDULER_WORD)
#undef SCHEDULER_WORD
	{ NULL, 0, NULL },
};

static const struct schema_word protocols[] = {
	{ "TCP", IPPROTO_TCP, NULL }, { "UDP", IPPROTO_UDP, NULL },
	{ "SCTP", IPPROTO_SCTP, NULL }, { "tcp", IPPROTO_TCP, NULL },
	{ "udp", IPPROTO_UDP, NULL }, { "sctp", IPPROTO_SCTP, NULL }, { NULL, 0, NULL },
};

static const struct schema_word families[] = {
	{ "inet", 0, NULL }, { "inet6", 1, NULL }, { NULL, 0, NULL },
};

static const struct schema_word http_protocols[] = {
	{ "1.0", 1, NULL }, { "1.0C", 1, NULL }, { "1.1", 0, NULL }, { "1.1C", 0, NULL },
	{ NULL, 0, NULL },
};

static const struct schema_word dns_types[] = {
#define DNS_WORD(word, number) { #word, number, NULL },
	DNS_TYPES(DNS_WORD)
#undef DNS_WORD
	{ NULL, 0, NULL },
};

static const struct schema_word verifies[] = {
	{ "chain", TLS_CONF_CHAIN, NULL }, { "pin", TLS_CONF_PIN, NULL },
	{ "none", TLS_CONF_NONE, NULL }, { NULL, 0, NULL },
};

/* ---- how a server is tried ------------------------------------------------------- */

#define FORWARD_FORM "NAT, DR, or TUN [type ipip|gue port N|gre] [nocsum|csum|remcsum]"
#define SERVER_FORM "ADDRESS [PORT] [weight N] [CHECKER]"

#define PRB	struct check_schema_probe

/* Of payload, behind a header of 8. */
#define PING_BYTES	(CONFIG_CHECK_SEND < 1408 ? CONFIG_CHECK_SEND - 8 : 1400)

/* Options of `check`, and of `real_server` itself: structs of both begin with the probe. */
static const struct schema_row probe_rows[] = {
	{ "connect_ip", "address to try instead of the server's",
	  SCHEMA_ADDR_AT(PRB, conf.addr, 0), .deftext = "the server's" },
	{ "connect_port", "port to try instead of the server's",
	  SCHEMA_INT_AT(PRB, conf.port, 0, 65535, 0), .deftext = "the server's" },
	{ "bindto", "address that a check comes from",
	  SCHEMA_ADDR_AT(PRB, conf.bind_addr, 0), .deftext = "any" },
	{ "bind_port", "port that a check comes from",
	  SCHEMA_INT_AT(PRB, conf.bind_port, 0, 65535, 0), .deftext = "any" },
	{ "bind_if", "interface that a check leaves by",
	  SCHEMA_IFNAME_AT(PRB, conf.bind_if), .deftext = "any" },
	{ "fwmark", "firewall mark of the check's own packets",
	  SCHEMA_INT_AT(PRB, conf.fwmark, 0, UINT32_MAX, 0) },
	{ "delay_loop", "time from one check's start to the next's",
	  SCHEMA_SECONDS_AT(PRB, conf.interval_us, MS(10), 24 * HOUR, S(60)),
	  .deftext = "delay_loop of the virtual server" },
	{ "connect_timeout", "time for one check as a whole",
	  SCHEMA_SECONDS_AT(PRB, conf.timeout_us, MS(1), HOUR, S(5)),
	  .deftext = "connect_timeout of the virtual server" },
	{ "retry", "failures after the first until the server counts as down",
	  SCHEMA_INT_AT(PRB, retry, 0, 1000, UNSET),
	  .deftext = "1; DNS_CHECK 3; MISC_CHECK, FILE_CHECK 0" },
	{ "nb_get_retry", "another word for retry",
	  SCHEMA_INT_AT(PRB, retry, 0, 1000, UNSET), SCHEMA_ALIAS("retry") },
	{ "delay_before_retry", "time to the next check while the last ones disagree with the "
	  "verdict", SCHEMA_SECONDS_AT(PRB, delay_before_retry_us, MS(10), HOUR, UNSET),
	  .deftext = "1; HTTP_GET, SSL_GET 3; DNS_CHECK delay_loop" },
	{ "rise", "successes in a row until the server counts as up",
	  SCHEMA_INT_AT(PRB, conf.rise, 1, 1000, 1) },
	{ "fall", "failures in a row until the server counts as down",
	  SCHEMA_INT_AT(PRB, fall, 1, 1001, UNSET), .deftext = "retry + 1" },
	{ "warmup", "the first check comes at some time within this",
	  SCHEMA_SECONDS_AT(PRB, warmup_us, 0, 24 * HOUR, UNSET),
	  .deftext = "delay_loop" },
	{ "alpha", "the server counts as down until its first success",
	  SCHEMA_BOOL_AT(PRB, conf.alpha, false) },
	{ "log_all_failures", "log each failure, not the verdict's changes alone",
	  SCHEMA_BOOL_AT(PRB, conf.log_all_failures, false) },
	{ "send", "TCP_CHECK: what to send; \\r \\n \\t \\0 \\xHH \\\\ are understood",
	  TEXT_OF(CHECK_SCHEMA_BYTES) },
	{ "send_hex", "TCP_CHECK: the same in hexadecimal", TEXT_OF(CHECK_SCHEMA_BYTES) },
	{ "expect", "TCP_CHECK: what must come back", TEXT_OF(CHECK_SCHEMA_BYTES) },
	{ "expect_hex", "TCP_CHECK: the same in hexadecimal, XX is any byte",
	  TEXT_OF(CHECK_SCHEMA_BYTES) },
	{ "expect_anywhere", "TCP_CHECK: other bytes may come before it",
	  SCHEMA_BOOL_AT(PRB, talk.anywhere, false) },
	{ "dialogue", "TCP_CHECK: a ready-made one: redis, mysql, ...", TEXT_OF(CONF_NAME) },
	{ "url", "HTTP_GET, SSL_GET: pages to fetch in turn",
	  .type = SCHEMA_REF, .ref = "url", .form = "/PATH", .list = true },
	{ "virtualhost", "HTTP_GET, SSL_GET: name of the host asked for",
	  TEXT_OF(253), .deftext = "virtualhost of the virtual server" },
	{ "http_protocol", "HTTP_GET, SSL_GET: version spoken",
	  SCHEMA_WORD_AT(PRB, http10, http_protocols, 0) },
	{ "method", "HTTP_GET, SSL_GET: of the request", TEXT_OF(16), .deftext = "GET" },
	{ "header", "HTTP_GET, SSL_GET: further lines of the request, NAME: VALUE",
	  TEXTS_OF(512) },
	{ "helo_name", "SMTP_CHECK: the name that we greet with", TEXT_OF(253),
	  .deftext = "router_id of globals" },
	{ "smtp_tls", "SMTP_CHECK: none, starttls after EHLO (required), or tls from the first "
	  "byte", SCHEMA_WORD_AT(PRB, smtp_tls, mail_schema_tls, MAIL_CONF_CLEAR),
	  .deftext = "none, or tls with tls" },
	{ "dns_name", "DNS_CHECK: the name asked for", TEXT_OF(254), .deftext = "." },
	{ "dns_type", "DNS_CHECK: the type asked for",
	  SCHEMA_WORD_AT(PRB, dns_type, dns_types, 6) },
	{ "dns_answer", "DNS_CHECK: an answer that must be among those given",
	  TEXT_OF(255), .deftext = "any of the type" },
	{ "ping_count", "PING_CHECK: echo requests of one check",
	  SCHEMA_INT_AT(PRB, ping.count, 1, CHECK_CONF_PINGS, 1) },
	{ "ping_need", "PING_CHECK: replies without which it fails",
	  SCHEMA_INT_AT(PRB, ping.need, 1, CHECK_CONF_PINGS, 1) },
	{ "ping_gap", "PING_CHECK: time between echo requests",
	  SCHEMA_SECONDS_AT(PRB, ping.gap_us, MS(10), S(60), MS(200)) },
	{ "ping_latency", "PING_CHECK: mean time of the replies above which it fails; 0: any",
	  SCHEMA_SECONDS_AT(PRB, ping.latency_us, 0, S(60), 0) },
	{ "ping_size", "PING_CHECK: bytes of payload",
	  SCHEMA_INT_AT(PRB, ping.bytes, 8, PING_BYTES, 56) },
	{ "payload", "UDP_CHECK: what to send, in hexadecimal", TEXT_OF(CHECK_SCHEMA_BYTES),
	  .deftext = "an empty datagram" },
	{ "require_reply", "UDP_CHECK: a reply must come: 1, or its bytes in hexadecimal, XX is "
	  "any", TEXT_OF(CHECK_SCHEMA_BYTES), .deftext = "none needed" },
	{ "min_reply_length", "UDP_CHECK: least bytes of the reply",
	  SCHEMA_INT_AT(PRB, talk.min_bytes, 0, 4096, 0) },
	{ "max_reply_length", "UDP_CHECK: most bytes of the reply; 0: any",
	  SCHEMA_INT_AT(PRB, talk.max_bytes, 0, 4096, 0) },
	{ "misc_path", "MISC_CHECK: the command", SCHEMA_SCRIPT_AT(PRB, misc.script) },
	{ "misc_timeout", "MISC_CHECK: time for the command",
	  SCHEMA_SECONDS_AT(PRB, misc_timeout_us, MS(100), HOUR, UNSET),
	  .deftext = "delay_loop" },
	{ "misc_dynamic", "MISC_CHECK: an exit status of 2..255 is the weight plus 2, 0 leaves it",
	  SCHEMA_BOOL_AT(PRB, misc.dynamic, false) },
	{ "track_file", "FILE_CHECK: the file, which holds a number", TEXT_OF(255) },
	{ "file_weight", "FILE_CHECK: 0: 0 in the file is up; else its number times this is "
	  "added to the weight", SCHEMA_INT_AT(PRB, file.weight, -254, 254, 0) },
	{ "file_reverse", "FILE_CHECK: the opposite sense",
	  SCHEMA_BOOL_AT(PRB, file.reverse, false) },
	{ "tls", "speak TLS: with TCP_CHECK, SMTP_CHECK, HTTP_GET",
	  SCHEMA_BOOL_AT(PRB, tls, false), .deftext = "1 with SSL_GET" },
	{ "verify", "TLS: chain: certificate, name and validity; pin: the key alone; none",
	  SCHEMA_WORD_AT(PRB, verify, verifies, TLS_CONF_CHAIN),
	  .deftext = "chain, or pin with tls_pin" },
	{ "ca", "TLS: file of trusted certificates (PEM)", TEXT_OF(255),
	  .deftext = "the system's" },
	{ "tls_pin", "TLS: sha256//BASE64 of the server's public key", TEXT_OF(80) },
	{ "enable_sni", "TLS: send the name and verify it",
	  SCHEMA_BOOL_AT(PRB, sni, true) },
	{ "sni_name", "TLS: the server's name", TEXT_OF(253),
	  .deftext = "virtualhost of the first page, else of the check, else the address" },
	{ "tls_session_reuse", "TLS: time for which checks take up one session, until the "
	  "server's certificate is looked at again; 0: each time",
	  SCHEMA_SECONDS_AT(PRB, conf.tls_reuse_us, 0, 24 * HOUR, S(60)) },
	{ "alpn", "TLS: protocols to offer", TEXTS_OF(32) },
	{ "certificate", "TLS: file of our own certificate and its chain (PEM)", TEXT_OF(255) },
	{ "key", "TLS: file of its private key (PEM)", TEXT_OF(255), .secret = true },
	END
};

#define CHK	struct check_schema_check

static const struct schema_row check_rows[] = {
	NAME_ROW(CHK, name),
	{ "check", "which one: TCP_CHECK, HTTP_GET, SSL_GET, SMTP_CHECK, DNS_CHECK, "
	  "PING_CHECK, UDP_CHECK, MISC_CHECK, FILE_CHECK",
	  TEXT_OF(CONF_NAME), .required = true },
	{ .more = probe_rows },
};

/* ---- servers --------------------------------------------------------------------- */

#define SRV	struct check_schema_server

static const struct schema_row server_rows[] = {
	NAME_ROW(SRV, name),
	{ "enabled", "whether it is in force", SCHEMA_BOOL_AT(SRV, enabled, true) },
	{ "ipaddr", "the server's address", SCHEMA_ADDR_AT(SRV, addr, 0), .required = true },
	{ "port", "the server's port", SCHEMA_INT_AT(SRV, port, 0, 65535, 0),
	  .deftext = "the service's" },
	{ "weight", "its share while it is up",
	  SCHEMA_INT_AT(SRV, weight, 0, 65535, UNSET), .deftext = "weight of the virtual server" },
	{ "lb_kind", "how packets reach it", TEXT_OF(80),
	  .deftext = "lb_kind of the virtual server" },
	{ "lvs_method", "another word for lb_kind", TEXT_OF(80), SCHEMA_ALIAS("lb_kind") },
	{ "uthreshold", "connections from which on it gets no new ones; 0: any number",
	  SCHEMA_INT_AT(SRV, uthreshold, 0, UINT32_MAX, 0) },
	{ "lthreshold", "connections under which it gets new ones again",
	  SCHEMA_INT_AT(SRV, lthreshold, 0, UINT32_MAX, 0) },
	{ "inhibit_on_failure", "while down it stays in the table with weight 0",
	  SCHEMA_BOOL_AT(SRV, inhibit, false), .deftext = "that of the virtual server" },
	{ "notify_up", "run when it goes up", SCHEMA_SCRIPT_AT(SRV, notify_up) },
	{ "notify_down", "run when it goes down", SCHEMA_SCRIPT_AT(SRV, notify_down) },
	{ "smtp_alert", "mail when it goes up or down", SCHEMA_BOOL_AT(SRV, smtp_alert, false),
	  .deftext = "that of the virtual server" },
	{ "maintenance_file", "while this file is there the server is drained", TEXT_OF(255) },
	{ "check", "how it is tried: a word such as TCP_CHECK, with the options of this section, "
	  "or sections `check`; all must pass", .type = SCHEMA_REF, .ref = "check",
	  .form = "TCP_CHECK, ...", .list = true },
	{ .more = probe_rows },
};

#define SVC	struct check_schema_service

static const struct schema_row service_rows[] = {
	{ "name", "what status, logs and scripts call it", .type = SCHEMA_NAME,
	  SCHEMA_AT(SVC, conf.name), .max = CONF_NAME - 1,
	  .deftext = "the section's UCI name, else its address and port" },
	{ "enabled", "whether it is in force", SCHEMA_BOOL_AT(SVC, enabled, true) },
	{ "ipaddr", "the service's address", SCHEMA_ADDR_AT(SVC, addr, 0) },
	{ "port", "the service's port; 0: all, with persistence_timeout",
	  SCHEMA_INT_AT(SVC, port, 0, 65535, 0) },
	{ "fwmark", "the firewall mark that makes the service, instead of address and port",
	  SCHEMA_INT_AT(SVC, fwmark, 1, UINT32_MAX, 0), .deftext = "none" },
	{ "ip_family", "family of a service by fwmark",
	  SCHEMA_WORD_AT(SVC, ip6, families, 0) },
	{ "virtual_server_group", "several addresses, ports and marks, instead of one",
	  .type = SCHEMA_REF, .ref = "virtual_server_group" },
	{ "protocol", "of the service", SCHEMA_WORD_AT(SVC, protocol, protocols, IPPROTO_TCP) },
	{ "lb_kind", "how packets reach its servers: " FORWARD_FORM, TEXT_OF(80),
	  .deftext = "NAT" },
	{ "lvs_method", "another word for lb_kind", TEXT_OF(80), SCHEMA_ALIAS("lb_kind") },
	{ "lb_algo", "the scheduler", SCHEMA_WORD_AT(SVC, scheduler, check_schema_scheduler, 0) },
	{ "lvs_sched", "another word for lb_algo",
	  SCHEMA_WORD_AT(SVC, scheduler, check_schema_scheduler, 0), SCHEMA_ALIAS("lb_algo") },
	{ "sh_fallback", "sh: a server that is not there is passed over",
	  SCHEMA_BOOL_AT(SVC, sched1, false) },
	{ "sh_port", "sh: the client's port counts, too", SCHEMA_BOOL_AT(SVC, sched2, false) },
	{ "mh_fallback", "mh: as sh_fallback",
	  SCHEMA_BOOL_AT(SVC, sched1, false), SCHEMA_ALIAS("sh_fallback") },
	{ "mh_port", "mh: as sh_port",
	  SCHEMA_BOOL_AT(SVC, sched2, false), SCHEMA_ALIAS("sh_port") },
	{ "persistence_timeout", "time that a client stays with its server; 0: none",
	  SCHEMA_INT_AT(SVC, conf.persistence_s, 0, 31 * 86400, 0), .unit = "s" },
	{ "persistence_granularity", "prefix length, or IPv4 netmask, that makes clients one",
	  TEXT_OF(16), .deftext = "each address is a client" },
	{ "persistence_engine", "sip, or none", SCHEMA_NAME_AT(SVC, conf.engine) },
	{ "ops", "each UDP packet is scheduled by itself", SCHEMA_BOOL_AT(SVC, one_packet, false) },
	{ "follow", "VRRP instance: only in the kernel's table while that is MASTER",
	  SCHEMA_NAME_AT(SVC, conf.follow), .deftext = "always there" },
	{ "ha_suspend", "no checks while its address is not on this router",
	  SCHEMA_BOOL_AT(SVC, conf.ha_suspend, false) },
	{ "alpha", "its servers count as down until their first success",
	  SCHEMA_BOOL_AT(SVC, alpha, false) },
	{ "omega", "at the end of the daemon, run notify_down and quorum_down",
	  SCHEMA_BOOL_AT(SVC, conf.omega, false) },
	{ "quorum", "weight of the servers that are up that makes the service up",
	  SCHEMA_INT_AT(SVC, conf.quorum, 1, 1000000, 1) },
	{ "hysteresis", "added to the quorum to gain it, subtracted to lose it",
	  SCHEMA_INT_AT(SVC, conf.hysteresis, 0, 1000000, 0) },
	{ "quorum_up", "run when the quorum is gained", SCHEMA_SCRIPT_AT(SVC, conf.quorum_up) },
	{ "quorum_down", "run when it is lost", SCHEMA_SCRIPT_AT(SVC, conf.quorum_down) },
	{ "smtp_alert", "mail when its servers or its quorum change",
	  SCHEMA_BOOL_AT(SVC, smtp_alert, false) },
	{ "sorry_server_ip", "the server that is used while there is no quorum",
	  SCHEMA_ADDR_AT(SVC, sorry_addr, 0), .deftext = "none" },
	{ "sorry_server_port", "its port", SCHEMA_INT_AT(SVC, sorry_port, 0, 65535, 0),
	  .deftext = "the service's" },
	{ "sorry_server_inhibit", "it is in the table always, with weight 0 while not needed",
	  SCHEMA_BOOL_AT(SVC, conf.sorry_inhibit, false) },
	{ "sorry_server_lvs_method", "how packets reach it", TEXT_OF(80),
	  .deftext = "as lb_kind" },
	{ "inhibit_on_failure", "inhibit_on_failure of servers that say nothing of it",
	  SCHEMA_BOOL_AT(SVC, inhibit, false) },
	{ "weight", "weight of servers that have none",
	  SCHEMA_INT_AT(SVC, weight, 0, 65535, 1) },
	{ "slow_start", "a server that comes up gets its whole weight after this time",
	  SCHEMA_SECONDS_AT(SVC, conf.slow_start_us, 0, HOUR, 0) },
	{ "panic_threshold", "with fewer servers up than this, all are used",
	  SCHEMA_INT_AT(SVC, conf.panic, 0, 100, 0), .unit = "%" },
	{ "delay_loop", "time from one check's start to the next's",
	  SCHEMA_SECONDS_AT(SVC, delay_loop_us, MS(10), 24 * HOUR, S(60)) },
	{ "connect_timeout", "time for one check as a whole",
	  SCHEMA_SECONDS_AT(SVC, connect_timeout_us, MS(1), HOUR, S(5)) },
	{ "retry", "retry of checks that say nothing of it",
	  SCHEMA_INT_AT(SVC, retry, 0, 1000, UNSET), .deftext = "the check's own" },
	{ "delay_before_retry", "delay_before_retry of checks that say nothing of it",
	  SCHEMA_SECONDS_AT(SVC, delay_before_retry_us, MS(10), HOUR, UNSET),
	  .deftext = "the check's own" },
	{ "rise", "rise of checks that say nothing of it",
	  SCHEMA_INT_AT(SVC, rise, 1, 1000, UNSET), .deftext = "1" },
	{ "fall", "fall of checks that say nothing of it",
	  SCHEMA_INT_AT(SVC, fall, 1, 1001, UNSET), .deftext = "retry + 1" },
	{ "warmup", "warmup of checks that say nothing of it",
	  SCHEMA_SECONDS_AT(SVC, warmup_us, 0, 24 * HOUR, UNSET), .deftext = "delay_loop" },
	{ "virtualhost", "virtualhost of checks that say nothing of it", TEXT_OF(253) },
	{ "real_server", "its servers", .type = SCHEMA_REF, .ref = "real_server",
	  .form = SERVER_FORM, .list = true },
	END
};

static const struct schema_row group_rows[] = {
	{ "name", "what virtual servers call it", .type = SCHEMA_NAME, .max = CONF_NAME - 1,
	  .deftext = "the section's UCI name" },
	{ "address", "ADDRESS[-LAST] [PORT[-LAST]]", TEXTS_OF(128) },
	{ "fwmark", "a firewall mark, for IPv6 with `inet6` behind it", TEXTS_OF(24) },
	END
};

static const struct schema_row url_rows[] = {
	{ "name", "what checks call it", .type = SCHEMA_NAME, .max = CONF_NAME - 1,
	  .deftext = "the section's UCI name" },
	{ "path", "what is asked for", TEXT_OF(CHECK_SCHEMA_BYTES), .required = true },
	{ "status_code", "which are good, such as 200-299 401", TEXT_OF(255),
	  .deftext = "200-299" },
	{ "digest", "MD5, or SHA-256, of the body in hexadecimal", TEXT_OF(64),
	  .deftext = "not looked at" },
	{ "virtualhost", "name of the host asked for", TEXT_OF(253),
	  .deftext = "virtualhost of the check" },
	{ "expect", "text that must be in the body", TEXT_OF(255) },
	{ "regex", "pattern that the body must match", TEXT_OF(255) },
	{ "regex_no_match", "pattern that the body must not match", TEXT_OF(255) },
	{ "regex_icase", "upper and lower case are the same to the pattern",
	  SCHEMA_BOOL_AT(struct check_schema_url, icase, false) },
	END
};

/* ---- globals --------------------------------------------------------------------- */

struct check_schema_globals {
	int64_t audit_us;
};

static const struct schema_row globals_rows[] = {
	{ "ipvs_audit", "time between two comparisons of the kernel's IPVS table with what "
	  "it should be",
	  SCHEMA_SECONDS_AT(struct check_schema_globals, audit_us, S(1) / 10, HOUR, S(10)) },
	{ "lvs_sync_daemon", "INTERFACE [VRRP_INSTANCE] [id N] [maxlen N] [port N] [ttl N] "
	  "[group ADDRESS]: the kernel's connection sync daemon; with an instance it sends while "
	  "that is MASTER and listens else, and id is that of its virtual router", TEXT_OF(160),
	  .deftext = "none" },
	{ "lvs_timeouts", "[tcp S] [tcpfin S] [udp S]: time-outs of connections", TEXT_OF(80),
	  .deftext = "the kernel's" },
	END
};

static void
globals_make(struct compile *c, const struct compile_section *s, void *part, void *obj)
{
	const struct check_schema_globals *g = obj;
	struct check_conf *conf = part;

	conf->audit_us = g->audit_us;
	check_schema_sync(c, s, conf);
	check_schema_timeouts(c, s, conf);
}

static void
check_make(struct compile *c, const struct compile_section *s, void *part, void *obj)
{
	const struct compile_value *v = compile_doc_first(c, s, "check");

	(void)part;
	(void)obj;
	if (v != NULL)
		(void)check_schema_probe_word(c, v);
}

static const struct schema_section sections[] = {
	{ .type = "globals", .what = "what holds for the whole router", .rows = globals_rows,
	  .bytes = sizeof(struct check_schema_globals), .single = true, .make = globals_make },
	{ .type = "url", .what = "a page that checks fetch", .rows = url_rows,
	  .bytes = sizeof(struct check_schema_url), .named = true, .make = check_schema_url_make },
	{ .type = "check", .what = "a check that real servers refer to", .rows = check_rows,
	  .bytes = sizeof(struct check_schema_check), .named = true, .make = check_make },
	{ .type = "virtual_server_group", .what = "several addresses, ports and marks",
	  .rows = group_rows, .named = true, .make = check_schema_group_make },
	{ .type = "real_server", .what = "a server that is checked", .rows = server_rows,
	  .bytes = sizeof(struct check_schema_server), .named = true,
	  .make = check_schema_server_make },
	{ .type = "virtual_server", .what = "a service that servers share",
	  .rows = service_rows, .bytes = sizeof(struct check_schema_service),
	  .make = check_schema_service },
	{ .type = NULL },
};

const struct schema_section *
check_schema_kind(const char *type)
{
	const struct schema_section *const k = schema_section(&check_schema, type);

	assert(k != NULL);
	return k;
}

const struct schema_row *
check_schema_row(const char *type, const char *name)
{
	const struct schema_row *const r = schema_row(check_schema_kind(type), name);

	assert(r != NULL);
	return r;
}

static void
begin(struct compile *c, void *part)
{
	struct check_conf *conf = part;

	(void)c;
	conf->audit_us = S(10);
	check_schema_text_begin(conf);
	check_schema_group_begin();
	check_schema_server_begin();
	check_schema_probe_begin();
	check_schema_tls_begin();
}

static void
finish(struct compile *c, void *part)
{
	check_schema_server_finish(c, part);
	check_schema_sync_finish(c, part);
}

static void
summary(const void *part, struct strfmt *out)
{
	const struct check_conf *conf = part;

	strfmt_put(out, "%u virtual server%s, %u check%s", conf->nservices,
		   conf->nservices == 1 ? "" : "s", conf->nchecks,
		   conf->nchecks == 1 ? "" : "s");
}

const struct schema check_schema = {
	.name = "check", .sections = sections, .begin = begin,
	.finish = finish, .summary = summary,
};
