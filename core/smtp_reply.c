/* SPDX-License-Identifier: MIT */
/* smtp_reply.c -- see smtp_reply.h. */
#include "smtp_reply.h"

#include <string.h>

const char *
smtp_reply_verdict_text(enum smtp_reply_verdict v)
{
	static const char *const text[SMTP_REPLY_VERDICT__N] = {
#define X(name, what) [SMTP_REPLY_##name] = what,
		SMTP_REPLY_VERDICTS(X)
#undef X
	};

	return (unsigned)v < SMTP_REPLY_VERDICT__N ? text[v] : "?";
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Moves what is behind the code to the front. */
static void
keep_text(struct smtp_reply *r)
{
	const uint16_t skip = r->n > 3 ? 4 : 3;

	r->n = (uint16_t)(r->n - skip);
	memmove(r->text, r->text + skip, r->n);
	r->text[r->n] = '\0';
	for (uint16_t i = 0; i < r->n; i++)
		if (r->text[i] < ' ' || r->text[i] > '~')
			r->text[i] = '?';
}

/* A line without its end is in text[0..n). */
static enum smtp_reply_verdict
judge(struct smtp_reply *r)
{
	const char *const t = r->text;

	if (r->n < 3 || t[0] < '2' || t[0] > '5' || !is_digit(t[1]) || !is_digit(t[2]))
		return SMTP_REPLY_CODE;
	if (r->n > 3 && t[3] != ' ' && t[3] != '-')
		return SMTP_REPLY_CODE;
	const uint16_t code =
		(uint16_t)(100 * (t[0] - '0') + 10 * (t[1] - '0') + (t[2] - '0'));
	const bool more = r->n > 3 && t[3] == '-';

	if (r->lines > 0 && code != r->code)
		return SMTP_REPLY_MIXED;
	if (r->lines == SMTP_REPLY_LINES)
		return SMTP_REPLY_LONG;
	r->code = code;
	r->lines++;
	keep_text(r);
	return more ? SMTP_REPLY_LINE : SMTP_REPLY_DONE;
}

enum smtp_reply_verdict
smtp_reply_take(struct smtp_reply *r, const uint8_t *p, size_t n, size_t *used)
{
	size_t i = 0;

	if (r->verdict == SMTP_REPLY_DONE)
		r->lines = 0;
	if (r->verdict == SMTP_REPLY_DONE || r->verdict == SMTP_REPLY_LINE) {
		r->verdict = SMTP_REPLY_MORE;
		r->n = r->seen = 0;
	}
	while (r->verdict == SMTP_REPLY_MORE && i < n) {
		const char c = (char)p[i++];

		if (++r->seen > SMTP_REPLY_BYTES) {
			r->verdict = SMTP_REPLY_LONG;
		} else if (c == '\n') {
			if (r->n > 0 && r->text[r->n - 1] == '\r')
				r->n--;
			r->verdict = (uint8_t)judge(r);
		} else if (r->n < SMTP_REPLY_TEXT - 1) {
			r->text[r->n++] = c;
		}
	}
	*used = i;
	return (enum smtp_reply_verdict)r->verdict;
}

static char
upper(char c)
{
	return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

bool
smtp_reply_has(const struct smtp_reply *r, const char *ext, const char **args)
{
	const size_t n = strlen(ext);

	*args = "";
	if (r->n < n)
		return false;
	for (size_t i = 0; i < n; i++)
		if (upper(r->text[i]) != upper(ext[i]))
			return false;
	if (r->text[n] != '\0' && r->text[n] != ' ')
		return false;
	*args = r->text + n + (r->text[n] == ' ');
	return true;
}
