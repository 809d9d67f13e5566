/* SPDX-License-Identifier: MIT */
/* script.c -- the actions: done, undone, written and read. */
#include "script.h"

#include <stdlib.h>
#include <string.h>

enum script_arg { A = 1, B = 2, AB = 3, V = 4, VALUE = 8, LASTS = 16 };

static const struct {
	const char *name;
	unsigned args;
} kind[SCRIPT__N] = {
#define X(name, args, sentence) [SCRIPT_##name] = { #name, args },
	SCRIPT_KINDS(X)
#undef X
};

void
script_add(struct script *s, const struct action *a)
{
	if (s->n == s->cap) {
		s->cap = s->cap ? 2 * s->cap : 64;
		s->a = realloc(s->a, s->cap * sizeof *s->a);
	}
	s->a[s->n++] = *a;
}

static int
by_time(const void *x, const void *y)
{
	const struct action *a = x, *b = y;

	return (a->at > b->at) - (a->at < b->at);
}

void
script_sort(struct script *s)
{
	qsort(s->a, s->n, sizeof *s->a, by_time);
}

/* ---- doing ---- */

/* Every link that the action names. */
static void
each_link(struct world *w, const struct action *a, int sign)
{
	for (unsigned x = 0; x < w->nnodes; x++) {
		for (unsigned y = 0; y < w->nnodes; y++) {
			struct sim_link *l = &w->link[x][y];

			if ((a->a != SCRIPT_ALL && a->a != x) ||
			    (a->b != SCRIPT_ALL && a->b != y))
				continue;
			if (a->kind == SCRIPT_loss)
				l->loss = (uint16_t)(l->loss + sign * a->value);
			else if (a->kind == SCRIPT_dup)
				l->dup = (uint16_t)(l->dup + sign * a->value);
			else if (a->kind == SCRIPT_delay)
				l->delay_us += (int32_t)(sign * a->value);
			else
				l->cut = (uint16_t)(l->cut + sign);
		}
	}
	judge_busy(w, -1, sign);
}

static void
on_told(struct world *w, struct sim_event *e)
{
	struct node *n = &w->node[e->a];

	life_link(n, !n->link_cut);
}

static void
link_action(struct node *n, int sign)
{
	struct world *w = n->w;

	struct rng r = world_chance(w, 64 + n->id);

	n->link_cut += (unsigned)sign;
	judge_impulse(w, -1);
	world_later(w, w->now + rng_range(&r, 50, 5000), on_told)->a = n->id;
}

static void
end_action(struct node *n, const struct action *a, bool begin)
{
	struct world *w = n->w;

	if (a->kind == SCRIPT_kill)
		judge_busy(w, -1, begin ? 1 : -1);
	if (!begin) {
		if (!--n->cut)
			life_boot(n);
		return;
	}
	n->cut++;
	if (a->kind == SCRIPT_stop && !n->hangs)
		life_stop(n);
	else
		life_end(n, a->kind != SCRIPT_kill);
}

static void
on_respawned(struct world *w, struct sim_event *e)
{
	struct node *n = &w->node[e->a];

	if (!n->cut && !n->running && n->quiet)
		life_boot(n);
}

/* Nobody misses the adverts of less than one interval. */
static void
respawn_action(struct node *n, const struct action *a)
{
	struct world *w = n->w;
	int64_t us = a->us;

	if (!n->running || n->hangs || n->link_cut || n->sendfail)
		return;
	for (unsigned v = 0; v < w->nvrs; v++) {
		int64_t most = n->h[v].conf.advert_us / 10 * 9;

		if (n->h[v].open && us > most)
			us = most;
	}
	life_respawn(n);
	world_later(w, w->now + us, on_respawned)->a = n->id;
}

/* On one router's process, while it lasts. */
static void
node_action(struct node *n, const struct action *a, bool begin)
{
	struct world *w = n->w;
	unsigned one = begin ? 1u : -1u;

	if (a->kind == SCRIPT_hang)
		n->hangs += one;
	else if (a->kind == SCRIPT_slow)
		n->latency_us += begin ? a->value : -a->value;
	else
		n->sendfail += one;
	judge_busy(w, -1, (int)one);
	node_schedule(n);
}

