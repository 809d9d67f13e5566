/* SPDX-License-Identifier: MIT */
/* vrrp_schema.c -- the rows of VRRP's sections. */
#include "vrrp_schema.h"

#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

#include "mono.h"
#include "strfmt.h"

#define S(n)		((int64_t)(n) * MONO_US_PER_S)
#define HOUR		S(3600)
#define NOT_SERVED(t)	.type = SCHEMA_##t, .service = SCHEMA_IGNORED
#define NAME_ROW(st)	{ "name", "what refers to this section calls it so; else the UCI name", \
			  SCHEMA_NAME_AT(st, name), .deftext = "the section's UCI name" }
#define OTHER_NAME	{ "name", "what refers to this section calls it so", NOT_SERVED(NAME) }
#define END		{ .name = NULL }

/* ---- globals --------------------------------------------------------------------- */

#define GLO	struct vrrp_schema_globals

static const struct schema_row globals_rows[] = {
	{ "vrrp_version", "protocol version of instances that name none",
	  SCHEMA_INT_AT(GLO, version, 2, 3, 0), .deftext = "2 for IPv4, 3 for IPv6" },
	{ "vrrp_mcast_group4", "where IPv4 advertisements go",
	  SCHEMA_ADDR_AT(GLO, mcast_group4, AF_INET), .deftext = "224.0.0.18" },
	{ "vrrp_mcast_group6", "where IPv6 advertisements go",
	  SCHEMA_ADDR_AT(GLO, mcast_group6, AF_INET6), .deftext = "ff02::12" },
	{ "vrrp_startup_delay", "time after the start in which no instance takes part",
	  SCHEMA_SECONDS_AT(GLO, startup_delay_us, 0, HOUR, 0) },
	{ "vrrp_no_swap", "whether the memory that the VRRP process uses stays in RAM",
	  SCHEMA_BOOL_AT(GLO, no_swap, true) },
	{ "vrrp_rt_priority", "SCHED_FIFO priority of the VRRP process; 0: scheduled as any",
	  SCHEMA_INT_AT(GLO, rt_priority, 0, 99, 0) },
	{ "vrrp_rlimit_rttime", "at that priority: how long it may run without a wait before it "
	  "is killed and started anew", SCHEMA_INT_AT(GLO, rttime_us, 10000, 10000000, 500000),
	  .unit = "us" },
	{ "vrrp_garp_master_delay", "garp_master_delay of instances that name none",
	  SCHEMA_SECONDS_AT(GLO, garp_master_delay_us, 0, HOUR, S(5)) },
	{ "vrrp_garp_master_repeat", "garp_master_repeat of instances that name none",
	  SCHEMA_INT_AT(GLO, garp_master_repeat, 1, 255, 5) },
	{ "vrrp_garp_master_refresh", "garp_master_refresh of instances that name none",
	  SCHEMA_SECONDS_AT(GLO, garp_master_refresh_us, 0, 24 * HOUR, 0) },
	{ "vrrp_garp_master_refresh_repeat",
	  "garp_master_refresh_repeat of instances that name none",
	  SCHEMA_INT_AT(GLO, garp_master_refresh_repeat, 1, 255, 1) },
	{ "vrrp_garp_lower_prio_delay", "garp_lower_prio_delay of instances that name none",
	  SCHEMA_SECONDS_AT(GLO, garp_lower_prio_delay_us, 0, HOUR, VRRP_SCHEMA_UNSET),
	  .deftext = "as garp_master_delay" },
	{ "vrrp_garp_lower_prio_repeat", "garp_lower_prio_repeat of instances that name none",
	  SCHEMA_INT_AT(GLO, garp_lower_prio_repeat, 0, 255, VRRP_SCHEMA_UNSET),
	  .deftext = "as garp_master_repeat" },
	{ "vrrp_down_timer_adverts", "down_timer_adverts of instances that name none",
	  SCHEMA_INT_AT(GLO, down_timer_adverts, 1, 100, 3) },
	{ "vrrp_check_unicast_src", "check_unicast_src of instances that name none",
	  SCHEMA_BOOL_AT(GLO, check_unicast_src, true) },
	{ "v3_checksum_as_v2", "v3_checksum_as_v2 of instances that name none",
	  SCHEMA_BOOL_AT(GLO, v3_checksum_as_v2, true) },
	END
};

