/* SPDX-License-Identifier: MIT */
/* dns_test.c -- DNS names, queries, the walk over replies, data as text. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "dns.h"

static struct dns_name
name(const char *text)
{
	struct dns_name n;

	assert_true(dns_name_from_text(&n, text, strlen(text)));
	return n;
}

static void
names_go_to_the_wire_and_back(void **state)
{
	static const struct { const char *in, *wire, *out; size_t n; } row[] = {
		{ ".", "", ".", 1 },
		{ "a", "\1a", "a", 3 },
		{ "www.Example.org", "\3www\7Example\3org", "www.Example.org", 17 },
		{ "www.example.org.", "\3www\7example\3org", "www.example.org", 17 },
		{ "_sip._tcp.x", "\4_sip\4_tcp\1x", "_sip._tcp.x", 13 },
		{ "a\\.b.c", "\3a.b\1c", "a\\.b.c", 7 },
		{ "\\065\\\\\\000x", "\4A\\\0x", "A\\\\\\000x", 6 },
		{ "a b", "\3a b", "a\\032b", 5 },
	};

	(void)state;
	for (size_t i = 0; i < PORT_ARRAY_SIZE(row); i++) {
		const struct dns_name n = name(row[i].in);
		char text[64];
		struct strfmt out;

		assert_int_equal(n.n, row[i].n);
		assert_memory_equal(n.w, row[i].wire, n.n);
		strfmt_init(&out, text, sizeof text);
		dns_name_text(&out, &n);
		assert_string_equal(text, row[i].out);
	}
}

static void
what_is_no_name_is_refused(void **state)
{
	static const char *const bad[] = { "", "..", ".a", "a..b", "a\\", "a\\12", "\\256", "\\1x2" };
	char text[300];
	struct dns_name n;

	(void)state;
	for (size_t i = 0; i < PORT_ARRAY_SIZE(bad); i++)
		if (dns_name_from_text(&n, bad[i], strlen(bad[i])))
			fail_msg("%s", bad[i]);
	memset(text, 'a', sizeof text);
	assert_true(dns_name_from_text(&n, text, 63));
	assert_false(dns_name_from_text(&n, text, 64));
	text[63] = text[127] = text[191] = '.';
	assert_true(dns_name_from_text(&n, text, 253));	/* 255 on the wire */
	assert_int_equal(n.n, 255);
	assert_false(dns_name_from_text(&n, text, 254));
}

static void
names_are_equal_without_regard_to_case(void **state)
{
	const struct dns_name a = name("WWW.example.org"), b = name("www.EXAMPLE.org");
	const struct dns_name c = name("www.example.orh"), d = name("ww.example.org");
	const struct dns_name at = name("@"), tick = name("`");

	(void)state;
	assert_true(dns_name_equal(&a, &b));
	assert_false(dns_name_equal(&a, &c));
	assert_false(dns_name_equal(&a, &d));
	assert_false(dns_name_equal(&at, &tick));
}

static void
types_have_words_and_numbers(void **state)
{
	static const struct { const char *text; uint16_t type; } row[] = {
		{ "A", 1 }, { "mx", 15 }, { "Aaaa", 28 }, { "CAA", 257 }, { "ANY", 255 },
		{ "TYPE65535", 65535 }, { "type28", 28 },
	};
	static const char *const bad[] = { "", "B", "AA", "TYPE", "TYPE0", "TYPE65536", "TYPE-1" };
	uint16_t type = 0;
	char text[16];
	struct strfmt out;

	(void)state;
	for (size_t i = 0; i < PORT_ARRAY_SIZE(row); i++) {
		assert_true(dns_type_from_text(&type, row[i].text, strlen(row[i].text)));
		assert_int_equal(type, row[i].type);
	}
	for (size_t i = 0; i < PORT_ARRAY_SIZE(bad); i++)
		assert_false(dns_type_from_text(&type, bad[i], strlen(bad[i])));
	strfmt_init(&out, text, sizeof text);
	dns_type_text(&out, 33);
	dns_type_text(&out, 4711);
	assert_string_equal(text, "SRVTYPE4711");
	assert_string_equal(dns_rcode_text(3), "NXDOMAIN");
	assert_null(dns_rcode_text(11));
}

static void
query_is_as_the_standard_has_it(void **state)
{
	static const uint8_t want[] = "\xab\xcd\1\0\0\1\0\0\0\0\0\0\1a\3org\0\0\x1c\0\1";
	static const uint8_t edns[] = "\0\0\x29\x04\xd0\0\0\0\0\0";
	const struct dns_name n = name("a.org");
	uint8_t b[64];
	struct wr w = wr_over(b, sizeof b);

	(void)state;
	dns_query(&w, 0xabcd, n.w, n.n, DNS_AAAA, 0);
	assert_int_equal(wr_len(&w), sizeof want - 1);
	assert_memory_equal(b, want, sizeof want - 1);
	w = wr_over(b, sizeof b);
	dns_query(&w, 0xabcd, n.w, n.n, DNS_AAAA, 1232);
	assert_int_equal(b[11], 1);
	assert_int_equal(wr_len(&w), sizeof want - 1 + 11);
	assert_memory_equal(b + sizeof want - 1, edns, 11);
}

