/* SPDX-License-Identifier: MIT */
/* shrink.c -- one round, and the shortest script that makes it fail in the same way. */
#include <stdlib.h>
#include <string.h>

#include "script.h"

#define TRIES	600

void
round_run(struct round *r, const struct script *script, struct trace *trace,
	  FILE *history)
{
	struct world *w = calloc(1, sizeof *w);
	struct script own = { 0 };

	world_init(w, r->seed);
	w->trace = trace;
	scenario_world(r->s, w);
	if (script->a || script->end)
		own = *script;
	script_start(&own, w);
	world_run(w);
	r->fail = w->fail;
	r->fail_at = w->fail_at;
	r->stats = w->stats;
	memcpy(r->text, w->fail_text, sizeof r->text);
	if (history)
		trace_print(trace, history);
	world_free(w);
	free(w);
}

static bool
still_fails(const struct round *r, const struct script *s)
{
	struct round again = *r;

	round_run(&again, s, NULL, NULL);
	return again.fail == r->fail;
}

/* `s` without the `n` actions from `from`. */
static struct script
without(const struct script *s, unsigned from, unsigned n)
{
	struct script less = { .end = s->end };

	for (unsigned i = 0; i < s->n; i++) {
		if (i < from || i >= from + n)
			script_add(&less, &s->a[i]);
	}
	return less;
}

static void
take(struct script *s, struct script *less)
{
	free(s->a);
	*s = *less;
}

static void
drop_actions(const struct round *r, struct script *s, unsigned *tries)
{
	for (unsigned n = s->n; n; n /= 2) {
		for (unsigned from = 0; from < s->n && *tries; ) {
			struct script less = without(s, from, n);

			--*tries;
			if (still_fails(r, &less)) {
				take(s, &less);
			} else {
				free(less.a);
				from += n;
			}
		}
	}
}

/* Halves what lasts, then what a number says. */
static void
shorten(const struct round *r, struct script *s, unsigned *tries)
{
	for (unsigned i = 0; i < s->n; i++) {
		while (*tries && s->a[i].us > MONO_US_PER_MS) {
			int64_t us = s->a[i].us;

			s->a[i].us /= 2;
			--*tries;
			if (!still_fails(r, s)) {
				s->a[i].us = us;
				break;
			}
		}
	}
}

void
shrink(struct round *r, struct script *script)
{
	unsigned tries = TRIES;

	script->end = r->fail_at + 1;
	drop_actions(r, script, &tries);
	shorten(r, script, &tries);
	round_run(r, script, NULL, NULL);
	if (r->fail)
		script->end = r->fail_at + 1;
}
