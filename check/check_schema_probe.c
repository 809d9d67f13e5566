/* SPDX-License-Identifier: MIT */
/* check_schema_probe.c -- one check of a server: its section, its service and the defaults made
 * one, and those that came out equal made one, too.
 */
#include <string.h>

#include "check_schema.h"
#include "mono.h"
#include "strfmt.h"
#include "suggest.h"
#include "talk.h"

#define UNSET	CHECK_SCHEMA_UNSET
#define S(n)	((int64_t)(n) * MONO_US_PER_S)

/* ---- which checker --------------------------------------------------------------- */

/* What a checker needs, and what keepalived takes when nothing is said. */
static const struct kind {
	const char *word;
	int64_t before_retry_us;	/* 0: delay_loop */
	uint16_t retry;
	bool port;			/* it needs one */
	bool tls;			/* it may speak TLS */
} kinds[CHECK_CONF_CHECKER__N] = {
#define KIND(word, us, n, port, tls) [CHECK_CONF_##word] = { #word, us, n, port, tls }
	KIND(TCP_CHECK, S(1), 1, true, true),
	KIND(HTTP_GET, S(3), 1, true, true),
	KIND(SSL_GET, S(3), 1, true, true),
	KIND(SMTP_CHECK, S(1), 1, true, true),
	KIND(DNS_CHECK, 0, 3, true, false),
	KIND(PING_CHECK, S(1), 1, false, false),
	KIND(UDP_CHECK, S(1), 1, true, false),
	KIND(MISC_CHECK, S(1), 0, false, false),
	KIND(FILE_CHECK, S(1), 0, false, false),
#undef KIND
};

static int
find_word(const char *s, size_t len)
{
	for (int i = 0; i < CHECK_CONF_CHECKER__N; i++)
		if (strlen(kinds[i].word) == len && memcmp(kinds[i].word, s, len) == 0)
			return i;
	return -1;
}

bool
check_schema_probe_is_word(const char *s, size_t len)
{
	return find_word(s, len) >= 0;
}

void
check_schema_probe_offer(struct suggest *near)
{
	for (int i = 0; i < CHECK_CONF_CHECKER__N; i++)
		suggest_offer(near, kinds[i].word);
}

int
check_schema_probe_word(struct compile *c, const struct compile_value *v)
{
	const char *const s = compile_doc_str(c, v);
	const int kind = find_word(s, v->len);
	struct suggest near;
	char shown[COMPILE_SHOWN];

	if (kind >= 0)
		return kind;
	suggest_begin(&near, s);
	check_schema_probe_offer(&near);
	compile_error(c, v->at, "'%s' is no checker%s%s%s",
		      compile_value_shown(s, v->len, shown),
		      near.best ? "; did you mean '" : ": TCP_CHECK, HTTP_GET, SSL_GET, "
		      "SMTP_CHECK, DNS_CHECK, PING_CHECK, UDP_CHECK, MISC_CHECK or FILE_CHECK",
		      near.best ? near.best : "", near.best ? "'?" : "");
	return -1;
}

static void
set_times(struct check_conf_check *k, const struct check_schema_probe *p)
{
	const struct kind *const kind = &kinds[k->checker];
	const int32_t retry = p->retry != UNSET ? p->retry : kind->retry;
	const int64_t fast = kind->before_retry_us ? kind->before_retry_us : k->interval_us;

	k->fall = (uint16_t)(p->fall != UNSET ? p->fall : retry + 1);
	k->fast_us = p->delay_before_retry_us != UNSET ? p->delay_before_retry_us :
		     fast < k->interval_us ? fast : k->interval_us;
	k->warmup_us = p->warmup_us != UNSET ? p->warmup_us : k->interval_us;
	if (k->checker == CHECK_CONF_MISC_CHECK)
		k->timeout_us = p->misc_timeout_us != UNSET ? p->misc_timeout_us :
				k->interval_us;
}

/* ---- what each checker has of its own -------------------------------------------- */

/* Bytes and their mask, one behind the other. */
static struct check_conf_bytes
masked(struct compile *c, struct check_conf *part, uint8_t *bytes, const uint8_t *mask, int n,
       struct uci_pos at)
{
	memmove(bytes + n, mask, (size_t)n);

	struct check_conf_bytes b = check_schema_text(c, part, bytes, 2 * (size_t)n, at);

