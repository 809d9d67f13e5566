/* SPDX-License-Identifier: MIT */
/* compile_test.c -- statements, rows and complaints, with a schema made for the test. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <sys/socket.h>

#include "compile_text.h"

struct thing {
	char name[CONF_NAME];
	bool flag;
	bool on;
	uint8_t number;
	int16_t level;
	int64_t time_us;
	int32_t colour;
	char text[8];
	char secret[8];
	struct net_addr addr4;
	struct net_addr addr;
	struct schema_prefix prefix;
	char dev[NET_IFNAME];
	uint16_t script;
};

struct box {
	struct thing thing[4];
	unsigned n, items, finished;
};

static const struct schema_word colours[] = {
	{ "red", 1, NULL }, { "green", 2, NULL }, { "blue", 3, "it is too dark" },
	{ NULL, 0, NULL },
};

#define T	struct thing

static const struct schema_row rows[] = {
	{ "name", "its name", SCHEMA_NAME_AT(T, name) },
	{ "flag", "a flag", SCHEMA_BOOL_AT(T, flag, false) },
	{ "on", "another", SCHEMA_BOOL_AT(T, on, true) },
	{ "off", "its opposite", SCHEMA_BOOL_AT(T, on, false), SCHEMA_ALIAS("on"), .invert = true },
	{ "number", "a number", SCHEMA_INT_AT(T, number, 1, 255, 7), .required = true },
	{ "level", "a level", SCHEMA_INT_AT(T, level, -253, 253, -1), .unit = "dB" },
	{ "time", "a time", SCHEMA_SECONDS_AT(T, time_us, 10000, 40950000, 1500000) },
	{ "colour", "a colour", SCHEMA_WORD_AT(T, colour, colours, 2) },
	{ "text", "a text", SCHEMA_TEXT_AT(T, text) },
	{ "secret", "a secret", SCHEMA_TEXT_AT(T, secret), .secret = true },
	{ "addr4", "an address", SCHEMA_ADDR_AT(T, addr4, AF_INET) },
	{ "addr", "an address", SCHEMA_ADDR_AT(T, addr, 0) },
	{ "prefix", "a prefix", SCHEMA_PREFIX_AT(T, prefix) },
	{ "dev", "a device", SCHEMA_IFNAME_AT(T, dev) },
	{ "script", "a command", SCHEMA_SCRIPT_AT(T, script) },
	{ "items", "a list", .type = SCHEMA_REF, .ref = "thing", .list = true },
	{ "later", "not yet", .type = SCHEMA_TEXT, .service = SCHEMA_IGNORED },
	{ "maybe", "not yet", .type = SCHEMA_BOOL, .service = SCHEMA_IGNORED },
	{ "never", "not safe", .type = SCHEMA_TEXT, .service = SCHEMA_REFUSED,
	  .why = "it would burn" },
	{ .name = NULL },
};

static const struct schema_row other_rows[] = {
	{ "name", "its name", .type = SCHEMA_NAME, .service = SCHEMA_IGNORED },
	{ "size", "its size", .type = SCHEMA_INT, .service = SCHEMA_IGNORED },
	{ .name = NULL },
};

static const struct schema_row globals_rows[] = {
	{ "mood", "of the test", .type = SCHEMA_TEXT, .service = SCHEMA_IGNORED },
	{ .name = NULL },
};

static void
make(struct compile *c, const struct compile_section *s, void *part, void *obj)
{
	struct box *b = part;

	if (b->n < 4)
		memcpy(&b->thing[b->n], obj, sizeof b->thing[0]);
	b->n++;
	for (const struct compile_value *v = compile_doc_first(c, s, "items"); v != NULL;
	     v = compile_doc_next(c, v))
		b->items = b->items * 10 + (unsigned)strlen(compile_doc_str(c, v));
}

static void
finish(struct compile *c, void *part)
{
	struct box *b = part;

	(void)c;
	b->finished++;
}

static const struct schema_section sections[] = {
	{ .type = "thing", .what = "a thing", .rows = rows, .bytes = sizeof(struct thing),
	  .named = true, .make = make },
	{ .type = "other", .what = "another", .rows = other_rows,
	  .service = SCHEMA_IGNORED },
	{ .type = "globals", .what = "", .rows = globals_rows },
	{ .type = NULL },
};

static const struct schema schema = {
	.name = "test", .sections = sections, .finish = finish,
};

static struct box box;

#define expect(text, ...)						\
	expect_bytes((text), strlen(text), (const char *const[]){ __VA_ARGS__ }, \
		     sizeof((const char *const[]){ __VA_ARGS__ }) / sizeof(char *))

static void
expect_bytes(const char *text, size_t n, const char *const *want, size_t nwant)
{
	compile_bytes(text, n, &schema, &box, sizeof box);
	check_said(want, (unsigned)nwant);
}

static void
expect_good(const char *text)
{
	expect_bytes(text, strlen(text), NULL, 0);
}

/* One option in a section that lacks nothing else; its value begins at 3:LENGTH. */
static void
one(const char *option, const char *value)
{
	char text[1024];

	snprintf(text, sizeof text, "config thing 'a'\noption number 5\noption %s %s\n",
		 option, value);
	compile_bytes(text, strlen(text), &schema, &box, sizeof box);
}

