/* SPDX-License-Identifier: MIT */
/* vrrp_schema_address.c -- the virtual addresses of an instance. */
#include <string.h>
#include <sys/socket.h>

#include "strfmt.h"
#include "suggest.h"
#include "vrrp_schema.h"

#define MAX_IPV4	255		/* addresses an advertisement counts */
#define MAX_IPV6	89		/* that fit 1500 octets, room for a trailer left */

/* Words behind the address, and the option of an ipaddress section that each one is. */
static const struct keyword {
	const char *word;
	const char *option;		/* NULL: not served */
	const char *value;		/* NULL: the next word is the value */
	bool argument;			/* not served, and has one */
} keywords[] = {
	{ "dev", "device", NULL, false },
	{ "label", "label", NULL, false },
	{ "scope", "scope", NULL, false },
	{ "brd", "brd", NULL, false },
	{ "broadcast", "brd", NULL, false },
	{ "peer", "peer", NULL, false },
	{ "preferred_lft", "preferred_lft", NULL, false },
	{ "noprefixroute", "noprefixroute", "1", false },
	{ "-nodad", "nodad", "0", false },
	{ "home", NULL, NULL, false },
	{ "mngtmpaddr", NULL, NULL, false },
	{ "autojoin", NULL, NULL, false },
	{ "no_track", NULL, NULL, false },
	{ "use_vmac", NULL, NULL, false },
	{ "track_group", NULL, NULL, true },
};

static const struct keyword *
find_keyword(const struct compile_words *w)
{
	for (size_t i = 0; i < PORT_ARRAY_SIZE(keywords); i++)
		if (compile_value_is(w, keywords[i].word))
			return &keywords[i];
	return NULL;
}

static void
unknown_word(struct compile *c, const struct compile_words *w, struct uci_pos at)
{
	char shown[COMPILE_SHOWN];
	struct suggest s;

	suggest_begin(&s, compile_value_shown(w->word, w->len, shown));
	for (size_t i = 0; i < PORT_ARRAY_SIZE(keywords); i++)
		suggest_offer(&s, keywords[i].word);
	if (s.best != NULL)
		compile_error(c, at, "'%s' is no word of an address: did you mean '%s'?",
			      shown, s.best);
	else
		compile_error(c, at, "'%s' is no word of an address: after it may stand dev, "
			      "label, scope, brd, peer, noprefixroute, -nodad, "
			      "preferred_lft", shown);
}

/* One keyword, with its value, into `a`. */
static bool
read_keyword(struct compile *c, const struct compile_value *v, struct compile_words *w,
	     struct vrrp_schema_address *a)
{
	const struct keyword *k = find_keyword(w);
	const struct uci_pos at = compile_doc_inside(v, w->off);

	if (k == NULL) {
		unknown_word(c, w, at);
		return false;
	}
	if (k->option == NULL) {
		compile_warn(c, at, "%s of an address is not served by this build: "
			     "ignored", k->word);
		return !k->argument || compile_value_word(w);
	}

	const struct schema_row *r = vrrp_schema_row("ipaddress", k->option);

	if (k->value != NULL)
		return compile_value_set(c, r, k->value, strlen(k->value), at, a);
	if (!compile_value_word(w)) {
		compile_error(c, at, "%s needs a value", k->word);
		return false;
	}
	if (strcmp(k->word, "preferred_lft") == 0 && compile_value_is(w, "forever"))
		return true;
	return compile_value_set(c, r, w->word, w->len, compile_doc_inside(v, w->off), a);
}

/* keepalived's grammar: the address, then words. */
static bool
read_inline(struct compile *c, const struct compile_value *v, struct compile_words *w,
	    struct vrrp_schema_address *a)
{
	compile_doc_build(c, NULL, vrrp_schema_kind("ipaddress"), a);
	if (!compile_value_set(c, vrrp_schema_row("ipaddress", "address"), w->word, w->len,
			       compile_doc_inside(v, w->off), a))
		return false;
	while (compile_value_word(w))
		if (!read_keyword(c, v, w, a))
			return false;
	return true;
}

