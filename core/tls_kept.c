/* SPDX-License-Identifier: MIT */
/* tls_kept.c -- when a session may be taken up. */
#include "tls_kept.h"

#include <string.h>

bool
tls_kept_good(const struct tls_kept *k, int64_t reuse_us, int64_t wall_s, struct mono now)
{
	return k->id_n > 0 && mono_diff_us(now, k->verified) < reuse_us &&
	       wall_s >= k->from_s && wall_s <= k->until_s;
}

void
tls_kept_wipe(struct tls_kept *k)
{
	memset(k, 0, sizeof *k);
}
