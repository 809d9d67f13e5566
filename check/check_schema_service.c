/* SPDX-License-Identifier: MIT */
/* check_schema_service.c -- a virtual server: what one option can't see of another. */
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include <linux/ip_vs.h>

#include "check_schema.h"
#include "strfmt.h"

/* ---- lb_kind --------------------------------------------------------------------- */

static const struct {
	const char *word;
	uint8_t forward;
} kinds[] = {
	{ "NAT", CHECK_CONF_NAT }, { "DR", CHECK_CONF_DR }, { "TUN", CHECK_CONF_TUN },
};

static const struct {
	const char *word;
	uint16_t flags;			/* linux/ip_vs.h: IP_VS_TUNNEL_ENCAP_FLAG_* */
} sums[] = {
	{ "nocsum", IP_VS_TUNNEL_ENCAP_FLAG_NOCSUM }, { "csum", IP_VS_TUNNEL_ENCAP_FLAG_CSUM },
	{ "remcsum", IP_VS_TUNNEL_ENCAP_FLAG_REMCSUM },
};

static bool
tunnel_type(const struct compile_words *w, struct check_schema_forward *f)
{
	if (compile_value_is(w, "ipip"))
		f->tunnel = CHECK_CONF_IPIP;
	else if (compile_value_is(w, "gue"))
		f->tunnel = CHECK_CONF_GUE;
	else if (compile_value_is(w, "gre"))
		f->tunnel = CHECK_CONF_GRE;
	else
		return false;
	return true;
}

static bool
tunnel_word(struct compile_words *w, struct check_schema_forward *f)
{
	int64_t port;

	if (compile_value_is(w, "type"))
		return compile_value_word(w) && tunnel_type(w, f);
	if (compile_value_is(w, "port")) {
		if (!compile_value_word(w) || !strfmt_parse_i64(&port, w->word, w->len) ||
		    port < 1 || port > 65535)
			return false;
		f->tunnel_port = (uint16_t)port;
		return true;
	}
	for (size_t i = 0; i < PORT_ARRAY_SIZE(sums); i++)
		if (compile_value_is(w, sums[i].word)) {
			f->tunnel_flags = sums[i].flags;
			return true;
		}
	return tunnel_type(w, f);
}

struct check_schema_forward
check_schema_forward(struct compile *c, const struct compile_section *s, const char *option,
		     struct check_schema_forward fallback)
{
	const struct compile_value *v = compile_doc_first(c, s, option);
	struct check_schema_forward f = { .forward = CHECK_CONF_NAT };
	struct compile_words w;
	bool good = false;

	if (v == NULL && strcmp(option, "lb_kind") == 0)
		v = compile_doc_first(c, s, "lvs_method");
	if (v == NULL)
		return fallback;
	compile_value_words(&w, compile_doc_str(c, v), v->len);
	(void)compile_value_word(&w);
	for (size_t i = 0; i < PORT_ARRAY_SIZE(kinds); i++)
		if (compile_value_is(&w, kinds[i].word)) {
			f.forward = kinds[i].forward;
			good = true;
		}
	while (good && compile_value_word(&w))
		good = f.forward == CHECK_CONF_TUN && tunnel_word(&w, &f);
	if (good && (f.tunnel == CHECK_CONF_GUE) == (f.tunnel_port != 0))
		return f;
	compile_error(c, compile_doc_inside(v, w.off), good ?
		      "%s: a tunnel of type gue has a port, and no other has" :
		      "%s takes NAT, DR, or TUN [type ipip|gue port N|gre] "
		      "[nocsum|csum|remcsum]", v->row->name);
	return fallback;
}

void
check_schema_forward_set(struct check_conf_dest *d, struct check_schema_forward f)
{
	d->forward = f.forward;
	d->tunnel = f.tunnel;
	d->tunnel_port = f.tunnel_port;
	d->tunnel_flags = f.tunnel_flags;
}

/* ---- the kernel's flags ---------------------------------------------------------- */