static void
says(const char *option, const char *value, const char *want)
{
	one(option, value);
	check_said(&want, 1);
}

static void
quiet(const char *option, const char *value)
{
	one(option, value);
	check_said(NULL, 0);
}

static void
defaults_hold_where_nothing_is_given(void **state)
{
	const struct thing *t = &box.thing[0];

	(void)state;
	expect_good("config thing 'a'\n\toption number '9'\n");
	assert_int_equal(box.n, 1);
	assert_int_equal(box.finished, 1);
	assert_string_equal(t->name, "a");
	assert_false(t->flag);
	assert_true(t->on);
	assert_int_equal(t->number, 9);
	assert_int_equal(t->level, -1);
	assert_int_equal(t->time_us, 1500000);
	assert_int_equal(t->colour, 2);
	assert_string_equal(t->text, "");
	assert_int_equal(t->addr.family, 0);
	assert_int_equal(t->script, CONF_NO_SCRIPT);
	assert_int_equal(result.sections, 1);
}

static void
all_ten_words_of_a_boolean(void **state)
{
	static const char *const yes[] = { "1", "yes", "on", "true", "enabled" };
	static const char *const no[] = { "0", "no", "off", "false", "disabled" };

	(void)state;
	for (unsigned i = 0; i < 5; i++) {
		quiet("flag", yes[i]);
		assert_true(box.thing[0].flag);
		quiet("on", no[i]);
		assert_false(box.thing[0].on);
	}
	says("flag", "maybe", "3:13: error: 'maybe' is neither yes nor no; flag takes 1, yes");
	says("flag", "'2'", "3:13: error: '2' is neither yes nor no");
	says("flag", "Yes", "3:13: error: 'Yes' is neither");
}

static void
an_alias_is_the_opposite(void **state)
{
	(void)state;
	quiet("off", "1");
	assert_false(box.thing[0].on);
	quiet("off", "0");
	assert_true(box.thing[0].on);
	expect("config thing a\no number 1\no on 1\no off 0\n",
	       "4:7: error: off and on are two words for one thing");
}

static void
numbers_at_both_ends_of_their_range(void **state)
{
	(void)state;
	expect_good("config thing a\no number 1\no level -253\n");
	assert_int_equal(box.thing[0].number, 1);
	assert_int_equal(box.thing[0].level, -253);
	expect_good("config thing a\no number 255\no level 253\n");
	assert_int_equal(box.thing[0].number, 255);
	assert_int_equal(box.thing[0].level, 253);
	expect("config thing a\no number 0\n",
	       "2:10: error: '0' is out of range; number takes 1..255");
	expect("config thing a\no number 256\n", "2:10: error: '256' is out of range");
	says("level", "-254", "3:14: error: '-254' is out of range; level takes -253..253 dB");
	says("level", "254", "3:14: error: '254' is out of range");
	says("level", "1x", "3:14: error: '1x' is not a whole number; level takes -253");
	says("level", "1.5", "3:14: error: '1.5' is not a whole number");
	says("level", "99999999999999999999", "3:14: error: '99999999999999999999' is out of range");
	says("level", "' 1'", "3:14: error: ' 1' is not a whole number");
}

