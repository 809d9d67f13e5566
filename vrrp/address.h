/* SPDX-License-Identifier: MIT */
/* address.h -- virtual addresses in the kernel: put there, taken away, kept there.
 *
 * A set is the addresses of one virtual router.  It is up (the addresses belong on their
 * interfaces) or down.  While it is up, an address that somebody else removes is put back,
 * with growing pauses when it is removed again and again.  Requests go out in batches;
 * what became of each stands in its slot.  When to be up is the instance's business,
 * telling the neighbours is announce.h's.
 */
#ifndef ADDRESS_H
#define ADDRESS_H

#include "link.h"
#include "vrrp_conf.h"

#define ADDRESS_HASH	64		/* buckets, a power of two */
#define ADDRESS_QUIET_US (10 * (int64_t)MONO_US_PER_S)	/* no fight any more */
#define ADDRESS_PAUSE_US (10 * (int64_t)MONO_US_PER_MS)	/* first pause; doubles */
#define ADDRESS_PAUSE_MAX_US (5 * (int64_t)MONO_US_PER_S)

/* One virtual address; from the pool of CONFIG_VRRP_VIPS. */
struct address {
	struct vrrp_conf_vip vip;	/* a copy: outlives its image */
	struct link *link;		/* watched: vip.dev */
	struct address_set *set;	/* NULL: leaving */
	struct address *next;		/* in its set, configuration order */
	struct address *next_hash;
	bool wanted;			/* belongs in the kernel */
	bool there;			/* is in the kernel */
	bool foreign;			/* was there before us: never removed */
	bool due;			/* to be put right at `retry` */
	bool removed;			/* by somebody else, not yet put back */
	bool again;			/* was just put back */
	uint32_t ifindex;		/* where we put it; 0: nowhere, or foreign */
	uint32_t stray;			/* ifindex that left its name, to be cleaned */
	uint8_t fights;			/* times put back in short succession */
	int16_t err;			/* errno of the last attempt, 0: fine */
	struct mono retry;
	struct mono placed;		/* when it was last put there */
};

/* Why a batch of addresses is put there. */
enum address_mode {
	ADDRESS_FIRST,			/* the set came up */
	ADDRESS_RESUME,			/* it was up in an earlier life */
	ADDRESS_AGAIN,			/* someone had removed them */
};

/* What an interface with virtual IPv4 addresses was set to, and will be again
 * without: a primary address that is deleted leaves its secondaries
 * (promote_secondaries), and the owner is heard, whose adverts come from an
 * address that is also ours while we are MASTER (accept_local). */
struct address_tuned {
	uint32_t ifindex;		/* 0: nothing is our doing */
	uint8_t inet;			/* enum link_msg_inet: what we switched on */
};

/* All sets of the process stand on one of these. */
struct addresses {
	struct netlink *nl;
	struct links *links;
	struct timers *timers;
	struct link_sub sub;
	struct timer restore;
	struct netlink_call added;
	struct netlink_call deleted;
	struct netlink_call strays;
	struct netlink_call tuned;
	struct address *hash[ADDRESS_HASH];
	enum address_mode mode;		/* of the batch under way */
	struct mono now;
	bool knows_proto;		/* the kernel keeps IFA_PROTO (5.18) */
	struct log_limit fail_log;
	struct log_limit again_log;
	uint64_t adds, deletes, errors;	/* requests, and those refused */
	uint64_t restored;		/* addresses put back */
	uint64_t found;			/* found in place: earlier life, other hand */
	struct address_tuned interface[CONFIG_LINKS]; /* by slot of the link */
	struct address_tuned *kept;	/* the same, for a next life; NULL: nobody keeps it */
};

struct address_set {
	struct addresses *all;
	const char *name;		/* the instance's, for the log */
	struct address *first;
	uint16_t n;
	uint16_t nthere;		/* how many are in the kernel */
	bool up;
	/* Priority 255: they may be the router's own addresses.  What a kernel
	 * before 5.18 has already is then not taken for a leftover.  Set by the owner. */
	bool owner;
	/* An address was put back after someone else removed it, or after its
	 * interface returned: announce it. */
	void (*restored)(struct address_set *s, struct address *a, struct mono now);
};

/* close() takes no address away: address_down() or address_sweep() did. */
void address_open(struct addresses *all, struct netlink *nl, struct links *links,
		  struct timers *timers);
void address_close(struct addresses *all);

/* What was set on interfaces is written down in these CONFIG_LINKS, and what stands there is
 * an earlier life's doing and undone by this one. */
void address_keep(struct addresses *all, struct address_tuned *kept);

void address_set_init(struct address_set *s, struct addresses *all, const char *name,
		      void (*restored)(struct address_set *, struct address *,
				       struct mono));

/* Makes the set hold exactly `vips`.  Those it had stay untouched; new ones are put into
 * the kernel when the set is up; those no longer in it leave with the next address_sweep().
 * Returns 0, or -ENOSPC when a pool was full (CONFIG_VRRP_VIPS, CONFIG_LINKS); the rest serves. */
port_must_check int address_set_apply(struct address_set *s, const struct vrrp_conf_vip *vips,
				      unsigned n, struct mono now);

/* Takes away what left a set, unless another set wants the same address: so an address can
 * move between instances.  After all sets of a reload were applied. */
void address_sweep(struct addresses *all, struct mono now);

/* Up: every address is put on its interface; down: taken away.  All in as few system calls as
 * possible; `there`, `err` and `nthere` say what came of it.  `resume`: the set was up in an
 * earlier life of this process, what lies there already is ours. */
void address_up(struct address_set *s, bool resume, struct mono now);
void address_down(struct address_set *s, struct mono now);

/* The set is down and an earlier life may have left its addresses: takes away those that are
 * ours by IFA_PROTO or, where the kernel does not say, by configuration. */
void address_clean(struct address_set *s, struct mono now);

/* Whether `a` was put there by a set (an owner's own addresses were not); `arg` is
 * a struct addresses.  For link_source(). */
bool address_is_ours(const void *arg, const struct link_addr *a);

#endif