	b.n = b.at != 0 ? (uint32_t)n : 0;
	return b;
}

/* The value of one of two options that say the same, as text and in hexadecimal. */
static const struct compile_value *
either(struct compile *c, const struct compile_section *s, const char *text, const char *hex,
       bool *is_hex)
{
	const struct compile_value *const t = compile_doc_first(c, s, text);
	const struct compile_value *const h = compile_doc_first(c, s, hex);

	if (t != NULL && h != NULL)
		compile_error(c, h->at, "%s and %s are two words for one thing: give one of "
			      "them", text, hex);
	*is_hex = t == NULL;
	return t != NULL ? t : h;
}

static bool
read_send(struct compile *c, const struct compile_section *s, struct check_conf *part,
	  const char *text, const char *hex, struct check_conf_bytes *out)
{
	uint8_t buf[CHECK_SCHEMA_BYTES];
	bool is_hex;
	const struct compile_value *const v = either(c, s, text, hex, &is_hex);

	if (v == NULL)
		return true;

	const int n = is_hex ? check_schema_text_hex(c, v, buf, NULL, sizeof buf)
			     : check_schema_text_escaped(c, v, buf, sizeof buf);

	if (n < 0)
		return false;
	*out = check_schema_text(c, part, buf, (size_t)n, v->at);
	return out->at != 0;
}

static bool
read_expect(struct compile *c, const struct compile_section *s, struct check_conf *part,
	    const char *text, const char *hex, struct check_conf_bytes *out)
{
	uint8_t buf[2 * CHECK_SCHEMA_BYTES], mask[CHECK_SCHEMA_BYTES];
	bool is_hex;
	const struct compile_value *const v = either(c, s, text, hex, &is_hex);

	if (v == NULL)
		return true;
	memset(mask, 0xff, sizeof mask);

	const int n = is_hex ? check_schema_text_hex(c, v, buf, mask, CHECK_SCHEMA_BYTES)
			     : check_schema_text_escaped(c, v, buf, CHECK_SCHEMA_BYTES);

	if (n < 0)
		return false;
	*out = masked(c, part, buf, mask, n, v->at);
	return out->at != 0;
}

static bool
read_tcp(struct compile *c, const struct compile_section *s, struct check_conf *part,
	 const struct check_schema_probe *p, struct check_conf_check *k)
{
	struct check_conf_talk *const t = &k->u.talk;
	const struct compile_value *const row = compile_doc_first(c, s, "dialogue");

	t->anywhere = p->talk.anywhere;
	if (row != NULL && !check_schema_dialogue(c, row, &t->row))
		return false;
	if (!read_send(c, s, part, "send", "send_hex", &t->send) ||
	    !read_expect(c, s, part, "expect", "expect_hex", &t->expect))
		return false;
	if (t->expect.n <= TALK_EXPECT)
		return true;
	compile_error(c, compile_doc_where(c, s, "expect"), "more than %d bytes are expected",
		      TALK_EXPECT);
	return false;
}

static bool
read_udp(struct compile *c, const struct compile_section *s, struct check_conf *part,
	 const struct check_schema_probe *p, struct check_conf_check *k)
{
	struct check_conf_talk *const t = &k->u.talk;
	const struct compile_value *const v = compile_doc_first(c, s, "require_reply");
	bool yes;

	t->min_bytes = p->talk.min_bytes;
	t->max_bytes = p->talk.max_bytes;
	t->reply = v != NULL || t->min_bytes > 0;
	if (t->max_bytes != 0 && t->min_bytes > t->max_bytes) {
		compile_error(c, compile_doc_where(c, s, "min_reply_length"),
			      "min_reply_length is above max_reply_length");
		return false;
	}
	if (!read_send(c, s, part, "", "payload", &t->send))
		return false;
	if (v == NULL)
		return true;
	if (schema_bool(&yes, compile_doc_str(c, v), v->len)) {
		t->reply = yes;
		return true;
	}
	return read_expect(c, s, part, "", "require_reply", &t->expect);
}

/* "Name: value" lines of the request, each with its CR LF. */
static bool
read_headers(struct compile *c, const struct compile_section *s, struct check_conf *part,
	     struct check_conf_http *h)
{
	char buf[CHECK_SCHEMA_BYTES];
	struct strfmt f;
	const struct compile_value *const first = compile_doc_first(c, s, "header");

