/* SPDX-License-Identifier: MIT */
/* sim.c -- rounds of all scenarios until so many hours are simulated.
 *
 *	sim [SEED [HOURS [SCENARIO]]]	draws rounds from a seed
 *	sim -r FILE			plays a script again
 *
 * Prints `ok NAME` or `not ok NAME - why` for each scenario; a failure comes with the
 * shortest script, the last events of each router, and how to see it again. */
#include <stdlib.h>
#include <string.h>

#include "script.h"

#define DIR_VARIABLE	"SIM_DIR"	/* where scripts of failures go */
#define BARE_VARIABLE	"SIM_BARE"	/* do not shrink, say only what failed */

struct result {
	struct sim_stats stats;
	bool failed;
};

static void
add_stats(struct sim_stats *to, const struct sim_stats *s)
{
	to->us += s->us;
	to->steps += s->steps;
	to->delivered += s->delivered;
	to->sent += s->sent;
	to->transitions += s->transitions;
	to->actions += s->actions;
	to->rounds++;
	if (s->gap_max_us > to->gap_max_us)
		to->gap_max_us = s->gap_max_us;
}

static void
save(const struct round *r, const struct script *script, const char *path)
{
	FILE *f = fopen(path, "w");

	if (!f)
		return;
	fprintf(f, "# %s\nscenario %s\nseed %llu\n", r->text, r->s->name,
		(unsigned long long)r->seed);
	script_print(script, f, "");
	fclose(f);
}

static void
history(struct round *r, const struct script *script)
{
	struct trace *t = trace_open();

	printf("# The last events of each router, in seconds:\n");
	round_run(r, script, t, stdout);
	trace_close(t);
}

static void
tell_failure(struct round *r, struct script *script)
{
	const char *dir = getenv(DIR_VARIABLE);
	char path[256], at[24];

	printf("not ok %s - at %s s: %s (seed %llu, %u actions)\n", r->s->name,
	       trace_time(r->fail_at, at), r->text,
	       (unsigned long long)r->seed, script->n);
	fflush(stdout);
	if (getenv(BARE_VARIABLE))
		return;
	shrink(r, script);
	snprintf(path, sizeof path, "%s/%s-%llu.sim", dir ? dir : ".",
		 r->s->name, (unsigned long long)r->seed);
	save(r, script, path);
	printf("# Shortest script, %u actions: %s\n", script->n, r->text);
	script_print(script, stdout, "#   ");
	history(r, script);
	printf("# Again: make sim REPLAY=%s\n", path);
	fflush(stdout);
}

/* The script of a seed, in a world that is not used further. */
static struct script
draw(const struct round *r)
{
	struct world *w = calloc(1, sizeof *w);
	struct script script = { 0 };

	world_init(w, r->seed);
	scenario_world(r->s, w);
	scenario_script(r->s, w, &script);
	world_free(w);
	free(w);
	return script;
}

static void
one_round(const struct scenario *s, uint64_t seed, struct result *res)
{
	struct round r = { .s = s, .seed = seed };
	struct script script = draw(&r);

	round_run(&r, &script, NULL, NULL);
	add_stats(&res->stats, &r.stats);
	if (r.fail) {
		res->failed = true;
		tell_failure(&r, &script);
	}
	free(script.a);
}

static void
summary(const char *name, const struct sim_stats *s)
{
	char at[24], gap[24];

	printf("%s # %llu rounds, %s s, %llu actions, %llu transitions, "
	       "%llu packets, longest without MASTER %s s\n", name,
	       (unsigned long long)s->rounds, trace_time(s->us, at),
	       (unsigned long long)s->actions,
	       (unsigned long long)s->transitions,
	       (unsigned long long)s->delivered, trace_time(s->gap_max_us, gap));
}

static int
run(uint64_t seed, int64_t hours, const char *only)
{
	struct result *res = calloc(scenario_count, sizeof *res);
	struct sim_stats all = { 0 };
	int64_t goal = hours * 3600 * MONO_US_PER_S;
	bool failed = false;
	struct rng r = { seed };
	char ok[64];

	printf("# seed %llu, %lld hours: make sim SEED=%llu HOURS=%lld\n",
	       (unsigned long long)seed, (long long)hours,
	       (unsigned long long)seed, (long long)hours);
	for (int64_t done = 0; done < goal; ) {
		for (unsigned i = 0; i < scenario_count; i++) {
			uint64_t s = rng_next(&r) >> 16;

			if (res[i].failed || (only && strcmp(only, scenarios[i].name)))
				continue;
			int64_t before = res[i].stats.us;

			one_round(&scenarios[i], s, &res[i]);
			done += res[i].stats.us - before;
			failed = failed || res[i].failed;
		}
		if (failed)		/* each scenario once more is enough */
			break;
	}
	for (unsigned i = 0; i < scenario_count; i++) {
		if (!res[i].stats.rounds || res[i].failed)
			continue;
		snprintf(ok, sizeof ok, "ok %s", scenarios[i].name);
		summary(ok, &res[i].stats);
		add_stats(&all, &res[i].stats);
		all.rounds += res[i].stats.rounds - 1;
	}
	summary("# in all:", &all);
	free(res);
	return failed;
}

static const struct scenario *
named(const char *name)
{
	for (unsigned i = 0; i < scenario_count; i++) {
		if (!strcmp(name, scenarios[i].name))
			return &scenarios[i];
	}
	fprintf(stderr, "no scenario '%s'; there are:\n", name);
	for (unsigned i = 0; i < scenario_count; i++)
		fprintf(stderr, "  %s\n", scenarios[i].name);
	return NULL;
}

static int
replay(const char *path)
{
	struct round r = { 0 };
	struct script script;
	char name[64] = "", at[24];
	FILE *f = fopen(path, "r");

	if (!f || !script_read(&script, f, &r.seed, name)) {
		fprintf(stderr, "%s: cannot be read as a script\n", path);
		return 2;
	}
	fclose(f);
	r.s = named(name);
	if (!r.s)
		return 2;
	history(&r, &script);
	if (r.fail)
		printf("not ok %s - at %s s: %s\n", name,
		       trace_time(r.fail_at, at), r.text);
	else
		summary("ok replay", &r.stats);
	free(script.a);
	return r.fail != SIM_OK;
}

int
main(int argc, char **argv)
{
	if (argc == 3 && !strcmp(argv[1], "-r"))
		return replay(argv[2]);
	if (argc > 3 && !named(argv[3]))
		return 2;
	return run(argc > 1 ? strtoull(argv[1], NULL, 0) : 1,
		   argc > 2 ? strtoll(argv[2], NULL, 0) : 1,
		   argc > 3 ? argv[3] : NULL);
}
