/* SPDX-License-Identifier: MIT */
/* adv_ip4_test.c -- the IPv4 header in front of an advertisement. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "adv.h"

/* A version 3 advert as it is on the wire: DF set, class CS6. */
static const uint8_t packet[] = {
	0x45, 0xc0, 0x00, 0x20, 0x12, 0x34, 0x40, 0x00, 0xff, 0x70, 0x00, 0x00,
	192, 0, 2, 10, 224, 0, 0, 18,
	0x31, 0x33, 0x64, 0x01, 0x00, 0x64, 0xa8, 0x02, 192, 0, 2, 100,
};

struct parsed {
	enum adv_verdict verdict;
	struct adv_meta meta;
	const uint8_t *payload;
	size_t len;
	size_t offset;
};

/* Parse a copy that ends exactly where it says, at an odd address. */
static struct parsed
parse(const uint8_t *bytes, size_t n)
{
	uint8_t *copy = malloc(n + 1);
	struct parsed p;

	memcpy(copy + 1, bytes, n);
	p.verdict = adv_ip4(&p.meta, &p.payload, &p.len, copy + 1, n);
	p.offset = p.payload ? (size_t)(p.payload - (copy + 1)) : 0;
	if (p.verdict == ADV_OK) {
		assert_true(p.offset + p.len <= n);
	} else {
		assert_null(p.payload);
		assert_int_equal(p.len, 0);
	}
	free(copy);
	return p;
}

static void
header_gives_addresses_ttl_and_payload(void **state)
{
	const struct parsed p = parse(packet, sizeof packet);
	char text[NET_ADDR_TEXT];

	(void)state;
	assert_int_equal(p.verdict, ADV_OK);
	assert_int_equal(p.offset, 20);
	assert_int_equal(p.len, 12);
	assert_int_equal(p.meta.ttl, 255);
	assert_int_equal(p.meta.src.family, AF_INET);
	assert_string_equal(net_addr_text(&p.meta.src, text), "192.0.2.10");
	assert_string_equal(net_addr_text(&p.meta.dst, text), "224.0.0.18");
}

static void
padding_of_the_frame_is_left_off(void **state)
{
	uint8_t padded[60] = { 0 };

	(void)state;
	memcpy(padded, packet, sizeof packet);
	const struct parsed p = parse(padded, sizeof padded);
	assert_int_equal(p.verdict, ADV_OK);
	assert_int_equal(p.len, 12);
}

static void
options_are_skipped(void **state)
{
	uint8_t buf[sizeof packet + 40];

	(void)state;
	for (unsigned words = 1; words <= 10; words++) {
		const size_t n = sizeof packet + 4 * words;

		memcpy(buf, packet, 20);
		memset(buf + 20, 1, 4 * words);
		memcpy(buf + 20 + 4 * words, packet + 20, 12);
		buf[0] = (uint8_t)(0x45 + words);
		net_put16(buf + 2, (uint16_t)n);
		const struct parsed p = parse(buf, n);
		assert_int_equal(p.verdict, ADV_OK);
		assert_int_equal(p.offset, 20 + 4 * words);
		assert_int_equal(p.len, 12);
	}
}

static void
every_prefix_is_too_short(void **state)
{
	(void)state;
	for (size_t n = 0; n < sizeof packet; n++)
		assert_int_equal(parse(packet, n).verdict, ADV_IP_SHORT);
}

static void
lengths_that_contradict_are_short(void **state)
{
	uint8_t buf[sizeof packet];

	(void)state;
	memcpy(buf, packet, sizeof buf);
	for (unsigned ihl = 0; ihl < 5; ihl++) {
		buf[0] = (uint8_t)(0x40 | ihl);
		assert_int_equal(parse(buf, sizeof buf).verdict, ADV_IP_SHORT);
	}
	buf[0] = 0x4f;				/* 60 octets of header in 32 */
	assert_int_equal(parse(buf, sizeof buf).verdict, ADV_IP_SHORT);
	buf[0] = 0x45;
	net_put16(buf + 2, 19);
	assert_int_equal(parse(buf, sizeof buf).verdict, ADV_IP_SHORT);
	net_put16(buf + 2, sizeof buf + 1);
	assert_int_equal(parse(buf, sizeof buf).verdict, ADV_IP_SHORT);
	net_put16(buf + 2, 20);
	assert_int_equal(parse(buf, sizeof buf).verdict, ADV_OK);
	assert_int_equal(parse(buf, sizeof buf).len, 0);
}

static void
other_versions_and_protocols_are_refused(void **state)
{
	uint8_t buf[sizeof packet];

	(void)state;
	memcpy(buf, packet, sizeof buf);
	for (unsigned v = 0; v < 16; v++) {
		buf[0] = (uint8_t)(v << 4 | 5);
		assert_int_equal(parse(buf, sizeof buf).verdict,
				 v == 4 ? ADV_OK : ADV_IP_VERSION);
	}
	buf[0] = 0x45;
	for (unsigned proto = 0; proto < 256; proto++) {
		buf[9] = (uint8_t)proto;
		assert_int_equal(parse(buf, sizeof buf).verdict,
				 proto == 112 ? ADV_OK : ADV_IP_PROTO);
	}
}

static void
fragments_are_refused(void **state)
{
	uint8_t buf[sizeof packet];

	(void)state;
	memcpy(buf, packet, sizeof buf);
	net_put16(buf + 6, 0x2000);		/* the first of several */
	assert_int_equal(parse(buf, sizeof buf).verdict, ADV_IP_FRAGMENT);
	net_put16(buf + 6, 0x0001);		/* the last */
	assert_int_equal(parse(buf, sizeof buf).verdict, ADV_IP_FRAGMENT);
	net_put16(buf + 6, 0x4000);		/* do not fragment */
	assert_int_equal(parse(buf, sizeof buf).verdict, ADV_OK);
}

static void
every_flipped_bit_has_a_verdict(void **state)
{
	uint8_t buf[sizeof packet];

	(void)state;
	memcpy(buf, packet, sizeof buf);
	for (size_t bit = 0; bit < 8 * 20; bit++) {
		buf[bit / 8] = (uint8_t)(buf[bit / 8] ^ 1u << bit % 8);
		assert_true(parse(buf, sizeof buf).verdict < ADV__N);
		buf[bit / 8] = (uint8_t)(buf[bit / 8] ^ 1u << bit % 8);
	}
}

static void
header_and_message_together_are_accepted(void **state)
{
	struct adv_meta meta;
	const uint8_t *payload;
	struct adv adv;
	size_t len;

	(void)state;
	assert_int_equal(adv_ip4(&meta, &payload, &len, packet, sizeof packet), ADV_OK);
	assert_int_equal(adv_decode(&adv, &meta, payload, len), ADV_OK);
	assert_int_equal(adv.vrid, 51);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(header_gives_addresses_ttl_and_payload),
		cmocka_unit_test(padding_of_the_frame_is_left_off),
		cmocka_unit_test(options_are_skipped),
		cmocka_unit_test(every_prefix_is_too_short),
		cmocka_unit_test(lengths_that_contradict_are_short),
		cmocka_unit_test(other_versions_and_protocols_are_refused),
		cmocka_unit_test(fragments_are_refused),
		cmocka_unit_test(every_flipped_bit_has_a_verdict),
		cmocka_unit_test(header_and_message_together_are_accepted),
	};

	return cmocka_run_group_tests_name("adv_ip4", tests, 0, 0);
}