	if (first == NULL)
		return true;
	strfmt_init(&f, buf, sizeof buf);
	for (const struct compile_value *v = first; v != NULL; v = compile_doc_next(c, v)) {
		const char *const text = compile_doc_str(c, v);
		const char *const colon = memchr(text, ':', v->len);

		for (size_t i = 0; i < v->len; i++)
			if ((unsigned char)text[i] < 0x20 && text[i] != '\t') {
				compile_error(c, compile_doc_inside(v, i),
					      "header has a control character in it");
				return false;
			}
		if (colon == NULL || colon == text || memchr(text, ' ', (size_t)(colon - text))) {
			compile_error(c, v->at, "header takes NAME: VALUE");
			return false;
		}
		strfmt_put(&f, "%.*s\r\n", (int)v->len, text);
	}
	if (f.cut) {
		compile_error(c, first->at, "the headers are longer than %d bytes",
			      CHECK_SCHEMA_BYTES);
		return false;
	}
	if (f.n > 0)
		h->headers = check_schema_text(c, part, buf, f.n, first->at);
	return true;
}

/* A token of RFC 9110 5.6.2, as far as methods and host names need it. */
static bool
plain(struct compile *c, const struct compile_section *s, const char *option)
{
	const struct compile_value *const v = compile_doc_first(c, s, option);

	if (v == NULL || memchr(compile_doc_str(c, v), ' ', v->len) == NULL)
		return true;
	compile_error(c, v->at, "%s has white space in it", option);
	return false;
}

static bool
read_http(struct compile *c, const struct compile_section *s, struct check_conf *part,
	  const struct check_schema_probe *p, struct check_conf_check *k,
	  const struct compile_section *svc)
{
	struct check_conf_http *const h = &k->u.http;

	h->http10 = p->http10;
	h->host = check_schema_text_option(c, part, s, "virtualhost");
	if (h->host.at == 0 && p->server != NULL)
		h->host = check_schema_text_option(c, part, p->server, "virtualhost");
	if (h->host.at == 0 && svc != NULL)
		h->host = check_schema_text_option(c, part, svc, "virtualhost");
	h->method = check_schema_text_option(c, part, s, "method");
	if (h->method.at == 0)
		h->method = check_schema_text(c, part, "GET", 3, s->at);
	return plain(c, s, "method") && plain(c, s, "virtualhost") &&
	       read_headers(c, s, part, h) && check_schema_urls(c, s, part, &h->urls) &&
	       (svc == NULL || plain(c, svc, "virtualhost"));
}

static bool
read_ping(struct compile *c, const struct compile_section *s,
	  const struct check_schema_probe *p, struct check_conf_check *k)
{
	k->u.ping = p->ping;
	if (p->ping.need > p->ping.count) {
		compile_error(c, compile_doc_where(c, s, "ping_need"), "ping_need %u is above "
			      "ping_count %u", p->ping.need, p->ping.count);
		return false;
	}
	if ((p->ping.need - 1) * (int64_t)p->ping.gap_us < k->timeout_us)
		return true;
	compile_error(c, compile_doc_where(c, s, "ping_need"), "%u requests with ping_gap between "
		      "them take longer than connect_timeout", p->ping.need);
	return false;
}

static bool
read_misc(struct compile *c, const struct compile_section *s,
	  const struct check_schema_probe *p, struct check_conf_check *k)
{
	k->u.misc = p->misc;
	if (p->misc.script == CONF_NO_SCRIPT) {
		if (compile_doc_first(c, s, "misc_path") == NULL)
			compile_error(c, s->at, "MISC_CHECK needs option misc_path");
		return false;
	}
	return true;
}

