/* SPDX-License-Identifier: MIT */
/* check_conf.h -- the check child's part of the configuration image.
 *
 * Written by the compiler (check_schema.c), read by everybody else in check/.  Defaults are
 * keepalived's, save where a safer value exists.  Everything is resolved when it is compiled: a
 * check stands here with all that its sections, its server and its service say of it, and those
 * that came out equal are one.  Lists are ranges [first, first + n) of the arrays at the end; a
 * text is an offset into text[], 0 for none.
 */
#ifndef CHECK_CONF_H
#define CHECK_CONF_H

#include "conf.h"
#include "tls_conf.h"

/* A server or a service that has no other name is called by its address, port and protocol:
 * "[2001:db8::1]:53/UDP", of which the longest fits. */
#define CHECK_CONF_NAME	60

struct check_conf_range {
	uint16_t first;
	uint16_t n;
};

/* Bytes of text[]; those of a text have a NUL behind them that is not counted. */
struct check_conf_bytes {
	uint32_t at;			/* 0: none */
	uint32_t n;
};

/* ---- the kernel's table ---------------------------------------------------------- */

/* One service of IPVS: what clients connect to. */
struct check_conf_virtual {
	struct net_addr addr;		/* family alone is set when fwmark is */
	uint32_t fwmark;		/* 0: by protocol, address and port */
	uint16_t port;			/* host order; 0: all (persistent services only) */
	uint8_t protocol;		/* IPPROTO_TCP, _UDP, _SCTP; 0 with fwmark */
	uint16_t service;		/* whose it is */
};

/* How packets reach a real server. */
enum check_conf_forward {		/* the kernel's numbers, linux/ip_vs.h */
	CHECK_CONF_NAT = 0,
	CHECK_CONF_TUN = 2,
	CHECK_CONF_DR = 3,
};

enum check_conf_tunnel {		/* linux/ip_vs.h: IP_VS_CONN_F_TUNNEL_TYPE_* */
	CHECK_CONF_IPIP = 0,
	CHECK_CONF_GUE = 1,
	CHECK_CONF_GRE = 2,
};

/* A real server, or the sorry server, of one service. */
struct check_conf_dest {
	struct net_addr addr;
	uint16_t port;			/* host order; 0: that of the service */
	uint16_t server;		/* index: its name */
	uint16_t service;
	uint8_t forward;		/* enum check_conf_forward */
	uint8_t tunnel;			/* enum check_conf_tunnel */
	uint16_t tunnel_port;		/* GUE */
	uint16_t tunnel_flags;		/* 0 none, 1 csum, 2 remcsum */
	uint16_t weight;		/* 0..65535 while up */
	uint32_t uthreshold;		/* connections, 0: none */
	uint32_t lthreshold;
	bool inhibit;			/* inhibit_on_failure: weight 0, not removed */
	bool alpha;			/* starts as down */
	bool smtp_alert;
	uint16_t notify_up;		/* scripts */
	uint16_t notify_down;
	struct check_conf_range checks;	/* of ref[]; up when all of them pass */
};

/* A real server's name, for whoever drains it; several services may have it. */
struct check_conf_server {
	char name[CHECK_CONF_NAME];
	struct net_addr addr;
	uint16_t port;
	uint32_t maintenance;		/* text: a path; while that file is there: drained */
};

