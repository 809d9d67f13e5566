/* SPDX-License-Identifier: MIT */
/* http_url.h -- http:// and https:// URLs taken apart, RFC 3986 3.  Pure. */
#ifndef HTTP_URL_H
#define HTTP_URL_H

#include "net.h"

#define HTTP_URL_HOST	256		/* bytes of host and port, with NUL */

struct http_url {
	bool tls;			/* https */
	char host[HTTP_URL_HOST];	/* as it stands, with brackets and port: for Host: */
	char name[HTTP_URL_HOST];	/* the host alone */
	struct net_addr addr;		/* the host, when it is an address; else family 0 */
	uint16_t port;			/* 80, 443 when none stands there */
	const char *path;		/* "/" when none stands there; points into the text */
};

/* NULL, or a sentence on why it is none. */
const char *http_url_parse(struct http_url *out, const char *text);

#endif