/* Reads the name at the end of a header with `n` bytes behind it. */
static enum dns_verdict
read_at(const char *p, size_t n, size_t skip, struct dns_name *out, size_t *at)
{
	static uint8_t b[1200];
	struct dns_msg m;

	memset(b, 0, DNS_HEADER);
	memcpy(b + DNS_HEADER, p, n);
	assert_int_equal(dns_open(&m, b, DNS_HEADER + n), DNS_MSG_OK);
	*at = DNS_HEADER + skip;
	return dns_name_read(&m, at, out);
}

static void
pointers_are_followed_backwards(void **state)
{
	static const char p[] = "\3www\1x\0\1y\xc0\x10\xc0\x13";
	const struct dns_name yx = name("y.x");
	struct dns_name n;
	size_t at;

	(void)state;
	/* 12: www.x, 16: x, 19: y.x, 23: -> 19 */
	assert_int_equal(read_at(p, sizeof p - 1, 7, &n, &at), DNS_MSG_OK);
	assert_true(dns_name_equal(&n, &yx));
	assert_int_equal(at, DNS_HEADER + 11);
	assert_int_equal(read_at(p, sizeof p - 1, 11, &n, &at), DNS_MSG_OK);
	assert_true(dns_name_equal(&n, &yx));
	assert_int_equal(at, DNS_HEADER + 13);
}

static void
circles_and_pointers_ahead_are_refused(void **state)
{
	struct dns_name n;
	size_t at;

	(void)state;
	assert_int_equal(read_at("\xc0\x0c", 2, 0, &n, &at), DNS_MSG_POINTER);	/* itself */
	assert_int_equal(read_at("\1a\xc0\x0c", 4, 0, &n, &at), DNS_MSG_POINTER);
	assert_int_equal(read_at("\xc0\x0e\xc0\x0c", 4, 0, &n, &at), DNS_MSG_POINTER);
	assert_int_equal(read_at("\1a\xc0\x10\1b\xc0\x0c", 8, 4, &n, &at), DNS_MSG_POINTER);
	assert_int_equal(read_at("\xc0\xff", 2, 0, &n, &at), DNS_MSG_POINTER);
	assert_int_equal(at, DNS_HEADER);
}

static void
ladder_of_pointers_ends(void **state)
{
	static char p[1024];
	struct dns_name n;
	size_t at;

	(void)state;
	/* A root, and pointers each to the one before. */
	for (size_t i = 2; i < sizeof p; i += 2) {
		const size_t to = DNS_HEADER + i - 2;

		p[i] = (char)(0xc0 | to >> 8);
		p[i + 1] = (char)to;
	}
	assert_int_equal(read_at(p, sizeof p, 2 * 128, &n, &at), DNS_MSG_OK);
	assert_int_equal(n.n, 1);
	assert_int_equal(read_at(p, sizeof p, 2 * 129, &n, &at), DNS_MSG_POINTER);
}

static void
long_and_strange_names_are_refused(void **state)
{
	char p[300];
	struct dns_name n;
	size_t at;

	(void)state;
	for (size_t i = 0; i < sizeof p; i += 2)
		memcpy(p + i, "\1a", 2);
	p[254] = 0;
	assert_int_equal(read_at(p, sizeof p, 0, &n, &at), DNS_MSG_OK);
	assert_int_equal(n.n, 255);
	p[254] = 1;
	assert_int_equal(read_at(p, sizeof p, 0, &n, &at), DNS_MSG_LONG);
	assert_int_equal(read_at("\x41" "a", 2, 0, &n, &at), DNS_MSG_LABEL);
	assert_int_equal(read_at("\x80" "a", 2, 0, &n, &at), DNS_MSG_LABEL);
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(read_at("\3www", i, 0, &n, &at), DNS_MSG_SHORT);
	assert_int_equal(read_at("\1a\xc0", 3, 0, &n, &at), DNS_MSG_SHORT);
}

/* The text of data of a type, behind "\3foo\0" at 12. */
static const char *
data(uint16_t type, const char *p, size_t n, enum dns_verdict want)
{
	static char text[600];
	uint8_t b[600] = { 0 };
	struct wr w = wr_over(b + DNS_HEADER, sizeof b - DNS_HEADER);
	struct dns_msg m;
	struct dns_record r;
	struct strfmt out;

	wr_put(&w, "\3foo", 5);
	wr_u16(&w, 0xc00c);
	wr_u16(&w, type);
	wr_u16(&w, DNS_IN);
	wr_u32(&w, 60);
	wr_u16(&w, (uint16_t)n);
	wr_put(&w, p, n);
	assert_int_equal(dns_open(&m, b, DNS_HEADER + wr_len(&w)), DNS_MSG_OK);
	m.at = DNS_HEADER + 5;
	assert_int_equal(dns_next_record(&m, &r), DNS_MSG_OK);
	assert_int_equal(r.ttl_s, 60);
	assert_int_equal(m.at, m.n);
	strfmt_init(&out, text, sizeof text);
	assert_int_equal(dns_data_text(&m, &r, &out), want);
	return text;
}
#define DATA(type, p)	data(DNS_##type, p, sizeof(p) - 1, DNS_MSG_OK)
#define BAD(type, p, v)	(void)data(DNS_##type, p, sizeof(p) - 1, DNS_MSG_##v)

