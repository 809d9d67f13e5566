/* SPDX-License-Identifier: MIT */
/* pattern_compile.c -- text to positions and what may follow each; see pattern.h. */
#include <string.h>

#include "pattern_class.h"
#include "pattern_code.h"

#define WORDS	(PATTERN_STATES / 32)
#define REPEAT	127			/* most of {m,n} */
#define WORK	4096			/* atoms read, repeated ones again */

struct set {
	uint32_t w[WORDS];
};

/* A piece of the pattern: what can begin it, end it, and whether it can be nothing. */
struct piece {
	struct set first, last;
	bool nullable;
};

struct build {
	const char *s;
	size_t n, at;
	bool icase;
	unsigned depth, work;
	unsigned positions, nclasses;
	uint8_t kind[PATTERN_STATES], arg[PATTERN_STATES];
	struct set follow[PATTERN_STATES];
	struct pattern_class class[PATTERN_CLASSES];
	struct pattern_error *e;
	bool bad;
};

_Static_assert(PATTERN_MAX >= PATTERN_CODE_SETS + (PATTERN_STATES + 2) * WORDS * 4 +
	       2 * PATTERN_STATES + 32 * PATTERN_CLASSES, "room for the largest pattern");

static bool
refuse(struct build *b, size_t at, const char *why)
{
	if (!b->bad) {
		b->bad = true;
		*b->e = (struct pattern_error){ at, why };
	}
	return false;
}

static bool
more(const struct build *b)
{
	return !b->bad && b->at < b->n;
}

static bool
is_next(const struct build *b, char c)
{
	return more(b) && b->s[b->at] == c;
}

static bool
skip(struct build *b, char c)
{
	if (!is_next(b, c))
		return false;
	b->at++;
	return true;
}

/* ---- sets and pieces ------------------------------------------------------------------ */

static void
unite(struct set *a, const struct set *b)
{
	for (unsigned i = 0; i < WORDS; i++)
		a->w[i] |= b->w[i];
}

static bool
holds(const struct set *s, unsigned i)
{
	return s->w[i / 32] >> (i % 32) & 1;
}

static void
insert(struct set *s, unsigned i)
{
	s->w[i / 32] |= (uint32_t)1 << (i % 32);
}

static void
link(struct build *b, const struct set *last, const struct set *first)
{
	for (unsigned i = 0; i < b->positions; i++)
		if (holds(last, i))
			unite(&b->follow[i], first);
}

static const struct piece nothing = { .nullable = true };

/* a, then b. */
static void
append(struct build *b, struct piece *a, const struct piece *next)
{
	link(b, &a->last, &next->first);
	if (a->nullable)
		unite(&a->first, &next->first);
	if (!next->nullable)
		a->last = next->last;
	else
		unite(&a->last, &next->last);
	a->nullable = a->nullable && next->nullable;
}

/* A position of its own; the last bit is the match's. */
static void
place(struct build *b, struct piece *out, enum pattern_code_kind kind, uint8_t arg)
{
	*out = (struct piece){ .nullable = false };
	if (b->positions == PATTERN_STATES - 1) {
		refuse(b, b->at, "the pattern is too long, or repeats too much");
		return;
	}

	const unsigned i = b->positions++;

	b->kind[i] = (uint8_t)kind;
	b->arg[i] = arg;
	insert(&out->first, i);
	insert(&out->last, i);
}

/* ---- letters and classes ----------------------------------------------------------------- */

static void
place_letter(struct build *b, struct piece *out, uint8_t c)
{
	const uint8_t folded = c | 0x20;

	if (b->icase && folded >= 'a' && folded <= 'z')
		place(b, out, PATTERN_CODE_FOLDED, folded);
	else
		place(b, out, PATTERN_CODE_LETTER, c);
}

