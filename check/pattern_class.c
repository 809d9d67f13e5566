/* SPDX-License-Identifier: MIT */
/* pattern_class.c -- see pattern_class.h. */
#include "pattern_class.h"

#include <string.h>

static bool
between(unsigned c, unsigned low, unsigned high)
{
	return c >= low && c <= high;
}

static void
insert(struct pattern_class *set, unsigned c)
{
	set->bits[c >> 3] |= (uint8_t)(1 << (c & 7));
}

static bool
is_digit(unsigned c)
{
	return between(c, '0', '9');
}

static bool
is_lower(unsigned c)
{
	return between(c, 'a', 'z');
}

static bool
is_upper(unsigned c)
{
	return between(c, 'A', 'Z');
}

static bool
is_alpha(unsigned c)
{
	return is_lower(c | 0x20) && c < 0x80;
}

static bool
is_alnum(unsigned c)
{
	return is_alpha(c) || is_digit(c);
}

static bool
is_word(unsigned c)
{
	return is_alnum(c) || c == '_';
}

static bool
is_space(unsigned c)
{
	return c == ' ' || between(c, '\t', '\r');
}

static bool
is_blank(unsigned c)
{
	return c == ' ' || c == '\t';
}

static bool
is_xdigit(unsigned c)
{
	return is_digit(c) || between(c, 'a', 'f') || between(c, 'A', 'F');
}

static bool
is_graph(unsigned c)
{
	return between(c, '!', '~');
}

static bool
is_print(unsigned c)
{
	return between(c, ' ', '~');
}

static bool
is_punct(unsigned c)
{
	return is_graph(c) && !is_alnum(c);
}

static bool
is_cntrl(unsigned c)
{
	return c < ' ' || c == 0x7f;
}

static const struct {
	char escape;			/* \d; its capital is the opposite */
	char name[7];			/* [:digit:] */
	bool (*is)(unsigned c);
} kinds[] = {
	{ 'd', "digit", is_digit }, { 's', "space", is_space }, { 'w', "word", is_word },
	{ 0, "alpha", is_alpha }, { 0, "alnum", is_alnum }, { 0, "lower", is_lower },
	{ 0, "upper", is_upper }, { 0, "blank", is_blank }, { 0, "xdigit", is_xdigit },
	{ 0, "graph", is_graph }, { 0, "print", is_print }, { 0, "punct", is_punct },
	{ 0, "cntrl", is_cntrl },
};

static void
insert_kind(struct pattern_class *set, unsigned kind, bool opposite)
{
	for (unsigned c = 0; c < 256; c++)
		if (kinds[kind].is(c) != opposite)
			insert(set, c);
}

static int
hex(char c)
{
	if (is_digit((uint8_t)c))
		return c - '0';
	return is_xdigit((uint8_t)c) ? (c | 0x20) - 'a' + 10 : -1;
}

/* xHH. */
static bool
read_hex(const char *text, size_t n, size_t *at, uint8_t *letter)
{
	if (n - *at < 3 || hex(text[*at + 1]) < 0 || hex(text[*at + 2]) < 0)
		return false;
	*letter = (uint8_t)(16 * hex(text[*at + 1]) + hex(text[*at + 2]));
	*at += 3;
	return true;
}

enum pattern_class_escape
pattern_class_escape(const char *text, size_t n, size_t *at, uint8_t *letter,
		     struct pattern_class *set)
{
	static const char from[] = "tnrfvae0", to[] = "\t\n\r\f\v\a\033";

	if (*at >= n)
		return PATTERN_CLASS_NONE;

	const char c = text[*at];
	const char *const known = c ? strchr(from, c) : NULL;

	for (unsigned i = 0; i < 3; i++)
		if ((c | 0x20) == kinds[i].escape) {
			insert_kind(set, i, c != kinds[i].escape);
			++*at;
			return PATTERN_CLASS_SET;
		}
	if (c == 'x')
		return read_hex(text, n, at, letter) ? PATTERN_CLASS_LETTER :
						      PATTERN_CLASS_NONE;
	if (known == NULL && is_word((uint8_t)c))
		return PATTERN_CLASS_NONE;
	*letter = (uint8_t)(known ? to[known - from] : c);
	++*at;
	return PATTERN_CLASS_LETTER;
}

