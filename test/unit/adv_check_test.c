/* SPDX-License-Identifier: MIT */
/* adv_check_test.c -- what is refused by what a router is configured for. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "adv_packet.h"

static void
version_is_the_configured_one(void **state)
{
	struct packet p = good(V2);

	(void)state;
	p.expect.version = 3;
	is(&p, ADV_OTHER_VERSION);
	p = good(V3_PLAIN);
	p.expect.version = 2;
	is(&p, ADV_OTHER_VERSION);
}

static void
foreign_vrid_is_refused(void **state)
{
	struct packet p = good(V3_PLAIN);

	(void)state;
	p.expect.vrid = 8;
	is(&p, ADV_VRID);
	p = good(V3_PLAIN);
	p.buf[1] = 0;
	resum(&p);
	is(&p, ADV_VRID);
}

static void
other_checksum_over_ipv4_is_noted(void **state)
{
	(void)state;
	for (enum kind k = 0; k < KIND__N; k++) {
		struct packet p = good(k);

		notes_are(&p, 0);
		p.expect.sum = !p.expect.sum;
		notes_are(&p, k == V3_PLAIN || k == V3_PSEUDO ?
			      1u << ADV_NOTE_CHECKSUM : 0);
	}
}

static void
own_advert_that_came_back_is_refused(void **state)
{
	struct packet p = good(V3_IPV6);

	(void)state;
	p.expect.self = p.meta.src;
	is(&p, ADV_LOOP);
	p.expect.self.family = 0;
	is(&p, ADV_OK);
}

static void
unicast_and_multicast_do_not_mix(void **state)
{
	struct packet p = good(V3_PLAIN);

	(void)state;
	p.meta.dst = ip("192.0.2.11");
	is(&p, ADV_CAST);
	p = good(V3_PLAIN);
	p.expect.unicast = p.expect.peer = true;
	is(&p, ADV_CAST);
	p.meta.dst = ip("192.0.2.11");
	is(&p, ADV_OK);
}

static void
unicast_comes_from_a_peer_within_its_range(void **state)
{
	struct packet p = good(V3_PLAIN);

	(void)state;
	p.meta.dst = ip("192.0.2.11");
	p.meta.ttl = 1;
	p.expect.unicast = true;
	is(&p, ADV_PEER);
	p.expect.peer = true;
	is(&p, ADV_OK);
	p.expect.ttl_min = 254;
	p.expect.ttl_max = 254;
	is(&p, ADV_TTL);
	p.meta.ttl = 255;
	is(&p, ADV_TTL);
	p.meta.ttl = 254;
	is(&p, ADV_OK);
}

static void
owner_of_version_2_listens_to_nobody(void **state)
{
	struct packet p = good(V2);

	(void)state;
	p.expect.prio = 255;
	is(&p, ADV_OWNER);
	/* RFC 9568 erratum 8298: two owners settle it by address. */
	p = good(V3_PLAIN);
	p.expect.prio = 255;
	is(&p, ADV_OK);
}

static void
authentication_type_is_the_configured_one(void **state)
{
	struct packet p = good(V2);

	(void)state;
	for (unsigned type = 0; type < 256; type++) {
		p.buf[4] = (uint8_t)type;
		resum(&p);
		is(&p, type == 0 ? ADV_OK : type > 2 ? ADV_AUTH_UNKNOWN : ADV_AUTH_OTHER);
	}
	p = good(V2_PASS);
	p.buf[4] = ADV_AUTH_NONE;
	resum(&p);
	is(&p, ADV_AUTH_OTHER);
}

static void
password_is_compared_over_all_eight(void **state)
{
	(void)state;
	for (size_t i = 0; i < ADV_AUTH; i++) {
		struct packet p = good(V2_PASS);

		p.buf[p.len - ADV_AUTH + i] ^= 0x20;
		resum(&p);
		is(&p, ADV_AUTH_FAILED);
	}
	/* Without a password the octets are ignored: RFC 3768 5.3.10. */
	struct packet p = good(V2);
	p.buf[p.len - 1] = 0x20;
	resum(&p);
	is(&p, ADV_OK);
}

/* RFC 3768 7.1 looks at the type after the authentication. */
static void
version_2_looks_at_the_password_before_the_type(void **state)
{
	struct packet p = good(V2_PASS);

	(void)state;
	p.buf[0] = 0x22;
	p.buf[p.len - 1] = 1;
	resum(&p);
	is(&p, ADV_AUTH_FAILED);
}

static void
count_is_not_0(void **state)
{
	(void)state;
	for (enum kind k = 0; k < KIND__N; k++) {
		struct packet p = good(k);

		p.buf[3] = 0;
		p.len = p.buf[0] >> 4 == 2 ? ADV_HEADER + ADV_AUTH : ADV_HEADER;
		if (k == V2_PASS)
			memcpy(p.buf + ADV_HEADER, "secret\0", ADV_AUTH);
		if (k == V2)
			memset(p.buf + ADV_HEADER, 0, ADV_AUTH);
		resum(&p);
		is(&p, ADV_COUNT);
	}
}