static void
place_class(struct build *b, struct piece *out, const struct pattern_class *set)
{
	unsigned i = 0;

	while (i < b->nclasses && memcmp(&b->class[i], set, sizeof *set) != 0)
		i++;
	if (i == PATTERN_CLASSES) {
		*out = nothing;
		refuse(b, b->at, "more than 32 different classes");
		return;
	}
	if (i == b->nclasses)
		b->class[b->nclasses++] = *set;
	place(b, out, PATTERN_CODE_CLASS, (uint8_t)i);
}

/* Letters that PCRE gives a meaning to that we do not have. */
static const char *
why_not(char c)
{
	if (c >= '1' && c <= '9')
		return "a back-reference needs going back; this language has none";
	if (c == 'k' || c == 'g')
		return "a reference to a group needs going back; this language has none";
	if (c == 'b' || c == 'B')
		return "word boundaries are not in this language; write a class, such as \\W";
	if (c == 'A' || c == 'z' || c == 'Z' || c == 'G')
		return "write ^ for the start and $ for the end";
	return "no such escape; a letter stands for itself without the \\";
}

/* Behind a backslash. */
static void
read_escape(struct build *b, struct piece *out)
{
	const size_t at = b->at - 1;
	struct pattern_class set;
	uint8_t c;

	*out = nothing;
	memset(&set, 0, sizeof set);
	switch (pattern_class_escape(b->s, b->n, &b->at, &c, &set)) {
	case PATTERN_CLASS_LETTER:
		place_letter(b, out, c);
		return;
	case PATTERN_CLASS_SET:
		place_class(b, out, &set);
		return;
	case PATTERN_CLASS_NONE:
		refuse(b, at, b->at < b->n ? why_not(b->s[b->at]) : "a \\ at the end");
		return;
	}
}

/* Behind a [. */
static void
read_class(struct build *b, struct piece *out)
{
	struct pattern_class set;
	const char *const why = pattern_class_read(b->s, b->n, &b->at, b->icase, &set);

	*out = nothing;
	if (why)
		refuse(b, b->at, why);
	else
		place_class(b, out, &set);
}

static void
place_any(struct build *b, struct piece *out)
{
	struct pattern_class set;

	memset(&set, 0xff, sizeof set);
	set.bits['\n' >> 3] &= (uint8_t)~(1 << ('\n' & 7));
	place_class(b, out, &set);
}

/* ---- repetitions --------------------------------------------------------------------------- */

struct times {
	unsigned min, max;		/* max UINT32_MAX: no end */
};

static bool
read_number(const struct build *b, size_t *at, unsigned *out)
{
	const size_t begin = *at;

	*out = 0;
	while (*at < b->n && b->s[*at] >= '0' && b->s[*at] <= '9') {
		if (*out <= REPEAT)
			*out = 10 * *out + (unsigned)(b->s[*at] - '0');
		++*at;
	}
	return *at > begin;
}

/* {m}, {m,} or {m,n}; any other brace is a letter, as JSON has them. */
static bool
read_braces(struct build *b, struct times *t)
{
	size_t at = b->at + 1;

	if (!is_next(b, '{') || !read_number(b, &at, &t->min))
		return false;
	t->max = t->min;
	if (at < b->n && b->s[at] == ',') {
		at++;
		if (!read_number(b, &at, &t->max))
			t->max = UINT32_MAX;
	}
	if (at == b->n || b->s[at] != '}')
		return false;
	if (t->min > REPEAT || (t->max > REPEAT && t->max != UINT32_MAX))
		refuse(b, b->at, "a repetition of more than 127");
	else if (t->max < t->min)
		refuse(b, b->at, "a repetition whose end is before its beginning");
	b->at = at + 1;
	return true;
}

static bool
read_times(struct build *b, struct times *t)
{
	if (skip(b, '*'))
		*t = (struct times){ 0, UINT32_MAX };
	else if (skip(b, '+'))
		*t = (struct times){ 1, UINT32_MAX };
	else if (skip(b, '?'))
		*t = (struct times){ 0, 1 };
	else if (!read_braces(b, t))
		return false;
	if (is_next(b, '+'))
		refuse(b, b->at, "a possessive repetition is not in this language");
	(void)skip(b, '?');		/* lazy: matches the same */
	return true;
}

