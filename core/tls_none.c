/* SPDX-License-Identifier: MIT */
/* tls_none.c -- tls.h in a build without TLS: there is no session, so nobody has one. */
#include "tls.h"

#include "tls_pem.h"

struct tls *
tls_get(void)
{
	return NULL;
}

struct tls *
tls_claim(void)
{
	return NULL;
}

void
tls_unclaim(void)
{
}

unsigned
tls_free(void)
{
	return 0;
}

void
tls_put(struct tls *t)
{
	(void)t;
}

bool
tls_start(struct tls *t, const struct tls_conf *conf, const uint8_t *mem, int64_t wall_s)
{
	(void)t, (void)conf, (void)mem, (void)wall_s;
	return false;
}

bool
tls_start_again(struct tls *t, const struct tls_conf *conf, const uint8_t *mem, int64_t wall_s,
		const struct tls_kept *kept)
{
	(void)kept;
	return tls_start(t, conf, mem, wall_s);
}

bool
tls_keep(const struct tls *t, struct tls_kept *out, struct mono now)
{
	(void)t, (void)out, (void)now;
	return false;
}

size_t
tls_wire_room(const struct tls *t)
{
	(void)t;
	return 0;
}

size_t
tls_wire_in(struct tls *t, const void *p, size_t n)
{
	(void)t, (void)p, (void)n;
	return 0;
}

size_t
tls_wire_out(struct tls *t, const uint8_t **p)
{
	(void)t, (void)p;
	return 0;
}

void
tls_wire_sent(struct tls *t, size_t n)
{
	(void)t, (void)n;
}

void
tls_wire_end(struct tls *t)
{
	(void)t;
}

size_t
tls_read(struct tls *t, const uint8_t **p)
{
	(void)t, (void)p;
	return 0;
}

void
tls_read_done(struct tls *t, size_t n)
{
	(void)t, (void)n;
}

size_t
tls_write(struct tls *t, const void *p, size_t n)
{
	(void)t, (void)p, (void)n;
	return 0;
}

void
tls_flush(struct tls *t)
{
	(void)t;
}

void
tls_close(struct tls *t)
{
	(void)t;
}

bool
tls_ready(const struct tls *t)
{
	(void)t;
	return false;
}

bool
tls_closed(const struct tls *t)
{
	(void)t;
	return true;
}

enum tls_verdict
tls_verdict(const struct tls *t)
{
	(void)t;
	return TLS_OURS;
}

void
tls_peer(const struct tls *t, struct tls_peer *out)
{
	(void)t;
	*out = (struct tls_peer){ 0 };
}

enum tls_pem_verdict
tls_pem_anchors(const void *pem, size_t n, struct tls_pem_out *out, struct tls_conf_bytes *where,
		struct tls_pem_count *count)
{
	(void)pem, (void)n, (void)out, (void)where, (void)count;
	return TLS_PEM_NO_TLS;
}

enum tls_pem_verdict
tls_pem_chain(const void *pem, size_t n, struct tls_pem_out *out, struct tls_conf_bytes *where)
{
	(void)pem, (void)n, (void)out, (void)where;
	return TLS_PEM_NO_TLS;
}

enum tls_pem_verdict
tls_pem_key(const void *pem, size_t n, struct tls_pem_out *out,
	    const struct tls_conf_bytes *chain, struct tls_conf_bytes *where)
{
	(void)pem, (void)n, (void)out, (void)chain, (void)where;
	return TLS_PEM_NO_TLS;
}

bool
tls_pem_pin(const char *text, size_t n, uint8_t pin[32])
{
	(void)text, (void)n, (void)pin;
	return false;
}

const char *
tls_pem_text(enum tls_pem_verdict v)
{
	(void)v;
	return "this build has no TLS (CONFIG_TLS)";
}