static void
seconds_with_fractions(void **state)
{
	(void)state;
	quiet("time", "0.01");
	assert_int_equal(box.thing[0].time_us, 10000);
	quiet("time", "40.95");
	assert_int_equal(box.thing[0].time_us, 40950000);
	quiet("time", "2");
	assert_int_equal(box.thing[0].time_us, 2000000);
	quiet("time", "0.123456");
	assert_int_equal(box.thing[0].time_us, 123456);
	says("time", "0.009999", "3:13: error: '0.009999' is out of range; time takes "
	     "0.01..40.95 s");
	says("time", "40.950001", "3:13: error: '40.950001' is out of range");
	says("time", "0.1234567", "3:13: error: '0.1234567' is not a number of seconds");
	says("time", "-1", "3:13: error: '-1' is out of range");
	says("time", "1s", "3:13: error: '1s' is not a number of seconds");
}

static void
words_of_a_list_of_words(void **state)
{
	(void)state;
	quiet("colour", "red");
	assert_int_equal(box.thing[0].colour, 1);
	says("colour", "gren", "3:15: error: 'gren' is unknown, did you mean 'green'?; colour "
	     "takes red or green");
	says("colour", "x", "3:15: error: 'x' is not one of its words; colour takes red or");
	says("colour", "blue", "3:15: error: colour 'blue': it is too dark");
	says("colour", "Red", "3:15: error: 'Red' is unknown, did you mean 'red'?");
}

static void
texts_and_names(void **state)
{
	(void)state;
	quiet("text", "'a b c d'");
	assert_string_equal(box.thing[0].text, "a b c d");
	says("text", "12345678", "3:13: error: '12345678' is too long; text takes text of 1 to "
	     "7 characters");
	says("text", "'a\tb'", "3:13: error: 'a?b' has control characters");
	says("secret", "123456789", "3:15: error: '(not shown)' is too long");
	expect("config thing\no number 1\no name 'a b'\n",
	       "3:8: error: 'a b' has white space in it; name takes a name of 1 to 31");
	expect_good("config thing\no number 1\no name 1234567890123456789012345678901\n");
	expect("config thing\no number 1\no name 12345678901234567890123456789012\n",
	       "3:8: error: '12345678901234567890123456789012' is too long");
}

static void
addresses(void **state)
{
	(void)state;
	quiet("addr4", "192.0.2.1");
	assert_int_equal(box.thing[0].addr4.family, AF_INET);
	quiet("addr", "192.0.2.1");
	quiet("prefix", "192.0.2.1/24");
	assert_int_equal(box.thing[0].prefix.len, 24);
	quiet("prefix", "192.0.2.1");
	assert_int_equal(box.thing[0].prefix.len, 32);
	says("addr", "192.0.2.256", "3:13: error: '192.0.2.256' is not an IP address; addr "
	     "takes an IP address");
	says("prefix", "192.0.2.1/33", "3:15: error: '192.0.2.1/33' is not an IP address with "
	     "a prefix length");
	says("addr", "192.0.2.1/24", "3:13: error: '192.0.2.1/24' is not an IP address");
	if (!IS_ENABLED(CONFIG_IPV6)) {
		says("addr", "fe80::1", "3:13: error: this build has no IPv6");
		return;
	}
	quiet("addr", "fe80::1");
	assert_int_equal(box.thing[0].addr.family, AF_INET6);
	says("addr4", "fe80::1", "3:14: error: 'fe80::1' is an IPv6 address; addr4 takes an "
	     "IPv4 address");
}

static void
interface_names(void **state)
{
	(void)state;
	quiet("dev", "eth0");
	assert_string_equal(box.thing[0].dev, "eth0");
	quiet("dev", "123456789012345");
	quiet("dev", "br-lan.7@x");
	says("dev", "1234567890123456", "3:12: error: '1234567890123456' is not the name of an "
	     "interface; dev takes the name of an interface, at most 15");
	says("dev", "a/b", "3:12: error: 'a/b' is not the name");
	says("dev", "eth0:1", "3:12: error: 'eth0:1' is not the name");
	says("dev", "..", "3:12: error: '..' is not the name");
	says("dev", "'a b'", "3:12: error: 'a b' is not the name");
}

