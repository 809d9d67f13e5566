/* SPDX-License-Identifier: MIT */
/* uci_test.c -- the grammar of UCI, sentence by sentence. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "uci.h"

/* What the lexer said, as text: C(type|name) O(name|value) L(name|value), a missing
 * second word as '-', a fault as !ID@line:column. */
struct tape {
	char s[4096];
	size_t n;
	uint64_t hash;			/* of everything, positions included */
	unsigned faults;
};

static void
mix(struct tape *t, uint64_t v)
{
	t->hash = (t->hash ^ v) * 1099511628211u;
}

static void
put(struct tape *t, const char *s)
{
	const size_t n = strlen(s);

	if (t->n + n < sizeof t->s) {
		memcpy(t->s + t->n, s, n + 1);
		t->n += n;
	}
}

static void
on_event(void *ctx, const struct uci_event *e)
{
	static const char *const faults[] = {
#define NAME(id, text)	#id,
		UCI_FAULTS(NAME)
	};
	struct tape *t = ctx;
	char b[64];

	mix(t, (uint64_t)e->kind << 32 | e->fault);
	mix(t, (uint64_t)e->at.line << 32 | e->at.column);
	for (int i = 0; i < UCI_WORDS; i++) {
		const struct uci_word *w = &e->word[i];

		assert_int_equal(w->len, strlen(w->s));
		mix(t, (uint64_t)w->at.line << 32 | w->at.column);
		mix(t, (uint64_t)w->end_line << 32 | w->body);
		mix(t, w->present);
		for (uint32_t j = 0; j < w->len; j++)
			mix(t, (unsigned char)w->s[j]);
	}
	if (e->kind == UCI_FAULT) {
		t->faults++;
		snprintf(b, sizeof b, "!%s@%u:%u", faults[e->fault],
			 (unsigned)e->at.line, (unsigned)e->at.column);
		put(t, b);
		return;
	}
	b[0] = "COL"[e->kind];
	b[1] = '(';
	b[2] = '\0';
	put(t, b);
	put(t, e->word[0].s);
	put(t, "|");
	put(t, e->word[1].present ? e->word[1].s : "-");
	put(t, ")");
}

static void
run(struct tape *t, const char *p, size_t n, size_t piece)
{
	struct uci *u = malloc(sizeof *u);

	memset(t, 0, sizeof *t);
	t->hash = 14695981039346656037u;
	memset(u, 0xa5, sizeof *u);
	uci_begin(u, on_event, t);
	for (size_t i = 0; i < n; i += piece)
		if (!uci_feed(u, p + i, n - i < piece ? n - i : piece))
			break;
	uci_end(u);
	free(u);
}

static void
expect_bytes(const char *text, size_t n, const char *want)
{
	struct tape whole;

	run(&whole, text, n, n ? n : 1);
	assert_string_equal(whole.s, want);
	for (size_t piece = 1; piece < n && piece < 9; piece++) {
		struct tape t;

		run(&t, text, n, piece);
		assert_string_equal(t.s, want);
		assert_true(t.hash == whole.hash);
	}
}

static void
expect(const char *text, const char *want)
{
	expect_bytes(text, strlen(text), want);
}

/* `option o VALUE` gives the word `want`. */
static void
gives(const char *text, const char *want)
{
	char in[512], out[512];

	snprintf(in, sizeof in, "config t\noption o %s\n", text);
	snprintf(out, sizeof out, "C(t|-)O(o|%s)", want);
	expect(in, out);
}

static void
statements_and_their_abbreviations(void **state)
{
	(void)state;
	expect("config t 'n'\n\toption a '1'\n\tlist b '2'\n", "C(t|n)O(a|1)L(b|2)");
	expect("package p\nc t n\no a 1\nl b 2\np q\n", "C(t|n)O(a|1)L(b|2)");
	expect("config\tt\n  option\ta\t1\n", "C(t|-)O(a|1)");
	expect("conf t\n", "!KEYWORD@1:1C(|-)");
	expect("optio a b\n", "!KEYWORD@1:1");
	expect("Config t\n", "!KEYWORD@1:1C(|-)");
	expect("lists a b\n", "!KEYWORD@1:1");
}

