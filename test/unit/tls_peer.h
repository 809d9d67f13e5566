/* SPDX-License-Identifier: MIT */
/* tls_peer.h -- for tests: a session of ours and, in the same memory, BearSSL's own server. */
#ifndef TLS_PEER_H
#define TLS_PEER_H

#include <bearssl.h>
#include <string.h>

#include "tls.h"
#include "tls_form.h"
#include "tls_pem.h"

#define TLS_PEER_NOW	INT64_C(1800000000)	/* 2027-01-15 */

/* The image's bytes, and what of them a session uses. */
static uint8_t peer_mem[1 << 17];
static struct tls_pem_out peer_out;
static struct tls_conf peer_conf;
static br_ssl_server_context peer_server;
static unsigned char peer_buffer[BR_SSL_BUFSIZE_BIDI];
static br_x509_certificate peer_chain[TLS_FORM_CHAIN];
static br_rsa_private_key peer_rsa;
static br_ec_private_key peer_ec;
static br_x509_minimal_context peer_judge;
static br_x509_trust_anchor peer_anchor;

static inline void
peer_reset(void)
{
	peer_out = (struct tls_pem_out){ peer_mem, 1, sizeof peer_mem };
	memset(&peer_conf, 0, sizeof peer_conf);
	memset(&peer_server, 0, sizeof peer_server);
}

static inline struct tls_conf_bytes
peer_text(const void *p, size_t n)
{
	const struct tls_conf_bytes b = { peer_out.used, (uint32_t)n };

	memcpy(peer_mem + peer_out.used, p, n);
	peer_out.used += (uint32_t)n;
	return b;
}

/* What the client trusts and whom it looks for. */
static inline void
peer_trust(const char *anchors, const char *name)
{
	struct tls_pem_count count;

	assert_int_equal(tls_pem_anchors(anchors, strlen(anchors), &peer_out, &peer_conf.anchors,
					 &count), TLS_PEM_OK);
	peer_conf.name = peer_text(name, strlen(name) + 1);
}

static inline void
peer_certificate(const char *chain, const char *key, struct tls_conf_bytes *c,
		 struct tls_conf_bytes *k)
{
	assert_int_equal(tls_pem_chain(chain, strlen(chain), &peer_out, c), TLS_PEM_OK);
	assert_int_equal(tls_pem_key(key, strlen(key), &peer_out, c, k), TLS_PEM_OK);
}

/* A server with this certificate. */
static inline void
peer_serve(const char *chain, const char *key)
{
	struct tls_conf_bytes c, k;

	peer_certificate(chain, key, &c, &k);
	const size_t n = tls_form_chain(peer_mem + c.at, c.n, peer_chain);

	if (tls_form_private(peer_mem + k.at, k.n, &peer_rsa, &peer_ec) == TLS_KEY_RSA)
		br_ssl_server_init_full_rsa(&peer_server, peer_chain, n, &peer_rsa);
	else
		br_ssl_server_init_full_ec(&peer_server, peer_chain, n, BR_KEYTYPE_EC, &peer_ec);
	br_ssl_engine_set_buffer(&peer_server.eng, peer_buffer, sizeof peer_buffer, 1);
}

/* It asks for a client certificate of the last anchor that peer_trust() took. */
static inline void
peer_ask(void)
{
	struct rd r = rd_over(peer_mem + peer_conf.anchors.at, peer_conf.anchors.n);
	struct tls_form_anchor a;

	assert_true(tls_form_next_anchor(&r, &a));
	peer_anchor.dn.data = tls_form_mutable(a.name);
	peer_anchor.dn.len = a.name_n;
	peer_anchor.flags = BR_X509_TA_CA;
	tls_form_key(&a.key, &peer_anchor.pkey);
	br_x509_minimal_init_full(&peer_judge, &peer_anchor, 1);
	br_x509_minimal_set_time(&peer_judge, (uint32_t)(TLS_PEER_NOW / 86400 + 719528), 0);
	br_ssl_engine_set_default_rsavrfy(&peer_server.eng);
	br_ssl_engine_set_default_ecdsa(&peer_server.eng);
	br_ssl_engine_set_x509(&peer_server.eng, &peer_judge.vtable);
	br_ssl_server_set_trust_anchor_names_alt(&peer_server, &peer_anchor, 1);
}

/* Moves up to `n` bytes each way; false: neither had any. */
static inline bool
peer_move(struct tls *t, size_t n)
{
	const uint8_t *p = NULL;
	size_t len = tls_wire_out(t, &p), room = 0;
	bool moved = false;
	unsigned char *to = br_ssl_engine_recvrec_buf(&peer_server.eng, &room);

	len = len < room ? len : room;
	len = len < n ? len : n;
	if (to && len > 0) {
		memcpy(to, p, len);
		br_ssl_engine_recvrec_ack(&peer_server.eng, len);
		tls_wire_sent(t, len);
		moved = true;
	}
	to = br_ssl_engine_sendrec_buf(&peer_server.eng, &len);
	room = tls_wire_room(t);
	len = len < room ? len : room;
	len = len < n ? len : n;
	if (to && len > 0) {
		assert_int_equal(tls_wire_in(t, to, len), len);
		br_ssl_engine_sendrec_ack(&peer_server.eng, len);
		moved = true;
	}
	return moved;
}

#endif
