/* SPDX-License-Identifier: MIT */
/* handover.c -- the note from one binary to the next, see handover.h. */
#include "handover.h"

#include <string.h>

#define MAGIC	0x7570686fu		/* "upho" */
#define COUNTS	(sizeof(struct ipc_parent) / sizeof(uint32_t))

_Static_assert(sizeof(struct ipc_parent) % sizeof(uint32_t) == 0, "counters of 32 bits alone");

size_t
handover_cap(void)
{
	/* What is counted takes 4 bytes more than its struct, and half of one is words. */
	return 2 * sizeof(struct handover) + CONFIG_SPAWN_QUEUE * 2 * sizeof(struct spawn_slot);
}

const char *
handover_why(enum handover_verdict v)
{
#define HANDOVER_SENTENCE(n, what)	[HANDOVER_##n] = what,
	static const char *const sentence[HANDOVER__N] = { HANDOVER_VERDICTS(HANDOVER_SENTENCE) };

	return (unsigned)v < HANDOVER__N ? sentence[v] : "?";
}

/* ---- writing ---- */

static void
put_i64(struct wr *w, int64_t v)
{
	wr_u32(w, (uint32_t)((uint64_t)v >> 32));
	wr_u32(w, (uint32_t)v);
}

/* Counted, without its NUL. */
static void
put_text(struct wr *w, const char *text, size_t n)
{
	wr_u32(w, (uint32_t)n);
	wr_put(w, text, n);
}

static void
put_counts(struct wr *w, const struct ipc_parent *count)
{
	uint32_t n[COUNTS];

	memcpy(n, count, sizeof n);
	for (unsigned i = 0; i < COUNTS; i++)
		wr_u32(w, n[i]);
}

void
handover_put(struct wr *w, const struct handover *h)
{
	wr_u32(w, MAGIC);
	wr_u32(w, HANDOVER_GRAMMAR);
	put_text(w, h->path, strnlen(h->path, sizeof h->path - 1));
	wr_u32(w, h->generation);
	wr_u32(w, (uint32_t)h->pid_fd);
	wr_u32(w, (uint32_t)h->image_fd);
	wr_u32(w, h->again);
	wr_u32(w, h->nchildren);
	for (uint32_t i = 0; i < h->nchildren && i < CONF_PARTS; i++) {
		const struct handover_child *c = &h->child[i];

		put_text(w, c->name, strnlen(c->name, sizeof c->name - 1));
		wr_u32(w, (uint32_t)c->checkpoint_fd);
		wr_u32(w, (uint32_t)c->held);
		wr_u32(w, c->life);
		wr_u32(w, (uint32_t)COUNTS);
		put_counts(w, &c->count);
	}
	wr_u32(w, h->nscripts);
}

void
handover_put_script(struct wr *w, const struct spawn_slot *s)
{
	wr_u32(w, (uint32_t)s->pid);
	wr_u32(w, s->timed_out);
	wr_u32(w, s->part);
	wr_u32(w, s->life);
	wr_u32(w, s->run.generation);
	wr_u32(w, (uint32_t)s->run.script << 16 | s->run.object);
	wr_u32(w, (uint32_t)s->run.event << 16 | s->run.value);
	put_i64(w, s->deadline.at.us);
	wr_u32(w, s->script.uid);
	wr_u32(w, s->script.gid);
	put_i64(w, s->script.timeout_us);
	wr_u32(w, s->script.argc);
	put_text(w, s->script.argv, s->script.bytes);
	wr_u32(w, (uint32_t)s->job.nargs << 16 | s->job.nenv);
	put_text(w, s->job.text, s->job.bytes);
}

/* ---- reading ---- */

static int64_t
get_i64(struct rd *r)
{
	const uint64_t high = rd_u32(r);

	return (int64_t)(high << 32 | rd_u32(r));
}

/* The length of a text that was copied to `to`, which is zeroed behind it; -1 when it does not
 * fit, which skips it. */
static int32_t
get_text(struct rd *r, char *to, size_t cap)
{
	const uint32_t n = rd_u32(r);
	const uint8_t *at = rd_take(r, n);

	memset(to, 0, cap);
	if (!at || n > cap)
		return -1;
	memcpy(to, at, n);
	return (int32_t)n;
}

