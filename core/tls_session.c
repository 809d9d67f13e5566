/* SPDX-License-Identifier: MIT */
/* tls_session.c -- tls.h over BearSSL's engine.
 *
 * One buffer serves both directions, which is right for a check: it asks, then it reads.  So data
 * can't be sent while a record is coming in, and the owner's bytes wait.
 *
 * What is spoken: TLS 1.2 with ECDHE and AES-GCM or ChaCha20 (RFC 7525's choice), and RSA key
 * exchange with AES-GCM for old servers.  CBC suites are left out: attacks on them never end, and a
 * server of 2008 has GCM.
 */
#include "tls.h"

#include <string.h>
#include <sys/random.h>

#include "core_pools.h"

#define RANDOM		32		/* bytes that seed a session */
#define HANDSHAKE	22		/* record types (RFC 5246 6.2.1): 20..23 */

/* Alerts (RFC 5246 7.2, RFC 6066 3, RFC 7301, RFC 8446) that say more than that it was refused. */
enum alert {
	HANDSHAKE_FAILURE = 40,
	BAD_CERTIFICATE = 42,
	UNKNOWN_CA = 48,
	ACCESS_DENIED = 49,
	PROTOCOL_VERSION = 70,
	UNRECOGNIZED_NAME = 112,
	CERTIFICATE_REQUIRED = 116,
	NO_APPLICATION_PROTOCOL = 120,
};

static const uint16_t suites[] = {
	BR_TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
	BR_TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
	BR_TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
	BR_TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
	BR_TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
	BR_TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
	BR_TLS_RSA_WITH_AES_128_GCM_SHA256,
	BR_TLS_RSA_WITH_AES_256_GCM_SHA384,
};

static bool claimed;

struct tls *
tls_get(void)
{
	return claimed && tls_free() <= 1 ? NULL : pool_get(tls);
}

struct tls *
tls_claim(void)
{
	struct tls *const t = pool_get(tls);

	claimed = t == NULL;
	return t;
}

void
tls_unclaim(void)
{
	claimed = false;
}

void
tls_put(struct tls *t)
{
	pool_put(tls, t);
}

unsigned
tls_free(void)
{
	unsigned used = 0;

	for (uint32_t i = 0; i < tls_pool_end(); i++)
		used += tls_pool_at(i) != NULL;
	return CONFIG_TLS_SESSIONS - used;
}

/* ---- a client certificate ---------------------------------------------------------- */

static struct tls *
owner(const br_ssl_client_certificate_class **ctx)
{
	return container_of((void *)ctx, struct tls, client.client_auth);
}

static void
note_asked(const br_ssl_client_certificate_class **ctx)
{
	owner(ctx)->asked = true;
}

static void
ignore(const br_ssl_client_certificate_class **ctx)
{
	(void)ctx;
}

static void
ignore_length(const br_ssl_client_certificate_class **ctx, size_t n)
{
	(void)ctx, (void)n;
}

static void
ignore_bytes(const br_ssl_client_certificate_class **ctx, const unsigned char *p, size_t n)
{
	(void)ctx, (void)p, (void)n;
}

/* Without a certificate of ours the answer is an empty chain (RFC 5246 7.4.6). */
static void
choose(const br_ssl_client_certificate_class **ctx, const br_ssl_client_context *client,
       uint32_t types, br_ssl_client_certificate *out)
{
	const struct tls *const t = owner(ctx);

	memset(out, 0, sizeof *out);
	if (t->answer)
		t->answer->choose(ctx, client, types, out);
}

static size_t
sign(const br_ssl_client_certificate_class **ctx, int hash, size_t hash_n, unsigned char *data,
     size_t cap)
{
	return owner(ctx)->answer->do_sign(ctx, hash, hash_n, data, cap);
}

static const br_ssl_client_certificate_class certificate = {
	sizeof(br_ssl_client_certificate_rsa_context),
	note_asked, ignore_length, ignore_bytes, ignore, ignore, choose, NULL, sign,
};

