/* SPDX-License-Identifier: MIT */
/* upkeepctl_digest.c -- see upkeepctl_digest.h. */
#include "upkeepctl_digest.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "digest.h"
#include "hexdump.h"
#include "http_reply.h"
#include "http_request.h"
#include "http_url.h"
#include "tls.h"
#include "upkeepctl.h"
#include "upkeepctl_tls.h"

#define TIMEOUT_S	10		/* for each step that waits */

struct fetch {
	struct upkeepctl_out *out;
	struct http_url url;
	struct net_addr addr;
	const char *ca;			/* of https; NULL: nothing is verified */
	int fd;
	struct tls *tls;		/* NULL: http */
	struct http_reply reply;
	bool head;			/* the header is whole */
	bool digests;			/* this build has them */
	struct digest digest[DIGEST__N];
};

static const char *const digest_name[DIGEST__N] = {
	[DIGEST_MD5] = "MD5",
	[DIGEST_SHA256] = "SHA-256",
};

/* ---- the command line -------------------------------------------------------------- */

static int
misused(const char *what, const char *why)
{
	upkeepctl_out_complain("digest %s: %s", what, why);
	return UPKEEPCTL_USAGE;
}

/* What stands behind the URL. */
static int
read_options(struct fetch *f, char **words, int n)
{
	for (int i = 0; i < n; i++) {
		const char *const value = i + 1 < n ? words[i + 1] : "";

		if (!strcmp(words[i], "insecure")) {
			f->ca = NULL;
			continue;
		}
		if (!strcmp(words[i], "cacert") && *value)
			f->ca = value;
		else if (strcmp(words[i], "via") != 0)
			return misused(words[i], "it takes " UPKEEPCTL_DIGEST_ARGS);
		else if (!*value)
			return misused("via", "it needs an address");
		else if (!net_addr_parse(&f->addr, value, strlen(value)))
			return misused(value, "no address");
		i++;
	}
	return UPKEEPCTL_OK;
}

/* There is no resolver here: a name says whom to ask for, ADDRESS where. */
static int
read_words(struct fetch *f, char **words, int n)
{
	const char *why;
	int rc;

	if (n < 1) {
		upkeepctl_out_complain("digest needs " UPKEEPCTL_DIGEST_ARGS);
		return UPKEEPCTL_USAGE;
	}
	why = http_url_parse(&f->url, words[0]);
	if (why)
		return misused(words[0], why);
	f->addr = f->url.addr;
	f->ca = UPKEEPCTL_TLS_CA;
	rc = read_options(f, words + 1, n - 1);
	if (rc == UPKEEPCTL_OK && f->addr.family == 0)
		return misused(words[0], "names are not looked up: add \"via ADDRESS\"");
	return rc;
}

/* ---- the connection ------------------------------------------------------------------ */

static bool
failed(const char *doing, int err)
{
	/* A time-out of the socket is this error. */
	upkeepctl_out_complain("%s: %s", doing, err == EAGAIN || err == EINPROGRESS ?
			       "no answer in time" : strerror(err));
	return false;
}

static bool
dial(struct fetch *f)
{
	const struct timeval tv = { .tv_sec = TIMEOUT_S };
	union {
		struct sockaddr any;
		struct sockaddr_in ip4;
		struct sockaddr_in6 ip6;
	} to;
	const bool ip6 = f->addr.family == AF_INET6;

	memset(&to, 0, sizeof to);
	to.any.sa_family = f->addr.family;
	if (ip6) {
		memcpy(&to.ip6.sin6_addr, f->addr.a, 16);
		net_put16(&to.ip6.sin6_port, f->url.port);
	} else {
		memcpy(&to.ip4.sin_addr, f->addr.a, 4);
		net_put16(&to.ip4.sin_port, f->url.port);
	}
	f->fd = socket(f->addr.family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (f->fd < 0)
		return failed("socket", errno);
	if (setsockopt(f->fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof tv) < 0 ||
	    setsockopt(f->fd, SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof tv) < 0 ||
	    connect(f->fd, &to.any, ip6 ? sizeof to.ip6 : sizeof to.ip4) < 0)
		return failed("connect", errno);
	if (f->url.tls)
		f->tls = upkeepctl_tls_open(f->fd, &(struct upkeepctl_tls_want){ f->url.name,
					    f->url.addr.family != 0, f->ca });
	return !f->url.tls || f->tls;
}

static bool
ask(struct fetch *f)
{
	uint8_t text[4096];
	struct wr w = wr_over(text, sizeof text);
	const struct http_request q = {
		.method = "GET", .path = f->url.path, .host = f->url.host, .headers = "",
		.addr = f->addr, .port = f->url.port, .tls = f->url.tls,
	};

	http_request_put(&w, &q);
	if (w.bad) {
		upkeepctl_out_complain("the URL is too long");
		return false;
	}
	if (f->tls)
		return upkeepctl_tls_send(f->tls, f->fd, text, wr_len(&w));
	for (size_t done = 0; done < wr_len(&w); ) {
		const ssize_t n = send(f->fd, text + done, wr_len(&w) - done, MSG_NOSIGNAL);

		if (n < 0 && errno != EINTR)
			return failed("send", errno);
		done += n > 0 ? (size_t)n : 0;
	}
	return true;
}

/* ---- the reply --------------------------------------------------------------------------- */

/* Header bytes as they came, but safe to look at. */
static void
put_head(struct fetch *f, const uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const char c = (char)(p[i] == '\n' || (p[i] >= ' ' && p[i] <= '~') ? p[i] : '?');

		if (p[i] != '\r')
			upkeepctl_out_bytes(f->out, &c, 1);
	}
}

