/* SPDX-License-Identifier: MIT */
/* pattern_test.c -- patterns and what they match, beside an oracle that tries everything. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pattern.h"
#include "strfmt.h"

static uint8_t code[PATTERN_MAX + 1];	/* used from its second byte on */

static size_t
compile(const char *text, bool icase)
{
	struct pattern_error e = { 0, NULL };
	const size_t n = pattern_compile(text, strlen(text), icase, code + 1, &e);

	if (n == 0)
		fail_msg("%s: %zu: %s", text, e.at, e.why);
	assert_true(n <= PATTERN_MAX);
	return n;
}

static bool
run(const char *s, size_t n, size_t cut)
{
	struct pattern m;

	memset(&m, 0, sizeof m);
	pattern_feed(&m, code + 1, (const uint8_t *)s, cut);
	pattern_feed(&m, code + 1, (const uint8_t *)s + cut, n - cut);
	return pattern_end(&m, code + 1) == PATTERN_MATCH;
}

static bool
run_bytes(const char *s, size_t n)
{
	struct pattern m;

	memset(&m, 0, sizeof m);
	for (size_t i = 0; i < n; i++)
		pattern_feed(&m, code + 1, (const uint8_t *)s + i, 1);
	return pattern_end(&m, code + 1) == PATTERN_MATCH;
}

static bool
matches(const char *s, size_t n)
{
	const bool want = run_bytes(s, n);

	for (size_t cut = 0; cut <= n; cut++)
		assert_int_equal(run(s, n, cut), want);
	return want;
}

static const struct {
	const char *pattern;
	const char *yes[4];
	const char *no[4];
} cases[] = {
	{ "ok", { "ok", "it is ok.", "ook" }, { "", "o", "o k", "OK" } },
	{ "(?i)status: *OK", { "Status:ok", "STATUS:   Ok" }, { "status ok" } },
	{ "^ok$", { "ok", "ok\n" }, { "ok\n\n", " ok", "ok ", "a\nok\n" } },
	{ "^$", { "", "\n" }, { "a", "\n\n" } },
	{ "a$\n", { "a\n", "ba\n" }, { "a", "a\nb" } },
	{ "a.c", { "abc", "a.c", "a\xff" "c" }, { "ac", "a\nc" } },
	{ "\"status\" *: *\"(ok|up)\"", { "{\"status\": \"up\"}", "\"status\":\"ok\"" },
	  { "\"status\": \"down\"" } },
	{ "{\"a\":{1,2}}", { "{\"a\":}", "x{\"a\"::}" }, { "{\"a\":::}", "{\"a\"}" } },
	{ "a{x}{,2}", { "a{x}{,2}" }, { "ax" } },
	{ "^a{2,3}$", { "aa", "aaa" }, { "a", "aaaa" } },
	{ "^a{2}$", { "aa" }, { "a", "aaa" } },
	{ "^a{2,}$", { "aa", "aaaaa" }, { "a" } },
	{ "^(ab?){0,2}c$", { "c", "ac", "abac" }, { "abababc" } },
	{ "^a{0}b$", { "b" }, { "ab" } },
	{ "^[^a-c\\d]+$", { "xyz", "\n" }, { "xa", "x1" } },
	{ "^[]a-]+$", { "]a-" }, { "b" } },
	{ "^[^]]$", { "a" }, { "]" } },
	{ "^[a\\]\\-\\x41\\n]+$", { "a]-A\n" }, { "b" } },
	{ "^[[:alpha:]_]+[[:^digit:]]$", { "ab_c " }, { "ab1" } },
	{ "^[[:upper:]]$", { "A", "Z" }, { "a", "@", "[" } },
	{ "^[[:blank:]]$", { " ", "\t" }, { "\n", "a" } },
	{ "^[[:graph:]]$", { "!", "~" }, { " ", "\x7f" } },
	{ "^[[:print:]]$", { " ", "~" }, { "\t", "\x7f" } },
	{ "^[[:punct:]]$", { "!", "_", "~" }, { "a", "0", " " } },
	{ "^[[:cntrl:]]$", { "\001", "\t", "\x7f" }, { " ", "a" } },
	{ "^[[:a]$", { "[", ":", "a" }, { "b" } },
	{ "^[a\\b]$", { "\b", "a" }, { "b", "\\" } },
	{ "(?i)^[a-cX]$", { "B", "x", "a" }, { "d", "Y" } },
	{ "^a{2x$", { "a{2x" }, { "aa", "aax" } },
	{ "^\\d+\\.\\d+$", { "1.5", "10.20" }, { "1x5", "1." } },
	{ "^\\w+\\W\\S\\s$", { "a_1 b\t" }, { "a b" } },
	{ "^\\x4f\\x4B\\t\\\\$", { "OK\t\\" }, { "OK" } },
	{ "a|b|", { "", "c" }, { NULL } },
	{ "^(a|b)*?c+?$", { "abc", "ccc" }, { "abd" } },
	{ "(^a|b$)", { "ac", "cb", "cb\n" }, { "ca", "bc" } },
	{ "^^a$$", { "a" }, { "aa" } },
	{ "x*^a", { "a" }, { "xa" } },
	{ "(?:)", { "", "a" }, { NULL } },
};

