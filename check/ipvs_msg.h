/* SPDX-License-Identifier: MIT */
/* ipvs_msg.h -- the messages of IPVS over generic netlink: structs to attributes and back.
 *
 * After linux/ip_vs.h, with byte orders as the kernel has them (reference: a service's port and
 * an IPv4 netmask in network order, all else in the host's).  Pure: no socket.  In these
 * structs every number is in host order.
 */
#ifndef IPVS_MSG_H
#define IPVS_MSG_H

#include "nlmsg.h"

#define IPVS_MSG_NAME	16		/* of a scheduler or an engine, with NUL */

struct ipvs_msg_service {
	struct net_addr addr;		/* family always; the address unless fwmark */
	uint32_t fwmark;		/* 0: by protocol, address, port */
	uint16_t port;
	uint8_t protocol;
	/* ---- the key ends here ---- */
	char scheduler[IPVS_MSG_NAME];
	char engine[IPVS_MSG_NAME];	/* "": none */
	uint32_t flags;			/* IP_VS_SVC_F_*, without the kernel's own HASHED */
	uint32_t persistence_s;
	uint32_t netmask;		/* 0xffffff00; IPv6: prefix length */
};

struct ipvs_msg_dest {
	struct net_addr addr;
	uint16_t port;
	/* ---- the key ends here ---- */
	uint32_t forward;		/* 0 NAT, 2 TUN, 3 DR */
	uint32_t weight;
	uint32_t uthreshold, lthreshold;
	uint8_t tunnel;			/* 0 IPIP, 1 GUE, 2 GRE; this and the next: of TUN */
	uint16_t tunnel_port;
	uint16_t tunnel_flags;
	/* replies only */
	uint32_t active, inactive, persistent;	/* connections */
};

enum {
	IPVS_MSG_MASTER = 1,
	IPVS_MSG_BACKUP = 2,
};

struct ipvs_msg_daemon {
	uint32_t state;			/* IPVS_MSG_MASTER, _BACKUP, both or none wanted */
	char interface[NET_IFNAME];
	uint8_t id;
	uint16_t maxlen;		/* this and the rest: 0, the kernel's default */
	struct net_addr group;
	uint16_t port;
	uint8_t ttl;
};

struct ipvs_msg_timeouts {		/* seconds; 0: as it is */
	uint32_t tcp_s, tcpfin_s, udp_s;
};

struct ipvs_msg_info {
	uint32_t version;		/* 0x010201 is 1.2.1 */
	uint32_t slots;			/* of the kernel's table of connections */
};

struct ipvs_msg_stats {
	uint64_t connections, in_packets, out_packets, in_bytes, out_bytes;
	uint64_t cps, in_pps, out_pps, in_bps, out_bps;	/* a second; bytes, not bits */
	uint32_t active, inactive, persistent;	/* of a server: connections */
};

/* ---- writing: each ends the header that nlmsg_init() or netlink_begin() began ----- */

/* Asks for the family's number; the message's type is GENL_ID_CTRL.  From 5.11 on
 * the kernel loads its module for it. */
void ipvs_msg_put_family(struct nlmsghdr *h);

/* A command without attributes: GET_SERVICE and GET_DAEMON as dumps, GET_CONFIG, GET_INFO. */
void ipvs_msg_put(struct nlmsghdr *h, uint8_t command);

/* IPVS_CMD_NEW_SERVICE and _SET_SERVICE take the whole of it; _DEL_SERVICE, _GET_SERVICE, _ZERO
 * and _GET_DEST (a dump) its key. */
void ipvs_msg_put_service(struct nlmsghdr *h, uint8_t command,
			  const struct ipvs_msg_service *s);

/* IPVS_CMD_NEW_DEST and _SET_DEST take the whole of `d`, _DEL_DEST its key. */
void ipvs_msg_put_dest(struct nlmsghdr *h, uint8_t command,
		       const struct ipvs_msg_service *s, const struct ipvs_msg_dest *d);

/* IPVS_CMD_NEW_DAEMON, _DEL_DAEMON of one role, IPVS_MSG_MASTER or _BACKUP. */
void ipvs_msg_put_daemon(struct nlmsghdr *h, uint8_t command, uint32_t role,
			 const struct ipvs_msg_daemon *d);

/* IPVS_CMD_SET_CONFIG. */
void ipvs_msg_put_timeouts(struct nlmsghdr *h, const struct ipvs_msg_timeouts *t);

/* ---- reading ---------------------------------------------------------------------- */

