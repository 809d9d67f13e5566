/* SPDX-License-Identifier: MIT */
/* adv_fuzz.c -- any bytes at all, as an IPv4 packet or an IPv6 payload.
 *
 *	clang -g -O1 -fsanitize=fuzzer,address,undefined -Icore -Ivrrp \
 *		test/fuzz/adv_fuzz.c vrrp/adv.c vrrp/auth.c vrrp/interval.c core/net.c
 *
 * The first byte chooses the family and whether the checksum is made right, so
 * that what lies behind it is reached.  Whatever is accepted must encode again
 * to what was decoded.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "adv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
judge(const struct adv *adv, const struct adv_meta *meta)
{
	static const uint8_t own[64] = { 0xfe, 0x80, 1 };
	struct adv_expect expect = {
		.addr = own, .naddr = 1, .vrid = adv->vrid, .version = adv->version,
		.prio = 100, .interval = 100, .ttl_max = 255, .peer = true,
		.unicast = !net_addr_is_multicast(&meta->dst),
	};
	uint8_t again[ADV_SIZE_MAX];
	struct adv back;
	unsigned notes;

	if (adv_check(adv, meta, &expect, &notes) != ADV_OK)
		return;
	if (adv_encode(adv, meta, again, sizeof again) == 0)
		return;				/* more than we ever send */
	const size_t n = adv_size(adv->version, adv->alen, adv->naddr);
	if (adv_decode(&back, meta, again, n) != ADV_OK ||
	    back.vrid != adv->vrid || back.prio != adv->prio ||
	    back.interval != adv->interval ||
	    memcmp(back.addr, adv->addr, (size_t)adv->alen * adv->naddr) != 0)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct adv_meta meta = { .ttl = 255 };
	const uint8_t *payload;
	struct adv adv;
	size_t len;

	if (size < 1 || size > ADV_RECV_MAX)
		return 0;
	uint8_t *copy = malloc(size);		/* so that its end is seen */
	memcpy(copy, data, size);
	payload = copy + 1;
	len = size - 1;
	if (copy[0] & 1) {
		meta.src.family = meta.dst.family = AF_INET6;
		meta.dst.a[0] = copy[0] & 2 ? 0xff : 0;
	} else if (adv_ip4(&meta, &payload, &len, copy + 1, size - 1) != ADV_OK) {
		goto out;
	}
	if (copy[0] & 4 && len >= ADV_HEADER)
		adv_set_sum(copy + (payload - copy), len, &meta, ADV_SUM_PLAIN);
	if (adv_decode(&adv, &meta, payload, len) == ADV_OK)
		judge(&adv, &meta);
out:
	free(copy);
	return 0;
}
