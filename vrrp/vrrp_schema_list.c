/* SPDX-License-Identifier: MIT */
/* vrrp_schema_list.c -- tracked interfaces and unicast peers of an instance. */
#include <string.h>
#include <sys/socket.h>

#include "strfmt.h"
#include "vrrp_schema.h"

static void
build(struct compile *c, const struct compile_section *s, const char *type, void *obj)
{
	c->quiet++;			/* what is wrong there is said there */
	compile_doc_build(c, s, vrrp_schema_kind(type), obj);
	c->quiet--;
}

/* The value behind a word, as the option `option` of section `type` takes it. */
static bool
set_next(struct compile *c, const struct compile_value *v, struct compile_words *w,
	 const char *type, const char *option, void *obj)
{
	const struct uci_pos at = compile_doc_inside(v, w->off);

	if (!compile_value_word(w)) {
		compile_error(c, at, "%s needs a value", option);
		return false;
	}
	return compile_value_set(c, vrrp_schema_row(type, option), w->word, w->len,
				 compile_doc_inside(v, w->off), obj);
}

static bool
unknown(struct compile *c, const struct compile_value *v, const struct compile_words *w,
	const char *allowed)
{
	char shown[COMPILE_SHOWN];

	compile_error(c, compile_doc_inside(v, w->off), "'%s' is unknown here: %s",
		      compile_value_shown(w->word, w->len, shown), allowed);
	return false;
}

/* Of eth0 and eth1 none is the other, mistyped. */
static bool
same_but_number(const char *a, const char *b)
{
	for (;; a++, b++) {
		a += strspn(a, "0123456789");
		b += strspn(b, "0123456789");
		if (*a != *b || *a == '\0')
			return *a == *b;
	}
}

/* IF [weight N [reverse]] */
static bool
read_track(struct compile *c, const struct compile_value *v, struct vrrp_schema_track *t)
{
	const char *name = compile_doc_str(c, v);
	const struct compile_section *s = compile_doc_lookup(c, "track_interface", name);
	struct compile_words w;

	if (s != NULL) {
		build(c, s, "track_interface", t);
		return t->device[0] != '\0';
	}
	compile_doc_build(c, NULL, vrrp_schema_kind("track_interface"), t);
	compile_value_words(&w, name, v->len);
	(void)compile_value_word(&w);
	if (!compile_value_set(c, vrrp_schema_row("track_interface", "value"), w.word,
			       w.len, compile_doc_inside(v, w.off), t))
		return false;

	const char *near = compile_doc_nearest(c, "track_interface", t->device);

	if (near != NULL && !same_but_number(near, t->device))
		compile_warn(c, v->at, "'%s' is taken as an interface: did you mean the "
			     "section track_interface '%s'?", t->device, near);
	while (compile_value_word(&w)) {
		if (compile_value_is(&w, "reverse"))
			t->reverse = true;
		else if (compile_value_is(&w, "noreverse"))
			t->reverse = false;
		else if (!compile_value_is(&w, "weight"))
			return unknown(c, v, &w, "an interface, then weight N, then "
				       "reverse");
		else if (!set_next(c, v, &w, "track_interface", "weight", t))
			return false;
	}
	return true;
}

void
vrrp_schema_tracks(struct compile *c, const struct compile_section *s,
		   struct vrrp_conf *part, struct vrrp_conf_instance *ins)
{
	struct vrrp_schema_track t;

	ins->tracks.first = part->ntracks;
	for (const struct compile_value *v = compile_doc_first(c, s, "track_interface");
	     v != NULL; v = compile_doc_next(c, v)) {
		bool twice = false;

		if (!read_track(c, v, &t))
			continue;
		for (unsigned i = ins->tracks.first; i < part->ntracks; i++)
			twice |= strcmp(part->track[i].dev, t.device) == 0;
		if (twice) {
			compile_error(c, v->at, "interface %s is tracked twice", t.device);
			continue;
		}
		if (part->ntracks == CONFIG_VRRP_TRACKS) {
			compile_full(c, v->at, CONFIG_VRRP_TRACKS, "tracked objects",
				     "CONFIG_VRRP_TRACKS");
			return;
		}
		if (t.weight != 0 && ins->priority == 255)
			compile_warn(c, v->at, "a weight does nothing at priority 255");

		struct vrrp_conf_track *out = &part->track[part->ntracks++];

		memcpy(out->dev, t.device, sizeof out->dev);
		out->weight = t.weight;
		out->reverse = t.reverse;
		ins->tracks.n++;
	}
}