static void
first_ipv6_address_is_link_local(void **state)
{
	struct packet p = good(V3_IPV6);

	(void)state;
	p.buf[ADV_HEADER + 1] = 0xbf;
	resum(&p);
	notes_are(&p, 1u << ADV_NOTE_ADDRESSES);
	p.buf[ADV_HEADER + 1] = 0xc0;
	resum(&p);
	is(&p, ADV_LINK_LOCAL);
	p.buf[ADV_HEADER + 1] = 0x7f;
	resum(&p);
	is(&p, ADV_LINK_LOCAL);
	p.buf[ADV_HEADER] = 0xff;
	p.buf[ADV_HEADER + 1] = 0x80;
	resum(&p);
	is(&p, ADV_LINK_LOCAL);
}

static void
interval_0_is_refused(void **state)
{
	static const enum kind v3[] = { V3_PLAIN, V3_PSEUDO, V3_IPV6 };

	(void)state;
	for (size_t i = 0; i < PORT_ARRAY_SIZE(v3); i++) {
		struct packet p = good(v3[i]);

		net_put16(p.buf + 4, 0);
		resum(&p);
		is(&p, ADV_NO_INTERVAL);
		net_put16(p.buf + 4, 0xf000);	/* reserved bits do not count */
		resum(&p);
		is(&p, ADV_NO_INTERVAL);
	}
}

static void
another_interval_is_noted_by_3_and_refused_by_2(void **state)
{
	struct packet p = good(V3_PLAIN);

	(void)state;
	net_put16(p.buf + 4, 4095);
	resum(&p);
	notes_are(&p, 1u << ADV_NOTE_INTERVAL);
	p = good(V2);
	for (unsigned s = 0; s < 256; s++) {
		p.buf[5] = (uint8_t)s;
		resum(&p);
		is(&p, s == 1 ? ADV_OK : ADV_INTERVAL);
	}
}

static void
other_addresses_are_noted_by_3_and_refused_by_2(void **state)
{
	(void)state;
	for (enum kind k = 0; k < KIND__N; k++) {
		const bool v2 = k == V2 || k == V2_PASS;
		struct packet p = good(k);

		p.own[3] ^= 1;
		if (v2)
			is(&p, ADV_ADDRESSES);
		else
			notes_are(&p, 1u << ADV_NOTE_ADDRESSES);
		p.expect.any_addr = true;
		notes_are(&p, 0);
		p = good(k);
		p.expect.naddr = 3;
		if (v2)
			is(&p, ADV_ADDRESSES);
		else
			notes_are(&p, 1u << ADV_NOTE_ADDRESSES);
	}
}

/* RFC 3768 7.1: what the owner says about the addresses counts. */
static void
owner_may_name_other_addresses_in_version_2(void **state)
{
	struct packet p = good(V2);

	(void)state;
	p.own[3] ^= 1;
	adv_set_priority(p.buf, ADV_PRIO_OWNER);
	notes_are(&p, 1u << ADV_NOTE_ADDRESSES);
	p.buf[5] = 2;
	resum(&p);
	is(&p, ADV_INTERVAL);
}

static void
order_of_addresses_is_no_difference(void **state)
{
	(void)state;
	for (enum kind k = 0; k < KIND__N; k++) {
		const size_t alen = k == V3_IPV6 ? 16 : 4;
		struct packet p = good(k);
		uint8_t swapped[32];

		memcpy(swapped, p.own + alen, alen);
		memcpy(swapped + alen, p.own, alen);
		memcpy(p.own, swapped, 2 * alen);
		notes_are(&p, 0);
	}
	/* One address twice is not the same as two. */
	struct packet p = good(V2);
	memcpy(p.buf + ADV_HEADER + 4, p.buf + ADV_HEADER, 4);
	resum(&p);
	is(&p, ADV_ADDRESSES);
}

static void
two_owners_are_noted(void **state)
{
	struct packet p = good(V3_PLAIN);

	(void)state;
	p.expect.prio = 255;
	adv_set_priority(p.buf, 255);
	notes_are(&p, 1u << ADV_NOTE_OWNERS);
}

static void
every_verdict_of_this_stage_was_provoked(void **state)
{
	(void)state;
	all_seen(ADV_VRID, ADV_INTERVAL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(version_is_the_configured_one),
		cmocka_unit_test(foreign_vrid_is_refused),
		cmocka_unit_test(other_checksum_over_ipv4_is_noted),
		cmocka_unit_test(own_advert_that_came_back_is_refused),
		cmocka_unit_test(unicast_and_multicast_do_not_mix),
		cmocka_unit_test(unicast_comes_from_a_peer_within_its_range),
		cmocka_unit_test(owner_of_version_2_listens_to_nobody),
		cmocka_unit_test(authentication_type_is_the_configured_one),
		cmocka_unit_test(password_is_compared_over_all_eight),
		cmocka_unit_test(version_2_looks_at_the_password_before_the_type),
		cmocka_unit_test(count_is_not_0),
		cmocka_unit_test(first_ipv6_address_is_link_local),
		cmocka_unit_test(interval_0_is_refused),
		cmocka_unit_test(another_interval_is_noted_by_3_and_refused_by_2),
		cmocka_unit_test(other_addresses_are_noted_by_3_and_refused_by_2),
		cmocka_unit_test(owner_may_name_other_addresses_in_version_2),
		cmocka_unit_test(order_of_addresses_is_no_difference),
		cmocka_unit_test(two_owners_are_noted),
		cmocka_unit_test(every_verdict_of_this_stage_was_provoked),
	};

	return cmocka_run_group_tests_name("adv_check", tests, 0, 0);
}