static void
a_keyword_is_bare_and_ends_at_space_or_tab(void **state)
{
	(void)state;
	expect("config\vt\n", "!KEYWORD@1:1C(|-)");
	expect("\v\f config t\n", "C(t|-)");
	expect("'config' t\n", "!QUOTED@1:1");
	expect("\"config\" t\n", "!QUOTED@1:1");
	expect("con\\fig t\n", "!KEYWORD@1:1C(|-)");
	expect("config t\noption#c x\n", "C(t|-)!KEYWORD@2:1");
	expect("config t\v'n'\foption\n", "!EXTRA@1:14C(t|n)");
	expect("; config t\n", "!KEYWORD@1:1");
}

static void
comments(void **state)
{
	(void)state;
	expect("# c\n   # config x\nconfig t # c\n", "C(t|-)");
	expect("config t#n\n", "C(t|-)");
	gives("a#b", "a");
	gives("'a#b'", "a#b");
	gives("\"a#b\"", "a#b");
	gives("'a'#b", "a");
	gives("a\\#b", "a#b");
	gives("a # b c d", "a");
	expect("config t # x \\\n\noption a b\n", "C(t|-)O(a|b)");
	expect("# no newline", "");
	expect("#'\nconfig t\n", "C(t|-)");
}

static void
quotes_and_escapes(void **state)
{
	(void)state;
	gives("a\\ b\\#c\\;d", "a b#c;d");
	gives("'a\\b'", "a\\b");
	gives("'\\n'", "\\n");
	gives("\"a\\nb\\\"c\\\\\"", "anb\"c\\");
	gives("\"it's\"", "it's");
	gives("'say \"x\"'", "say \"x\"");
	gives("a'b c'\"d e\"f", "ab cd ef");
	gives("'it'\\''s'", "it's");
	gives("'a;b'", "a;b");
	gives("\"a;b\"", "a;b");
	gives("\\'a\\'", "'a'");
}

static void
quotes_run_over_lines(void **state)
{
	(void)state;
	gives("'a\nb'", "a\nb");
	gives("\"a\nb\"", "a\nb");
	gives("'a\\\nb'", "a\\\nb");
	gives("'a\r\nb'", "a\r\nb");
}

static void
backslash_newline_continues(void **state)
{
	(void)state;
	gives("a\\\nb", "ab");
	gives("a\\\r\nb", "ab");
	gives("\"a\\\nb\"", "ab");
	gives("\"a\\\r\nb\"", "ab");
	expect("config t\noption \\\n  a \\\r\n\tb \\\n\n", "C(t|-)O(a|b)");
	gives("\\\n", "-");
	gives("a\\\rb", "a\rb");
	gives("a\\\r'b'", "a\rb");
	gives("\"a\\\r\"", "a\r");
	gives("a\\", "a");		/* the newline that follows joins */
	expect("config t\noption a b\\", "C(t|-)O(a|b)");
}

static void
semicolon_separates_after_space_or_quote(void **state)
{
	(void)state;
	expect("config t ; option a 1 ; option b '2'; list c '3';o d 4\n",
	       "C(t|-)O(a|1)O(b|2)L(c|3)O(d|4)");
	expect("config t 'n';option a \"1\";# c\n", "C(t|n)O(a|1)");
	expect("config t ;\n", "C(t|-)");
	expect("config t ;;\n", "C(t|-)!KEYWORD@1:11");
}

static void
semicolon_after_a_bare_word_loses_nothing_in_silence(void **state)
{
	(void)state;
	expect("config t\noption a v; option b w\noption c d\n",
	       "C(t|-)O(a|v)!LOST@2:13O(c|d)");
	expect("config t\noption a a;b\n", "C(t|-)O(a|a)!LOST@2:12");
	expect("config t\noption a 'v'x; option b w\n", "C(t|-)O(a|vx)!LOST@2:16");
	expect("config t\noption a v;\noption b w;  # c\n", "C(t|-)O(a|v)O(b|w)");
	expect("config t;", "C(t|-)");
	expect("config t; x y z", "C(t|-)!LOST@1:11");
}