/* A name is text with a NUL behind it. */
static bool
get_name(struct rd *r, char *to, size_t cap)
{
	const int32_t n = get_text(r, to, cap);

	return n > 0 && (size_t)n < cap && !memchr(to, '\0', (size_t)n);
}

/* Another build may count more, which is skipped, or less: the rest is 0. */
static void
get_counts(struct rd *r, struct ipc_parent *count)
{
	uint32_t n[COUNTS] = { 0 };
	const uint32_t there = rd_u32(r);

	for (uint32_t i = 0; i < there && !r->bad; i++) {
		const uint32_t v = rd_u32(r);

		if (i < COUNTS)
			n[i] = v;
	}
	memcpy(count, n, sizeof n);
}

static bool
get_child(struct rd *r, struct handover_child *c)
{
	const bool named = get_name(r, c->name, sizeof c->name);

	c->checkpoint_fd = (int32_t)rd_u32(r);
	c->held = (int32_t)rd_u32(r);
	c->life = rd_u32(r);
	get_counts(r, &c->count);
	return named;
}

enum handover_verdict
handover_get(struct rd *r, struct handover *h)
{
	bool named = true;

	memset(h, 0, sizeof *h);
	const uint32_t magic = rd_u32(r), version = rd_u32(r);

	if (r->bad)
		return HANDOVER_SHORT;
	if (magic != MAGIC)
		return HANDOVER_MAGIC;
	if (version != HANDOVER_GRAMMAR)
		return HANDOVER_VERSION;
	named = get_name(r, h->path, sizeof h->path);
	h->generation = rd_u32(r);
	h->pid_fd = (int32_t)rd_u32(r);
	h->image_fd = (int32_t)rd_u32(r);
	h->again = rd_u32(r);
	h->nchildren = rd_u32(r);
	if (!r->bad && h->nchildren > CONF_PARTS)
		return HANDOVER_CHILDREN;
	for (uint32_t i = 0; i < h->nchildren && !r->bad; i++)
		named &= get_child(r, &h->child[i]);
	h->nscripts = rd_u32(r);
	if (r->bad)
		return HANDOVER_SHORT;
	return named ? HANDOVER_OK : HANDOVER_TEXT;
}

/* What does not fit in its member is no number of ours. */
static bool
narrow_script(struct spawn_slot *s, uint32_t part, uint32_t argc, uint32_t counts,
	      int32_t bytes, int32_t extra)
{
	const uint32_t nargs = counts >> 16, nenv = counts & 0xffff;

	if (part >= CONF_PARTS || bytes < 0 || extra < 0 || argc > UINT16_MAX ||
	    nargs > UINT8_MAX || nenv > UINT8_MAX || s->pid < 0 ||
	    s->deadline.at.us < 0 || s->script.timeout_us < 0)
		return false;
	s->part = (uint16_t)part;
	s->script.argc = (uint16_t)argc;
	s->script.bytes = (uint16_t)bytes;
	s->job.nargs = (uint8_t)nargs;
	s->job.nenv = (uint8_t)nenv;
	s->job.bytes = (uint16_t)extra;
	s->job.script = s->run.script;
	return true;
}

enum handover_verdict
handover_get_script(struct rd *r, struct spawn_slot *s)
{
	memset(s, 0, sizeof *s);
	s->pid = (pid_t)rd_u32(r);
	s->timed_out = rd_u32(r) != 0;
	const uint32_t part = rd_u32(r);

	s->life = rd_u32(r);
	s->run.generation = rd_u32(r);
	const uint32_t who = rd_u32(r), what = rd_u32(r);

	s->run.script = (uint16_t)(who >> 16);
	s->run.object = (uint16_t)who;
	s->run.event = (uint16_t)(what >> 16);
	s->run.value = (uint16_t)what;
	s->deadline.at.us = get_i64(r);
	s->script.uid = rd_u32(r);
	s->script.gid = rd_u32(r);
	s->script.timeout_us = get_i64(r);
	const uint32_t argc = rd_u32(r);
	const int32_t bytes = get_text(r, s->script.argv, sizeof s->script.argv);
	const uint32_t counts = rd_u32(r);
	const int32_t extra = get_text(r, s->job.text, sizeof s->job.text);

	if (r->bad)
		return HANDOVER_SHORT;
	return narrow_script(s, part, argc, counts, bytes, extra) ? HANDOVER_OK
								  : HANDOVER_SCRIPT;
}
