/* SPDX-License-Identifier: MIT */
/* timer.c -- an intrusive pairing heap of deadlines. */
#include "timer.h"

#include <stddef.h>

static bool
earlier(const struct timer *a, const struct timer *b)
{
	if (a->at.us != b->at.us)
		return a->at.us < b->at.us;
	return (int32_t)(a->seq - b->seq) < 0;	/* serial order, may wrap */
}

/* Makes the later of two heaps the first child of the earlier. */
static struct timer *
meld(struct timer *a, struct timer *b)
{
	if (!a)
		return b;
	if (!b)
		return a;
	if (earlier(b, a)) {
		struct timer *t = a;

		a = b;
		b = t;
	}
	b->prev = a;
	b->next = a->child;
	if (a->child)
		a->child->prev = b;
	a->child = b;
	a->next = NULL;
	a->prev = NULL;
	return a;
}

/* The two passes of a pairing heap over a list of siblings, without recursion:
 * pairs are melded left to right onto a stack, then the stack from its top. */
static struct timer *
meld_siblings(struct timer *first)
{
	struct timer *stack = NULL;

	while (first) {
		struct timer *a = first;
		struct timer *b = a->next;

		first = b ? b->next : NULL;
		a->next = NULL;
		if (b)
			b->next = NULL;
		a = meld(a, b);
		a->next = stack;
		stack = a;
	}
	struct timer *root = NULL;

	while (stack) {
		struct timer *a = stack;

		stack = a->next;
		a->next = NULL;
		root = meld(root, a);
	}
	if (root)
		root->prev = NULL;
	return root;
}

void
timer_init(struct timer *t, void (*fire)(struct timer *, struct mono))
{
	*t = (struct timer){ .fire = fire };
}

void
timer_stop(struct timers *ts, struct timer *t)
{
	if (!t->armed)
		return;
	struct timer *sub = meld_siblings(t->child);

	if (ts->root == t) {
		ts->root = sub;
	} else {
		if (t->prev->child == t)
			t->prev->child = t->next;
		else
			t->prev->next = t->next;
		if (t->next)
			t->next->prev = t->prev;
		ts->root = meld(ts->root, sub);
	}
	t->child = t->next = t->prev = NULL;
	t->armed = false;
	ts->armed--;
}

void
timer_arm(struct timers *ts, struct timer *t, struct mono at)
{
	timer_stop(ts, t);
	t->at = at;
	t->seq = ts->seq++;
	t->armed = true;
	ts->armed++;
	ts->root = meld(ts->root, t);
}

struct mono
timer_next(const struct timers *ts)
{
	return ts->root ? ts->root->at : MONO_NEVER;
}

uint32_t
timer_run(struct timers *ts, struct mono now)
{
	uint32_t bound = ts->armed * TIMER_STORM;
	uint32_t n = 0;

	while (ts->root && !mono_before(now, ts->root->at)) {
		if (n == bound) {
			ts->storms++;
			break;
		}
		struct timer *t = ts->root;

		timer_stop(ts, t);
		ts->fired++;
		n++;
		t->fire(t, now);
	}
	return n;
}