/* A label given in full, or made of a suffix; a default suffix gives way. */
static bool
label(struct compile *c, struct uci_pos at, const struct vrrp_schema_address *a,
      bool section, struct vrrp_conf_vip *out)
{
	const size_t dev = strlen(out->dev);
	char text[2 * NET_IFNAME];

	if (out->addr.family != AF_INET) {
		if (a->label[0] != '\0')
			compile_error(c, at, "an IPv6 address can't have a label");
		return a->label[0] == '\0';
	}
	if (dev == 0)			/* of which there was a complaint */
		return true;
	if (a->label[0] != '\0') {
		if (strncmp(a->label, out->dev, dev) != 0 ||
		    (a->label[dev] != '\0' && a->label[dev] != ':')) {
			compile_error(c, at, "label '%s' must begin with its interface: "
				      "%s:...", a->label, out->dev);
			return false;
		}
		memcpy(out->label, a->label, sizeof out->label);
		return true;
	}
	if (!section)
		return true;
	strfmt_to(text, sizeof text, "%s:%s", out->dev,
		  a->label_suffix[0] ? a->label_suffix : "vip");
	if (strlen(text) >= sizeof out->label) {
		if (a->label_suffix[0] != '\0')
			compile_error(c, at, "label '%s' has more than %d characters", text,
				      NET_IFNAME - 1);
		return a->label_suffix[0] == '\0';
	}
	memcpy(out->label, text, strlen(text) + 1);
	return true;
}

/* "+" and "-" set the bits that are the host's. */
static bool
broadcast(struct compile *c, struct uci_pos at, const struct vrrp_schema_address *a,
	  struct vrrp_conf_vip *out)
{
	if (a->brd[0] == '\0')
		return true;
	if (out->addr.family != AF_INET) {
		compile_error(c, at, "an IPv6 address has no broadcast address");
		return false;
	}
	if (strcmp(a->brd, "+") == 0 || strcmp(a->brd, "-") == 0) {
		const uint32_t host = out->prefixlen >= 32 ? 0 :
				      UINT32_MAX >> out->prefixlen;
		const uint32_t addr = net_get32(out->addr.a);

		out->broadcast.family = AF_INET;
		net_put32(out->broadcast.a, a->brd[0] == '+' ? addr | host : addr & ~host);
		return true;
	}
	if (net_addr_parse(&out->broadcast, a->brd, strlen(a->brd)) &&
	    out->broadcast.family == AF_INET)
		return true;
	compile_error(c, at, "brd '%s' is not an IPv4 address, + or -", a->brd);
	return false;
}

/* Whether a router can hold it at all. */
static bool
holdable(struct compile *c, struct uci_pos at, const struct net_addr *a)
{
	char text[NET_ADDR_TEXT];
	const bool loopback = a->family == AF_INET ? a->a[0] == 127 :
		memcmp(a->a, (const uint8_t[16]){ [15] = 1 }, 16) == 0;
	const bool reserved = a->family == AF_INET && a->a[0] >= 240;
	const char *why = net_addr_is_unspecified(a) ? "the unspecified address" :
			  net_addr_is_multicast(a) ? "a multicast address" :
			  loopback ? "a loopback address" :
			  reserved ? "a reserved address" : NULL;

	if (why != NULL)
		compile_error(c, at, "%s is %s: no virtual address",
			      net_addr_text(a, text), why);
	return why == NULL;
}

/* A host part of zeros or of ones, which nobody can reach as a host. */
static void
check_host(struct compile *c, struct uci_pos at, const struct schema_prefix *p)
{
	const uint32_t host = p->len > 30 ? 0 : UINT32_MAX >> p->len;
	const uint32_t part = net_get32(p->addr.a) & host;
	char text[NET_ADDR_TEXT];

	if (p->addr.family == AF_INET && host != 0 && (part == 0 || part == host))
		compile_warn(c, at, "%s/%u is the %s of its network, no host", net_addr_text(
			     &p->addr, text), p->len, part == 0 ? "address" :
			     "broadcast address");
}

static bool
convert(struct compile *c, struct uci_pos at, const struct vrrp_schema_address *a,
	bool section, const struct vrrp_conf_instance *ins, struct vrrp_conf_vip *out)
{
	memset(out, 0, sizeof *out);
	out->addr = a->address.addr;
	out->prefixlen = a->address.len;
	if (a->peer.addr.family != 0) {
		out->peer = a->peer.addr;
		out->prefixlen = a->peer.len;
		if (out->peer.family != out->addr.family) {
			compile_error(c, at, "the peer is not of the address's family");
			return false;
		}
	}
	out->scope = a->scope;
	out->noprefixroute = a->noprefixroute;
	out->nodad = a->nodad;
	out->forever = a->preferred_s == VRRP_SCHEMA_UNSET;
	out->preferred_s = out->forever ? 0 : (uint32_t)a->preferred_s;
	memcpy(out->dev, a->device[0] ? a->device : ins->interface, sizeof out->dev);
	check_host(c, at, &a->address);
	return holdable(c, at, &out->addr) && broadcast(c, at, a, out) &&
	       label(c, at, a, section, out);
}