static void
a_missing_quote_is_guessed(void **state)
{
	(void)state;
	expect("config thing 'a'\no number '1\no level '5'\n",
	       "2:10: error: the quote that begins here never ends");
	expect("config thing 'a'\no number '1\no level 5'\n",
	       "2:10: error: '1?o level 5' is not a whole number; number takes 1..255 (the "
	       "quote runs over the line's end: is one missing?)");
}

static void
a_value_is_shown_in_whole_characters(void **state)
{
	char text[96] = "x", out[COMPILE_SHOWN];

	(void)state;
	for (size_t i = 0; i < 40; i++)
		memcpy(text + 1 + 2 * i, "\xc3\xa9", 3);
	(void)compile_value_shown(text, strlen(text), out);
	assert_int_equal(strlen(out), 1 + 2 * 21 + 3);
	assert_string_equal(out + 41, "\xc3\xa9...");
	/* What a terminal would obey, and what is no character. */
	assert_string_equal(compile_value_shown("a\xc2\x9bz\x9b\xff\x1b", 7, out), "a??z???");
	/* A word that ends within a character that goes on behind it. */
	assert_string_equal(compile_value_shown("a\xc3\xa9", 2, out), "a?");
}

static void
a_long_value_is_shown_cut(void **state)
{
	char text[96], out[COMPILE_SHOWN];

	(void)state;
	memset(text, 'x', sizeof text);
	for (size_t n = 0; n < sizeof text; n++) {
		memset(out, 'y', sizeof out);
		assert_ptr_equal(compile_value_shown(text, n, out), out);
		assert_int_equal(strlen(out), n < COMPILE_SHOWN ? n : COMPILE_SHOWN - 1);
		assert_true(n < COMPILE_SHOWN || strcmp(out + strlen(out) - 3, "...") == 0);
	}
}

static void
unknown_words_get_the_nearest_known_one(void **state)
{
	(void)state;
	expect("config thnig a\n", "1:8: error: unknown section type 'thnig': did you mean "
	       "'thing'?");
	expect("config zzzzzz a\no x y\n", "1:8: error: unknown section type 'zzzzzz': `upkeep");
	says("nubmer", "1", "3:8: error: unknown option 'nubmer' in section thing: did you mean "
	     "'number'?");
	says("zzzzzz", "1", "3:8: error: unknown option 'zzzzzz' in section thing: `upkeepctl");
	expect("optoin a b\n", "1:1: error: 'optoin' is not a keyword: a line begins with "
	       "config, option or list; did you mean 'option'?");
}

static void
options_of_globals_come_from_several_schemas(void **state)
{
	(void)state;
	expect("config globals 'globals'\no router_id x\no mood y\no moood z\no enabled 0\n",
	       "3:3: warning: mood of globals is not served by this build: ignored",
	       "4:3: error: unknown option 'moood' in section globals: did you mean 'mood'?");
	assert_string_equal(core.router_id, "x");
	assert_false(core.enabled);
}

static void
what_is_required_is_missed(void **state)
{
	(void)state;
	expect("config thing 'a'\n", "1:1: error: thing 'a' has no number, which must be given");
	expect("config thing\no number 1\n", "1:1: error: this thing has no name: write config "
	       "thing 'NAME'");
}

static void
options_that_are_not_served(void **state)
{
	(void)state;
	says("later", "x", "3:8: warning: later of thing is not served by this build: ignored");
	assert_int_equal(result.errors, 0);
	says("never", "x", "3:8: error: never of thing is not served by this build: it would "
	     "burn");
	says("maybe", "1", "3:8: warning: maybe of thing is not served");
	quiet("maybe", "0");		/* off is what it is anyway */
}