static bool
read_own(struct compile *c, const struct compile_section *s, struct check_conf *part,
	 const struct check_schema_probe *p, struct check_conf_check *k,
	 const struct compile_section *svc)
{
	switch ((enum check_conf_checker)k->checker) {
	case CHECK_CONF_TCP_CHECK:
		return read_tcp(c, s, part, p, k);
	case CHECK_CONF_HTTP_GET:
	case CHECK_CONF_SSL_GET:
		return read_http(c, s, part, p, k, svc);
	case CHECK_CONF_SMTP_CHECK:
		k->u.smtp.helo = check_schema_text_option(c, part, s, "helo_name");
		/* A router's name need not be one of a host. */
		if (k->u.smtp.helo.at == 0 && strchr(c->core->router_id, ' ') == NULL)
			k->u.smtp.helo = check_schema_text(c, part, c->core->router_id,
							   strlen(c->core->router_id), s->at);
		return plain(c, s, "helo_name");
	case CHECK_CONF_DNS_CHECK:
		return check_schema_dns(c, s, part, p->dns_type, &k->u.dns);
	case CHECK_CONF_PING_CHECK:
		return read_ping(c, s, p, k);
	case CHECK_CONF_UDP_CHECK:
		return read_udp(c, s, part, p, k);
	case CHECK_CONF_MISC_CHECK:
		return read_misc(c, s, p, k);
	case CHECK_CONF_FILE_CHECK:
		k->u.file = p->file;
		k->u.file.path = check_schema_text_option(c, part, s, "track_file");
		if (k->u.file.path.at == 0)
			compile_error(c, s->at, "FILE_CHECK needs option track_file");
		return k->u.file.path.at != 0;
	case CHECK_CONF_CHECKER__N:
		break;
	}
	return false;
}

/* ---- the same check in another image ---------------------------------------------- */

static uint64_t
mix(uint64_t h, const void *p, size_t n)
{
	const uint8_t *const b = p;

	for (size_t i = 0; i < n; i++)
		h = (h ^ b[i]) * UINT64_C(1099511628211);	/* FNV-1a */
	return h;
}

static uint64_t
mix_text(uint64_t h, const struct check_conf *part, struct check_conf_bytes b)
{
	h = mix(h, &b.n, sizeof b.n);
	return mix(h, &part->text[b.at], b.at ? b.n : 0);
}

static uint64_t
mix_http(uint64_t h, const struct check_conf *part, const struct check_conf_http *http)
{
	h = mix_text(h, part, http->host);
	h = mix_text(h, part, http->method);
	for (unsigned i = 0; i < http->urls.n; i++) {
		const struct check_conf_url *const u = &part->url[http->urls.first + i];

		h = mix_text(h, part, u->path);
		h = mix_text(h, part, u->host);
		h = mix_text(h, part, u->status);
		h = mix_text(h, part, u->text);
		h = mix_text(h, part, u->pattern);
		h = mix(h, u->digest, sizeof u->digest);
	}
	return h;
}

static uint64_t
mix_own(uint64_t h, const struct compile *c, const struct check_conf *part,
	const struct check_conf_check *k)
{
	switch ((enum check_conf_checker)k->checker) {
	case CHECK_CONF_TCP_CHECK:
	case CHECK_CONF_UDP_CHECK:
		h = mix(h, &k->u.talk.row, sizeof k->u.talk.row);
		return mix_text(mix_text(h, part, k->u.talk.send), part, k->u.talk.expect);
	case CHECK_CONF_HTTP_GET:
	case CHECK_CONF_SSL_GET:
		return mix_http(h, part, &k->u.http);
	case CHECK_CONF_DNS_CHECK:
		h = mix(h, &k->u.dns.type, sizeof k->u.dns.type);
		return mix_text(mix_text(h, part, k->u.dns.name), part, k->u.dns.answer);
	case CHECK_CONF_MISC_CHECK:
		return mix(h, c->core->script[k->u.misc.script - 1].argv,
			   c->core->script[k->u.misc.script - 1].bytes);
	case CHECK_CONF_FILE_CHECK:
		return mix_text(h, part, k->u.file.path);
	case CHECK_CONF_SMTP_CHECK:
	case CHECK_CONF_PING_CHECK:
	case CHECK_CONF_CHECKER__N:
		break;
	}
	return h;
}

static uint64_t
key_of(const struct compile *c, const struct check_conf *part, const struct check_conf_check *k)
{
	uint64_t h = UINT64_C(14695981039346656037);
	const uint8_t tls = (uint8_t)(k->tls_used + k->tls_later);

	h = mix(h, &k->checker, sizeof k->checker);
	h = mix(h, &k->addr, sizeof k->addr);
	h = mix(h, &k->port, sizeof k->port);
	h = mix(h, &k->bind_addr, sizeof k->bind_addr);
	h = mix(h, k->bind_if, sizeof k->bind_if);
	h = mix(h, &k->fwmark, sizeof k->fwmark);
	h = mix(h, &tls, sizeof tls);
	h = mix_own(h, c, part, k);
	return h ? h : 1;
}