static bool
named(struct compile *c, const struct compile_value *v, struct vrrp_schema_address *a)
{
	const char *name = compile_doc_str(c, v);
	const struct compile_section *s = compile_doc_lookup(c, "ipaddress", name);

	if (s != NULL) {
		c->quiet++;		/* what is wrong there is said there */
		compile_doc_build(c, s, vrrp_schema_kind("ipaddress"), a);
		c->quiet--;
		return a->address.addr.family != 0;
	}

	if (compile_known_lost(c, "ipaddress"))
		return false;

	const char *near = compile_doc_nearest(c, "ipaddress", name);
	char shown[COMPILE_SHOWN];

	compile_value_shown(name, v->len, shown);
	if (near != NULL)
		compile_error(c, v->at, "'%s' is neither an address nor the name of a section "
			      "ipaddress: did you mean '%s'?", shown, near);
	else
		compile_error(c, v->at, "'%s' is neither an address, such as 192.0.2.1/24, "
			      "nor the name of a section ipaddress", shown);
	return false;
}

/* One item of a list; false after a complaint, here or at its section. */
static bool
read_item(struct compile *c, const struct compile_value *v,
	  const struct vrrp_conf_instance *ins, struct vrrp_conf_vip *out)
{
	struct vrrp_schema_address a;
	struct compile_words w;
	struct net_addr addr;
	uint8_t len;

	compile_value_words(&w, compile_doc_str(c, v), v->len);

	const bool thing = compile_value_word(&w) &&
			   (net_prefix_parse(&addr, &len, w.word, w.len) ||
			    memchr(w.word, '/', w.len) != NULL);

	if (!(thing ? read_inline(c, v, &w, &a) : named(c, v, &a)))
		return false;
	return convert(c, v->at, &a, !thing, ins, out);
}

/* Addresses of the instances before this one, references: one compilation at a time. */
static struct {
	uint16_t first[CONFIG_VRRP_VIPS];
	uint16_t next[CONFIG_VRRP_VIPS];
} by_addr;

void
vrrp_schema_address_begin(void)
{
	memset(by_addr.first, 0, sizeof by_addr.first);
}

static uint16_t *
bucket(const struct net_addr *a)
{
	uint32_t h = 2166136261;	/* FNV-1a */

	for (size_t i = 0; i < sizeof a->a; i++)
		h = (h ^ a->a[i]) * 16777619;
	return &by_addr.first[(h ^ h >> 16) % CONFIG_VRRP_VIPS];
}

static void
put_in(const struct vrrp_conf *part, const struct vrrp_conf_range *vips)
{
	for (unsigned i = vips->first; i < vips->first + vips->n; i++) {
		uint16_t *b = bucket(&part->vip[i].addr);

		by_addr.next[i] = *b;
		*b = (uint16_t)(i + 1);
	}
}

static void
complain_taken(struct compile *c, struct uci_pos at, const struct vrrp_conf *part,
	       unsigned i)
{
	char text[NET_ADDR_TEXT], whose[COMPILE_TEXT / 2];

	for (unsigned k = 0; k < part->ninstances; k++) {
		const struct vrrp_conf_instance *o = &part->instance[k];

		if (i >= o->vips.first && i < o->vips.first + o->vips.n)
			compile_error(c, at, "%s on %s is already that of %s",
				      net_addr_text(&part->vip[i].addr, text),
				      part->vip[i].dev,
				      vrrp_schema_whose(c, o, whose, sizeof whose));
	}
}