/* ---- vrrp_instance --------------------------------------------------------------- */

#define INS	struct vrrp_schema_instance

static const struct schema_word states[] = {
	{ "MASTER", 1, NULL }, { "BACKUP", 0, NULL }, { NULL, 0, NULL },
};

static const struct schema_word auth_types[] = {
	{ "none", VRRP_CONF_AUTH_NONE, NULL },
	{ "PASS", VRRP_CONF_AUTH_PASS, NULL },
	{ "AH", 0, "this build has no AH; without it peers that have it would drop what "
		   "it sends, and two routers would be MASTER" },
	{ NULL, 0, NULL },
};

#define VIP_FORM \
	"ADDRESS/LENGTH [dev IF] [label IF:X] [scope S] [brd A] [peer A/LENGTH] " \
	"[noprefixroute] [-nodad] [preferred_lft S]"

static const struct schema_row instance_rows[] = {
	{ "name", "the instance's name in status, logs and scripts",
	  SCHEMA_NAME_AT(INS, conf.name),
	  .deftext = "the section's UCI name" },
	{ "interface", "the interface that it speaks on; it may come later",
	  SCHEMA_IFNAME_AT(INS, conf.interface), .required = true },
	{ "virtual_router_id", "number of the virtual router, one per interface and family",
	  SCHEMA_INT_AT(INS, conf.vrid, 1, 255, 0), .required = true },
	{ "version", "protocol version; IPv6 has 3 only",
	  SCHEMA_INT_AT(INS, conf.version, 2, 3, 0), .deftext = "vrrp_version of globals" },
	{ "priority", "the highest is MASTER; 255 is for the owner of the addresses",
	  SCHEMA_INT_AT(INS, conf.priority, 1, 255, 100) },
	{ "advert_int", "time between advertisements; version 2: 1..255 whole seconds, "
	  "version 3: 0.01..40.95 s in steps of 0.01",
	  SCHEMA_SECONDS_AT(INS, conf.advert_us, S(1) / 100, S(255), S(1)) },
	{ "state", "the state wished for at the start; only a priority of 255 grants it at once",
	  SCHEMA_WORD_AT(INS, conf.initial_master, states, 0) },
	{ "preempt", "whether a higher priority takes over from a working MASTER",
	  SCHEMA_BOOL_AT(INS, conf.preempt, true) },
	{ "nopreempt", "the opposite of preempt",
	  SCHEMA_BOOL_AT(INS, conf.preempt, false), SCHEMA_ALIAS("preempt"), .invert = true },
	{ "preempt_delay", "time to wait before taking over from a lower priority",
	  SCHEMA_SECONDS_AT(INS, conf.preempt_delay_us, 0, S(1000), 0) },
	{ "virtual_ipaddress", "addresses that the MASTER holds and advertises; the first "
	  "one says the family; IPv6: the first is link-local",
	  .type = SCHEMA_REF, .ref = "ipaddress", .form = VIP_FORM, .list = true,
	  .required = true },
	{ "virtual_ipaddress_excluded", "addresses of either family that the MASTER holds "
	  "and does not advertise",
	  .type = SCHEMA_REF, .ref = "ipaddress", .form = VIP_FORM, .list = true },
	{ "native_ipv6", "the instance is of IPv6, whatever its first address",
	  SCHEMA_BOOL_AT(INS, native_ipv6, false) },
	{ "accept", "whether a MASTER that is not the owner takes packets to its addresses",
	  SCHEMA_BOOL_AT(INS, conf.accept, true) },
	{ "no_accept", "the opposite of accept",
	  SCHEMA_BOOL_AT(INS, conf.accept, false), SCHEMA_ALIAS("accept"), .invert = true },
	{ "mcast_src_ip", "source of multicast advertisements",
	  SCHEMA_ADDR_AT(INS, conf.mcast_src, 0), .deftext = "the interface's primary address" },
	{ "unicast_src_ip", "source of unicast advertisements",
	  SCHEMA_ADDR_AT(INS, conf.unicast_src, 0), .deftext = "the interface's primary address" },
	{ "unicast_peer", "peers that get advertisements by unicast instead of multicast",
	  .type = SCHEMA_REF, .ref = "peer", .form = "ADDRESS [min_ttl N] [max_ttl N]",
	  .list = true },
	{ "unicast_ttl", "TTL or hop limit of unicast advertisements",
	  SCHEMA_INT_AT(INS, conf.unicast_ttl, 1, 255, 255) },
	{ "check_unicast_src", "drop unicast advertisements that no peer has sent",
	  SCHEMA_BOOL_AT(INS, conf.check_unicast_src, true),
	  .deftext = "vrrp_check_unicast_src of globals" },
	{ "v3_checksum_as_v2", "version 3, IPv4: checksum without a pseudo-header (RFC 9568)",
	  SCHEMA_BOOL_AT(INS, conf.v3_checksum_as_v2, true),
	  .deftext = "v3_checksum_as_v2 of globals" },
	{ "down_timer_adverts", "advertisements missed until the MASTER counts as down",
	  SCHEMA_INT_AT(INS, conf.down_timer_adverts, 1, 100, 3),
	  .deftext = "vrrp_down_timer_adverts of globals" },
	{ "auth_type", "authentication of version 2",
	  SCHEMA_WORD_AT(INS, conf.auth, auth_types, VRRP_CONF_AUTH_NONE) },
	{ "auth_pass", "password of PASS; the first 8 characters count",
	  SCHEMA_TEXT_AT(INS, auth_pass), .secret = true },
	{ "garp_master_delay", "time from becoming MASTER to a second burst of gratuitous "
	  "ARP or NA; 0: none", SCHEMA_SECONDS_AT(INS, conf.garp_master_delay_us, 0, HOUR, S(5)),
	  .deftext = "vrrp_garp_master_delay of globals" },
	{ "garp_master_repeat", "gratuitous ARP or NA of a burst, for each address",
	  SCHEMA_INT_AT(INS, conf.garp_master_repeat, 1, 255, 5),
	  .deftext = "vrrp_garp_master_repeat of globals" },
	{ "garp_master_refresh", "time between bursts while MASTER; 0: none",
	  SCHEMA_SECONDS_AT(INS, conf.garp_master_refresh_us, 0, 24 * HOUR, 0),
	  .deftext = "vrrp_garp_master_refresh of globals" },
	{ "garp_master_refresh_repeat", "gratuitous ARP or NA of such a burst",
	  SCHEMA_INT_AT(INS, conf.garp_master_refresh_repeat, 1, 255, 1),
	  .deftext = "vrrp_garp_master_refresh_repeat of globals" },
	{ "garp_lower_prio_delay", "as garp_master_delay, after a lower priority was heard",
	  SCHEMA_SECONDS_AT(INS, conf.garp_lower_prio_delay_us, 0, HOUR, VRRP_SCHEMA_UNSET),
	  .deftext = "vrrp_garp_lower_prio_delay of globals" },
	{ "garp_lower_prio_repeat", "as garp_master_repeat, after a lower priority was heard",
	  SCHEMA_INT_AT(INS, garp_lower_prio_repeat, 0, 255,
			VRRP_SCHEMA_UNSET),
	  .deftext = "vrrp_garp_lower_prio_repeat of globals" },
	{ "track_interface", "interfaces whose failure is this instance's, or moves its "
	  "priority by weight", .type = SCHEMA_REF, .ref = "track_interface",
	  .form = "IF [weight N [reverse]]", .list = true },
	{ "dont_track_primary", "stay as it is when the instance's own interface goes down",
	  SCHEMA_BOOL_AT(INS, conf.dont_track_primary, false) },
	{ "notify_master", "run when the instance becomes MASTER",
	  SCHEMA_SCRIPT_AT(INS, conf.notify_master) },
	{ "notify_backup", "run when the instance becomes BACKUP",
	  SCHEMA_SCRIPT_AT(INS, conf.notify_backup) },
	{ "notify_fault", "run when the instance can't take part",
	  SCHEMA_SCRIPT_AT(INS, conf.notify_fault) },
	{ "notify_stop", "run when the instance ends", SCHEMA_SCRIPT_AT(INS, conf.notify_stop) },
	{ "notify", "run at each change, with INSTANCE, its name, the state, the priority",
	  SCHEMA_SCRIPT_AT(INS, conf.notify) },
	{ "use_vmac", "the virtual router's own MAC address", NOT_SERVED(BOOL) },
	{ "vmac_xmit_base", "advertisements leave by the interface below", NOT_SERVED(BOOL) },
	{ "smtp_alert", "mail about its changes to notification_email",
	  SCHEMA_BOOL_AT(INS, conf.smtp_alert, false),
	  .service = IS_ENABLED(CONFIG_MAIL) ? SCHEMA_SERVED : SCHEMA_IGNORED },
	{ "debug", "level of debug messages", NOT_SERVED(INT) },
	/* Read by check/, which is told of the instance's state. */
	{ "lvs_sync_daemon_interface", "interface of the IPVS sync daemon, which sends while the "
	  "instance is MASTER and listens else; one instance may have it", .type = SCHEMA_IFNAME,
	  .service = IS_ENABLED(CONFIG_CHECK) ? SCHEMA_SERVED : SCHEMA_IGNORED },
	{ "virtual_routes", "routes that the MASTER holds", NOT_SERVED(REF), .ref = "route",
	  .list = true },
	{ "track_script", "scripts whose failure is this instance's", NOT_SERVED(REF),
	  .ref = "vrrp_script", .list = true },
	{ "track_bfd", "BFD sessions whose failure is this instance's", NOT_SERVED(REF),
	  .ref = "bfd_instance", .list = true },
	END
};

