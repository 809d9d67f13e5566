/* SPDX-License-Identifier: MIT */
/* net_test.c -- text and bytes of addresses, and the Internet checksum. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net.h"

/* RFC 5952 section 4 and 5, rule by rule: what is read, what is written. */
static const struct {
	const char *rule;
	const char *in;
	const char *out;
} text6[] = {
	{ "4.1 leading zeros go", "2001:0db8::0001", "2001:db8::1" },
	{ "4.1 one zero stays", "2001:db8:0:1:0000:1:1:1",
	  "2001:db8:0:1:0:1:1:1" },
	{ "4.2.1 as short as it can be", "2001:db8:0:0:0:0:2:1",
	  "2001:db8::2:1" },
	{ "4.2.2 one group is not shortened", "2001:db8::1:1:1:1:1",
	  "2001:db8:0:1:1:1:1:1" },
	{ "4.2.3 the longest run", "2001:0:0:1:0:0:0:1", "2001:0:0:1::1" },
	{ "4.2.3 the first of equals", "2001:db8:0:0:1:0:0:1",
	  "2001:db8::1:0:0:1" },
	{ "4.2.3 the last of three is longest", "0:0:1:0:0:1:0:0",
	  "::1:0:0:1:0:0" },
	{ "4.3 lower case", "2001:DB8::ABCD:EF", "2001:db8::abcd:ef" },
	{ "5 mapped is dotted", "::ffff:c000:201", "::ffff:192.0.2.1" },
	{ "5 mapped from dotted", "::FFFF:192.0.2.1", "::ffff:192.0.2.1" },
	{ "5 compatible is not dotted", "::192.0.2.1", "::c000:201" },
	{ "the mapped zero", "::ffff:0.0.0.0", "::ffff:0.0.0.0" },
	{ "unspecified", "0:0:0:0:0:0:0:0", "::" },
	{ "unspecified, short", "::", "::" },
	{ "loopback", "0:0:0:0:0:0:0:1", "::1" },
	{ "zeros at the end", "fe80:0:0:0:0:0:0:0", "fe80::" },
	{ "zeros at the start", "0:0:0:4:5:6:7:8", "::4:5:6:7:8" },
	{ "gap for one group", "1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0" },
	{ "gap for the first group", "::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8" },
	{ "all groups full",
	  "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
	  "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff" },
	{ "dotted after six groups", "1:2:3:4:5:6:1.2.3.4",
	  "1:2:3:4:5:6:102:304" },
};

static void
rfc5952_text(void **state)
{
	(void)state;
	for (size_t i = 0; i < PORT_ARRAY_SIZE(text6); i++) {
		struct net_addr a;
		char out[NET_ADDR_TEXT];

		if (!net_addr_parse(&a, text6[i].in, strlen(text6[i].in)))
			fail_msg("%s: %s", text6[i].rule, text6[i].in);
		assert_int_equal(a.family, AF_INET6);
		if (strcmp(net_addr_text(&a, out), text6[i].out) != 0)
			fail_msg("%s: %s", text6[i].rule, out);
	}
}

static const char *const not_address[] = {
	"", " ", "1", "1.2.3", "1.2.3.", "1.2.3.4.", "1.2.3.4.5", ".1.2.3",
	"1..2.3", "256.1.1.1", "1.1.1.256", "1.1.1.1000", "01.2.3.4",
	"1.2.3.04", "00.0.0.0", "1.2.3.4 ", " 1.2.3.4", "1.2.3.4\n", "+1.2.3.4",
	"-1.2.3.4", "0x1.2.3.4", "1.2.3.a", "1,2,3,4", "16909060", "1.2.3.4/32",
	":", ":::", "::::", "1:", ":1", "1::2::3", "1:::2", "::1:", ":1::",
	"1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7:8:",
	":1:2:3:4:5:6:7:8", "1:2:3:4::5:6:7:8", "::1:2:3:4:5:6:7:8",
	"1:2:3:4:5:6:7:8::", "12345::", "::12345", "::g", "fe80::1%eth0",
	"[::1]", "::1/64", "::1.2.3", "::1.2.3.4.5", "::256.1.1.1", "::01.2.3.4",
	"1.2.3.4::", "::1.2.3.4:5", "1:2:3:4:5:6:7:1.2.3.4",
	"1:2:3:4:5:6::1.2.3.4", "::1.2.3.4 ", "0000:00001::",
};

static void
not_an_address_is_refused_and_leaves_none(void **state)
{
	(void)state;
	for (size_t i = 0; i < PORT_ARRAY_SIZE(not_address); i++) {
		struct net_addr a;

		memset(&a, 0xff, sizeof a);
		if (net_addr_parse(&a, not_address[i], strlen(not_address[i])))
			fail_msg("accepted \"%s\"", not_address[i]);
		assert_int_equal(a.family, 0);
		assert_int_equal(net_addr_len(&a), 0);
	}
}

