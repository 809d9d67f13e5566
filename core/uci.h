/* SPDX-License-Identifier: MIT */
/* uci.h -- the lexer of OpenWrt's UCI configuration text, strict.
 *
 * Pure: bytes in, events out through one callback; no file, no memory but the
 * caller's struct.  It accepts what the `uci` program accepts without -S, with three
 * exceptions, all of which `uci` takes in silence and loses text by: what follows `;`
 * after an unquoted word, bytes that are not text, and a quote that never ends.
 * It knows no section types and no options: that is schema.h's and compile.h's business,
 * as is what a repeated section or option means.
 *
 * The bytes may come in pieces of any size; the events do not depend on it.
 */
#ifndef UCI_H
#define UCI_H

#include "port.h"

#define UCI_WORDS	2		/* a statement's words after the keyword */
#define UCI_KEYWORD	16		/* bytes kept of a keyword, with NUL */

enum uci_kind {
	UCI_CONFIG,			/* word 0: type, word 1: name or "" */
	UCI_OPTION,			/* word 0: name, word 1: value or "" */
	UCI_LIST,			/* word 0: name, word 1: item or "" */
	UCI_FAULT,			/* text that is no statement */
};

/* Why a piece of text is refused, in no order.  FATAL ones end the reading. */
#define UCI_FAULTS(X)							\
	X(KEYWORD,  "not a keyword: a line begins with config, option or list") \
	X(QUOTED,   "the keyword of a line can't be quoted")		\
	X(BOM,	    "a byte order mark begins the file: save it as plain UTF-8 or ASCII") \
	X(BINARY,   "this is not a text file")				\
	X(MISSING,  "a word is missing here")				\
	X(EXTRA,    "one word too many: quote a value that has spaces")	\
	X(TYPE,	    "a section type has printable ASCII characters only") \
	X(NAME,	    "a name has letters, digits and '_' only")		\
	X(ORPHAN,   "this stands before the first section")		\
	X(LONG,	    "the word is too long")				\
	X(QUOTE,    "the quote that begins here never ends")		\
	X(LOST,	    "this is lost: put a space before ';'")

enum uci_fault {
#define UCI_ENUM(id, text)	UCI_FAULT_##id,
	UCI_FAULTS(UCI_ENUM)
#undef UCI_ENUM
	UCI_FAULT__N
};

/* Where something stands; both count from 1, a column is a byte, a tab is one. */
struct uci_pos {
	uint32_t line;
	uint32_t column;
};

struct uci_word {
	const char *s;			/* NUL-terminated, until the callback returns */
	uint32_t len;
	struct uci_pos at;		/* where it begins, its quote included */
	uint32_t end_line;		/* where it ends: later when it runs over lines */
	uint32_t body;			/* column of s[0] when the file's bytes are the
					 * word's, one by one on one line; else 0 */
	bool present;			/* false: the statement has no such word */
};

struct uci_event {
	enum uci_kind kind;
	enum uci_fault fault;		/* of UCI_FAULT */
	struct uci_pos at;		/* of the keyword, or of the fault */
	/* CONFIG whose type is "": the section's own line had a fault, its options
	 * belong to nothing.  FAULT_KEYWORD, and
	 * FAULT_NAME of an option: word 0 is what stood there. */
	struct uci_word word[UCI_WORDS];
};

struct uci {
	void (*event)(void *ctx, const struct uci_event *e);
	void *ctx;
	/* all below is private to uci.c */
	struct uci_pos now;		/* of the present byte */
	struct uci_pos keyword;		/* of the present statement */
	struct uci_pos quote;		/* that is open */
	struct uci_pos over;		/* first quote that ran over a line's end */
	uint32_t offset;		/* of the present byte in the file */
	uint8_t state;
	uint8_t before;			/* state that a backslash returns to */
	bool carriage;			/* the backslash was followed by \r */
	bool section;			/* a section has begun */
	bool done;			/* after BINARY: reads no more */
	bool cut;			/* a word of the statement was too long */
	bool told;			/* the lost tail had its fault */
	uint8_t words;			/* begun, the keyword not counted */
	uint8_t keylen;
	char key[UCI_KEYWORD];
	uint32_t used;			/* bytes in text */
	struct uci_word word[UCI_WORDS];
	char text[UCI_WORDS * (CONFIG_UCI_WORD + 1)];
};

void uci_begin(struct uci *u, void (*event)(void *ctx, const struct uci_event *e),
	       void *ctx);

/* The next `n` bytes.  Returns false when the file is not worth reading further. */
bool uci_feed(struct uci *u, const char *p, size_t n);

/* The end of the file: the last line may lack its newline. */
void uci_end(struct uci *u);

/* "a word is missing here", without a full stop. */
const char *uci_fault_text(enum uci_fault f);

#endif
