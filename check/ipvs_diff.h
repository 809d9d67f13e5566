/* SPDX-License-Identifier: MIT */
/* ipvs_diff.h -- desired table against actual table: the requests that make the one of the other.
 *
 * Pure: the kernel is behind five functions, so that a test's array may be one.  What is wanted
 * is hashed, what is there is looked up as it comes, in any order: linear in both.  Nothing
 * that is as wanted is touched, and of services only those that are ours; of these every server
 * is.
 */
#ifndef IPVS_DIFF_H
#define IPVS_DIFF_H

#include "ipvs_msg.h"

/* What should be in the table.  `i` and `j` count from 0 until false; an address of family 0 is a
 * gap (not in the table now, others follow).  The order must not change during a call into ipvs,
 * and these must not call into it. */
struct ipvs_want {
	bool (*service)(void *ctx, unsigned i, struct ipvs_msg_service *out);
	/* Server `j` of service `i`. */
	bool (*dest)(void *ctx, unsigned i, unsigned j, struct ipvs_msg_dest *out);
	/* Whether a service that is not wanted (any longer) is ours to remove. */
	bool (*ours)(void *ctx, const struct ipvs_msg_service *key);
	void *ctx;
};

enum ipvs_diff_step {
	IPVS_DIFF_KEEP,
	IPVS_DIFF_NEW,
	IPVS_DIFF_SET,
	IPVS_DIFF_DEL,
};

/* Wanted things of one comparison, gaps included, at most. */
#define IPVS_DIFF_MOST	(CONFIG_CHECK_VIRTUALS > CONFIG_CHECK_DESTS ? \
			 CONFIG_CHECK_VIRTUALS : CONFIG_CHECK_DESTS)
#define IPVS_DIFF_GONE	32		/* unwanted things of one reading; more take another */
#define IPVS_DIFF_ROUNDS 1024		/* readings of one list at most */

/* Slots of the hash: the power of two that is at least twice as many. */
enum {
	IPVS_DIFF_1 = 2 * IPVS_DIFF_MOST - 1,
	IPVS_DIFF_2 = IPVS_DIFF_1 | IPVS_DIFF_1 >> 1,
	IPVS_DIFF_4 = IPVS_DIFF_2 | IPVS_DIFF_2 >> 2,
	IPVS_DIFF_8 = IPVS_DIFF_4 | IPVS_DIFF_4 >> 4,
	IPVS_DIFF_SLOTS = (IPVS_DIFF_8 | IPVS_DIFF_8 >> 8) + 1,
};

/* A bit for each of n things. */
#define IPVS_DIFF_BITS(n)	(((n) + 7) / 8)

union ipvs_diff_thing {
	struct ipvs_msg_service service;
	struct ipvs_msg_dest dest;
};

/* One comparison: of services, or of the servers of one. */
struct ipvs_diff {
	const struct ipvs_want *want;
	bool dests;			/* servers of service `of`; else services */
	unsigned of;
	unsigned n;			/* wanted things */
	uint32_t mask;			/* of the slots in use */
	uint16_t slot[IPVS_DIFF_SLOTS];	/* number + 1 of a wanted thing */
	uint8_t seen[IPVS_DIFF_BITS(IPVS_DIFF_MOST)];
	uint8_t differs[IPVS_DIFF_BITS(IPVS_DIFF_MOST)];
	uint8_t exists[IPVS_DIFF_BITS(IPVS_DIFF_MOST)];	/* services */
	unsigned ngone;
	bool more;			/* than `gone` can hold */
	union ipvs_diff_thing gone[IPVS_DIFF_GONE];
};

struct ipvs_diff_kernel {
	/* Read what is there: ipvs_diff_again(), then ipvs_diff_saw() of each.  0 or -errno. */
	int (*services)(void *ctx, struct ipvs_diff *d);
	int (*dests)(void *ctx, struct ipvs_diff *d, const struct ipvs_msg_service *s);
	/* Asks for a change, never KEEP. */
	void (*service)(void *ctx, enum ipvs_diff_step step,
			const struct ipvs_msg_service *s);
	void (*dest)(void *ctx, enum ipvs_diff_step step, const struct ipvs_msg_service *s,
		     const struct ipvs_msg_dest *d);
	/* All that was asked for is done, or has failed, when this returns. */
	void (*flush)(void *ctx);
};

/* A reading begins, or begins anew: nothing was seen. */
void ipvs_diff_again(struct ipvs_diff *d);

/* The kernel has this service, or server. */
void ipvs_diff_saw(struct ipvs_diff *d, const union ipvs_diff_thing *have);

/* Compares the whole and asks for what differs.  0; -errno of a reading, -ENOSPC: more is
 * wanted than the pools can hold, -ELOOP: unwanted things don't go away. */
port_must_check int ipvs_diff_run(struct ipvs_diff *d, const struct ipvs_want *want,
				  const struct ipvs_diff_kernel *kernel, void *ctx);

#endif
