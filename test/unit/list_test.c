/* SPDX-License-Identifier: MIT */
/* list_test.c -- intrusive lists. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "list.h"

void
port_assert_failed(const char *file, unsigned line, const char *expr)
{
	mock_assert(0, expr, file, (int)line);
	abort();
}

/* The link is not first, so that a wrong offset shows. */
struct thing {
	char name;
	struct list all;
	struct list other;
};

static char text[32];

static const char *
names(struct list *head)
{
	size_t n = 0;

	list_each(struct thing, t, head, all)
		text[n++] = t->name;
	text[n] = '\0';
	return text;
}

static const char *
names_backwards(struct list *head)
{
	size_t n = 0;

	for (struct list *l = head->prev; l != head; l = l->prev)
		text[n++] = container_of(l, struct thing, all)->name;
	text[n] = '\0';
	return text;
}

static void
empty_list_has_no_first_and_no_turn(void **state)
{
	struct list head;

	(void)state;
	list_init(&head);
	assert_true(list_is_empty(&head));
	assert_null(list_first(struct thing, &head, all));
	assert_null(list_last(struct thing, &head, all));
	assert_string_equal(names(&head), "");
}

static void
order_is_that_of_adding(void **state)
{
	struct thing a = { .name = 'a' }, b = { .name = 'b' };
	struct thing c = { .name = 'c' }, d = { .name = 'd' };
	struct list head;

	(void)state;
	list_init(&head);
	list_add_last(&head, &b.all);
	list_add_last(&head, &d.all);
	list_add_first(&head, &a.all);
	list_add_before(&d.all, &c.all);
	assert_string_equal(names(&head), "abcd");
	assert_string_equal(names_backwards(&head), "dcba");
	list_del(&d.all);
	list_add_after(&a.all, &d.all);
	assert_string_equal(names(&head), "adbc");
	assert_string_equal(names_backwards(&head), "cbda");
	assert_ptr_equal(list_first(struct thing, &head, all), &a);
	assert_ptr_equal(list_last(struct thing, &head, all), &c);
	assert_ptr_equal(list_after(struct thing, &a, &head, all), &d);
	assert_null(list_after(struct thing, &c, &head, all));
}

static void
loop_may_unlink_where_it_is(void **state)
{
	struct thing t[6];
	struct list head;

	(void)state;
	for (unsigned keep = 0; keep < 64; keep++) {
		char want[7];
		size_t n = 0;

		list_init(&head);
		memset(t, 0, sizeof t);
		for (unsigned i = 0; i < 6; i++) {
			t[i].name = (char)('a' + i);
			list_add_last(&head, &t[i].all);
			if (keep >> i & 1)
				want[n++] = t[i].name;
		}
		want[n] = '\0';
		list_each(struct thing, x, &head, all) {
			if (!(keep >> (x->name - 'a') & 1))
				list_del(&x->all);
		}
		assert_string_equal(names(&head), want);
	}
}

static void
break_and_nesting_work(void **state)
{
	struct thing t[3] = { { .name = 'a' }, { .name = 'b' }, { .name = 'c' } };
	struct list head;
	unsigned n = 0;

	(void)state;
	list_init(&head);
	for (int i = 0; i < 3; i++)
		list_add_last(&head, &t[i].all);
	list_each(struct thing, x, &head, all) {
		list_each(struct thing, y, &head, all) {
			if (y == x)
				break;
			n++;
		}
		if (x->name == 'b')
			break;
	}
	assert_int_equal(n, 1);
}

static void
object_can_be_in_two_lists(void **state)
{
	struct thing a = { .name = 'a' };
	struct list one, two;

	(void)state;
	list_init(&one);
	list_init(&two);
	list_add_last(&one, &a.all);
	list_add_last(&two, &a.other);
	list_del(&a.all);
	assert_true(list_is_empty(&one));
	assert_ptr_equal(list_first(struct thing, &two, other), &a);
}

static void
unlinking_twice_does_nothing_and_linking_twice_is_our_bug(void **state)
{
	struct thing a = { .name = 'a' };
	struct list head;

	(void)state;
	list_init(&head);
	assert_false(list_is_linked(&a.all));
	list_add_last(&head, &a.all);
	assert_true(list_is_linked(&a.all));
	expect_assert_failure(list_add_last(&head, &a.all));
	list_del(&a.all);
	list_del(&a.all);
	assert_false(list_is_linked(&a.all));
	assert_true(list_is_empty(&head));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(empty_list_has_no_first_and_no_turn),
		cmocka_unit_test(order_is_that_of_adding),
		cmocka_unit_test(loop_may_unlink_where_it_is),
		cmocka_unit_test(break_and_nesting_work),
		cmocka_unit_test(object_can_be_in_two_lists),
		cmocka_unit_test(
		    unlinking_twice_does_nothing_and_linking_twice_is_our_bug),
	};

	return cmocka_run_group_tests_name("list", tests, NULL, NULL);
}
