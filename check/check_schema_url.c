/* SPDX-License-Identifier: MIT */
/* check_schema_url.c -- the pages of an HTTP check: sections `url`, or a path itself. */
#include <string.h>

#include "check_schema.h"
#include "http_request.h"
#include "strfmt.h"

#define RANGES	16			/* of one status_code */

static bool
code(struct compile *c, const struct compile_value *v, size_t off, const char *s, size_t n,
     uint16_t *out)
{
	int64_t i;

	if (strfmt_parse_i64(&i, s, n) && i >= 100 && i <= 999) {
		*out = (uint16_t)i;
		return true;
	}
	compile_error(c, compile_doc_inside(v, off), "status_code takes codes and ranges of "
		      "them, 100 to 999, such as 200-299 401");
	return false;
}

/* "200-299 401" as pairs. */
static bool
read_status(struct compile *c, const struct compile_section *s, struct check_conf *part,
	    struct check_conf_url *u)
{
	const struct compile_value *const v = compile_doc_first(c, s, "status_code");
	uint16_t pair[2 * RANGES];
	size_t n = 0;
	struct compile_words w;

	if (v == NULL)
		return true;
	compile_value_words(&w, compile_doc_str(c, v), v->len);
	while (compile_value_word(&w)) {
		const char *const dash = memchr(w.word, '-', w.len);
		const size_t first = dash ? (size_t)(dash - w.word) : w.len;

		if (n == RANGES) {
			compile_error(c, compile_doc_inside(v, w.off),
				      "more than %d ranges of codes", RANGES);
			return false;
		}
		if (!code(c, v, w.off, w.word, first, &pair[2 * n]))
			return false;
		pair[2 * n + 1] = pair[2 * n];
		if (dash && !code(c, v, w.off + first + 1, dash + 1, w.len - first - 1,
				  &pair[2 * n + 1]))
			return false;
		if (pair[2 * n] > pair[2 * n + 1]) {
			compile_error(c, compile_doc_inside(v, w.off),
				      "a range whose end is before its beginning");
			return false;
		}
		n++;
	}
	if (n == 0)
		return true;
	u->status = check_schema_text(c, part, pair, n * 2 * sizeof pair[0], v->at);
	return u->status.at != 0;
}

static bool
read_digest(struct compile *c, const struct compile_section *s, struct check_conf_url *u)
{
	const struct compile_value *const v = compile_doc_first(c, s, "digest");

	if (v == NULL)
		return true;

	const int n = check_schema_text_hex(c, v, u->digest, NULL, sizeof u->digest);

	if (n < 0)
		return false;
	if (!IS_ENABLED(CONFIG_TLS)) {
		compile_error(c, v->at, "this build has no digests: set CONFIG_TLS");
		return false;
	}
	if (n != 16 && n != 32) {
		compile_error(c, v->at, "digest has %d digits: MD5 has 32, SHA-256 has 64",
			      2 * n);
		return false;
	}
	u->digest_bytes = (uint8_t)n;
	return true;
}

static bool
read_path(struct compile *c, struct check_conf *part, const struct compile_value *v,
	  struct check_conf_url *u)
{
	const char *const path = compile_doc_str(c, v);

	for (size_t i = 0; i < v->len; i++)
		if ((unsigned char)path[i] <= 0x20 || path[i] == 0x7f) {
			compile_error(c, compile_doc_inside(v, i), "a path has no white space: "
				      "write %%20 for a blank");
			return false;
		}
	if (path[0] != '/') {
		compile_error(c, v->at, "a path begins with /");
		return false;
	}
	u->path = check_schema_text(c, part, path, v->len, v->at);
	return u->path.at != 0;
}

static bool
read_section(struct compile *c, const struct compile_section *s, struct check_conf *part,
	     struct check_conf_url *u)
{
	const struct compile_value *const path = compile_doc_first(c, s, "path");
	struct check_schema_url obj;

	if (path == NULL || !read_path(c, part, path, u))
		return false;		/* a complaint was made */
	c->quiet++;
	compile_doc_build(c, s, check_schema_kind("url"), &obj);
	c->quiet--;
	u->host = check_schema_text_option(c, part, s, "virtualhost");
	if (u->host.at != 0 && strchr(check_conf_text(part, u->host), ' ') != NULL) {
		compile_error(c, compile_doc_where(c, s, "virtualhost"),
			      "virtualhost has white space in it");
		return false;
	}
	u->text = check_schema_text_option(c, part, s, "expect");
	return read_status(c, s, part, u) && read_digest(c, s, u) &&
	       check_schema_pattern(c, s, part, obj.icase, u);
}