/* ---- sections that lists refer to ------------------------------------------------ */

#define ADR	struct vrrp_schema_address

static const struct schema_word scopes[] = {
	{ "global", RT_SCOPE_UNIVERSE, NULL }, { "site", RT_SCOPE_SITE, NULL },
	{ "link", RT_SCOPE_LINK, NULL }, { "host", RT_SCOPE_HOST, NULL },
	{ "nowhere", RT_SCOPE_NOWHERE, NULL }, { NULL, 0, NULL },
};

static const struct schema_row address_rows[] = {
	NAME_ROW(struct vrrp_schema_address),
	{ "address", "the address; without a length it is a host's, /32 or /128",
	  SCHEMA_PREFIX_AT(ADR, address), .required = true },
	{ "device", "the interface that gets it",
	  SCHEMA_IFNAME_AT(ADR, device), .deftext = "the instance's interface" },
	{ "label_suffix", "IPv4: the label is DEVICE:SUFFIX",
	  SCHEMA_NAME_AT(ADR, label_suffix), .deftext = "vip" },
	{ "label", "IPv4: the whole label", SCHEMA_NAME_AT(ADR, label),
	  .deftext = "from label_suffix" },
	{ "scope", "where the address is valid", SCHEMA_WORD_AT(ADR, scope, scopes, 0) },
	{ "brd", "IPv4: the broadcast address; + all ones, - all zeros",
	  SCHEMA_TEXT_AT(ADR, brd), .deftext = "none" },
	{ "peer", "the other end of a point-to-point link", SCHEMA_PREFIX_AT(ADR, peer),
	  .deftext = "none" },
	{ "noprefixroute", "no route to the address's network comes with it",
	  SCHEMA_BOOL_AT(ADR, noprefixroute, false) },
	{ "nodad", "IPv6: no duplicate address detection", SCHEMA_BOOL_AT(ADR, nodad, true) },
	{ "preferred_lft", "time that new connections may use it as their source",
	  SCHEMA_INT_AT(ADR, preferred_s, 0, UINT32_MAX - 1, VRRP_SCHEMA_UNSET), .unit = "s",
	  .deftext = "for ever" },
	END
};

