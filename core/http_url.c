/* SPDX-License-Identifier: MIT */
/* http_url.c -- see http_url.h. */
#include "http_url.h"

#include <string.h>
#include <sys/socket.h>

#include "strfmt.h"

static bool
skip_scheme(const char **text, const char *scheme)
{
	const char *p = *text;

	for (; *scheme; p++, scheme++)
		if (*p != *scheme && (*p | 0x20) != *scheme)
			return false;
	*text = p;
	return true;
}

static bool
parse_port(const char *s, size_t n, uint16_t *out)
{
	int64_t v;

	if (!strfmt_parse_i64(&v, s, n) || v < 1 || v > 65535)
		return false;
	*out = (uint16_t)v;
	return true;
}

/* HOST[:PORT], n bytes of out->host. */
static const char *
parse_host(struct http_url *out, size_t n)
{
	const char *const begin = out->host;
	const char *colon = begin;
	size_t len;

	if (begin[0] == '[') {
		const char *const end = memchr(begin, ']', n);

		if (end == NULL ||
		    !net_addr_parse(&out->addr, begin + 1, (size_t)(end - begin) - 1) ||
		    out->addr.family != AF_INET6)
			return "what stands in brackets is no IPv6 address";
		colon = end + 1;
	}
	while (*colon && *colon != ':')
		colon++;
	if (*colon == ':' && !parse_port(colon + 1, n - (size_t)(colon + 1 - begin), &out->port))
		return "a port is 1 to 65535";
	len = (size_t)(colon - begin);
	if (begin[0] == '[' && colon[-1] != ']')
		return "what stands in brackets is no IPv6 address";
	if (len == 0)
		return "it names no host";
	if (begin[0] == '[')
		(void)strfmt_copy(out->name, sizeof out->name, begin + 1, len - 2);
	else if (strfmt_copy(out->name, sizeof out->name, begin, len) &&
		 !net_addr_parse(&out->addr, begin, len))
		out->addr.family = 0;
	return NULL;
}

const char *
http_url_parse(struct http_url *out, const char *text)
{
	*out = (struct http_url){ .port = 80 };
	for (const char *p = text; *p; p++)
		if ((unsigned char)*p <= ' ' || *p == 0x7f)
			return "it holds white space";
	if (skip_scheme(&text, "https://")) {
		out->tls = true;
		out->port = 443;
	} else if (!skip_scheme(&text, "http://")) {
		return "it begins with neither http:// nor https://";
	}

	size_t n = 0;

	while (text[n] && !strchr("/?#", text[n]))
		n++;
	if (memchr(text, '@', n))
		return "a user and a password are not sent";
	if (!strfmt_copy(out->host, sizeof out->host, text, n))
		return "its host is too long";
	out->path = text[n] ? text + n : "/";
	if (text[n] == '?' || strchr(text + n, '#'))
		return "a path begins with /, and holds no #";
	return parse_host(out, n);
}
