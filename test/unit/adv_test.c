/* SPDX-License-Identifier: MIT */
/* adv_test.c -- the advertisement on the wire: known messages, both ways. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "adv.h"

/* Messages seen on the wire between routers that agreed on them: VRID 51,
 * priority 100, one virtual address, one second. */
static const struct known {
	const char *name, *hex;
	struct adv adv;			/* without its addresses */
	const char *first, *src, *dst;
} known[] = {
	{ "version 2",
	  "213364010001b865c00002640000000000000000",
	  { .version = 2, .type = 1, .vrid = 51, .prio = 100, .naddr = 1, .alen = 4,
	    .interval = 1 }, "192.0.2.100", "192.0.2.10", "224.0.0.18" },
	{ "version 2 with a password",
	  "2133640101017b19c00002647365637265740000",
	  { .version = 2, .type = 1, .vrid = 51, .prio = 100, .naddr = 1, .alen = 4,
	    .interval = 1, .auth_type = ADV_AUTH_PASS, .auth = "secret" },
	  "192.0.2.100", "192.0.2.10", "224.0.0.18" },
	{ "version 3, IPv4 pseudo-header",
	  "3133640100640569c0000264",
	  { .version = 3, .type = 1, .vrid = 51, .prio = 100, .naddr = 1, .alen = 4,
	    .interval = 100, .sum = ADV_SUM_PSEUDO },
	  "192.0.2.100", "192.0.2.10", "224.0.0.18" },
	{ "version 3, IPv4 plain",
	  "313364010064a802c0000264",
	  { .version = 3, .type = 1, .vrid = 51, .prio = 100, .naddr = 1, .alen = 4,
	    .interval = 100, .sum = ADV_SUM_PLAIN },
	  "192.0.2.100", "192.0.2.10", "224.0.0.18" },
	{ "version 3, IPv6",
	  "3133640200643dee"
	  "fe800000000000000000000000000100" "20010db8000000000000000000000100",
	  { .version = 3, .type = 1, .vrid = 51, .prio = 100, .naddr = 2, .alen = 16,
	    .interval = 100, .sum = ADV_SUM_PSEUDO },
	  "fe80::100", "fe80::10", "ff02::12" },
};

#define KNOWN	PORT_ARRAY_SIZE(known)

static struct net_addr
ip(const char *text)
{
	struct net_addr a;

	assert_true(net_addr_parse(&a, text, strlen(text)));
	return a;
}

static size_t
unhex(uint8_t *out, const char *hex)
{
	size_t n = 0;

	for (; hex[0] && hex[1]; hex += 2) {
		const char two[3] = { hex[0], hex[1], '\0' };

		out[n++] = (uint8_t)strtoul(two, NULL, 16);
	}
	return n;
}

static struct adv_meta
meta_of(const struct known *k)
{
	return (struct adv_meta){ ip(k->src), ip(k->dst), 255 };
}

static void
same_message(const struct adv *a, const struct adv *b)
{
	assert_int_equal(a->version, b->version);
	assert_int_equal(a->type, b->type);
	assert_int_equal(a->vrid, b->vrid);
	assert_int_equal(a->prio, b->prio);
	assert_int_equal(a->naddr, b->naddr);
	assert_int_equal(a->alen, b->alen);
	assert_int_equal(a->interval, b->interval);
	assert_int_equal(a->auth_type, b->auth_type);
	assert_int_equal(a->sum, b->sum);
	assert_memory_equal(a->auth, b->auth, ADV_AUTH);
}

static void
known_messages_are_decoded(void **state)
{
	(void)state;
	for (const struct known *k = known; k < known + KNOWN; k++) {
		const struct adv_meta meta = meta_of(k);
		const struct net_addr first = ip(k->first);
		uint8_t buf[64];
		const size_t n = unhex(buf, k->hex);
		struct adv adv;

		assert_int_equal(adv_decode(&adv, &meta, buf, n), ADV_OK);
		same_message(&adv, &k->adv);
		assert_ptr_equal(adv.addr, buf + ADV_HEADER);
		assert_memory_equal(adv.addr, first.a, adv.alen);
		assert_int_equal(adv.trailer_len, 0);
		assert_true(adv_interval_us(&adv) == 1000000);
	}
}

static void
known_messages_are_encoded_octet_for_octet(void **state)
{
	(void)state;
	for (const struct known *k = known; k < known + KNOWN; k++) {
		const struct adv_meta meta = meta_of(k);
		uint8_t want[64], buf[65];
		const size_t n = unhex(want, k->hex);
		struct adv adv = k->adv;

		adv.addr = want + ADV_HEADER;
		memset(buf, 0xa5, sizeof buf);
		assert_int_equal(adv_size(adv.version, adv.alen, adv.naddr), n);
		assert_int_equal(adv_encode(&adv, &meta, buf, n), n);
		assert_memory_equal(buf, want, n);
		assert_int_equal(buf[n], 0xa5);
		assert_int_equal(adv_encode(&adv, &meta, buf, n - 1), 0);
	}
}

