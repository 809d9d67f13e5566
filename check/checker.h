/* SPDX-License-Identifier: MIT */
/* checker.h -- what a checker is: one file check/check_NAME.c that exports one constant and
 * never sees a socket, a clock or a log.
 *
 * probe.c owns descriptor, deadline, retries, hysteresis and TLS for all of them, once.  It
 * calls a checker with what arrived, in pieces of any size (DATAGRAM, ECHO: whole ones), and the
 * checker answers with a step: it wants more, it has decided, or it wants another connection.
 * What it writes into run->out is sent.  A checker keeps what it must in `state`, zeroed before
 * the first call of a try; texts and pages it reads from the image.  Pure.
 */
#ifndef CHECKER_H
#define CHECKER_H

#include "check_conf.h"
#include "cursor.h"

/* Why a check has failed: once, in the order of the layers.  Enum, status, logs, metrics and
 * the counter of each check follow.  `layer`: L0 us, L3, L4, L6 TLS, L7 the protocol.
 *	  name	       layer  counter		 sentence */
#define CHECKER_REASONS(X)						\
	X(NONE,	       "",   "passed",		"passed")		\
	X(LOCAL,       "L0", "local",		"this router could not begin it")	\
	X(UNREACHABLE, "L3", "unreachable",	"no route to it, or told so by one")	\
	X(REFUSED,     "L4", "refused",		"the connection, or the datagram, was refused")	\
	X(RESET,       "L4", "reset",		"the connection was reset")		\
	X(CONNECT,     "L4", "connect_timeout",	"no connection in time")		\
	X(TLS,	       "L6", "tls",		"no handshake, or a bad certificate")	\
	X(TLS_TIME,    "L6", "tls_timeout",	"no TLS handshake in time")		\
	X(TIMEOUT,     "L7", "timeout",		"no whole answer in time")		\
	X(CLOSED,      "L7", "closed",		"closed before the answer was whole")	\
	X(PROTOCOL,    "L7", "protocol",	"the answer is not of the protocol")	\
	X(LONG,	       "L7", "long",		"the answer is longer than can be")	\
	X(STATUS,      "L7", "status",		"the status is none of those expected")	\
	X(DIGEST,      "L7", "digest",		"the body has another digest")		\
	X(CONTENT,     "L7", "content",		"what is expected in the answer is not there")	\
	X(EMPTY,       "L7", "empty",		"the answer holds no record of the type")	\
	X(LOSS,	       "L3", "loss",		"too few replies")			\
	X(LATENCY,     "L3", "latency",		"replies are slower than allowed")	\
	X(EXIT,	       "L7", "exit",		"the script failed")			\
	X(SCRIPT_TIME, "L7", "script_timeout",	"the script ran longer than allowed")	\
	X(FILE,	       "L7", "file",		"the file is missing, or holds no number")

enum checker_reason {
#define CHECKER_REASON_ENUM(name, layer, counter, text)	CHECKER_##name,
	CHECKER_REASONS(CHECKER_REASON_ENUM)
#undef CHECKER_REASON_ENUM
	CHECKER_REASON__N
};

struct checker_reason_text {
	const char *name;		/* "REFUSED" */
	const char *layer;
	const char *counter;
	const char *text;
};
extern const struct checker_reason_text checker_reason[CHECKER_REASON__N];

/* How its bytes travel. */
enum checker_link {
	CHECKER_STREAM,			/* TCP, with TLS between when the check says so */
	CHECKER_DATAGRAM,		/* UDP: one datagram a call, at most 4096 bytes */
	CHECKER_ECHO,			/* ICMP and ICMPv6 messages, from their type field on;
					 * the checker makes ICMP's checksum, the kernel ICMPv6's */
	CHECKER_SCRIPT,			/* the parent runs it: ended() */
	CHECKER_READ,			/* input() is the file's first 4096 bytes, then eof() */
};

enum checker_step {
	CHECKER_MORE,			/* waits for input, or for run->wake_us */
	CHECKER_UP,
	CHECKER_DOWN,			/* run->reason says why */
	CHECKER_NEXT,			/* another connection: open() again, run->opened + 1 */
	CHECKER_SECURE,			/* TLS over this one (check->tls_later): open() again */
};

#define CHECKER_DETAIL	64		/* bytes of a detail, with NUL */

/* One try of one check.  What probe gives: */
struct checker_run {
	const struct check_conf *conf;
	const struct check_conf_check *check;
	void *state;			/* checker->state_size bytes, aligned to 8 */
	uint32_t id;			/* drawn for this try: query ids, echo ids */
	uint16_t opened;		/* connections before this one, in this try */
	int64_t elapsed_us;		/* since the try began; set before each call */
	/* What the checker gives: */
	enum checker_link link;		/* for NEXT; at first checker->link */
	struct wr out;			/* STREAM: appended; else one message a call */
	bool empty;			/* DATAGRAM: a message, though it has no byte */
	int64_t wake_us;		/* tick() at this elapsed_us, 0: not; zeroed before tick(),
					 * which comes before a later deadline, late or not */
	enum checker_reason reason;
	char detail[CHECKER_DETAIL];	/* what was seen: "503 Service Unavailable" */
	int32_t weight;			/* that the server asks for, -1: none */
	int32_t add;			/* to what each server is configured with, 0: nothing */
};

struct checker {
	const char *name;		/* "http" */
	enum checker_link link;
	bool discreet;			/* what it sends is the operator's own, as a password, and
					 * is told to nobody */
	uint16_t state_size;		/* <= CONFIG_CHECK_STATE */
	/* The connection is there (DATAGRAM, ECHO: the socket is). */
	enum checker_step (*open)(struct checker_run *run);
	/* `n` > 0 bytes have come (a datagram may have 0). */
	enum checker_step (*input)(struct checker_run *run, const uint8_t *p, size_t n);
	/* ECHO: an ICMP error has brought back the first `n` bytes of a message; `why` stays. */
	enum checker_step (*lost)(struct checker_run *run, const char *why, const uint8_t *p,
				  size_t n);
	/* The other side has ended its half.  NULL: DOWN, CLOSED. */
	enum checker_step (*eof)(struct checker_run *run);
	enum checker_step (*tick)(struct checker_run *run);
	/* SCRIPT: `status` as waitpid(2) says. */
	enum checker_step (*ended)(struct checker_run *run, int status);
};

/* By enum check_conf_checker: the checker of each word of `option check`. */
extern const struct checker *const checker_table[CHECK_CONF_CHECKER__N];

/* "HTTP_GET": the word of `option check`. */
const char *checker_word(const struct check_conf_check *check);

/* DOWN with a reason; `detail` (strfmt.h's formats) says what was seen. */
enum checker_step checker_down(struct checker_run *run, enum checker_reason reason,
			       const char *detail, ...) port_format(3, 4);

#endif
