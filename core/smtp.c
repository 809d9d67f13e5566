/* SPDX-License-Identifier: MIT */
/* smtp.c -- a table of what is said next, and the few replies that decide it. */
#include "smtp.h"

enum stage {
	GREETING, EHLO, HELO, STARTTLS, AUTH_PLAIN, AUTH_LOGIN, LOGIN_USER, LOGIN_PASSWORD,
	MAIL, RCPT, DATA, CONTENT, OVER,
};

static const char *const reason_text[SMTP_REASON__N] = {
#define X(name, text) [SMTP_REASON_##name] = text,
	SMTP_REASONS(X)
#undef X
};

const char *
smtp_reason_text(enum smtp_reason reason)
{
	return reason_text[reason];
}

/* ---- saying ------------------------------------------------------------------------ */

static enum smtp_step
say(struct smtp *s, enum stage stage, struct wr *out, const char *verb, const char *arg,
    const char *end)
{
	wr_text(out, verb);
	wr_text(out, arg);
	wr_text(out, end);
	s->stage = (uint8_t)stage;
	return SMTP_MORE;
}

static void
put_base64(struct wr *out, const uint8_t *p, size_t n)
{
	static const char digit[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

	for (size_t at = 0; at < n; at += 3) {
		const size_t have = n - at < 3 ? n - at : 3;
		uint8_t three[3] = { 0 };

		memcpy(three, p + at, have);
		const uint32_t bits = (uint32_t)three[0] << 16 | three[1] * 256u | three[2];

		wr_u8(out, (uint8_t)digit[bits >> 18]);
		wr_u8(out, (uint8_t)digit[bits >> 12 & 63]);
		wr_u8(out, have > 1 ? (uint8_t)digit[bits >> 6 & 63] : '=');
		wr_u8(out, have > 2 ? (uint8_t)digit[bits & 63] : '=');
	}
}

static enum smtp_step
say_secret(struct smtp *s, enum stage stage, struct wr *out, const char *secret)
{
	put_base64(out, (const uint8_t *)secret, strlen(secret));
	return say(s, stage, out, "", "", "\r\n");
}

/* NUL user NUL password (RFC 4616). */
static enum smtp_step
say_plain(struct smtp *s, struct wr *out)
{
	uint8_t both[2 * SMTP_SECRET];
	struct wr w = wr_over(both, sizeof both);

	wr_u8(&w, 0);
	wr_text(&w, s->conf->user);
	wr_u8(&w, 0);
	wr_text(&w, s->conf->password);
	wr_text(out, "AUTH PLAIN ");
	put_base64(out, both, wr_len(&w));
	out->bad |= w.bad;
	return say(s, AUTH_PLAIN, out, "", "", "\r\n");
}

/* Lines end with CR LF, none is too long, and one that begins with a dot gets another (4.5.2);
 * what a mail may not hold becomes a question mark. */
static enum smtp_step
say_content(struct smtp *s, struct wr *out)
{
	unsigned column = 0;

	for (size_t i = 0; i < s->n; i++) {
		const char c = s->mail[i];

		if (c == '\n' || column == SMTP_TEXT_LINE) {
			wr_text(out, "\r\n");
			column = 0;
			if (c == '\n')
				continue;
		}
		if (c == '.' && column == 0) {
			wr_u8(out, '.');
			column++;
		}
		wr_u8(out, (c >= ' ' && c <= '~') || c == '\t' ? (uint8_t)c : '?');
		column++;
	}
	return say(s, CONTENT, out, column > 0 ? "\r\n" : "", "", ".\r\n");
}

/* ---- hearing ----------------------------------------------------------------------- */

/* The end, in order. */
static enum smtp_step
leave(struct smtp *s, struct wr *out, enum smtp_reason reason, enum smtp_step step)
{
	s->reason = (uint8_t)reason;
	(void)say(s, OVER, out, "QUIT\r\n", "", "");
	return step;
}

/* By the first digit (4.2.1): anything but 4yz will not change by itself. */
static enum smtp_step
refused(struct smtp *s, struct wr *out, enum smtp_reason reason)
{
	return leave(s, out, reason, s->reply.code / 100 == 4 ? SMTP_LATER : SMTP_NEVER);
}

/* Behind EHLO or HELO: TLS, then who we are, then the mail. */
static enum smtp_step
greeted(struct smtp *s, struct wr *out)
{
	if (s->conf->starttls && !s->secure)
		return s->offers_tls ? say(s, STARTTLS, out, "STARTTLS\r\n", "", "") :
				       leave(s, out, SMTP_REASON_NO_TLS, SMTP_NEVER);
	if (s->conf->user[0] == '\0')
		return say(s, MAIL, out, "MAIL FROM:<", s->conf->from, ">\r\n");
	if (s->secure && s->offers_plain)
		return say_plain(s, out);
	if (s->secure && s->offers_login)
		return say(s, AUTH_LOGIN, out, "AUTH LOGIN\r\n", "", "");
	return leave(s, out, SMTP_REASON_NO_AUTH, SMTP_NEVER);
}

static enum smtp_step
said_hello(struct smtp *s, struct wr *out, bool good)
{
	if (good)
		return greeted(s, out);
	/* A server of old knows HELO only (3.2, 4.1.1.1). */
	if (s->stage == EHLO && s->reply.code / 100 == 5)
		return say(s, HELO, out, "HELO ", s->conf->helo, "\r\n");
	return refused(s, out, SMTP_REASON_HELLO);
}

/* The next recipient that is to be named, from s->to on.  One that is taken is enough. */
static enum smtp_step
name_next(struct smtp *s, struct wr *out)
{
	while (s->to < s->conf->to_n && s->conf->skip & SMTP_BIT(s->who)) {
		s->to += (uint32_t)strlen(s->conf->to + s->to) + 1;
		s->who++;
	}
	if (s->to < s->conf->to_n)
		return say(s, RCPT, out, "RCPT TO:<", s->conf->to + s->to, ">\r\n");
	if (s->taken > 0)
		return say(s, DATA, out, "DATA\r\n", "", "");
	return leave(s, out, SMTP_REASON_RECIPIENT, s->later ? SMTP_LATER : SMTP_NEVER);
}

static enum smtp_step
named(struct smtp *s, struct wr *out, bool good)
{
	if (good)
		s->taken++;
	else
		s->refused++;
	if (s->reply.code / 100 == 4)
		s->later |= SMTP_BIT(s->who);
	s->to += (uint32_t)strlen(s->conf->to + s->to) + 1;
	s->who++;
	return name_next(s, out);
}

/* A whole reply. */
static enum smtp_step
decide(struct smtp *s, struct wr *out)
{
	const bool good = s->reply.code / 100 == 2, more = s->reply.code / 100 == 3;

	switch ((enum stage)s->stage) {
	case GREETING:
		return good ? say(s, EHLO, out, "EHLO ", s->conf->helo, "\r\n") :
			      refused(s, out, SMTP_REASON_GREETING);
	case EHLO:
	case HELO:
		return said_hello(s, out, good);
	case STARTTLS:
		return good ? SMTP_SECURE : refused(s, out, SMTP_REASON_NO_TLS);
	case AUTH_LOGIN:
		return more ? say_secret(s, LOGIN_USER, out, s->conf->user) :
			      refused(s, out, SMTP_REASON_AUTH);
	case LOGIN_USER:
		return more ? say_secret(s, LOGIN_PASSWORD, out, s->conf->password) :
			      refused(s, out, SMTP_REASON_AUTH);
	case AUTH_PLAIN:
	case LOGIN_PASSWORD:
		return good ? say(s, MAIL, out, "MAIL FROM:<", s->conf->from, ">\r\n") :
			      refused(s, out, SMTP_REASON_AUTH);
	case MAIL:
		return good ? name_next(s, out) : refused(s, out, SMTP_REASON_SENDER);
	case RCPT:
		return named(s, out, good);
	case DATA:
		return more ? say_content(s, out) : refused(s, out, SMTP_REASON_CONTENT);
	case CONTENT:
		return good ? leave(s, out, SMTP_REASON_NONE, SMTP_SENT) :
			      refused(s, out, SMTP_REASON_CONTENT);
	case OVER:
		break;
	}
	return SMTP_MORE;
}

/* Whether `word` (in capitals) is one of the words of `s`, of any case. */
static bool
has_word(const char *s, const char *word)
{
	while (*s != '\0') {
		size_t n = 0;

		while (word[n] != '\0' && (s[n] == word[n] || s[n] == word[n] + ('a' - 'A')))
			n++;
		if (word[n] == '\0' && (s[n] == '\0' || s[n] == ' '))
			return true;
		while (*s != '\0' && *s != ' ')
			s++;
		while (*s == ' ')
			s++;
	}
	return false;
}

/* One line of the reply to EHLO. */
static void
note_offer(struct smtp *s)
{
	const char *args = "";

	if (s->stage != EHLO)
		return;
	s->offers_tls |= smtp_reply_has(&s->reply, "STARTTLS", &args);
	if (!smtp_reply_has(&s->reply, "AUTH", &args))
		return;
	s->offers_plain |= has_word(args, "PLAIN");
	s->offers_login |= has_word(args, "LOGIN");
}

void
smtp_begin(struct smtp *s, const struct smtp_conf *conf, const char *mail, size_t n, bool secure)
{
	*s = (struct smtp){ .conf = conf, .mail = mail, .n = n, .secure = secure };
}

void
smtp_secured(struct smtp *s, struct wr *out)
{
	s->secure = true;
	s->offers_tls = s->offers_plain = s->offers_login = false;
	s->reply = (struct smtp_reply){ 0 };
	(void)say(s, EHLO, out, "EHLO ", s->conf->helo, "\r\n");
}

enum smtp_step
smtp_input(struct smtp *s, const uint8_t *p, size_t n, struct wr *out)
{
	enum smtp_step step = SMTP_MORE;

	while (n > 0 && step == SMTP_MORE && s->stage != OVER) {
		size_t used = 0;

		switch (smtp_reply_take(&s->reply, p, n, &used)) {
		case SMTP_REPLY_MORE:
			return SMTP_MORE;
		case SMTP_REPLY_LINE:
			note_offer(s);
			break;
		case SMTP_REPLY_DONE:
			note_offer(s);
			/* What stands behind the reply to STARTTLS in clear is dropped. */
			step = decide(s, out);
			break;
		case SMTP_REPLY_CODE:
		case SMTP_REPLY_MIXED:
		case SMTP_REPLY_LONG:
		case SMTP_REPLY_VERDICT__N:
			return leave(s, out, SMTP_REASON_REPLY, SMTP_LATER);
		}
		p += used;
		n -= used;
	}
	if (out->bad && step != SMTP_SENT) {
		s->reason = SMTP_REASON_LONG;
		return SMTP_NEVER;
	}
	return step;
}