/* The socket layer may put a message anywhere in its buffer. */
static void
every_alignment_gives_the_same(void **state)
{
	(void)state;
	for (const struct known *k = known; k < known + KNOWN; k++) {
		const struct adv_meta meta = meta_of(k);
		uint8_t want[64];
		const size_t n = unhex(want, k->hex);

		for (size_t shift = 0; shift < 8; shift++) {
			uint8_t *buf = malloc(n + shift);
			struct adv adv;

			memcpy(buf + shift, want, n);
			assert_int_equal(adv_decode(&adv, &meta, buf + shift, n), ADV_OK);
			same_message(&adv, &k->adv);
			/* In place: the addresses are where they belong. */
			assert_int_equal(adv_encode(&adv, &meta, buf + shift, n), n);
			assert_memory_equal(buf + shift, want, n);
			free(buf);
		}
	}
}

static void
priority_is_patched_as_if_encoded_anew(void **state)
{
	(void)state;
	for (const struct known *k = known; k < known + KNOWN; k++) {
		const struct adv_meta meta = meta_of(k);
		uint8_t buf[64], want[64], was[64];
		const size_t n = unhex(buf, k->hex);
		struct adv adv = k->adv;

		memcpy(was, buf, n);
		adv.addr = was + ADV_HEADER;
		/* All ways from one priority to another, by a stride. */
		for (unsigned i = 0; i < 256; i++) {
			adv.prio = (uint8_t)(i * 97);
			adv_set_priority(buf, adv.prio);
			assert_int_equal(adv_encode(&adv, &meta, want, sizeof want), n);
			assert_memory_equal(buf, want, n);
		}
		adv_set_priority(buf, ADV_PRIO_LEAVING);
		struct adv back;
		assert_int_equal(adv_decode(&back, &meta, buf, n), ADV_OK);
		assert_int_equal(back.prio, 0);
		assert_int_equal(back.naddr, k->adv.naddr);
		adv_set_priority(buf, 100);
		assert_memory_equal(buf, was, n);
	}
}

static void
another_source_needs_another_sum_only_with_a_pseudo_header(void **state)
{
	(void)state;
	for (const struct known *k = known; k < known + KNOWN; k++) {
		struct adv_meta meta = meta_of(k);
		uint8_t buf[64];
		const size_t n = unhex(buf, k->hex);
		struct adv adv;

		meta.src.a[net_addr_len(&meta.src) - 1] ^= 0x11;
		assert_int_equal(adv_decode(&adv, &meta, buf, n),
				 k->adv.sum == ADV_SUM_PSEUDO ? ADV_CHECKSUM : ADV_OK);
		adv_set_sum(buf, n, &meta, k->adv.sum);
		assert_int_equal(adv_decode(&adv, &meta, buf, n), ADV_OK);
		assert_int_equal(adv.sum, k->adv.sum);
	}
}

static void
version_2_is_plain_and_ipv6_pseudo_whatever_is_wished(void **state)
{
	(void)state;
	for (const struct known *k = known; k < known + KNOWN; k++) {
		const struct adv_meta meta = meta_of(k);
		uint8_t want[64], buf[64];
		const size_t n = unhex(want, k->hex);
		struct adv adv = k->adv;

		if (adv.version == 3 && adv.alen == 4)
			continue;
		adv.addr = want + ADV_HEADER;
		adv.sum = ADV_SUM_PLAIN;
		assert_int_equal(adv_encode(&adv, &meta, buf, sizeof buf), n);
		assert_memory_equal(buf, want, n);
		adv.sum = ADV_SUM_PSEUDO;
		assert_int_equal(adv_encode(&adv, &meta, buf, sizeof buf), n);
		assert_memory_equal(buf, want, n);
	}
}

static void
reserved_bits_are_sent_0_and_not_looked_at(void **state)
{
	const struct known *k = &known[3];
	const struct adv_meta meta = meta_of(k);
	uint8_t buf[64], out[64];
	const size_t n = unhex(buf, k->hex);
	struct adv adv;

	(void)state;
	buf[4] |= 0xf0;
	adv_set_sum(buf, n, &meta, ADV_SUM_PLAIN);
	assert_int_equal(adv_decode(&adv, &meta, buf, n), ADV_OK);
	assert_int_equal(adv.interval, 100);
	adv.interval |= 0xf000;
	assert_int_equal(adv_encode(&adv, &meta, out, sizeof out), n);
	assert_int_equal(out[4] >> 4, 0);
}

