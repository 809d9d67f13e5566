/* SPDX-License-Identifier: MIT */
/* vrrp_schema.h -- the sections and options that VRRP reads, and their checks.
 *
 * Names and units are keepalived's and those of OpenWrt's package for it; what that schema
 * knows and this build does not serve is listed too, so that it is a warning and not unknown.
 * Compiled into a struct vrrp_conf (vrrp_conf.h).
 */
#ifndef VRRP_SCHEMA_H
#define VRRP_SCHEMA_H

#include "compile.h"
#include "vrrp_conf.h"

extern const struct schema vrrp_schema;

/* ---- what the rows fill; for the vrrp_schema_*.c files only ---------------------- */

#define VRRP_SCHEMA_UNSET	(-1)	/* a number that was not given */

struct vrrp_schema_globals {
	struct net_addr mcast_group4;
	struct net_addr mcast_group6;
	int64_t startup_delay_us;
	uint32_t rttime_us;
	uint8_t rt_priority;
	bool no_swap;
	uint8_t version;		/* 0: by family */
	bool version_refused;		/* it was given, and is none */
	uint8_t down_timer_adverts;
	bool check_unicast_src;
	bool v3_checksum_as_v2;
	uint8_t garp_master_repeat;
	uint8_t garp_master_refresh_repeat;
	int16_t garp_lower_prio_repeat;	/* UNSET: as garp_master_repeat */
	int64_t garp_master_delay_us;
	int64_t garp_master_refresh_us;
	int64_t garp_lower_prio_delay_us;	/* UNSET: as garp_master_delay_us */
};

struct vrrp_schema_instance {
	struct vrrp_conf_instance conf;
	int16_t garp_lower_prio_repeat;	/* as above */
	bool native_ipv6;
	char auth_pass[CONF_NAME];
};

struct vrrp_schema_address {
	char name[CONF_NAME];
	struct schema_prefix address;
	struct schema_prefix peer;	/* family 0: none */
	char brd[NET_ADDR_TEXT];	/* "+", "-", an address, "" */
	char device[NET_IFNAME];	/* "": the instance's */
	char label[NET_IFNAME];
	char label_suffix[NET_IFNAME];
	uint8_t scope;
	bool noprefixroute;
	bool nodad;
	int64_t preferred_s;		/* UNSET: for ever */
};

struct vrrp_schema_track {
	char name[CONF_NAME];
	char device[NET_IFNAME];
	int16_t weight;
	bool reverse;
};

struct vrrp_schema_peer {
	char name[CONF_NAME];
	struct net_addr addr;
	int16_t min_ttl;		/* UNSET: not checked */
	int16_t max_ttl;
};

/* The rows of a section type that a list refers to. */
const struct schema_section *vrrp_schema_kind(const char *type);

/* The defaults of all instances, from the configuration that is being compiled. */
const struct vrrp_schema_globals *vrrp_schema_globals(void);

/* A new configuration: forget what others have. */
void vrrp_schema_instance_begin(void);
void vrrp_schema_address_begin(void);

/* vrrp_schema_instance.c: struct schema_section.make of vrrp_instance. */
void vrrp_schema_instance(struct compile *c, const struct compile_section *s, void *part,
			  void *obj);

/* vrrp_schema_address.c: appends both lists of virtual addresses to part->vip, sets
 * ins->family (from the first, unless it is set already), ins->vips, ins->nadvertised. */
void vrrp_schema_addresses(struct compile *c, const struct compile_section *s,
			   struct vrrp_conf *part, struct vrrp_conf_instance *ins);

/* vrrp_schema_list.c: appends tracked interfaces and unicast peers. */
void vrrp_schema_tracks(struct compile *c, const struct compile_section *s,
			struct vrrp_conf *part, struct vrrp_conf_instance *ins);
void vrrp_schema_peers(struct compile *c, const struct compile_section *s,
		       struct vrrp_conf *part, struct vrrp_conf_instance *ins);

/* "instance 'a' in line 7", for complaints about two of them.  Returns `out`. */
const char *vrrp_schema_whose(const struct compile *c, const struct vrrp_conf_instance *ins,
			      char *out, size_t cap);

/* A row of that section type. */
const struct schema_row *vrrp_schema_row(const char *type, const char *name);

#endif
