/* SPDX-License-Identifier: MIT */
/* check_smtp_fuzz.c -- anything at all as a mail server.
 *
 * The first byte is the size of pieces; the verdict is the same with every other size, what has been
 * said to the server begins with EHLO, and no reply but one with 250 makes it up.
 */
#include "checker_fuzz.h"

extern const struct checker check_smtp;

static struct checker_run_test t;
static char detail[CHECKER_DETAIL];

static enum checker_step
whole(const uint8_t *p, size_t n, size_t piece)
{
	(void)checker_run_open(&t);
	(void)checker_run_pieces(&t, p, n, 0, piece);
	if (t.step == CHECKER_SECURE) {
		checker_run_room(&t);
		(void)checker_run_secured(&t);
		(void)checker_run_pieces(&t, p, n, 0, piece);
	}
	if (t.step == CHECKER_MORE)
		(void)checker_run_eof(&t);
	CHECK(t.sent < 200);
	CHECK(t.sent == 0 || !memcmp(t.tx, "EHLO me\r\n", 9));
	return t.step;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (!t.checker) {
		checker_run_init(&t, &check_smtp);
		t.check.u.smtp.helo = checker_run_text("me");
	}
	const uint8_t piece = checker_fuzz_byte(&data, &size);
	t.check.tls_later = piece > 127;
	const enum checker_step step = whole(data, size, size + 1);
	const enum checker_reason reason = t.run.reason;

	memcpy(detail, t.run.detail, sizeof detail);
	CHECK(whole(data, size, piece ? piece : 1) == step && t.run.reason == reason);
	CHECK(!strcmp(detail, t.run.detail));
	for (const char *c = detail; *c; c++)
		CHECK(*c >= ' ' && *c <= '~');
	CHECK(step == CHECKER_DOWN || memmem(data, size, "250", 3));
	checker_run_end(&t);
	return 0;
}