/* "255.255.255.0", or a prefix length, into what the kernel wants. */
static uint32_t
granularity(struct compile *c, const struct compile_section *s, uint8_t family)
{
	const struct compile_value *const v = compile_doc_first(c, s, "persistence_granularity");
	const int64_t whole = family == AF_INET6 ? 128 : 32;
	struct net_addr mask;
	int64_t len = whole;

	if (v != NULL) {
		const char *const text = compile_doc_str(c, v);

		if (family == AF_INET && net_addr_parse(&mask, text, v->len) &&
		    mask.family == AF_INET) {
			const uint32_t m = net_get32(mask.a);

			if (m != 0 && ((~m + 1) & ~m) == 0)
				return m;
			len = -1;
		} else if (!strfmt_parse_i64(&len, text, v->len)) {
			len = -1;
		}
		if (len < 1 || len > whole) {
			compile_error(c, v->at, "persistence_granularity takes a prefix length, "
				      "1..%lld%s", (long long)whole, family == AF_INET ?
				      ", or a netmask" : "");
			len = whole;
		}
	}
	if (family == AF_INET6)
		return (uint32_t)len;
	return len == 32 ? UINT32_MAX : ~(UINT32_MAX >> len);
}

static void
set_flags(struct compile *c, const struct compile_section *s, struct check_schema_service *svc,
	  uint8_t family)
{
	struct check_conf_service *const conf = &svc->conf;

	strfmt_copy(conf->scheduler, sizeof conf->scheduler,
		    check_schema_scheduler[svc->scheduler].text,
		    strlen(check_schema_scheduler[svc->scheduler].text));
	if (conf->persistence_s > 0 || conf->engine[0] != '\0')
		conf->flags |= IP_VS_SVC_F_PERSISTENT;
	if (conf->engine[0] != '\0' && conf->persistence_s == 0)
		conf->persistence_s = 360;
	if (svc->one_packet)
		conf->flags |= IP_VS_SVC_F_ONEPACKET;
	if (svc->sched1)
		conf->flags |= IP_VS_SVC_F_SCHED1;
	if (svc->sched2)
		conf->flags |= IP_VS_SVC_F_SCHED2;
	conf->netmask = granularity(c, s, family);
	if ((svc->sched1 || svc->sched2) && svc->scheduler != CHECK_SCHEMA_sh &&
	    svc->scheduler != CHECK_SCHEMA_mh)
		compile_warn(c, compile_doc_where(c, s, "lb_algo"), "sh_fallback, sh_port, "
			     "mh_fallback and mh_port do nothing with lb_algo %s",
			     conf->scheduler);
	if (svc->one_packet && svc->protocol != IPPROTO_UDP && svc->fwmark == 0)
		compile_error(c, compile_doc_where(c, s, "ops"), "ops is for UDP");
	if (conf->engine[0] != '\0' && (strcmp(conf->engine, "sip") != 0 ||
					(svc->protocol != IPPROTO_UDP && svc->fwmark == 0)))
		compile_error(c, compile_doc_where(c, s, "persistence_engine"),
			      "persistence_engine takes sip, for UDP");
}

/* ---- the whole ------------------------------------------------------------------- */

/* What tells it from every other one, as DNS over TCP from DNS over UDP. */
static void
name_by(const struct check_conf_virtual *v, char out[CHECK_CONF_NAME])
{
	char text[CHECK_CONF_NAME];

	if (v->fwmark != 0)
		strfmt_to(out, CHECK_CONF_NAME, "fwmark:%u%s", v->fwmark,
			  v->addr.family == AF_INET6 ? "/inet6" : "");
	else
		strfmt_to(out, CHECK_CONF_NAME, "%s%s",
			  check_schema_server_text(&v->addr, v->port, text),
			  v->protocol == IPPROTO_UDP ? "/UDP" :
			  v->protocol == IPPROTO_SCTP ? "/SCTP" : "");
}

static void
set_name(struct compile *c, const struct compile_section *s, const struct check_conf *part,
	 struct check_schema_service *svc)
{
	struct check_conf_service *const conf = &svc->conf;

	if (conf->name[0] == '\0')
		name_by(&part->virtual[conf->virtuals.first], conf->name);
	for (unsigned i = 0; i < part->nservices; i++)
		if (strcmp(part->service[i].name, conf->name) == 0)
			compile_error(c, s->at, "a second virtual_server '%s'", conf->name);
}

static void
read_sorry(struct compile *c, const struct compile_section *s, struct check_conf *part,
	   struct check_schema_service *svc, struct check_schema_forward forward)
{
	char name[CHECK_CONF_NAME];
	const struct uci_pos at = compile_doc_where(c, s, "sorry_server_ip");

	if (svc->sorry_addr.family == 0)
		return;

	const uint16_t port = svc->sorry_port ? svc->sorry_port : svc->port;

	check_schema_server_text(&svc->sorry_addr, port, name);

