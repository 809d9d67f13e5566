/* SPDX-License-Identifier: MIT */
/* vrrp_schema_instance.c -- an instance: what one option can't see of another. */
#include <string.h>
#include <sys/socket.h>

#include "mono.h"
#include "strfmt.h"
#include "vrrp_schema.h"

#define V3_MAX_US	((int64_t)4095 * MONO_US_PER_CS)
#define V2_MAX_US	((int64_t)255 * MONO_US_PER_S)

/* Options that globals may set for all instances. */
static const struct inherited {
	const char *option;
	uint16_t to, from;		/* offsets in the instance and in globals */
	uint16_t bytes;
} inherited[] = {
#define INHERIT(option, to, from) { option,				\
	offsetof(struct vrrp_schema_instance, to),			\
	offsetof(struct vrrp_schema_globals, from),			\
	sizeof ((struct vrrp_schema_globals *)0)->from }
	INHERIT("down_timer_adverts", conf.down_timer_adverts, down_timer_adverts),
	INHERIT("check_unicast_src", conf.check_unicast_src, check_unicast_src),
	INHERIT("v3_checksum_as_v2", conf.v3_checksum_as_v2, v3_checksum_as_v2),
	INHERIT("garp_master_delay", conf.garp_master_delay_us, garp_master_delay_us),
	INHERIT("garp_master_repeat", conf.garp_master_repeat, garp_master_repeat),
	INHERIT("garp_master_refresh", conf.garp_master_refresh_us, garp_master_refresh_us),
	INHERIT("garp_master_refresh_repeat", conf.garp_master_refresh_repeat,
		garp_master_refresh_repeat),
	INHERIT("garp_lower_prio_delay", conf.garp_lower_prio_delay_us,
		garp_lower_prio_delay_us),
	INHERIT("garp_lower_prio_repeat", garp_lower_prio_repeat, garp_lower_prio_repeat),
};

static void
inherit(struct compile *c, const struct compile_section *s,
	struct vrrp_schema_instance *in, const struct vrrp_schema_globals *g)
{
	struct vrrp_conf_instance *ins = &in->conf;

	for (size_t i = 0; i < PORT_ARRAY_SIZE(inherited); i++)
		if (compile_doc_first(c, s, inherited[i].option) == NULL)
			memcpy((char *)in + inherited[i].to,
			       (const char *)g + inherited[i].from, inherited[i].bytes);
	if (ins->garp_lower_prio_delay_us == VRRP_SCHEMA_UNSET)
		ins->garp_lower_prio_delay_us = ins->garp_master_delay_us;
	ins->garp_lower_prio_repeat =
		in->garp_lower_prio_repeat == VRRP_SCHEMA_UNSET ?
		ins->garp_master_repeat : (uint8_t)in->garp_lower_prio_repeat;
}

static void
set_version(struct compile *c, const struct compile_section *s,
	    struct vrrp_conf_instance *ins, const struct vrrp_schema_globals *g)
{
	if (ins->family == AF_INET6) {
		if (ins->version == 2)
			compile_warn(c, compile_doc_where(c, s, "version"),
				     "VRRP version 2 has no IPv6: version 3 is used");
		ins->version = 3;
	} else if (ins->version == 0) {
		ins->version = g->version != 0 ? g->version : 2;
	}
}

/* What the version can't send of this interval; NULL: nothing. */
static const char *
advert_int_fault(const struct vrrp_conf_instance *ins)
{
	if (ins->version == 2)
		return ins->advert_us % MONO_US_PER_S != 0 || ins->advert_us > V2_MAX_US ?
			"VRRP version 2 takes 1..255 whole seconds (option version '3' "
			"takes 0.01..40.95)" : NULL;
	if (ins->advert_us > V3_MAX_US)
		return "VRRP version 3 takes 0.01..40.95 s";
	return ins->advert_us % MONO_US_PER_CS != 0 ?
		"VRRP version 3 takes steps of 0.01 s" : NULL;
}

/* `guessed`: the version was refused, and may be another one when that is mended. */
static void
check_advert_int(struct compile *c, const struct compile_section *s,
		 const struct vrrp_conf_instance *ins, bool guessed)
{
	const char *fault = advert_int_fault(ins);
	char text[24];

	if (fault != NULL && !guessed)
		compile_error(c, compile_doc_where(c, s, "advert_int"), "advert_int %s: %s",
			      schema_seconds(ins->advert_us, text, sizeof text), fault);
}

static void
check_auth(struct compile *c, const struct compile_section *s,
	   struct vrrp_schema_instance *in)
{
	struct vrrp_conf_instance *ins = &in->conf;
	const struct compile_value *type = compile_doc_first(c, s, "auth_type");
	const struct compile_value *pass = compile_doc_first(c, s, "auth_pass");
	const size_t len = strlen(in->auth_pass);

	if (ins->auth == VRRP_CONF_AUTH_NONE) {
		if (pass != NULL && type == NULL)
			compile_warn(c, pass->at, "auth_pass does nothing without option "
				     "auth_type 'PASS'");
		return;
	}
	/* LuCI's form writes the type always, and OpenWrt's init script asks for both. */
	if (pass == NULL) {
		compile_warn(c, type->at, "auth_type PASS does nothing without option "
			     "auth_pass");
		ins->auth = VRRP_CONF_AUTH_NONE;
		return;
	}
	/* As keepalived does: the routers around expect none either. */
	if (ins->version == 3) {
		compile_warn(c, type->at, "VRRP version 3 has no authentication (RFC 9568 "
			     "9): auth_type is ignored");
		ins->auth = VRRP_CONF_AUTH_NONE;
		return;
	}
	if (len > sizeof ins->auth_data)
		compile_warn(c, pass->at, "only the first 8 characters of auth_pass count");
	memcpy(ins->auth_data, in->auth_pass,
	       len < sizeof ins->auth_data ? len : sizeof ins->auth_data);
}