static void
sections_that_are_not_served_are_named_once(void **state)
{
	(void)state;
	expect("config other 'o1'\no size 1\no size 2\nconfig other\no name 'two'\n"
	       "o szie 3\nconfig other\n",
	       "1:8: warning: section other 'o1' is not served by this build: ignored",
	       "4:8: warning: section other 'two' is not served by this build: ignored",
	       "6:3: error: unknown option 'szie' in section other: did you mean 'size'?",
	       "7:8: warning: section other is not served by this build: ignored");
}

static void
a_section_given_again_goes_on(void **state)
{
	(void)state;
	expect_good("config thing a\no number 1\nconfig thing b\no number 2\nconfig thing a\n"
		    "o level 3\n");
	assert_int_equal(box.n, 2);
	assert_int_equal(box.thing[0].number, 1);
	assert_int_equal(box.thing[0].level, 3);
	expect("config thing globals\no number 1\nconfig globals globals\no router_id x\n",
	       "3:16: error: the name 'globals' is already that of a section thing in line 1");
}

static void
names_are_given_once(void **state)
{
	(void)state;
	expect("config thing\no name a\no number 1\nconfig thing a\no number 2\n",
	       "4:1: error: a second thing 'a': the first is in line 1");
	expect("config globals x\nconfig globals y\n",
	       "2:1: error: a second section globals: the first is in line 1");
}

static void
an_option_given_again_replaces(void **state)
{
	(void)state;
	expect("config thing a\no number 1\no level 4\no number 2\n",
	       "4:10: warning: number is given again: this one counts, not that of line 2");
	assert_int_equal(box.thing[0].number, 2);
	assert_int_equal(box.thing[0].level, 4);
	expect("config thing a\no number 1\no number ''\n",
	       "3:3: warning: number has no value: ignored");
	assert_int_equal(box.thing[0].number, 1);
	expect("config thing a\no number 1\no number\n",
	       "3:3: warning: number has no value: ignored");
}

static void
lists_collect_and_options_join_them(void **state)
{
	(void)state;
	expect_good("config thing a\no number 1\nl items x\nl items yy\no level 1\nl items zzz\n");
	assert_int_equal(box.items, 123);
	expect_good("config thing a\no number 1\no items x\nl items yy\n");
	assert_int_equal(box.items, 12);
	expect("config thing a\no number 1\nl items x\nl items yy\no items zzz\no level 2\n",
	       "5:9: warning: items is given again");
	assert_int_equal(box.items, 3);
	assert_int_equal(box.thing[0].level, 2);
	expect_good("config thing a\nl number 1\n");
	assert_int_equal(box.thing[0].number, 1);
	expect("config thing a\nl number 1\nl number 2\n",
	       "3:10: error: number takes one value, not a list");
	expect_good("config thing a\no number 1\nl items ''\nl items xx\n");
	assert_int_equal(box.items, 2);		/* lengths 0, 2 */
}

static void
complaints_come_in_the_order_of_the_text(void **state)
{
	(void)state;
	expect("config thing a\no xyz 1\no level x\no flag y\nconfig thnig b\nconfig thing c\n"
	       "o number z\n",
	       "1:1: error: thing 'a' has no number",
	       "2:3: error: unknown option 'xyz'",
	       "3:9: error: 'x' is not a whole number",
	       "4:8: error: 'y' is neither yes nor no",
	       "5:8: error: unknown section type",
	       "7:10: error: 'z' is not a whole number");
	assert_int_equal(result.errors, 6);
}

/* `n` sections with an option that nobody knows, then the text `tail`. */
static char *
many(unsigned n, const char *line, const char *tail)
{
	char *text = malloc(64 + n * 64u + strlen(tail));
	size_t at = (size_t)sprintf(text, "config thing a\no number 1\n");

	for (unsigned i = 0; i < n; i++)
		at += (size_t)sprintf(text + at, line, i);
	strcpy(text + at, tail);
	return text;
}

static void
the_list_of_complaints_is_bounded(void **state)
{
	char *text = many(CONFIG_CONF_ERRORS + 8, "o x%u y\n", "");

	(void)state;
	compile_bytes(text, strlen(text), &schema, &box, sizeof box);
	assert_int_equal(result.errors, CONFIG_CONF_ERRORS + 8);
	assert_int_equal(result.unsaid, 8);
	assert_int_equal(nsaid, CONFIG_CONF_ERRORS + 1);
	assert_string_equal(said[CONFIG_CONF_ERRORS], "error: 8 more complaints are not listed");
	assert_non_null(strstr(said[0], "3:3: error"));
	free(text);
}