static void
patterns_match_what_they_say(void **state)
{
	(void)state;
	for (size_t i = 0; i < PORT_ARRAY_SIZE(cases); i++) {
		if (!cases[i].yes[0] && !cases[i].no[0])
			continue;
		(void)compile(cases[i].pattern, false);
		for (unsigned k = 0; k < 4 && cases[i].yes[k]; k++)
			if (!matches(cases[i].yes[k], strlen(cases[i].yes[k])))
				fail_msg("%s does not match %s", cases[i].pattern, cases[i].yes[k]);
		for (unsigned k = 0; k < 4 && cases[i].no[k]; k++)
			if (matches(cases[i].no[k], strlen(cases[i].no[k])))
				fail_msg("%s matches %s", cases[i].pattern, cases[i].no[k]);
	}
}

static const struct {
	const char *pattern;
	size_t at;
	const char *why;
} refused[] = {
	{ "(a)\\1", 3, "back-reference" }, { "a\\", 1, "a \\ at the end" },
	{ "a(?=b)", 1, "looking ahead" }, { "a(?<!b)", 1, "looking ahead or back" },
	{ "(?>a)", 0, "atomic" }, { "(?<n>a)", 0, "no names" }, { "(?P<n>a)", 0, "no names" },
	{ "(?m)a", 0, "no such group" }, { "a++", 2, "possessive" }, { "a**", 2, "repetition" },
	{ "*a", 0, "nothing to repeat" }, { "a|+", 2, "nothing to repeat" },
	{ "^*", 1, "can't be repeated" }, { "\\bok", 0, "word boundaries" },
	{ "\\Aok", 0, "write ^" }, { "\\q", 0, "no such escape" }, { "\\x4", 0, "no such escape" },
	{ "(a", 0, "without its )" }, { "a)", 1, "without its (" }, { "[a", 2, "without its ]" },
	{ "[]", 2, "without its ]" }, { "[z-a]", 1, "before its beginning" },
	{ "[[:nope:]]", 1, "no class of that name" }, { "[\\q]", 2, "no such escape" },
	{ "[a-\\q]", 4, "no such escape" }, { "\\k<n>", 0, "a reference to a group" },
	{ "a{3,2}", 1, "before its beginning" }, { "a{128}", 1, "more than 127" },
	{ "(a{100}){2}", 2, "too long" }, { "(((){100}){100}){100}", 3, "too long" },
	{ "((((((((((((((((((a))))))))))))))))))", 16, "more than 16" },
};

static void
what_is_not_in_the_language_is_refused_with_a_sentence(void **state)
{
	(void)state;
	for (size_t i = 0; i < PORT_ARRAY_SIZE(refused); i++) {
		const char *const text = refused[i].pattern;
		struct pattern_error e = { 999, "" };

		assert_int_equal(pattern_compile(text, strlen(text), false, code, &e), 0);
		if (!strstr(e.why, refused[i].why))
			fail_msg("%s: %s", text, e.why);
		if (refused[i].at < 3 && e.at != refused[i].at)
			fail_msg("%s: at %zu", text, e.at);
	}
}