static const struct schema_row track_rows[] = {
	NAME_ROW(struct vrrp_schema_track),
	{ "value", "the interface", SCHEMA_IFNAME_AT(struct vrrp_schema_track, device),
	  .required = true },
	{ "weight", "added to the priority while the interface is up (above 0) or down "
	  "(below 0); 0: its failure is FAULT",
	  SCHEMA_INT_AT(struct vrrp_schema_track, weight, -253, 253, 0) },
	{ "reverse", "counts up as down and down as up",
	  SCHEMA_BOOL_AT(struct vrrp_schema_track, reverse, false) },
	END
};

static const struct schema_row peer_rows[] = {
	NAME_ROW(struct vrrp_schema_peer),
	{ "address", "the peer's address", SCHEMA_ADDR_AT(struct vrrp_schema_peer, addr, 0),
	  .required = true },
	{ "min_ttl", "the least TTL or hop limit of its advertisements",
	  SCHEMA_INT_AT(struct vrrp_schema_peer, min_ttl, 0, 255, VRRP_SCHEMA_UNSET),
	  .deftext = "not checked" },
	{ "max_ttl", "the greatest TTL or hop limit of its advertisements",
	  SCHEMA_INT_AT(struct vrrp_schema_peer, max_ttl, 0, 255, VRRP_SCHEMA_UNSET),
	  .deftext = "not checked" },
	{ "sync", "copies files to or from this peer", NOT_SERVED(BOOL) },
	{ "sync_mode", "send or receive", NOT_SERVED(TEXT) },
	{ "sync_dir", "folder of the files", NOT_SERVED(TEXT) },
	{ "sync_list", "the files", NOT_SERVED(TEXT), .list = true },
	{ "ssh_port", "port of the peer's ssh", NOT_SERVED(INT) },
	{ "ssh_key", "private key for ssh", NOT_SERVED(TEXT) },
	{ "ssh_pubkey", "public key for ssh", NOT_SERVED(TEXT) },
	{ "last_sync_time", "state of the copying", NOT_SERVED(TEXT) },
	{ "last_sync_status", "state of the copying", NOT_SERVED(TEXT) },
	END
};

