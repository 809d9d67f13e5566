/* SPDX-License-Identifier: MIT */
/* check_file.c -- a file that somebody keeps holds a number that says how the server is.
 *
 * With weight 0 the number 0 is up and every other down (`reverse`: the other way round).  Else
 * the number times weight is added to the server's configured weight (`reverse`: subtracted); a
 * product of -2147483648 or less is down.  keepalived.conf(5), "Track files".
 */
#include "checker.h"
#include "strfmt.h"

#define DIGITS	24			/* longer is no number that fits */

struct state {
	uint8_t n;
	bool ended;			/* a blank stood behind it */
	char text[DIGITS];
};

static bool
is_blank(uint8_t c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Nothing but one number, with blanks around it. */
static enum checker_step
input(struct checker_run *run, const uint8_t *p, size_t n)
{
	struct state *const st = run->state;

	for (size_t i = 0; i < n; i++) {
		if (is_blank(p[i])) {
			st->ended = st->n > 0;
			continue;
		}
		if (st->ended || st->n == DIGITS)
			return checker_down(run, CHECKER_FILE, "not a number alone");
		st->text[st->n++] = (char)p[i];
	}
	return CHECKER_MORE;
}

static int64_t
clamp(int64_t v)
{
	return v < INT32_MIN ? INT32_MIN : v > INT32_MAX ? INT32_MAX : v;
}

static enum checker_step
eof(struct checker_run *run)
{
	const struct check_conf_file *const c = &run->check->u.file;
	const struct state *const st = run->state;
	const unsigned plus = st->n > 0 && st->text[0] == '+';
	int64_t v;

	if (!strfmt_parse_i64(&v, st->text + plus, st->n - plus) ||
	    (plus && st->text[1] == '-'))
		return checker_down(run, CHECKER_FILE, st->n ? "not a number" : "nothing in it");
	v = clamp(v);
	strfmt_to(run->detail, sizeof run->detail, "%lld", (long long)v);
	if (c->weight == 0) {
		if ((v == 0) != c->reverse)
			return CHECKER_UP;
		return checker_down(run, CHECKER_CONTENT, "%lld", (long long)v);
	}

	const int64_t product = clamp(v * c->weight * (c->reverse ? -1 : 1));

	if (product == INT32_MIN)
		return checker_down(run, CHECKER_CONTENT, "%lld", (long long)v);
	run->add = (int32_t)product;
	return CHECKER_UP;
}

static enum checker_step
open_(struct checker_run *run)
{
	(void)run;			/* what is in it comes by itself */
	return CHECKER_MORE;
}

const struct checker check_file = {
	.name = "file",
	.link = CHECKER_READ,
	.state_size = sizeof(struct state),
	.open = open_,
	.input = input,
	.eof = eof,
};
