/* SPDX-License-Identifier: MIT */
/* tls_pem.c -- PEM (RFC 7468) to the form of an image. */
#include "tls_pem.h"

#include <string.h>

#include "tls_form.h"
#include "tls_x509.h"

#define BEGIN		"-----BEGIN "
#define END		"-----END "
#define DASHES		"-----"
#define PIN		"sha256//"

/* One certificate or key at a time; only the compiler process touches it. */
static uint8_t der[8192];

static const char *const text[TLS_PEM_VERDICT__N] = {
#define X(name, words) [TLS_PEM_##name] = words,
	TLS_PEM_VERDICTS(X)
#undef X
};

const char *
tls_pem_text(enum tls_pem_verdict v)
{
	return text[v];
}

/* ---- the text ---------------------------------------------------------------------- */

struct piece {
	const char *p;
	size_t n;
};

struct block {
	struct piece label;		/* "CERTIFICATE" */
	struct piece body;
};

/* Where `word` begins in `in`; `in.n` when it does not. */
static size_t
find(struct piece in, const char *word)
{
	const size_t n = strlen(word);

	for (size_t i = 0; i + n <= in.n; i++)
		if (memcmp(in.p + i, word, n) == 0)
			return i;
	return in.n;
}

static struct piece
behind(struct piece in, size_t n)
{
	return n >= in.n ? (struct piece){ in.p + in.n, 0 } :
			   (struct piece){ in.p + n, in.n - n };
}

/* The next block; OK with no label: there is none. */
static enum tls_pem_verdict
next_block(struct piece *in, struct block *out)
{
	memset(out, 0, sizeof *out);
	struct piece rest = behind(*in, find(*in, BEGIN));

	*in = rest;
	if (rest.n == 0)
		return TLS_PEM_OK;
	rest = behind(rest, strlen(BEGIN));
	out->label = (struct piece){ rest.p, find(rest, DASHES) };
	rest = behind(rest, out->label.n + strlen(DASHES));
	out->body = (struct piece){ rest.p, find(rest, END) };
	if (out->body.n == rest.n)
		return TLS_PEM_BASE64;
	*in = behind(rest, out->body.n + strlen(END));
	return TLS_PEM_OK;
}

static bool
is(struct piece a, const char *word)
{
	return a.n == strlen(word) && memcmp(a.p, word, a.n) == 0;
}

