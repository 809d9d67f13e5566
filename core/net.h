/* SPDX-License-Identifier: MIT */
/* net.h -- addresses, prefixes and the Internet checksum.
 *
 * Pure: no socket, no resolver.  Addresses are bytes in network order.
 */
#ifndef NET_H
#define NET_H

#include <stddef.h>
#include <stdint.h>

#include "port.h"

#define NET_ADDR_TEXT	46		/* longest text of an address, with NUL */
#define NET_IFNAME	16		/* IFNAMSIZ: interface name with NUL */
#define NET_MAC		6

struct net_addr {
	uint8_t family;			/* AF_INET, AF_INET6; 0 = none */
	uint8_t a[16];			/* network order; IPv4 in the first 4, rest 0 */
};

/* Whether a family (AF_*) is IPv6; never in a build without it, so that the compiler
 * leaves the other branch out. */
#define net_is_ip6(family)	(IS_ENABLED(CONFIG_IPV6) && (family) == AF_INET6)

/* 4, 16, or 0 for no address. */
size_t net_addr_len(const struct net_addr *a);

/* Text to address, `len` bytes without a NUL needed; strict dotted quad or
 * RFC 4291 text.  false: not an address (`out` is then family 0). */
port_must_check bool net_addr_parse(struct net_addr *out, const char *s, size_t len);

/* RFC 5952 text with NUL into `out`; returns `out`. "-" for no address. */
const char *net_addr_text(const struct net_addr *a, char out[NET_ADDR_TEXT]);

/* "ADDR/LEN" or "ADDR" (then *prefixlen = 32 or 128). */
port_must_check bool net_prefix_parse(struct net_addr *out, uint8_t *prefixlen,
				      const char *s, size_t len);

/* Unsigned comparison in network byte order (RFC 9568 6.4.3): <0, 0, >0.
 * Addresses of different families compare by family. */
int net_addr_cmp(const struct net_addr *a, const struct net_addr *b);

bool net_addr_is_multicast(const struct net_addr *a);
bool net_addr_is_link_local(const struct net_addr *a);	/* fe80::/10, 169.254/16 */
bool net_addr_is_unspecified(const struct net_addr *a);

/* Running one's complement sum (RFC 1071): start with 0, add pieces (only the
 * last may be odd), then fold; the result is the checksum in host order. */
uint32_t net_sum_add(uint32_t sum, const void *p, size_t len);
uint16_t net_sum_fold(uint32_t sum);

/* Big-endian loads and stores at any address. */
uint16_t net_get16(const void *p);
uint32_t net_get32(const void *p);
void net_put16(void *p, uint16_t v);
void net_put32(void *p, uint32_t v);

/* aa:bb:cc:dd:ee:ff with NUL; returns `out`. */
const char *net_mac_text(const uint8_t mac[NET_MAC], char out[18]);

#endif