/* ---- sections that this build does not serve ------------------------------------- */

static const struct schema_row group_rows[] = {
	OTHER_NAME,
	{ "group", "instances that change together", NOT_SERVED(REF), .ref = "vrrp_instance",
	  .list = true },
	{ "smtp_alert", "mail about state changes", NOT_SERVED(BOOL) },
	{ "global_tracking", "what one tracks, all track", NOT_SERVED(BOOL) },
	{ "track_script", "scripts whose failure is the group's", NOT_SERVED(REF),
	  .ref = "vrrp_script", .list = true },
	END
};

static const struct schema_row script_rows[] = {
	OTHER_NAME,
	{ "script", "the command", NOT_SERVED(SCRIPT) },
	{ "interval", "time between runs", NOT_SERVED(SECONDS) },
	{ "timeout", "time for one run", NOT_SERVED(SECONDS) },
	{ "weight", "added to the priority", NOT_SERVED(INT) },
	{ "fall", "failures until it counts as down", NOT_SERVED(INT) },
	{ "fail", "what LuCI's form calls fall", NOT_SERVED(INT) },
	{ "rise", "successes until it counts as up", NOT_SERVED(INT) },
	{ "direction", "reverse or noreverse", NOT_SERVED(TEXT) },
	END
};

/* OpenWrt's init script read these up to 2026; LuCI's form still writes them. */
static const struct schema_row track_script_rows[] = {
	OTHER_NAME,
	{ "value", "the script", NOT_SERVED(REF), .ref = "vrrp_script" },
	{ "weight", "added to the priority", NOT_SERVED(INT) },
	{ "direction", "reverse or noreverse", NOT_SERVED(TEXT) },
	END
};

