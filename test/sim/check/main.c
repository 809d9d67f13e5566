/* SPDX-License-Identifier: MIT */
/* main.c -- rounds until so many hours are simulated.
 *
 *	sim-check [SEED [HOURS]]	rounds of seeds SEED, SEED + 1 ...
 *
 * A round is a seed and which of its actions are done; of one that fails the fewest actions
 * that still do are printed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "world.h"

#define BARE_VARIABLE	"SIM_BARE"	/* do not shrink, say only what failed */

/* Between two actions: a burst, some seconds, or peace. */
static int64_t
gap_us(uint64_t seed, unsigned i)
{
	static const int64_t most_ms[] = { 0, 50, 2000, 20000, 90000 };
	struct rng r = rng_fork(seed, 100000 + i);

	return rng_range(&r, 0, most_ms[rng_below(&r, 5)]) * MONO_US_PER_MS;
}

/* Returns whether all held. */
static bool
round_run(struct world *w, uint64_t seed, const bool *act)
{
	int64_t end = 0;

	world_init(w, seed);
	for (unsigned i = 0; i < WORLD_ACTIONS && !w->fail[0]; i++) {
		end += gap_us(seed, i);
		world_until(w, (struct mono){ end });
		if (act[i] && !w->fail[0])
			world_act(w, i);
	}
	if (!w->fail[0])
		world_until(w, (struct mono){ end + 300 * (int64_t)MONO_US_PER_S });
	for (unsigned i = 0; i < WORLD_CHECKS && !w->fail[0]; i++)
		oracle_check(w, i);
	return !w->fail[0];
}

/* Leaves out halves, quarters ... of the actions as long as it fails. */
static void
shrink(struct world *w, uint64_t seed, bool *act)
{
	for (unsigned n = WORLD_ACTIONS / 2; n > 0; n /= 2) {
		for (unsigned at = 0; at < WORLD_ACTIONS; at += n) {
			bool kept[WORLD_ACTIONS];

			memcpy(kept, act, sizeof kept);
			for (unsigned i = at; i < at + n && i < WORLD_ACTIONS; i++)
				act[i] = false;
			if (round_run(w, seed, act))
				memcpy(act, kept, sizeof kept);
		}
	}
	(void)round_run(w, seed, act);
}

static void
tell_failure(struct world *w, uint64_t seed, bool *act)
{
	printf("not ok check - %s (seed %llu)\n", w->fail, (unsigned long long)seed);
	fflush(stdout);
	if (getenv(BARE_VARIABLE))
		return;
	shrink(w, seed, act);
	printf("# With the fewest actions: %s; these:", w->fail);
	for (unsigned i = 0; i < WORLD_ACTIONS; i++)
		if (act[i])
			printf(" %u", i);
	printf("\n# Again: make sim-check SEED=%llu HOURS=1\n", (unsigned long long)seed);
}

int
main(int argc, char **argv)
{
	uint64_t seed = argc > 1 ? strtoull(argv[1], NULL, 0) : 1, first = seed;
	int64_t goal = (argc > 2 ? strtoll(argv[2], NULL, 0) : 1) * 3600, done = 0;
	struct world *w = calloc(1, sizeof *w);
	uint64_t tries = 0, places = 0, verdicts = 0, quorums = 0, reloads = 0;

	printf("# seed %llu: make sim-check SEED=%llu HOURS=%lld\n", (unsigned long long)seed,
	       (unsigned long long)seed, (long long)(goal / 3600));
	for (; done < goal; seed++) {
		bool act[WORLD_ACTIONS];

		memset(act, true, sizeof act);
		if (!round_run(w, seed, act)) {
			tell_failure(w, seed, act);
			free(w);
			return 1;
		}
		done += w->now.us / MONO_US_PER_S;
		tries += w->tries;
		places += w->places;
		verdicts += w->verdicts;
		quorums += w->quorums;
		reloads += w->reloads;
	}
	printf("ok check # %llu directors with %llu servers, %lld s: %llu tries, %llu verdicts, "
	       "%llu places, %llu changes of quorum, %llu reloads\n",
	       (unsigned long long)(seed - first),
	       (unsigned long long)(seed - first) * WORLD_SERVERS, (long long)done,
	       (unsigned long long)tries, (unsigned long long)verdicts,
	       (unsigned long long)places, (unsigned long long)quorums,
	       (unsigned long long)reloads);
	free(w);
	return 0;
}