static bool
set_certificate(struct tls *t, const struct tls_conf *conf, const uint8_t *mem)
{
	br_ssl_client_context *const c = &t->client;

	if (conf->chain.at) {
		const size_t n = tls_form_chain(mem + conf->chain.at, conf->chain.n, t->chain);

		if (n == 0 || !conf->key.at)
			return false;
		switch (tls_form_private(mem + conf->key.at, conf->key.n, &t->rsa, &t->ec)) {
		case TLS_KEY_RSA:
			br_ssl_client_set_single_rsa(c, t->chain, n, &t->rsa,
						     br_rsa_pkcs1_sign_get_default());
			break;
		case TLS_KEY_EC:
			br_ssl_client_set_single_ec(c, t->chain, n, &t->ec, BR_KEYTYPE_SIGN,
						    BR_KEYTYPE_EC, br_ec_get_default(),
						    br_ecdsa_sign_asn1_get_default());
			break;
		case TLS_KEY_UNKNOWN:
			return false;
		}
		t->answer = *c->client_auth_vtable;
	}
	c->client_auth.vtable = &certificate;
	br_ssl_client_set_client_certificate(c, &c->client_auth.vtable);
	return true;
}

/* ---- beginning --------------------------------------------------------------------- */

/* A check says little: one implementation of each cipher will do, in constant time and fit for the
 * word's width, instead of further ones for special instructions beside it. */
static void
set_ciphers(br_ssl_engine_context *e)
{
	const bool wide = sizeof(void *) == 8;

	br_ssl_engine_set_gcm(e, &br_sslrec_in_gcm_vtable, &br_sslrec_out_gcm_vtable);
	br_ssl_engine_set_aes_ctr(e, wide ? &br_aes_ct64_ctr_vtable : &br_aes_ct_ctr_vtable);
	br_ssl_engine_set_ghash(e, wide ? br_ghash_ctmul64 : br_ghash_ctmul);
	br_ssl_engine_set_chapol(e, &br_sslrec_in_chapol_vtable, &br_sslrec_out_chapol_vtable);
	br_ssl_engine_set_chacha20(e, br_chacha20_ct_run);
	br_ssl_engine_set_poly1305(e, br_poly1305_ctmul_run);
}

static void
set_engine(struct tls *t)
{
	br_ssl_client_context *const c = &t->client;
	br_ssl_engine_context *const e = &c->eng;

	br_ssl_client_zero(c);
	br_ssl_engine_set_versions(e, BR_TLS12, BR_TLS12);
	br_ssl_engine_set_suites(e, suites, PORT_ARRAY_SIZE(suites));
	br_ssl_client_set_default_rsapub(c);
	br_ssl_engine_set_default_rsavrfy(e);
	br_ssl_engine_set_default_ecdsa(e);
	br_ssl_engine_set_hash(e, br_sha256_ID, &br_sha256_vtable);
	br_ssl_engine_set_hash(e, br_sha384_ID, &br_sha384_vtable);
	br_ssl_engine_set_hash(e, br_sha512_ID, &br_sha512_vtable);
	br_ssl_engine_set_prf_sha256(e, &br_tls12_sha256_prf);
	br_ssl_engine_set_prf_sha384(e, &br_tls12_sha384_prf);
	set_ciphers(e);
	br_ssl_engine_set_x509(e, &t->verify.vtable);
	br_ssl_engine_set_buffer(e, t->buffer, sizeof t->buffer, 0);
	br_ssl_engine_add_flags(e, BR_OPT_NO_RENEGOTIATION | BR_OPT_TOLERATE_NO_CLIENT_AUTH);
}

/* BearSSL's own way to the system's randomness opens a file, which a child may not. */
static bool
seed(br_ssl_engine_context *e)
{
	uint8_t random[RANDOM];

	if (getrandom(random, sizeof random, GRND_NONBLOCK) != (ssize_t)sizeof random)
		return false;
	e->rng_os_rand_done = 1;
	br_ssl_engine_inject_entropy(e, random, sizeof random);
	return true;
}

static bool
set_alpn(struct tls *t, const struct tls_conf *conf, const uint8_t *mem)
{
	const char *s = (const char *)mem + conf->alpn.at;
	const char *const end = s + conf->alpn.n;

	if (!conf->alpn.at)
		return true;
	while (s < end) {
		const size_t n = strnlen(s, (size_t)(end - s));

		if (t->alpn_n == TLS_CONF_ALPNS || s + n == end)
			return false;
		t->alpn[t->alpn_n++] = s;
		s += n + 1;
	}
	br_ssl_engine_set_protocol_names(&t->client.eng, t->alpn, t->alpn_n);
	return true;
}

static void
fail(struct tls *t, enum tls_verdict v)
{
	if (t->ended)
		return;
	t->failed = v;
	t->ended = true;
}

