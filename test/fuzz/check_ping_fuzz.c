/* SPDX-License-Identifier: MIT */
/* check_ping_fuzz.c -- anything at all as ICMP and ICMPv6 messages.
 *
 * A message is a byte of length and so many bytes, of which the first, when it is odd, makes it a reply to
 * a request of ours that the rest then spoils; length 0 lets time go on.  In the end there is a
 * verdict, and no more requests than there may be.
 */
#include "checker_fuzz.h"

extern const struct checker check_ping;

static struct checker_run_test t;
static uint8_t asked[CHECK_CONF_PINGS][8 + 255];
static unsigned nasked;

static void
said(void)
{
	if (t.step != CHECKER_MORE || t.sent == 0)
		return;
	CHECK(nasked < CHECK_CONF_PINGS && t.sent == 8u + t.check.u.ping.bytes);
	memcpy(asked[nasked++], t.tx, t.sent);
	t.sent = 0;
}

/* A reply to one of ours, with one bit of it spoilt, or none. */
static void
answer(uint8_t which, const uint8_t *p, size_t n)
{
	uint8_t m[sizeof asked[0]];
	const size_t len = 8u + t.check.u.ping.bytes;

	if (nasked == 0)
		return;
	memcpy(m, asked[which / 2 % nasked], len);
	m[0] = t.check.addr.family == 10 ? 129 : 0;
	if (n > 1)
		m[p[0] % len] ^= p[1];
	(void)checker_run_input(&t, m, len);
}

static void
message(const uint8_t *p, size_t n)
{
	if (n > 0 && p[0] & 1)
		answer(p[0], p + 1, n - 1);
	else if (n > 0 && p[0] & 2)
		(void)checker_run_lost(&t, "lost", p + 1, n - 1);
	else if (n > 0)
		(void)checker_run_input(&t, p, n);
	else
		checker_fuzz_tick(&t);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (!t.checker)
		checker_run_init(&t, &check_ping);
	const uint8_t what = checker_fuzz_byte(&data, &size);

	t.check.addr.family = what & 1 ? 10 : 2;
	t.check.u.ping = (struct check_conf_ping){
		.count = checker_fuzz_byte(&data, &size), .need = what >> 1 & 7,
		.gap_us = what & 0x10 ? 100000 : 0, .latency_us = what & 0x20 ? 150000 : 0,
		.bytes = checker_fuzz_byte(&data, &size),
	};
	nasked = 0;
	(void)checker_run_open(&t);
	said();
	while (size > 0 && t.step == CHECKER_MORE) {
		size_t n = checker_fuzz_byte(&data, &size);

		n = n < size ? n : size;
		message(data, n);
		said();
		data += n;
		size -= n;
	}
	for (unsigned i = 0; i < 2 * CHECK_CONF_PINGS && t.step == CHECKER_MORE; i++) {
		checker_fuzz_tick(&t);
		said();
	}
	CHECK(t.step != CHECKER_MORE);
	checker_run_end(&t);
	return 0;
}