static void
the_largest_pattern_fits(void **state)
{
	char text[128 * 8];
	struct strfmt s;
	struct pattern_error e;

	(void)state;
	strfmt_init(&s, text, sizeof text);
	for (unsigned i = 0; i < 127; i++)
		strfmt_put(&s, "[%c0]", 'A' + i % 32);
	/* What has a meaning of its own gives way. */
	for (char *p = text; *p; p++)
		if (*p == '\\' || (*p == ']' && p[1] == '0') || *p == '^')
			*p = '!';
	assert_in_range(compile(text, false), 2000, PATTERN_MAX);
	strfmt_put(&s, "x");
	assert_int_equal(pattern_compile(text, s.n, false, code, &e), 0);
}

static void
classes_are_counted_once_each(void **state)
{
	char text[64 * 4 + 1];
	struct strfmt s;
	struct pattern_error e = { 0, "" };

	(void)state;
	strfmt_init(&s, text, sizeof text);
	for (unsigned i = 0; i < 64; i++)
		strfmt_put(&s, "[%c ]", 'A' + i % 16);
	(void)compile(text, false);
	strfmt_init(&s, text, sizeof text);
	for (unsigned i = 0; i < 33; i++)
		strfmt_put(&s, "[%c ]", '`' + i);
	assert_int_equal(pattern_compile(text, s.n, false, code, &e), 0);
	assert_string_equal(e.why, "more than 32 different classes");
}

/* It knows as early as can be that there is a match, or can be none. */
static void
the_verdict_comes_early(void **state)
{
	struct pattern m;

	(void)state;
	memset(&m, 0, sizeof m);
	(void)compile("ok", false);
	assert_int_equal(pattern_feed(&m, code + 1, (const uint8_t *)"ok", 2), PATTERN_MATCH);
	memset(&m, 0, sizeof m);
	(void)compile("^ok", false);
	assert_int_equal(pattern_feed(&m, code + 1, (const uint8_t *)"ox", 2), PATTERN_NEVER);
	assert_int_equal(pattern_feed(&m, code + 1, (const uint8_t *)"ok", 2), PATTERN_NEVER);
	assert_int_equal(pattern_end(&m, code + 1), PATTERN_NEVER);
}

/* ---- the oracle: a tree, and the set of places where each part of it can end ---------- */

enum kind {
	LETTER, ANY, CLASS, START, END, CAT, ALT, REPEAT,
};

struct node {
	enum kind kind;
	char c;
	int a, b;
	unsigned min, max;
};

#define NODES	64
static struct node tree[NODES];
static int nodes;
static uint64_t seed;

static unsigned
draw(unsigned n)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(seed >> 33) % n;
}

static int
grow(unsigned depth)
{
	const int i = nodes++;
	struct node t = { .kind = LETTER };

	if (depth == 0 || nodes > NODES - 8)
		t.kind = (enum kind)draw(CAT);
	else
		t.kind = draw(3) ? (enum kind)(CAT + draw(3)) : (enum kind)draw(CAT);
	t.c = "ab\nA"[draw(4)];
	t.min = draw(3);
	t.max = draw(3) ? t.min + draw(3) : UINT32_MAX;
	if (t.kind >= CAT)
		t.a = grow(depth - 1);
	if (t.kind == CAT || t.kind == ALT)
		t.b = grow(depth - 1);
	tree[i] = t;
	return i;
}

static void
print(struct strfmt *s, int i)
{
	const struct node *const t = &tree[i];

	switch (t->kind) {
	case LETTER:
		strfmt_put(s, t->c == '\n' ? "\\n" : "%c", t->c);
		return;
	case ANY:
		strfmt_put(s, ".");
		return;
	case CLASS:
		strfmt_put(s, t->c == '\n' ? "[^\\n]" : "[^%c]", t->c);
		return;
	case START:
		strfmt_put(s, "^");
		return;
	case END:
		strfmt_put(s, "$");
		return;
	case CAT:
		print(s, t->a);
		print(s, t->b);
		return;
	case ALT:
		strfmt_put(s, "(");
		print(s, t->a);
		strfmt_put(s, "|");
		print(s, t->b);
		strfmt_put(s, ")");
		return;
	case REPEAT:
		strfmt_put(s, "(?:");
		print(s, t->a);
		strfmt_put(s, ")");
		if (t->max == UINT32_MAX)
			strfmt_put(s, t->min ? "{%u,}" : "*", t->min);
		else
			strfmt_put(s, "{%u,%u}", t->min, t->max);
		return;
	}
}

