/* SPDX-License-Identifier: MIT */
/* upkeepctl_tls.c -- see upkeepctl_tls.h. */
#include "upkeepctl_tls.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "file.h"
#include "tls.h"
#include "tls_pem.h"
#include "upkeepctl_out.h"
#include "wall.h"

/* Untouched, so without cost, where no page is fetched over TLS. */
static uint8_t pem[1u << 20];
static uint8_t mem[1u << 19];

static bool
failed(const char *what, const char *why)
{
	upkeepctl_out_complain("%s: %s", what, why);
	return false;
}

static bool
read_anchors(const char *path, struct tls_pem_out *out, struct tls_conf *conf)
{
	struct tls_pem_count count;
	size_t n;
	const int err = file_read(path, pem, sizeof pem, &n);

	if (err)
		return failed(path, strerror(-err));

	const enum tls_pem_verdict v = tls_pem_anchors(pem, n, out, &conf->anchors, &count);

	return v == TLS_PEM_OK || failed(path, tls_pem_text(v));
}

/* Sends what waits, then takes what comes; false after a complaint, or at the end. */
static bool
pump(struct tls *t, int fd, bool wait)
{
	uint8_t buf[4096];
	const uint8_t *p;
	size_t n;

	while ((n = tls_wire_out(t, &p)) > 0) {
		const ssize_t sent = send(fd, p, n, MSG_NOSIGNAL);

		if (sent < 0 && errno != EINTR)
			return failed("send", errno == EAGAIN ? "no answer in time" :
							       strerror(errno));
		tls_wire_sent(t, sent > 0 ? (size_t)sent : 0);
	}
	n = tls_wire_room(t);
	if (!wait || tls_closed(t) || n == 0)
		return !tls_closed(t);

	const ssize_t got = recv(fd, buf, n < sizeof buf ? n : sizeof buf, 0);

	if (got < 0 && errno != EINTR)
		return failed("receive", errno == EAGAIN ? "no answer in time" :
							  strerror(errno));
	if (got > 0)
		(void)tls_wire_in(t, buf, (size_t)got);
	else if (got == 0)
		tls_wire_end(t);
	return true;
}

static bool
shake_hands(struct tls *t, int fd)
{
	while (!tls_ready(t) && !tls_closed(t))
		if (!pump(t, fd, true) && !tls_closed(t))
			return false;
	return tls_ready(t) || failed("TLS", tls_verdict_text(tls_verdict(t)));
}

struct tls *
upkeepctl_tls_open(int fd, const struct upkeepctl_tls_want *want)
{
	struct tls_pem_out out = { mem, 1, sizeof mem };
	struct tls_conf conf = {
		.verify = want->ca ? TLS_CONF_CHAIN : TLS_CONF_NONE,
		.name_is_address = want->name_is_address,
	};
	const size_t n = strlen(want->name);
	struct tls *t;

	memcpy(mem + out.used, want->name, n + 1);
	conf.name = (struct tls_conf_bytes){ out.used, (uint32_t)n };
	out.used += (uint32_t)n + 1;
	if (want->ca && !read_anchors(want->ca, &out, &conf))
		return NULL;
	t = tls_get();
	if (t == NULL) {
		failed("TLS", "not in this build (CONFIG_TLS)");
		return NULL;
	}
	if (!tls_start(t, &conf, mem, wall_us() / 1000000))
		failed("TLS", tls_verdict_text(tls_verdict(t)));
	else if (shake_hands(t, fd))
		return t;
	tls_put(t);
	return NULL;
}

bool
upkeepctl_tls_send(struct tls *t, int fd, const void *p, size_t n)
{
	const uint8_t *at = p;

	while (n > 0) {
		const size_t took = tls_write(t, at, n);

		at += took;
		n -= took;
		tls_flush(t);
		if (!pump(t, fd, false))
			return false;
	}
	return true;
}

long
upkeepctl_tls_recv(struct tls *t, int fd, void *p, size_t cap)
{
	const uint8_t *from;
	size_t n;

	while ((n = tls_read(t, &from)) == 0) {
		if (tls_closed(t)) {
			if (tls_verdict(t) == TLS_OK)
				return 0;
			failed("TLS", tls_verdict_text(tls_verdict(t)));
			return -1;
		}
		if (!pump(t, fd, true) && !tls_closed(t))
			return -1;
	}
	if (n > cap)
		n = cap;
	memcpy(p, from, n);
	tls_read_done(t, n);
	return (long)n;
}
