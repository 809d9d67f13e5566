/* SPDX-License-Identifier: MIT */
/* adv_decode_test.c -- what is refused before the virtual router is known.
 *
 * Short, foreign, broken packets, and the order in which faults are told.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "adv_packet.h"

static void
good_packets_are_accepted(void **state)
{
	(void)state;
	for (enum kind k = 0; k < KIND__N; k++) {
		struct packet p = good(k);

		notes_are(&p, 0);
	}
}

static void
every_prefix_is_short(void **state)
{
	(void)state;
	for (enum kind k = 0; k < KIND__N; k++) {
		struct packet p = good(k);

		for (size_t whole = p.len; p.len > 0; ) {
			p.len--;
			is(&p, ADV_SHORT);
			assert_true(p.len < whole);
		}
	}
}

/* Every octet is under the checksum, so that no single bit may change and be
 * believed.  Version and type are looked at before it. */
static void
every_flipped_bit_is_refused(void **state)
{
	unsigned seen[ADV__N] = { 0 };

	(void)state;
	for (enum kind k = 0; k < KIND__N; k++) {
		struct packet p = good(k);

		for (size_t bit = 0; bit < 8 * p.len; bit++) {
			unsigned notes;

			p.buf[bit / 8] = (uint8_t)(p.buf[bit / 8] ^ 1u << bit % 8);
			const enum adv_verdict v = judge(&p, &notes);
			p.buf[bit / 8] = (uint8_t)(p.buf[bit / 8] ^ 1u << bit % 8);
			assert_int_not_equal(v, ADV_OK);
			assert_true(v == ADV_CHECKSUM || bit < 8 || bit / 8 == 3);
			seen[v]++;
		}
	}
	/* A flip in the count makes it short or wrong, in the version and type
	 * octet another kind. */
	assert_true(seen[ADV_CHECKSUM] > 0 && seen[ADV_SHORT] > 0);
	assert_true(seen[ADV_VERSION] > 0 && seen[ADV_TYPE] > 0);
}

/* With the checksum made right again, a flip reaches the checks behind it. */
static void
every_flipped_bit_with_a_right_checksum_has_a_verdict(void **state)
{
	(void)state;
	for (enum kind k = 0; k < KIND__N; k++)
		for (size_t bit = 0; bit < 8 * good(k).len; bit++) {
			struct packet p = good(k);
			unsigned notes;

			p.buf[bit / 8] = (uint8_t)(p.buf[bit / 8] ^ 1u << bit % 8);
			resum(&p);
			assert_true(judge(&p, &notes) < ADV__N);
		}
}

static void
both_ipv4_checksums_of_version_3_are_good(void **state)
{
	struct packet p = good(V3_PLAIN);

	(void)state;
	is(&p, ADV_OK);
	p.sum = ADV_SUM_PSEUDO;
	resum(&p);
	is(&p, ADV_OK);
	/* Version 2 never had a pseudo-header. */
	p = good(V2);
	const uint16_t plain = net_get16(p.buf + 6);
	net_put16(p.buf + 6, (uint16_t)(plain + 1));
	is(&p, ADV_CHECKSUM);
}

static void
time_to_live_of_multicast_is_255(void **state)
{
	(void)state;
	for (enum kind k = 0; k < KIND__N; k++)
		for (unsigned ttl = 0; ttl < 256; ttl++) {
			struct packet p = good(k);

			p.meta.ttl = (uint8_t)ttl;
			is(&p, ttl == 255 ? ADV_OK : ADV_TTL);
		}
}

static void
version_is_2_or_3(void **state)
{
	(void)state;
	for (enum kind k = 0; k < KIND__N; k++)
		for (unsigned v = 0; v < 16; v++) {
			struct packet p = good(k);

			if (v == 2 || v == 3)
				continue;
			p.buf[0] = (uint8_t)(v << 4 | 1);
			resum(&p);
			is(&p, ADV_VERSION);
		}
	struct packet p = good(V3_IPV6);
	p.buf[0] = 0x21;
	is(&p, ADV_VERSION);
}

static void
type_is_1(void **state)
{
	(void)state;
	for (enum kind k = 0; k < KIND__N; k++)
		for (unsigned type = 0; type < 16; type++) {
			struct packet p = good(k);

			p.buf[0] = (uint8_t)((p.buf[0] & 0xf0) | type);
			resum(&p);
			is(&p, type == 1 ? ADV_OK : ADV_TYPE);
		}
}

/* A drop is counted at the virtual router it named, so this much is decoded
 * even of a refused packet. */
