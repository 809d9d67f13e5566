/* SPDX-License-Identifier: MIT */
/* check_schema_group.c -- the kernel services of a virtual server: its own address and port, its
 * mark, or those of a group.
 */
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "check_schema.h"
#include "strfmt.h"

#define BUCKETS	512

/* Kernel services by their keys; one compilation at a time. */
static struct {
	uint16_t bucket[BUCKETS];	/* references: index + 1 */
	uint16_t next[CONFIG_CHECK_VIRTUALS];
} keys;

void
check_schema_group_begin(void)
{
	memset(keys.bucket, 0, sizeof keys.bucket);
}

static bool
same(const struct check_conf_virtual *a, const struct check_conf_virtual *b)
{
	return a->fwmark == b->fwmark && a->port == b->port && a->protocol == b->protocol &&
	       memcmp(&a->addr, &b->addr, sizeof a->addr) == 0;
}

static uint16_t *
bucket_of(const struct check_conf_virtual *v)
{
	uint32_t h = 2166136261 ^ v->fwmark ^ (uint32_t)v->port << 8 ^ v->protocol;

	for (size_t i = 0; i < sizeof v->addr.a; i++)
		h = (h ^ v->addr.a[i]) * 16777619;
	return &keys.bucket[(h ^ h >> 16) % BUCKETS];
}

static const char *
whose(const struct check_conf *part, const struct check_conf_virtual *v)
{
	return v->service < part->nservices ? part->service[v->service].name : "this one";
}

static void
complain_twice(struct compile *c, struct uci_pos at, const struct check_conf *part,
	       const struct check_conf_virtual *old)
{
	char text[NET_ADDR_TEXT];

	if (old->fwmark != 0)
		compile_error(c, at, "fwmark %u is already that of virtual_server '%s'",
			      old->fwmark, whose(part, old));
	else
		compile_error(c, at, "%s port %u is already that of virtual_server '%s'",
			      net_addr_text(&old->addr, text), old->port, whose(part, old));
}

static bool
put(struct compile *c, struct uci_pos at, struct check_conf *part,
    struct check_schema_service *svc, const struct check_conf_virtual *v)
{
	uint16_t *const bucket = bucket_of(v);
	char text[NET_ADDR_TEXT];

	if (v->fwmark == 0 && (net_addr_is_multicast(&v->addr) ||
			       net_addr_is_unspecified(&v->addr))) {
		compile_error(c, at, "%s is no service's address", net_addr_text(&v->addr, text));
		return false;
	}
	for (uint16_t i = *bucket; i != 0; i = keys.next[i - 1])
		if (same(&part->virtual[i - 1], v)) {
			complain_twice(c, at, part, &part->virtual[i - 1]);
			return false;
		}
	if (part->nvirtuals == CONFIG_CHECK_VIRTUALS) {
		compile_full(c, at, CONFIG_CHECK_VIRTUALS,
			     "addresses, ports and marks of virtual servers",
			     "CONFIG_CHECK_VIRTUALS");
		return false;
	}
	part->virtual[part->nvirtuals] = *v;
	keys.next[part->nvirtuals] = *bucket;
	*bucket = ++part->nvirtuals;
	svc->conf.virtuals.n++;
	svc->has4 = svc->has4 || v->addr.family == AF_INET;
	svc->has6 = svc->has6 || v->addr.family == AF_INET6;
	return true;
}

static struct check_conf_virtual
blank(const struct check_conf *part, const struct check_schema_service *svc)
{
	struct check_conf_virtual v;

	memset(&v, 0, sizeof v);
	v.service = part->nservices;
	v.protocol = svc->protocol;
	return v;
}

static bool
put_mark(struct compile *c, struct uci_pos at, struct check_conf *part,
	 struct check_schema_service *svc, uint32_t fwmark, bool ip6)
{
	struct check_conf_virtual v = blank(part, svc);

	v.addr.family = ip6 ? AF_INET6 : AF_INET;
	v.fwmark = fwmark;
	v.protocol = 0;
	return put(c, at, part, svc, &v);
}

