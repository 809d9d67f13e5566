/* SPDX-License-Identifier: MIT */
/* probe_tell.c -- what an operator who waits for a try is told of it. */
#include <stdarg.h>

#include "control.h"
#include "probe.h"
#include "strfmt.h"

void
probe_tell(const struct probe *p, struct mono now, const char *fmt, ...)
{
	char text[160];
	struct strfmt out;
	va_list ap;
	const int64_t us = p->try ? mono_diff_us(now, p->try->begun) : 0;

	if (p->ticket == 0)
		return;
	strfmt_init(&out, text, sizeof text);
	va_start(ap, fmt);
	strfmt_putv(&out, fmt, ap);
	va_end(ap);
	(void)control_say(p->ticket, now, "%6lld.%03u ms  %s", (long long)(us / 1000),
			  (unsigned)(us % 1000), text);
}

void
probe_tell_begin(const struct probe *p, struct mono now)
{
	char text[NET_ADDR_TEXT];

	if (p->ticket)
		probe_tell(p, now, "%s of %s port %u, at most %lld ms",
			   checker_word(p->conf),
			   net_addr_text(&p->conf->addr, text), p->conf->port,
			   (long long)(p->conf->timeout_us / MONO_US_PER_MS));
}

void
probe_tell_bytes(const struct probe *p, const char *what, const uint8_t *bytes, size_t n,
		 struct mono now)
{
	char begin[48];
	size_t k = 0;

	if (p->ticket == 0)
		return;
	for (; bytes && k < n && k < sizeof begin - 1 && bytes[k] >= ' ' && bytes[k] <= '~'; k++)
		begin[k] = (char)bytes[k];
	begin[k] = '\0';
	probe_tell(p, now, k > 0 ? "%s %u bytes: \"%s\"" : "%s %u bytes", what, (unsigned)n, begin);
}

void
probe_tell_end(const struct probe *p, bool changed, struct mono now)
{
	const struct health *const h = &p->health;
	const char *const is = h->up ? "up" : "down";

	if (p->ticket == 0)
		return;
	probe_tell(p, now, "%s%s%s%s%s", p->last.passed ? "passed" : "failed: ",
		   p->last.passed ? "" : checker_reason[p->last.reason].text,
		   p->last.detail[0] ? " (" : "", p->last.detail,
		   p->last.detail[0] ? ")" : "");
	if (h->streak == 0)
		probe_tell(p, now, "it is %s%s", is, changed ? " from now on" : "");
	else
		probe_tell(p, now, "it is %s still: %u of %u %s in a row", is, h->streak,
			   h->up ? p->conf->fall : p->conf->rise,
			   h->up ? "failures" : "successes");
}
