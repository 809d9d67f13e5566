/* SPDX-License-Identifier: MIT */
/* vector_test.c -- vectors of fixed capacity. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "vector.h"

void
port_assert_failed(const char *file, unsigned line, const char *expr)
{
	mock_assert(0, expr, file, (int)line);
	abort();
}

struct pair {
	uint8_t key;
	uint16_t value;
};

static void
push_zeroes_and_stops_at_the_capacity(void **state)
{
	struct pair room[4];
	VECTOR(struct pair) v = VECTOR_OVER(room);

	(void)state;
	memset(room, 0xff, sizeof room);
	v.cap = 3;
	for (uint8_t i = 0; i < 3; i++) {
		struct pair *const p = vector_push(&v);

		assert_ptr_equal(p, &room[i]);
		assert_int_equal(p->key, 0);
		assert_int_equal(p->value, 0);
		p->key = i;
	}
	assert_null(vector_push(&v));
	assert_null(vector_insert(&v, 0));
	assert_int_equal(v.n, 3);
	assert_int_equal(v.refused, 2);
	assert_int_equal(room[3].key, 0xff);
	assert_int_equal(room[0].key, 0);
	vector_clear(&v);
	assert_non_null(vector_push(&v));
}

static void
loop_sees_each_element_in_order(void **state)
{
	struct pair room[4];
	VECTOR(struct pair) v = VECTOR_OVER(room);
	unsigned n = 0;

	(void)state;
	vector_each(struct pair, p, &v)
		n += p->key + 1u;
	assert_int_equal(n, 0);
	for (uint8_t i = 1; i <= 3; i++)
		((struct pair *)vector_push(&v))->key = i;
	vector_each(struct pair, p, &v)
		n = n * 10 + p->key;
	assert_int_equal(n, 123);
}

/* Random inserts and removals against a row that gets the same. */
static void
insert_and_remove_keep_the_order(void **state)
{
	uint16_t room[9];
	VECTOR(uint16_t) v = VECTOR_OVER(room);
	uint16_t want[10] = { 0 };
	size_t len = 0;

	(void)state;
	srandom(5);
	for (int round = 0; round < 5000; round++) {
		if (random() % 2) {
			const size_t i = (size_t)random() % (len + 1);
			uint16_t *const c = vector_insert(&v, (uint32_t)i);

			assert_int_equal(c == NULL, len == 9);
			if (c == NULL)
				continue;
			assert_int_equal(*c, 0);
			*c = (uint16_t)random();
			memmove(want + i + 1, want + i,
				(len - i) * sizeof want[0]);
			want[i] = *c;
			len++;
		} else if (len > 0) {
			const size_t i = (size_t)random() % len;

			vector_remove(&v, (uint32_t)i);
			memmove(want + i, want + i + 1,
				(len - i - 1) * sizeof want[0]);
			len--;
		}
		assert_int_equal(v.n, len);
		assert_memory_equal(room, want, len * sizeof want[0]);
	}
}

static void
drop_lets_the_last_take_the_place(void **state)
{
	char room[4] = "abcd";
	VECTOR(char) v = VECTOR_OVER(room);

	(void)state;
	v.n = 4;
	vector_drop(&v, 1);
	assert_memory_equal(room, "adc", 3);
	vector_drop(&v, 2);
	assert_memory_equal(room, "ad", 2);
	assert_int_equal(v.n, 2);
}

static void
index_beyond_the_end_is_our_bug(void **state)
{
	char room[4] = "abcd";
	VECTOR(char) v = VECTOR_OVER(room);

	(void)state;
	v.n = 2;
	expect_assert_failure(vector_remove(&v, 2));
	expect_assert_failure(vector_drop(&v, 2));
	expect_assert_failure((void)vector_insert(&v, 3));
	assert_int_equal(v.n, 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(push_zeroes_and_stops_at_the_capacity),
		cmocka_unit_test(loop_sees_each_element_in_order),
		cmocka_unit_test(insert_and_remove_keep_the_order),
		cmocka_unit_test(drop_lets_the_last_take_the_place),
		cmocka_unit_test(index_beyond_the_end_is_our_bug),
	};

	return cmocka_run_group_tests_name("vector", tests, NULL, NULL);
}
