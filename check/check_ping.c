/* SPDX-License-Identifier: MIT */
/* check_ping.c -- so many of so many echo requests are answered, and soon enough.  RFC 792, 4443.
 *
 * It is up with the reply that makes enough of them; the mean time is that of the replies until
 * then.  It is down when the requests that came back as undeliverable leave too few, else just
 * before the deadline, when no reply can come any more.  The payload is
 * the try's id and the request's number, over and over: it is what makes a reply ours, since a
 * ping socket puts an ident of its own into the header; a short payload leaves that to the
 * ident.
 */
#include <string.h>
#include <sys/socket.h>

#include "checker.h"
#include "strfmt.h"

#define HEADER	8			/* type, code, checksum, ident, number */
#define MARK	8			/* bytes of payload that make a reply ours */
#define GAP_US		1000		/* at least that between two requests */
#define EARLY_US	1000		/* before the deadline: the verdict is ours */

struct state {
	uint16_t sent, got;
	uint32_t seen;			/* bit for each number that was answered or came back */
	uint16_t lost;			/* came back */
	const char *why;		/* the last of those did */
	uint64_t sum_us;		/* of the times to reply */
	uint32_t at_us[CHECK_CONF_PINGS];	/* elapsed_us of each request */
};

static unsigned
count(const struct checker_run *run)
{
	const unsigned n = run->check->u.ping.count;

	return n == 0 ? 1 : n < CHECK_CONF_PINGS ? n : CHECK_CONF_PINGS;
}

static unsigned
need(const struct checker_run *run)
{
	const unsigned n = run->check->u.ping.need, most = count(run);

	return n == 0 ? 1 : n < most ? n : most;
}

static bool
is_ip6(const struct checker_run *run)
{
	return net_is_ip6(run->check->addr.family);
}

/* Byte `i` of the payload of request `number`. */
static uint8_t
payload(const struct checker_run *run, unsigned number, size_t i)
{
	uint8_t mark[MARK];

	net_put32(mark, run->id);
	net_put32(mark + 4, number);
	return mark[i % MARK];
}

static enum checker_step
request(struct checker_run *run)
{
	const unsigned bytes = run->check->u.ping.bytes;
	struct state *const st = run->state;
	uint8_t *const begin = run->out.p;

	wr_u8(&run->out, is_ip6(run) ? 128 : 8);
	wr_u8(&run->out, 0);
	wr_u16(&run->out, 0);
	wr_u16(&run->out, (uint16_t)run->id);
	wr_u16(&run->out, st->sent);
	for (unsigned i = 0; i < bytes; i++)
		wr_u8(&run->out, payload(run, st->sent, i));
	if (run->out.bad)
		return checker_down(run, CHECKER_LOCAL, "the payload is too long for CHECK_SEND");
	if (!is_ip6(run))
		net_put16(begin + 2, net_sum_fold(net_sum_add(0, begin, HEADER + bytes)));
	st->at_us[st->sent++] = (uint32_t)run->elapsed_us;
	return CHECKER_MORE;
}

/* The next request, or the end of patience, whichever is first. */
static void
wake(struct checker_run *run)
{
	const struct check_conf_ping *const c = &run->check->u.ping;
	const struct state *const st = run->state;
	const int64_t whole_us = run->check->timeout_us;
	const int64_t end_us = whole_us - (whole_us > 2 * EARLY_US ? EARLY_US : whole_us / 2);
	const int64_t next_us = (int64_t)st->at_us[st->sent - 1] +
		(c->gap_us > GAP_US ? c->gap_us : GAP_US);

	run->wake_us = st->sent < count(run) && next_us < end_us ? next_us : end_us;
}

static enum checker_step
say(struct checker_run *run)
{
	const enum checker_step step = request(run);

	if (step == CHECKER_MORE)
		wake(run);
	return step;
}

static unsigned long
mean_us(const struct state *st)
{
	return st->got ? (unsigned long)(st->sum_us / st->got) : 0;
}

static enum checker_step
enough(struct checker_run *run)
{
	const struct check_conf_ping *const c = &run->check->u.ping;
	const struct state *const st = run->state;
	const unsigned long us = mean_us(st);

	if (c->latency_us != 0 && us > c->latency_us)
		return checker_down(run, CHECKER_LATENCY, "%u of %u replies, %lu.%lu ms", st->got,
				    st->sent, us / 1000, us / 100 % 10);
	strfmt_to(run->detail, sizeof run->detail, "%u of %u replies, %lu.%lu ms", st->got,
		  st->sent, us / 1000, us / 100 % 10);
	return CHECKER_UP;
}

/* The number of the request of ours that has this payload, -1: none. */
static int
whose(const struct checker_run *run, const uint8_t *p, size_t bytes)
{
	const struct state *const st = run->state;
	const uint16_t number = net_get16(p + 6);

	if (number >= st->sent || (bytes < MARK && net_get16(p + 4) != (uint16_t)run->id))
		return -1;
	for (size_t i = 0; i < bytes; i++)
		if (p[HEADER + i] != payload(run, number, i))
			return -1;
	return number;
}

/* Too few are left: those that came back say why, else nobody does. */
static enum checker_step
too_few(struct checker_run *run)
{
	const struct state *const st = run->state;

	if (st->lost > 0)
		return checker_down(run, CHECKER_UNREACHABLE, "%u of %u replies, %s", st->got,
				    st->sent, st->why);
	return checker_down(run, CHECKER_LOSS, "%u of %u replies", st->got, st->sent);
}

/* Of a short error as much as there is of it. */
static enum checker_step
lost(struct checker_run *run, const char *why, const uint8_t *p, size_t n)
{
	struct state *const st = run->state;
	const size_t most = HEADER + run->check->u.ping.bytes;
	int number = -1;

	if (n >= HEADER && p[0] == (is_ip6(run) ? 128 : 8) && p[1] == 0)
		number = whose(run, p, (n < most ? n : most) - HEADER);
	wake(run);
	if (number < 0 || st->seen & UINT32_C(1) << number)
		return CHECKER_MORE;
	st->seen |= UINT32_C(1) << number;
	st->lost++;
	st->why = why;
	return count(run) - st->lost < need(run) ? too_few(run) : CHECKER_MORE;
}

static enum checker_step
input(struct checker_run *run, const uint8_t *p, size_t n)
{
	struct state *const st = run->state;
	const unsigned bytes = run->check->u.ping.bytes;
	int number = -1;

	if (n == HEADER + bytes && p[0] == (is_ip6(run) ? 129 : 0) && p[1] == 0)
		number = whose(run, p, bytes);
	wake(run);
	if (number < 0 || st->seen & UINT32_C(1) << number)
		return CHECKER_MORE;
	st->seen |= UINT32_C(1) << number;
	st->got++;
	st->sum_us += (uint64_t)(run->elapsed_us - st->at_us[number]);
	return st->got < need(run) ? CHECKER_MORE : enough(run);
}

static enum checker_step
tick(struct checker_run *run)
{
	const struct state *const st = run->state;
	const int64_t left_us = run->check->timeout_us - run->elapsed_us;

	if (st->sent < count(run) && left_us > EARLY_US)
		return say(run);
	return too_few(run);
}

const struct checker check_ping = {
	.name = "ping",
	.link = CHECKER_ECHO,
	.state_size = sizeof(struct state),
	.open = say,
	.input = input,
	.lost = lost,
	.tick = tick,
};