static void
split_action(struct world *w, const struct action *a, bool begin)
{
	for (unsigned i = 0; i < w->nnodes; i++)
		w->node[i].side = begin && a->value >> i & 1;
	judge_impulse(w, -1);
}

static void
track_action(struct sim_host *h, const struct action *a, bool begin)
{
	if (a->kind == SCRIPT_track)
		h->track_bad = begin;
	else
		h->weight = begin ? (int16_t)a->value : 0;
	if (!h->node->running || !h->open)
		return;
	life_touch(h->node, h->v);
	node_schedule(h->node);
}

/* ---- reloads ---- */

/* Version 2 has whole seconds, and wants all to say the same. */
static void
as_version_2(struct sim_host *h)
{
	const struct sim_wish *first = &h->node->w->node[0].h[h->v].wish;

	h->wish.naddr = first->naddr;
	h->wish.advert_us = (first->advert_us + MONO_US_PER_S - 1) /
			    MONO_US_PER_S * MONO_US_PER_S;
}

static void
wish(struct sim_host *h, const struct action *a, bool begin)
{
	struct sim_wish *c = &h->wish;

	if (c->version == 2 && a->a != SCRIPT_ALL &&
	    (a->kind == SCRIPT_interval || a->kind == SCRIPT_naddr))
		return;
	switch ((enum script_kind)a->kind) {
	case SCRIPT_prio:	c->prio = (uint8_t)a->value; break;
	case SCRIPT_preempt:	c->preempt = a->value; break;
	case SCRIPT_pdelay:	c->delay_us = a->value; break;
	case SCRIPT_interval:	c->advert_us = a->value; break;
	case SCRIPT_naddr:	c->naddr = (uint8_t)a->value; break;
	case SCRIPT_version:	c->version = (uint8_t)a->value; break;
	case SCRIPT_member:	c->member = !begin; break;
	case SCRIPT_reload: case SCRIPT_loss: case SCRIPT_delay:
	case SCRIPT_dup: case SCRIPT_cut: case SCRIPT_split:
	case SCRIPT_crash: case SCRIPT_kill: case SCRIPT_respawn:
	case SCRIPT_stop: case SCRIPT_hang: case SCRIPT_slow: case SCRIPT_drift:
	case SCRIPT_link: case SCRIPT_track: case SCRIPT_weight:
	case SCRIPT_sendfail: case SCRIPT_operate: case SCRIPT_forge:
	case SCRIPT__N:
		break;
	}
	if (c->version == 2)
		as_version_2(h);
}

/* A hung process reads its new file when it runs again. */
static void
on_reload(struct world *w, struct sim_event *e)
{
	struct node *n = &w->node[e->a];

	if (n->running && n->hangs) {
		world_later(w, w->now + 100 * MONO_US_PER_MS, on_reload)->a = e->a;
		return;
	}
	life_reload(n);
}

static bool
agree(const struct world *w, unsigned v)
{
	for (unsigned i = 0; i < w->nnodes; i++) {
		const struct sim_host *h = &w->node[i].h[v];

		if (h->open && (h->conf.advert_us != h->wish.advert_us ||
				h->conf.version != h->wish.version ||
				h->conf.naddr != h->wish.naddr))
			return false;
	}
	return true;
}

/* The disturbance is over when the last one has read its file. */
static void
on_agreed(struct world *w, struct sim_event *e)
{
	if (agree(w, e->a))
		judge_busy(w, (int)e->a, -1);
	else
		world_later(w, w->now + 100 * MONO_US_PER_MS, on_agreed)->a = e->a;
}

