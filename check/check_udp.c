/* SPDX-License-Identifier: MIT */
/* check_udp.c -- a datagram is answered as it should be, or, where no reply is asked for, not
 * refused.
 *
 * Without a reply nothing but an ICMP error, of which probe makes a failure, can be seen: it is
 * waited for a third of the timeout, a second at most, and its absence is a pass.  An answer that
 * comes earlier is one, too.
 */
#include "checker.h"

#define QUIET_US	1000000

static bool
wants_reply(const struct check_conf_talk *c)
{
	return c->reply || c->expect.at != 0;
}

static enum checker_step
send_payload(struct checker_run *run)
{
	const struct check_conf_talk *const c = &run->check->u.talk;
	const int64_t third_us = run->check->timeout_us / 3;

	wr_put(&run->out, run->conf->text + c->send.at, c->send.n);
	if (run->out.bad)
		return checker_down(run, CHECKER_LOCAL, "the payload is too long for CHECK_SEND");
	run->empty = c->send.n == 0;
	if (!wants_reply(c))
		run->wake_us = third_us < QUIET_US ? third_us : QUIET_US;
	return CHECKER_MORE;
}

/* Whether it begins with what is expected, wherever the mask does not look away. */
static bool
agrees(const uint8_t *want, size_t len, const uint8_t *p, size_t n)
{
	if (n < len)
		return false;
	for (size_t i = 0; i < len; i++)
		if ((want[i] ^ p[i]) & want[len + i])
			return false;
	return true;
}

static enum checker_step
input(struct checker_run *run, const uint8_t *p, size_t n)
{
	const struct check_conf_talk *const c = &run->check->u.talk;

	if (!wants_reply(c))
		return CHECKER_UP;
	if (c->max_bytes != 0 && n > c->max_bytes)
		return checker_down(run, CHECKER_LONG, "%u bytes", (unsigned)n);
	if (n < c->min_bytes)
		return checker_down(run, CHECKER_CONTENT, "%u bytes", (unsigned)n);
	if (!agrees(run->conf->text + c->expect.at, c->expect.n, p, n))
		return checker_down(run, CHECKER_CONTENT, "%u bytes, others than expected",
				    (unsigned)n);
	return CHECKER_UP;
}

static enum checker_step
tick(struct checker_run *run)
{
	(void)run;			/* nobody has refused it */
	return CHECKER_UP;
}

const struct checker check_udp = {
	.name = "udp",
	.link = CHECKER_DATAGRAM,
	.discreet = true,
	.open = send_payload,
	.input = input,
	.tick = tick,
};
