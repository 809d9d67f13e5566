/* SPDX-License-Identifier: MIT */
/* uci.c -- the lexer of OpenWrt's UCI configuration text, strict.
 *
 * A state per byte.  A word is put together from bare, quoted and escaped pieces in
 * u->text; a statement is said at its end: newline, comment, `;` or end of file.
 */
#include "uci.h"

#include <string.h>

enum state {
	ST_START,			/* before a keyword */
	ST_KEY,				/* in a keyword */
	ST_GAP,				/* between words */
	ST_BARE,			/* in a word, outside quotes */
	ST_AFTER,			/* in a word, just behind a closing quote */
	ST_SINGLE,			/* in '...' */
	ST_DOUBLE,			/* in "..." */
	ST_ESCAPE,			/* behind a backslash */
	ST_COMMENT,			/* up to the end of the line */
	ST_LOST,			/* behind the `;` of `word;` */
};

static bool
is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Control characters that no text has; white space is text. */
static bool
is_binary(char c)
{
	const unsigned char b = (unsigned char)c;

	return (b < 0x20 && !is_space(c)) || b == 0x7f;
}

static bool
is_name(const struct uci_word *w)
{
	for (uint32_t i = 0; i < w->len; i++) {
		const char c = w->s[i];

		if ((c < '0' || c > '9') && (c < 'A' || c > 'Z') &&
		    (c < 'a' || c > 'z') && c != '_')
			return false;
	}
	return true;
}

static bool
is_type(const struct uci_word *w)
{
	for (uint32_t i = 0; i < w->len; i++)
		if (w->s[i] < 0x21 || w->s[i] > 0x7e)
			return false;
	return true;
}

static void
fault_word(struct uci *u, enum uci_fault f, const struct uci_word *w)
{
	struct uci_event e = { .kind = UCI_FAULT, .fault = f, .at = w->at, .word = { *w } };

	e.word[1].s = "";
	u->event(u->ctx, &e);
}

static void
fault(struct uci *u, enum uci_fault f, struct uci_pos at)
{
	fault_word(u, f, &(struct uci_word){ .s = "", .at = at });
}

/* A section line that is not understood: its options must not be taken for
 * those of the section before. */
static void
lost_section(struct uci *u)
{
	struct uci_event e = { .kind = UCI_CONFIG, .at = u->keyword };

	e.word[0].s = e.word[1].s = "";
	u->section = true;
	u->event(u->ctx, &e);
}

static void
word_begin(struct uci *u, uint32_t body)
{
	u->words++;
	if (u->words > UCI_WORDS) {
		if (u->words == UCI_WORDS + 1)
			fault(u, UCI_FAULT_EXTRA, u->now);
		return;
	}

	struct uci_word *w = &u->word[u->words - 1];

	w->s = u->text + u->used;
	w->len = 0;
	w->at = u->now;
	w->end_line = u->now.line;
	w->body = body;
	w->present = true;
	u->text[u->used++] = '\0';
}

/* The word under way, NULL when it is one too many. */
static struct uci_word *
word_now(struct uci *u)
{
	return u->words <= UCI_WORDS ? &u->word[u->words - 1] : NULL;
}

static void
word_byte(struct uci *u, char c)
{
	struct uci_word *w = word_now(u);

	if (w == NULL)
		return;
	w->end_line = u->now.line;
	if (w->len == CONFIG_UCI_WORD) {
		if (!u->cut)
			fault(u, UCI_FAULT_LONG, w->at);
		u->cut = true;
		return;
	}
	u->text[u->used - 1] = c;
	u->text[u->used++] = '\0';
	w->len++;
}

/* From here on the word's bytes are not the file's any more. */
static void
word_bend(struct uci *u)
{
	struct uci_word *w = word_now(u);

	if (w != NULL)
		w->body = 0;
}

static void
reset(struct uci *u)
{
	u->state = ST_START;
	u->words = 0;
	u->keylen = 0;
	u->key[0] = '\0';
	u->used = 0;
	u->cut = false;
	for (unsigned i = 0; i < UCI_WORDS; i++)
		u->word[i] = (struct uci_word){ .s = "" };
}

