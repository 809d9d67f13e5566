/* SPDX-License-Identifier: MIT */
/* vrrp_conf.h -- the VRRP child's part of the configuration image.
 *
 * Written by the compiler (vrrp_schema.c), read by everybody else in vrrp/.
 * Defaults are keepalived's, save where a safer or RFC 9568 value exists.  Lists of an
 * instance are ranges [first, first + n) of the arrays at the end.
 */
#ifndef VRRP_CONF_H
#define VRRP_CONF_H

#include "conf.h"

enum vrrp_conf_auth {
	VRRP_CONF_AUTH_NONE,
	VRRP_CONF_AUTH_PASS,		/* VRRPv2 type 1 (RFC 2338 5.3.6.2) */
};

struct vrrp_conf_range {
	uint16_t first;
	uint16_t n;
};

/* A virtual address. */
struct vrrp_conf_vip {
	struct net_addr addr;
	struct net_addr peer;		/* point-to-point; family 0: none */
	struct net_addr broadcast;	/* IPv4; family 0: none */
	uint8_t prefixlen;
	uint8_t scope;			/* RT_SCOPE_* */
	bool noprefixroute;		/* IFA_F_NOPREFIXROUTE */
	bool nodad;			/* IPv6: IFA_F_NODAD; default true */
	bool advertised;		/* false: virtual_ipaddress_excluded */
	bool forever;			/* preferred_lft not given */
	uint32_t preferred_s;		/* IFA_CACHEINFO, when not forever */
	char dev[NET_IFNAME];		/* always set: the instance's unless given */
	char label[NET_IFNAME];		/* "": none */
};

/* A tracked interface. */
struct vrrp_conf_track {
	char dev[NET_IFNAME];
	int16_t weight;			/* -253..253; 0: its failure is FAULT */
	bool reverse;			/* counts when the interface is up */
};

/* A unicast peer. */
struct vrrp_conf_peer {
	struct net_addr addr;
	int16_t min_ttl;		/* -1: not checked */
	int16_t max_ttl;
};

/* A virtual router: (vrid, family, interface). */
struct vrrp_conf_instance {
	char name[CONF_NAME];
	char interface[NET_IFNAME];
	uint8_t vrid;			/* 1..255 */
	uint8_t version;		/* 2 or 3 */
	uint8_t family;			/* AF_INET or AF_INET6 */
	uint8_t priority;		/* 1..254, 255: owner */
	int64_t advert_us;		/* v2: whole seconds; v3: 10 ms .. 40.95 s */
	int64_t preempt_delay_us;	/* 0: none */
	bool preempt;			/* Preempt_Mode */
	bool accept;			/* Accept_Mode; always true in this build */
	bool initial_master;		/* option state MASTER: a wish only */
	bool v3_checksum_as_v2;		/* RFC 9568: no pseudo-header on IPv4 */
	bool dont_track_primary;
	bool smtp_alert;		/* mail about its transitions */
	bool check_unicast_src;		/* default true */
	enum vrrp_conf_auth auth;
	uint8_t auth_data[8];		/* zero padded; never logged or shown */
	uint8_t down_timer_adverts;	/* 3 */
	int16_t unicast_ttl;		/* 255 */
	struct net_addr mcast_src;	/* mcast_src_ip; family 0: primary address */
	struct net_addr unicast_src;	/* unicast_src_ip; family 0: primary */
	/* gratuitous ARP and unsolicited NA */
	uint8_t garp_master_repeat;	/* 5: frames of a burst */
	uint8_t garp_master_refresh_repeat; /* 1 */
	uint8_t garp_lower_prio_repeat;	/* 5 */
	int64_t garp_master_delay_us;	/* 5 s: second burst; 0: none */
	int64_t garp_master_refresh_us;	/* 0: none */
	int64_t garp_lower_prio_delay_us; /* = garp_master_delay_us */
	struct vrrp_conf_range vips;	/* advertised ones first, then excluded */
	uint16_t nadvertised;		/* of vips, how many are advertised */
	struct vrrp_conf_range tracks;
	struct vrrp_conf_range peers;	/* n > 0: unicast */
	/* script references, CONF_NO_SCRIPT: none (conf.h) */
	uint16_t notify_master;
	uint16_t notify_backup;
	uint16_t notify_fault;
	uint16_t notify_stop;
	uint16_t notify;
};

struct vrrp_conf {
	struct net_addr mcast_group4;	/* 224.0.0.18 */
	struct net_addr mcast_group6;	/* ff02::12 */
	int64_t startup_delay_us;	/* vrrp_startup_delay */
	uint32_t rttime_us;		/* vrrp_rlimit_rttime */
	uint8_t rt_priority;		/* vrrp_rt_priority, 0: none */
	bool no_swap;			/* vrrp_no_swap */
	uint16_t ninstances;
	uint16_t nvips;
	uint16_t ntracks;
	uint16_t npeers;
	struct vrrp_conf_instance instance[CONFIG_VRRP_INSTANCES];
	struct vrrp_conf_vip vip[CONFIG_VRRP_VIPS];
	struct vrrp_conf_track track[CONFIG_VRRP_TRACKS];
	struct vrrp_conf_peer peer[CONFIG_VRRP_PEERS];
};

#endif
