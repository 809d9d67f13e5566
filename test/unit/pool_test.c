/* SPDX-License-Identifier: MIT */
/* pool_test.c -- fixed pools, with and without CONFIG_POOL_DEBUG. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pool.h"

#define TEST_ONE_LIMIT	1
#define TEST_FEW_LIMIT	5

struct one {
	uint64_t n;
};

struct few {				/* not a power of two, not full words */
	char text[13];
};

/* "../test": a table's path is looked up from core/, where it is included. */
#define POOL_TABLE	"../test/unit/pool_test.pools"
#define POOL_FOLDER	pool_test
#include "pool_declare.h"

#define POOL_TABLE	"../test/unit/pool_test.pools"
#define POOL_FOLDER	pool_test
#define POOL_RAM	256
#include "pool_define.h"

/* Stands in for port.c: what failed is kept, and cmocka catches the rest. */
static char last_words[256];
static unsigned last_line;

void
port_assert_failed(const char *file, unsigned line, const char *expr)
{
	snprintf(last_words, sizeof last_words, "%s", expr);
	last_line = line;
	mock_assert(0, last_words, file, (int)line);
	abort();
}

static void
put_all(void)
{
	for (uint32_t i = 0; i < one_pool_end(); i++)
		if (one_pool_at(i) != NULL)
			pool_put(one, one_pool_at(i));
	for (uint32_t i = 0; i < few_pool_end(); i++)
		if (few_pool_at(i) != NULL)
			pool_put(few, few_pool_at(i));
}

static int
start_empty(void **state)
{
	(void)state;
	put_all();
	return 0;
}

static struct pool_stat
stat_of(unsigned i)
{
	struct pool_stat st;

	pool_stat(pool_test_pools[i], &st);
	return st;
}

static void
table_gives_names_symbols_and_limits(void **state)
{
	(void)state;
	assert_int_equal(pool_test_pools_count, 2);
	assert_string_equal(stat_of(0).name, "one");
	assert_string_equal(stat_of(0).symbol, "TEST_ONE_LIMIT");
	assert_string_equal(stat_of(0).what, "the only one");
	assert_int_equal(stat_of(0).limit, 1);
	assert_string_equal(stat_of(1).name, "few");
	assert_string_equal(stat_of(1).symbol, "TEST_FEW_LIMIT");
	assert_int_equal(stat_of(1).limit, 5);
	assert_true(stat_of(1).slot_bytes >= sizeof(struct few));
}

static void
full_pool_refuses_counts_and_refills(void **state)
{
	struct few *all[TEST_FEW_LIMIT];
	const uint32_t refused = stat_of(1).refused;

	(void)state;
	for (int round = 0; round < 3; round++) {
		for (int i = 0; i < TEST_FEW_LIMIT; i++) {
			all[i] = pool_get(few);
			assert_non_null(all[i]);
			for (int j = 0; j < i; j++)
				assert_ptr_not_equal(all[i], all[j]);
		}
		assert_null(pool_get(few));
		assert_null(few_pool_get());
		assert_int_equal(stat_of(1).used, TEST_FEW_LIMIT);
		pool_put(few, all[2]);
		all[2] = pool_get(few);
		assert_non_null(all[2]);
		assert_null(pool_get(few));
		for (int i = 0; i < TEST_FEW_LIMIT; i++)
			few_pool_put(all[i]);
		assert_int_equal(stat_of(1).used, 0);
	}
	assert_int_equal(stat_of(1).refused, refused + 9);
	assert_int_equal(stat_of(1).most, TEST_FEW_LIMIT);
}

static void
slot_is_zeroed_whenever_it_is_handed_out(void **state)
{
	(void)state;
	for (int round = 0; round < 3; round++) {
		struct few *const f = pool_get(few);

		for (size_t i = 0; i < sizeof f->text; i++)
			assert_int_equal(f->text[i], 0);
		memset(f, 0xff, sizeof *f);
		pool_put(few, f);
	}
}