/* ---- the grammar: branch | branch, a branch of repeated atoms ------------------------------- */

static void read_branches(struct build *b, struct piece *out);

static const char *
why_not_group(const struct build *b)
{
	const char c = b->at + 1 < b->n ? b->s[b->at + 1] : '\0';
	const char d = b->at + 2 < b->n ? b->s[b->at + 2] : '\0';

	if (c == '=' || c == '!' || (c == '<' && (d == '=' || d == '!')))
		return "looking ahead or back is not in this language";
	if (c == '>')
		return "an atomic group is not in this language";
	if (c == '<' || c == 'P' || c == '\'')
		return "groups have no names here: write (...)";
	return "no such group; (?:...) is one, and (?i) in front of all";
}

/* Behind a (. */
static void
read_group(struct build *b, struct piece *out)
{
	const size_t at = b->at - 1;

	*out = nothing;
	if (is_next(b, '?')) {
		if (b->at + 1 == b->n || b->s[b->at + 1] != ':') {
			refuse(b, at, why_not_group(b));
			return;
		}
		b->at += 2;
	}
	if (b->depth == PATTERN_DEPTH) {
		refuse(b, at, "more than 16 parentheses inside each other");
		return;
	}
	b->depth++;
	read_branches(b, out);
	b->depth--;
	if (!skip(b, ')'))
		refuse(b, at, "a ( without its )");
}

static void
read_atom(struct build *b, struct piece *out)
{
	const char c = b->s[b->at++];

	*out = nothing;
	if (++b->work > WORK)
		refuse(b, b->at - 1, "the pattern is too long, or repeats too much");
	else if (c == '(')
		read_group(b, out);
	else if (c == '[')
		read_class(b, out);
	else if (c == '\\')
		read_escape(b, out);
	else if (c == '.')
		place_any(b, out);
	else if (c == '^')
		place(b, out, PATTERN_CODE_START, 0);
	else if (c == '$')
		place(b, out, PATTERN_CODE_END, 0);
	else if (c == '*' || c == '+' || c == '?')
		refuse(b, b->at - 1, "nothing to repeat");
	else
		place_letter(b, out, (uint8_t)c);
}

/* An atom `t` times: its text is read once for each, which gives it new positions. */
static void
repeat(struct build *b, size_t begin, struct times t, struct piece *out)
{
	const size_t end = b->at;
	const bool endless = t.max == UINT32_MAX;
	const unsigned copies = endless ? t.min + (t.min == 0) : t.max;

	*out = nothing;
	for (unsigned i = 0; i < copies && !b->bad; i++) {
		struct piece one;

		b->at = begin;
		read_atom(b, &one);
		if (endless && i == copies - 1)
			link(b, &one.last, &one.first);
		if (i >= t.min)
			one.nullable = true;
		append(b, out, &one);
	}
	b->at = end;
}

static void
read_repeated(struct build *b, struct piece *out)
{
	const size_t begin = b->at;
	const unsigned positions = b->positions;
	struct times t;

	read_atom(b, out);
	if (b->bad || !read_times(b, &t) || b->bad)
		return;
	if (b->s[begin] == '^' || b->s[begin] == '$') {
		refuse(b, begin + 1, "^ and $ can't be repeated");
		return;
	}
	/* What was read once is read again. */
	memset(&b->follow[positions], 0, (b->positions - positions) * sizeof b->follow[0]);
	b->positions = positions;
	repeat(b, begin, t, out);
	if (more(b) && strchr("*+?", b->s[b->at]))
		refuse(b, b->at, "a repetition of a repetition: write ( ) around the inner one");
}

