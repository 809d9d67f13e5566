/* SPDX-License-Identifier: MIT */
/* ipvs_inside.h -- what the files of ipvs.c share; nobody else includes it. */
#ifndef IPVS_INSIDE_H
#define IPVS_INSIDE_H

#include "ipvs.h"

/* A reading of what the kernel has: each message of a dump, or the one before an
 * acknowledgement. */
struct ipvs_reader {
	struct netlink_dump dump;
	/* One message; false: it cannot be. */
	bool (*read)(struct ipvs_reader *r, const struct nlmsghdr *h);
	void (*begin)(struct ipvs_reader *r);	/* or NULL */
	bool bad;
};

/* Begins a request of IPVS; the module must be there. */
struct nlmsghdr *ipvs_begin(struct ipvs *v);

/* Ends the begun request as a dump, or as a question with an answer.  0 or -errno; EBADMSG: what
 * came cannot be. */
port_must_check int ipvs_read_all(struct ipvs *v, struct ipvs_reader *r);
port_must_check int ipvs_read_one(struct ipvs *v, struct ipvs_reader *r);

/* Asks whether the module is there, tells when that has changed. */
bool ipvs_look(struct ipvs *v);

/* Whether it is still there after an error that may mean that it is not. */
bool ipvs_still(struct ipvs *v, int error);

/* Asks for a change (`d` NULL: of the service), with the next batch. */
void ipvs_ask(struct ipvs *v, enum ipvs_diff_step step, const struct ipvs_msg_service *s,
	      const struct ipvs_msg_dest *d);

/* Sends the batch and judges the answers. */
void ipvs_settle(struct ipvs *v);

/* Counts and tells of a refusal. */
void ipvs_refuse(struct ipvs *v, const char *what, int error, const char *text);

/* After a failure: an audit soon. */
void ipvs_soon(struct ipvs *v, struct mono now);

/* Sync daemons and timeouts, as wanted; the module must be there. */
void ipvs_sync_settle(struct ipvs *v);

#endif