static void
an_error_is_listed_before_any_warning(void **state)
{
	char *text = many(CONFIG_CONF_ERRORS + 8, "o later %u\n", "o level x\n");

	(void)state;
	compile_bytes(text, strlen(text), &schema, &box, sizeof box);
	assert_int_equal(result.errors, 1);
	assert_int_equal(result.warnings, CONFIG_CONF_ERRORS + 8);
	assert_int_equal(result.unsaid, 9);
	assert_non_null(strstr(said[CONFIG_CONF_ERRORS - 1], "error: 'x' is not a whole"));
	free(text);
}

static void
a_warning_makes_room_for_an_error(void **state)
{
	char *text = many(CONFIG_CONF_ERRORS, "o x%u y\n", "");
	char *with = malloc(strlen(text) + 32);

	(void)state;
	sprintf(with, "config other\n%s", text);
	compile_bytes(with, strlen(with), &schema, &box, sizeof box);
	assert_int_equal(result.errors, CONFIG_CONF_ERRORS);
	assert_int_equal(result.warnings, 1);
	assert_int_equal(result.unsaid, 1);
	for (unsigned i = 0; i < CONFIG_CONF_ERRORS; i++)
		assert_null(strstr(said[i], "warning"));
	free(with);
	free(text);
}

static void
a_full_table_names_its_symbol(void **state)
{
	char *text = malloc(64u * (CONFIG_CONF_VALUES + 2));
	size_t at = 0;

	(void)state;
	for (unsigned i = 0; i <= CONFIG_CONF_SECTIONS; i++)
		at += (size_t)sprintf(text + at, "config thing a%u\no number 1\n", i);
	compile_bytes(text, at, &schema, &box, sizeof box);
	assert_int_equal(result.errors, 1);
	assert_non_null(strstr(said[0], "raise CONFIG_CONF_SECTIONS"));

	at = (size_t)sprintf(text, "config thing a\no number 1\n");
	for (unsigned i = 0; i < CONFIG_CONF_VALUES; i++)
		at += (size_t)sprintf(text + at, "l items %u\n", i);
	compile_bytes(text, at, &schema, &box, sizeof box);
	assert_int_equal(result.errors, 1);
	assert_non_null(strstr(said[0], "raise CONFIG_CONF_VALUES"));
	free(text);
}

static void
full_text_names_its_symbol(void **state)
{
	const unsigned per = CONFIG_UCI_WORD - 8;
	char *text = malloc(CONFIG_CONF_TEXT * 2u + 4096);
	size_t at = (size_t)sprintf(text, "config thing a\no number 1\n");

	(void)state;
	for (unsigned n = 0; n <= CONFIG_CONF_TEXT; n += per) {
		at += (size_t)sprintf(text + at, "l items ");
		memset(text + at, 'x', per);
		at += per;
		text[at++] = '\n';
	}
	compile_bytes(text, at, &schema, &box, sizeof box);
	assert_int_equal(result.errors, 1);
	assert_non_null(strstr(said[0], "raise CONFIG_CONF_TEXT"));
	free(text);
}

static void
a_long_word_names_its_symbol(void **state)
{
	char text[CONFIG_UCI_WORD + 64];

	(void)state;
	strcpy(text, "config thing a\no number 1\no text ");
	memset(text + strlen(text), 'x', CONFIG_UCI_WORD + 1);
	text[33 + CONFIG_UCI_WORD + 1] = '\0';
	expect(text, "3:8: error: a word of more than ");
	assert_non_null(strstr(said[0], "raise CONFIG_UCI_WORD"));
}

static void
a_megabyte_takes_no_time(void **state)
{
	static const char *const lines[] = {
		"config thing a%u\n", "o x%u y\n", "l items %u\n", "o level %u\n", "x %u\n",
		"config other %u\n",
	};
	const unsigned n = 60000;

	(void)state;
	for (unsigned i = 0; i < PORT_ARRAY_SIZE(lines); i++) {
		char *text = many(n, lines[i], "");

		compile_bytes(text, strlen(text), &schema, &box, sizeof box);
		assert_true(result.errors + result.warnings > 0);
		assert_true(nsaid <= CONFIG_CONF_ERRORS + 1);
		free(text);
	}
}