static int
sextet(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* Bytes that `in` stands for, in `out`; false: no base64, or more than `cap`. */
static bool
base64(struct piece in, uint8_t *out, size_t cap, size_t *n)
{
	uint32_t bits = 0;
	unsigned have = 0, pads = 0;

	*n = 0;
	for (size_t i = 0; i < in.n; i++) {
		const char c = in.p[i];

		if (c == ' ' || c == '\t' || c == '\r' || c == '\n')
			continue;
		if (c == '=' && ++pads <= 2)
			continue;
		const int v = sextet(c);

		if (v < 0 || pads > 0)
			return false;
		bits = bits << 6 | (uint32_t)v;
		have++;
		if (have % 4 == 1)
			continue;
		if (*n == cap)
			return false;
		out[(*n)++] = (uint8_t)(bits >> (6 - 2 * ((have - 1) % 4)));
	}
	return (have + pads) % 4 == 0 && have % 4 != 1;
}

/* A block's content in `der`. */
static enum tls_pem_verdict
decode(const struct block *b, size_t *n)
{
	if (base64(b->body, der, sizeof der, n) && *n > 0)
		return TLS_PEM_OK;
	return *n == sizeof der ? TLS_PEM_LONG : TLS_PEM_BASE64;
}

/* ---- certificates ------------------------------------------------------------------ */

static bool
is_certificate(struct piece label)
{
	return is(label, "CERTIFICATE") || is(label, "X509 CERTIFICATE");
}

/* Where a certificate's parts are. */
static bool
look(const uint8_t *p, size_t n, struct tls_x509 *c)
{
	size_t at = 0;

	tls_x509_begin(c, (uint32_t)n, NULL, 0);
	while (at < n)
		at += tls_x509_step(c, p + at, n - at);
	return tls_x509_whole(c);
}

static enum tls_pem_verdict
certificate(const uint8_t *p, size_t n, struct tls_x509 *c, struct tls_key *key)
{
	if (!look(p, n, c) ||
	    !tls_key_public(p + c->span[TLS_X509_SPKI].at, c->span[TLS_X509_SPKI].n, key))
		return TLS_PEM_BAD_CERT;
	return key->kind == TLS_KEY_UNKNOWN ? TLS_PEM_CERT_KEY : TLS_PEM_OK;
}

static void
put_anchor(struct wr *w, const struct tls_x509 *c, const struct tls_key *key)
{
	const struct tls_x509_span name = c->span[TLS_X509_SUBJECT];
	br_sha256_context sha;
	uint8_t hash[br_sha256_SIZE];

	br_sha256_init(&sha);
	br_sha256_update(&sha, der + name.at, name.n);
	br_sha256_out(&sha, hash);
	tls_form_put_anchor(w, hash, der + name.at, name.n, key);
}

static enum tls_pem_verdict
as_anchor(struct wr *w, size_t n, struct tls_pem_count *count)
{
	struct tls_x509 c;
	struct tls_key key;
	const enum tls_pem_verdict v = certificate(der, n, &c, &key);

	if (v == TLS_PEM_CERT_KEY) {
		count->skipped++;
		return TLS_PEM_OK;
	}
	if (v != TLS_PEM_OK)
		return v;
	put_anchor(w, &c, &key);
	count->used++;
	return TLS_PEM_OK;
}

static enum tls_pem_verdict
as_link(struct wr *w, size_t n, struct tls_pem_count *count)
{
	struct tls_x509 c;
	struct tls_key key;
	const enum tls_pem_verdict v = certificate(der, n, &c, &key);

	/* Only the first must be of our kind; the others are the server's to judge. */
	if (v != TLS_PEM_OK && (v != TLS_PEM_CERT_KEY || count->used == 0))
		return v;
	if (count->used++ == TLS_FORM_CHAIN)
		return TLS_PEM_LONG;
	wr_u16(w, (uint16_t)n);
	wr_put(w, der, n);
	return TLS_PEM_OK;
}

/* All certificates of a text; `put` writes the one in `der` into `w`. */
static enum tls_pem_verdict
certificates(struct piece in,
	     enum tls_pem_verdict (*put)(struct wr *w, size_t n, struct tls_pem_count *count),
	     struct tls_pem_out *out, struct tls_conf_bytes *where, struct tls_pem_count *count)
{
	struct wr w = wr_over(out->mem + out->used, out->cap - out->used);
	enum tls_pem_verdict v = TLS_PEM_OK;
	struct block b;
	bool any = false;

	*count = (struct tls_pem_count){ 0 };
	for (;;) {
		v = next_block(&in, &b);
		if (v != TLS_PEM_OK || b.label.n == 0)
			break;
		size_t n = 0;

		any = true;
		if (!is_certificate(b.label))
			continue;
		v = decode(&b, &n);
		if (v == TLS_PEM_OK)
			v = put(&w, n, count);
		if (v != TLS_PEM_OK)
			break;
	}
	if (v != TLS_PEM_OK)
		return v;
	if (!any)
		return TLS_PEM_NO_PEM;
	if (count->used == 0)
		return count->skipped ? TLS_PEM_CERT_KEY : TLS_PEM_NO_CERT;
	if (w.bad)
		return TLS_PEM_FULL;
	*where = (struct tls_conf_bytes){ out->used, (uint32_t)wr_len(&w) };
	out->used += where->n;
	return TLS_PEM_OK;
}

enum tls_pem_verdict
tls_pem_anchors(const void *pem, size_t n, struct tls_pem_out *out, struct tls_conf_bytes *where,
		struct tls_pem_count *count)
{
	return certificates((struct piece){ pem, n }, as_anchor, out, where, count);
}

enum tls_pem_verdict
tls_pem_chain(const void *pem, size_t n, struct tls_pem_out *out, struct tls_conf_bytes *where)
{
	struct tls_pem_count count;

	return certificates((struct piece){ pem, n }, as_link, out, where, &count);
}

/* ---- a private key ----------------------------------------------------------------- */

static bool
same(struct tls_key_number a, const uint8_t *p, size_t n)
{
	return a.n == n && memcmp(a.p, p, n) == 0;
}

/* Whether it is the key of the chain's first certificate. */
static bool
fits(const struct tls_key *key, const uint8_t *chain, size_t n)
{
	br_x509_certificate cert[TLS_FORM_CHAIN];
	struct tls_x509 c;
	struct tls_key public;
	uint8_t point[BR_EC_KBUF_PUB_MAX_SIZE];

	if (tls_form_chain(chain, n, cert) == 0 ||
	    certificate(cert[0].data, cert[0].data_len, &c, &public) != TLS_PEM_OK ||
	    public.kind != key->kind)
		return false;
	if (key->kind == TLS_KEY_RSA)
		return same(public.n, key->n.p, key->n.n);
	const br_ec_private_key own = { key->curve, tls_form_mutable(key->x.p), key->x.n };
	const size_t len = br_ec_compute_pub(br_ec_get_default(), NULL, point, &own);

	return public.curve == key->curve && same(public.q, point, len);
}

/* The first private key in a text, decoded. */
static enum tls_pem_verdict
find_key(struct piece in, struct tls_key *key)
{
	struct block b;
	bool any = false;
	size_t n = 0;

	for (;;) {
		enum tls_pem_verdict v = next_block(&in, &b);

		if (v != TLS_PEM_OK)
			return v;
		if (b.label.n == 0)
			return any ? TLS_PEM_NO_KEY : TLS_PEM_NO_PEM;
		any = true;
		if (is(b.label, "ENCRYPTED PRIVATE KEY"))
			return TLS_PEM_LOCKED;
		if (!is(b.label, "PRIVATE KEY") && !is(b.label, "RSA PRIVATE KEY") &&
		    !is(b.label, "EC PRIVATE KEY"))
			continue;
		/* RFC 1421's headers: OpenSSL writes them only for a locked key. */
		if (find(b.body, "ENCRYPTED") < b.body.n)
			return TLS_PEM_LOCKED;
		v = decode(&b, &n);
		if (v != TLS_PEM_OK)
			return v;
		if (!tls_key_private(der, n, key))
			return TLS_PEM_BAD_KEY;
		return key->kind == TLS_KEY_UNKNOWN ? TLS_PEM_KEY_KIND : TLS_PEM_OK;
	}
}

enum tls_pem_verdict
tls_pem_key(const void *pem, size_t n, struct tls_pem_out *out,
	    const struct tls_conf_bytes *chain, struct tls_conf_bytes *where)
{
	struct wr w = wr_over(out->mem + out->used, out->cap - out->used);
	struct tls_key key;
	enum tls_pem_verdict v = find_key((struct piece){ pem, n }, &key);

	if (v == TLS_PEM_OK && !fits(&key, out->mem + chain->at, chain->n))
		v = TLS_PEM_OTHER_KEY;
	if (v == TLS_PEM_OK) {
		tls_form_put_private(&w, &key);
		v = w.bad ? TLS_PEM_FULL : TLS_PEM_OK;
	}
	memset(der, 0, sizeof der);
	if (v != TLS_PEM_OK)
		return v;
	*where = (struct tls_conf_bytes){ out->used, (uint32_t)wr_len(&w) };
	out->used += where->n;
	return TLS_PEM_OK;
}

bool
tls_pem_pin(const char *s, size_t n, uint8_t pin[32])
{
	const size_t prefix = strlen(PIN);
	size_t len = 0;

	if (n < prefix || memcmp(s, PIN, prefix) != 0)
		return false;
	return base64((struct piece){ s + prefix, n - prefix }, pin, 32, &len) && len == 32;
}
