/* SPDX-License-Identifier: MIT */
/* check_schema.h -- the sections and options that health checking reads, and their checks.
 *
 * Names and units are keepalived's and those of OpenWrt's package for it.  Compiled into a
 * struct check_conf (check_conf.h), where nothing is left to be inherited: what a check says
 * itself goes before what its server says, that before its service, and that before the
 * defaults.
 */
#ifndef CHECK_SCHEMA_H
#define CHECK_SCHEMA_H

#include "check_conf.h"
#include "compile.h"
#include "ipvs_msg.h"

extern const struct schema check_schema;

/* ---- what the rows fill; for the check_schema_*.c files only --------------------- */

#define CHECK_SCHEMA_UNSET	(-1)	/* a number that was not given */
#define CHECK_SCHEMA_BYTES	1024	/* longest text, payload or header list */

/* How a server is tried: options of `check`, and of `real_server` itself. */
struct check_schema_probe {
	struct check_conf_check conf;	/* its union stays empty: */
	struct check_conf_ping ping;
	struct check_conf_talk talk;
	struct check_conf_misc misc;
	struct check_conf_file file;
	uint16_t dns_type;
	bool http10;
	bool sni;			/* enable_sni */
	int32_t retry;			/* UNSET: by checker */
	int32_t fall;			/* UNSET: retry + 1 */
	int64_t delay_before_retry_us;	/* UNSET: by checker */
	int64_t warmup_us;		/* UNSET: delay_loop */
	int64_t misc_timeout_us;	/* UNSET: delay_loop */
	int64_t timeout_us;		/* UNSET: connect_timeout */
	bool tls;			/* also of checks other than SSL_GET */
	uint8_t smtp_tls;		/* enum mail_conf_tls */
	uint8_t verify;			/* enum tls_conf_verify; UNSET by default below */
	bool verify_given;
	/* Of a section `check`: the server that names it, and what that says. */
	const struct compile_section *server;	/* NULL: none, or it is that section */
	const struct check_schema_probe *of_server;
};

struct check_schema_check {
	struct check_schema_probe probe;	/* first: it has rows of its own */
	char name[CONF_NAME];
};

struct check_schema_server {
	struct check_schema_probe probe;	/* first, as above */
	char name[CONF_NAME];
	bool enabled;
	struct net_addr addr;
	uint16_t port;
	int32_t weight;			/* UNSET: the service's */
	uint32_t uthreshold, lthreshold;
	bool inhibit;
	bool smtp_alert;
	uint16_t notify_up, notify_down;
};

/* Indexes of check_schema_scheduler[]. */
enum {
#define CHECK_SCHEMA_INDEX(name, what)	CHECK_SCHEMA_##name,
	IPVS_MSG_SCHEDULERS(CHECK_SCHEMA_INDEX)
#undef CHECK_SCHEMA_INDEX
};

struct check_schema_service {
	struct check_conf_service conf;
	bool enabled;
	struct net_addr addr;
	uint16_t port;
	uint32_t fwmark;
	bool ip6;			/* ip_family inet6, for a fwmark */
	bool has4, has6;		/* kernel services of that family */
	uint8_t protocol;
	uint8_t scheduler;		/* index of check_schema_scheduler[] */
	bool one_packet;		/* ops */
	bool sched1, sched2;
	struct net_addr sorry_addr;
	uint16_t sorry_port;
	/* what its servers and checks inherit */
	int32_t weight;
	bool inhibit, alpha;
	bool smtp_alert;
	int32_t retry, fall, rise;	/* UNSET: the check's own default */
	int64_t delay_loop_us, connect_timeout_us;
	int64_t delay_before_retry_us, warmup_us;	/* UNSET as above */
};

struct check_schema_url {
	bool icase;			/* regex_icase */
};

/* How packets reach a server, read from `lb_kind`. */
struct check_schema_forward {
	uint8_t forward, tunnel;
	uint16_t tunnel_port, tunnel_flags;
};

/* ---- check_schema_text.c: bytes into the image ----------------------------------- */

/* A new configuration: forget what was there. */
void check_schema_text_begin(struct check_conf *conf);

/* Puts `n` bytes and a NUL into conf->text, equal ones once; .at 0 after a complaint at `at`. */
struct check_conf_bytes check_schema_text(struct compile *c, struct check_conf *conf,
					  const void *p, size_t n, struct uci_pos at);

/* The option as it stands, {0, 0} when it is not given or was refused. */
struct check_conf_bytes check_schema_text_option(struct compile *c, struct check_conf *conf,
						 const struct compile_section *s,
						 const char *option);

/* A text with \r \n \t \\ \0 \xHH into `out`; the length, or -1 after a complaint. */
int check_schema_text_escaped(struct compile *c, const struct compile_value *v, uint8_t *out,
			      size_t cap);

/* Hexadecimal digits in pairs, white space between allowed, into `out`; `mask` (NULL: none
 * allowed) is 0xff, or 0 for XX.  The length, or -1 after a complaint. */
int check_schema_text_hex(struct compile *c, const struct compile_value *v, uint8_t *out,
			  uint8_t *mask, size_t cap);

/* ---- check_schema_service.c, _group.c, _server.c, _probe.c, _url.c, _tls.c ------- */

extern const struct schema_word check_schema_scheduler[];

/* schema_section.make of virtual_server. */
void check_schema_service(struct compile *c, const struct compile_section *s, void *part,
			  void *obj);

/* The kernel services of `s`: appends to part->virtual, sets conf->virtuals.  false: none,
 * with a complaint. */