/* RFC 2338 5.3.10: the octets are there for every type, and 0 without one. */
static void
authentication_data_is_zero_unless_it_is_a_password(void **state)
{
	const struct known *k = &known[0];
	const struct adv_meta meta = meta_of(k);
	uint8_t want[64], buf[64];
	const size_t n = unhex(want, k->hex);
	struct adv adv = k->adv;

	(void)state;
	adv.addr = want + ADV_HEADER;
	memcpy(adv.auth, "leaked!!", ADV_AUTH);
	assert_int_equal(adv_encode(&adv, &meta, buf, sizeof buf), n);
	assert_memory_equal(buf, want, n);
}

static void
what_cannot_be_sent_is_refused(void **state)
{
	(void)state;
	assert_int_equal(adv_size(3, 4, 0), 0);
	assert_int_equal(adv_size(2, 4, 0), 0);
	assert_int_equal(adv_size(3, 4, 255), 8 + 4 * 255);
	assert_int_equal(adv_size(2, 4, 255), 8 + 4 * 255 + 8);
	assert_int_equal(adv_size(3, 4, 256), 0);
	assert_int_equal(adv_size(3, 16, 89), 8 + 16 * 89);
	assert_int_equal(adv_size(3, 16, 90), 0);
	assert_int_equal(adv_size(2, 16, 1), 0);
	assert_int_equal(adv_size(1, 4, 1), 0);
	assert_int_equal(adv_size(4, 4, 1), 0);
	assert_int_equal(adv_size(3, 0, 1), 0);
	assert_int_equal(adv_size(3, 16, 89) <= ADV_SIZE_MAX, 1);
	assert_int_equal(adv_size(2, 4, 255) <= ADV_SIZE_MAX, 1);
	assert_true(ADV_SIZE_MAX + 40 <= 1500);
}

static uint32_t
random_number(uint32_t *seed)
{
	*seed = *seed * 1664525u + 1013904223u;
	return *seed >> 8;
}

static void
random_address(struct net_addr *a, int family, uint32_t *seed)
{
	memset(a, 0, sizeof *a);
	a->family = (uint8_t)family;
	for (size_t i = 0; i < net_addr_len(a); i++)
		a->a[i] = (uint8_t)random_number(seed);
}

static void
decoding_undoes_encoding(void **state)
{
	const char *given = getenv("SEED");
	uint32_t seed = given ? (uint32_t)strtoul(given, NULL, 10) : (uint32_t)time(NULL);
	static uint8_t addr[16 * 255];

	(void)state;
	print_message("SEED=%lu\n", (unsigned long)seed);
	for (int round = 0; round < 3000; round++) {
		const bool v6 = random_number(&seed) % 3 == 0;
		struct adv_meta meta = { .ttl = 255 };
		struct adv in = { .type = 1, .addr = addr, .alen = v6 ? 16 : 4 }, out;
		uint8_t buf[ADV_SIZE_MAX];

		random_address(&meta.src, v6 ? AF_INET6 : AF_INET, &seed);
		random_address(&meta.dst, v6 ? AF_INET6 : AF_INET, &seed);
		for (size_t i = 0; i < sizeof addr; i++)
			addr[i] = (uint8_t)random_number(&seed);
		in.version = v6 || random_number(&seed) % 2 ? 3 : 2;
		in.vrid = (uint8_t)random_number(&seed);
		in.prio = (uint8_t)random_number(&seed);
		in.naddr = (uint8_t)(1 + random_number(&seed) % (v6 ? ADV_MAX6 : ADV_MAX4));
		in.interval = random_number(&seed) & (in.version == 2 ? 0xff : 0xfff);
		in.sum = v6 || (in.version == 3 && random_number(&seed) % 2) ?
			 ADV_SUM_PSEUDO : ADV_SUM_PLAIN;
		if (in.version == 2 && random_number(&seed) % 2) {
			in.auth_type = ADV_AUTH_PASS;
			memcpy(in.auth, addr + 100, ADV_AUTH);
		}
		const size_t n = adv_encode(&in, &meta, buf, sizeof buf);
		assert_int_equal(n, adv_size(in.version, in.alen, in.naddr));
		assert_int_equal(adv_decode(&out, &meta, buf, n), ADV_OK);
		same_message(&in, &out);
		assert_memory_equal(out.addr, addr, (size_t)in.alen * in.naddr);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_messages_are_decoded),
		cmocka_unit_test(known_messages_are_encoded_octet_for_octet),
		cmocka_unit_test(every_alignment_gives_the_same),
		cmocka_unit_test(priority_is_patched_as_if_encoded_anew),
		cmocka_unit_test(another_source_needs_another_sum_only_with_a_pseudo_header),
		cmocka_unit_test(version_2_is_plain_and_ipv6_pseudo_whatever_is_wished),
		cmocka_unit_test(reserved_bits_are_sent_0_and_not_looked_at),
		cmocka_unit_test(authentication_data_is_zero_unless_it_is_a_password),
		cmocka_unit_test(what_cannot_be_sent_is_refused),
		cmocka_unit_test(decoding_undoes_encoding),
	};

	return cmocka_run_group_tests_name("adv", tests, 0, 0);
}