static void
a_binary_file_is_one_line(void **state)
{
	static const char bin[] = "config thing a\no x y\nzzz\n\0\1\2\nqqq\n";
	const char *want = "4:1: error: this is not a text file";

	(void)state;
	expect_bytes(bin, sizeof bin, &want, 1);
	assert_int_equal(result.errors, 1);
}

static void
nothing_configured_is_a_warning(void **state)
{
	(void)state;
	expect("", "warning: nothing is configured here");
	expect("# c\n", "warning: nothing is configured here");
	expect_good("config globals g\no enabled 0\n");
}

static void
a_faulty_section_line_takes_its_options_along(void **state)
{
	(void)state;
	expect("config thing a\no number 1\nconfig 'b c' d\no level x\nconfg thing e\no level y\n",
	       "3:8: error: a section type has printable ASCII characters only",
	       "5:1: error: 'confg' is not a keyword");
	assert_int_equal(box.thing[0].level, -1);
}

static void
core_has_its_defaults(void **state)
{
	(void)state;
	expect_good("config thing a\no number 1\n");
	assert_true(core.enabled);
	assert_int_equal(core.hello_us, 5000000);
	assert_true(core.router_id[0] != '\0');
	expect_good("config globals g\no watchdog_interval 0.1\no enabled 0\n");
	assert_int_equal(core.hello_us, 100000);
	expect("config globals g\no watchdog_interval 0.09\no enabled 0\n",
	       "2:21: error: '0.09' is out of range; watchdog_interval takes 0.1..60 s");
	expect("config globals g\no script_user nobody_knows\no enabled 0\n",
	       "2:15: error: there is no user 'nobody_knows' in /etc/passwd");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults_hold_where_nothing_is_given),
		cmocka_unit_test(all_ten_words_of_a_boolean),
		cmocka_unit_test(an_alias_is_the_opposite),
		cmocka_unit_test(numbers_at_both_ends_of_their_range),
		cmocka_unit_test(seconds_with_fractions),
		cmocka_unit_test(words_of_a_list_of_words),
		cmocka_unit_test(texts_and_names),
		cmocka_unit_test(addresses),
		cmocka_unit_test(interface_names),
		cmocka_unit_test(a_missing_quote_is_guessed),
		cmocka_unit_test(a_value_is_shown_in_whole_characters),
		cmocka_unit_test(a_long_value_is_shown_cut),
		cmocka_unit_test(unknown_words_get_the_nearest_known_one),
		cmocka_unit_test(options_of_globals_come_from_several_schemas),
		cmocka_unit_test(what_is_required_is_missed),
		cmocka_unit_test(options_that_are_not_served),
		cmocka_unit_test(sections_that_are_not_served_are_named_once),
		cmocka_unit_test(a_section_given_again_goes_on),
		cmocka_unit_test(names_are_given_once),
		cmocka_unit_test(an_option_given_again_replaces),
		cmocka_unit_test(lists_collect_and_options_join_them),
		cmocka_unit_test(complaints_come_in_the_order_of_the_text),
		cmocka_unit_test(the_list_of_complaints_is_bounded),
		cmocka_unit_test(an_error_is_listed_before_any_warning),
		cmocka_unit_test(a_warning_makes_room_for_an_error),
		cmocka_unit_test(a_full_table_names_its_symbol),
		cmocka_unit_test(full_text_names_its_symbol),
		cmocka_unit_test(a_long_word_names_its_symbol),
		cmocka_unit_test(a_megabyte_takes_no_time),
		cmocka_unit_test(a_binary_file_is_one_line),
		cmocka_unit_test(nothing_configured_is_a_warning),
		cmocka_unit_test(a_faulty_section_line_takes_its_options_along),
		cmocka_unit_test(core_has_its_defaults),
	};

	return cmocka_run_group_tests_name("compile", tests, 0, 0);
}
