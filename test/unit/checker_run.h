/* SPDX-License-Identifier: MIT */
/* checker_run.h -- a probe without sockets, for the tests of checkers.
 *
 * It calls a checker as probe.c does, with bytes that end where their memory ends, and
 * holds it to its contract: no call after a decision, a reason with each DOWN, state
 * within its size, detail with its NUL.  cmocka.h must have been included.
 */
#ifndef CHECKER_RUN_H
#define CHECKER_RUN_H

#include <stdlib.h>
#include <string.h>

#include "checker.h"

#define CHECKER_RUN_GUARD	0xa5	/* behind what a checker may write */

/* One check, and one try of it. */
struct checker_run_test {
	const struct checker *checker;
	struct check_conf_check check;
	struct checker_run run;
	enum checker_step step;		/* the last one */
	bool may_be_bad;		/* what it says need not fit */
	uint8_t *state;
	uint8_t tx[CONFIG_CHECK_SEND];
	size_t sent;			/* bytes in tx that are not yet asked for */
};

/* What the server says, and what must have been sent after it: NULL any, "" nothing. */
struct checker_run_line {
	const char *says;
	size_t n;
	const char *sent;
};
#define CHECKER_RUN_LINE(says, sent)	{ (says), sizeof(says) - 1, (sent) }

static struct check_conf checker_run_conf;

/* Bytes into the image, as the compiler would put them. */
static inline struct check_conf_bytes
checker_run_bytes(const void *p, size_t n)
{
	struct check_conf *const c = &checker_run_conf;
	const uint32_t at = c->ntext ? c->ntext : 1;

	assert_true(at + n + 1 <= sizeof c->text);
	memcpy(c->text + at, p, n);
	c->text[at + n] = 0;
	c->ntext = at + (uint32_t)n + 1;
	return (struct check_conf_bytes){ at, (uint32_t)n };
}

static inline struct check_conf_bytes
checker_run_text(const char *s)
{
	return checker_run_bytes(s, strlen(s));
}

/* A check that is all zero yet, of a server at 192.0.2.1, with 5 s. */
static inline void
checker_run_init(struct checker_run_test *t, const struct checker *c)
{
	memset(&checker_run_conf, 0, sizeof checker_run_conf);
	memset(t, 0, sizeof *t);
	t->checker = c;
	t->check.addr = (struct net_addr){ 2 /* AF_INET */, { 192, 0, 2, 1 } };
	t->check.port = 80;
	t->check.timeout_us = 5000000;
	assert_true(c->state_size <= CONFIG_CHECK_STATE);
}

static inline void
checker_run_end(struct checker_run_test *t)
{
	free(t->state);
	t->state = NULL;
}

/* Holds a step to the contract and takes what was written. */
static inline enum checker_step
checker_run_step(struct checker_run_test *t, enum checker_step step)
{
	const size_t n = t->checker->state_size;

	assert_true(step <= CHECKER_SECURE);
	assert_true(t->may_be_bad || !t->run.out.bad);
	assert_non_null(memchr(t->run.detail, 0, sizeof t->run.detail));
	assert_true((step == CHECKER_DOWN) == (t->run.reason != CHECKER_NONE));
	assert_true(t->run.reason < CHECKER_REASON__N);
	for (size_t i = 0; i < 16; i++)
		assert_int_equal(t->state[n + i], CHECKER_RUN_GUARD);
	t->sent = wr_len(&t->run.out);
	t->step = step;
	return step;
}

/* What was written before is gone. */
static inline void
checker_run_room(struct checker_run_test *t)
{
	t->run.out = wr_over(t->tx, sizeof t->tx);
	t->sent = 0;
}

/* Begins a try. */
static inline enum checker_step
checker_run_open(struct checker_run_test *t)
{
	const size_t n = t->checker->state_size;

	checker_run_end(t);
	t->state = malloc(n + 16);
	memset(t->state, 0, n);
	memset(t->state + n, CHECKER_RUN_GUARD, 16);
	t->run = (struct checker_run){
		.conf = &checker_run_conf, .check = &t->check, .state = t->state,
		.id = 0x12345678, .link = t->checker->link, .weight = -1,
	};
	checker_run_room(t);
	if (!t->checker->open)
		return t->step = CHECKER_MORE;
	return checker_run_step(t, t->checker->open(&t->run));
}

/* The connection that it has asked for by NEXT. */
static inline enum checker_step
checker_run_next(struct checker_run_test *t)
{
	assert_int_equal(t->step, CHECKER_NEXT);
	t->run.opened++;
	checker_run_room(t);
	return checker_run_step(t, t->checker->open(&t->run));
}

