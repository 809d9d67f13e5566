/* SPDX-License-Identifier: MIT */
/* tls_session_test.c -- whole handshakes in memory, and each reason to refuse one. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "tls_fixtures.h"
#include "tls_peer.h"

#define NAME	"www.example.test"

static struct tls *t;

static int
set_up(void **state)
{
	(void)state;
	peer_reset();
	t = tls_get();
	return t == NULL;
}

static int
tear_down(void **state)
{
	(void)state;
	tls_put(t);
	return 0;
}

/* Until nothing moves, in pieces of `split`. */
static void
shake_split(int64_t wall_s, size_t split)
{
	assert_true(br_ssl_server_reset(&peer_server));
	assert_true(tls_start(t, &peer_conf, peer_mem, wall_s));
	while (!tls_ready(t) && peer_move(t, split))
		;
	/* The server has gone: what BearSSL does after a failure of its own. */
	if (!tls_ready(t) && !tls_closed(t))
		tls_wire_end(t);
}

static void
shake(void)
{
	shake_split(TLS_PEER_NOW, 100000);
}

#define verdict_is(v)	do {						\
	assert_string_equal(tls_verdict_text(tls_verdict(t)), tls_verdict_text(v));	\
	assert_int_equal(tls_ready(t), (v) == TLS_OK);			\
	assert_int_equal(tls_closed(t), (v) != TLS_OK);			\
} while (0)

/* One request and its answer. */
static void
talk(size_t split)
{
	const uint8_t *p = NULL;
	size_t n = 0, got = 0;

	assert_int_equal(tls_write(t, "question", 8), 8);
	tls_flush(t);
	while (peer_move(t, split))
		;
	unsigned char *q = br_ssl_engine_recvapp_buf(&peer_server.eng, &n);

	assert_int_equal(n, 8);
	assert_memory_equal(q, "question", 8);
	br_ssl_engine_recvapp_ack(&peer_server.eng, n);
	q = br_ssl_engine_sendapp_buf(&peer_server.eng, &n);
	assert_true(n >= 10000);
	memset(q, 'a', 10000);
	br_ssl_engine_sendapp_ack(&peer_server.eng, 10000);
	br_ssl_engine_flush(&peer_server.eng, 0);
	for (bool more = true; more; ) {
		more = peer_move(t, split);
		while ((n = tls_read(t, &p)) > 0) {
			for (size_t i = 0; i < n; i++)
				assert_int_equal(p[i], 'a');
			got += n;
			tls_read_done(t, n);
		}
	}
	assert_int_equal(got, 10000);
}

static void
a_chain_and_a_name_that_hold_are_a_session(void **state)
{
	struct tls_peer peer;

	(void)state;
	peer_trust(FIXTURE_CA, NAME);
	peer_serve(FIXTURE_SERVER, FIXTURE_SERVER_KEY);
	shake();
	verdict_is(TLS_OK);
	talk(100000);
	tls_peer(t, &peer);
	assert_int_equal(peer.version, 0x0303);
	assert_int_equal(peer.suite, BR_TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256);
	assert_true(peer.not_after_s == INT64_C(2727043200));	/* 2056-06-01 */
	assert_string_equal(peer.alpn, "");
	tls_close(t);
	while (peer_move(t, 100000))
		;
	assert_true(tls_closed(t));
	assert_int_equal(tls_verdict(t), TLS_OK);
}

static void
any_split_is_the_same(void **state)
{
	static const size_t split[] = { 1, 2, 3, 5, 7, 64, 255, 1000 };

	(void)state;
	for (unsigned i = 0; i < PORT_ARRAY_SIZE(split); i++) {
		peer_reset();
		peer_trust(FIXTURE_CA, NAME);
		peer_serve(FIXTURE_SERVER, FIXTURE_SERVER_KEY);
		shake_split(TLS_PEER_NOW, split[i]);
		verdict_is(TLS_OK);
		talk(split[i]);
	}
}

