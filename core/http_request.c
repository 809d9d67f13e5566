/* SPDX-License-Identifier: MIT */
/* http_request.c -- see http_request.h. */
#include "http_request.h"

#include <sys/socket.h>

#include "strfmt.h"

static char
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* Whether the line at `p` is a field of that name; `name` is in lower case. */
static bool
is_field(const char *p, const char *name)
{
	for (; *name; p++, name++)
		if (lower(*p) != *name)
			return false;
	return *p == ':';
}

static bool
has_field(const char *headers, const char *name)
{
	for (const char *p = headers; p && *p; p = strchr(p, '\n'), p += p != NULL)
		if (is_field(p, name))
			return true;
	return false;
}

/* An IPv6 address stands in brackets (RFC 3986 3.2.2). */
static void
put_authority(struct wr *out, const struct http_request *q)
{
	const bool brackets = q->addr.family == AF_INET6;
	char addr[NET_ADDR_TEXT], text[NET_ADDR_TEXT + 12];
	const size_t n = strfmt_to(text, sizeof text, "%s%s%s", brackets ? "[" : "",
				   net_addr_text(&q->addr, addr), brackets ? "]" : "");

	if (q->port != (q->tls ? 443 : 80))
		strfmt_to(text + n, sizeof text - n, ":%u", q->port);
	wr_text(out, text);
}

/* A body of none must be said of methods that have one (RFC 9110 8.6). */
static bool
may_have_body(const char *method)
{
	return !strcmp(method, "POST") || !strcmp(method, "PUT") || !strcmp(method, "PATCH");
}

void
http_request_put(struct wr *out, const struct http_request *q)
{
	wr_text(out, q->method);
	wr_text(out, " ");
	wr_text(out, q->path);
	wr_text(out, q->http10 ? " HTTP/1.0\r\n" : " HTTP/1.1\r\n");
	if (!has_field(q->headers, "host")) {
		wr_text(out, "Host: ");
		if (q->host[0] != '\0')
			wr_text(out, q->host);
		else
			put_authority(out, q);
		wr_text(out, "\r\n");
	}
	if (!has_field(q->headers, "user-agent"))
		wr_text(out, "User-Agent: upkeep\r\n");
	if (!has_field(q->headers, "connection"))
		wr_text(out, "Connection: close\r\n");
	if (may_have_body(q->method) && !has_field(q->headers, "content-length"))
		wr_text(out, "Content-Length: 0\r\n");
	wr_text(out, q->headers);
	wr_text(out, "\r\n");
}