static void
vrid_is_told_of_a_refused_packet(void **state)
{
	struct packet p = good(V3_PLAIN);
	struct adv adv;

	(void)state;
	p.buf[7]++;
	assert_int_equal(adv_decode(&adv, &p.meta, p.buf, p.len), ADV_CHECKSUM);
	assert_int_equal(adv.vrid, 7);
	assert_int_equal(adv_decode(&adv, &p.meta, p.buf, 2), ADV_SHORT);
	assert_int_equal(adv.vrid, 7);
	assert_int_equal(adv_decode(&adv, &p.meta, p.buf, 1), ADV_SHORT);
	assert_int_equal(adv.vrid, 0);
	/* Part of an address is neither an address nor a trailer. */
	assert_int_equal(adv_decode(&adv, &p.meta, p.buf, 9), ADV_SHORT);
	assert_null(adv.addr);
	assert_int_equal(adv.trailer_len, 0);
}

static void
count_beyond_the_message_is_short(void **state)
{
	(void)state;
	for (enum kind k = 0; k < KIND__N; k++)
		for (unsigned count = 3; count < 256; count++) {
			struct packet p = good(k);

			p.buf[3] = (uint8_t)count;
			resum(&p);
			/* Version 2 has its 8 octets behind the addresses. */
			is(&p, ADV_SHORT);
		}
}

/* Over IPv4 the sum ends with the message, over IPv6 with the payload. */
static void
bytes_after_the_message_are_noted(void **state)
{
	(void)state;
	for (enum kind k = 0; k < KIND__N; k++) {
		struct packet p = good(k);

		memset(p.buf + p.len, 0x11, 28);
		p.len += 28;
		if (k == V3_IPV6)
			resum(&p);
		notes_are(&p, 1u << ADV_NOTE_TRAILER);

		struct adv adv;
		assert_int_equal(adv_decode(&adv, &p.meta, p.buf, p.len), ADV_OK);
		assert_int_equal(adv.trailer_len, 28);
		assert_ptr_equal(adv.trailer, p.buf + p.len - 28);
	}
}

/* Of two faults the one that stands first in the list is told. */
static void
first_failure_in_order_is_told(void **state)
{
	struct packet p = good(V3_IPV6);

	(void)state;
	p.expect.vrid = 9;
	p.expect.version = 2;
	net_put16(p.buf + 4, 0);		/* interval, and with it the sum */
	p.buf[ADV_HEADER] = 0;
	p.buf[0] = 0x13;
	p.meta.ttl = 1;
	is(&p, ADV_TTL);
	p.meta.ttl = 255;
	is(&p, ADV_VERSION);
	p.buf[0] = 0x33;
	is(&p, ADV_TYPE);
	p.buf[0] = 0x31;
	p.len--;
	is(&p, ADV_SHORT);
	p.len++;
	is(&p, ADV_CHECKSUM);
	resum(&p);
	is(&p, ADV_VRID);
	p.expect.vrid = 7;
	is(&p, ADV_OTHER_VERSION);
	p.expect.version = 3;
	is(&p, ADV_LINK_LOCAL);
	p.buf[ADV_HEADER] = 0xfe;
	resum(&p);
	is(&p, ADV_NO_INTERVAL);
}

static void
every_verdict_has_its_text(void **state)
{
	(void)state;
	for (unsigned v = 0; v < ADV__N; v++) {
		assert_true(strlen(adv_verdict[v].name) > 0);
		assert_true(strlen(adv_verdict[v].sentence) > 0);
		assert_non_null(adv_verdict[v].counter);
		assert_true(v == ADV_OK || strlen(adv_verdict[v].clause) > 0);
	}
	for (unsigned n = 0; n < ADV_NOTE__N; n++)
		assert_true(strlen(adv_note[n].sentence) > 0);
	assert_string_equal(adv_verdict[ADV_TTL].counter, "ip_ttl_err");
	assert_string_equal(adv_verdict[ADV_AUTH_FAILED].counter, "auth_failure");
}

static void
every_verdict_of_this_stage_was_provoked(void **state)
{
	(void)state;
	all_seen(ADV_TTL, ADV_CHECKSUM);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_packets_are_accepted),
		cmocka_unit_test(every_prefix_is_short),
		cmocka_unit_test(every_flipped_bit_is_refused),
		cmocka_unit_test(every_flipped_bit_with_a_right_checksum_has_a_verdict),
		cmocka_unit_test(both_ipv4_checksums_of_version_3_are_good),
		cmocka_unit_test(time_to_live_of_multicast_is_255),
		cmocka_unit_test(version_is_2_or_3),
		cmocka_unit_test(type_is_1),
		cmocka_unit_test(vrid_is_told_of_a_refused_packet),
		cmocka_unit_test(count_beyond_the_message_is_short),
		cmocka_unit_test(bytes_after_the_message_are_noted),
		cmocka_unit_test(first_failure_in_order_is_told),
		cmocka_unit_test(every_verdict_has_its_text),
		cmocka_unit_test(every_verdict_of_this_stage_was_provoked),
	};

	return cmocka_run_group_tests_name("adv_decode", tests, 0, 0);
}