static void
each_suite_is_spoken(void **state)
{
	static const struct { uint16_t suite; bool rsa; } row[] = {
		{ BR_TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, false },
		{ BR_TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, false },
		{ BR_TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256, true },
		{ BR_TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, true },
		{ BR_TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384, true },
		{ BR_TLS_RSA_WITH_AES_128_GCM_SHA256, true },
		{ BR_TLS_RSA_WITH_AES_256_GCM_SHA384, true },
	};
	struct tls_peer peer;

	(void)state;
	for (unsigned i = 0; i < PORT_ARRAY_SIZE(row); i++) {
		peer_reset();
		peer_trust(row[i].rsa ? FIXTURE_CA_RSA : FIXTURE_CA, NAME);
		if (row[i].rsa)
			peer_serve(FIXTURE_RSA, FIXTURE_RSA_KEY);
		else
			peer_serve(FIXTURE_SERVER, FIXTURE_SERVER_KEY);
		br_ssl_engine_set_suites(&peer_server.eng, &row[i].suite, 1);
		shake();
		verdict_is(TLS_OK);
		tls_peer(t, &peer);
		assert_int_equal(peer.suite, row[i].suite);
		talk(1000);
	}
}

static void
each_curve_is_a_server_key(void **state)
{
	(void)state;
	peer_trust(FIXTURE_CA, NAME);
	peer_serve(FIXTURE_P384, FIXTURE_P384_KEY);
	shake();
	verdict_is(TLS_OK);
}

/* One refused handshake. */
static void
refuse(const char *anchors, const char *name, const char *chain, enum tls_verdict v)
{
	peer_reset();
	peer_trust(anchors, name);
	peer_serve(chain, FIXTURE_SERVER_KEY);
	shake();
	verdict_is(v);
}

static void
each_fault_of_a_certificate_has_its_verdict(void **state)
{
	(void)state;
	refuse(FIXTURE_OTHER_CA, NAME, FIXTURE_SERVER, TLS_NO_CHAIN);
	refuse(FIXTURE_FALSE_CA, NAME, FIXTURE_SERVER, TLS_NO_CHAIN);
	refuse(FIXTURE_CA, "mail.example.test", FIXTURE_SERVER, TLS_NAME);
	refuse(FIXTURE_CA, "example.test", FIXTURE_SERVER, TLS_NAME);
	refuse(FIXTURE_CA, "192.0.2.10", FIXTURE_SERVER, TLS_NAME);	/* a name, not an address */
	refuse(FIXTURE_CA, NAME, FIXTURE_EXPIRED, TLS_EXPIRED);
	refuse(FIXTURE_CA, NAME, FIXTURE_EARLY, TLS_EARLY);
	refuse(FIXTURE_CA, NAME, FIXTURE_SELF, TLS_SELF);
	refuse(FIXTURE_CA, NAME, FIXTURE_MID_SERVER, TLS_NO_CHAIN);	/* its issuer is missing */
	refuse(FIXTURE_CA, NAME, FIXTURE_MID_SERVER FIXTURE_MID_EXPIRED, TLS_EXPIRED);
	refuse(FIXTURE_CA, NAME, FIXTURE_MID_SERVER FIXTURE_CA, TLS_NO_CHAIN);
	/* Signed by a server's certificate, which is no authority. */
	refuse(FIXTURE_CA, NAME, FIXTURE_BY_SERVER FIXTURE_SERVER, TLS_NO_CHAIN);
}

static void
the_end_of_the_servers_certificate_is_known_of_a_refused_one_too(void **state)
{
	struct tls_peer peer;

	(void)state;
	refuse(FIXTURE_CA, NAME, FIXTURE_EXPIRED, TLS_EXPIRED);
	tls_peer(t, &peer);
	assert_true(peer.not_after_s == INT64_C(1780358400));	/* 2026-06-02 */
	refuse(FIXTURE_CA, NAME, FIXTURE_MID_SERVER FIXTURE_MID_EXPIRED, TLS_EXPIRED);
	tls_peer(t, &peer);
	assert_true(peer.not_after_s == INT64_C(2727043200));
}

static void
dates_are_judged_by_the_second(void **state)
{
	static const struct { int64_t wall_s; enum tls_verdict v; } row[] = {
		{ 1780271999, TLS_EARLY }, { 1780272000, TLS_OK },
		{ 1780358400, TLS_OK }, { 1780358401, TLS_EXPIRED },
	};

	(void)state;
	for (unsigned i = 0; i < PORT_ARRAY_SIZE(row); i++) {
		peer_reset();
		peer_trust(FIXTURE_CA, NAME);
		peer_serve(FIXTURE_EXPIRED, FIXTURE_SERVER_KEY);
		shake_split(row[i].wall_s, 1000);
		verdict_is(row[i].v);
	}
}