void
check_schema_url_make(struct compile *c, const struct compile_section *s, void *part,
		      void *obj)
{
	struct check_conf_url u;

	(void)obj;
	memset(&u, 0, sizeof u);
	(void)read_section(c, s, part, &u);
}

/* One page: a section, or the path itself. */
static bool
read_one(struct compile *c, const struct compile_value *v, struct check_conf *part,
	 struct check_conf_url *u)
{
	const char *const name = compile_doc_str(c, v);
	const struct compile_section *const s = compile_doc_lookup(c, "url", name);
	char shown[COMPILE_SHOWN];

	memset(u, 0, sizeof *u);
	if (s != NULL)
		return read_section(c, s, part, u);
	if (name[0] == '/')
		return read_path(c, part, v, u);

	if (compile_known_lost(c, "url"))
		return false;

	const char *const near = compile_doc_nearest(c, "url", name);

	compile_error(c, v->at, "there is no url '%s'%s%s%s",
		      compile_value_shown(name, v->len, shown),
		      near ? "; did you mean '" : ", and it is no path such as /index.html",
		      near ? near : "", near ? "'?" : "");
	return false;
}

static bool
put(struct compile *c, struct uci_pos at, struct check_conf *part,
    const struct check_conf_url *u, struct check_conf_range *urls)
{
	if (part->nurls == CONFIG_CHECK_URLS) {
		compile_full(c, at, CONFIG_CHECK_URLS, "pages of checks",
			     "CONFIG_CHECK_URLS");
		return false;
	}
	memcpy(&part->url[part->nurls++], u, sizeof *u);
	urls->n++;
	return true;
}

/* Equal lists of pages are one, so that equal checks are. */
static void
share(struct check_conf *part, struct check_conf_range *urls)
{
	const size_t one = sizeof part->url[0];

	for (unsigned i = 0; i + urls->n <= urls->first; i++)
		if (memcmp(&part->url[i], &part->url[urls->first], urls->n * one) == 0) {
			memset(&part->url[urls->first], 0, urls->n * one);
			part->nurls = urls->first;
			urls->first = (uint16_t)i;
			return;
		}
}

bool
check_schema_urls(struct compile *c, const struct compile_section *s, struct check_conf *part,
		  struct check_conf_range *urls)
{
	const struct compile_value *v = compile_doc_first(c, s, "url");
	struct check_conf_url u;

	*urls = (struct check_conf_range){ .first = part->nurls };
	for (; v != NULL; v = compile_doc_next(c, v))
		if (!read_one(c, v, part, &u) || !put(c, v->at, part, &u, urls))
			return false;
	if (urls->n == 0) {
		memset(&u, 0, sizeof u);
		u.path = check_schema_text(c, part, "/", 1, s->at);
		if (u.path.at == 0 || !put(c, s->at, part, &u, urls))
			return false;
	}
	share(part, urls);
	return true;
}

bool
check_schema_url_fits(struct compile *c, struct uci_pos at, const struct check_conf *part,
		      const struct check_conf_check *k)
{
	static uint8_t buf[CONFIG_CHECK_SEND];
	const struct check_conf_http *const h = &k->u.http;

	for (unsigned i = 0; i < h->urls.n; i++) {
		const struct check_conf_url *const u = &part->url[h->urls.first + i];
		struct wr out = wr_over(buf, sizeof buf);
		const struct http_request q = {
			.method = check_conf_text(part, h->method),
			.path = check_conf_text(part, u->path),
			.host = check_conf_text(part, u->host.at ? u->host : h->host),
			.headers = check_conf_text(part, h->headers),
			.addr = k->addr, .port = k->port, .tls = k->tls_used,
		};

		http_request_put(&out, &q);
		if (!out.bad)
			continue;
		compile_error(c, at, "a request is longer than %d bytes: raise CONFIG_CHECK_SEND",
			      CONFIG_CHECK_SEND);
		return false;
	}
	return true;
}

struct check_conf_bytes
check_schema_url_host(struct compile *c, const struct compile_section *s, struct uci_pos at,
		      const struct check_conf *part, const struct check_conf_http *http)
{
	struct check_conf_bytes name = http->host;
	bool differ = false;

	for (unsigned i = 0; i < http->urls.n; i++) {
		const struct check_conf_bytes own = part->url[http->urls.first + i].host;
		const struct check_conf_bytes host = own.at != 0 ? own : http->host;

		if (i == 0)
			name = host;
		differ |= host.at != name.at;
	}
	if (differ && compile_doc_first(c, s, "sni_name") == NULL)
		compile_warn(c, at, "pages of several virtualhosts: TLS sends and verifies the "
			     "name of the first; say sni_name, or make several checks");
	return name;
}
