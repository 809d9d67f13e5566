/* SPDX-License-Identifier: MIT */
/* announce_frame_test.c -- frames byte by byte, as RFC 826 and RFC 4861 say. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>
#include <sys/socket.h>

#include "announce_frame.h"

static const uint8_t mac[NET_MAC] = { 0x00, 0x00, 0x5e, 0x00, 0x01, 0x33 };

static struct net_addr
addr(const char *text)
{
	struct net_addr a;
	assert_true(net_addr_parse(&a, text, strlen(text)));
	return a;
}

static void
gratuitous_arp_is_a_broadcast_request_for_itself(void **state)
{
	static const uint8_t want[] = {
		0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
		0x00, 0x00, 0x5e, 0x00, 0x01, 0x33, 0x08, 0x06,
		0x00, 0x01, 0x08, 0x00, 0x06, 0x04, 0x00, 0x01,
		0x00, 0x00, 0x5e, 0x00, 0x01, 0x33, 192, 0, 2, 1,
		0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 192, 0, 2, 1,
	};
	uint8_t got[ANNOUNCE_FRAME_MAX];
	const struct net_addr vip = addr("192.0.2.1");
	(void)state;

	assert_int_equal(announce_frame(got, &vip, mac), sizeof want);
	assert_int_equal(sizeof want, ANNOUNCE_FRAME_ARP);
	assert_memory_equal(got, want, sizeof want);
}

static void
neighbour_advertisement_overrides_and_is_a_router(void **state)
{
	static const uint8_t want[] = {
		0x33, 0x33, 0x00, 0x00, 0x00, 0x01,
		0x00, 0x00, 0x5e, 0x00, 0x01, 0x33, 0x86, 0xdd,
		0x60, 0x00, 0x00, 0x00, 0x00, 0x20, 0x3a, 0xff,
		0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1,
		0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1,
		0x88, 0x00, 0x00, 0x00, 0xa0, 0x00, 0x00, 0x00,
		0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1,
		0x02, 0x01, 0x00, 0x00, 0x5e, 0x00, 0x01, 0x33,
	};
	uint8_t got[ANNOUNCE_FRAME_MAX];
	const struct net_addr vip = addr("2001:db8::1");
	(void)state;

	assert_int_equal(announce_frame(got, &vip, mac), sizeof want);
	assert_int_equal(sizeof want, ANNOUNCE_FRAME_NA);
	/* 2 x (2001 + 0db8 + 0001) + ff02 + 0001 + 0020 + 003a + 8800 + a000 + 0201 +
	 * 0000 + 5e00 + 0133 = the sum; its complement stands in the frame. */
	uint32_t sum = 2 * (0x2001 + 0x0db8 + 0x0001) + 0xff02 + 0x0001 + 0x0020 +
		       0x003a + 0x8800 + 0xa000 + 0x0201 + 0x0000 + 0x5e00 + 0x0133;
	sum = (sum & 0xffff) + (sum >> 16);
	uint16_t check = (uint16_t)~((sum & 0xffff) + (sum >> 16));
	assert_int_equal(got[56], check >> 8);
	assert_int_equal(got[57], check & 0xff);
	got[56] = got[57] = 0;
	assert_memory_equal(got, want, sizeof want);
}

static void
every_address_gives_a_checksum_that_holds(void **state)
{
	uint8_t f[ANNOUNCE_FRAME_MAX];
	uint32_t x = 12345;
	(void)state;

	for (unsigned n = 0; n < 10000; n++) {
		struct net_addr vip = { .family = AF_INET6 };
		uint8_t m[NET_MAC];
		for (unsigned i = 0; i < 16; i++)
			vip.a[i] = (uint8_t)((x = x * 1103515245 + 12345) >> 16);
		for (unsigned i = 0; i < NET_MAC; i++)
			m[i] = (uint8_t)((x = x * 1103515245 + 12345) >> 16);
		announce_frame(f, &vip, m);
		static const uint8_t pseudo[8] = { 0, 0, 0, 32, 0, 0, 0, 58 };
		uint32_t sum = net_sum_add(0, f + 22, 32);
		sum = net_sum_add(sum, pseudo, 8);
		assert_int_equal(net_sum_fold(net_sum_add(sum, f + 54, 32)), 0);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gratuitous_arp_is_a_broadcast_request_for_itself),
		cmocka_unit_test(neighbour_advertisement_overrides_and_is_a_router),
		cmocka_unit_test(every_address_gives_a_checksum_that_holds),
	};
	return cmocka_run_group_tests_name("announce_frame", tests, 0, 0);
}
