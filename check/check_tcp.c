/* SPDX-License-Identifier: MIT */
/* check_tcp.c -- TCP: a connection is the check; with a dialogue, what comes back is, too.
 *
 * What is sent goes out at once; what comes back is compared as it comes.  Something to send
 * alone wants any reply at all.
 */
#include "checker.h"
#include "find.h"
#include "talk.h"

#define BEGIN	40			/* bytes of the reply that a detail shows */

struct state {
	struct find find;
	uint8_t n;
	char begin[BEGIN];		/* how the reply begins, printable */
};

/* What to send and to find, of a ready-made dialogue or of the check's own. */
struct dialogue {
	const uint8_t *send;
	size_t send_n;
	struct find_what what;
};

static struct dialogue
of_row(const struct talk_row *row)
{
	return (struct dialogue){
		.send = row->send,
		.send_n = row->send_n,
		.what = { row->expect, row->mask, row->expect_n, row->anywhere },
	};
}

/* A mask that masks nothing is none, for which find.c is faster. */
static const uint8_t *
mask_of(const uint8_t *mask, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (mask[i] != 0xff)
			return mask;
	return NULL;
}

static struct dialogue
dialogue_of(const struct checker_run *run)
{
	const struct check_conf_talk *const t = &run->check->u.talk;
	const uint8_t *const expect = &run->conf->text[t->expect.at];

	if (t->row)
		return of_row(&talk_rows[t->row - 1]);
	return (struct dialogue){
		.send = &run->conf->text[t->send.at],
		.send_n = t->send.n,
		.what = { expect, mask_of(expect + t->expect.n, t->expect.n), t->expect.n,
			  t->anywhere },
	};
}

static enum checker_step
tcp_open(struct checker_run *run)
{
	const struct dialogue d = dialogue_of(run);

	if (d.send_n == 0 && d.what.n == 0)
		return CHECKER_UP;
	if (d.what.n > FIND_MAX)
		return checker_down(run, CHECKER_LOCAL, "more than %d bytes are expected",
				    FIND_MAX);
	if (d.send_n > (size_t)(run->out.end - run->out.p))
		return checker_down(run, CHECKER_LOCAL, "%zu bytes to send are too many",
				    d.send_n);
	wr_put(&run->out, d.send, d.send_n);
	return CHECKER_MORE;
}

static void
keep_begin(struct state *s, const uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n && s->n < BEGIN; i++)
		s->begin[s->n++] = (char)(p[i] < ' ' || p[i] > '~' ? '?' : p[i]);
}

static enum checker_step
unexpected(struct checker_run *run)
{
	const struct state *const s = run->state;

	return checker_down(run, CHECKER_CONTENT, "it says \"%.*s\"", s->n, s->begin);
}

static enum checker_step
tcp_input(struct checker_run *run, const uint8_t *p, size_t n)
{
	const struct dialogue d = dialogue_of(run);
	struct state *s = run->state;

	keep_begin(s, p, n);
	switch (find_feed(&s->find, &d.what, p, n)) {
	case FIND_MORE:
		return CHECKER_MORE;
	case FIND_FOUND:
		return CHECKER_UP;
	case FIND_NEVER:
		break;
	}
	return unexpected(run);
}

/* All that there is has been looked through, or the answer was cut short. */
static enum checker_step
tcp_eof(struct checker_run *run)
{
	const struct state *const s = run->state;

	if (s->n > 0 && dialogue_of(run).what.anywhere)
		return unexpected(run);
	if (s->n > 0)
		return checker_down(run, CHECKER_CLOSED, "after \"%.*s\"", s->n, s->begin);
	return checker_down(run, CHECKER_CLOSED, "without a byte");
}

const struct checker check_tcp = {
	.name = "tcp",
	.link = CHECKER_STREAM,
	.discreet = true,
	.state_size = sizeof(struct state),
	.open = tcp_open,
	.input = tcp_input,
	.eof = tcp_eof,
};

_Static_assert(sizeof(struct state) <= CONFIG_CHECK_STATE, "raise CONFIG_CHECK_STATE");