static const struct schema_row route_rows[] = {
	OTHER_NAME,
	{ "address", "the destination", NOT_SERVED(PREFIX) },
	{ "src_addr", "the preferred source", NOT_SERVED(ADDR) },
	{ "gateway", "the next hop", NOT_SERVED(ADDR) },
	{ "device", "the interface", NOT_SERVED(IFNAME) },
	{ "table", "the routing table", NOT_SERVED(TEXT) },
	{ "scope", "the scope", NOT_SERVED(TEXT) },
	{ "blackhole", "drop what goes there", NOT_SERVED(BOOL) },
	END
};

static const struct schema_row static_address_rows[] = {
	{ "address", "addresses that are there in every state", NOT_SERVED(REF),
	  .ref = "ipaddress", .list = true },
	END
};

static const struct schema_row static_route_rows[] = {
	{ "route", "routes that are there in every state", NOT_SERVED(REF), .ref = "route",
	  .list = true },
	END
};

static const struct schema_row delay_rows[] = {
	{ "device", "the interface", NOT_SERVED(IFNAME) },
	{ "down_delay", "time until down counts", NOT_SERVED(SECONDS) },
	{ "up_delay", "time until up counts", NOT_SERVED(SECONDS) },
	END
};

static const struct schema_row bfd_rows[] = {
	OTHER_NAME,
	{ "neighbor_ip", "the other end", NOT_SERVED(ADDR) },
	{ "source_ip", "this end", NOT_SERVED(ADDR) },
	{ "min_rx", "least time between packets received", NOT_SERVED(INT), .unit = "ms" },
	{ "min_tx", "least time between packets sent", NOT_SERVED(INT), .unit = "ms" },
	{ "idle_tx", "time between packets while down", NOT_SERVED(INT), .unit = "ms" },
	{ "hoplimit", "hop limit of packets sent", NOT_SERVED(INT) },
	{ "max_hops", "hops that a packet may have made", NOT_SERVED(INT) },
	{ "weight", "added to the priority", NOT_SERVED(INT) },
	END
};

/* What holds for the process, with or without a section `globals`. */
static void
store_process(struct vrrp_conf *conf, const struct vrrp_schema_globals *g)
{
	conf->no_swap = g->no_swap;
	conf->rt_priority = g->rt_priority;
	conf->rttime_us = g->rttime_us;
}

static void
globals_make(struct compile *c, const struct compile_section *s, void *part, void *obj)
{
	const struct vrrp_schema_globals *g = obj;
	struct vrrp_conf *conf = part;
	static const char not_group[] = "%s is not a multicast group";
	char text[NET_ADDR_TEXT];

	conf->startup_delay_us = g->startup_delay_us;
	store_process(conf, g);
	if (g->mcast_group4.family != 0) {
		conf->mcast_group4 = g->mcast_group4;
		if (!net_addr_is_multicast(&g->mcast_group4))
			compile_error(c, compile_doc_where(c, s, "vrrp_mcast_group4"),
				      not_group, net_addr_text(&g->mcast_group4, text));
	}
	if (g->mcast_group6.family != 0) {
		conf->mcast_group6 = g->mcast_group6;
		if (!net_addr_is_multicast(&g->mcast_group6))
			compile_error(c, compile_doc_where(c, s, "vrrp_mcast_group6"),
				      not_group, net_addr_text(&g->mcast_group6, text));
	}
}

#define OTHER(t, r, w)	{ .type = t, .what = w, .rows = r, .service = SCHEMA_IGNORED }