static void
a_weak_key_is_refused(void **state)
{
	(void)state;
	peer_trust(FIXTURE_CA, NAME);
	peer_serve(FIXTURE_WEAK, FIXTURE_WEAK_KEY);
	shake();
	verdict_is(TLS_WEAK);
}

static void
a_chain_reaches_over_one_between(void **state)
{
	(void)state;
	peer_trust(FIXTURE_CA_RSA FIXTURE_OTHER_CA FIXTURE_FALSE_CA FIXTURE_CA, NAME);
	peer_serve(FIXTURE_MID_SERVER FIXTURE_MID, FIXTURE_SERVER_KEY);
	shake();
	verdict_is(TLS_OK);
}

static void
more_anchors_than_are_tried_at_a_time(void **state)
{
	static char many[200000];

	(void)state;
	for (unsigned i = 0; i < 40; i++)
		strcat(many, i % 2 ? FIXTURE_OTHER_CA : FIXTURE_CA_RSA);
	strcat(many, FIXTURE_CA);
	peer_trust(many, NAME);
	peer_serve(FIXTURE_SERVER, FIXTURE_SERVER_KEY);
	shake();
	verdict_is(TLS_OK);
}

static void
a_certificate_that_is_its_own_anchor_is_trusted(void **state)
{
	(void)state;
	peer_trust(FIXTURE_SELF, NAME);
	peer_serve(FIXTURE_SELF, FIXTURE_SERVER_KEY);
	shake();
	verdict_is(TLS_OK);
	/* But for its own names only. */
	refuse(FIXTURE_SELF, "mail.example.test", FIXTURE_SELF, TLS_NAME);
}

static void
names_match_as_rfc6125_says(void **state)
{
	static const struct { const char *name; enum tls_verdict v; } row[] = {
		{ "WWW.Example.TEST", TLS_OK }, { "a.wild.example.test", TLS_OK },
		{ "wild.example.test", TLS_NAME }, { "a.b.wild.example.test", TLS_NAME },
		{ "w", TLS_NAME }, { "www.example.tes", TLS_NAME },
	};

	(void)state;
	for (unsigned i = 0; i < PORT_ARRAY_SIZE(row); i++)
		if (row[i].v != TLS_OK)
			refuse(FIXTURE_CA, row[i].name, FIXTURE_SERVER, row[i].v);
	for (unsigned i = 0; i < PORT_ARRAY_SIZE(row); i++) {
		if (row[i].v != TLS_OK)
			continue;
		peer_reset();
		peer_trust(FIXTURE_CA, row[i].name);
		peer_serve(FIXTURE_SERVER, FIXTURE_SERVER_KEY);
		shake();
		verdict_is(TLS_OK);
	}
}

static void
an_address_is_looked_for_among_addresses(void **state)
{
	static const struct { const char *name; enum tls_verdict v; } row[] = {
		{ "192.0.2.10", TLS_OK }, { "2001:db8::10", TLS_OK }, { "2001:db8::11", TLS_NAME },
		{ "192.0.2.11", TLS_NAME },
	};

	(void)state;
	for (unsigned i = 0; i < PORT_ARRAY_SIZE(row); i++) {
		peer_reset();
		peer_trust(FIXTURE_CA, row[i].name);
		peer_conf.name_is_address = true;
		peer_serve(FIXTURE_SERVER, FIXTURE_SERVER_KEY);
		shake_split(TLS_PEER_NOW, 7);
		verdict_is(row[i].v);
	}
	/* An untrusted one with the address stays untrusted. */
	peer_reset();
	peer_trust(FIXTURE_OTHER_CA, "192.0.2.10");
	peer_conf.name_is_address = true;
	peer_serve(FIXTURE_SERVER, FIXTURE_SERVER_KEY);
	shake();
	verdict_is(TLS_NO_CHAIN);
	/* And no common name stands in for it. */
	peer_reset();
	peer_trust(FIXTURE_CA, "192.0.2.10");
	peer_conf.name_is_address = true;
	peer_serve(FIXTURE_NO_NAMES, FIXTURE_SERVER_KEY);
	shake();
	verdict_is(TLS_NAME);
}

static void
without_a_clock_no_chain_is_judged_but_a_pin_is(void **state)
{
	(void)state;
	peer_trust(FIXTURE_CA, NAME);
	peer_serve(FIXTURE_SERVER, FIXTURE_SERVER_KEY);
	shake_split(1000, 1000);		/* 1970 */
	verdict_is(TLS_NO_CLOCK);
	peer_conf.verify = TLS_CONF_PIN;
	assert_true(tls_pem_pin(FIXTURE_PIN, strlen(FIXTURE_PIN), peer_conf.pin));
	shake_split(1000, 1000);
	verdict_is(TLS_OK);
}

