/* SPDX-License-Identifier: MIT */
/* mail.c -- the queue, and one mail at a time on its way. */
#include "mail.h"

#include <string.h>

#include "core_log.h"
#include "core_pools.h"
#include "mail_text.h"
#include "smtp.h"
#include "stream.h"
#include "strfmt.h"
#include "wall.h"

#define HEADERS		(1024 + CONFIG_MAIL_TEXT / 8)	/* addresses are the larger part */
#define WAIT_US		(MONO_US_PER_S / 10)	/* for a TLS session */

/* The process's own; its pool has the mails. */
static struct {
	struct loop *loop;
	const struct conf_core *core;	/* NULL: nothing was applied */
	struct stream stream;
	bool ready;			/* the stream is initialised */
	struct tls *tls;
	struct smtp smtp;
	struct smtp_conf who;
	struct timer due;		/* the next mail, or the end of patience */
	struct mail *going;		/* the one on its way */
	enum smtp_step step;
	struct mail_stat stat;
	char text[CONFIG_MAIL_BYTES + HEADERS];
	uint8_t tx[SMTP_ROOM(CONFIG_MAIL_BYTES + HEADERS)];
	uint8_t out[SMTP_ROOM(CONFIG_MAIL_BYTES + HEADERS)];
} post;

static const char *
conf_text(uint32_t at)
{
	return (const char *)&post.core->mail.text[at];
}

/* ---- the queue --------------------------------------------------------------------- */

/* The one that is due first, NULL. */
static struct mail *
first(void)
{
	struct mail *best = NULL;

	for (uint32_t i = 0; i < mail_pool_end(); i++) {
		struct mail *const m = mail_pool_at(i);

		if (m && (!best || mono_before(m->due, best->due)))
			best = m;
	}
	return best;
}

static void
arm(void)
{
	const struct mail *const m = first();

	if (post.going)
		return;			/* the timer is its patience */
	if (m)
		timer_arm(&post.loop->timers, &post.due, m->due);
	else
		timer_stop(&post.loop->timers, &post.due);
}

static void
lose(struct mail *m, const char *why)
{
	post.stat.lost += m->count;
	log_put(CORE_LOG_MAIL_LOST, m->subject, m->count, why);
	pool_put(mail, m);
}

static void
lose_all(const char *why)
{
	for (struct mail *m; (m = first()) != NULL; )
		lose(m, why);
}

/* The mail that more lines may still join, NULL. */
static struct mail *
open_mail(void)
{
	for (uint32_t i = 0; i < mail_pool_end(); i++) {
		struct mail *const m = mail_pool_at(i);

		if (m && m->tries == 0 && m != post.going)
			return m;
	}
	return NULL;
}

static struct mail *
new_mail(const char *subject, struct mono now)
{
	struct mail *const m = pool_get(mail);

	if (!m)
		return NULL;
	strfmt_copy(m->subject, sizeof m->subject, subject, strlen(subject));
	m->due = mono_add(now, MAIL_JOIN_US);
	m->wall_us = wall_us();
	return m;
}

void
mail_put(const char *subject, const char *line, struct mono now)
{
	if (!post.core || !mail_wanted(post.core))
		return;
	struct mail *m = open_mail();
	char time[WALL_TEXT];

	if (!m)
		m = new_mail(subject, now);
	if (!m) {
		if (post.stat.lost++ == 0)
			log_put(CORE_LOG_MAIL_FULL, subject, CONFIG_MAIL_QUEUE);
		return;
	}
	struct strfmt s;

	m->count++;
	if (m->cut || m->n + WALL_TEXT + strlen(line) + 2 > sizeof m->lines) {
		m->cut++;
		return;
	}
	strfmt_init(&s, m->lines + m->n, sizeof m->lines - m->n);
	strfmt_put(&s, "%s %s\n", wall_text(wall_us(), time), line);
	m->n += (uint16_t)s.n;
	arm();
}

/* ---- the one on its way ------------------------------------------------------------ */

static void
hang_up(void)
{
	stream_close(&post.stream, false);
	if (post.tls)
		tls_put(post.tls);
	post.tls = NULL;
	post.going = NULL;
}

/* Another try later, or none. */
static void
failed(const char *why, bool for_good, struct mono now)
{
	struct mail *const m = post.going;
	int64_t wait_us = MAIL_FIRST_US;

	post.stat.failed++;
	strfmt_copy(post.stat.error, sizeof post.stat.error, why, strlen(why));
	hang_up();
	m->tries++;
	for (unsigned i = 1; i < m->tries && wait_us < MAIL_MOST_US; i++)
		wait_us *= 2;
	m->due = mono_add(now, wait_us);
	if (for_good || m->tries == MAIL_TRIES)
		lose(m, why);
	else
		log_put(CORE_LOG_MAIL_LATER, m->subject, why, (long long)(wait_us / 1000));
	arm();
}

/* Those who were refused for now hear of it later. */
static void
taken(struct mono now)
{
	post.stat.sent++;
	log_put(CORE_LOG_MAIL_SENT, post.going->subject, post.going->count,
		(unsigned)post.smtp.refused);
	if (post.smtp.later) {
		post.going->skip = ~post.smtp.later;
		failed("a recipient is refused for now", false, now);
		return;
	}
	pool_put(mail, post.going);
	hang_up();
	arm();
}

/* Who speaks to whom, by the running image. */
static void
introduce(const struct mail *m)
{
	const struct mail_conf *const c = &post.core->mail;

	post.who = (struct smtp_conf){
		.helo = conf_text(c->helo), .from = conf_text(c->from),
		.to = conf_text(c->to.at), .to_n = c->to.n,
		.user = conf_text(c->user), .password = conf_text(c->password),
		.starttls = c->tls_mode == MAIL_CONF_STARTTLS, .skip = m->skip,
	};
}