/* A virtual server. */
struct check_conf_service {
	char name[CHECK_CONF_NAME];
	struct check_conf_range virtuals;	/* 1 and more */
	struct check_conf_range dests;	/* its real servers in the order of the list */
	uint16_t sorry;			/* index + 1 into dest[], 0: none */
	bool sorry_inhibit;		/* sorry_server_inhibit: there all the time, weight 0 */
	char scheduler[16];		/* "rr", "wlc" */
	uint32_t flags;			/* IP_VS_SVC_F_*: persistent, one packet, sched 1..3 */
	uint32_t persistence_s;		/* 0: none */
	uint32_t netmask;		/* IPv4: the mask as a number, 0xffffffff; IPv6: 128 */
	char engine[16];		/* persistence_engine: "sip", "" */
	char follow[CONF_NAME];		/* VRRP instance: only there while MASTER; "" */
	bool ha_suspend;		/* no checks while no address of its own is local */
	bool omega;			/* down scripts at the end */
	bool smtp_alert;
	uint32_t quorum;		/* sum of weights, 1 */
	uint32_t hysteresis;
	uint16_t quorum_up;		/* scripts */
	uint16_t quorum_down;
	int64_t slow_start_us;		/* from a first weight of 1 to the whole; 0: at once */
	uint8_t panic;			/* percent up under which all are used; 0: never */
};

/* The sync daemon of IPVS, at most one of each role. */
struct check_conf_sync {
	bool wanted;
	char interface[NET_IFNAME];
	char follow[CONF_NAME];		/* VRRP instance: master while MASTER, else backup */
	uint8_t id;			/* syncid 0..255 */
	uint16_t maxlen;		/* 0: the kernel's */
	struct net_addr group;		/* family 0: the kernel's */
	uint16_t port;			/* 0: the kernel's */
	uint8_t ttl;			/* 0: the kernel's */
};

/* ---- checks ---------------------------------------------------------------------- */

/* A page that a check fetches. */
struct check_conf_url {
	struct check_conf_bytes path;	/* "/": what is asked for */
	struct check_conf_bytes host;	/* virtualhost; none: the check's, else the address */
	struct check_conf_bytes status;	/* "200-299 401" as pairs of uint16_t low, high in
					 * host order, unaligned; none: 200..299 */
	struct check_conf_bytes text;	/* must be in the body */
	struct check_conf_bytes pattern; /* regex: must match the body (pattern.h) */
	bool pattern_absent;		/* regex_no_match */
	uint8_t digest_bytes;		/* 0 none, 16 MD5, 32 SHA-256 */
	uint8_t digest[32];		/* of the body */
};

struct check_conf_http {
	struct check_conf_range urls;	/* 1 and more, in turn */
	struct check_conf_bytes method;	/* "GET" */
	struct check_conf_bytes headers; /* further ones, each ended by CR LF */
	struct check_conf_bytes host;	/* virtualhost; none: the address and port */
	bool http10;			/* HTTP/1.0, else 1.1 */
};

/* TCP: what is sent and what must come back; UDP: the payload and its reply. */
struct check_conf_talk {
	struct check_conf_bytes send;
	struct check_conf_bytes expect;	/* bytes, then as many mask bytes: 0xff must agree,
					 * 0 any; the length is that of both */
	uint16_t row;			/* TCP: ready-made dialogue + 1 (talk_rows), 0: none */
	bool reply;			/* UDP require_reply: any will do */
	bool anywhere;			/* TCP: expect may stand after other bytes */
	uint16_t min_bytes, max_bytes;	/* UDP: of the reply, 0: any */
};

struct check_conf_dns {
	struct check_conf_bytes name;	/* wire format: length-prefixed labels, 0 */
	struct check_conf_bytes answer;	/* expected answer as text; none: any */
	uint16_t type;			/* RFC 1035 number: 1 A, 6 SOA, 28 AAAA */
};

#define CHECK_CONF_PINGS	32	/* most echo requests of one try */

struct check_conf_ping {
	uint16_t count;			/* echo requests of one try, 1..CHECK_CONF_PINGS */
	uint16_t need;			/* replies without which it fails */
	uint32_t gap_us;		/* between requests */
	uint32_t latency_us;		/* mean of the replies above which it fails, 0: any */
	uint16_t bytes;			/* of payload */
};

struct check_conf_misc {
	uint16_t script;
	bool dynamic;			/* misc_dynamic: exit 2..255 is a weight + 2 */
};

struct check_conf_file {
	struct check_conf_bytes path;
	int16_t weight;			/* 0: 0 in the file is up; else a factor of its number */
	bool reverse;			/* weight N reverse */
};

