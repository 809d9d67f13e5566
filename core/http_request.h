/* SPDX-License-Identifier: MIT */
/* http_request.h -- writes the request of an HTTP check, RFC 9112 3.  Pure. */
#ifndef HTTP_REQUEST_H
#define HTTP_REQUEST_H

#include "cursor.h"

struct http_request {
	const char *method;		/* "GET" */
	const char *path;		/* "/" */
	const char *host;		/* "": the address, with the port where it is not usual */
	const char *headers;		/* further fields, each ended by CR LF; they replace ours */
	struct net_addr addr;
	uint16_t port;
	bool tls;
	bool http10;
};

/* What does not fit makes `out` bad.  The reply is asked to end with the connection. */
void http_request_put(struct wr *out, const struct http_request *q);

#endif