static void
check_source(struct compile *c, const struct compile_section *s,
	     const struct vrrp_conf_instance *ins, const char *option,
	     const struct net_addr *src)
{
	char text[NET_ADDR_TEXT];

	if (src->family == 0)
		return;

	const struct uci_pos at = compile_doc_where(c, s, option);

	net_addr_text(src, text);
	if (ins->family != 0 && src->family != ins->family)
		compile_error(c, at, "%s %s is not of the instance's family, %s", option,
			      text, ins->family == AF_INET ? "IPv4" : "IPv6");
	else if (net_addr_is_multicast(src) || net_addr_is_unspecified(src))
		compile_error(c, at, "%s %s can't be the source of a packet", option, text);
}

/* What is no mistake by itself but has no effect, or not the one expected. */
static void
check_sense(struct compile *c, const struct compile_section *s,
	    struct vrrp_conf_instance *ins)
{
	const bool owner = ins->priority == 255;
	const bool unicast = compile_doc_first(c, s, "unicast_peer") != NULL;

	if (owner && !ins->preempt)
		compile_warn(c, s->at, "priority 255 preempts always: nopreempt does nothing");
	if (ins->preempt_delay_us > 0 && (!ins->preempt || owner))
		compile_warn(c, compile_doc_where(c, s, "preempt_delay"),
			     "preempt_delay does nothing %s", owner ?
			     "at priority 255" : "without preempt");
	if (ins->unicast_src.family != 0 && !unicast)
		compile_warn(c, compile_doc_where(c, s, "unicast_src_ip"),
			     "unicast_src_ip does nothing without a unicast_peer");
	if (ins->mcast_src.family != 0 && unicast)
		compile_warn(c, compile_doc_where(c, s, "mcast_src_ip"),
			     "mcast_src_ip does nothing with a unicast_peer");
	if (!ins->accept && !owner) {
		const struct compile_value *v = compile_doc_first(c, s, "no_accept");

		compile_warn(c, v != NULL ? v->at : compile_doc_where(c, s, "accept"),
			     "this build can't refuse packets to the virtual addresses: "
			     "they are accepted");
	}
	ins->accept = true;
}

/* Instances by VRID and interface, references: one compilation at a time.  Of several that
 * are the same only the first is in. */
static struct {
	uint16_t first[COMPILE_BUCKETS];
	uint16_t next[CONFIG_VRRP_INSTANCES];
} by_vrid;

static uint16_t *
bucket(const struct vrrp_conf_instance *ins)
{
	return &by_vrid.first[(compile_doc_bucket(ins->interface) + ins->vrid * 61u) %
			      COMPILE_BUCKETS];
}

void
vrrp_schema_instance_begin(void)
{
	memset(by_vrid.first, 0, sizeof by_vrid.first);
}

static void
check_unique(struct compile *c, const struct compile_section *s,
	     const struct vrrp_conf *part, const struct vrrp_conf_instance *ins)
{
	char whose[COMPILE_TEXT / 2];

	if (ins->vrid == 0 || ins->family == 0 || ins->interface[0] == '\0')
		return;			/* a complaint was made */
	uint16_t *first = bucket(ins);

	for (uint16_t i = *first; i != 0; i = by_vrid.next[i - 1]) {
		const struct vrrp_conf_instance *o = &part->instance[i - 1];

		if (o->vrid != ins->vrid || o->family != ins->family ||
		    strcmp(o->interface, ins->interface) != 0)
			continue;
		compile_error(c, compile_doc_where(c, s, "virtual_router_id"),
			      "virtual_router_id %u is already that of %s, on %s and for %s "
			      "too", ins->vrid,
			      vrrp_schema_whose(c, o, whose, sizeof whose),
			      ins->interface, ins->family == AF_INET ? "IPv4" : "IPv6");
		return;
	}
	if (part->ninstances < CONFIG_VRRP_INSTANCES) {
		by_vrid.next[part->ninstances] = *first;
		*first = (uint16_t)(part->ninstances + 1);
	}
}

void
vrrp_schema_instance(struct compile *c, const struct compile_section *s, void *part,
		     void *obj)
{
	struct vrrp_conf *conf = part;
	struct vrrp_schema_instance *in = obj;
	struct vrrp_conf_instance *ins = &in->conf;
	const struct vrrp_schema_globals *g = vrrp_schema_globals();

	inherit(c, s, in, g);
	if (in->native_ipv6)
		ins->family = AF_INET6;
	vrrp_schema_addresses(c, s, conf, ins);
	const bool guessed = ins->version == 0 &&
		(compile_doc_first(c, s, "version") != NULL || g->version_refused);

	set_version(c, s, ins, g);
	check_advert_int(c, s, ins, guessed);
	check_auth(c, s, in);
	check_source(c, s, ins, "mcast_src_ip", &ins->mcast_src);
	check_source(c, s, ins, "unicast_src_ip", &ins->unicast_src);
	vrrp_schema_tracks(c, s, conf, ins);
	vrrp_schema_peers(c, s, conf, ins);
	check_sense(c, s, ins);
	check_unique(c, s, conf, ins);
	if (conf->ninstances == CONFIG_VRRP_INSTANCES) {
		compile_full(c, s->at, CONFIG_VRRP_INSTANCES, "instances",
			     "CONFIG_VRRP_INSTANCES");
		return;
	}
	conf->instance[conf->ninstances++] = *ins;
}