/* ---- equal ones once ------------------------------------------------------------- */

#define BUCKETS	512

static struct {
	uint16_t bucket[BUCKETS];	/* references: index + 1 */
	uint16_t next[CONFIG_CHECK_CHECKS];
} known;

void
check_schema_probe_begin(void)
{
	memset(known.bucket, 0, sizeof known.bucket);
}

static int
put(struct compile *c, struct uci_pos at, struct check_conf *part,
    const struct check_conf_check *k)
{
	const uint8_t *const p = (const uint8_t *)k;
	uint32_t h = 2166136261;

	for (size_t i = 0; i < sizeof *k; i++)
		h = (h ^ p[i]) * 16777619;

	uint16_t *const bucket = &known.bucket[(h ^ h >> 16) % BUCKETS];

	for (uint16_t i = *bucket; i != 0; i = known.next[i - 1])
		/* Zeroed whole before it is filled: its padding is the same, too.
		 * NOLINTNEXTLINE(bugprone-suspicious-memory-comparison) */
		if (memcmp(&part->check[i - 1], k, sizeof *k) == 0)
			return i - 1;
	if (part->nchecks == CONFIG_CHECK_CHECKS) {
		compile_full(c, at, CONFIG_CHECK_CHECKS, "checks", "CONFIG_CHECK_CHECKS");
		return -1;
	}
	memcpy(&part->check[part->nchecks], k, sizeof *k);
	known.next[part->nchecks] = *bucket;
	*bucket = ++part->nchecks;
	return part->nchecks - 1;
}

/* Whether it speaks TLS, from when on, and what that verifies. */
static bool
read_tls(struct compile *c, const struct compile_section *s, struct uci_pos at,
	 struct check_conf *part, const struct check_schema_probe *p, struct check_conf_check *k)
{
	const bool smtp = k->checker == CHECK_CONF_SMTP_CHECK && p->smtp_tls != MAIL_CONF_CLEAR;
	const bool http = k->checker == CHECK_CONF_HTTP_GET || k->checker == CHECK_CONF_SSL_GET;
	struct check_conf_bytes host = { 0, 0 };

	k->tls_later = smtp && p->smtp_tls == MAIL_CONF_STARTTLS;
	if (k->tls_later && p->tls) {
		compile_error(c, compile_doc_where(c, s, "smtp_tls"), "tls begins with the first "
			      "byte, smtp_tls 'starttls' after EHLO: give one of them");
		return false;
	}
	if (p->tls && !kinds[k->checker].tls)
		compile_warn(c, compile_doc_where(c, s, "tls"), "tls does nothing with %s",
			     kinds[k->checker].word);
	k->tls_used = k->checker == CHECK_CONF_SSL_GET || smtp ||
		      (p->tls && kinds[k->checker].tls);
	if (http && !check_schema_url_fits(c, at, part, k))
		return false;
	if (!k->tls_used)
		return true;
	if (http)
		host = check_schema_url_host(c, s, at, part, &k->u.http);
	return check_schema_tls(c, s, at, part, p, host, &k->addr, k);
}

int
check_schema_probe(struct compile *c, const struct compile_section *s, struct uci_pos at,
		   int checker, struct check_conf *part, struct check_schema_probe *p,
		   const struct check_schema_service *svc,
		   const struct compile_section *svc_section,
		   const struct net_addr *addr, uint16_t port)
{
	struct check_conf_check k;

	if (svc != NULL)
		check_schema_inherit(c, s, p, svc, svc_section);
	memcpy(&k, &p->conf, sizeof k);	/* padding, too: it is compared */
	k.checker = (uint8_t)checker;
	if (k.addr.family == 0)
		k.addr = *addr;
	if (k.port == 0)
		k.port = port;
	set_times(&k, p);
	if (k.port == 0 && kinds[checker].port) {
		compile_error(c, at, "%s needs a port: option port, or connect_port",
			      kinds[checker].word);
		return -1;
	}
	if (k.bind_addr.family != 0 && k.bind_addr.family != k.addr.family) {
		compile_error(c, compile_doc_where(c, s, "bindto"), "bindto is not of the "
			      "server's family");
		return -1;
	}
	if (!read_own(c, s, part, p, &k, svc_section) || !read_tls(c, s, at, part, p, &k))
		return -1;
	k.key = key_of(c, part, &k);
	return put(c, at, part, &k);
}
