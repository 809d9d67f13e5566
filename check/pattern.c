/* SPDX-License-Identifier: MIT */
/* pattern.c -- matching; see pattern.h. */
#include "pattern_code.h"

#include <string.h>

#define WORDS	(PATTERN_STATES / 32)

/* A compiled pattern, taken apart. */
struct code {
	unsigned positions, words;
	const uint8_t *first;
	const uint8_t *sets;
	const uint8_t *kinds;
	const uint8_t *classes;
};

static struct code
code_of(const uint8_t *p)
{
	struct code c = {
		.positions = p[PATTERN_CODE_POSITIONS],
		.words = p[PATTERN_CODE_WORDS],
		.first = p + PATTERN_CODE_FIRST,
		.sets = p + PATTERN_CODE_SETS,
	};

	c.kinds = c.sets + (2 + c.positions) * c.words * 4;
	c.classes = c.kinds + 2 * c.positions;
	return c;
}

static bool
has(const uint8_t bits[32], uint8_t c)
{
	return bits[c >> 3] >> (c & 7) & 1;
}

/* Set 0 is the stream's start, 1 anywhere, 2 + i what follows position i. */
static void
add(uint32_t set[WORDS], const struct code *c, unsigned i)
{
	const uint8_t *p = c->sets + (size_t)i * c->words * 4;

	for (unsigned w = 0; w < c->words; w++, p += 4) {
		uint32_t v;

		memcpy(&v, p, sizeof v);
		set[w] |= v;
	}
}

static bool
takes(const struct code *c, unsigned i, uint8_t byte)
{
	const uint8_t arg = c->kinds[2 * i + 1];

	switch ((enum pattern_code_kind)c->kinds[2 * i]) {
	case PATTERN_CODE_LETTER:
		return byte == arg;
	case PATTERN_CODE_FOLDED:
		return (byte | 0x20) == arg;
	case PATTERN_CODE_CLASS:
		return has(c->classes + 32u * arg, byte);
	case PATTERN_CODE_START:
	case PATTERN_CODE_END:
		break;
	}
	return false;
}

static bool
matched(const uint32_t set[WORDS], const struct code *c)
{
	return set[c->positions / 32] >> (c->positions % 32) & 1;
}

/* What may come after `byte`; a match may begin anywhere. */
static void
step(uint32_t next[WORDS], const uint32_t set[WORDS], const struct code *c, uint8_t byte)
{
	memset(next, 0, WORDS * sizeof next[0]);
	add(next, c, 1);
	for (unsigned w = 0; w < c->words; w++)
		for (uint32_t m = set[w]; m; m &= m - 1) {
			const unsigned i = 32 * w + (unsigned)__builtin_ctz(m);

			if (i < c->positions && takes(c, i, byte))
				add(next, c, 2 + i);
		}
}

/* ^ and $ take no byte where they hold: all that lies behind them is added, too. */
static void
pass_anchors(uint32_t set[WORDS], const struct code *c, bool start)
{
	uint32_t old[WORDS];

	do {
		memcpy(old, set, sizeof old);
		for (unsigned i = 0; i < c->positions; i++) {
			const uint8_t kind = c->kinds[2 * i];

			if ((old[i / 32] >> (i % 32) & 1) &&
			    (kind == PATTERN_CODE_END || (kind == PATTERN_CODE_START && start)))
				add(set, c, 2 + i);
		}
	} while (memcmp(old, set, sizeof old) != 0);
}

/* Nothing is under way but what may begin anywhere. */
static bool
is_idle(const struct pattern *m, const struct code *c)
{
	return memcmp(m->set, c->sets + (size_t)c->words * 4, (size_t)c->words * 4) == 0;
}

static bool
is_empty(const uint32_t set[WORDS])
{
	return (set[0] | set[1] | set[2] | set[3]) == 0;
}

/* Before a final newline is an end, too, so the set before one is still of use. */
static enum pattern_verdict
judge(const struct pattern *m, const struct code *c)
{
	if (matched(m->set, c))
		return PATTERN_MATCH;
	if (is_empty(m->set) && !(m->newline && !is_empty(m->before)))
		return PATTERN_NEVER;
	return PATTERN_MORE;
}

static void
begin(struct pattern *m, const struct code *c)
{
	if (m->seen == 0) {
		add(m->set, c, 0);
		m->verdict = (uint8_t)judge(m, c);
	}
}

enum pattern_verdict
pattern_feed(struct pattern *m, const uint8_t *code, const uint8_t *p, size_t n)
{
	const struct code c = code_of(code);
	const uint8_t *const end = p + n;

	begin(m, &c);
	while (m->verdict == PATTERN_MORE && p < end) {
		if (m->seen == 2 && !m->newline && is_idle(m, &c)) {
			while (end - p > 1 && !has(c.first, *p) && *p != '\n')
				p++;
		}
		memcpy(m->before, m->set, sizeof m->before);
		step(m->set, m->before, &c, *p);
		m->newline = *p++ == '\n';
		m->seen += m->seen < 2;
		m->verdict = (uint8_t)judge(m, &c);
	}
	return (enum pattern_verdict)m->verdict;
}

static bool
ends(const struct pattern *m, const struct code *c)
{
	uint32_t set[WORDS], next[WORDS];

	memcpy(set, m->set, sizeof set);
	pass_anchors(set, c, m->seen == 0);
	if (matched(set, c))
		return true;
	if (!m->newline)
		return false;
	memcpy(set, m->before, sizeof set);
	pass_anchors(set, c, m->seen == 1);
	if (matched(set, c))
		return true;
	step(next, set, c, '\n');
	pass_anchors(next, c, false);
	return matched(next, c);
}

enum pattern_verdict
pattern_end(struct pattern *m, const uint8_t *code)
{
	const struct code c = code_of(code);

	begin(m, &c);
	if (m->verdict == PATTERN_MORE)
		m->verdict = ends(m, &c) ? PATTERN_MATCH : PATTERN_NEVER;
	return (enum pattern_verdict)m->verdict;
}
