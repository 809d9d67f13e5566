/* SPDX-License-Identifier: MIT */
/* check_http.c -- HTTP_GET and SSL_GET: pages, one after another, each over its own connection.
 *
 * It decides as soon as it can: by the status alone where nothing is asked of the body, which then
 * is not read, and at the first byte that can't be good otherwise.  A digest needs the whole body.
 */
#include "checker.h"
#include "digest.h"
#include "find.h"
#include "hexdump.h"
#include "http_reply.h"
#include "http_request.h"
#include "pattern.h"

#define SHOWN	12			/* bytes of a digest in a detail */

/* Of the page that is being fetched. */
struct state {
	struct http_reply reply;
	struct digest digest;
	struct find find;
	struct pattern pattern;
};

static const struct check_conf_url *
url_of(const struct checker_run *run)
{
	const struct check_conf_range *const urls = &run->check->u.http.urls;

	return &run->conf->url[urls->first + run->opened % (urls->n ? urls->n : 1)];
}

/* ---- the request ------------------------------------------------------------------- */

static const char *
or_else(const struct checker_run *run, struct check_conf_bytes b, const char *none)
{
	return b.at ? check_conf_text(run->conf, b) : none;
}

static bool
begin_digest(struct state *s, const struct check_conf_url *url)
{
	if (url->digest_bytes == 0)
		return true;
	return digest_init(&s->digest, url->digest_bytes == 16 ? DIGEST_MD5 : DIGEST_SHA256);
}

static enum checker_step
http_open(struct checker_run *run)
{
	const struct check_conf_http *const h = &run->check->u.http;
	const struct check_conf_url *const url = url_of(run);
	struct state *s = run->state;
	struct wr out = run->out;
	const struct http_request q = {
		.method = or_else(run, h->method, "GET"),
		.path = or_else(run, url->path, "/"),
		.host = or_else(run, url->host.at ? url->host : h->host, ""),
		.headers = or_else(run, h->headers, ""),
		.addr = run->check->addr,
		.port = run->check->port,
		.tls = run->check->tls_used,
		.http10 = h->http10,
	};

	memset(s, 0, sizeof *s);
	s->reply.no_body = strcmp(q.method, "HEAD") == 0;
	if (!begin_digest(s, url))
		return checker_down(run, CHECKER_LOCAL, "this build has no digests");
	http_request_put(&out, &q);
	if (out.bad)
		return checker_down(run, CHECKER_LOCAL,
				    "the request is too long: raise CONFIG_CHECK_SEND");
	run->out = out;
	return CHECKER_MORE;
}

/* ---- verdicts ------------------------------------------------------------------------ */

/* "200 OK", behind the page where there are several. */
static void
put_status(const struct checker_run *run, char out[CHECKER_DETAIL])
{
	const struct state *const s = run->state;
	const bool many = run->check->u.http.urls.n > 1;

	strfmt_to(out, CHECKER_DETAIL, "%.20s%s%u%s%s",
		  many ? or_else(run, url_of(run)->path, "/") : "", many ? ": " : "",
		  s->reply.code, s->reply.reason[0] ? " " : "", s->reply.reason);
}

/* This page is good. */
static enum checker_step
good(struct checker_run *run)
{
	if (run->opened + 1u < run->check->u.http.urls.n) {
		run->link = CHECKER_STREAM;
		return CHECKER_NEXT;
	}
	put_status(run, run->detail);
	return CHECKER_UP;
}

static enum checker_step
bad_digest(struct checker_run *run, const uint8_t *got)
{
	char text[2 * SHOWN + 1];
	struct strfmt hex;

	strfmt_init(&hex, text, sizeof text);
	hexdump_bytes(&hex, got, SHOWN);
	return checker_down(run, CHECKER_DIGEST, "%s is %s...",
			    url_of(run)->digest_bytes == 16 ? "MD5" : "SHA-256", text);
}

static bool
status_is_good(const struct checker_run *run, uint16_t code)
{
	const struct check_conf_url *const url = url_of(run);
	const uint8_t *const p = &run->conf->text[url->status.at];
	uint16_t pair[2];

	if (url->status.at == 0)
		return code >= 200 && code <= 299;
	for (uint32_t i = 0; i + sizeof pair <= url->status.n; i += sizeof pair) {
		memcpy(pair, p + i, sizeof pair);
		if (code >= pair[0] && code <= pair[1])
			return true;
	}
	return false;
}