static void
line_ends(void **state)
{
	(void)state;
	expect("config t\r\n\r\n\toption a 'b'\r\n\toption c d\r\n",
	       "C(t|-)O(a|b)O(c|d)");
	expect("config t\noption a b", "C(t|-)O(a|b)");
	expect("config t\noption a 'b'", "C(t|-)O(a|b)");
	expect("config t\noption a", "C(t|-)O(a|-)");
	expect("config t", "C(t|-)");
	expect("config", "!MISSING@1:7C(|-)");
	expect("config\r\n", "!MISSING@1:8C(|-)");
	expect("", "");
	expect("\n", "");
	expect("\n\n \t\r\n", "");
}

static void
bytes_that_are_no_text(void **state)
{
	(void)state;
	expect("\xef\xbb\xbf" "config t\n", "!BOM@1:1C(t|-)");
	expect("\xef\xbb\xbf\nconfig t\n", "!BOM@1:1C(t|-)");
	expect("\n\xef\xbb\xbf" "config t\n", "!KEYWORD@2:1");
	expect_bytes("\0config t\n", 10, "!BINARY@1:1");
	expect_bytes("config t\noption a 'b\0c'\nx\n", 26, "C(t|-)!BINARY@2:12");
	expect_bytes("# c\0\nx\n", 7, "!BINARY@1:4");
	expect("\x7f" "ELF\x02\x01\x01", "!BINARY@1:1");
	expect("\x1f\x8b\x08", "!BINARY@1:1");
	expect("con\x01" "fig t\n", "!BINARY@1:4");
	expect("config t\noption a 'x\x01\xffy'\n", "C(t|-)O(a|x\x01\xffy)");
}

static void
names_and_types(void **state)
{
	(void)state;
	expect("config a-b\nconfig a.b:c/d\nconfig !~\n",
	       "C(a-b|-)C(a.b:c/d|-)C(!~|-)");
	expect("config 'a b'\noption x y\n", "!TYPE@1:8C(|-)O(x|y)");
	expect("config \xc3\xa4\n", "!TYPE@1:8C(|-)");
	expect("config a\x7f\n", "!TYPE@1:8C(|-)");
	expect("config ''\n", "!MISSING@1:8C(|-)");
	expect("config t 0_aZ\nconfig t ''\n", "C(t|0_aZ)C(t|)");
	expect("config t a-b\n", "!NAME@1:10C(t|a-b)");
	expect("config t 'a.b'\n", "!NAME@1:10C(t|a.b)");
	expect("config t\noption a-b c\n", "C(t|-)!NAME@2:8");
	expect("config t\nlist 'a b' c\n", "C(t|-)!NAME@2:6");
	expect("config t\noption 0 c\n", "C(t|-)O(0|c)");
	expect("package a-b\npackage x.y:z\n", "");
}

static void
missing_and_extra_words(void **state)
{
	(void)state;
	expect("config t\noption\n", "C(t|-)!MISSING@2:7");
	expect("config t\noption ''\n", "C(t|-)!MISSING@2:8");
	expect("config t\nlist \n", "C(t|-)!MISSING@2:6");
	expect("config t\noption a\noption a ''\nlist a\nlist a ''\n",
	       "C(t|-)O(a|-)O(a|)L(a|-)L(a|)");
	expect("package\n", "!MISSING@1:8");
	expect("config t\noption a b c d\n", "C(t|-)!EXTRA@2:12O(a|b)");
	expect("config t n x\n", "!EXTRA@1:12C(t|n)");
	expect("config t\nlist a 192.0.2.1/24 'dev' eth0\n",
	       "C(t|-)!EXTRA@2:21L(a|192.0.2.1/24)");
}

static void
options_before_the_first_section(void **state)
{
	(void)state;
	expect("option a b\nlist c d\nconfig t\n", "!ORPHAN@1:1!ORPHAN@2:1C(t|-)");
	expect("package p\n  option a b\n", "!ORPHAN@2:3");
}

