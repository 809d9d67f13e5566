/* SPDX-License-Identifier: MIT */
/* tls_none.c -- tls.h in a build without TLS: there is no session, so nobody has one. */
#include "tls.h"

struct tls *
tls_get(void)
{
	return NULL;
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