/* `from`: bit k says that it may begin before s[k]. */
static uint32_t
ends(int i, const char *s, unsigned n, uint32_t from)
{
	const struct node *const t = &tree[i];
	uint32_t to = 0;

	switch (t->kind) {
	case LETTER:
	case ANY:
	case CLASS:
		for (unsigned k = 0; k < n; k++)
			if ((from >> k & 1) && (t->kind == LETTER ? s[k] == t->c :
						t->kind == ANY ? s[k] != '\n' : s[k] != t->c))
				to |= 1u << (k + 1);
		return to;
	case START:
		return from & 1;
	case END:
		to = 1u << n;
		if (n > 0 && s[n - 1] == '\n')
			to |= 1u << (n - 1);
		return from & to;
	case CAT:
		return ends(t->b, s, n, ends(t->a, s, n, from));
	case ALT:
		return ends(t->a, s, n, from) | ends(t->b, s, n, from);
	case REPEAT:
		break;
	}
	for (unsigned k = 0; k < t->min; k++)
		from = ends(t->a, s, n, from);
	to = from;
	for (unsigned k = t->min; k < t->max && k < t->min + 30; k++) {
		from = ends(t->a, s, n, from);
		to |= from;
	}
	return to;
}

static void
random_patterns_agree_with_the_oracle(void **state)
{
	const char *const given = getenv("SEED");
	unsigned matched = 0, compiled = 0;

	(void)state;
	seed = given ? strtoull(given, NULL, 0) : 1;
	for (unsigned round = 0; round < 20000; round++) {
		char text[2048], s[12];
		struct strfmt f;
		struct pattern_error e;

		nodes = 0;
		(void)grow(1 + draw(4));
		strfmt_init(&f, text, sizeof text);
		print(&f, 0);
		if (f.cut || pattern_compile(text, f.n, false, code + 1, &e) == 0)
			continue;
		compiled++;
		for (unsigned k = 0; k < 8; k++) {
			const unsigned n = draw(sizeof s);

			for (unsigned i = 0; i < n; i++)
				s[i] = "ab\nA"[draw(4)];

			const bool want = ends(0, s, n, (1u << (n + 1)) - 1) != 0;

			matched += want;
			if (run_bytes(s, n) != want || run(s, n, 0) != want ||
			    run(s, n, n / 2) != want)
				fail_msg("round %u: %s on \"%.*s\": not %d", round, text, (int)n, s,
					 want);
		}
	}
	assert_true(compiled > 10000);
	assert_in_range(matched, compiled, 7 * compiled);
}

/* No input takes more than its length in steps: what makes others go back for ever. */
static void
evil_patterns_take_one_pass(void **state)
{
	static char s[100000];
	struct pattern m;

	(void)state;
	memset(s, 'a', sizeof s);
	(void)compile("^(a+)+$|(a|a)*b|(a?){30}a{30}c", false);
	memset(&m, 0, sizeof m);
	assert_int_equal(pattern_feed(&m, code + 1, (const uint8_t *)s, sizeof s - 1),
			 PATTERN_MORE);
	assert_int_equal(pattern_end(&m, code + 1), PATTERN_MATCH);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(patterns_match_what_they_say),
		cmocka_unit_test(what_is_not_in_the_language_is_refused_with_a_sentence),
		cmocka_unit_test(the_largest_pattern_fits),
		cmocka_unit_test(classes_are_counted_once_each),
		cmocka_unit_test(the_verdict_comes_early),
		cmocka_unit_test(random_patterns_agree_with_the_oracle),
		cmocka_unit_test(evil_patterns_take_one_pass),
	};

	return cmocka_run_group_tests_name("pattern", tests, NULL, NULL);
}