static void
a_quote_that_never_ends(void **state)
{
	(void)state;
	expect("config t\noption a 'b\nconfig u\n", "C(t|-)!QUOTE@2:10");
	expect("config t\noption a x\"b\n", "C(t|-)!QUOTE@2:11");
	expect("config t\noption a \"b\\", "C(t|-)!QUOTE@2:10");
	/* Left out behind b: the last quote of the file is not the culprit. */
	expect("config t\noption a 'b\noption c 'd'\n", "C(t|-)!QUOTE@2:10");
}

static void
a_word_has_a_bound(void **state)
{
	char text[CONFIG_UCI_WORD + 64], want[CONFIG_UCI_WORD + 64];
	char word[CONFIG_UCI_WORD + 2];

	(void)state;
	memset(word, 'x', sizeof word);
	word[CONFIG_UCI_WORD] = '\0';
	snprintf(text, sizeof text, "config t\no a '%s'\n", word);
	snprintf(want, sizeof want, "C(t|-)O(a|%s)", word);
	expect(text, want);

	word[CONFIG_UCI_WORD] = 'x';
	word[CONFIG_UCI_WORD + 1] = '\0';
	snprintf(text, sizeof text, "config t\no a '%s'\no b c\n", word);
	expect(text, "C(t|-)!LONG@2:5O(b|c)");
	snprintf(text, sizeof text, "config %s n\no b c\n", word);
	expect(text, "!LONG@1:8C(|-)O(b|c)");
	snprintf(text, sizeof text, "config t\n%s a c\no b c\n", word);
	expect(text, "C(t|-)!KEYWORD@2:1O(b|c)");
}

static void
two_words_of_full_length_fit(void **state)
{
	char text[2 * CONFIG_UCI_WORD + 64], want[2 * CONFIG_UCI_WORD + 64];
	char word[CONFIG_UCI_WORD + 1];

	(void)state;
	memset(word, 'x', sizeof word);
	word[CONFIG_UCI_WORD] = '\0';
	snprintf(text, sizeof text, "config t\no %s %s x\n", word, word);
	snprintf(want, sizeof want, "C(t|-)!EXTRA@2:%uO(%s|%s)",
		 5 + 2 * CONFIG_UCI_WORD, word, word);
	expect(text, want);
}

static struct uci_event last;

static void
keep_last(void *ctx, const struct uci_event *e)
{
	(void)ctx;
	last = *e;
}

static void
feed_all(const char *text)
{
	static struct uci u;

	uci_begin(&u, keep_last, NULL);
	assert_true(uci_feed(&u, text, strlen(text)));
	uci_end(&u);
}

static void
words_know_where_they_stand(void **state)
{
	(void)state;
	feed_all("config t\n\n\toption  abc   'de f'  # x\n");
	assert_int_equal(last.at.line, 3);
	assert_int_equal(last.at.column, 2);
	assert_int_equal(last.word[0].at.line, 3);
	assert_int_equal(last.word[0].at.column, 10);
	assert_int_equal(last.word[0].body, 10);
	assert_int_equal(last.word[1].at.column, 16);
	assert_int_equal(last.word[1].body, 17);
	assert_int_equal(last.word[1].end_line, 3);

	feed_all("config t\noption a \\\n 'x\ny'\n");
	assert_int_equal(last.word[1].at.line, 3);
	assert_int_equal(last.word[1].at.column, 2);
	assert_int_equal(last.word[1].end_line, 4);
	assert_int_equal(last.word[1].body, 0);
}

static void
body_is_given_only_for_verbatim_words(void **state)
{
	static const struct {
		const char *word;
		uint32_t body;
	} cases[] = {
		{ "ab", 10 }, { "'ab'", 11 }, { "\"ab\"", 11 }, { "a\\b", 0 },
		{ "\\ab", 0 }, { "\"a\\b\"", 0 }, { "a'b'", 0 }, { "'a'b", 0 },
		{ "'a''b'", 0 }, { "'a'\\b", 0 }, { "a\\\nb", 0 }, { "'a\nb'", 0 },
		{ "'a'", 11 },
	};

	(void)state;
	for (size_t i = 0; i < PORT_ARRAY_SIZE(cases); i++) {
		char text[64];

		snprintf(text, sizeof text, "config t\noption a %s\n", cases[i].word);
		feed_all(text);
		assert_int_equal(last.word[1].body, cases[i].body);
	}
}

