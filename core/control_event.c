/* SPDX-License-Identifier: MIT */
/* control_event.c -- monitors: an event becomes a line in each one's ring. */
#include "control_client.h"

#include "core_pools.h"
#include "wall.h"

void
control_event_settle(struct control_client *c)
{
	if (!c->lost)
		return;
	char when[WALL_TEXT], line[96];
	wall_text_ms(wall_us(), when);
	const size_t n = strfmt_to(line, sizeof line, c->format == REPORT_JSON ?
		"{\"time\":\"%s\",\"event\":\"lost\",\"events\":%lu}\n" :
		"%s lost events=%lu\n", when, (unsigned long)c->lost);
	if (control_client_put(c, line, n))
		c->lost = 0;
}

static void
tell(struct control_client *c, const char *line, size_t n)
{
	/* What was lost is said in its place: before anything newer. */
	control_event_settle(c);
	if (c->lost || !control_client_put(c, line, n)) {
		c->lost++;
		control_self()->events_lost++;
	}
}

/* To `only`, or to every monitor. */
static void
offer(const struct report_table *t, const void *row, int64_t at_us, struct control_client *only)
{
	struct control *s = control_self();
	char when[WALL_TEXT];
	char line[2][CONTROL_EVENT];
	size_t len[2] = { 0, 0 };
	wall_text_ms(at_us, when);
	for (uint32_t i = 0; i < control_client_pool_end(); i++) {
		struct control_client *c = control_client_pool_at(i);
		if (!c || c->stage != CONTROL_MONITOR || (only && c != only))
			continue;
		const unsigned f = c->format == REPORT_JSON;
		if (!len[f]) {
			struct strfmt out;
			/* The NUL's place takes the newline. */
			strfmt_init(&out, line[f], sizeof line[f] - 1);
			report_line(&out, c->format, when, t, row);
			line[f][out.n] = '\n';
			len[f] = out.n + 1;
		}
		s->events++;
		tell(c, line[f], len[f]);
		if (!only)
			control_client_flush(c, s->env->loop.now);
	}
}

void
control_event(const struct report_table *t, const void *row)
{
	if (control_self()->env)
		offer(t, row, wall_us(), NULL);
}

void
control_event_again(struct control_client *c, const struct report_table *t, const void *row,
		    struct mono at)
{
	offer(t, row, wall_us() - mono_diff_us(control_self()->env->loop.now, at), c);
}
