/* SPDX-License-Identifier: MIT */
/* announce_frame.c -- gratuitous ARP and neighbour advertisement. */
#include "announce_frame.h"

#include <string.h>
#include <sys/socket.h>

#define ETHER		14		/* destination, source, type */
#define IP6		40		/* IPv6 header */
#define NA		32		/* ICMPv6 with target and one option */

#define TYPE_ARP	0x0806
#define TYPE_IP6	0x86dd

#define NEXT_ICMP6	58
#define ICMP6_NA	136		/* RFC 4861 4.4 */
#define NA_ROUTER	0x80
#define NA_OVERRIDE	0x20
#define OPT_TARGET_LL	2		/* RFC 4861 4.6.1 */

static uint8_t *
put(uint8_t *p, const void *from, size_t len)
{
	memcpy(p, from, len);
	return p + len;
}

static size_t
arp(uint8_t *out, const struct net_addr *vip, const uint8_t mac[NET_MAC])
{
	static const uint8_t all[NET_MAC] = { 255, 255, 255, 255, 255, 255 };
	/* Ethernet, IPv4, lengths 6 and 4, request (RFC 826). */
	static const uint8_t fixed[] = { 0, 1, 8, 0, 6, 4, 0, 1 };
	uint8_t *p = put(out, all, sizeof all);

	p = put(p, mac, NET_MAC);
	net_put16(p, TYPE_ARP);
	p = put(p + 2, fixed, sizeof fixed);
	p = put(p, mac, NET_MAC);
	p = put(p, vip->a, 4);
	p = put(p, all, sizeof all);	/* nobody reads the target's hardware */
	p = put(p, vip->a, 4);
	return (size_t)(p - out);
}

static size_t
na(uint8_t *out, const struct net_addr *vip, const uint8_t mac[NET_MAC])
{
	static const uint8_t all_mac[NET_MAC] = { 0x33, 0x33, 0, 0, 0, 1 };
	static const uint8_t all[16] = { 0xff, 0x02, [15] = 1 };	/* ff02::1 */
	uint8_t *ip = out + ETHER, *icmp = ip + IP6, pseudo[8];

	memset(out, 0, ETHER + IP6 + NA);
	net_put16(put(put(out, all_mac, NET_MAC), mac, NET_MAC), TYPE_IP6);
	ip[0] = 6 << 4;
	net_put16(ip + 4, NA);
	ip[6] = NEXT_ICMP6;
	ip[7] = 255;			/* hop limit: nobody forwarded it */
	put(put(ip + 8, vip->a, 16), all, sizeof all);
	icmp[0] = ICMP6_NA;
	icmp[4] = NA_ROUTER | NA_OVERRIDE;
	put(icmp + 8, vip->a, 16);
	icmp[24] = OPT_TARGET_LL;
	icmp[25] = 1;			/* in units of 8 bytes */
	put(icmp + 26, mac, NET_MAC);
	/* RFC 8200 8.1: addresses, length, next header, then the message. */
	net_put32(pseudo, NA);
	net_put32(pseudo + 4, NEXT_ICMP6);
	uint32_t sum = net_sum_add(0, ip + 8, 32);
	sum = net_sum_add(sum, pseudo, sizeof pseudo);
	net_put16(icmp + 2, net_sum_fold(net_sum_add(sum, icmp, NA)));
	return ETHER + IP6 + NA;
}

size_t
announce_frame(uint8_t out[ANNOUNCE_FRAME_MAX], const struct net_addr *vip,
	       const uint8_t mac[NET_MAC])
{
	return net_is_ip6(vip->family) ? na(out, vip, mac) : arp(out, vip, mac);
}