static void
say_section(struct uci *u, struct uci_event *e)
{
	const struct uci_word *type = &e->word[0], *name = &e->word[1];

	if (type->len == 0)
		fault(u, UCI_FAULT_MISSING, type->present ? type->at : u->now);
	else if (!is_type(type))
		fault(u, UCI_FAULT_TYPE, type->at);
	if (type->len == 0 || !is_type(type)) {
		lost_section(u);
		return;
	}
	if (!is_name(name))
		fault(u, UCI_FAULT_NAME, name->at);
	u->section = true;
	u->event(u->ctx, e);
}

static void
say_option(struct uci *u, struct uci_event *e)
{
	const struct uci_word *name = &e->word[0];

	if (name->len == 0)
		fault(u, UCI_FAULT_MISSING, name->present ? name->at : u->now);
	else if (!is_name(name))
		fault_word(u, UCI_FAULT_NAME, name);
	else if (!u->section)
		fault(u, UCI_FAULT_ORPHAN, e->at);
	else
		u->event(u->ctx, e);
}

/* The statement is complete; u->now is where it ends. */
static void
say(struct uci *u)
{
	struct uci_event e = { .at = u->keyword };
	memcpy(e.word, u->word, sizeof e.word);
	switch (u->key[0]) {
	case 'c':
		e.kind = UCI_CONFIG;
		if (!u->cut)
			say_section(u, &e);
		else
			lost_section(u);
		break;
	case 'o':
	case 'l':
		e.kind = u->key[0] == 'o' ? UCI_OPTION : UCI_LIST;
		if (!u->cut)
			say_option(u, &e);
		break;
	default:			/* package: one file holds one, ignored */
		if (!u->cut && e.word[0].len == 0)
			fault(u, UCI_FAULT_MISSING, u->now);
		break;
	}
	reset(u);
}

/* The keywords, and the abbreviations that uci takes. */
static bool
is_keyword(const char *key)
{
	static const char *const words[] = {
		"package", "p", "config", "c", "option", "o", "list", "l",
	};

	for (size_t i = 0; i < PORT_ARRAY_SIZE(words); i++)
		if (words[i][0] == key[0] && strcmp(words[i], key) == 0)
			return true;
	return false;
}

/* The keyword is complete; `end` when its line ends too. */
static void
key_done(struct uci *u, bool end)
{
	if (end && u->keylen > 0 && u->key[u->keylen - 1] == '\r')
		u->key[--u->keylen] = '\0';
	if (is_keyword(u->key)) {
		u->state = ST_GAP;
		if (end)
			say(u);
		return;
	}

	const char first = u->key[0];

	if (first == '\'' || first == '"')
		fault(u, UCI_FAULT_QUOTED, u->keyword);
	else
		fault_word(u, UCI_FAULT_KEYWORD, &(struct uci_word){
			.s = u->key, .len = u->keylen, .at = u->keyword,
			.end_line = u->keyword.line, .present = true });
	if (first == 'c' || first == 'C')
		lost_section(u);
	reset(u);
	u->state = end ? ST_START : ST_COMMENT;
}

static void
key_byte(struct uci *u, char c)
{
	if (c == ' ' || c == '\t' || c == '\n') {
		key_done(u, c == '\n');
		return;
	}
	if (u->keylen < UCI_KEYWORD - 1) {
		u->key[u->keylen++] = c;
		u->key[u->keylen] = '\0';
	}
	if (u->offset == 2 && u->keylen == 3 &&
	    memcmp(u->key, "\xef\xbb\xbf", 3) == 0) {
		fault(u, UCI_FAULT_BOM, u->keyword);
		reset(u);
	}
}

static void
start_byte(struct uci *u, char c)
{
	if (is_space(c))
		return;
	if (c == '#') {
		u->state = ST_COMMENT;
		return;
	}
	u->keyword = u->now;
	u->state = ST_KEY;
	key_byte(u, c);
}

static void
open_quote(struct uci *u, char c, bool fresh)
{
	if (fresh)
		word_begin(u, u->now.column + 1);
	else
		word_bend(u);
	u->quote = u->now;
	u->state = c == '\'' ? ST_SINGLE : ST_DOUBLE;
}