static void
reload_action(struct world *w, const struct action *a, bool begin)
{
	for (unsigned i = 0; i < w->nnodes; i++) {
		if (a->a != SCRIPT_ALL && a->a != i)
			continue;
		if (a->v < w->nvrs) {
			wish(&w->node[i].h[a->v], a, begin);
			judge_wish(w, a->v);
		}
		struct rng r = world_chance(w, 128 + i);
		int64_t at = w->now + (a->a == SCRIPT_ALL ?
				       rng_range(&r, 0, a->us) : 0);

		world_later(w, at, on_reload)->a = i;
	}
	if (a->a != SCRIPT_ALL)
		return;
	judge_busy(w, a->v, 1);
	world_later(w, w->now + a->us + 1, on_agreed)->a = a->v;
}

/* ---- packets nobody sent ---- */

static void
on_forge(struct world *w, struct sim_event *e)
{
	const struct action *a = e->arg;

	forge_send(w, a->v, (enum forge_kind)a->value);
	if (w->now + e->b < e->value) {
		struct sim_event *next = world_later(w, w->now + e->b, on_forge);

		next->arg = e->arg;
		next->b = e->b;
		next->value = e->value;
	}
}

static void
forge_action(struct world *w, const struct action *a, bool begin)
{
	/* What is refused must not matter, unless it fills the processor. */
	if (a->value >= FORGE_REFUSED || 20 << a->b < 4 * w->packet_us)
		judge_busy(w, a->v, begin ? 1 : -1);
	if (!begin)
		return;
	struct sim_event e = { .arg = (void *)(uintptr_t)a,
			       .b = 20u << a->b, .value = w->now + a->us };

	on_forge(w, &e);
}

static void
perform(struct world *w, const struct action *a, bool begin)
{
	struct node *n = a->a < w->nnodes ? &w->node[a->a] : NULL;

	switch ((enum script_kind)a->kind) {
	case SCRIPT_loss: case SCRIPT_delay: case SCRIPT_dup: case SCRIPT_cut:
		each_link(w, a, begin ? 1 : -1);
		return;
	case SCRIPT_split:
		split_action(w, a, begin);
		return;
	case SCRIPT_crash: case SCRIPT_kill: case SCRIPT_stop:
		end_action(n, a, begin);
		return;
	case SCRIPT_respawn:
		respawn_action(n, a);
		return;
	case SCRIPT_hang: case SCRIPT_slow: case SCRIPT_sendfail:
		node_action(n, a, begin);
		return;
	case SCRIPT_drift:
		node_drift(n, (int32_t)a->value);
		return;
	case SCRIPT_link:
		link_action(n, begin ? 1 : -1);
		return;
	case SCRIPT_track: case SCRIPT_weight:
		track_action(&n->h[a->v], a, begin);
		return;
	case SCRIPT_reload: case SCRIPT_prio: case SCRIPT_preempt:
	case SCRIPT_pdelay: case SCRIPT_interval: case SCRIPT_naddr:
	case SCRIPT_version: case SCRIPT_member:
		reload_action(w, a, begin);
		return;
	case SCRIPT_operate:
		life_switch(n, a->v);
		return;
	case SCRIPT_forge:
		forge_action(w, a, begin);
		return;
	case SCRIPT__N:
		break;
	}
}

static void
put(const struct action *a, FILE *out)
{
	char at[24];
	unsigned args = kind[a->kind].args;

	fprintf(out, "%s %s", trace_time(a->at, at), kind[a->kind].name);
	if (args & A && a->a != SCRIPT_ALL)
		fprintf(out, " a=%u", a->a);
	if (args & B && a->b != SCRIPT_ALL)
		fprintf(out, " b=%u", a->b);
	if (args & V && a->v != SCRIPT_ALL)
		fprintf(out, " vr=%u", a->v);
	if (a->kind == SCRIPT_forge)
		fprintf(out, " kind=%s", forge_name[a->value]);
	else if (args & VALUE)
		fprintf(out, " value=%lld", (long long)a->value);
	if (args & LASTS)
		fprintf(out, " for=%s", trace_time(a->us, at));
}

