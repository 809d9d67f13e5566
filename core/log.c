/* SPDX-License-Identifier: MIT */
/* log.c -- numbered events to standard error and to syslog datagrams. */
#include "log.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "strfmt.h"
#include "utf8.h"

#define LOG_FACILITY	(3u << 3)	/* daemon, RFC 3164 4.1.1 */
#define LOG_HEAD	80		/* most that stands before the text */

/* The log of this process. */
static struct {
	char tag[LOG_TAG];
	enum log_level level;
	unsigned to;
	pid_t pid;
	const char *path;
	int fd;				/* syslog's socket, -1: none */
	uint64_t lost;
} log_self = {
	.tag = "upkeepd",
	.level = LOG_INFO,
	.to = LOG_TO_STDERR,
	.path = LOG_SOCKET,
	.fd = -1,
};

/* RFC 3164 4.1.3 ends a tag at the first character that is not alphanumeric;
 * every reader allows '.', '-' and '_' too. */
static void
set_tag(const char *ident)
{
	size_t n = 0;
	bool gap = false;

	for (; *ident != '\0' && n + 1 < LOG_TAG; ident++) {
		const char c = *ident;

		if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		    (c >= '0' && c <= '9') || c == '-' || c == '_') {
			log_self.tag[n++] = c;
			gap = false;
		} else if (!gap && n > 0) {
			log_self.tag[n++] = '.';
			gap = true;
		}
	}
	log_self.tag[n] = '\0';
}

/* A datagram socket can be connected anew as often as the logger restarts. */
static bool
syslog_connect(void)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };

	if (log_self.fd < 0)
		return false;
	strfmt_copy(sun.sun_path, sizeof sun.sun_path, log_self.path,
		    strlen(log_self.path));
	return connect(log_self.fd, (const struct sockaddr *)&sun,
		       sizeof sun) == 0;
}

void
log_socket(const char *path)
{
	log_self.path = path;
}

void
log_open(const char *ident, enum log_level level, unsigned to)
{
	set_tag(ident);
	log_self.level = level;
	log_self.to = to;
	log_self.pid = getpid();
	if ((to & LOG_TO_SYSLOG) && log_self.fd < 0) {
		log_self.fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC |
				     SOCK_NONBLOCK, 0);
		/* A logger that starts after us is found at the first line. */
		(void)syslog_connect();
	}
}

static bool
syslog_send(const char *p, size_t n)
{
	if (log_self.fd < 0)
		return false;
	if (send(log_self.fd, p, n, MSG_NOSIGNAL) >= 0)
		return true;
	if (errno == EAGAIN || errno == ENOBUFS || errno == EMSGSIZE)
		return false;
	return syslog_connect() &&
	       send(log_self.fd, p, n, MSG_NOSIGNAL) >= 0;
}

/* A pipe that poll(2) calls writable takes PIPE_BUF bytes without blocking. */
static bool
stderr_send(const char *p, size_t n)
{
	struct pollfd pfd = { .fd = STDERR_FILENO, .events = POLLOUT };

	if (poll(&pfd, 1, 0) != 1 || !(pfd.revents & POLLOUT))
		return false;
	return write(STDERR_FILENO, p, n) == (ssize_t)n;
}

static const char *
level_name(enum log_level level)
{
	switch (level) {
	case LOG_ERR:	 return "error";
	case LOG_WARN:	 return "warning";
	case LOG_NOTICE: return "notice";
	case LOG_INFO:	 return "info";
	case LOG_DEBUG:	 return "debug";
	}
	return "?";
}

static void
put_stderr(unsigned id, enum log_level level, const struct timespec *ts,
	   const struct tm *tm, const char *text)
{
	char line[LOG_HEAD + CONFIG_LOG_LINE];
	struct strfmt s;

	/* The newline takes the NUL's place, also behind a text that was cut. */
	strfmt_init(&s, line, sizeof line);
	strfmt_put(&s, "%04d-%02d-%02dT%02d:%02d:%02d.%06ldZ %s: %s [%u] %s",
		   tm->tm_year + 1900, tm->tm_mon + 1, tm->tm_mday,
		   tm->tm_hour, tm->tm_min, tm->tm_sec,
		   (long)ts->tv_nsec / 1000, log_self.tag, level_name(level),
		   id, text);
	line[s.n++] = '\n';
	if (!stderr_send(line, s.n))
		log_self.lost++;
}

static void
put_syslog(unsigned id, enum log_level level, const struct tm *tm,
	   const char *text)
{
	static const char month[12][4] = {
		"Jan", "Feb", "Mar", "Apr", "May", "Jun",
		"Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
	};
	char line[LOG_HEAD + CONFIG_LOG_LINE];
	struct strfmt s;

	strfmt_init(&s, line, sizeof line);
	strfmt_put(&s, "<%u>%s %2d %02d:%02d:%02d %s[%d]: [%u] %s",
		   LOG_FACILITY | (unsigned)level, month[tm->tm_mon % 12],
		   tm->tm_mday, tm->tm_hour, tm->tm_min, tm->tm_sec,
		   log_self.tag, (int)log_self.pid, id, text);
	if (!syslog_send(line, s.n))
		log_self.lost++;
}

void
(log_put)(unsigned id, enum log_level level, const char *fmt, ...)
{
	char text[CONFIG_LOG_LINE];
	struct timespec ts;
	struct strfmt s;
	struct tm tm;
	va_list ap;

	if (level > log_self.level)
		return;
	const int kept_errno = errno;
	strfmt_init(&s, text, sizeof text);
	va_start(ap, fmt);
	strfmt_putv(&s, fmt, ap);
	va_end(ap);
	for (size_t i = 0, k; i < s.n; i += k) {
		k = utf8_take(text + i);
		if (k == 0) {
			text[i] = '?';
			k = 1;
		}
	}
	if (clock_gettime(CLOCK_REALTIME, &ts) < 0 ||
	    gmtime_r(&ts.tv_sec, &tm) == NULL) {
		memset(&ts, 0, sizeof ts);
		memset(&tm, 0, sizeof tm);
	}
	if (log_self.to & LOG_TO_STDERR)
		put_stderr(id, level, &ts, &tm, text);
	if (log_self.to & LOG_TO_SYSLOG)
		put_syslog(id, level, &tm, text);
	errno = kept_errno;
}

bool
log_allowed(struct log_limit *lim, struct mono now, uint32_t burst,
	    int64_t per_us, uint32_t *held)
{
	/* A window starts with the first message after the last one's end. */
	if (lim->sent == 0 || mono_diff_us(now, lim->since) >= per_us) {
		lim->since = now;
		lim->sent = 0;
	}
	if (lim->sent >= burst) {
		if (lim->held < UINT32_MAX)
			lim->held++;
		return false;
	}
	lim->sent++;
	*held = lim->held;
	lim->held = 0;
	return true;
}

uint64_t
log_lost(void)
{
	return log_self.lost;
}
