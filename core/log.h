/* SPDX-License-Identifier: MIT */
/* log.h -- numbered events to standard error and to syslog datagrams.
 *
 * Each folder lists its events in NAME_log.h as
 *	#define VRRP_LOG_STATE	101, LOG_NOTICE, "vr=%s from=%s to=%s ..."
 * and a caller writes log_put(VRRP_LOG_STATE, ...): number, level and format stand once,
 * and the compiler checks the arguments.  Tokens are key=value and stable across releases.
 * Standard error gets "<time> upkeepd[.child]: level [id] text", syslog an RFC 3164
 * datagram to /dev/log "<PRI>Mmm dd hh:mm:ss upkeepd[.child][pid]: [id] text".  Both clocks
 * are UTC, as musl's own syslog(3) is.  Neither blocks: what can't go out at once is counted.
 * What is no character of UTF-8, or controls a terminal, becomes '?', so that a peer's words can't
 * forge a line.
 */
#ifndef LOG_H
#define LOG_H

#include "mono.h"
#include "port.h"

enum log_level {			/* RFC 5424 severities */
	LOG_ERR = 3,			/* an instance can't do its job */
	LOG_WARN = 4,			/* unexpected, survived */
	LOG_NOTICE = 5,			/* state an operator wants to see */
	LOG_INFO = 6,			/* rare, ordinary */
	LOG_DEBUG = 7,
};

#define LOG_TAG		32		/* longest tag (RFC 3164 4.1.3), with NUL */
#define LOG_SOCKET	"/dev/log"

#define LOG_TO_STDERR	1u
#define LOG_TO_SYSLOG	2u

/* `ident` ("upkeepd: vrrp") becomes the tag "upkeepd.vrrp".  Called again after fork with another
 * ident; syslog's socket is kept, and opened before privileges go: later only connect(2) is
 * needed, when the logger was restarted.  Messages above `level` are dropped. */
void log_open(const char *ident, enum log_level level, unsigned to);

void log_put(unsigned id, enum log_level level, const char *fmt, ...)
	port_format(3, 4);

/* Without CONFIG_LOG_DEBUG the text of debug messages is not in the binary. */
#define LOG_PUT(id, level, ...)						\
	((level) < LOG_DEBUG || IS_ENABLED(CONFIG_LOG_DEBUG) ?		\
		(log_put)(id, level, __VA_ARGS__) : (void)0)
#define log_put(...)	LOG_PUT(__VA_ARGS__)

/* At most `burst` messages per `per_us`, for events a peer can provoke; returns whether this one
 * may go out, and how many were held back since the last that did. */
struct log_limit {
	struct mono since;
	uint32_t sent;
	uint32_t held;
};
bool log_allowed(struct log_limit *lim, struct mono now, uint32_t burst,
		 int64_t per_us, uint32_t *held);

uint64_t log_lost(void);		/* lines and datagrams that could not be sent */

/* Another syslog socket than LOG_SOCKET, for tests; before log_open().  `path` is kept. */
void log_socket(const char *path);

#endif