static uint32_t
next_random(uint32_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 17;
	*seed ^= *seed << 5;
	return *seed;
}

/* Text made of the bytes that mean something: any split, the same events. */
static void
any_split_gives_the_same_events(void **state)
{
	static const char *const bits[] = {
		"config ", "option ", "list ", "t", "n ", "'", "\"", "\\", "\n", "\r\n",
		";", "#", " ", "\t", "a", "b c", "package ", "\v", "\\\n", "\\\r\n", "x_1",
		"\xef\xbb\xbf", "''", "config t\n", "option a 'b'\n",
	};
	uint32_t seed = 0x2545f491;

	(void)state;
	for (int round = 0; round < 3000; round++) {
		char text[256] = "";
		size_t n = 0;

		for (int i = 0; i < 24; i++) {
			const char *b = bits[next_random(&seed) % PORT_ARRAY_SIZE(bits)];

			memcpy(text + n, b, strlen(b));
			n += strlen(b);
		}

		struct tape whole, split;

		run(&whole, text, n, n);
		run(&split, text, n, 1);
		assert_true(whole.hash == split.hash);
		run(&split, text, n, 1 + next_random(&seed) % 17);
		assert_true(whole.hash == split.hash);
	}
}

static void
random_bytes_terminate(void **state)
{
	uint32_t seed = 0x9e3779b9;

	(void)state;
	for (int round = 0; round < 2000; round++) {
		char text[512];
		struct tape t;

		for (size_t i = 0; i < sizeof text; i++)
			text[i] = (char)(next_random(&seed) >> 8);
		run(&t, text, sizeof text, sizeof text);
		assert_true(t.faults <= sizeof text);
	}
}

static void
a_binary_file_ends_the_reading(void **state)
{
	static struct uci u;
	struct tape t = { .n = 0 };

	(void)state;
	uci_begin(&u, on_event, &t);
	assert_false(uci_feed(&u, "x\0y\nz\nw\n", 8));
	assert_false(uci_feed(&u, "z\n", 2));
	uci_end(&u);
	assert_int_equal(t.faults, 1);
}

static void
what_uci_writes_is_read_back(void **state)
{
	(void)state;
	/* The byte-exact form of `uci commit`. */
	expect("\nconfig globals 'globals'\n\toption enabled '0'\n\n"
	       "config vrrp_instance\n\toption name 'it'\\''s'\n\tlist v 'a b'\n\n",
	       "C(globals|globals)O(enabled|0)C(vrrp_instance|-)O(name|it's)L(v|a b)");
	expect("package keepalived\n\nconfig globals 'globals'\n\n",
	       "C(globals|globals)");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(statements_and_their_abbreviations),
		cmocka_unit_test(a_keyword_is_bare_and_ends_at_space_or_tab),
		cmocka_unit_test(comments),
		cmocka_unit_test(quotes_and_escapes),
		cmocka_unit_test(quotes_run_over_lines),
		cmocka_unit_test(backslash_newline_continues),
		cmocka_unit_test(semicolon_separates_after_space_or_quote),
		cmocka_unit_test(semicolon_after_a_bare_word_loses_nothing_in_silence),
		cmocka_unit_test(line_ends),
		cmocka_unit_test(bytes_that_are_no_text),
		cmocka_unit_test(names_and_types),
		cmocka_unit_test(missing_and_extra_words),
		cmocka_unit_test(options_before_the_first_section),
		cmocka_unit_test(a_quote_that_never_ends),
		cmocka_unit_test(a_word_has_a_bound),
		cmocka_unit_test(two_words_of_full_length_fit),
		cmocka_unit_test(words_know_where_they_stand),
		cmocka_unit_test(body_is_given_only_for_verbatim_words),
		cmocka_unit_test(any_split_gives_the_same_events),
		cmocka_unit_test(random_bytes_terminate),
		cmocka_unit_test(a_binary_file_ends_the_reading),
		cmocka_unit_test(what_uci_writes_is_read_back),
	};

	return cmocka_run_group_tests_name("uci", tests, 0, 0);
}
