/* SPDX-License-Identifier: MIT */
/* upkeepctl_link.c -- one request to one child, and its answer. */
#include "upkeepctl_link.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "pidfile.h"
#include "strfmt.h"
#include "upkeepctl_out.h"

#define AGAIN_US	10000u
#define AGAIN_MOST	20

void
upkeepctl_link_close(struct upkeepctl_link *l)
{
	if (l->fd >= 0)
		close(l->fd);
	l->fd = -1;
}

static bool
set_timeout(int fd, int s)
{
	const struct timeval tv = { .tv_sec = s };
	return setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof tv) == 0 &&
	       setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof tv) == 0;
}

/* A child that was killed is back in milliseconds, and its socket until then nobody's. */
static int
dial_again(int fd, const struct sockaddr_un *at)
{
	for (int i = 0; ; i++) {
		if (connect(fd, (const struct sockaddr *)(const void *)at, sizeof *at) == 0)
			return 0;
		if (errno != ECONNREFUSED || i == AGAIN_MOST)
			return errno;
		usleep(AGAIN_US);
	}
}

/* 0 or an errno. */
static int
dial(struct upkeepctl_link *l, const char *dir, int timeout_s)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	struct strfmt s;
	strfmt_init(&s, at.sun_path, sizeof at.sun_path);
	strfmt_put(&s, "%s/%s.sock", dir, l->child);
	if (s.cut)
		return ENAMETOOLONG;
	l->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (l->fd < 0)
		return errno;
	return set_timeout(l->fd, timeout_s) ? dial_again(l->fd, &at) : errno;
}

static bool
send_request(struct upkeepctl_link *l, const char *request)
{
	char line[UPKEEPCTL_LINK_LINE];
	const size_t n = strfmt_to(line, sizeof line, "%s\n", request);
	for (size_t done = 0; done < n; ) {
		const ssize_t w = send(l->fd, line + done, n - done, MSG_NOSIGNAL);
		if (w < 0 && errno == EINTR)
			continue;
		/* A full table is answered before the request is read. */
		if (w < 0)
			return errno == EPIPE || errno == ECONNRESET;
		done += (size_t)w;
	}
	return true;
}

bool
upkeepctl_link_fill(struct upkeepctl_link *l)
{
	if (l->ended || l->fd < 0)
		return false;
	if (l->head > 0) {
		memmove(l->buf, l->buf + l->head, l->tail - l->head);
		l->tail -= l->head;
		l->head = 0;
	}
	if (l->tail == sizeof l->buf)
		return true;
	for (;;) {
		const ssize_t n = recv(l->fd, l->buf + l->tail, sizeof l->buf - l->tail, 0);
		if (n < 0 && errno == EINTR)
			continue;
		if (n > 0) {
			l->tail += (size_t)n;
			return true;
		}
		l->ended = true;
		l->broken = n < 0;
		return false;
	}
}

bool
upkeepctl_link_more(struct upkeepctl_link *l)
{
	return l->head < l->tail || upkeepctl_link_fill(l);
}

bool
upkeepctl_link_has_line(const struct upkeepctl_link *l)
{
	return l->has_line || memchr(l->buf + l->head, '\n', l->tail - l->head);
}

const char *
upkeepctl_link_line(struct upkeepctl_link *l)
{
	if (l->has_line)
		return l->line;
	const size_t most = sizeof l->line - 1;
	const char *end;
	for (;;) {
		end = memchr(l->buf + l->head, '\n', l->tail - l->head);
		if (end || l->tail - l->head >= most || !upkeepctl_link_fill(l))
			break;
	}
	size_t n = end ? (size_t)(end - (l->buf + l->head)) + 1 : l->tail - l->head;
	if (n > most)
		n = most;
	if (n == 0)
		return NULL;
	memcpy(l->line, l->buf + l->head, n);
	l->line[n] = '\0';
	l->head += n;
	l->has_line = true;
	return l->line;
}

void
upkeepctl_link_next(struct upkeepctl_link *l)
{
	l->has_line = false;
}

