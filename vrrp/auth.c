/* SPDX-License-Identifier: MIT */
/* auth.c -- VRRPv2's simple text password. */
#include "auth.h"

#include <string.h>

void
auth_pack(uint8_t out[AUTH_LEN], const char *password, size_t len)
{
	memset(out, 0, AUTH_LEN);
	memcpy(out, password, len < AUTH_LEN ? len : AUTH_LEN);
}

bool
auth_equal(const void *a, const void *b, size_t len)
{
	const uint8_t *x = a, *y = b;
	/* Volatile, lest a compiler see that one difference settles it. */
	volatile uint8_t differ = 0;

	for (size_t i = 0; i < len; i++)
		differ = (uint8_t)(differ | (x[i] ^ y[i]));
	return differ == 0;
}
