/* SPDX-License-Identifier: MIT */
/* compile_complaint.c -- the complaints of one text, sorted by place, so many at most. */
#include <string.h>

#include "compile.h"
#include "strfmt.h"

static bool
before(struct uci_pos a, struct uci_pos b)
{
	return a.line != b.line ? a.line < b.line : a.column < b.column;
}

/* The complaint that must make room: the last warning, or else the last of all. */
static uint32_t
victim(const struct compile *c)
{
	for (uint32_t i = c->ncomplaints; i-- > 0;)
		if (c->complaint[i].severity == COMPILE_WARNING)
			return i;
	return c->ncomplaints - 1;
}

static void
drop(struct compile *c, uint32_t i)
{
	c->ncomplaints--;
	memmove(&c->complaint[i], &c->complaint[i + 1],
		(c->ncomplaints - i) * sizeof c->complaint[0]);
	c->result.unsaid++;
}

void
compile_complaint_keep(struct compile *c, const struct compile_complaint *m)
{
	uint32_t i = c->ncomplaints;

	while (i > 0 && before(m->at, c->complaint[i - 1].at))
		i--;
	for (uint32_t k = i; k-- > 0 && !before(c->complaint[k].at, m->at);)
		if (strcmp(c->complaint[k].text, m->text) == 0)
			return;		/* said already, of the same place */
	if (m->severity == COMPILE_ERROR)
		c->result.errors++;
	else
		c->result.warnings++;
	if (c->ncomplaints == CONFIG_CONF_ERRORS) {
		const uint32_t v = victim(c);
		const bool milder = m->severity == COMPILE_WARNING &&
				    c->complaint[v].severity == COMPILE_ERROR;

		if (milder || (i > v && m->severity == c->complaint[v].severity)) {
			c->result.unsaid++;
			return;
		}
		drop(c, v);
		if (i > v)
			i--;
	}
	memmove(&c->complaint[i + 1], &c->complaint[i],
		(c->ncomplaints - i) * sizeof c->complaint[0]);
	c->complaint[i] = *m;
	c->ncomplaints++;
}

void
compile_complaint_say(const struct compile *c,
	    void (*say)(void *ctx, const struct compile_complaint *m), void *ctx)
{
	for (uint32_t i = 0; i < c->ncomplaints; i++)
		say(ctx, &c->complaint[i]);
	if (c->result.unsaid == 0)
		return;

	struct compile_complaint m = {
		.severity = c->result.errors ? COMPILE_ERROR : COMPILE_WARNING,
	};

	strfmt_to(m.text, sizeof m.text, "%u more complaints are not listed",
		  (unsigned)c->result.unsaid);
	say(ctx, &m);
}

size_t
compile_complaint_line(const struct compile_complaint *m, const char *file, char *out, size_t cap)
{
	const char *kind = m->severity == COMPILE_ERROR ? "error" : "warning";

	if (m->at.line == 0)
		return strfmt_to(out, cap, "%s: %s: %s", file, kind, m->text);
	return strfmt_to(out, cap, "%s:%u:%u: %s: %s", file, (unsigned)m->at.line,
			 (unsigned)m->at.column, kind, m->text);
}
