/* SPDX-License-Identifier: MIT */
/* smtp_fuzz.c -- any bytes as what a mail server says, whole and byte by byte.
 *
 * Byte 0 chooses: bit 0 STARTTLS, bit 1 a user, bit 2 already under TLS.  A password is
 * never said in clear, no command is longer than it may be, and both ways say the same.
 */
#include <stdlib.h>
#include <string.h>

#include "smtp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define CHECK(x) do { if (!(x)) abort(); } while (0)

static const char mail[] = "Subject: x\n\n.hello\n..\nend";

struct result {
	enum smtp_step step;
	uint8_t reason;
	size_t n;
	uint8_t said[8192];
};

static void
play(struct result *r, const struct smtp_conf *conf, bool secure, const uint8_t *p, size_t n,
     size_t split)
{
	struct smtp s;
	struct wr out = wr_over(r->said, sizeof r->said);

	smtp_begin(&s, conf, mail, sizeof mail - 1, secure);
	r->step = SMTP_MORE;
	for (size_t at = 0; at < n && r->step == SMTP_MORE; at += split) {
		const size_t piece = split < n - at ? split : n - at;

		r->step = smtp_input(&s, p + at, piece, &out);
		if (r->step == SMTP_SECURE && split == 1) {
			CHECK(conf->starttls && !secure && !s.secure);
			break;
		}
	}
	CHECK(!out.bad);
	r->reason = s.reason;
	r->n = wr_len(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct result whole, bytes;

	if (size == 0)
		return 0;
	const bool secure = data[0] & 4;
	const struct smtp_conf conf = {
		.helo = "left", .from = "f@x", .to = "a@x\0b@x", .to_n = 8,
		.user = data[0] & 2 ? "user" : "", .password = data[0] & 2 ? "secret" : "",
		.starttls = data[0] & 1,
	};

	play(&whole, &conf, secure, data + 1, size - 1, size);
	play(&bytes, &conf, secure, data + 1, size - 1, 1);
	CHECK(whole.step == bytes.step && whole.reason == bytes.reason);
	CHECK(whole.n == bytes.n && memcmp(whole.said, bytes.said, whole.n) == 0);
	if (!secure) {
		for (size_t i = 0; i + 4 <= whole.n; i++)
			CHECK(memcmp(whole.said + i, "AUTH", 4) != 0);
	}
	return 0;
}