static void
data_reads_as_in_a_zone_file(void **state)
{
	(void)state;
	assert_string_equal(DATA(A, "\xc0\0\2\1"), "192.0.2.1");
	assert_string_equal(DATA(AAAA, "\x20\1\xd\xb8\0\0\0\0\0\0\0\0\0\0\0\1"), "2001:db8::1");
	assert_string_equal(DATA(NS, "\2ns\xc0\xc"), "ns.foo");
	assert_string_equal(DATA(CNAME, "\0"), ".");
	assert_string_equal(DATA(PTR, "\1p\xc0\xc"), "p.foo");
	assert_string_equal(DATA(MX, "\0\xa\4mail\xc0\xc"), "10 mail.foo");
	assert_string_equal(DATA(SRV, "\0\1\0\2\x13\xc4\1s\0"), "1 2 5060 s");
	assert_string_equal(DATA(SOA, "\2ns\xc0\xc\2me\xc0\xc\0\0\0\1\0\0\0\2\0\0\0\3\0\0\0\4"
				 "\xff\xff\xff\xff"), "ns.foo me.foo 1 2 3 4 4294967295");
	assert_string_equal(DATA(TXT, "\3a b\0\2\"\n"), "a b\"\\010");
	assert_string_equal(DATA(CAA, "\0\5issueca.example"), "0 issue ca.example");
	assert_string_equal(DATA(HINFO, "\1a"), "\\# 2 0161");
	assert_string_equal(DATA(TLSA, ""), "\\# 0");
}

static void
data_of_another_length_is_refused(void **state)
{
	(void)state;
	BAD(A, "\1\2\3", RDATA);
	BAD(A, "\1\2\3\4\5", RDATA);
	BAD(AAAA, "\1\2\3\4", RDATA);
	BAD(NS, "\1a\0x", RDATA);
	BAD(NS, "", SHORT);
	BAD(MX, "\0", RDATA);
	BAD(MX, "\0\1", SHORT);
	BAD(SRV, "\0\1\0\2\0\3\1a", SHORT);
	BAD(SOA, "\1a\0\1b\0\0\0\0\1", RDATA);
	BAD(TXT, "\4abc", RDATA);
	BAD(CAA, "\0", RDATA);
	BAD(CAA, "\0\0x", RDATA);
	BAD(CAA, "\0\5iss", RDATA);
	BAD(NS, "\xc0\x1d", POINTER);
}

/* A name of a record may not be read out of what follows it. */
static void
name_ends_within_its_data(void **state)
{
	uint8_t b[] = "\0\0\0\0\0\0\0\1\0\0\0\0" "\0\0\2\0\1\0\0\0\0\0\1" "\1a\0";
	struct dns_msg m;
	struct dns_record r;
	char text[16];
	struct strfmt out;

	(void)state;
	assert_int_equal(dns_open(&m, b, sizeof b - 1), DNS_MSG_OK);
	assert_int_equal(dns_next_record(&m, &r), DNS_MSG_OK);
	strfmt_init(&out, text, sizeof text);
	assert_int_equal(dns_data_text(&m, &r, &out), DNS_MSG_RDATA);
}

static void
every_prefix_of_a_message_is_short(void **state)
{
	static const uint8_t b[] = "\0\1\x81\x80\0\1\0\1\0\0\0\0" "\1a\0\0\1\0\1"
		"\xc0\xc\0\1\0\1\0\0\0\x3c\0\4\xc0\0\2\1";

	(void)state;
	for (size_t n = 0; n < sizeof b; n++) {
		struct dns_question q;
		struct dns_record r;
		struct dns_msg m;
		enum dns_verdict v = dns_open(&m, b, n);

		if (v == DNS_MSG_OK)
			v = dns_next_question(&m, &q);
		if (v == DNS_MSG_OK)
			v = dns_next_record(&m, &r);
		assert_int_equal(v, n < sizeof b - 1 ? DNS_MSG_SHORT : DNS_MSG_OK);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_go_to_the_wire_and_back),
		cmocka_unit_test(what_is_no_name_is_refused),
		cmocka_unit_test(names_are_equal_without_regard_to_case),
		cmocka_unit_test(types_have_words_and_numbers),
		cmocka_unit_test(query_is_as_the_standard_has_it),
		cmocka_unit_test(pointers_are_followed_backwards),
		cmocka_unit_test(circles_and_pointers_ahead_are_refused),
		cmocka_unit_test(ladder_of_pointers_ends),
		cmocka_unit_test(long_and_strange_names_are_refused),
		cmocka_unit_test(data_reads_as_in_a_zone_file),
		cmocka_unit_test(data_of_another_length_is_refused),
		cmocka_unit_test(name_ends_within_its_data),
		cmocka_unit_test(every_prefix_of_a_message_is_short),
	};

	return cmocka_run_group_tests_name("dns", tests, NULL, NULL);
}