static void
offer(br_ssl_engine_context *e, const struct tls_kept *k)
{
	br_ssl_session_parameters s = { .session_id_len = k->id_n };

	_Static_assert(sizeof s.session_id == sizeof k->id, "RFC 5246 7.4.1.2");
	_Static_assert(sizeof s.master_secret == sizeof k->secret, "RFC 5246 8.1");
	memcpy(s.session_id, k->id, sizeof s.session_id);
	s.version = k->version;
	s.cipher_suite = k->suite;
	memcpy(s.master_secret, k->secret, sizeof s.master_secret);
	br_ssl_engine_set_session_parameters(e, &s);
}

bool
tls_start_again(struct tls *t, const struct tls_conf *conf, const uint8_t *mem, int64_t wall_s,
		const struct tls_kept *kept)
{
	const char *const name = conf->name.at && !conf->name_is_address ?
				 (const char *)mem + conf->name.at : NULL;

	memset(t, 0, offsetof(struct tls, buffer));
	set_engine(t);
	if (!tls_verify_begin(&t->verify, conf, mem, wall_s) || !set_alpn(t, conf, mem) ||
	    !set_certificate(t, conf, mem)) {
		fail(t, TLS_OURS);
		return false;
	}
	if (!seed(&t->client.eng)) {
		fail(t, TLS_NO_RANDOM);
		return false;
	}
	if (kept)
		offer(&t->client.eng, kept);
	if (!br_ssl_client_reset(&t->client, name, kept != NULL)) {
		fail(t, TLS_OURS);
		return false;
	}
	return true;
}

bool
tls_start(struct tls *t, const struct tls_conf *conf, const uint8_t *mem, int64_t wall_s)
{
	return tls_start_again(t, conf, mem, wall_s, NULL);
}

/* ---- bytes ------------------------------------------------------------------------- */

static bool
can(const struct tls *t, unsigned state)
{
	return !t->ended && br_ssl_engine_current_state(&t->client.eng) & state;
}

/* Notes the end of the handshake. */
static void
settle(struct tls *t)
{
	if (t->ready || !can(t, BR_SSL_SENDAPP | BR_SSL_RECVAPP))
		return;
	t->ready = true;
	if (t->alpn_n && !br_ssl_engine_get_selected_protocol(&t->client.eng))
		fail(t, TLS_ALPN);
}

size_t
tls_wire_room(const struct tls *t)
{
	size_t room = 0;

	if (!t->ended)
		(void)br_ssl_engine_recvrec_buf(&t->client.eng, &room);
	return room;
}

/* The first two bytes are a record's type and TLS's major version, or somebody else's words. */
static bool
is_tls(struct tls *t, const uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n && t->received < 2; i++, t->received++) {
		if (t->received == 0 ? p[i] < HANDSHAKE - 2 || p[i] > HANDSHAKE + 1 : p[i] != 3)
			return false;
	}
	return true;
}

size_t
tls_wire_in(struct tls *t, const void *p, size_t n)
{
	const uint8_t *const from = p;
	size_t took = 0;

	if (!is_tls(t, from, n))
		fail(t, TLS_NOT_TLS);
	while (took < n && !t->ended) {
		size_t room = 0;
		unsigned char *const to = br_ssl_engine_recvrec_buf(&t->client.eng, &room);

		if (!to)
			break;
		if (room > n - took)
			room = n - took;
		memcpy(to, from + took, room);
		br_ssl_engine_recvrec_ack(&t->client.eng, room);
		took += room;
		settle(t);
	}
	return took;
}

size_t
tls_wire_out(struct tls *t, const uint8_t **p)
{
	size_t n = 0;

	if (!t->ended)
		*p = br_ssl_engine_sendrec_buf(&t->client.eng, &n);
	return n;
}

void
tls_wire_sent(struct tls *t, size_t n)
{
	if (n > 0)
		br_ssl_engine_sendrec_ack(&t->client.eng, n);
	settle(t);
}

void
tls_wire_end(struct tls *t)
{
	if (tls_closed(t))
		return;
	/* Who was told of our close need not answer. */
	fail(t, t->closing ? TLS_OK : TLS_CUT);
}

size_t
tls_read(struct tls *t, const uint8_t **p)
{
	size_t n = 0;

	if (!t->ended)
		*p = br_ssl_engine_recvapp_buf(&t->client.eng, &n);
	return n;
}

