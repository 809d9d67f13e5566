/* SPDX-License-Identifier: MIT */
/* announce.h -- telling neighbours where a virtual address is: gratuitous ARP and
 * unsolicited neighbour advertisements, and when to repeat them.
 *
 * Speaks for those addresses of a set that are in the kernel, on the interface each lies
 * on, with that interface's hardware address at the time of sending.  Interfaces
 * without ARP are passed over.  The frames are announce_frame.h's.
 */
#ifndef ANNOUNCE_H
#define ANNOUNCE_H

#include <sys/socket.h>

#include "address.h"
#include "announce_frame.h"

#define ANNOUNCE_BATCH	32		/* frames per sendmmsg(2) */
#define ANNOUNCE_LOWER_US MONO_US_PER_S	/* one answer to lower priority per this */

/* The packet socket and the frames under way; one a process. */
struct announcer {
	int fd;				/* AF_PACKET, receives nothing */
	struct timers *timers;
	unsigned queued;
	uint64_t arps;			/* gratuitous ARPs sent */
	uint64_t nas;			/* neighbour advertisements sent */
	uint64_t failed;		/* frames that the kernel refused */
	uint64_t skipped;		/* on interfaces that don't resolve, or gone */
	uint64_t held;			/* answers to lower priority held back */
	/* Last, because they are not cleared. */
	uint16_t bytes[ANNOUNCE_BATCH];
	uint32_t ifindex[ANNOUNCE_BATCH];
	uint8_t frame[ANNOUNCE_BATCH][ANNOUNCE_FRAME_MAX];
};

/* The packet socket, or -errno.  To close its last descriptor takes the kernel an RCU grace
 * period (10 ms and more), which a process that is killed waits for before its parent hears. */
int announce_socket(void);

/* `fd`: the socket, which is then this one's; 0: it opens one.  0, or -errno. */
port_must_check int announce_open(struct announcer *by, struct timers *timers, int fd);
void announce_close(struct announcer *by);

/* The announcements of one virtual router; embedded in it. */
struct announce {
	struct announcer *by;
	const struct vrrp_conf_instance *conf;	/* set anew when an image replaces it */
	const struct address_set *set;
	struct timer timer;
	bool on;
	struct mono second;		/* the delayed burst, MONO_NEVER: none */
	uint8_t second_repeat;
	struct mono refresh;		/* the next refresh, MONO_NEVER: none */
	struct mono lower;		/* last answer to lower priority */
	uint64_t sent;			/* frames of this virtual router */
	uint64_t *total;		/* the same in all its lives; NULL: nobody counts */
};

void announce_init(struct announce *a, struct announcer *by, const struct address_set *set);

/* The values of `conf` serve from now on; the refresh is timed anew. */
void announce_conf(struct announce *a, const struct vrrp_conf_instance *conf,
		   struct mono now);

/* Became MASTER: a burst now, one after garp_master_delay, then the refresh. */
void announce_start(struct announce *a, struct mono now);
/* Is MASTER still, after a restart: nobody has to be told but by the delayed burst. */
void announce_resume(struct announce *a, struct mono now);
void announce_stop(struct announce *a);

/* One burst of all addresses (an operator asks, the link came back). */
void announce_now(struct announce *a, struct mono now);
/* One burst of one address that was put back or is new. */
void announce_one(struct announce *a, const struct address *addr, struct mono now);
/* A router of lower priority was heard: its ARPs may have misled somebody.  At most one burst per
 * ANNOUNCE_LOWER_US, however many adverts. */
void announce_lower(struct announce *a, struct mono now);

#endif