static void
tell(struct world *w, const struct action *a, bool begin)
{
	char text[160] = "";
	FILE *f = fmemopen(text, sizeof text, "w");

	put(a, f);
	fclose(f);
	trace_put(w, NULL, "%s %s", begin ? ">>>" : "<<< ended:",
		  strchr(text, ' ') + 1);
}

static void
on_end(struct world *w, struct sim_event *e)
{
	if (w->trace)
		tell(w, e->arg, false);
	perform(w, e->arg, false);
}

static bool
undone(const struct action *a)
{
	return kind[a->kind].args & LASTS && a->kind != SCRIPT_interval &&
	       a->kind != SCRIPT_naddr && a->kind != SCRIPT_version &&
	       a->kind != SCRIPT_respawn;
}

static void
on_begin(struct world *w, struct sim_event *e)
{
	const struct action *a = e->arg;

	w->stats.actions++;
	if (w->trace)
		tell(w, a, true);
	perform(w, a, true);
	if (undone(a))
		world_later(w, w->now + a->us, on_end)->arg = e->arg;
}

void
script_start(const struct script *s, struct world *w)
{
	w->end = s->end;
	for (unsigned i = 0; i < s->n; i++)
		world_later(w, s->a[i].at, on_begin)->arg = &s->a[i];
}

/* ---- written and read ---- */

void
script_print(const struct script *s, FILE *out, const char *before)
{
	char at[24];

	for (unsigned i = 0; i < s->n; i++) {
		fputs(before, out);
		put(&s->a[i], out);
		fputc('\n', out);
	}
	fprintf(out, "%s%s end\n", before, trace_time(s->end, at));
}

static int64_t
seconds(const char *text)
{
	char *end;
	int64_t us = strtoll(text, &end, 10) * MONO_US_PER_S;

	if (*end++ == '.') {
		int64_t unit = MONO_US_PER_S / 10;

		for (; *end >= '0' && *end <= '9'; end++, unit /= 10)
			us += (*end - '0') * unit;
	}
	return us;
}

static void
read_value(struct action *a, const char *key, const char *value)
{
	if (!strcmp(key, "a"))
		a->a = (uint8_t)atoi(value);
	else if (!strcmp(key, "b"))
		a->b = (uint8_t)atoi(value);
	else if (!strcmp(key, "vr"))
		a->v = (uint8_t)atoi(value);
	else if (!strcmp(key, "for"))
		a->us = seconds(value);
	else if (!strcmp(key, "value"))
		a->value = strtoll(value, NULL, 10);
	for (unsigned i = 0; i < FORGE__N && !strcmp(key, "kind"); i++) {
		if (!strcmp(value, forge_name[i]))
			a->value = i;
	}
}

static bool
read_action(struct script *s, char *line)
{
	char *word = strtok(line, " \n");
	struct action a = { .at = seconds(word), .kind = SCRIPT__N,
			    .a = SCRIPT_ALL, .b = SCRIPT_ALL, .v = SCRIPT_ALL };

	word = strtok(NULL, " \n");
	if (!word)
		return false;
	if (!strcmp(word, "end")) {
		s->end = a.at;
		return true;
	}
	for (unsigned i = 0; i < SCRIPT__N; i++) {
		if (!strcmp(word, kind[i].name))
			a.kind = (uint8_t)i;
	}
	if (a.kind == SCRIPT__N)
		return false;
	while ((word = strtok(NULL, " \n"))) {
		char *value = strchr(word, '=');

		if (!value)
			return false;
		*value++ = 0;
		read_value(&a, word, value);
	}
	script_add(s, &a);
	return true;
}

bool
script_read(struct script *s, FILE *in, uint64_t *seed, char name[64])
{
	char line[256];
	unsigned long long n;

	*s = (struct script){ 0 };
	while (fgets(line, sizeof line, in)) {
		if (line[0] == '#' || line[0] == '\n')
			continue;
		if (sscanf(line, "seed %llu", &n) == 1)
			*seed = n;
		else if (sscanf(line, "scenario %63s", name) == 1)
			continue;
		else if (!read_action(s, line))
			return false;
	}
	return s->end > 0;
}
