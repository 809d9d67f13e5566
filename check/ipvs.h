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

#include "ipvs_diff.h"
#include "netlink.h"
#include "timer.h"

/* What has been done, for `status`; the list is written once. */
#define IPVS_COUNTERS(X)						\
	X(changes,  "requests that changed the table")			\
	X(audits,   "comparisons of the whole table")			\
	X(repairs,  "differences that an audit has found and mended")	\
	X(refused,  "requests that the kernel refused")			\
	X(failed,   "comparisons that could not be read to their end")	\
	X(absent,   "times that the kernel's module was not there")

struct ipvs_stats {
#define IPVS_FIELD(name, what)	uint64_t name;
	IPVS_COUNTERS(IPVS_FIELD)
#undef IPVS_FIELD
};

/* A change on its way to the kernel. */
struct ipvs_request {
	enum ipvs_diff_step step;
	bool dest;			/* of server `d` of `s`; else of `s` */
	int error;
	struct ipvs_msg_service s;
	struct ipvs_msg_dest d;
};

struct ipvs {
	struct netlink nl;		/* NETLINK_GENERIC */
	struct timers *timers;
	const struct ipvs_want *want;
	uint16_t family;		/* 0: the module is not there (yet) */
	struct timer audit;		/* the next one */
	int64_t audit_us;		/* between two; sooner after an error; 0: only then */
	struct ipvs_stats stats;
	/* A request was refused: `what` names command and object, `text` is the
	 * kernel's ("": none).  The owner logs, with a limit. */
	void (*refused)(struct ipvs *v, const char *what, int err, const char *text);
	/* The module is missing, or has come at last. */
	void (*present)(struct ipvs *v, bool there);
	/* The kernel has taken a service, or has not got (yet) the scheduler that it names, or its
	 * persistence engine; that is no `refused`. */
	void (*scheduler)(struct ipvs *v, const struct ipvs_msg_service *s, bool there);
	/* None of them may call into ipvs.  What follows is ipvs.c's. */
	bool absent;			/* and told so */
	bool failed;			/* something has, since the last audit began */
	int64_t retry_us;		/* until the next audit after a failure; 0: none yet */
	struct ipvs_msg_daemon sync;	/* as wanted */
	struct ipvs_msg_daemon began;	/* state: roles that we have begun, and how */
	bool sync_ours;			/* daemons are wanted, or were and may still run */
	struct ipvs_msg_timeouts timeouts;
	struct netlink_call call;
	unsigned npending;
	struct ipvs_request pending[NETLINK_BATCH];
	unsigned text_of;		/* whose answer had a text, and it */
	char text[NLMSG_TEXT];
	struct ipvs_diff diff;
};

/* 0 or -errno; the callbacks, `want` and `audit_us` are set by the caller before, the rest is
 * zeroed.  Audits at once.  Another `audit_us` counts from the next audit on. */
port_must_check int ipvs_open(struct ipvs *v, struct timers *timers, struct mono now);
void ipvs_close(struct ipvs *v);

/* One change that is now wanted: NEW -> EEXIST -> SET, DEL -> ESRCH/ENOENT = done.  Any other
 * error: an audit soon.  They gather in batches until ipvs_flush(). */
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

/* The same of each server of a service, in the kernel's order: one reading for all of them.
 * false: it could not be read. */
port_must_check bool ipvs_count_dests(struct ipvs *v, const struct ipvs_msg_service *s,
	void (*each)(void *ctx, const struct ipvs_msg_dest *d, const struct ipvs_msg_stats *st),
	void *ctx);

/* What the kernel has counted of one service, or one server of it (d NULL: of the service). */
port_must_check bool ipvs_count(struct ipvs *v, const struct ipvs_msg_service *s,
				const struct ipvs_msg_dest *d, struct ipvs_msg_stats *out);

#endif