static void
a_pin_is_the_key_and_nothing_else(void **state)
{
	(void)state;
	peer_conf.verify = TLS_CONF_PIN;
	assert_true(tls_pem_pin(FIXTURE_PIN, strlen(FIXTURE_PIN), peer_conf.pin));
	peer_serve(FIXTURE_EXPIRED, FIXTURE_SERVER_KEY);
	shake_split(TLS_PEER_NOW, 3);
	verdict_is(TLS_OK);
	for (unsigned bit = 0; bit < 256; bit += 85) {
		peer_conf.pin[bit / 8] ^= (uint8_t)(1u << bit % 8);
		shake();
		verdict_is(TLS_PIN);
		peer_conf.pin[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
}

static void
verify_none_takes_what_comes(void **state)
{
	static const char *const chain[] = { FIXTURE_SERVER, FIXTURE_EXPIRED, FIXTURE_SELF };
	struct tls_peer peer;

	(void)state;
	for (unsigned i = 0; i < PORT_ARRAY_SIZE(chain); i++) {
		peer_reset();
		peer_conf.verify = TLS_CONF_NONE;
		peer_serve(chain[i], FIXTURE_SERVER_KEY);
		shake();
		verdict_is(TLS_OK);
	}
	peer_reset();
	peer_conf.verify = TLS_CONF_NONE;
	peer_serve(FIXTURE_RSA, FIXTURE_RSA_KEY);
	shake();
	verdict_is(TLS_OK);
	tls_peer(t, &peer);
	assert_true(peer.not_after_s == INT64_C(2727043200));
}

static void
versions_before_ours_are_old(void **state)
{
	(void)state;
	peer_trust(FIXTURE_CA, NAME);
	peer_serve(FIXTURE_SERVER, FIXTURE_SERVER_KEY);
	br_ssl_engine_set_versions(&peer_server.eng, BR_TLS10, BR_TLS11);
	static const uint16_t suite = BR_TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA;
	static const uint8_t hello[] = {
		0x16, 3, 1, 0, 42, 2, 0, 0, 38, 3, 1,	/* ServerHello of TLS 1.0 */
	};
	uint8_t record[47] = { 0 };

	(void)suite;
	memcpy(record, hello, sizeof hello);
	assert_true(tls_start(t, &peer_conf, peer_mem, TLS_PEER_NOW));
	tls_wire_in(t, record, sizeof record);
	const uint8_t *p = NULL;

	tls_wire_sent(t, tls_wire_out(t, &p));
	tls_wire_in(t, record, sizeof record);
	verdict_is(TLS_OLD);
}

static void
send_all(void)
{
	const uint8_t *p = NULL;

	for (size_t n; (n = tls_wire_out(t, &p)) > 0; )
		tls_wire_sent(t, n);
}

/* What the server says in clear to our hello, whole and byte by byte. */
static void
answer(const void *bytes, size_t n, enum tls_verdict v)
{
	for (size_t step = 1; step <= n; step = step == 1 && n > 1 ? n : n + 1) {
		peer_reset();
		peer_trust(FIXTURE_CA, NAME);
		assert_true(tls_start(t, &peer_conf, peer_mem, TLS_PEER_NOW));
		send_all();
		for (size_t at = 0; at < n; at += step)
			tls_wire_in(t, (const uint8_t *)bytes + at, step < n - at ? step : n - at);
		send_all();
		if (!tls_closed(t))
			tls_wire_end(t);
		verdict_is(v);
	}
}

static void
what_a_server_says_in_clear_has_its_verdict(void **state)
{
	static const uint8_t version[] = { 21, 3, 3, 0, 2, 2, 70 };
	static const uint8_t handshake[] = { 21, 3, 3, 0, 2, 2, 40 };
	static const uint8_t alpn[] = { 21, 3, 3, 0, 2, 2, 120 };
	static const uint8_t required[] = { 21, 3, 3, 0, 2, 2, 116 };
	static const uint8_t close[] = { 21, 3, 3, 0, 2, 1, 0 };
	static const uint8_t data[] = { 23, 3, 3, 0, 2, 1, 0 };
	static const uint8_t ssl2[] = { 22, 2, 0, 0, 1, 0 };

	(void)state;
	answer(version, sizeof version, TLS_NEW);
	answer(handshake, sizeof handshake, TLS_ALERT);
	answer(alpn, sizeof alpn, TLS_ALPN);
	answer(required, sizeof required, TLS_CLIENT);
	answer(close, sizeof close, TLS_ALERT);
	answer(data, sizeof data, TLS_BROKEN);
	answer(ssl2, sizeof ssl2, TLS_NOT_TLS);
	answer("HTTP/1.1 400 Bad Request\r\n", 26, TLS_NOT_TLS);
	answer("220 mail ESMTP\r\n", 16, TLS_NOT_TLS);
	answer("\x16", 1, TLS_CUT);
	answer("", 0, TLS_CUT);
}

static void
a_protocol_is_agreed_on(void **state)
{
	const char *http[] = { "http/1.1" }, *other[] = { "h2" };
	struct tls_peer peer;

	(void)state;
	peer_trust(FIXTURE_CA, NAME);
	peer_conf.alpn = peer_text("h3\0http/1.1", 12);
	peer_serve(FIXTURE_SERVER, FIXTURE_SERVER_KEY);
	br_ssl_engine_set_protocol_names(&peer_server.eng, http, 1);
	shake();
	verdict_is(TLS_OK);
	tls_peer(t, &peer);
	assert_string_equal(peer.alpn, "http/1.1");

	br_ssl_engine_set_protocol_names(&peer_server.eng, other, 1);
	shake();
	verdict_is(TLS_ALPN);
}

static void
a_client_certificate_is_shown(void **state)
{
	static const struct { const char *cert, *key, *ca; } row[] = {
		{ FIXTURE_SERVER, FIXTURE_SERVER_KEY, FIXTURE_CA },
		{ FIXTURE_P384, FIXTURE_P384_KEY, FIXTURE_CA },
		{ FIXTURE_MID_SERVER FIXTURE_MID, FIXTURE_SERVER_KEY, FIXTURE_CA },
		{ FIXTURE_RSA, FIXTURE_RSA_KEY_PKCS1, FIXTURE_CA_RSA },
	};

	(void)state;
	for (unsigned i = 0; i < PORT_ARRAY_SIZE(row); i++) {
		peer_reset();
		peer_trust(row[i].ca, NAME);
		peer_serve(FIXTURE_SERVER, FIXTURE_SERVER_KEY);
		peer_ask();
		peer_trust(FIXTURE_CA, NAME);
		peer_certificate(row[i].cert, row[i].key, &peer_conf.chain, &peer_conf.key);
		shake();
		assert_int_equal(br_ssl_engine_last_error(&peer_server.eng), 0);
		verdict_is(TLS_OK);
		talk(1000);
	}
}

static void
a_client_certificate_that_is_missing_is_named(void **state)
{
	static const uint8_t refused[] = { 21, 3, 3, 0, 2, 2, 40 };

	(void)state;
	peer_trust(FIXTURE_CA, NAME);
	peer_serve(FIXTURE_SERVER, FIXTURE_SERVER_KEY);
	peer_ask();
	shake();
	/* BearSSL's server just fails; others say so first. */
	assert_int_equal(br_ssl_engine_last_error(&peer_server.eng), BR_ERR_NO_CLIENT_AUTH);
	assert_true(br_ssl_server_reset(&peer_server));
	assert_true(tls_start(t, &peer_conf, peer_mem, TLS_PEER_NOW));
	while (br_ssl_engine_last_error(&peer_server.eng) == 0 && peer_move(t, 100000))
		;
	send_all();
	tls_wire_in(t, refused, sizeof refused);
	verdict_is(TLS_CLIENT);
}

static void
an_end_in_the_middle_is_a_cut(void **state)
{
	(void)state;
	peer_trust(FIXTURE_CA, NAME);
	peer_serve(FIXTURE_SERVER, FIXTURE_SERVER_KEY);
	shake();
	verdict_is(TLS_OK);
	tls_wire_end(t);
	assert_true(tls_closed(t));
	assert_int_equal(tls_verdict(t), TLS_CUT);
	/* But not behind our own close. */
	shake();
	tls_close(t);
	tls_wire_end(t);
	assert_true(tls_closed(t));
	assert_int_equal(tls_verdict(t), TLS_OK);
}

static void
a_changed_byte_never_becomes_data(void **state)
{
	const uint8_t *p = NULL;
	size_t n = 0;

	(void)state;
	peer_trust(FIXTURE_CA, NAME);
	peer_serve(FIXTURE_SERVER, FIXTURE_SERVER_KEY);
	for (unsigned at = 5; at < 5 + 8 + 4 + 16; at += 3) {
		shake();
		verdict_is(TLS_OK);
		unsigned char *q = br_ssl_engine_sendapp_buf(&peer_server.eng, &n);

		memcpy(q, "data", 4);
		br_ssl_engine_sendapp_ack(&peer_server.eng, 4);
		br_ssl_engine_flush(&peer_server.eng, 0);
		q = br_ssl_engine_sendrec_buf(&peer_server.eng, &n);
		if (at >= n)
			break;
		q[at] ^= 0x10;
		tls_wire_in(t, q, n);
		assert_int_equal(tls_read(t, &p), 0);
		assert_int_equal(tls_verdict(t), TLS_BROKEN);
	}
}

static void
what_cannot_be_used_is_ours(void **state)
{
	(void)state;
	/* No anchor, no name, a key that is none, an address that is none, too many protocols. */
	assert_false(tls_start(t, &peer_conf, peer_mem, TLS_PEER_NOW));
	assert_int_equal(tls_verdict(t), TLS_OURS);
	assert_true(tls_closed(t));
	peer_trust(FIXTURE_CA, "");
	assert_false(tls_start(t, &peer_conf, peer_mem, TLS_PEER_NOW));
	peer_trust(FIXTURE_CA, NAME);
	assert_true(tls_start(t, &peer_conf, peer_mem, TLS_PEER_NOW));
	peer_conf.name_is_address = true;
	assert_false(tls_start(t, &peer_conf, peer_mem, TLS_PEER_NOW));
	peer_conf.name_is_address = false;
	peer_conf.chain = peer_text("\0\1\0", 3);
	assert_false(tls_start(t, &peer_conf, peer_mem, TLS_PEER_NOW));
	peer_conf.chain.at = 0;
	peer_conf.alpn = peer_text("a\0b\0c\0d\0e", 10);
	assert_false(tls_start(t, &peer_conf, peer_mem, TLS_PEER_NOW));
	peer_conf.alpn.at = 0;
	char name[300];

	memset(name, 'a', sizeof name - 1);
	name[sizeof name - 1] = '\0';
	peer_trust(FIXTURE_CA, name);
	assert_false(tls_start(t, &peer_conf, peer_mem, TLS_PEER_NOW));
	assert_int_equal(tls_verdict(t), TLS_OURS);
}

/* ---- a session that is taken up again --------------------------------------------- */

static struct tls_kept kept;
static unsigned char cached[4096];

/* A server that keeps sessions, and one whole handshake with it. */
static void
keep(void)
{
	static br_ssl_session_cache_lru cache;

	memset(&kept, 0, sizeof kept);
	br_ssl_session_cache_lru_init(&cache, cached, sizeof cached);
	peer_trust(FIXTURE_CA, NAME);
	peer_serve(FIXTURE_SERVER, FIXTURE_SERVER_KEY);
	br_ssl_server_set_cache(&peer_server, &cache.vtable);
	shake();
	verdict_is(TLS_OK);
	assert_true(tls_keep(t, &kept, (struct mono){ 7 }));
}

static struct tls_peer
shake_again(void)
{
	struct tls_peer peer;

	assert_true(br_ssl_server_reset(&peer_server));
	assert_true(tls_start_again(t, &peer_conf, peer_mem, TLS_PEER_NOW, &kept));
	while (!tls_ready(t) && peer_move(t, 100000))
		;
	tls_peer(t, &peer);
	return peer;
}

static void
a_kept_session_is_taken_up(void **state)
{
	struct tls_kept no;

	(void)state;
	keep();
	assert_int_equal(kept.verified.us, 7);
	assert_true(kept.until_s == INT64_C(2727043200));	/* of the server's */

	const struct tls_peer peer = shake_again();

	verdict_is(TLS_OK);
	assert_true(peer.again);
	assert_int_equal(peer.suite, kept.suite);
	assert_true(peer.not_after_s == 0);
	/* It can't beget another, which would be verified by nobody. */
	assert_false(tls_keep(t, &no, (struct mono){ 8 }));
	talk(100000);
}

static void
a_server_that_has_forgotten_it_is_verified(void **state)
{
	(void)state;
	keep();
	memset(cached, 0, sizeof cached);
	peer_server.cache_vtable = NULL;

	const struct tls_peer peer = shake_again();

	verdict_is(TLS_OK);
	assert_false(peer.again);
	assert_true(peer.not_after_s > 0);
	talk(100000);
}

static void
another_certificate_behind_a_forgotten_one_is_refused(void **state)
{
	(void)state;
	keep();
	peer_serve(FIXTURE_EXPIRED, FIXTURE_SERVER_KEY);
	shake_again();
	verdict_is(TLS_EXPIRED);
}

static void
who_does_not_know_the_secret_is_refused(void **state)
{
	(void)state;
	keep();
	kept.secret[0] ^= 1;
	shake_again();
	assert_false(tls_ready(t));
	assert_true(tls_closed(t));
}

static void
a_server_that_keeps_none_leaves_nothing_to_keep(void **state)
{
	(void)state;
	peer_trust(FIXTURE_CA, NAME);
	peer_serve(FIXTURE_SERVER, FIXTURE_SERVER_KEY);
	assert_false(tls_keep(t, &kept, (struct mono){ 7 }));
	shake();
	kept.id_n = 0;
	/* It names one all the same, which is ours to offer and its to refuse. */
	if (tls_keep(t, &kept, (struct mono){ 7 }))
		assert_false(shake_again().again);
	verdict_is(TLS_OK);
}

static void
a_pinned_key_has_no_dates(void **state)
{
	(void)state;
	keep();
	peer_conf.verify = TLS_CONF_NONE;
	shake();
	assert_true(tls_keep(t, &kept, (struct mono){ 7 }));
	assert_true(kept.from_s == INT64_MIN && kept.until_s == INT64_MAX);
}

static void
sessions_are_a_pool(void **state)
{
	struct tls *all[CONFIG_TLS_SESSIONS];

	(void)state;
	for (unsigned i = 0; i < CONFIG_TLS_SESSIONS; i++) {
		assert_int_equal(tls_free(), CONFIG_TLS_SESSIONS - i);
		all[i] = tls_get();
		assert_non_null(all[i]);
	}
	assert_int_equal(tls_free(), 0);
	assert_null(tls_get());
	for (unsigned i = 0; i < CONFIG_TLS_SESSIONS; i++)
		tls_put(all[i]);
	assert_int_equal(tls_free(), CONFIG_TLS_SESSIONS);
}

#define TEST(f)	cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(a_chain_and_a_name_that_hold_are_a_session),
		TEST(any_split_is_the_same),
		TEST(each_suite_is_spoken),
		TEST(each_curve_is_a_server_key),
		TEST(each_fault_of_a_certificate_has_its_verdict),
		TEST(the_end_of_the_servers_certificate_is_known_of_a_refused_one_too),
		TEST(dates_are_judged_by_the_second),
		TEST(a_weak_key_is_refused),
		TEST(a_chain_reaches_over_one_between),
		TEST(more_anchors_than_are_tried_at_a_time),
		TEST(a_certificate_that_is_its_own_anchor_is_trusted),
		TEST(names_match_as_rfc6125_says),
		TEST(an_address_is_looked_for_among_addresses),
		TEST(without_a_clock_no_chain_is_judged_but_a_pin_is),
		TEST(a_pin_is_the_key_and_nothing_else),
		TEST(verify_none_takes_what_comes),
		TEST(versions_before_ours_are_old),
		TEST(what_a_server_says_in_clear_has_its_verdict),
		TEST(a_protocol_is_agreed_on),
		TEST(a_client_certificate_is_shown),
		TEST(a_client_certificate_that_is_missing_is_named),
		TEST(an_end_in_the_middle_is_a_cut),
		TEST(a_changed_byte_never_becomes_data),
		TEST(what_cannot_be_used_is_ours),
		TEST(a_kept_session_is_taken_up),
		TEST(a_server_that_has_forgotten_it_is_verified),
		TEST(another_certificate_behind_a_forgotten_one_is_refused),
		TEST(who_does_not_know_the_secret_is_refused),
		TEST(a_server_that_keeps_none_leaves_nothing_to_keep),
		TEST(a_pinned_key_has_no_dates),
		cmocka_unit_test(sessions_are_a_pool),
	};

	return cmocka_run_group_tests_name("tls_session", tests, 0, 0);
}