/* Whether nobody has it yet: not this instance, nor another one on its interface. */
static bool
is_free(struct compile *c, struct uci_pos at, const struct vrrp_conf *part,
	const struct vrrp_conf_instance *ins, const struct vrrp_conf_vip *vip)
{
	char text[NET_ADDR_TEXT];

	for (uint16_t i = *bucket(&vip->addr); i != 0; i = by_addr.next[i - 1]) {
		const struct vrrp_conf_vip *x = &part->vip[i - 1];

		if (net_addr_cmp(&x->addr, &vip->addr) != 0 ||
		    strcmp(x->dev, vip->dev) != 0 || vip->dev[0] == '\0')
			continue;
		complain_taken(c, at, part, i - 1);
		return false;
	}
	for (unsigned i = ins->vips.first; i < part->nvips; i++) {
		if (net_addr_cmp(&part->vip[i].addr, &vip->addr) != 0)
			continue;
		compile_error(c, at, "%s is given twice", net_addr_text(&vip->addr, text));
		return false;
	}
	return true;
}

static bool
append(struct compile *c, struct uci_pos at, struct vrrp_conf *part,
       struct vrrp_conf_instance *ins, const struct vrrp_conf_vip *vip)
{
	if (!is_free(c, at, part, ins, vip))
		return false;
	if (part->nvips == CONFIG_VRRP_VIPS) {
		compile_full(c, at, CONFIG_VRRP_VIPS, "virtual addresses",
			     "CONFIG_VRRP_VIPS");
		return false;
	}
	part->vip[part->nvips++] = *vip;
	ins->vips.n++;
	return true;
}

static const char *
family_name(uint8_t family)
{
	return family == AF_INET ? "IPv4" : "IPv6";
}

static void
advertised(struct compile *c, const struct compile_value *v, struct vrrp_conf *part,
	   struct vrrp_conf_instance *ins)
{
	struct vrrp_conf_vip vip;

	if (!read_item(c, v, ins, &vip))
		return;
	if (ins->family == 0)
		ins->family = vip.addr.family;
	if (ins->family != vip.addr.family) {
		compile_error(c, v->at, "an %s address in an %s instance: it belongs in "
			      "virtual_ipaddress_excluded, or in another instance",
			      family_name(vip.addr.family), family_name(ins->family));
		return;
	}

	const unsigned max = ins->family == AF_INET ? MAX_IPV4 : MAX_IPV6;

	vip.advertised = true;
	if (ins->nadvertised == max)
		compile_error(c, v->at, "more than %u addresses don't fit one advertisement: "
			      "move the rest to virtual_ipaddress_excluded", max);
	else if (append(c, v->at, part, ins, &vip))
		ins->nadvertised++;
}

/* RFC 9568 5.2.9: the first IPv6 address is the virtual router's link-local one. */
static void
link_local_first(struct compile *c, struct uci_pos at, struct vrrp_conf *part,
		 const struct vrrp_conf_instance *ins)
{
	struct vrrp_conf_vip *first = &part->vip[ins->vips.first], own;
	char text[NET_ADDR_TEXT];
	unsigned i = 0;

	while (i < ins->nadvertised && !net_addr_is_link_local(&first[i].addr))
		i++;
	if (i == ins->nadvertised) {
		compile_error(c, at, "an IPv6 instance needs a link-local address as its "
			      "first one, such as fe80::%x/64 (RFC 9568 5.2.9)",
			      ins->vrid ? ins->vrid : 1);
		return;
	}
	if (i == 0)
		return;
	own = first[i];
	memmove(first + 1, first, i * sizeof *first);
	first[0] = own;
	compile_warn(c, at, "%s is advertised first, as RFC 9568 5.2.9 wants of a "
		     "link-local address", net_addr_text(&own.addr, text));
}

void
vrrp_schema_addresses(struct compile *c, const struct compile_section *s,
		      struct vrrp_conf *part, struct vrrp_conf_instance *ins)
{
	const struct compile_value *v = compile_doc_first(c, s, "virtual_ipaddress");
	const struct uci_pos at = v != NULL ? v->at : s->at;
	struct vrrp_conf_vip vip;
	const uint32_t errors = c->result.errors;

	ins->vips.first = part->nvips;
	for (; v != NULL; v = compile_doc_next(c, v))
		advertised(c, v, part, ins);
	if (ins->family == AF_INET6 && c->result.errors == errors)
		link_local_first(c, at, part, ins);
	for (v = compile_doc_first(c, s, "virtual_ipaddress_excluded"); v != NULL;
	     v = compile_doc_next(c, v))
		if (read_item(c, v, ins, &vip))
			(void)append(c, v->at, part, ins, &vip);
	put_in(part, &ins->vips);
}
