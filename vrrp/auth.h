/* SPDX-License-Identifier: MIT */
/* auth.h -- VRRPv2's simple text password (RFC 2338 5.3.6.2, 5.3.10).
 *
 * Pure.  It keeps misconfigured routers apart, not attackers: it is in clear.
 */
#ifndef AUTH_H
#define AUTH_H

#include "port.h"

#define AUTH_LEN	8		/* octets on the wire, always */

/* The password as it is sent: cut to 8 octets, padded with zero octets. */
void auth_pack(uint8_t out[AUTH_LEN], const char *password, size_t len);

/* Equal?  Takes the same time wherever they differ. */
port_must_check bool auth_equal(const void *a, const void *b, size_t len);

#endif