/* A byte outside quotes, behind the keyword: ST_GAP, ST_BARE, ST_AFTER. */
static void
plain_byte(struct uci *u, char c)
{
	if (c == '\n') {
		say(u);
	} else if (is_space(c)) {
		u->state = ST_GAP;
	} else if (c == '#') {
		say(u);
		u->state = ST_COMMENT;
	} else if (c == ';') {
		const bool loses = u->state == ST_BARE;

		say(u);
		u->state = loses ? ST_LOST : ST_START;
		u->told = false;
	} else if (c == '\\') {
		u->before = u->state;
		u->carriage = false;
		u->state = ST_ESCAPE;
	} else if (c == '\'' || c == '"') {
		open_quote(u, c, u->state == ST_GAP);
	} else {
		if (u->state == ST_GAP)
			word_begin(u, u->now.column);
		else if (u->state == ST_AFTER)
			word_bend(u);
		word_byte(u, c);
		u->state = ST_BARE;
	}
}

/* A byte that a backslash makes literal. */
static void
escaped_byte(struct uci *u, char c)
{
	if (u->before == ST_GAP)
		word_begin(u, 0);
	word_bend(u);
	word_byte(u, c);
	u->state = u->before == ST_DOUBLE ? ST_DOUBLE : ST_BARE;
}

static void
quoted_byte(struct uci *u, char c)
{
	if (c == (u->state == ST_SINGLE ? '\'' : '"')) {
		u->state = ST_AFTER;
		return;
	}
	if (c == '\\' && u->state == ST_DOUBLE) {
		u->before = ST_DOUBLE;
		u->carriage = false;
		u->state = ST_ESCAPE;
		return;
	}
	if (c == '\n') {
		word_bend(u);
		if (u->over.line == 0)
			u->over = u->quote;
	}
	word_byte(u, c);
}

/* Backslash-newline, also with a carriage return between, joins two lines. */
static void
escape_byte(struct uci *u, char c)
{
	if (c == '\n') {
		u->state = u->before;
		if (u->before != ST_GAP)
			word_bend(u);
	} else if (u->carriage) {
		escaped_byte(u, '\r');
		if (u->state == ST_DOUBLE)
			quoted_byte(u, c);
		else
			plain_byte(u, c);
	} else if (c == '\r') {
		u->carriage = true;
	} else {
		escaped_byte(u, c);
	}
}

static void
lost_byte(struct uci *u, char c)
{
	if (c == '\n') {
		u->state = ST_START;
	} else if (c == '#') {
		u->state = ST_COMMENT;
	} else if (!is_space(c) && !u->told) {
		fault(u, UCI_FAULT_LOST, u->now);
		u->told = true;
	}
}

/* What ends a run of bytes that are all alike to a state; a bit for each state. */
#define AT(state)	(1u << (state))
#define ANY		(AT(ST_BARE) | AT(ST_SINGLE) | AT(ST_DOUBLE) | AT(ST_COMMENT))

static const uint16_t run_end[256] = {
	['\0'] = ANY, ['\n'] = ANY,
	[' '] = AT(ST_BARE), ['\t'] = AT(ST_BARE), ['\v'] = AT(ST_BARE),
	['\f'] = AT(ST_BARE), ['\r'] = AT(ST_BARE),
	['#'] = AT(ST_BARE), [';'] = AT(ST_BARE),
	['\\'] = AT(ST_BARE) | AT(ST_DOUBLE),
	['\''] = AT(ST_BARE) | AT(ST_SINGLE),
	['"'] = AT(ST_BARE) | AT(ST_DOUBLE),
};

/* Bytes that only lengthen a word or a comment. */
static size_t
word_run(struct uci *u, unsigned bit, const char *p, size_t n)
{
	struct uci_word *w = bit == AT(ST_COMMENT) ? NULL : word_now(u);
	size_t len = 0;

	if (w != NULL && n > CONFIG_UCI_WORD - w->len)
		n = CONFIG_UCI_WORD - w->len;
	while (len < n && !(run_end[(uint8_t)p[len]] & bit))
		len++;
	if (w != NULL && len > 0) {
		memcpy(u->text + u->used - 1, p, len);
		u->used += (uint32_t)len;
		u->text[u->used - 1] = '\0';
		w->len += (uint32_t)len;
		w->end_line = u->now.line;
	}
	return len;
}

