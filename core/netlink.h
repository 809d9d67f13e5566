/* SPDX-License-Identifier: MIT */
/* netlink.h -- the transport of netlink: requests in batches with their
 * acknowledgements, dumps, and the monitor that hears the kernel's events.
 *
 * The kernel executes a request inside sendmsg(2) and has queued the answer
 * when that returns, so nothing here ever waits: an answer that isn't there is lost.
 * What a message says is the caller's business (nlmsg.h helps to write and read it).
 * Sockets are our own; libmnl's would allocate.  Serves NETLINK_ROUTE and
 * NETLINK_GENERIC alike.  Nothing here logs; failures are returned and counted.
 */
#ifndef NETLINK_H
#define NETLINK_H

#include <linux/netlink.h>

#include "loop.h"
#include "nlmsg.h"

#define NETLINK_BATCH	32		/* requests per sendmsg(2) at most */
#define NETLINK_TX	8192		/* bytes per sendmsg(2) at most */
#define NETLINK_TRIES	8		/* of one dump */
#define NETLINK_BURST	256		/* datagrams per wake-up of a monitor */

/* What can happen on a socket, for `status`; the list is written once. */
#define NETLINK_COUNTERS(X)						\
	X(requests,    "requests sent")					\
	X(batches,     "sendmsg calls that carried requests")		\
	X(errors,      "requests that the kernel refused")		\
	X(lost,	       "requests whose answer never came")		\
	X(dumps,       "dumps begun")					\
	X(interrupted, "dumps that changed under way and were repeated") \
	X(busy,	       "dumps refused because another one was under way") \
	X(events,      "events heard")					\
	X(overruns,    "times that the kernel dropped events")		\
	X(malformed,   "messages with impossible lengths")		\
	X(foreign,     "datagrams that did not come from the kernel")	\
	X(stale,       "answers to a question long given up")

struct netlink_stats {
#define NETLINK_FIELD(name, what)	uint64_t name;
	NETLINK_COUNTERS(NETLINK_FIELD)
#undef NETLINK_FIELD
};

/* Who asked; embedded in the asker, who must live until netlink_flush(). */
struct netlink_call {
	/* Once a request.  `error` is 0 or -errno (ENOBUFS: the answer was lost);
	 * `text` is the kernel's extended acknowledgement, "" without one, valid
	 * until return.  Must not use the same struct netlink. */
	void (*done)(struct netlink_call *c, uint32_t cookie, int error,
		     const char *text);
};

/* A dump's reader; embedded in the asker. */
struct netlink_dump {
	/* Each message of the dump.  Must not use the same struct netlink. */
	void (*msg)(struct netlink_dump *d, const struct nlmsghdr *h);
	/* The dump begins, also again after an interruption: forget what this
	 * one said so far.  May be NULL. */
	void (*begin)(struct netlink_dump *d);
};

/* A command socket: it is in no group. */
struct netlink {
	int fd;
	uint32_t port;			/* our nl_pid */
	uint32_t seq;			/* of the last request */
	uint32_t used;			/* bytes of complete requests in tx */
	bool building;			/* begun, not yet committed */
	bool out;			/* a flush, ask or dump is running */
	uint32_t count;			/* complete requests in tx */
	uint32_t first;			/* seq of the first; they follow one another */
	struct {
		struct netlink_call *call;
		uint32_t cookie;
		bool done;
	} ask[NETLINK_BATCH];		/* whose they are */
	struct netlink_stats stats;
	/* Last, because they are not cleared: most of them is never touched. */
	_Alignas(8) uint8_t tx[NETLINK_TX];
	_Alignas(8) uint8_t rx[CONFIG_NETLINK_RX];
};

/* `protocol`: NETLINK_ROUTE, ...  0, or -errno. */
port_must_check int netlink_open(struct netlink *nl, int protocol);
void netlink_close(struct netlink *nl);

/* Begins a request of `type` with `flags` beside NLM_F_REQUEST|NLM_F_ACK and
 * returns its header to be filled with the nlmsg_put functions; netlink_commit(),
 * _ask() or _dump() then ends it.  A full batch is flushed first. */
struct nlmsghdr *netlink_begin(struct netlink *nl, uint16_t type, uint16_t flags);

/* Ends the request: `call` (NULL: nobody) will be told, with `cookie`.  A
 * message that did not fit is answered -EMSGSIZE at once, unsent. */
void netlink_commit(struct netlink *nl, struct netlink_call *call, uint32_t cookie);

/* Sends what was committed and hands out every answer before it returns. */
void netlink_flush(struct netlink *nl);

/* Flushes, then sends the begun request alone and returns its answer, 0 or
 * -errno.  `reply`, unless NULL, sees the messages that come before it (a GET
 * request's object).  `text` (NULL allowed) gets the extended acknowledgement. */
port_must_check int netlink_ask(struct netlink *nl, struct netlink_dump *reply,
				char text[NLMSG_TEXT]);

/* Sends the begun request as a dump and reads it to its end; repeated when it was
 * interrupted (NLM_F_DUMP_INTR) or busy.  0, or -errno: EINTR after NETLINK_TRIES. */
port_must_check int netlink_dump(struct netlink *nl, struct netlink_dump *d);

/* Hears the groups.  Put into a loop through `io`. */
struct netlink_monitor {
	struct loop_fd io;
	/* Each event.  May use any struct netlink. */
	void (*event)(struct netlink_monitor *m, const struct nlmsghdr *h,
		      struct mono now);
	/* Events were lost and the queue is empty now: dump and compare. */
	void (*overrun)(struct netlink_monitor *m, struct mono now);
	/* Everything that was queued has been heard, nothing was lost; or NULL. */
	void (*drained)(struct netlink_monitor *m, struct mono now);
	bool lossy;			/* lost some, queue not yet empty */
	struct netlink_stats stats;
	_Alignas(8) uint8_t rx[CONFIG_NETLINK_RX];
};

/* Opens and joins `groups` (RTNLGRP_*), n of them; `rcvbuf` bytes, 0: the
 * system's.  Callbacks must be set.  0, or -errno. */
port_must_check int netlink_monitor_open(struct netlink_monitor *m, int protocol,
					 const uint32_t *groups, unsigned n,
					 int rcvbuf);
/* Whether events are queued that nobody has heard. */
bool netlink_monitor_behind(const struct netlink_monitor *m);
void netlink_monitor_close(struct netlink_monitor *m);

#endif