/* TLS over the connection, for which it has asked by SECURE. */
static inline enum checker_step
checker_run_secured(struct checker_run_test *t)
{
	assert_int_equal(t->step, CHECKER_SECURE);
	assert_int_equal(t->sent, 0);
	checker_run_room(t);
	return checker_run_step(t, t->checker->open(&t->run));
}

static inline enum checker_step
checker_run_input(struct checker_run_test *t, const void *p, size_t n)
{
	uint8_t *const exact = malloc(n ? n : 1);

	assert_int_equal(t->step, CHECKER_MORE);
	memcpy(exact, p, n);
	t->run.reason = CHECKER_NONE;
	if (t->run.link != CHECKER_STREAM)
		checker_run_room(t);
	t->step = t->checker->input(&t->run, n ? exact : exact + 1, n);
	free(exact);
	return checker_run_step(t, t->step);
}

/* An ICMP error with the head of a message. */
static inline enum checker_step
checker_run_lost(struct checker_run_test *t, const char *why, const void *p, size_t n)
{
	uint8_t *const exact = malloc(n ? n : 1);

	assert_int_equal(t->step, CHECKER_MORE);
	memcpy(exact, p, n);
	t->run.reason = CHECKER_NONE;
	checker_run_room(t);
	t->step = t->checker->lost(&t->run, why, n ? exact : exact + 1, n);
	free(exact);
	return checker_run_step(t, t->step);
}

static inline enum checker_step
checker_run_eof(struct checker_run_test *t)
{
	assert_int_equal(t->step, CHECKER_MORE);
	if (!t->checker->eof) {
		t->run.reason = CHECKER_CLOSED;
		return t->step = CHECKER_DOWN;
	}
	return checker_run_step(t, t->checker->eof(&t->run));
}

/* Time goes on to what the checker has asked for. */
static inline enum checker_step
checker_run_tick(struct checker_run_test *t)
{
	assert_int_equal(t->step, CHECKER_MORE);
	assert_true(t->run.wake_us >= t->run.elapsed_us && t->run.wake_us > 0);
	t->run.elapsed_us = t->run.wake_us;
	t->run.wake_us = 0;
	checker_run_room(t);
	return checker_run_step(t, t->checker->tick(&t->run));
}

/* In pieces of `piece` bytes, the first of `first`, until it decides. */
static inline enum checker_step
checker_run_pieces(struct checker_run_test *t, const void *p, size_t n, size_t first,
		   size_t piece)
{
	for (size_t i = 0; i < n && t->step == CHECKER_MORE; ) {
		size_t len = i == 0 && first ? first : piece;

		if (len > n - i)
			len = n - i;
		(void)checker_run_input(t, (const uint8_t *)p + i, len);
		i += len;
	}
	return t->step;
}

/* A whole dialogue, each line of the server in pieces; a first line without a byte asks for what is
 * sent at once. */
static inline enum checker_step
checker_run_talk(struct checker_run_test *t, const struct checker_run_line *lines, size_t n,
		 size_t first, size_t piece)
{
	(void)checker_run_open(t);
	for (size_t i = 0; i < n; i++) {
		if (lines[i].n > 0)
			checker_run_room(t);
		if (t->step == CHECKER_SECURE)
			(void)checker_run_secured(t);
		(void)checker_run_pieces(t, lines[i].says, lines[i].n, first, piece);
		if (!lines[i].sent)
			continue;
		assert_int_equal(t->sent, strlen(lines[i].sent));
		assert_memory_equal(t->tx, lines[i].sent, t->sent);
	}
	return t->step;
}

/* The same with every split in two, and every size of piece; each ends the same. */
static inline void
checker_run_splits(struct checker_run_test *t, const struct checker_run_line *lines,
		   size_t n, enum checker_step step, enum checker_reason reason)
{
	size_t longest = 1;

	for (size_t i = 0; i < n; i++)
		longest = lines[i].n > longest ? lines[i].n : longest;
	for (size_t k = 1; k <= longest; k++) {
		assert_int_equal(checker_run_talk(t, lines, n, k, longest), step);
		assert_int_equal(t->run.reason, reason);
		assert_int_equal(checker_run_talk(t, lines, n, 0, k), step);
		assert_int_equal(t->run.reason, reason);
	}
}

/* The server ends after each byte of its last line but the last one: never UP. */
static inline void
checker_run_cuts(struct checker_run_test *t, const struct checker_run_line *lines, size_t n)
{
	for (size_t k = 0; k < lines[n - 1].n; k++) {
		(void)checker_run_talk(t, lines, n - 1, 0, 4096);
		if (k > 0)
			(void)checker_run_pieces(t, lines[n - 1].says, k, 0, 4096);
		if (t->step == CHECKER_MORE)
			(void)checker_run_eof(t);
		assert_int_equal(t->step, CHECKER_DOWN);
	}
}

#endif