/* What the body has shown so far; `end`: there is no more of it. */
static enum checker_step
judge_body(struct checker_run *run, bool end)
{
	const struct check_conf_url *const url = url_of(run);
	struct state *s = run->state;
	const bool text = url->text.n == 0 || s->find.verdict == FIND_FOUND;
	const bool matched = s->pattern.verdict == PATTERN_MATCH;
	const bool settled = url->pattern.n == 0 || s->pattern.verdict != PATTERN_MORE;

	if (url->pattern.n && settled && matched == url->pattern_absent)
		return checker_down(run, CHECKER_CONTENT, matched ?
				    "the pattern matches the body" :
				    "the pattern does not match the body");
	if (end && !text)
		return checker_down(run, CHECKER_CONTENT, "the text is not in the body");
	return end || (text && settled && url->digest_bytes == 0) ? good(run) : CHECKER_MORE;
}

/* Pieces of the body, in turn. */
static enum checker_step
take_body(struct checker_run *run, const uint8_t *p, size_t n)
{
	const struct check_conf_url *const url = url_of(run);
	struct state *s = run->state;

	if (url->digest_bytes)
		digest_update(&s->digest, p, n);
	if (url->text.n) {
		const struct find_what what = { &run->conf->text[url->text.at], NULL,
						url->text.n, true };

		find_feed(&s->find, &what, p, n);
	}
	if (url->pattern.n)
		pattern_feed(&s->pattern, &run->conf->text[url->pattern.at], p, n);
	return judge_body(run, false);
}

static enum checker_step
end_body(struct checker_run *run)
{
	const struct check_conf_url *const url = url_of(run);
	struct state *s = run->state;
	uint8_t got[DIGEST_MAX];

	if (url->digest_bytes) {
		(void)digest_final(&s->digest, got);
		if (!digest_equal(got, url->digest, url->digest_bytes))
			return bad_digest(run, got);
	}
	if (url->pattern.n)
		pattern_end(&s->pattern, &run->conf->text[url->pattern.at]);
	return judge_body(run, true);
}

static enum checker_step
take_head(struct checker_run *run)
{
	const struct check_conf_url *const url = url_of(run);
	struct state *s = run->state;

	if (!status_is_good(run, s->reply.code)) {
		char text[CHECKER_DETAIL];

		put_status(run, text);
		return checker_down(run, CHECKER_STATUS, "%s", text);
	}
	return url->digest_bytes || url->text.n || url->pattern.n ? CHECKER_MORE : good(run);
}

static enum checker_step
cut(struct checker_run *run)
{
	const struct state *const s = run->state;

	if (s->reply.code == 0 || s->reply.got == 0)
		return checker_down(run, CHECKER_CLOSED, "%s", s->reply.head == 0 ?
				    "without a byte" : "in the header, or right behind it");
	if (s->reply.chunked)
		return checker_down(run, CHECKER_CLOSED, "after %llu bytes of the body",
				    (unsigned long long)s->reply.got);
	return checker_down(run, CHECKER_CLOSED, "after %llu of %llu bytes of the body",
			    (unsigned long long)s->reply.got,
			    (unsigned long long)s->reply.length);
}

static enum checker_step
take(struct checker_run *run, enum http_reply_verdict v)
{
	const struct state *const s = run->state;

	switch (v) {
	case HTTP_REPLY_MORE:
		return CHECKER_MORE;
	case HTTP_REPLY_HEAD:
		return take_head(run);
	case HTTP_REPLY_BODY:
		return take_body(run, s->reply.body, s->reply.body_n);
	case HTTP_REPLY_DONE:
		return end_body(run);
	case HTTP_REPLY_CUT:
		return cut(run);
	case HTTP_REPLY_LONG:
		return checker_down(run, CHECKER_LONG, "%s", http_reply_verdict_text(v));
	case HTTP_REPLY_ALIEN:
	case HTTP_REPLY_FIELD:
	case HTTP_REPLY_LENGTH:
	case HTTP_REPLY_CODING:
	case HTTP_REPLY_CHUNK:
	case HTTP_REPLY_VERDICT__N:
		break;
	}
	return checker_down(run, CHECKER_PROTOCOL, "%s", http_reply_verdict_text(v));
}

static enum checker_step
http_input(struct checker_run *run, const uint8_t *p, size_t n)
{
	struct state *s = run->state;
	enum http_reply_verdict v;
	enum checker_step step;

	do {
		size_t used;

		v = http_reply_take(&s->reply, p, n, &used);
		p += used;
		n -= used;
		step = take(run, v);
	} while (step == CHECKER_MORE && v != HTTP_REPLY_MORE);
	return step;
}

static enum checker_step
http_eof(struct checker_run *run)
{
	struct state *s = run->state;

	return take(run, http_reply_end(&s->reply));
}

const struct checker check_http = {
	.name = "http",
	.link = CHECKER_STREAM,
	.state_size = sizeof(struct state),
	.open = http_open,
	.input = http_input,
	.eof = http_eof,
};

_Static_assert(sizeof(struct state) <= CONFIG_CHECK_STATE, "raise CONFIG_CHECK_STATE");
