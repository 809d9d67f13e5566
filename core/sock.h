/* SPDX-License-Identifier: MIT */
/* sock.h -- a client's socket: where to, from where, by what interface, with which mark.
 *
 * Descriptors are close-on-exec and never block.
 */
#ifndef SOCK_H
#define SOCK_H

#include "net.h"

struct sock_to {
	struct net_addr addr;
	uint16_t port;			/* host order */
	struct net_addr bind_addr;	/* family 0: any */
	uint16_t bind_port;
	const char *bind_if;		/* "": any (SO_BINDTODEVICE) */
	uint32_t fwmark;		/* SO_MARK, 0: none */
};

/* Opens and binds a socket of type SOCK_STREAM, _DGRAM or _RAW; the descriptor or -errno. */
port_must_check int sock_open(const struct sock_to *to, int type, int protocol);

/* 0 also when it is under way, or -errno. */
port_must_check int sock_connect(int fd, const struct sock_to *to);

#endif
