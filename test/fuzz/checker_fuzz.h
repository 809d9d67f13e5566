/* SPDX-License-Identifier: MIT */
/* checker_fuzz.h -- the probe of the unit tests (checker_run.h), which aborts instead of failing. */
#ifndef CHECKER_FUZZ_H
#define CHECKER_FUZZ_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define CHECK(x)	do { if (!(x)) abort(); } while (0)
#define assert_true(x)			CHECK(x)
#define assert_false(x)			CHECK(!(x))
#define assert_non_null(x)		CHECK((x) != NULL)
#define assert_int_equal(a, b)		CHECK((a) == (b))
#define assert_memory_equal(a, b, n)	CHECK(!memcmp(a, b, n))

#include "checker_run.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The input, a byte at a time and a piece at a time; zeroes behind its end. */
static inline uint8_t
checker_fuzz_byte(const uint8_t **p, size_t *n)
{
	if (*n == 0)
		return 0;
	(*n)--;
	return *(*p)++;
}

/* A tick when one is wanted, else nothing. */
static inline void
checker_fuzz_tick(struct checker_run_test *t)
{
	if (t->step == CHECKER_MORE && t->run.wake_us >= t->run.elapsed_us && t->run.wake_us > 0)
		(void)checker_run_tick(t);
}

#endif
