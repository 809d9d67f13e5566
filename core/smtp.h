/* SPDX-License-Identifier: MIT */
/* smtp.h -- one mail handed to a server: the dialogue of RFC 5321, as a machine over bytes.
 *
 * The caller owns the connection, TLS, time and what is tried again.  Greeting, EHLO (else HELO),
 * STARTTLS (RFC 3207), AUTH PLAIN or LOGIN (RFC 4954, under TLS only), MAIL, RCPT for each, DATA,
 * QUIT.  What is sent is appended to a cursor that must hold the whole mail.  Pure.
 */
#ifndef SMTP_H
#define SMTP_H

#include "cursor.h"
#include "smtp_reply.h"

#define SMTP_LINE	512		/* a command with its CR LF (4.5.3.1.4) */
#define SMTP_TEXT_LINE	998		/* a line of a mail without them (4.5.3.1.6) */
#define SMTP_SECRET	96		/* longest user and longest password, with NUL */

/* Room for a mail of `n` bytes: an empty line or one that begins with a dot grows to twice its
 * length; what is before it goes out alone. */
#define SMTP_ROOM(n)	(2 * (n) + SMTP_LINE)

enum smtp_step {
	SMTP_MORE,			/* waits for input */
	SMTP_SECURE,			/* TLS now, then smtp_secured() */
	SMTP_SENT,			/* the server has taken it, but for `refused` */
	SMTP_LATER,			/* not now (4yz): reason says what */
	SMTP_NEVER,			/* not so (5yz), whatever the time */
};

/* What the server did not like; the list is written once. */
#define SMTP_REASONS(X)							\
	X(NONE,	     "taken")						\
	X(GREETING,  "the server takes no mail")			\
	X(HELLO,     "the server refuses EHLO and HELO")		\
	X(NO_TLS,    "the server offers no STARTTLS, or refuses it")	\
	X(NO_AUTH,   "the server offers neither AUTH PLAIN nor AUTH LOGIN") \
	X(AUTH,	     "the server refuses user or password")		\
	X(SENDER,    "the server refuses the sender")			\
	X(RECIPIENT, "the server refuses every recipient")		\
	X(CONTENT,   "the server refuses the mail")			\
	X(REPLY,     "what the server says is not of the protocol")	\
	X(LONG,	     "the mail is longer than can be")

enum smtp_reason {
#define SMTP_ENUM(name, text)	SMTP_REASON_##name,
	SMTP_REASONS(SMTP_ENUM)
#undef SMTP_ENUM
	SMTP_REASON__N
};

/* Texts without control characters; the schema sees to it. */
struct smtp_conf {
	const char *helo;
	const char *from;		/* "": the null path */
	const char *to;			/* recipients, each with its NUL */
	size_t to_n;			/* bytes of them all */
	const char *user;		/* "": no AUTH */
	const char *password;
	bool starttls;			/* required */
	uint32_t skip;			/* recipients that are not to be named: SMTP_BIT */
};

/* The bit of recipient `i`; those behind the 31st have one in common. */
#define SMTP_BIT(i)	(UINT32_C(1) << ((i) < 31 ? (i) : 31))

struct smtp {
	const struct smtp_conf *conf;
	const char *mail;		/* headers, empty line, text; lines end with LF */
	size_t n;
	struct smtp_reply reply;
	uint8_t stage;
	uint8_t reason;			/* enum smtp_reason */
	bool secure;			/* under TLS */
	bool offers_tls, offers_plain, offers_login;
	uint32_t to;			/* offset of the recipient that was named */
	uint16_t who;			/* its number, from 0 */
	uint16_t taken, refused;	/* recipients */
	uint32_t later;			/* those that were refused for now (4yz): SMTP_BIT */
};

/* Begins: the server speaks first.  `secure`: the connection is under TLS already. */
void smtp_begin(struct smtp *s, const struct smtp_conf *conf, const char *mail, size_t n,
		bool secure);

/* Takes what the server said.  After SENT, LATER and NEVER nothing more is to be fed; the caller
 * closes, when what is in `out` (QUIT) has gone. */
port_must_check enum smtp_step smtp_input(struct smtp *s, const uint8_t *p, size_t n,
					  struct wr *out);

/* After SECURE: TLS is there.  All that was learnt is forgotten (RFC 3207 4.2). */
void smtp_secured(struct smtp *s, struct wr *out);

const char *smtp_reason_text(enum smtp_reason reason);

#endif