static enum upkeepctl_link_code
first_line(struct upkeepctl_link *l)
{
	const char *line = upkeepctl_link_line(l);
	upkeepctl_link_next(l);
	if (!line)
		return UPKEEPCTL_LINK_SILENT;
	if (!strcmp(line, "0\n"))
		return UPKEEPCTL_LINK_GOOD;
	if ((line[0] != '1' && line[0] != '2') || line[1] != ' ')
		return UPKEEPCTL_LINK_SILENT;
	strfmt_to(l->reason, sizeof l->reason, "%.*s", (int)strcspn(line + 2, "\n"),
		  line + 2);
	return line[0] == '1' ? UPKEEPCTL_LINK_REFUSED : UPKEEPCTL_LINK_UNKNOWN;
}

enum upkeepctl_link_code
upkeepctl_link_ask(struct upkeepctl_link *l, const char *dir, const char *child,
		   const char *request, int timeout_s)
{
	l->fd = -1;
	l->child = child;
	l->head = l->tail = 0;
	l->ended = l->broken = l->has_line = false;
	l->reason[0] = '\0';
	l->error = dial(l, dir, timeout_s);
	if (l->error)
		l->code = UPKEEPCTL_LINK_ABSENT;
	else if (!send_request(l, request))
		l->code = UPKEEPCTL_LINK_SILENT;
	else
		l->code = first_line(l);
	if (l->code == UPKEEPCTL_LINK_ABSENT || l->code == UPKEEPCTL_LINK_SILENT)
		upkeepctl_link_close(l);
	return l->code;
}

/* The daemon that holds the run folder, 0: none that can be seen. */
static int
daemon_pid(const char *dir)
{
	char path[128];
	struct strfmt s;
	pid_t pid = 0;
	strfmt_init(&s, path, sizeof path);
	strfmt_put(&s, "%s/pid", dir);
	return !s.cut && !pidfile_read(path, &pid) && !kill(pid, 0) ? (int)pid : 0;
}

static void
complain_absent(const struct upkeepctl_link *l, const char *dir)
{
	const int pid = l->error == ENOENT ? daemon_pid(dir) : 0;

	switch (l->error) {
	case ENOENT:
		if (pid) {
			upkeepctl_out_complain("upkeepd runs, process %d, but %s/%s.sock was "
					       "removed: kill -HUP %d makes it anew", pid, dir,
					       l->child, pid);
			break;
		}
		/* fall through */
	case ECONNREFUSED:
		upkeepctl_out_complain("nobody answers at %s/%s.sock: is upkeepd running, "
				       "and is that its run folder (-R DIR)?",
				       dir, l->child);
		break;
	case EACCES:
	case EPERM:
		upkeepctl_out_complain("no permission for %s/%s.sock: try it as root",
				       dir, l->child);
		break;
	case ENAMETOOLONG:
		upkeepctl_out_complain("the run folder's path is too long: %s", dir);
		break;
	case EAGAIN:
		upkeepctl_out_complain("%s/%s.sock takes no more connections: does the "
				       "child hang?", dir, l->child);
		break;
	default:
		upkeepctl_out_complain("can't connect to %s/%s.sock: error %d", dir,
				       l->child, l->error);
		break;
	}
}

void
upkeepctl_link_complain(const struct upkeepctl_link *l, const char *dir)
{
	switch (l->code) {
	case UPKEEPCTL_LINK_GOOD:
		upkeepctl_out_complain("the answer of child %s broke off", l->child);
		break;
	case UPKEEPCTL_LINK_REFUSED:
	case UPKEEPCTL_LINK_UNKNOWN:
		upkeepctl_out_complain("%s", l->reason);
		break;
	case UPKEEPCTL_LINK_SILENT:
		upkeepctl_out_complain("child %s takes the question at %s/%s.sock but does "
				       "not answer", l->child, dir, l->child);
		break;
	case UPKEEPCTL_LINK_ABSENT:
		complain_absent(l, dir);
		break;
	}
}