static void
ipv4_reads_and_writes(void **state)
{
	static const char *const good[] = {
		"0.0.0.0", "255.255.255.255", "192.0.2.1", "10.200.30.4",
	};

	(void)state;
	for (size_t i = 0; i < PORT_ARRAY_SIZE(good); i++) {
		static const uint8_t zero[12];
		struct net_addr a;
		char out[NET_ADDR_TEXT];

		memset(&a, 0xff, sizeof a);
		assert_true(net_addr_parse(&a, good[i], strlen(good[i])));
		assert_int_equal(a.family, AF_INET);
		assert_int_equal(net_addr_len(&a), 4);
		assert_memory_equal(a.a + 4, zero, sizeof zero);
		assert_string_equal(net_addr_text(&a, out), good[i]);
	}
}

static void
text_needs_no_nul_and_a_nul_is_no_address(void **state)
{
	struct net_addr a;

	(void)state;
	assert_true(net_addr_parse(&a, "192.0.2.199", 10));
	assert_int_equal(a.a[3], 19);
	assert_true(net_addr_parse(&a, "2001:db8::1234", 12));
	assert_int_equal(net_get16(a.a + 14), 0x12);
	assert_false(net_addr_parse(&a, "192.0.2.1", 10));
	assert_false(net_addr_parse(&a, "::1", 4));
}

static void
no_address_is_a_dash(void **state)
{
	const struct net_addr none = { .family = 0 };
	char out[NET_ADDR_TEXT];

	(void)state;
	assert_string_equal(net_addr_text(&none, out), "-");
}

/* libc reads what we write, writes what we read, and never reads more. */
static void
libc_agrees_on_random_text(void **state)
{
	static const char set[] = "0123456789abcdefABF::::::...";
	unsigned good = 0;

	(void)state;
	srandom(5952);
	for (int round = 0; round < 400000; round++) {
		char s[48];
		uint8_t theirs[16];
		struct net_addr a;
		const size_t n = (size_t)(random() % 14) + 1;

		for (size_t i = 0; i < n; i++)
			s[i] = set[random() % (long)(sizeof set - 1)];
		s[n] = '\0';
		const bool ours = net_addr_parse(&a, s, n);
		const int family = strchr(s, ':') ? AF_INET6 : AF_INET;
		if ((inet_pton(family, s, theirs) == 1) != ours)
			fail_msg("%s: we say %d", s, ours);
		if (!ours)
			continue;
		good++;
		assert_int_equal(a.family, family);
		assert_memory_equal(a.a, theirs, net_addr_len(&a));
	}
	assert_true(good > 100);
}

static void
every_address_survives_its_text(void **state)
{
	(void)state;
	srandom(4291);
	for (int round = 0; round < 100000; round++) {
		struct net_addr a = { .family = AF_INET6 };
		struct net_addr b;
		char text[NET_ADDR_TEXT];
		uint8_t theirs[16];

		if (round % 4 == 0)
			a.family = AF_INET;
		for (size_t i = 0; i < net_addr_len(&a); i++)
			a.a[i] = random() % 3 ? 0 : (uint8_t)random();
		net_addr_text(&a, text);
		assert_true(strlen(text) < NET_ADDR_TEXT);
		assert_true(net_addr_parse(&b, text, strlen(text)));
		assert_int_equal(net_addr_cmp(&a, &b), 0);
		assert_int_equal(inet_pton(a.family, text, theirs), 1);
		assert_memory_equal(a.a, theirs, net_addr_len(&a));
	}
}

static const struct {
	const char *in;
	int bits;			/* -1: refused */
} prefixes[] = {
	{ "192.0.2.1", 32 }, { "192.0.2.1/32", 32 }, { "192.0.2.0/24", 24 },
	{ "0.0.0.0/0", 0 }, { "::/0", 0 }, { "2001:db8::/64", 64 },
	{ "2001:db8::1", 128 }, { "2001:db8::1/128", 128 },
	{ "::ffff:1.2.3.4/96", 96 },
	{ "192.0.2.1/33", -1 }, { "::/129", -1 }, { "192.0.2.1/", -1 },
	{ "192.0.2.1/-1", -1 }, { "192.0.2.1/+1", -1 }, { "192.0.2.1/024", -1 },
	{ "192.0.2.1/24 ", -1 }, { "192.0.2.1/24/24", -1 }, { "/24", -1 },
	{ "192.0.2.1//24", -1 }, { "192.0.2/24", -1 }, { "192.0.2.1/0x8", -1 },
	{ "192.0.2.1/4294967304", -1 }, { "192.0.2.1/00", -1 },
	{ "192.0.2.1/255.255.255.0", -1 }, { "::/1000", -1 }, { "", -1 },
};

