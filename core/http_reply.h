/* SPDX-License-Identifier: MIT */
/* http_reply.h -- reads one reply of an HTTP/1 server, RFC 9112.
 *
 * Bytes in, of any split; out: the code and its reason, then the body in pieces, without its
 * framing, however it is framed: chunked, by Content-Length, or by the end of the
 * connection.  Interim replies (1xx) are passed over.  As robust clients do, a bare LF ends
 * a line and folded fields are joined; what remains wrong is a fault, and the first one stays.
 * Nothing of the body is kept, and of the header only what matters: any reply fits.  Pure.
 */
#ifndef HTTP_REPLY_H
#define HTTP_REPLY_H

#include <stddef.h>
#include <stdint.h>

#include "port.h"

#define HTTP_REPLY_MAX_LINE	8192	/* longest line of header, trailer or chunk size */
#define HTTP_REPLY_MAX_HEAD	65536	/* all bytes of headers and trailers */
#define HTTP_REPLY_WORD		48	/* longest value of a field that matters */
#define HTTP_REPLY_REASON	40	/* bytes kept of the reason, with NUL */

/* What is known of a reply; the list is written once. */
#define HTTP_REPLY_VERDICTS(X)						\
	X(MORE,	  "the reply is not whole yet")				\
	X(HEAD,	  "the header is whole")				\
	X(BODY,	  "a piece of the body")				\
	X(DONE,	  "the reply is whole")					\
	X(ALIEN,  "it does not begin as HTTP/1 does")			\
	X(FIELD,  "a header line is no field")				\
	X(LENGTH, "Content-Length is no number, or two of them differ")	\
	X(CODING, "a transfer coding other than chunked")		\
	X(CHUNK,  "a chunk is not as RFC 9112 7.1 has it")		\
	X(LONG,	  "the header, or one line of it, is too long")		\
	X(CUT,	  "the connection ended before the reply")

enum http_reply_verdict {
#define HTTP_REPLY_ENUM(name, text)	HTTP_REPLY_##name,
	HTTP_REPLY_VERDICTS(HTTP_REPLY_ENUM)
#undef HTTP_REPLY_ENUM
	HTTP_REPLY_VERDICT__N
};

/* All zero: waits for the first byte. */
struct http_reply {
	bool no_body;			/* set by the caller: the request was HEAD */
	/* From HEAD on: */
	uint8_t minor;			/* HTTP/1.minor */
	uint16_t code;			/* 100..999 */
	char reason[HTTP_REPLY_REASON];	/* cut, what does not print made '?' */
	bool chunked;
	bool has_length;
	uint64_t length;		/* Content-Length */
	/* Of BODY: */
	const uint8_t *body;		/* points into the caller's bytes */
	size_t body_n;			/* never 0 */
	uint64_t got;			/* bytes of body so far, these included */
	/* Inside: */
	uint64_t left;			/* bytes of body or chunk to come; a size being read */
	uint32_t head;			/* bytes of headers and trailers so far */
	uint16_t line;			/* bytes of the present line */
	uint8_t verdict;		/* enum http_reply_verdict: MORE, DONE or a fault */
	uint8_t state;
	uint8_t field;
	uint8_t n;			/* bytes in word, or in reason */
	char word[HTTP_REPLY_WORD];	/* name of the field, or its value */
};

/* Takes bytes until something is known; *used says how many.  Call it again with the rest, be it
 * empty, until it answers MORE, DONE or a fault. */
port_must_check enum http_reply_verdict http_reply_take(struct http_reply *r, const uint8_t *p,
							size_t n, size_t *used);

/* The connection has ended: DONE, CUT, or the fault that there was. */
port_must_check enum http_reply_verdict http_reply_end(struct http_reply *r);

const char *http_reply_verdict_text(enum http_reply_verdict v);

#endif