bool check_schema_group(struct compile *c, const struct compile_section *s,
			struct check_conf *part, struct check_schema_service *svc);
void check_schema_group_begin(void);
/* schema_section.make of virtual_server_group: looks for what is wrong. */
void check_schema_group_make(struct compile *c, const struct compile_section *s, void *part,
			     void *obj);

/* What a lb_kind says; `fallback` where `s` has none. */
struct check_schema_forward check_schema_forward(struct compile *c,
						 const struct compile_section *s,
						 const char *option,
						 struct check_schema_forward fallback);

void check_schema_forward_set(struct check_conf_dest *d, struct check_schema_forward f);

/* The real servers of a service: appends to part->dest. */
void check_schema_servers(struct compile *c, const struct compile_section *s,
			  struct check_conf *part, struct check_schema_service *svc,
			  struct check_schema_forward forward);
void check_schema_server_begin(void);
/* schema_section.make of real_server: looks for what no service would have said. */
void check_schema_server_make(struct compile *c, const struct compile_section *s, void *part,
			      void *obj);
/* schema.finish: those that nobody refers to, as if somebody did.  Nothing may be put into the
 * image after it. */
void check_schema_server_finish(struct compile *c, void *part);
/* Appends one; NULL when there is no room, with a complaint. */
struct check_conf_dest *check_schema_server_put(struct compile *c, struct uci_pos at,
						struct check_conf *part);
/* Complains of a server, in part->dest, that this service can't have: for its family, address or
 * port, or because it has it already.  After its servers its sorry server. */
void check_schema_server_fit(struct compile *c, struct uci_pos at, const struct check_conf *part,
			     const struct check_schema_service *svc,
			     const struct check_conf_dest *d);
/* How a server without a name of its own is called.  Returns `out`. */
const char *check_schema_server_text(const struct net_addr *addr, uint16_t port,
				     char out[CHECK_CONF_NAME]);
/* The index of that name, new or known; -1 when there is no room, with a complaint. */
int check_schema_server_name(struct compile *c, struct uci_pos at, struct check_conf *part,
			     const char *name, const struct net_addr *addr, uint16_t port);

/* One check of a server: `s` is its section (real_server or check), `p` what its rows say.  The
 * index of the check in part->check, equal ones once; -1 after a complaint. */
int check_schema_probe(struct compile *c, const struct compile_section *s,
		       struct uci_pos at, int checker, struct check_conf *part,
		       struct check_schema_probe *p, const struct check_schema_service *svc,
		       const struct compile_section *svc_section,
		       const struct net_addr *addr, uint16_t port);
void check_schema_probe_begin(void);
/* Into `p` what its section `s` does not say.  `svc_section` is `s` where a server stands in a list
 * and has no section that could. */
void check_schema_inherit(struct compile *c, const struct compile_section *s,
			  struct check_schema_probe *p, const struct check_schema_service *svc,
			  const struct compile_section *svc_section);
/* The checker that an option `check` names; -1 after a complaint. */
int check_schema_probe_word(struct compile *c, const struct compile_value *v);
/* All of them to `near` (suggest.h). */
struct suggest;
void check_schema_probe_offer(struct suggest *near);
/* Whether it is such a word at all. */
bool check_schema_probe_is_word(const char *s, size_t len);

/* The pages of an HTTP check: appends to part->url. */
bool check_schema_urls(struct compile *c, const struct compile_section *s,
		       struct check_conf *part, struct check_conf_range *urls);
/* The name that TLS is spoken with: the virtualhost of its first page, for which one session is
 * opened as for the others; {0, 0}: none. */
struct check_conf_bytes check_schema_url_host(struct compile *c, const struct compile_section *s,
					      struct uci_pos at, const struct check_conf *part,
					      const struct check_conf_http *http);
/* Whether the requests of the pages can be sent. */
bool check_schema_url_fits(struct compile *c, struct uci_pos at, const struct check_conf *part,
			   const struct check_conf_check *k);
/* schema_section.make of url. */
void check_schema_url_make(struct compile *c, const struct compile_section *s, void *part,
			   void *obj);

/* What a check's TLS verifies and shows, into out->tls. */
bool check_schema_tls(struct compile *c, const struct compile_section *s, struct uci_pos at,
		      struct check_conf *part, const struct check_schema_probe *p,
		      struct check_conf_bytes host, const struct net_addr *addr,
		      struct check_conf_check *out);
void check_schema_tls_begin(void);

/* ---- check_schema_other.c: what other files of check/ and core/ can read --------- */

bool check_schema_dialogue(struct compile *c, const struct compile_value *v, uint16_t *row);
bool check_schema_dns(struct compile *c, const struct compile_section *s,
		      struct check_conf *part, uint16_t type, struct check_conf_dns *out);
bool check_schema_pattern(struct compile *c, const struct compile_section *s,
			  struct check_conf *part, bool icase, struct check_conf_url *out);

/* ---- check_schema_globals.c ------------------------------------------------------- */

void check_schema_sync(struct compile *c, const struct compile_section *s,
		       struct check_conf *conf);
/* What instances say of it (vrrp/ has the row): one of them, and only if globals do not. */
void check_schema_sync_finish(struct compile *c, struct check_conf *conf);
void check_schema_timeouts(struct compile *c, const struct compile_section *s,
			   struct check_conf *conf);

/* A section or a row of that type, which must be there. */
const struct schema_section *check_schema_kind(const char *type);
const struct schema_row *check_schema_row(const char *type, const char *name);

#endif
