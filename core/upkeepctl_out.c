/* SPDX-License-Identifier: MIT */
/* upkeepctl_out.c -- what the client prints, in few writes. */
#include "upkeepctl_out.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

void
upkeepctl_out_init(struct upkeepctl_out *o, int fd)
{
	o->fd = fd;
	o->broken = false;
	o->n = 0;
}

static bool
write_all(int fd, const char *p, size_t n)
{
	while (n > 0) {
		const ssize_t w = write(fd, p, n);
		if (w < 0 && errno == EINTR)
			continue;
		if (w < 0)
			return false;
		p += w;
		n -= (size_t)w;
	}
	return true;
}

void
upkeepctl_out_flush(struct upkeepctl_out *o)
{
	if (!o->broken && !write_all(o->fd, o->buf, o->n))
		o->broken = true;
	o->n = 0;
}

void
upkeepctl_out_bytes(struct upkeepctl_out *o, const char *p, size_t n)
{
	while (n > 0) {
		if (o->n == sizeof o->buf)
			upkeepctl_out_flush(o);
		const size_t room = sizeof o->buf - o->n;
		const size_t take = n < room ? n : room;
		memcpy(o->buf + o->n, p, take);
		o->n += take;
		p += take;
		n -= take;
	}
}

void
upkeepctl_out_put(struct upkeepctl_out *o, const char *fmt, ...)
{
	char text[512];
	struct strfmt s;
	va_list ap;
	strfmt_init(&s, text, sizeof text);
	va_start(ap, fmt);
	strfmt_putv(&s, fmt, ap);
	va_end(ap);
	upkeepctl_out_bytes(o, text, s.n);
}

void
upkeepctl_out_complain(const char *fmt, ...)
{
	char text[1024];
	struct strfmt s;
	va_list ap;
	/* The NUL's place takes the newline, also behind a text that was cut. */
	strfmt_init(&s, text, sizeof text - 1);
	strfmt_put(&s, "upkeepctl: ");
	va_start(ap, fmt);
	strfmt_putv(&s, fmt, ap);
	va_end(ap);
	text[s.n] = '\n';
	if (!write_all(STDERR_FILENO, text, s.n + 1))
		return;
}