static const struct schema_section sections[] = {
	{ .type = "globals", .what = "what holds for the whole router", .rows = globals_rows,
	  .bytes = sizeof(struct vrrp_schema_globals), .single = true,
	  .make = globals_make },
	{ .type = "ipaddress", .what = "a virtual address that instances refer to",
	  .rows = address_rows, .bytes = sizeof(struct vrrp_schema_address), .named = true },
	{ .type = "track_interface", .what = "a tracked interface that instances refer to",
	  .rows = track_rows, .bytes = sizeof(struct vrrp_schema_track), .named = true },
	{ .type = "peer", .what = "a unicast peer that instances refer to",
	  .rows = peer_rows, .bytes = sizeof(struct vrrp_schema_peer), .named = true },
	{ .type = "vrrp_instance", .what = "a virtual router on one interface",
	  .rows = instance_rows, .bytes = sizeof(struct vrrp_schema_instance),
	  .named = true, .make = vrrp_schema_instance },
	OTHER("vrrp_sync_group", group_rows, "instances that change state together"),
	OTHER("vrrp_script", script_rows, "a command whose outcome instances track"),
	OTHER("track_script", track_script_rows, "a script that instances refer to"),
	OTHER("route", route_rows, "a route that comes and goes with an instance"),
	OTHER("static_ipaddress", static_address_rows, "addresses that never move"),
	OTHER("static_routes", static_route_rows, "routes that never move"),
	OTHER("interface_up_down_delays", delay_rows, "an interface that flaps"),
	OTHER("bfd_instance", bfd_rows, "a BFD session"),
	{ .type = NULL },
};

const struct schema_section *
vrrp_schema_kind(const char *type)
{
	const struct schema_section *k = schema_section(&vrrp_schema, type);

	assert(k != NULL);
	return k;
}

const struct schema_row *
vrrp_schema_row(const char *type, const char *name)
{
	const struct schema_row *r = schema_row(vrrp_schema_kind(type), name);

	assert(r != NULL);
	return r;
}

/* What `globals` says to instances: one compilation at a time. */
static struct vrrp_schema_globals globals;

const struct vrrp_schema_globals *
vrrp_schema_globals(void)
{
	return &globals;
}

const char *
vrrp_schema_whose(const struct compile *c, const struct vrrp_conf_instance *ins, char *out,
		  size_t cap)
{
	const struct compile_section *s =
		compile_doc_lookup(c, "vrrp_instance", ins->name);

	if (s == NULL)
		strfmt_to(out, cap, "instance '%s'", ins->name);
	else
		strfmt_to(out, cap, "instance '%s' in line %u", ins->name,
			  (unsigned)s->at.line);
	return out;
}

static void
begin(struct compile *c, void *part)
{
	struct vrrp_conf *conf = part;
	const struct compile_section *s = compile_doc_single(c, "globals");
	struct vrrp_schema_globals g;

	vrrp_schema_instance_begin();
	vrrp_schema_address_begin();
	compile_doc_build(c, NULL, &sections[0], &g);
	store_process(conf, &g);
	c->quiet++;			/* what is wrong is said when the section is made */
	compile_doc_build(c, s, &sections[0], &globals);
	c->quiet--;
	globals.version_refused = globals.version == 0 && s != NULL &&
				  compile_doc_first(c, s, "vrrp_version") != NULL;
	conf->mcast_group4 = (struct net_addr){ AF_INET, { 224, 0, 0, 18 } };
	conf->mcast_group6 = (struct net_addr){
		AF_INET6, { 0xff, 0x02, [15] = 0x12 }
	};
}

static void
summary(const void *part, struct strfmt *out)
{
	const struct vrrp_conf *conf = part;

	strfmt_put(out, "%u instance%s, %u address%s", conf->ninstances,
		   conf->ninstances == 1 ? "" : "s", conf->nvips,
		   conf->nvips == 1 ? "" : "es");
}

const struct schema vrrp_schema = {
	.name = "vrrp", .sections = sections, .begin = begin, .summary = summary,
};