/* Letters of a keyword. */
static size_t
key_run(struct uci *u, const char *p, size_t n)
{
	size_t len = 0;

	if (n > UCI_KEYWORD - 1u - u->keylen)
		n = UCI_KEYWORD - 1u - u->keylen;
	while (len < n && p[len] >= 'a' && p[len] <= 'z')
		u->key[u->keylen++] = p[len++];
	u->key[u->keylen] = '\0';
	return len;
}

/* Takes the bytes at `p` that are all alike to the present state; returns how many.  What
 * byte() would do with each of them is the same, and they are most of any text. */
static size_t
take_run(struct uci *u, const char *p, size_t n)
{
	const unsigned bit = AT(u->state);
	size_t len = 0;

	if (bit & ANY)
		len = word_run(u, bit, p, n);
	else if (bit == AT(ST_KEY))
		len = key_run(u, p, n);
	u->now.column += (uint32_t)len;
	u->offset += (uint32_t)len;
	return len;
}

static void
byte(struct uci *u, char c)
{
	switch ((enum state)u->state) {
	case ST_START:
		start_byte(u, c);
		break;
	case ST_KEY:
		key_byte(u, c);
		break;
	case ST_GAP:
	case ST_BARE:
	case ST_AFTER:
		plain_byte(u, c);
		break;
	case ST_SINGLE:
	case ST_DOUBLE:
		quoted_byte(u, c);
		break;
	case ST_ESCAPE:
		escape_byte(u, c);
		break;
	case ST_COMMENT:
		if (c == '\n')
			u->state = ST_START;
		break;
	case ST_LOST:
		lost_byte(u, c);
		break;
	}
}

void
uci_begin(struct uci *u, void (*event)(void *ctx, const struct uci_event *e),
	  void *ctx)
{
	u->event = event;
	u->ctx = ctx;
	u->now = (struct uci_pos){ .line = 1, .column = 1 };
	u->over.line = 0;
	u->offset = 0;
	u->section = false;
	u->done = false;
	u->told = false;
	reset(u);
}

bool
uci_feed(struct uci *u, const char *p, size_t n)
{
	for (size_t i = 0; i < n && !u->done; i++) {
		i += take_run(u, p + i, n - i);
		if (i == n)
			break;

		const char c = p[i];
		const bool keyword = u->state == ST_START || u->state == ST_KEY;

		if (c == '\0' || (keyword && is_binary(c))) {
			fault(u, UCI_FAULT_BINARY, u->now);
			u->done = true;
			break;
		}
		byte(u, c);
		u->offset++;
		if (c == '\n') {
			u->now.line++;
			u->now.column = 1;
		} else {
			u->now.column++;
		}
	}
	return !u->done;
}

void
uci_end(struct uci *u)
{
	if (u->done)
		return;
	if (u->state == ST_ESCAPE)	/* of nothing: as if it were not there */
		u->state = u->before;
	switch ((enum state)u->state) {
	case ST_SINGLE:
	case ST_DOUBLE:
		/* A quote left out turns all later ones inside out: where the
		 * first one ran over a line's end is where to look. */
		fault(u, UCI_FAULT_QUOTE, u->over.line ? u->over : u->quote);
		break;
	case ST_KEY:
		key_done(u, true);
		break;
	case ST_GAP:
	case ST_BARE:
	case ST_AFTER:
		say(u);
		break;
	case ST_ESCAPE:
	case ST_START:
	case ST_COMMENT:
	case ST_LOST:
		break;
	}
	u->done = true;
}

const char *
uci_fault_text(enum uci_fault f)
{
	static const char *const text[] = {
#define UCI_TEXT(id, s)	[UCI_FAULT_##id] = s,
		UCI_FAULTS(UCI_TEXT)
#undef UCI_TEXT
	};

	return f < UCI_FAULT__N ? text[f] : "";
}
