/* SPDX-License-Identifier: MIT */
/* socket.h -- the raw sockets that adverts come and go by: one for each
 * (interface, family), shared by the virtual routers there.
 *
 * Bound to its interface, member of the family's group in every state (a BACKUP must hear),
 * read in batches.  It strips IP, decodes, and looks the virtual router up by VRID;
 * it judges nothing that needs a configuration.
 */
#ifndef SOCKET_H
#define SOCKET_H

#include "adv.h"
#include "instance.h"
#include "loop.h"

#define SOCKET_BATCH	16		/* packets read per wake-up */

struct socket {
	struct loop_fd io;
	struct loop *loop;
	struct net_addr group;		/* joined; family 0: none yet */
	uint32_t ifindex;
	uint8_t family;
	uint16_t users;			/* virtual routers on it */
	uint16_t by_vrid[256];		/* slot + 1 of the virtual router, 0: none */
	struct instance *(*at)(uint16_t slot);
	uint64_t received;		/* packets handed up by the kernel */
	uint64_t read_err;		/* ENETDOWN and its kin */
};

/* What no virtual router can count for itself. */
struct socket_strays {
	struct instance_drop drop[ADV__N];
};

/* Opens `s` on an interface; `at` gives the instance of a slot, NULL when it is free.
 * 0 or -errno (EPERM: no CAP_NET_RAW). */
port_must_check int socket_open(struct socket *s, struct loop *loop,
				uint8_t family, uint32_t ifindex,
				const char *ifname,
				const struct net_addr *group,
				struct instance *(*at)(uint16_t slot));
void socket_close(struct socket *s);

/* Packets with this VRID go to the virtual router of that slot. */
void socket_bind(struct socket *s, uint8_t vrid, uint16_t slot);
void socket_unbind(struct socket *s, uint8_t vrid);

/* Whether packets lie in it that were not read yet. */
bool socket_waiting(const struct socket *s);

/* Leaves and joins the group: after the interface came back, so that
 * snooping switches learn of it again. */
void socket_rejoin(struct socket *s);

/* Leaves its group for this one, which a reload has brought; 0 or -errno, then it is member of
 * none and can be asked again. */
port_must_check int socket_regroup(struct socket *s, const struct net_addr *group);

/* Sends one message from `src`; `ttl` 1..255.  0 or -errno. */
int socket_send(const struct socket *s, const struct net_addr *src,
		const struct net_addr *dst, uint8_t ttl, const void *msg,
		size_t len);

/* Packets that belong to no virtual router, of this process, or of all lives that have kept
 * them here. */
const struct socket_strays *socket_strays(void);
void socket_keep(struct socket_strays *s);

#endif