static void
prefix_length_has_the_bounds_of_its_family(void **state)
{
	(void)state;
	for (size_t i = 0; i < PORT_ARRAY_SIZE(prefixes); i++) {
		struct net_addr a;
		uint8_t bits = 255;
		const bool ok = net_prefix_parse(&a, &bits, prefixes[i].in,
						 strlen(prefixes[i].in));

		if (ok != (prefixes[i].bits >= 0))
			fail_msg("%s", prefixes[i].in);
		if (ok)
			assert_int_equal(bits, prefixes[i].bits);
		else
			assert_int_equal(a.family, 0);
	}
}

static struct net_addr
addr(const char *s)
{
	struct net_addr a;

	assert_true(net_addr_parse(&a, s, strlen(s)));
	return a;
}

static int
order(const char *a, const char *b)
{
	const struct net_addr x = addr(a);
	const struct net_addr y = addr(b);
	const int c = net_addr_cmp(&x, &y);

	return (c > 0) - (c < 0);
}

static void
comparison_is_unsigned_in_network_order(void **state)
{
	(void)state;
	assert_int_equal(order("192.0.2.1", "192.0.2.1"), 0);
	assert_int_equal(order("10.0.0.1", "192.0.0.1"), -1);
	assert_int_equal(order("192.0.2.2", "192.0.2.1"), 1);
	assert_int_equal(order("1.0.0.0", "0.255.255.255"), 1);
	assert_int_equal(order("128.0.0.0", "127.255.255.255"), 1);
	assert_int_equal(order("fe80::1", "fe80::2"), -1);
	assert_int_equal(order("fe80::ff", "fe80::100"), -1);
	assert_int_equal(order("255.255.255.255", "::"), -1);
	assert_int_equal(order("::", "255.255.255.255"), 1);
}

static void
kinds_of_address(void **state)
{
	static const struct {
		const char *a;
		bool multicast, link_local, unspecified;
	} t[] = {
		{ "224.0.0.18", true, false, false },
		{ "239.255.255.255", true, false, false },
		{ "240.0.0.1", false, false, false },
		{ "223.255.255.255", false, false, false },
		{ "ff02::12", true, false, false },
		{ "feff::1", false, false, false },
		{ "fe80::1", false, true, false },
		{ "febf::1", false, true, false },
		{ "fec0::1", false, false, false },
		{ "169.254.0.1", false, true, false },
		{ "169.255.0.1", false, false, false },
		{ "254.128.0.1", false, false, false },
		{ "0.0.0.0", false, false, true },
		{ "::", false, false, true },
		{ "::1", false, false, false },
	};
	const struct net_addr none = { .family = 0 };

	(void)state;
	for (size_t i = 0; i < PORT_ARRAY_SIZE(t); i++) {
		const struct net_addr a = addr(t[i].a);

		assert_int_equal(net_addr_is_multicast(&a), t[i].multicast);
		assert_int_equal(net_addr_is_link_local(&a), t[i].link_local);
		assert_int_equal(net_addr_is_unspecified(&a), t[i].unspecified);
	}
	assert_true(net_addr_is_unspecified(&none));
	assert_false(net_addr_is_multicast(&none));
	assert_false(net_addr_is_link_local(&none));
}

/* VRRP messages whose checksums other implementations accept: VRID 51,
 * priority 100, from 192.0.2.10 or fe80::10 to the group. */
static const struct {
	const char *what;
	size_t pseudo;			/* octets of pseudo-header in front */
	size_t len;			/* all octets */
	uint16_t sum;
	uint8_t b[80];
} messages[] = {
	{ "v2, no authentication", 0, 20, 0xb865,
	  { 0x21, 0x33, 0x64, 1, 0, 1, 0xb8, 0x65, 192, 0, 2, 100 } },
	{ "v2, password", 0, 20, 0x7b19,
	  { 0x21, 0x33, 0x64, 1, 1, 1, 0x7b, 0x19, 192, 0, 2, 100,
	    's', 'e', 'c', 'r', 'e', 't' } },
	{ "v3 IPv4, message only", 0, 12, 0xa802,
	  { 0x31, 0x33, 0x64, 1, 0, 0x64, 0xa8, 0x02, 192, 0, 2, 100 } },
	{ "v3 IPv4, pseudo-header", 12, 24, 0x0569,
	  { 192, 0, 2, 10, 224, 0, 0, 18, 0, 112, 0, 12,
	    0x31, 0x33, 0x64, 1, 0, 0x64, 0x05, 0x69, 192, 0, 2, 100 } },
	{ "v3 IPv6", 40, 80, 0x3dee,
	  { 0xfe, 0x80, [15] = 0x10, [16] = 0xff, 2, [31] = 0x12,
	    [35] = 40, [39] = 112,
	    [40] = 0x31, 0x33, 0x64, 2, 0, 0x64, 0x3d, 0xee,
	    [48] = 0xfe, 0x80, [62] = 1, 0,
	    [64] = 0x20, 0x01, 0x0d, 0xb8, [78] = 1, 0 } },
};

