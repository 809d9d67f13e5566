/* SPDX-License-Identifier: MIT */
/* check_smtp.c -- a mail server greets and accepts us: greeting, EHLO, else HELO, QUIT.
 *
 * It is up once it has accepted EHLO or HELO, with STARTTLS: under TLS (RFC 3207), so that
 * nothing that was said in clear counts.  Its farewell is waited for a moment, so that it
 * logs no lost connection, and not insisted on.  RFC 5321 3.1, 3.2, 4.1.1.1, 4.1.3.
 */
#include <sys/socket.h>

#include "checker.h"
#include "smtp_reply.h"
#include "strfmt.h"

#define FAREWELL_US	1000000		/* at most that for the reply to QUIT */

enum stage { GREETING, EHLO, HELO, STARTTLS, QUIT };

struct state {
	struct smtp_reply reply;
	uint8_t stage;
	bool offers_tls;		/* a line of the reply to EHLO */
	bool secure;			/* under TLS */
};

/* Who we are: as configured, else by our address, when that is known. */
static void
put_name(struct checker_run *run)
{
	const struct check_conf_check *const c = run->check;
	char text[NET_ADDR_TEXT];

	if (c->u.smtp.helo.at != 0) {
		wr_text(&run->out, check_conf_text(run->conf, c->u.smtp.helo));
	} else if (c->bind_addr.family != 0) {
		wr_text(&run->out, net_is_ip6(c->bind_addr.family) ? "[IPv6:" : "[");
		wr_text(&run->out, net_addr_text(&c->bind_addr, text));
		wr_text(&run->out, "]");
	} else {
		wr_text(&run->out, "localhost");
	}
}

static enum checker_step
say(struct checker_run *run, enum stage stage)
{
	struct state *const st = run->state;
	const int64_t third_us = run->check->timeout_us / 3;

	st->stage = (uint8_t)stage;
	if (stage == STARTTLS) {
		wr_text(&run->out, "STARTTLS\r\n");
		return CHECKER_MORE;
	}
	if (stage == QUIT) {
		wr_text(&run->out, "QUIT\r\n");
		run->wake_us = run->elapsed_us + (third_us < FAREWELL_US ? third_us : FAREWELL_US);
		return CHECKER_MORE;
	}
	wr_text(&run->out, stage == EHLO ? "EHLO " : "HELO ");
	put_name(run);
	wr_text(&run->out, "\r\n");
	if (run->out.bad)
		return checker_down(run, CHECKER_LOCAL, "helo_name is too long for CHECK_SEND");
	return CHECKER_MORE;
}

/* EHLO or HELO was accepted. */
static enum checker_step
greeted(struct checker_run *run)
{
	const struct state *const st = run->state;

	if (!run->check->tls_later || st->secure)
		return say(run, QUIT);
	if (st->offers_tls)
		return say(run, STARTTLS);
	return checker_down(run, CHECKER_TLS, "the server offers no STARTTLS");
}

/* A whole reply; the first digit decides (4.2.1). */
static enum checker_step
answer(struct checker_run *run, const struct smtp_reply *r)
{
	const struct state *const st = run->state;
	const unsigned want = st->stage == GREETING ? 220 : 250;

	switch ((enum stage)st->stage) {
	case GREETING:
		if (r->code == want)
			return say(run, EHLO);
		break;
	case EHLO:
		if (r->code >= 500)
			return say(run, HELO);
		if (r->code == want)
			return greeted(run);
		break;
	case HELO:
		if (r->code == want)
			return greeted(run);
		break;
	case STARTTLS:
		if (r->code == 220)
			return CHECKER_SECURE;
		return checker_down(run, CHECKER_TLS, "STARTTLS: %u %s", r->code, r->text);
	case QUIT:
		return CHECKER_UP;
	}
	return checker_down(run, CHECKER_STATUS, "%u %s", r->code, r->text);
}

/* One line of the reply to EHLO. */
static void
note_offer(struct state *st)
{
	const char *args;

	if (st->stage == EHLO)
		st->offers_tls |= smtp_reply_has(&st->reply, "STARTTLS", &args);
}

static enum checker_step
input(struct checker_run *run, const uint8_t *p, size_t n)
{
	struct state *const st = run->state;
	enum checker_step step = CHECKER_MORE;

	for (size_t used; n > 0 && step == CHECKER_MORE; p += used, n -= used) {
		const enum smtp_reply_verdict v = smtp_reply_take(&st->reply, p, n, &used);

		switch (v) {
		case SMTP_REPLY_MORE:
			break;
		case SMTP_REPLY_LINE:
			note_offer(st);
			break;
		case SMTP_REPLY_DONE:
			note_offer(st);
			/* What stands behind the reply to STARTTLS in clear is dropped. */
			step = answer(run, &st->reply);
			break;
		case SMTP_REPLY_CODE:
		case SMTP_REPLY_MIXED:
		case SMTP_REPLY_LONG:
		case SMTP_REPLY_VERDICT__N:
			if (st->stage == QUIT)
				return CHECKER_UP;
			return checker_down(run, v == SMTP_REPLY_LONG ? CHECKER_LONG :
					    CHECKER_PROTOCOL, "%s", smtp_reply_verdict_text(v));
		}
	}
	return step;
}

static enum checker_step
open_(struct checker_run *run)
{
	struct state *const st = run->state;

	if (st->stage != STARTTLS)
		return CHECKER_MORE;	/* the server speaks first */
	/* All that was learnt is forgotten (RFC 3207 4.2). */
	*st = (struct state){ .secure = true };
	return say(run, EHLO);
}

static enum checker_step
eof(struct checker_run *run)
{
	static const char *const behind[] = {
		"before its greeting", "after EHLO", "after HELO", "after STARTTLS",
	};
	const struct state *const st = run->state;

	if (st->stage == QUIT)
		return CHECKER_UP;
	return checker_down(run, CHECKER_CLOSED, "%s", behind[st->stage]);
}

static enum checker_step
tick(struct checker_run *run)
{
	(void)run;			/* only after QUIT */
	return CHECKER_UP;
}

const struct checker check_smtp = {
	.name = "smtp",
	.link = CHECKER_STREAM,
	.state_size = sizeof(struct state),
	.open = open_,
	.input = input,
	.eof = eof,
	.tick = tick,
};
