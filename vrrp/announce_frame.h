/* SPDX-License-Identifier: MIT */
/* announce_frame.h -- gratuitous ARP and unsolicited neighbour advertisement, whole
 * Ethernet frames.  Pure.
 */
#ifndef ANNOUNCE_FRAME_H
#define ANNOUNCE_FRAME_H

#include "net.h"

#define ANNOUNCE_FRAME_ARP	42	/* 14 Ethernet + 28 ARP (RFC 826) */
#define ANNOUNCE_FRAME_NA	86	/* 14 + 40 IPv6 + 24 + 8 (RFC 4861 4.4) */
#define ANNOUNCE_FRAME_MAX	88	/* the larger one, aligned */

/* The frame that tells the neighbours that `vip` is at `mac`: an ARP request with sender =
 * target = vip to everybody (RFC 9568 6.4.2, RFC 5227 3) or a neighbour advertisement
 * to ff02::1 with R and O set, from the address itself (RFC 9568 6.4.2, RFC 4861 7.2.6).
 * Returns its length. */
size_t announce_frame(uint8_t out[ANNOUNCE_FRAME_MAX], const struct net_addr *vip,
		      const uint8_t mac[NET_MAC]);

#endif