static void
checksums_of_known_good_messages(void **state)
{
	(void)state;
	for (size_t i = 0; i < PORT_ARRAY_SIZE(messages); i++) {
		uint8_t b[80];
		const size_t at = messages[i].pseudo + 6;

		memcpy(b, messages[i].b, sizeof b);
		assert_int_equal(net_get16(b + at), messages[i].sum);
		/* Whole, the sum is zero; without the field, it is the field. */
		assert_int_equal(
			net_sum_fold(net_sum_add(0, b, messages[i].len)), 0);
		net_put16(b + at, 0);
		const uint32_t head = net_sum_add(0, b, messages[i].pseudo);
		const uint16_t sum = net_sum_fold(
			net_sum_add(head, b + messages[i].pseudo,
				    messages[i].len - messages[i].pseudo));
		if (sum != messages[i].sum)
			fail_msg("%s: %04x", messages[i].what, sum);
	}
}

static void
checksum_of_odd_and_of_long_data(void **state)
{
	static uint8_t b[1 << 20];
	uint64_t plain = 0;

	(void)state;
	assert_int_equal(net_sum_fold(net_sum_add(0, "\x12", 1)),
			 0xffff ^ 0x1200);
	assert_int_equal(net_sum_fold(0), 0xffff);
	memset(b, 0xff, sizeof b);
	b[7] = 3;
	for (size_t i = 0; i < sizeof b; i += 2)
		plain += (uint64_t)b[i] << 8 | b[i + 1];
	while (plain >> 16)
		plain = (plain & 0xffff) + (plain >> 16);
	assert_int_equal(net_sum_fold(net_sum_add(0, b, sizeof b)),
			 0xffff ^ plain);
}

static void
checksum_in_pieces_is_that_of_the_whole(void **state)
{
	uint8_t b[257];

	(void)state;
	srandom(1071);
	for (size_t i = 0; i < sizeof b; i++)
		b[i] = (uint8_t)random();
	const uint16_t whole = net_sum_fold(net_sum_add(0, b, sizeof b));
	for (size_t cut = 0; cut <= sizeof b; cut += 2) {
		const uint32_t sum = net_sum_add(0, b, cut);

		assert_int_equal(whole, net_sum_fold(net_sum_add(
					sum, b + cut, sizeof b - cut)));
	}
}

static void
loads_and_stores_are_big_endian_at_any_address(void **state)
{
	static const uint8_t want[] = { 0, 0x12, 0x34, 0x89, 0xab, 0xcd, 0xef };
	uint8_t b[7] = { 0 };

	(void)state;
	net_put16(b + 1, 0x1234);
	net_put32(b + 3, 0x89abcdef);
	assert_memory_equal(b, want, sizeof b);
	assert_int_equal(net_get16(b + 1), 0x1234);
	assert_true(net_get32(b + 3) == 0x89abcdef);
}

static void
mac_text(void **state)
{
	static const uint8_t mac[NET_MAC] = { 0, 0, 0x5e, 0, 1, 0xfa };
	char out[18];

	(void)state;
	assert_string_equal(net_mac_text(mac, out), "00:00:5e:00:01:fa");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rfc5952_text),
		cmocka_unit_test(not_an_address_is_refused_and_leaves_none),
		cmocka_unit_test(ipv4_reads_and_writes),
		cmocka_unit_test(text_needs_no_nul_and_a_nul_is_no_address),
		cmocka_unit_test(no_address_is_a_dash),
		cmocka_unit_test(libc_agrees_on_random_text),
		cmocka_unit_test(every_address_survives_its_text),
		cmocka_unit_test(prefix_length_has_the_bounds_of_its_family),
		cmocka_unit_test(comparison_is_unsigned_in_network_order),
		cmocka_unit_test(kinds_of_address),
		cmocka_unit_test(checksums_of_known_good_messages),
		cmocka_unit_test(checksum_of_odd_and_of_long_data),
		cmocka_unit_test(checksum_in_pieces_is_that_of_the_whole),
		cmocka_unit_test(loads_and_stores_are_big_endian_at_any_address),
		cmocka_unit_test(mac_text),
	};

	return cmocka_run_group_tests_name("net", tests, NULL, NULL);
}