static void
read_branch(struct build *b, struct piece *out)
{
	*out = nothing;
	while (more(b) && !is_next(b, '|') && !is_next(b, ')')) {
		struct piece one;

		read_repeated(b, &one);
		append(b, out, &one);
	}
}

static void
read_branches(struct build *b, struct piece *out)
{
	read_branch(b, out);
	while (skip(b, '|')) {
		struct piece other;

		read_branch(b, &other);
		unite(&out->first, &other.first);
		unite(&out->last, &other.last);
		out->nullable = out->nullable || other.nullable;
	}
}

/* ---- the compiled form --------------------------------------------------------- */

/* At the stream's start ^ takes no byte. */
static struct set
start_of(const struct build *b, struct set first)
{
	struct set old;

	do {
		old = first;
		for (unsigned i = 0; i < b->positions; i++)
			if (holds(&old, i) && b->kind[i] == PATTERN_CODE_START)
				unite(&first, &b->follow[i]);
	} while (memcmp(&old, &first, sizeof old) != 0);
	return first;
}

/* Anywhere else it begins nothing. */
static struct set
anywhere_of(const struct build *b, struct set first)
{
	for (unsigned i = 0; i < b->positions; i++)
		if (b->kind[i] == PATTERN_CODE_START)
			first.w[i / 32] &= ~((uint32_t)1 << (i % 32));
	return first;
}

/* The bytes that position i takes. */
static void
put_bytes(const struct build *b, unsigned i, uint8_t bits[32])
{
	const uint8_t c = b->arg[i];

	if (b->kind[i] == PATTERN_CODE_CLASS)
		for (unsigned k = 0; k < 32; k++)
			bits[k] |= b->class[c].bits[k];
	if (b->kind[i] == PATTERN_CODE_LETTER || b->kind[i] == PATTERN_CODE_FOLDED)
		bits[c >> 3] |= (uint8_t)(1 << (c & 7));
	if (b->kind[i] == PATTERN_CODE_FOLDED)
		bits[(c ^ 0x20) >> 3] |= (uint8_t)(1 << (c & 7));
}

static size_t
put_code(const struct build *b, const struct set *first, uint8_t *out)
{
	const unsigned words = b->positions / 32 + 1;
	const struct set start = start_of(b, *first), anywhere = anywhere_of(b, *first);
	uint8_t *p = out + PATTERN_CODE_SETS;

	memset(out, 0, PATTERN_CODE_SETS);
	out[PATTERN_CODE_POSITIONS] = (uint8_t)b->positions;
	out[PATTERN_CODE_WORDS] = (uint8_t)words;
	for (unsigned i = 0; i < b->positions; i++)
		if (holds(&anywhere, i))
			put_bytes(b, i, out + PATTERN_CODE_FIRST);
	for (unsigned i = 0; i < b->positions + 2; i++, p += 4 * words)
		memcpy(p, i == 0 ? &start : i == 1 ? &anywhere : &b->follow[i - 2], 4 * words);
	for (unsigned i = 0; i < b->positions; i++) {
		*p++ = b->kind[i];
		*p++ = b->arg[i];
	}
	memcpy(p, b->class, b->nclasses * sizeof b->class[0]);
	return (size_t)(p - out) + b->nclasses * sizeof b->class[0];
}

size_t
pattern_compile(const char *text, size_t n, bool icase, uint8_t out[PATTERN_MAX],
		struct pattern_error *e)
{
	struct build b;
	struct piece all, match = { .nullable = false };

	memset(&b, 0, sizeof b);
	b.s = text;
	b.n = n;
	b.icase = icase;
	b.e = e;
	if (n >= 4 && memcmp(text, "(?i)", 4) == 0) {
		b.icase = true;
		b.at = 4;
	}
	read_branches(&b, &all);
	if (more(&b))
		refuse(&b, b.at, "a ) without its (");
	if (b.bad)
		return 0;
	insert(&match.first, b.positions);
	append(&b, &all, &match);
	return put_code(&b, &all.first, out);
}