/* [:name:], at its inner colon; false: it is no such thing. */
static bool
read_name(const char *text, size_t n, size_t *at, struct pattern_class *set,
	  const char **why)
{
	const char *const begin = text + *at + 2;
	size_t len = 0;
	const bool opposite = *at + 2 < n && *begin == '^';

	if (n - *at < 2 || text[*at] != '[' || text[*at + 1] != ':')
		return false;
	while (*at + 2 + len + 1 < n && begin[len] != ']' && begin[len] != ':')
		len++;
	if (*at + 2 + len + 1 >= n || begin[len] != ':' || begin[len + 1] != ']')
		return false;
	for (unsigned i = 0; i < PORT_ARRAY_SIZE(kinds); i++) {
		const size_t k = strlen(kinds[i].name);

		if (len == k + opposite && memcmp(begin + opposite, kinds[i].name, k) == 0) {
			insert_kind(set, i, opposite);
			*at += 2 + len + 2;
			return true;
		}
	}
	*why = "no class of that name";
	return true;
}

/* One letter or, with its bits in `set`, an escape that is a set by itself. */
static const char *
read_item(const char *text, size_t n, size_t *at, struct pattern_class *set, int *letter)
{
	uint8_t c = (uint8_t)text[*at];

	*letter = -1;
	if (c != '\\') {
		++*at;
		*letter = c;
		return NULL;
	}
	++*at;
	/* Within a class \b is a backspace. */
	if (*at < n && text[*at] == 'b') {
		++*at;
		*letter = '\b';
		return NULL;
	}
	switch (pattern_class_escape(text, n, at, &c, set)) {
	case PATTERN_CLASS_LETTER:
		*letter = c;
		return NULL;
	case PATTERN_CLASS_SET:
		return NULL;
	case PATTERN_CLASS_NONE:
		break;
	}
	return "no such escape in a class";
}

/* a, a-z, \d: at least one byte of text. */
static const char *
read_range(const char *text, size_t n, size_t *at, struct pattern_class *set)
{
	const size_t begin = *at;
	int low, high;
	const char *why = read_item(text, n, at, set, &low);

	if (why || low < 0)
		return why;
	high = low;
	if (n - *at >= 2 && text[*at] == '-' && text[*at + 1] != ']') {
		++*at;
		why = read_item(text, n, at, set, &high);
		if (why)
			return why;
		if (high < low) {
			*at = begin;
			return high < 0 ? "a range to a class" :
					  "a range whose end is before its beginning";
		}
	}
	for (int c = low; c <= high; c++)
		insert(set, (unsigned)c);
	return NULL;
}

static void
fold(struct pattern_class *set)
{
	for (unsigned c = 'a'; c <= 'z'; c++) {
		const unsigned up = c - 'a' + 'A';

		if ((set->bits[c >> 3] >> (c & 7) | set->bits[up >> 3] >> (up & 7)) & 1) {
			insert(set, c);
			insert(set, up);
		}
	}
}

const char *
pattern_class_read(const char *text, size_t n, size_t *at, bool icase,
		   struct pattern_class *set)
{
	const bool opposite = *at < n && text[*at] == '^';
	size_t begin;

	memset(set, 0, sizeof *set);
	*at += opposite;
	/* A ] in front is a letter. */
	for (begin = *at; *at < n && (text[*at] != ']' || *at == begin); ) {
		const char *why = NULL;

		if (!read_name(text, n, at, set, &why))
			why = read_range(text, n, at, set);
		if (why)
			return why;
	}
	if (*at >= n)
		return "a [ without its ]";
	++*at;
	if (icase)
		fold(set);
	for (unsigned i = 0; i < sizeof set->bits; i++)
		set->bits[i] ^= opposite ? 0xff : 0;
	return NULL;
}
