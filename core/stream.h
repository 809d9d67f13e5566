/* SPDX-License-Identifier: MIT */
/* stream.h -- a TCP connection that never blocks, with TLS between when it is asked for.
 *
 * It moves bytes and tells how the connection ended; deadlines, retries and what the bytes mean
 * are the owner's.  What is read goes to the owner at once, out of one buffer of the process;
 * what is to be sent waits in the owner's buffer.  The struct is embedded in its owner.
 */
#ifndef STREAM_H
#define STREAM_H

#include "loop.h"
#include "sock.h"
#include "tls.h"

/* How a connection ended, or why there was none; the list is written once. */
#define STREAM_ENDS(X)							\
	X(EOF,	       "the other side has ended its half")		\
	X(REFUSED,     "connection refused")				\
	X(UNREACHABLE, "no route to it, or told so by one")		\
	X(RESET,       "connection reset")				\
	X(LOCAL,       "this router could not open it")			\
	X(TLS,	       "TLS: see tls_verdict")

enum stream_end {
#define STREAM_ENUM(name, text)	STREAM_##name,
	STREAM_ENDS(STREAM_ENUM)
#undef STREAM_ENUM
	STREAM_END__N
};

struct stream;

/* What the owner hears; it may close (or reopen) the stream in each. */
struct stream_ops {
	/* Connected; with TLS: its handshake is done, the server verified. */
	void (*open)(struct stream *s, struct mono now);
	void (*input)(struct stream *s, const uint8_t *p, size_t n, struct mono now);
	/* Once.  After EOF of a plain connection more may still be sent; after every other end the
	 * stream is closed.  err: errno, or 0. */
	void (*end)(struct stream *s, enum stream_end end, int err, struct mono now);
};

struct stream {
	struct loop_fd io;		/* fd < 0: closed */
	struct loop *loop;
	const struct stream_ops *ops;
	struct tls *tls;		/* NULL: plain */
	uint8_t *tx;			/* the owner's: what waits */
	uint32_t cap, begun, used;	/* tx[begun..used) is not sent yet */
	uint32_t life;			/* another one from each closing on: whether a callback
					 * has closed it */
	int err;			/* errno of a send, told at the next wake-up */
	bool connected;			/* the TCP handshake is done */
	bool ready;			/* open() was called */
	bool finish;			/* end our half when all is sent */
	bool shut;			/* our half is ended */
	bool eof;			/* theirs is */
};

/* Zeroes `s` and gives it its send buffer, which lives as long as it. */
void stream_init(struct stream *s, struct loop *l, const struct stream_ops *ops, void *tx,
		 size_t cap);

/* Connects.  `tls` (started by tls_start(), or NULL) stays the owner's.  Failures at once come
 * back as -errno and without end(); ECONNREFUSED and its kin may come either way. */
port_must_check int stream_open(struct stream *s, const struct sock_to *to, struct tls *tls,
				struct mono now);

/* STARTTLS: from now on TLS over the open connection; open() comes once more.  Bytes
 * that came in clear behind the last input are dropped. */
void stream_tls(struct stream *s, struct tls *tls, struct mono now);

/* Queues and sends what the socket takes; false: it does not fit or the stream is closed, and
 * nothing is queued.  Calls nothing back: a failure is told at the next wake-up. */
port_must_check bool stream_send(struct stream *s, const void *p, size_t n, struct mono now);

/* Ends our half once all is sent (with TLS: its orderly close). */
void stream_finish(struct stream *s);

/* Closes without a lingering wait; nothing on a closed one.  reset: RST instead of FIN, so that
 * a check leaves no TIME_WAIT behind. */
void stream_close(struct stream *s, bool reset);

/* The end that `err`, an errno of a socket, stands for. */
enum stream_end stream_end_of(int err);
const char *stream_end_text(enum stream_end end);

#endif
