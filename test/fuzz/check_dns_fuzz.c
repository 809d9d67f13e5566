/* SPDX-License-Identifier: MIT */
/* check_dns_fuzz.c -- anything at all as a name server, over UDP and TCP.
 *
 * The first byte chooses what is asked for.  A datagram is a byte of length, in words of 4, and so
 * many bytes; an even one gets the right id and question before it, length 0 lets time go on.  What is left
 * when TCP is asked for is the stream, in pieces of the size that its first byte says.
 */
#include "checker_fuzz.h"
#include "dns.h"

extern const struct checker check_dns;

static struct checker_run_test t;
static const uint16_t types[] = { DNS_A, DNS_MX, DNS_TXT, DNS_SOA, DNS_ANY, DNS_CNAME,
	DNS_CAA, 4711 };
static struct check_conf_bytes wants;

static void
setup(void)
{
	checker_run_init(&t, &check_dns);
	t.check.u.dns.name = checker_run_bytes("\1a\1b\0", 5);
	wants = checker_run_text("10 c.a.b");
}

/* Flags and count of answers from the input, the rest right; then what the input says. */
static size_t
put_right(uint8_t *m, const uint8_t *p, size_t n)
{
	struct wr w = wr_over(m, 1100);

	wr_u16(&w, (uint16_t)t.run.id);
	wr_u16(&w, (uint16_t)(DNS_QR | (n > 0 ? p[0] & 0x0f : 0) | (n > 1 ? p[1] << 8 & DNS_TC : 0)));
	wr_u16(&w, 1);
	wr_u16(&w, n > 1 ? p[1] : 1);
	wr_u32(&w, 0);
	wr_put(&w, "\1A\1b\0", 5);
	wr_u16(&w, t.check.u.dns.type);
	wr_u16(&w, DNS_IN);
	if (n > 2)
		wr_put(&w, p + 2, n - 2);
	return wr_len(&w);
}

static void
datagram(const uint8_t *p, size_t n)
{
	uint8_t m[1100];

	if (n == 0)
		checker_fuzz_tick(&t);
	else if (p[0] & 0x80)
		(void)checker_run_input(&t, p, n);
	else
		(void)checker_run_input(&t, m, put_right(m, p, n));
}

static void
stream(const uint8_t *p, size_t n)
{
	static uint8_t m[8192];
	const uint8_t piece = checker_fuzz_byte(&p, &n);
	size_t len = n < 1000 ? put_right(m + 2, p, n) : 0;

	(void)checker_run_next(&t);
	net_put16(m, (uint16_t)(len + (piece & 0x80 ? 7 : 0)));
	(void)checker_run_pieces(&t, m, len + 2, 0, 1u + (piece & 0x7f));
	if (t.step == CHECKER_MORE)
		(void)checker_run_eof(&t);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (!t.checker)
		setup();
	const uint8_t what = checker_fuzz_byte(&data, &size);

	t.check.u.dns.type = types[what & 7];
	t.check.u.dns.answer = what & 8 ? wants : (struct check_conf_bytes){ 0, 0 };
	(void)checker_run_open(&t);
	while (size > 0 && t.step == CHECKER_MORE) {
		size_t n = 4u * checker_fuzz_byte(&data, &size);

		n = n < size ? n : size;
		datagram(data, n);
		data += n;
		size -= n;
	}
	if (t.step == CHECKER_NEXT)
		stream(data, size);
	CHECK(t.step != CHECKER_NEXT);
	/* What a record holds may be nothing; probe tells of an end. */
	CHECK(t.step != CHECKER_DOWN || t.run.detail[0] || t.run.reason == CHECKER_CONTENT ||
	      t.run.reason == CHECKER_CLOSED);
	checker_run_end(&t);
	return 0;
}