/* ADDRESS [min_ttl N] [max_ttl N] */
static bool
read_peer(struct compile *c, const struct compile_value *v, struct vrrp_schema_peer *p)
{
	const char *name = compile_doc_str(c, v);
	const struct compile_section *s = compile_doc_lookup(c, "peer", name);
	struct compile_words w;
	struct net_addr addr;

	if (s != NULL) {
		build(c, s, "peer", p);
		return p->addr.family != 0;
	}
	compile_value_words(&w, name, v->len);
	(void)compile_value_word(&w);
	if (!net_addr_parse(&addr, w.word, w.len)) {
		if (compile_known_lost(c, "peer"))
			return false;

		const char *near = compile_doc_nearest(c, "peer", name);
		char shown[COMPILE_SHOWN];

		compile_error(c, v->at, "'%s' is neither an IP address nor the name of a "
			      "section peer%s%s%s", compile_value_shown(name, v->len, shown),
			      near ? ": did you mean '" : "", near ? near : "",
			      near ? "'?" : "");
		return false;
	}
	compile_doc_build(c, NULL, vrrp_schema_kind("peer"), p);
	if (!compile_value_set(c, vrrp_schema_row("peer", "address"), w.word, w.len,
			       compile_doc_inside(v, w.off), p))
		return false;
	while (compile_value_word(&w)) {
		const bool min = compile_value_is(&w, "min_ttl");

		if (!min && !compile_value_is(&w, "max_ttl"))
			return unknown(c, v, &w, "an address, then min_ttl N, max_ttl N");
		if (!set_next(c, v, &w, "peer", min ? "min_ttl" : "max_ttl", p))
			return false;
	}
	return true;
}

static bool
check_peer(struct compile *c, struct uci_pos at, const struct vrrp_conf *part,
	   const struct vrrp_conf_instance *ins, const struct vrrp_schema_peer *p)
{
	char text[NET_ADDR_TEXT];

	net_addr_text(&p->addr, text);
	if (ins->family != 0 && p->addr.family != ins->family)
		compile_error(c, at, "peer %s is not of the instance's family, %s", text,
			      ins->family == AF_INET ? "IPv4" : "IPv6");
	else if (net_addr_is_multicast(&p->addr) || net_addr_is_unspecified(&p->addr))
		compile_error(c, at, "%s is not the address of a peer", text);
	else if (net_addr_cmp(&p->addr, &ins->unicast_src) == 0)
		compile_error(c, at, "peer %s is this instance's own unicast_src_ip", text);
	else if (p->min_ttl >= 0 && p->max_ttl >= 0 && p->min_ttl > p->max_ttl)
		compile_error(c, at, "peer %s: min_ttl %d is above max_ttl %d", text,
			      p->min_ttl, p->max_ttl);
	else
		for (unsigned i = ins->peers.first; i <= part->npeers; i++) {
			if (i == part->npeers)
				return true;
			if (net_addr_cmp(&part->peer[i].addr, &p->addr) != 0)
				continue;
			compile_error(c, at, "peer %s is given twice", text);
			break;
		}
	return false;
}

void
vrrp_schema_peers(struct compile *c, const struct compile_section *s,
		  struct vrrp_conf *part, struct vrrp_conf_instance *ins)
{
	struct vrrp_schema_peer p;

	ins->peers.first = part->npeers;
	for (const struct compile_value *v = compile_doc_first(c, s, "unicast_peer");
	     v != NULL; v = compile_doc_next(c, v)) {
		if (!read_peer(c, v, &p) || !check_peer(c, v->at, part, ins, &p))
			continue;
		if (part->npeers == CONFIG_VRRP_PEERS) {
			compile_full(c, v->at, CONFIG_VRRP_PEERS, "unicast peers",
				     "CONFIG_VRRP_PEERS");
			return;
		}
		part->peer[part->npeers++] = (struct vrrp_conf_peer){
			.addr = p.addr, .min_ttl = p.min_ttl, .max_ttl = p.max_ttl,
		};
		ins->peers.n++;
	}
}
