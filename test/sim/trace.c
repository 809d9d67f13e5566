/* SPDX-License-Identifier: MIT */
/* trace.c -- what happened, as lines: kept while a failure is told, off otherwise. */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "sim.h"

#define KEPT	20000			/* lines of all */
#define SHOWN	24			/* last ones of each router */
#define ALL_SHOWN 110
#define WORLD	SIM_NODES		/* lines of no router */

struct trace {
	struct trace_line {
		int64_t at;
		unsigned node;
		char text[112];
	} line[KEPT];
	size_t n;
};

struct trace *
trace_open(void)
{
	return calloc(1, sizeof(struct trace));
}

void
trace_close(struct trace *t)
{
	free(t);
}

char *
trace_time(int64_t us, char out[24])
{
	snprintf(out, 24, "%lld.%06d", (long long)(us / MONO_US_PER_S),
		 (int)(us % MONO_US_PER_S));
	return out;
}

void
trace_put(struct world *w, const struct node *n, const char *fmt, ...)
{
	struct trace_line *l = &w->trace->line[w->trace->n++ % KEPT];
	va_list ap;

	l->at = w->now;
	l->node = n ? n->id : WORLD;
	va_start(ap, fmt);
	vsnprintf(l->text, sizeof l->text, fmt, ap);
	va_end(ap);
}

/* The last lines of each router, in the order of time. */
void
trace_print(const struct trace *t, FILE *out)
{
	size_t first = t->n > KEPT ? t->n - KEPT : 0;
	bool *show = calloc(KEPT, 1);
	unsigned left[WORLD + 1];
	char time[24];

	for (unsigned i = 0; i <= WORLD; i++)
		left[i] = i < WORLD ? SHOWN : 2 * SHOWN;
	unsigned all = ALL_SHOWN;

	for (size_t i = t->n; i > first && all; i--) {
		const struct trace_line *l = &t->line[(i - 1) % KEPT];

		if (left[l->node]) {
			left[l->node]--;
			all--;
			show[(i - 1) % KEPT] = true;
		}
	}
	for (size_t i = first; i < t->n; i++) {
		const struct trace_line *l = &t->line[i % KEPT];

		if (!show[i % KEPT])
			continue;
		fprintf(out, "#   %14s  ", trace_time(l->at, time));
		if (l->node < WORLD)
			fprintf(out, "%*sr%u: ", (int)(2 * l->node), "", l->node);
		fprintf(out, "%s\n", l->text);
	}
	free(show);
}