void
tls_read_done(struct tls *t, size_t n)
{
	if (n > 0)
		br_ssl_engine_recvapp_ack(&t->client.eng, n);
}

size_t
tls_write(struct tls *t, const void *p, size_t n)
{
	size_t room = 0;

	if (t->ended || !t->ready)
		return 0;
	unsigned char *const to = br_ssl_engine_sendapp_buf(&t->client.eng, &room);

	if (!to)
		return 0;
	if (room > n)
		room = n;
	memcpy(to, p, room);
	br_ssl_engine_sendapp_ack(&t->client.eng, room);
	return room;
}

void
tls_flush(struct tls *t)
{
	br_ssl_engine_flush(&t->client.eng, 0);
}

void
tls_close(struct tls *t)
{
	t->closing = true;
	br_ssl_engine_close(&t->client.eng);
}

/* ---- how it went ------------------------------------------------------------------- */

bool
tls_ready(const struct tls *t)
{
	return t->ready && t->failed == TLS_OK;
}

bool
tls_closed(const struct tls *t)
{
	return t->ended || br_ssl_engine_current_state(&t->client.eng) & BR_SSL_CLOSED;
}

static enum tls_verdict
of_alert(const struct tls *t, int alert)
{
	if (alert == PROTOCOL_VERSION)
		return TLS_NEW;
	if (alert == NO_APPLICATION_PROTOCOL)
		return TLS_ALPN;
	if (alert == UNRECOGNIZED_NAME)
		return TLS_SITE;
	if (alert == CERTIFICATE_REQUIRED ||
	    (t->asked && (alert == HANDSHAKE_FAILURE ||
			  (alert >= BAD_CERTIFICATE && alert <= UNKNOWN_CA) ||
			  alert == ACCESS_DENIED)))
		return TLS_CLIENT;
	return TLS_ALERT;
}

enum tls_verdict
tls_verdict(const struct tls *t)
{
	const int err = br_ssl_engine_last_error(&t->client.eng);

	if (t->ended)
		return t->failed;
	if (err == BR_ERR_OK)
		return t->ready || !tls_closed(t) ? TLS_OK : TLS_ALERT;
	if (err >= BR_ERR_SEND_FATAL_ALERT)
		return TLS_BROKEN;
	if (err >= BR_ERR_RECV_FATAL_ALERT)
		return of_alert(t, err - BR_ERR_RECV_FATAL_ALERT);
	if (err >= BR_ERR_X509_OK)
		return tls_verify_verdict(&t->verify, err);
	if (err == BR_ERR_UNSUPPORTED_VERSION)
		return TLS_OLD;
	return err == BR_ERR_BAD_PARAM || err == BR_ERR_BAD_STATE ? TLS_OURS : TLS_BROKEN;
}

/* Without a chain there is no whole handshake, and no suite of ours goes without a chain. */
static bool
is_again(const struct tls *t)
{
	return tls_ready(t) && t->verify.certs == 0;
}

bool
tls_keep(const struct tls *t, struct tls_kept *out, struct mono now)
{
	br_ssl_session_parameters s;

	br_ssl_engine_get_session_parameters(&t->client.eng, &s);
	if (!tls_ready(t) || is_again(t) || t->asked || s.session_id_len == 0)
		return false;
	*out = (struct tls_kept){
		.version = s.version, .suite = s.cipher_suite, .id_n = s.session_id_len,
		.verified = now,
	};
	memcpy(out->id, s.session_id, sizeof out->id);
	memcpy(out->secret, s.master_secret, sizeof out->secret);
	tls_verify_span(&t->verify, &out->from_s, &out->until_s);
	return true;
}

void
tls_peer(const struct tls *t, struct tls_peer *out)
{
	br_ssl_session_parameters s;

	memset(out, 0, sizeof *out);
	out->not_after_s = t->verify.not_after_s;
	br_ssl_engine_get_session_parameters(&t->client.eng, &s);
	out->version = s.version;
	out->suite = s.cipher_suite;
	out->again = is_again(t);
	if (!t->ready)
		return;
	const char *const alpn = t->client.eng.selected_protocol ?
		t->alpn[t->client.eng.selected_protocol - 1] : "";

	memcpy(out->alpn, alpn, strnlen(alpn, sizeof out->alpn - 1));
}