static enum http_reply_verdict
take(struct fetch *f, const uint8_t *p, size_t n)
{
	enum http_reply_verdict v;

	do {
		size_t used;

		v = http_reply_take(&f->reply, p, n, &used);
		if (!f->head)
			put_head(f, p, used);
		f->head = f->head || v == HTTP_REPLY_HEAD;
		for (unsigned k = 0; k < DIGEST__N && f->digests && v == HTTP_REPLY_BODY; k++)
			digest_update(&f->digest[k], f->reply.body, f->reply.body_n);
		p += used;
		n -= used;
	} while (v == HTTP_REPLY_HEAD || v == HTTP_REPLY_BODY);
	return v;
}

/* How many bytes came, 0: the end, -1 after a complaint. */
static long
receive(struct fetch *f, uint8_t *buf, size_t cap)
{
	ssize_t n;

	if (f->tls)
		return upkeepctl_tls_recv(f->tls, f->fd, buf, cap);
	do
		n = recv(f->fd, buf, cap, 0);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		failed("receive", errno);
	return (long)n;
}

static bool
read_reply(struct fetch *f)
{
	uint8_t buf[4096];
	enum http_reply_verdict v = HTTP_REPLY_MORE;

	while (v == HTTP_REPLY_MORE) {
		const long n = receive(f, buf, sizeof buf);

		if (n < 0)
			return false;
		v = n > 0 ? take(f, buf, (size_t)n) : http_reply_end(&f->reply);
	}
	if (v == HTTP_REPLY_DONE)
		return true;
	upkeepctl_out_complain("%s", http_reply_verdict_text(v));
	return false;
}

static void
put_digest(struct fetch *f, enum digest_kind kind)
{
	uint8_t got[DIGEST_MAX];
	char text[2 * DIGEST_MAX + 1];
	struct strfmt hex;

	strfmt_init(&hex, text, sizeof text);
	hexdump_bytes(&hex, got, digest_final(&f->digest[kind], got));
	upkeepctl_out_put(f->out, "%-8s %s\n", digest_name[kind], text);
}

static void
put_body(struct fetch *f)
{
	upkeepctl_out_put(f->out, "%-8s %llu bytes\n", "body",
			  (unsigned long long)f->reply.got);
	if (!f->digests)
		upkeepctl_out_put(f->out, "this build has no digests (CONFIG_TLS)\n");
	for (unsigned k = 0; k < DIGEST__N && f->digests; k++)
		put_digest(f, (enum digest_kind)k);
}

int
upkeepctl_digest_run(struct upkeepctl_out *o, char **words, int n)
{
	struct fetch f = { .out = o, .fd = -1 };
	int rc = read_words(&f, words, n);

	if (rc != UPKEEPCTL_OK)
		return rc;
	f.digests = digest_init(&f.digest[DIGEST_MD5], DIGEST_MD5) &&
		    digest_init(&f.digest[DIGEST_SHA256], DIGEST_SHA256);
	rc = dial(&f) && ask(&f) && read_reply(&f) ? UPKEEPCTL_OK : UPKEEPCTL_FAILED;
	if (rc == UPKEEPCTL_OK)
		put_body(&f);
	if (f.tls)
		tls_put(f.tls);
	if (f.fd >= 0)
		close(f.fd);
	return rc;
}