/* ---- ranges ---------------------------------------------------------------------- */

/* Each address from `addr` on whose last part is at most `last`, each port of a range. */
struct range {
	struct net_addr addr;
	uint32_t last;			/* of the last octet, or of the last 16 bits */
	uint16_t port, last_port;
};

static uint32_t
tail(const struct net_addr *a)
{
	return a->family == AF_INET6 ? net_get16(&a->a[14]) : a->a[3];
}

static void
set_tail(struct net_addr *a, uint32_t v)
{
	if (a->family == AF_INET6)
		net_put16(&a->a[14], (uint16_t)v);
	else
		a->a[3] = (uint8_t)v;
}

/* What stands behind the dash: the last octet, the last hexadecimal group, or a whole address. */
static bool
read_last(struct range *r, const char *s, size_t n)
{
	struct net_addr whole;
	const uint32_t base = r->addr.family == AF_INET6 ? 16 : 10;
	uint32_t v = 0;

	if (net_addr_parse(&whole, s, n)) {
		const size_t head = r->addr.family == AF_INET6 ? 14 : 3;

		r->last = tail(&whole);
		return whole.family == r->addr.family && r->last >= tail(&r->addr) &&
		       memcmp(whole.a, r->addr.a, head) == 0;
	}
	for (size_t i = 0; i < n; i++) {
		const char b = (char)(s[i] | 32);
		const uint32_t d = s[i] >= '0' && s[i] <= '9' ? (uint32_t)(s[i] - '0') :
				   b >= 'a' && b <= 'f' ? (uint32_t)(b - 'a' + 10) : 99;

		if (d >= base || v > 0xffff)
			return false;
		v = v * base + d;
	}
	r->last = v;
	return n > 0 && v >= tail(&r->addr) && v <= (base == 16 ? 0xffffu : 255u);
}

static bool
read_port(const char *s, size_t n, uint16_t *out)
{
	int64_t v;

	if (!strfmt_parse_i64(&v, s, n) || v < 0 || v > 65535)
		return false;
	*out = (uint16_t)v;
	return true;
}

static bool
read_range(struct compile *c, const struct compile_value *v, uint16_t port, struct range *r)
{
	static const char form[] = "ADDRESS[-LAST] [PORT[-LAST]], such as 192.0.2.10-19 80-81";
	struct compile_words w;

	memset(r, 0, sizeof *r);
	compile_value_words(&w, compile_doc_str(c, v), v->len);
	(void)compile_value_word(&w);

	const char *dash = memchr(w.word, '-', w.len);
	size_t first = dash ? (size_t)(dash - w.word) : w.len;

	if (!net_addr_parse(&r->addr, w.word, first))
		goto bad;
	r->last = tail(&r->addr);
	if (dash && !read_last(r, dash + 1, w.len - first - 1))
		goto bad;
	r->port = r->last_port = port;
	if (compile_value_word(&w)) {
		dash = memchr(w.word, '-', w.len);
		first = dash ? (size_t)(dash - w.word) : w.len;
		if (!read_port(w.word, first, &r->port))
			goto bad;
		r->last_port = r->port;
		if (dash && (!read_port(dash + 1, w.len - first - 1, &r->last_port) ||
			     r->last_port < r->port))
			goto bad;
	}
	if (!compile_value_word(&w))
		return true;
bad:
	compile_error(c, compile_doc_inside(v, w.off), "address takes %s", form);
	return false;
}

static bool
put_range(struct compile *c, const struct compile_value *at, struct check_conf *part,
	  struct check_schema_service *svc, const struct range *r)
{
	for (uint32_t t = tail(&r->addr); t <= r->last; t++)
		for (uint32_t port = r->port; port <= r->last_port; port++) {
			struct check_conf_virtual v = blank(part, svc);

			v.addr = r->addr;
			set_tail(&v.addr, t);
			v.port = (uint16_t)port;
			if (!put(c, at->at, part, svc, &v))
				return false;
		}
	return true;
}