/* What a reply is worth, in the order of the checks. */
#define IPVS_MSG_VERDICTS(X)						\
	X(OK,	   "whole")						\
	X(SHORT,   "shorter than its header")				\
	X(OTHER,   "another command's")					\
	X(CUT,	   "an attribute is longer than what holds it")		\
	X(LACKS,   "an attribute is missing, or shorter than its number") \
	X(STRANGE, "a value that cannot be")

enum ipvs_msg_verdict {
#define IPVS_MSG_ENUM(name, what)	IPVS_MSG_##name,
	IPVS_MSG_VERDICTS(IPVS_MSG_ENUM)
#undef IPVS_MSG_ENUM
	IPVS_MSG_VERDICT__N
};

/* `out` is set when the verdict is OK, and only then.  `stats` may be NULL; what a kernel does
 * not say of them is 0. */
port_must_check enum ipvs_msg_verdict
ipvs_msg_get_family(const struct nlmsghdr *h, uint16_t *out);
port_must_check enum ipvs_msg_verdict
ipvs_msg_get_service(const struct nlmsghdr *h, struct ipvs_msg_service *out,
		     struct ipvs_msg_stats *stats);
/* `family` is that of the service: the server's when the kernel says none. */
port_must_check enum ipvs_msg_verdict
ipvs_msg_get_dest(const struct nlmsghdr *h, uint8_t family, struct ipvs_msg_dest *out,
		  struct ipvs_msg_stats *stats);
port_must_check enum ipvs_msg_verdict
ipvs_msg_get_daemon(const struct nlmsghdr *h, struct ipvs_msg_daemon *out);
port_must_check enum ipvs_msg_verdict
ipvs_msg_get_timeouts(const struct nlmsghdr *h, struct ipvs_msg_timeouts *out);
port_must_check enum ipvs_msg_verdict
ipvs_msg_get_info(const struct nlmsghdr *h, struct ipvs_msg_info *out);

/* ---- comparing (ipvs_msg_equal.c) ------------------------------------------------- */

/* Whether both have the same key: the kernel's view of "the same". */
bool ipvs_msg_same_service(const struct ipvs_msg_service *a,
			   const struct ipvs_msg_service *b);
bool ipvs_msg_same_dest(const struct ipvs_msg_dest *a, const struct ipvs_msg_dest *b);

/* Whether setting one to the other would change nothing; replies' counts do not matter. */
bool ipvs_msg_equal_service(const struct ipvs_msg_service *a,
			    const struct ipvs_msg_service *b);
bool ipvs_msg_equal_dest(const struct ipvs_msg_dest *a, const struct ipvs_msg_dest *b);

/* Whether a daemon that the kernel has is one as `want`, kernel's defaults filled in.  `maxlen`
 * is left out: the kernel trims it to the interface. */
bool ipvs_msg_equal_daemon(const struct ipvs_msg_daemon *want,
			   const struct ipvs_msg_daemon *have);

/* Of the key alone. */
uint32_t ipvs_msg_hash_service(const struct ipvs_msg_service *s);
uint32_t ipvs_msg_hash_dest(const struct ipvs_msg_dest *d);

/* ---- schedulers (ipvs_msg_scheduler.c) -------------------------------------------- */

#define IPVS_MSG_SCHEDULERS(X)						\
	X(rr,	 "round robin")						\
	X(wrr,	 "weighted round robin")				\
	X(lc,	 "least connections")					\
	X(wlc,	 "weighted least connections")				\
	X(lblc,	 "locality-based least connections")			\
	X(lblcr, "the same with replication")				\
	X(dh,	 "hash of the destination")				\
	X(sh,	 "hash of the source")					\
	X(sed,	 "shortest expected delay")				\
	X(nq,	 "never queue")						\
	X(fo,	 "failover: the heaviest")				\
	X(ovf,	 "overflow: the heaviest until its connections reach its weight") \
	X(mh,	 "consistent hash (Maglev)")				\
	X(twos,	 "power of two random choices")

struct ipvs_msg_scheduler {
	const char *name;		/* "rr"; NULL ends the list */
	const char *what;
};
extern const struct ipvs_msg_scheduler ipvs_msg_scheduler[];

/* Words of a scheduler's flags and their bits (IP_VS_SVC_F_SCHED*). */
struct ipvs_msg_flag {
	const char *word;		/* "sh-port"; NULL ends the list */
	const char *scheduler;		/* "sh"; "": of any */
	uint32_t bit;
};
extern const struct ipvs_msg_flag ipvs_msg_flag[];

/* Whether `name`, NUL-terminated, is that of a scheduler. */
bool ipvs_msg_is_scheduler(const char *name);

/* The bit of `word` for `scheduler`; 0: it is no flag of it. */
uint32_t ipvs_msg_flag_bit(const char *scheduler, const char *word);

#endif
