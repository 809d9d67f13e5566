/* SPDX-License-Identifier: MIT */
/* wall.c -- the time of day as text. */
#include "wall.h"

#include <time.h>

#include "mono.h"
#include "strfmt.h"

int64_t
wall_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (int64_t)ts.tv_sec * MONO_US_PER_S + ts.tv_nsec / 1000;
}

static void
put_utc(struct strfmt *s, int64_t us)
{
	time_t t = (time_t)(us / MONO_US_PER_S);
	struct tm tm;

	if (!gmtime_r(&t, &tm))
		return;
	strfmt_put(s, "%04d-%02d-%02dT%02d:%02d:%02d", tm.tm_year + 1900,
		   tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
}

const char *
wall_text(int64_t us, char out[WALL_TEXT])
{
	struct strfmt s;

	strfmt_init(&s, out, WALL_TEXT);
	put_utc(&s, us);
	strfmt_char(&s, 'Z');
	return out;
}

const char *
wall_text_ms(int64_t us, char out[WALL_TEXT])
{
	struct strfmt s;

	strfmt_init(&s, out, WALL_TEXT);
	put_utc(&s, us);
	strfmt_put(&s, ".%03dZ", (int)(us / MONO_US_PER_MS % 1000));
	return out;
}

const char *
wall_duration(int64_t us, char out[WALL_TEXT])
{
	uint32_t s = us < 0 ? 0 : (uint32_t)(us / MONO_US_PER_S);
	uint32_t m = s / 60, h = m / 60, d = h / 24;

	if (d > 99)
		strfmt_to(out, WALL_TEXT, "%ud", d);
	else if (d)
		strfmt_to(out, WALL_TEXT, "%ud%02uh", d, h % 24);
	else if (h)
		strfmt_to(out, WALL_TEXT, "%uh%02um", h, m % 60);
	else if (m)
		strfmt_to(out, WALL_TEXT, "%um%02us", m, s % 60);
	else
		strfmt_to(out, WALL_TEXT, "%us", s);
	return out;
}