static bool
read_mark(struct compile *c, const struct compile_value *v, uint32_t *mark, bool *ip6)
{
	struct compile_words w;
	int64_t n;

	compile_value_words(&w, compile_doc_str(c, v), v->len);
	*ip6 = false;
	if (compile_value_word(&w) && strfmt_parse_i64(&n, w.word, w.len) && n > 0 &&
	    n <= UINT32_MAX) {
		*mark = (uint32_t)n;
		if (!compile_value_word(&w))
			return true;
		*ip6 = compile_value_is(&w, "inet6");
		if (*ip6 || compile_value_is(&w, "inet"))
			return true;
	}
	compile_error(c, compile_doc_inside(v, w.off), "fwmark takes 1..4294967295, then "
		      "inet6 for IPv6");
	return false;
}

void
check_schema_group_make(struct compile *c, const struct compile_section *s, void *part,
			void *obj)
{
	struct range r;
	uint32_t mark;
	bool ip6;
	const struct compile_value *v = compile_doc_first(c, s, "address");
	const struct compile_value *m = compile_doc_first(c, s, "fwmark");

	(void)part;
	(void)obj;
	if (v == NULL && m == NULL)
		compile_error(c, s->at, "this group has neither address nor fwmark");
	for (; v != NULL; v = compile_doc_next(c, v))
		(void)read_range(c, v, 0, &r);
	for (; m != NULL; m = compile_doc_next(c, m))
		(void)read_mark(c, m, &mark, &ip6);
}

static bool
from_group(struct compile *c, const struct compile_value *at, struct check_conf *part,
	   struct check_schema_service *svc)
{
	const char *const name = compile_doc_str(c, at);
	const struct compile_section *const g =
		compile_doc_lookup(c, "virtual_server_group", name);
	char shown[COMPILE_SHOWN];

	if (g == NULL) {
		if (compile_known_lost(c, "virtual_server_group"))
			return false;

		const char *const near = compile_doc_nearest(c, "virtual_server_group", name);

		compile_error(c, at->at, "there is no virtual_server_group '%s'%s%s%s",
			      compile_value_shown(name, at->len, shown),
			      near ? "; did you mean '" : "", near ? near : "",
			      near ? "'?" : "");
		return false;
	}
	for (const struct compile_value *v = compile_doc_first(c, g, "address"); v != NULL;
	     v = compile_doc_next(c, v)) {
		struct range r;

		if (!read_range(c, v, svc->port, &r) || !put_range(c, v, part, svc, &r))
			return false;
	}
	for (const struct compile_value *v = compile_doc_first(c, g, "fwmark"); v != NULL;
	     v = compile_doc_next(c, v)) {
		uint32_t mark;
		bool ip6;

		if (!read_mark(c, v, &mark, &ip6) || !put_mark(c, v->at, part, svc, mark, ip6))
			return false;
	}
	return svc->conf.virtuals.n > 0;
}

bool
check_schema_group(struct compile *c, const struct compile_section *s, struct check_conf *part,
		   struct check_schema_service *svc)
{
	const struct compile_value *const group =
		compile_doc_first(c, s, "virtual_server_group");
	const struct compile_value *const mark = compile_doc_first(c, s, "fwmark");
	const struct compile_value *const addr = compile_doc_first(c, s, "ipaddr");
	struct check_conf_virtual v;

	svc->conf.virtuals = (struct check_conf_range){ .first = part->nvirtuals };
	const unsigned given = (group != NULL) + (mark != NULL) + (addr != NULL);

	if (given != 1) {
		compile_error(c, s->at, "virtual_server %s ipaddr (with port), fwmark, or "
			      "virtual_server_group", given == 0 ? "needs one of" :
			      "takes one only of");
		return false;
	}
	if (group != NULL)
		return from_group(c, group, part, svc);
	if (mark != NULL)
		return svc->fwmark != 0 && put_mark(c, mark->at, part, svc, svc->fwmark,
						    svc->ip6);
	if (svc->addr.family == 0)
		return false;		/* a complaint was made */
	v = blank(part, svc);
	v.addr = svc->addr;
	v.port = svc->port;
	return put(c, addr->at, part, svc, &v);
}