static size_t
write_text(const struct mail *m)
{
	const struct mail_text text = {
		.from = post.who.from, .to = post.who.to, .to_n = post.who.to_n,
		.host = post.who.helo, .router = post.core->router_id, .subject = m->subject,
		.lines = m->lines, .lines_n = m->n, .count = m->count, .cut = m->cut,
		.wall_us = m->wall_us,
	};

	return mail_text(&text, post.text, sizeof post.text);
}

/* Connects for the mail that is due; false: not now. */
static bool
set_out(struct mail *m, struct mono now)
{
	const struct mail_conf *const c = &post.core->mail;
	const struct sock_to to = { .addr = c->server, .port = c->port, .bind_if = "" };
	const bool secure = c->tls_mode == MAIL_CONF_TLS;

	if (c->tls_mode != MAIL_CONF_CLEAR) {
		post.tls = tls_claim();
		if (!post.tls) {
			m->due = mono_add(now, WAIT_US);
			return false;
		}
	}
	post.going = m;
	post.step = SMTP_MORE;
	introduce(m);
	smtp_begin(&post.smtp, &post.who, post.text, write_text(m), secure);
	timer_arm(&post.loop->timers, &post.due, mono_add(now, c->timeout_us));
	if (secure && !tls_start(post.tls, &c->tls, c->text, wall_us() / MONO_US_PER_S)) {
		failed(tls_verdict_text(tls_verdict(post.tls)), false, now);
		return true;
	}
	const int err = stream_open(&post.stream, &to, secure ? post.tls : NULL, now);

	if (err)
		failed(strerror(-err), false, now);
	return true;
}

static void
on_due(struct timer *t, struct mono now)
{
	(void)t;
	if (post.going) {
		failed("no answer in time", false, now);
		return;
	}
	struct mail *const m = first();

	if (!m || mono_before(now, m->due) || !set_out(m, now))
		arm();
}

static void
send_out(struct wr *w, struct mono now)
{
	if (wr_len(w) > 0 && !stream_send(&post.stream, w->begin, wr_len(w), now))
		post.step = SMTP_NEVER;
}

static void
go_secure(struct mono now)
{
	const struct mail_conf *const c = &post.core->mail;

	if (tls_start(post.tls, &c->tls, c->text, wall_us() / MONO_US_PER_S))
		stream_tls(&post.stream, post.tls, now);
	else
		failed(tls_verdict_text(tls_verdict(post.tls)), false, now);
}

static void
on_open(struct stream *s, struct mono now)
{
	struct wr w = wr_over(post.out, sizeof post.out);

	(void)s;
	/* With TLS from the first byte the server greets; behind STARTTLS we do. */
	if (post.step != SMTP_SECURE)
		return;
	post.step = SMTP_MORE;
	smtp_secured(&post.smtp, &w);
	send_out(&w, now);
}

static void
on_input(struct stream *s, const uint8_t *p, size_t n, struct mono now)
{
	struct wr w = wr_over(post.out, sizeof post.out);
	const char *const why[] = { "", " for now" };

	(void)s;
	post.step = smtp_input(&post.smtp, p, n, &w);
	send_out(&w, now);
	switch (post.step) {
	case SMTP_MORE:
		break;
	case SMTP_SECURE:
		go_secure(now);
		break;
	case SMTP_SENT:
		taken(now);
		break;
	case SMTP_LATER:
	case SMTP_NEVER: {
		char text[SMTP_REPLY_TEXT + 96];

		strfmt_to(text, sizeof text, "%s%s: %u %s",
			  smtp_reason_text((enum smtp_reason)post.smtp.reason),
			  why[post.step == SMTP_LATER], (unsigned)post.smtp.reply.code,
			  post.smtp.reply.text);
		failed(text, post.step == SMTP_NEVER, now);
		break;
	}
	}
}

static void
on_end(struct stream *s, enum stream_end end, int err, struct mono now)
{
	(void)s, (void)err;
	failed(end == STREAM_TLS ? tls_verdict_text(tls_verdict(post.tls)) :
				   stream_end_text(end), false, now);
}

static const struct stream_ops ops = { .open = on_open, .input = on_input, .end = on_end };

/* ---- the process's ----------------------------------------------------------------- */

bool
mail_wanted(const struct conf_core *core)
{
	return core->mail.wanted;
}

void
mail_apply(struct loop *l, const struct conf_core *core, struct mono now)
{
	if (!post.core) {
		post.loop = l;
		timer_init(&post.due, on_due);
	}
	if (core->mail.wanted && !post.ready) {	/* most routers send none */
		stream_init(&post.stream, l, &ops, post.tx, sizeof post.tx);
		post.ready = true;
	}
	if (post.going) {		/* it points into the last image */
		post.going->due = now;
		hang_up();
	}
	tls_unclaim();			/* it may want none any more */
	/* Its recipients may be others. */
	for (uint32_t i = 0; i < mail_pool_end(); i++)
		if (mail_pool_at(i))
			mail_pool_at(i)->skip = 0;
	post.core = core;
	if (!core->mail.wanted)
		lose_all("no mail is wanted any more");
	arm();
}

void
mail_stop(void)
{
	if (!post.core)
		return;
	if (post.going)
		hang_up();
	lose_all("the process ends");
	tls_unclaim();
	timer_stop(&post.loop->timers, &post.due);
	post.core = NULL;
	post.ready = false;
}

void
mail_stat(struct mail_stat *out)
{
	*out = post.stat;
	out->wanted = post.core && mail_wanted(post.core);
	out->waiting = 0;
	for (uint32_t i = 0; i < mail_pool_end(); i++)
		out->waiting += mail_pool_at(i) != NULL;
}
