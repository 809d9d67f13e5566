/* SPDX-License-Identifier: MIT */
/* ipvs.h -- the kernel's IPVS table, kept as it should be.
 *
 * What should be there is asked for through ipvs_want; what is there is read by dumps.  A
 * change goes to the kernel at once; an audit (at the start, after an error, now and then)
 * compares the whole and applies the difference in batches.  Services that are not ours are
 * left alone, and in ours every server is.  Without the kernel's module everything waits for
 * it, said once.
 */
#ifndef IPVS_H
#define IPVS_H

#include "ipvs_msg.h"
#include "netlink.h"
#include "timer.h"

/* What should be in the table.  `i` and `j` count from 0 until false; the order of services
 * must not change during a call into ipvs. */
struct ipvs_want {
	bool (*service)(void *ctx, unsigned i, struct ipvs_msg_service *out);
	/* Server `j` of service `i`. */
	bool (*dest)(void *ctx, unsigned i, unsigned j, struct ipvs_msg_dest *out);
	/* Whether a service that is not wanted (any longer) is ours to remove. */
	bool (*ours)(void *ctx, const struct ipvs_msg_service *key);
	void *ctx;
};

/* What has been done, for `status`; the list is written once. */
#define IPVS_COUNTERS(X)						\
	X(changes,  "requests that changed the table")			\
	X(audits,   "comparisons of the whole table")			\
	X(repairs,  "differences that an audit has found and mended")	\
	X(refused,  "requests that the kernel refused")			\
	X(absent,   "times that the kernel's module was not there")

struct ipvs_stats {
#define IPVS_FIELD(name, what)	uint64_t name;
	IPVS_COUNTERS(IPVS_FIELD)
#undef IPVS_FIELD
};

struct ipvs {
	struct netlink nl;		/* NETLINK_GENERIC */
	struct timers *timers;
	const struct ipvs_want *want;
	uint16_t family;		/* 0: the module is not there (yet) */
	struct timer audit;		/* the next one */
	int64_t audit_us;		/* between two; sooner after an error */
	struct ipvs_stats stats;
	/* A request was refused: `what` names command and object, `text` is the
	 * kernel's.  The owner logs, with a limit. */
	void (*refused)(struct ipvs *v, const char *what, int err, const char *text);
	/* The module came or went. */
	void (*present)(struct ipvs *v, bool there);
};

/* 0 or -errno; the callbacks and `want` are set by the caller before.  Audits at once. */
port_must_check int ipvs_open(struct ipvs *v, struct timers *timers, struct mono now);
void ipvs_close(struct ipvs *v);

/* One change that is now wanted: NEW -> EEXIST -> SET, DEL -> ESRCH/ENOENT = done.  Any other
 * error: an audit soon. */
void ipvs_service_put(struct ipvs *v, const struct ipvs_msg_service *s, struct mono now);
void ipvs_service_del(struct ipvs *v, const struct ipvs_msg_service *s, struct mono now);
void ipvs_dest_put(struct ipvs *v, const struct ipvs_msg_service *s,
		   const struct ipvs_msg_dest *d, struct mono now);
void ipvs_dest_del(struct ipvs *v, const struct ipvs_msg_service *s,
		   const struct ipvs_msg_dest *d, struct mono now);

/* Everything that was put or deleted since is with the kernel when this returns. */
void ipvs_flush(struct ipvs *v, struct mono now);

/* Compares the whole now. */
void ipvs_audit(struct ipvs *v, struct mono now);

/* Sync daemons as wanted (state bits IPVS_MSG_MASTER, IPVS_MSG_BACKUP); timeouts. */
void ipvs_sync(struct ipvs *v, const struct ipvs_msg_daemon *d, struct mono now);
void ipvs_timeouts(struct ipvs *v, uint32_t tcp_s, uint32_t tcpfin_s, uint32_t udp_s,
		   struct mono now);

/* What the kernel has counted of one service, or one server of it (d NULL: of the service). */
port_must_check bool ipvs_count(struct ipvs *v, const struct ipvs_msg_service *s,
				const struct ipvs_msg_dest *d, struct ipvs_msg_stats *out);

#endif