static void
slots_are_aligned_for_their_type(void **state)
{
	(void)state;
	struct one *const o = pool_get(one);
	assert_int_equal((uintptr_t)o % _Alignof(struct one), 0);
}

static void
index_and_slot_are_each_others_inverse(void **state)
{
	struct few *all[3];

	(void)state;
	for (int i = 0; i < 3; i++)
		all[i] = pool_get(few);
	for (int i = 0; i < 3; i++) {
		assert_true(few_pool_index(all[i]) < few_pool_end());
		assert_ptr_equal(few_pool_at(few_pool_index(all[i])), all[i]);
	}
	const uint32_t gone = few_pool_index(all[1]);
	pool_put(few, all[1]);
	assert_null(few_pool_at(gone));
	assert_null(few_pool_at(TEST_FEW_LIMIT));
	assert_null(few_pool_at(UINT32_MAX));
}

static void
high_water_mark_stays(void **state)
{
	(void)state;
	pool_put(one, pool_get(one));
	assert_int_equal(stat_of(0).used, 0);
	assert_int_equal(stat_of(0).most, 1);
}

/* A thousand random gets and puts against a plain list of what is held. */
static void
random_use_keeps_the_books(void **state)
{
	struct few *held[TEST_FEW_LIMIT];
	unsigned n = 0;

	(void)state;
	srandom(46);
	for (int round = 0; round < 1000; round++) {
		if (random() % 2) {
			struct few *const f = pool_get(few);

			assert_int_equal(f == NULL, n == TEST_FEW_LIMIT);
			if (f == NULL)
				continue;
			assert_int_equal(f->text[0], 0);
			f->text[0] = (char)('a' + n);
			held[n++] = f;
		} else if (n > 0) {
			const unsigned i = (unsigned)random() % n;

			pool_put(few, held[i]);
			held[i] = held[--n];
		}
		assert_int_equal(stat_of(1).used, n);
		for (unsigned i = 0; i < n; i++)
			assert_true(held[i]->text[0] >= 'a');
		pool_debug_check(pool_test_pools[1]);
	}
}

static void
double_release_is_our_bug(void **state)
{
	struct few *const f = pool_get(few);

	(void)state;
	pool_put(few, f);
	expect_assert_failure(pool_put(few, f));
	assert_non_null(strstr(last_words, "pool few slot"));
	assert_non_null(strstr(last_words, "not held"));
}

static void
foreign_pointer_is_our_bug(void **state)
{
	struct few mine;
	struct few *const f = pool_get(few);

	(void)state;
	expect_assert_failure(pool_put(few, &mine));
	expect_assert_failure(pool_put(few, NULL));
	expect_assert_failure(pool_put(few, (struct few *)(void *)&f->text[1]));
	assert_non_null(strstr(last_words, "not of this pool"));
	expect_assert_failure(few_pool_index(&mine));
	assert_int_equal(stat_of(1).used, 1);
}

static void
free_slot_has_no_index(void **state)
{
	struct few *const f = pool_get(few);

	(void)state;
	pool_put(few, f);
	expect_assert_failure(few_pool_index(f));
}

static struct {
	unsigned n;
	uint32_t slot;
	char file[128];
	unsigned line;
} leak;

static void
note_leak(void *arg, const char *name, uint32_t slot, const char *file,
	  unsigned line)
{
	assert_ptr_equal(arg, &leak);
	assert_string_equal(name, "few");
	leak.n++;
	leak.slot = slot;
	snprintf(leak.file, sizeof leak.file, "%s", file ? file : "");
	leak.line = line;
}