	const int index = check_schema_server_name(c, at, part, name, &svc->sorry_addr, port);
	struct check_conf_dest *const d = index < 0 ? NULL :
		check_schema_server_put(c, at, part);

	if (d == NULL)
		return;

	d->addr = svc->sorry_addr;
	d->port = port;
	d->server = (uint16_t)index;
	d->service = part->nservices;
	check_schema_forward_set(d, check_schema_forward(c, s, "sorry_server_lvs_method",
							 forward));
	d->weight = 1;
	check_schema_server_fit(c, at, part, svc, d);
	svc->conf.sorry = part->ndests;	/* index + 1 */
}

/* A port of 0 stands for all of them. */
static bool
has_all_ports(const struct check_conf *part, const struct check_conf_service *conf)
{
	for (unsigned i = 0; i < conf->virtuals.n; i++) {
		const struct check_conf_virtual *const v = &part->virtual[conf->virtuals.first + i];

		if (v->fwmark == 0 && v->port == 0)
			return true;
	}
	return false;
}

static void
check_sense(struct compile *c, const struct compile_section *s, const struct check_conf *part,
	    const struct check_schema_service *svc)
{
	const struct check_conf_service *const conf = &svc->conf;
	uint64_t weight = 0;

	for (unsigned i = 0; i < conf->dests.n; i++)
		weight += part->dest[conf->dests.first + i].weight;
	if (conf->dests.n == 0 && compile_doc_first(c, s, "real_server") == NULL)
		compile_warn(c, s->at, "virtual_server '%s' has no real_server", conf->name);
	else if (weight < (uint64_t)conf->quorum + conf->hysteresis && conf->dests.n > 0)
		compile_warn(c, compile_doc_where(c, s, "quorum"), "the servers of '%s' weigh "
			     "%llu in all: quorum %u with hysteresis %u is never reached",
			     conf->name, (unsigned long long)weight, conf->quorum,
			     conf->hysteresis);
	if (conf->hysteresis >= conf->quorum && conf->hysteresis > 0)
		compile_error(c, compile_doc_where(c, s, "hysteresis"), "hysteresis %u must be "
			      "below quorum %u", conf->hysteresis, conf->quorum);
	if (conf->persistence_s == 0 && has_all_ports(part, conf))
		compile_error(c, s->at, "virtual_server '%s' has no port: a service of all ports "
			      "needs persistence_timeout", conf->name);
	if (conf->follow[0] != '\0' && !compile_known_lost(c, "vrrp_instance") &&
	    compile_doc_lookup(c, "vrrp_instance", conf->follow) == NULL) {
		const char *const near = compile_doc_nearest(c, "vrrp_instance", conf->follow);

		compile_error(c, compile_doc_where(c, s, "follow"), "there is no vrrp_instance "
			      "'%s'%s%s%s", conf->follow, near ? "; did you mean '" : "",
			      near ? near : "", near ? "'?" : "");
	}
}

/* A port that was refused is taken for some other: no complaint may follow from it. */
static void
stand_in(const struct compile *c, const struct compile_section *s,
	 struct check_schema_service *svc)
{
	const struct compile_value *const v = compile_doc_first(c, s, "port");
	int64_t port;

	if (v != NULL && svc->port == 0 &&
	    (!strfmt_parse_i64(&port, compile_doc_str(c, v), v->len) || port != 0))
		svc->port = 1;
}

void
check_schema_service(struct compile *c, const struct compile_section *s, void *part_,
		     void *obj)
{
	struct check_conf *const part = part_;
	struct check_schema_service *const svc = obj;
	const struct check_schema_forward nat = { .forward = CHECK_CONF_NAT };

	if (!svc->enabled)
		return;
	stand_in(c, s, svc);
	if (part->nservices == CONFIG_CHECK_SERVICES) {
		compile_full(c, s->at, CONFIG_CHECK_SERVICES, "virtual servers",
			     "CONFIG_CHECK_SERVICES");
		return;
	}
	if (!check_schema_group(c, s, part, svc))
		return;
	set_name(c, s, part, svc);
	set_flags(c, s, svc, part->virtual[svc->conf.virtuals.first].addr.family);
	svc->conf.smtp_alert = svc->smtp_alert;

	const struct check_schema_forward f = check_schema_forward(c, s, "lb_kind", nat);

	check_schema_servers(c, s, part, svc, f);
	read_sorry(c, s, part, svc, f);
	check_sense(c, s, part, svc);
	part->service[part->nservices++] = svc->conf;
}