/* Numbers of the checkers; the words of `option check` and checker_table[] follow. */
#define CHECK_CONF_CHECKERS(X)						\
	X(TCP_CHECK,  tcp,  "the server accepts a connection")		\
	X(HTTP_GET,   http, "it answers to HTTP as it should")		\
	X(SSL_GET,    http, "the same over TLS")			\
	X(SMTP_CHECK, smtp, "it greets as a mail server")		\
	X(DNS_CHECK,  dns,  "it answers a DNS query")			\
	X(PING_CHECK, ping, "it answers ICMP echo requests")		\
	X(UDP_CHECK,  udp,  "it answers a datagram, or at least none is refused") \
	X(MISC_CHECK, misc, "a script ends with status 0")		\
	X(FILE_CHECK, file, "a file holds a good number")

enum check_conf_checker {
#define CHECK_CONF_ENUM(word, name, what)	CHECK_CONF_##word,
	CHECK_CONF_CHECKERS(CHECK_CONF_ENUM)
#undef CHECK_CONF_ENUM
	CHECK_CONF_CHECKER__N
};

struct check_conf_check {
	uint64_t key;			/* digest of what it asks of whom: the same in another
					 * image, in which only times and counts may differ */
	uint8_t checker;		/* enum check_conf_checker */
	bool tls_used;			/* SSL_GET, or `tls` of another */
	bool tls_later;			/* with it: once the checker asks for it */
	bool alpha;			/* starts as down until it has passed */
	bool log_all_failures;
	struct net_addr addr;		/* connect_ip, else the server's */
	uint16_t port;			/* connect_port, else the server's */
	uint16_t bind_port;
	struct net_addr bind_addr;	/* family 0: any */
	char bind_if[NET_IFNAME];	/* "": any */
	uint32_t fwmark;		/* of its own packets, 0: none */
	int64_t interval_us;		/* delay_loop: from one start to the next */
	int64_t fast_us;		/* while undecided: delay_before_retry */
	int64_t timeout_us;		/* connect_timeout: of one try as a whole */
	int64_t warmup_us;		/* the first is spread over this */
	uint16_t rise;			/* successes in a row until up, 1 and more */
	uint16_t fall;			/* failures in a row until down, retry + 1 */
	struct tls_conf tls;
	int64_t tls_reuse_us;		/* tls_session_reuse; 0: never */
	union {
		struct check_conf_http http;
		struct check_conf_talk talk;	/* TCP_CHECK, UDP_CHECK */
		struct check_conf_dns dns;
		struct check_conf_ping ping;
		struct check_conf_misc misc;
		struct check_conf_file file;
		struct { struct check_conf_bytes helo; } smtp;
	} u;
};

struct check_conf {
	int64_t audit_us;		/* between two looks at the whole kernel table */
	uint32_t timeout_tcp_s, timeout_tcpfin_s, timeout_udp_s;	/* lvs_timeouts, 0: leave */
	struct check_conf_sync sync;
	uint16_t nservices, nvirtuals, nservers, ndests, nrefs, nchecks, nurls;
	uint32_t ntext;
	struct check_conf_service service[CONFIG_CHECK_SERVICES];
	struct check_conf_virtual virtual[CONFIG_CHECK_VIRTUALS];
	struct check_conf_server server[CONFIG_CHECK_SERVERS];
	struct check_conf_dest dest[CONFIG_CHECK_DESTS];
	uint16_t ref[2 * CONFIG_CHECK_DESTS];	/* indexes into check[] */
	struct check_conf_check check[CONFIG_CHECK_CHECKS];
	struct check_conf_url url[CONFIG_CHECK_URLS];
	uint8_t text[CONFIG_CHECK_TEXT];	/* text[0] is 0 */
};

/* The bytes behind a reference, "" for none; with a NUL behind them. */
static inline const char *
check_conf_text(const struct check_conf *c, struct check_conf_bytes b)
{
	return (const char *)&c->text[b.at];
}

#endif