static void
leaks_are_listed(void **state)
{
	(void)state;
	memset(&leak, 0, sizeof leak);
	assert_int_equal(pool_leaks(pool_test_pools[1], note_leak, &leak), 0);
	struct few *const a = pool_get(few);
	struct few *const b = pool_get(few); const unsigned line = __LINE__;
	pool_put(few, a);
	assert_int_equal(pool_leaks(pool_test_pools[1], note_leak, &leak), 1);
	assert_int_equal(leak.n, 1);
	assert_int_equal(leak.slot, few_pool_index(b));
	if (!IS_ENABLED(CONFIG_POOL_DEBUG))
		return;
	assert_non_null(strstr(leak.file, "pool_test.c"));
	assert_int_equal(leak.line, line);
}

static void
overrun_is_seen_on_release(void **state)
{
	(void)state;
	struct few *const f = pool_get(few);
	char *volatile p = (char *)f;

	p[sizeof *f] ^= 1;
	expect_assert_failure(pool_put(few, f));
	assert_non_null(strstr(last_words, "behind its end"));
	assert_non_null(strstr(last_words, "taken at"));
	expect_assert_failure(pool_debug_check(pool_test_pools[1]));
	p[sizeof *f] ^= 1;
	p[-1] ^= 1;
	expect_assert_failure(pool_put(few, f));
	assert_non_null(strstr(last_words, "before its start"));
	p[-1] ^= 1;
	pool_put(few, f);
}

static void
use_after_release_is_seen_at_the_next_get(void **state)
{
	(void)state;
	struct few *const f = pool_get(few);
	char *volatile p = (char *)f;
	pool_put(few, f); const unsigned line = __LINE__;
	const char kept = p[sizeof *f - 1];

	p[sizeof *f - 1] = '!';
	expect_assert_failure(pool_debug_check(pool_test_pools[1]));
	assert_non_null(strstr(last_words, "written after its release"));
	const uint32_t used = stat_of(1).used;
	expect_assert_failure(pool_get(few));
	char where[32];
	snprintf(where, sizeof where, "pool_test.c:%u", line);
	assert_non_null(strstr(strstr(last_words, "released at"), where));
	p[sizeof *f - 1] = kept;
	assert_int_equal(stat_of(1).used, used + 1);
	pool_put(few, f);
}

static void
plain_name_leaves_the_file(void **state)
{
	(void)state;
	memset(&leak, 0, sizeof leak);
	assert_non_null(few_pool_get());
	assert_int_equal(pool_leaks(pool_test_pools[1], note_leak, &leak), 1);
	assert_non_null(strstr(leak.file, "pool_test.c"));
	assert_int_equal(leak.line, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(table_gives_names_symbols_and_limits,
				       start_empty),
		cmocka_unit_test_setup(full_pool_refuses_counts_and_refills,
				       start_empty),
		cmocka_unit_test_setup(slot_is_zeroed_whenever_it_is_handed_out,
				       start_empty),
		cmocka_unit_test_setup(slots_are_aligned_for_their_type,
				       start_empty),
		cmocka_unit_test_setup(index_and_slot_are_each_others_inverse,
				       start_empty),
		cmocka_unit_test_setup(high_water_mark_stays, start_empty),
		cmocka_unit_test_setup(random_use_keeps_the_books, start_empty),
		cmocka_unit_test_setup(double_release_is_our_bug, start_empty),
		cmocka_unit_test_setup(foreign_pointer_is_our_bug, start_empty),
		cmocka_unit_test_setup(free_slot_has_no_index, start_empty),
		cmocka_unit_test_setup(leaks_are_listed, start_empty),
	};
	const struct CMUnitTest debug_tests[] = {
		cmocka_unit_test_setup(overrun_is_seen_on_release, start_empty),
		cmocka_unit_test_setup(use_after_release_is_seen_at_the_next_get,
				       start_empty),
		cmocka_unit_test_setup(plain_name_leaves_the_file, start_empty),
	};

	int failed = cmocka_run_group_tests_name("pool", tests, NULL, NULL);
	if (IS_ENABLED(CONFIG_POOL_DEBUG))
		failed += cmocka_run_group_tests_name("pool, guarded",
						      debug_tests, NULL, NULL);
	return failed;
}
