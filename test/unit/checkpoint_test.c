/* SPDX-License-Identifier: MIT */
/* checkpoint_test.c -- the frame says fresh, taken or strange, and cleans what it can't use. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "checkpoint.h"

static void
first_life_is_fresh_the_next_takes_up(void **state)
{
	int fd;
	struct checkpoint *c = checkpoint_open(64, &fd);

	(void)state;
	assert_non_null(c);
	assert_int_equal(checkpoint_take(c, 64, 7), CHECKPOINT_FRESH);
	memset(c->content, 0xa5, 64);
	assert_int_equal(checkpoint_take(c, 64, 7), CHECKPOINT_TAKEN);
	assert_int_equal(c->content[63], 0xa5);
	assert_int_equal(c->lives, 2);
}

static void
another_layout_size_or_magic_is_strange_and_zeroed(void **state)
{
	(void)state;
	for (unsigned what = 0; what < 3; what++) {
		int fd;
		struct checkpoint *c = checkpoint_open(64, &fd);

		assert_non_null(c);
		assert_int_equal(checkpoint_take(c, 64, 7), CHECKPOINT_FRESH);
		memset(c->content, 0xa5, 64);
		if (what == 0)
			c->layout++;
		else if (what == 1)
			c->bytes--;
		else
			c->magic ^= 1;
		assert_int_equal(checkpoint_take(c, 64, 7), CHECKPOINT_STRANGE);
		for (unsigned i = 0; i < 64; i++)
			assert_int_equal(c->content[i], 0);
		assert_int_equal(checkpoint_take(c, 64, 7), CHECKPOINT_TAKEN);
	}
}

static void
what_a_child_wrote_outlives_it(void **state)
{
	int fd;
	struct checkpoint *c = checkpoint_open(8, &fd);
	int status;

	(void)state;
	assert_non_null(c);
	const pid_t pid = fork();

	if (pid == 0) {
		if (checkpoint_take(c, 8, 1) == CHECKPOINT_FRESH)
			memcpy(c->content, "written", 8);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(checkpoint_take(c, 8, 1), CHECKPOINT_TAKEN);
	assert_string_equal(c->content, "written");
}

static void
zeroed_memory_never_has_a_right_sum(void **state)
{
	static const uint8_t zero[64];

	(void)state;
	for (size_t n = 0; n <= sizeof zero; n++)
		assert_int_not_equal(checkpoint_sum(zero, n), 0);
}

static void
the_next_binary_finds_the_same_memory(void **state)
{
	int fd;
	struct checkpoint *c = checkpoint_open(64, &fd);

	(void)state;
	assert_non_null(c);
	assert_true(checkpoint_fits(fd, 64, 7));	/* nothing is there yet */
	assert_int_equal(checkpoint_take(c, 64, 7), CHECKPOINT_FRESH);
	c->content[5] = 0xa5;
	assert_true(checkpoint_fits(fd, 64, 7));
	assert_false(checkpoint_fits(fd, 64, 8));
	assert_false(checkpoint_fits(fd, 65, 7));
	assert_false(checkpoint_fits(-1, 64, 7));
	assert_null(checkpoint_adopt(65, fd));
	struct checkpoint *d = checkpoint_adopt(64, fd);

	assert_non_null(d);
	assert_int_equal(d->content[5], 0xa5);
	assert_int_equal(checkpoint_take(d, 64, 7), CHECKPOINT_TAKEN);
	c->magic ^= 1;
	assert_false(checkpoint_fits(fd, 64, 7));
	close(fd);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(first_life_is_fresh_the_next_takes_up),
		cmocka_unit_test(another_layout_size_or_magic_is_strange_and_zeroed),
		cmocka_unit_test(what_a_child_wrote_outlives_it),
		cmocka_unit_test(the_next_binary_finds_the_same_memory),
		cmocka_unit_test(zeroed_memory_never_has_a_right_sum),
	};

	return cmocka_run_group_tests_name("checkpoint", tests, NULL, NULL);
}
